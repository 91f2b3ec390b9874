"""The writer's own words: what mail programs put above a quote, below a letter, and what looks so and is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from followupd.core import quoting

OWN = "No thanks, we pass."

ATTRIBUTIONS = """\
On Tue, 3 Mar 2026 at 09:12, Dana Reyes <dana@example.com> wrote:
Am Di., 3. März 2026 um 09:12 Uhr schrieb Dana Reyes <dana@example.com>:
Le mar. 3 mars 2026 à 09:12, Dana Reyes <dana@example.com> a écrit :
El mar, 3 mar 2026 a las 9:12, Dana Reyes (<dana@example.com>) escribió:
Il giorno mar 3 mar 2026 alle ore 09:12 Dana Reyes <dana@example.com> ha scritto:
Em ter., 3 de mar. de 2026 às 09:12, Dana Reyes <dana@example.com> escreveu:
Op di 3 mrt 2026 om 09:12 schreef Dana Reyes <dana@example.com>:
wt., 3 mar 2026 o 09:12 Dana Reyes <dana@example.com> napisał(a):
Den tis 3 mars 2026 kl 09:12 skrev Dana Reyes <dana@example.com>:
Den tirs. 3. mar. 2026 kl. 09.12 skrev Dana Reyes <dana@example.com>:
tir. 3. mars 2026 kl. 09:12 skrev Dana Reyes <dana@example.com>:
út 3. 3. 2026 v 9:12 odesílatel Dana Reyes <dana@example.com> napsal:
Dana Reyes <dana@example.com>, 3 Mar 2026 Sal, 09:12 tarihinde şunu yazdı:
2026年3月3日(火) 9:12 Dana Reyes <dana@example.com>:
вт, 3 мар. 2026 г. в 09:12, Dana Reyes <dana@example.com>:
ti 3. maalisk. 2026 klo 9.12 Dana Reyes (dana@example.com) kirjoitti:
Dana Reyes <dana@example.com> ezt írta (időpont: 2026. márc. 3., K, 9:12):
Dana Reyes <dana@example.com> 于2026年3月3日周二 09:12写道：
Dana Reyes <dana@example.com> 於 2026年3月3日 週二 上午9:12寫道：
2026년 3월 3일 (화) 오전 9:12, Dana Reyes <dana@example.com>님이 작성:
בתאריך יום ג׳, 3 במרץ 2026 ב-9:12 מאת Dana <dana@example.com>:
вт, 3 бер. 2026 р. о 09:12 Dana Reyes <dana@example.com> пише:
Missatge de Dana Reyes <dana@example.com> del dia dt., 3 de març 2026 a les 9:12:
În mar., 3 mar. 2026 la 09:12, Dana Reyes <dana@example.com> a scris:
Στις Τρί 3 Μαρ 2026 στις 9:12 π.μ., ο/η Dana <dana@example.com> έγραψε:
Vào Th 3, 3 thg 3, 2026 vào lúc 09:12 Dana <d@example.com> đã viết:
Pada tanggal Sel, 3 Mar 2026 pukul 09.12 Dana <d@example.com> menulis:
On 3 Mar 2026, at 09:12, Dana Reyes <dana@example.com> wrote:
Am 03.03.2026 um 09:12 schrieb Dana Reyes <dana@example.com>:
El 3 mar 2026, a las 9:12, Dana <dana@example.com> escribió:
Op 3 mrt. 2026, om 09:12 heeft Dana Reyes <dana@example.com> het volgende geschreven:
Em 3 de mar. de 2026, à(s) 09:12, Dana <dana@example.com> escreveu:
No dia 3/03/2026, às 09:12, Dana <dana@example.com> escreveu:
Wiadomość napisana przez Dana Reyes <dana@example.com> w dniu 3 mar 2026, o godz. 09:12:
3 mars 2026 kl. 09:12 skrev Dana Reyes <dana@example.com>:
2026/03/03 9:12、Dana Reyes <dana@example.com>のメール:
3 марта 2026 г., в 09:12, Dana <dana@example.com> написал(а):
Dana Reyes <dana@example.com> şunları yazdı (3 Mar 2026 09:12):
3. 3. 2026 v 9:12, Dana Reyes <dana@example.com>:
Dana Reyes <dana@example.com> kirjoitti 3.3.2026 kello 9.12:
On 3/3/26 09:12, Dana Reyes wrote:
Am 03.03.26 um 09:12 schrieb Dana Reyes:
Le 03/03/2026 à 09:12, Dana Reyes a écrit :
El 3/3/26 a las 9:12, Dana Reyes escribió:
Il 03/03/26 09:12, Dana Reyes ha scritto:
Op 03-03-2026 om 09:12 schreef Dana Reyes:
Em 03/03/2026 09:12, Dana Reyes escreveu:
W dniu 03.03.2026 o 09:12, Dana Reyes pisze:
Den 2026-03-03 kl. 09:12, skrev Dana Reyes:
Dne 03. 03. 26 v 9:12 Dana Reyes napsal(a):
3.03.2026 09:12 tarihinde Dana Reyes yazdı:
03.03.2026 09:12, Dana Reyes пишет:
Dana Reyes kirjoitti 3.3.2026 klo 9.12:
On Tuesday, March 3, 2026 at 09:12:33 AM CST, Dana Reyes <dana@example.com> wrote:
---- On Tue, 03 Mar 2026 09:12:33 +0100 Dana <dana@example.com> wrote ----
On Tue, 03 Mar 2026 09:12:33 +0100 Dana Reyes <dana@example.com> wrote
2026-03-03 9:12 GMT+01:00 Dana Reyes <dana@example.com>:
2026-03-03 9:12 GMT+01:00 Dana Reyes:
2026-03-03 9:12 GMT+01:00 Dana Reyes
On Mar 3, 2026 9:12 AM, "Dana Reyes" <dana@example.com> wrote:
On March 3, 2026, 9:12 AM GMT+1 dana@example.com wrote:
Dana Reyes <dana@example.com> wrote:
Dana Reyes via Example Forum <dana@example.com> writes:
Dana Reyes schrieb am 03.03.2026 um 09:12:
Dana Reyes <dana@example.com> schrieb am Di., 3. März 2026, 09:12:
Dana Reyes a écrit le 03/03/2026 09:12 :
Dana Reyes wrote on 03/03/2026 09:12:
dana@example.com wrote on 03.03.2026 09:12:33:
Mar 3, 2026, 09:12 by dana@example.com:
3. Mar 2026, 09:12 von dana@example.com:
Il 3 marzo 2026 alle 9.12 Dana Reyes <dana@example.com> ha scritto:
Em terça-feira, 3 de março de 2026 09:12:33 BRT, Dana <dana@example.com> escreveu:
Op dinsdag 3 maart 2026 schreef Dana Reyes <dana@example.com>:
Quoting Dana Reyes <dana@example.com>:
Zitat von Dana Reyes <dana@example.com>:
Citando Dana Reyes <dana@example.com>:
Dana Reyes skrev den 2026-03-03 09:12:
Dana Reyes escribió el 03/03/2026 a las 09:12:
Dana Reyes napisał(a) dnia 03.03.2026 09:12:
Dnia 3 marca 2026 09:12 Dana Reyes <dana@example.com> napisał(a):
"Dana Reyes" <dana@example.com> schreef op 3 maart 2026 om 9:12:
Dana Reyes <dana@example.com> escreveu no dia terça, 3/03/2026 à(s) 09:12:
Dana Reyes (dana@example.com) kirjoitti ti 3. maalisk. 2026 klo 9.12:
On 3 March 2026 09:12:33 CET, Dana Reyes <dana@example.com> wrote:
In a message dated 3/3/2026 9:12:33 A.M. Eastern Standard Time, dana@example.com writes:
At 09:12 AM 3/3/2026, Dana Reyes wrote:
--- Dana Reyes <dana@example.com> wrote:
""".splitlines()

FOOTERS = """\
Sent from my iPhone
Sent from my Samsung Galaxy smartphone.
Sent from Outlook for iOS
Sent from Mail for Windows
Sent via BlackBerry by AT&T
Sent with Proton Mail secure email.
Get Outlook for Android
Get BlueMail for Android
Von meinem iPhone gesendet
Gesendet von meinem Samsung Galaxy Smartphone
Gesendet mit der GMX Mail App
Diese Nachricht wurde von meinem Android Mobiltelefon mit WEB.DE Mail gesendet.
Envoyé de mon iPhone
Envoyé depuis mon appareil Galaxy
Envoyé à partir de Outlook pour Android
Enviado desde mi iPhone
Enviado desde mi Samsung Mobile de Claro
Enviado do meu iPhone
Enviado a partir do meu smartphone Samsung Galaxy.
Inviato da iPhone
Inviato dal mio dispositivo Galaxy
Inviato da Libero Mail
Verzonden vanaf mijn iPhone
Verstuurd vanaf mijn Samsung-apparaat
Verzonden met de mobiele app van Outlook
Skickat från min iPhone
Skickat från Outlook för iOS
Sendt fra min iPhone
Sendt fra min Samsung-enhed
Wysłane z iPhone'a
Wysłano z mojego urządzenia Galaxy
Odesláno z iPhonu
Odoslané z iPhonu
iPhone'umdan gönderildi
Samsung cep telefonumdan gönderildi
iPhoneから送信
从我的 iPhone 发送
發自我的 iPhone
나의 iPhone에서 보냄
Отправлено с iPhone
Отправлено из мобильной Почты Mail.ru
Надіслано з iPhone
Lähetetty iPhonesta
Lähetetty puhelimesta
Elküldve az iPhone-omról
Enviat des del meu iPhone
Trimis de pe iPhone-ul meu
Στάλθηκε από το iPhone μου
נשלח מה-iPhone שלי
Dikirim dari iPhone saya
Sent from Yahoo Mail for iPhone
Sent from Yahoo Mail on Android
Enviado desde Yahoo Mail para iPhone
Sent from Gmail Mobile
Sent from my mobile device, please excuse typos
Sent from a phone, excuse brevity
Please excuse my brevity, sent from my phone
Typed with thumbs on my phone
Sent with Airmail
Sent from Spark
Sent via Superhuman
Sent from Front
Sent from TypeApp
Telefonumdan gönderildi
""".splitlines()


@pytest.mark.parametrize("line", ATTRIBUTIONS)
@pytest.mark.parametrize(
    "body",
    ["> Hi Ann,\n> are you still interested?", "Hi Ann,\nare you still interested in this?\nYours, Dana"],
    ids=["marked", "bare"],
)
def test_who_wrote_what_follows(line: str, body: str) -> None:
    """Whatever a mail program writes above the older mail, the older mail is not the writer's own, marked or not."""
    parts = quoting.split(f"{OWN}\n\n{line}\n\n{body}\n")
    assert parts.typed.strip() == OWN
    assert "still interested" in parts.quoted


