"""What every mail says in the language of its message: how to stop it, and the ready answers behind the doors.

Decides the words only. The word that people are asked to answer with is understood by our own reader in every language.
"""

from __future__ import annotations

from collections.abc import Mapping

from followupd.core.replies.doors import DOORS, Door

OPT_OUT: Mapping[str, str] = {
    "en": 'If you would rather not hear from me again, answer with "stop" and I will not write again.',
    "de": 'Wenn Sie nichts mehr von mir lesen möchten, antworten Sie einfach mit "Stop", dann schreibe ich nicht wieder.',
    "fr": "Si vous ne souhaitez plus recevoir mes messages, répondez « stop » et je ne vous écrirai plus.",
    "es": 'Si prefiere no recibir más mensajes míos, responda "stop" y no volveré a escribirle.',
    "it": 'Se preferisce non ricevere altri messaggi da me, risponda "stop" e non le scriverò più.',
    "nl": 'Wilt u liever niets meer van mij horen? Antwoord met "stop" en ik schrijf u niet meer.',
    "pt": 'Se preferir não receber mais mensagens minhas, responda "stop" e não voltarei a escrever.',
    "pl": 'Jeśli nie chce Pani/Pan otrzymywać ode mnie wiadomości, wystarczy odpisać "stop", a więcej nie napiszę.',
    "sv": 'Vill du inte höra av mig mer? Svara "stop" så skriver jag inte igen.',
    "da": 'Vil du helst ikke høre mere fra mig, så svar "stop", og jeg skriver ikke igen.',
    "cs": 'Pokud si už nepřejete dostávat mé zprávy, odpovězte "stop" a já už psát nebudu.',
    "tr": 'Benden artık mesaj almak istemiyorsanız "stop" yazıp yanıtlayın, bir daha yazmam.',
    "ja": "今後のご連絡が不要な場合は「stop」とご返信ください。以後お送りいたしません。",
}
"""How to stop it. `stop` is the word everywhere."""


def opt_out(language: str) -> str:
    """The line for a language (a tag such as `de` or `pt-br`), else the English one."""
    return OPT_OUT.get(language.partition("-")[0], OPT_OUT["en"])


def doors(language: str) -> Mapping[str, Door]:
    """The doors in a language, else in English."""
    return DOORS.get(language.partition("-")[0], DOORS["en"])