@pytest.mark.parametrize("line", FOOTERS)
def test_footers_of_telephones(line: str) -> None:
    """What a telephone writes below a letter is signature."""
    parts = quoting.split(f"{OWN}\n\n{line}\n")
    assert (parts.typed.strip(), parts.signature.strip()) == (OWN, line)


@pytest.mark.parametrize(
    "text",
    [
        "Thanks, but we pass", "Best, call me Tuesday", "We'd like to go ahead.\n\nThanks\nAnn", "On Tuesday I wrote to Dana about this:\nwe need 4 units.",
        "Sent from the office: nobody else objects", "From: my side it's a yes", "Date: Tuesday works\nTime: 9:12", "Sent the contract yesterday.", "OK\n---\nyes, go ahead",
        'Let me quote you on that: "yes".', "Here's what Bob wrote: not interested.", "Il faut que je vérifie: rappelez-moi lundi", "To: be honest, no.",
        "Am 3. Mai um 9:12 passt es:\n- Ort: Berlin", "On 3 March 2026 at 09:12 I wrote to you: no thanks. Please stop.", "write to dana@example.com at 9:12, she knows",
    ],
)  # fmt: skip
def test_words_that_look_like_marks(text: str) -> None:
    """A sentence is never lost because it looks like a quote, a header or a signature."""
    assert quoting.split(text).typed.strip() == text


def test_rules_below() -> None:
    """A line drawn below the last words is not theirs."""
    assert quoting.split(f"{OWN}\n\n=====\n").typed.strip() == OWN


@pytest.mark.parametrize(
    "text",
    [
        "> " * 60_000,
        "a" * 500_000,
        "On Tue, 3 Mar 2026 at 09:12, \n" * 20_000,
        "--\n" * 100_000,
        "From: a@b.c\n" * 40_000,
        "<" * 200_000,
    ],
    ids=str.__len__,
)
def test_hostile_texts(text: str) -> None:
    """Long and odd texts are cut, never followed for ever: at most 3,000 lines of 500 characters are kept."""
    parts = quoting.split(text)
    assert sum(len(part) for part in (parts.typed, parts.quoted, parts.signature)) <= 3_000 * 501


OLDER = [json.loads(line) for line in (Path(__file__).parents[2] / "training" / "quotes.jsonl").read_text("utf-8").splitlines()]


@pytest.mark.parametrize(("text", "own"), [(one["text"], one["typed"]) for one in OLDER], ids=[one["id"] for one in OLDER])
def test_older_mails_below_and_above(text: str, own: str) -> None:
    """Whatever a mail program puts around the older mail, in whatever language, only the writer's words are left."""
    assert quoting.split(text).typed.split() == own.split()
