"""The forms in which people write a date: one table, each row a pattern and how it is read.

Decides where a date stands in a text; `forms.py` and `japanese.py` read it, `tables.py` holds the words. The first rows are the exact
ones, and a more exact form hides a vaguer one at the same place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from itertools import islice

from followupd.core.replies.dates import forms as f
from followupd.core.replies.dates import japanese as j
from followupd.core.replies.dates import tables as t
from followupd.core.replies.dates.days import first_working
from followupd.core.replies.dates.forms import COUNT, MONTH, TURKISH_MONTH, TURKISH_WEEKDAY, UNIT, WEEKDAY, Context, Read, one_of
from followupd.core.replies.words import Phrases


@dataclass(frozen=True, slots=True)
class Place:
    """A date found in a text.

    `exact`: it is named as one day; `a_year`: only a year is named; `span`: it is the last day of a span; `opens`: a period
    is named by its first day, such as a month; `weekday`: only a weekday is.
    """

    start: int
    end: int
    day: date
    exact: bool
    a_year: bool
    span: bool
    opens: bool
    weekday: bool


def _form(pattern: str, read: Read) -> tuple[Phrases, Read]:
    return Phrases(r"(?<![\w/])" + pattern + r"(?![\w/])"), read


def _bare(pattern: str, read: Read) -> tuple[Phrases, Read]:
    return Phrases(pattern), read


WEEK = r"(?:week|woche|semaine|semana|settimana|tydzień|tygodniu|tygodnia|týden|týdnu|týdne|veckan?|ugen?|hafta(?:sı)?)"
WEEKS = r"(?:kw|cw|wk|calendar week|weeks?|kalenderwochen?|wochen|semaines?|semanas?|settiman[ae]|tydzień|tygodnie|tyg\.|týden|týdnu|týdny|vecka|veckorna|v\.|uge|ugerne|hafta)"
QUARTER_NAME = (
    r"(?:quarter|quartal[s]?|trimestre|kwartaal|kwartał(?:u|e)?|kwartale|čtvrtletí|kvartál(?:u|e)?|kvartal(?:et)?|çeyrek(?:te)?)"
)
YEAR = r"(?:(?:,?\s|-)(?:de\s|del\s|roku\s)?(?P<year>20\d\d))?"
PART = (
    r"(?:(?P<part>early|last day|the last day|letzter tag|dernier jour|último día|ultimo giorno|laatste dag|último dia|ostatni dzień|posledního|poslední den|midt i|i midten|beginning|the beginning|the start|start|first week|mid|middle|the middle|late|end|the end|back end|the back end|anfang|mitte|ende|début|mi|fin|primeros|principios|inicios|comienzos|mediados|finales|fines|inizio|inizi|primi|metà|fine|begin|medio|half|halverwege|eind|início|inicio|começo|princípio"
    r"|meados|final|fim|finais|początek|początku|początkiem|połowa|połowie|połowy|koniec|końcem|końcu|pod koniec|začátek|začátkem|začátku|polovina|polovině|poloviny|půlka|půlce|konec|koncem|början|mitten|slutet|starten|begyndelsen|primo|midten|medio|slutningen|ultimo)(?:[\s-](?:of |de |d'|di |del |dello |in |der |des |av |af |van |do )?)(?:the )?)?"
)
FEAST = "|".join(f"(?P<{name.replace(' ', '_')}>{said})" for name, said in t.FEASTS.items())
TURKISH_FEAST = r"(?P<sugar_feast>(?:ramazan|şeker)(?: bayramı?)?)|(?P<feast_of_sacrifice>kurban bayramı?)|(?P<either_bayram>bayram(?: tatili)?)"
SAID_PART = PART.removesuffix("?")
ON_DAY = rf"(?:(?P<weekday>{WEEKDAY})\.?,?\s(?:the\s|den\s|der\s|d\.\s|le\s|el\s|il\s|de\s|dia\s|dnia\s|dne\s|det\s)?)?"
TH = r"(?::[ae]|-go|-ho|-tego|st|nd|rd|th|\.|er|º|°|ª|e|:e|:a|:te)?"
OF = r"(?:\s(?:of|de|di|von|d'|del))?"

FORMS: tuple[tuple[Phrases, Read], ...] = (
    _form(r"(20\d\d)[-/.](\d\d)[-/.](\d\d)\.?", f.read_iso),
    _form(rf"{WEEKS}\s?[1-5]?\d\.?\s?(?:or|oder|ou|o|of|lub|nebo|eller|veya|/)\s?(?:kw\s?|week\s?|v\.\s?|uge\s)?[1-5]?\d", f.read_nothing),
    _form(rf"{WEEKS}\s?(?:nr\.?\s?|n°\s?)?[1-5]?\d\.?\s?(?:-|–|bis|to|till|and|und|et|och|og|a|en|y|e|i|t/m|tot|au|al|do|til|ile)\s?(?:kw\s?|week\s?)?(?P<last>[1-5]?\d)(?!\s?(?:of (?!next|the new)|days|tage|%))", f.read_weeks),
    _form(r"(?P<one>\d{1,2})(?P<mark>[./])\s?(?P<two>\d{1,2})(?:(?P=mark)\s?(?:(?:20)?\d\d)?)?\s?(?:-|–|—|~|to|until|till|through|bis(?: zum)?|au|al|hasta el|t/m|tot en met|tot|a|ao|do|až|till|til|och med)\s?(?P<last_one>\d{1,2})(?P=mark)\s?(?P<last_two>\d{1,2})(?:(?P=mark)\s?(?P<y>20\d\d|\d\d)?)?(?!\d)", f.read_last_of_two),
    _form(rf"(?P<month>{MONTH})\.?\s(?P<first>\d{{1,2}})(?:st|nd|rd|th)?\s?(?:-|–|to|until|till|through|thru|and)\s?(?P<last>\d{{1,2}})(?:st|nd|rd|th)?{YEAR}(?!\s?(?:am|pm|%|h\b|[:\d]))", f.read_days_of_month),
    _form(
        rf"(?:the\s|den\s)?(?P<first>\d{{1,2}}){TH}\s?(?:-|–|to|until|till|through|and|bis|und|au|al|to the|t/m|tot en met|tot|a|ao|do|až|till|til|e|y|et|en|og|och|i|ve|till och med|til og med)\s?(?:einschließlich\s|einschl\.\s|inkl\.\s|zum\s|incl\.\s|and including\s|den\s)?(?:the\s|zum\s|el\s|il\s|de\s)?(?P<last>\d{{1,2}}){TH}{OF}\s(?P<month>{MONTH})\.?{YEAR}",
        f.read_days_of_month,
    ),
    _form(ON_DAY + r"(?P<one>\d{1,2})(?P<mark>[./-])(?P<space>(?<=\.)\s)?(?P<two>\d{1,2})(?:(?P=mark)\s?(?P<y>20\d\d|\d\d))?\.?(?!\d|[.,]\d|\s?(?:%|€|uhr|h\b|am\b|pm\b|eur|usd|:\d))", f.read_numeric),
    _form(rf"{ON_DAY}(?P<day>\d{{1,2}}){TH}{OF}(?:\s|-)(?P<month>{MONTH})\.?{YEAR}(?:\s{TURKISH_WEEKDAY})?", f.read_day_month),
    _form(rf"{ON_DAY}(?P<month>{MONTH})\.?\s(?:the\s)?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?{YEAR}(?!\s?(?:am|pm|%|h\b|-?\d))", f.read_day_month),
    _bare(r"(?P<month>1[0-2]|[1-9])月[1-3]?\d日?(?:[(（][月火水木金土日][)）])?\s?(?:から|・|、|と|~|〜|～|-|–|―|－)\s?(?:(?P<month2>1[0-2]|[1-9])月)?(?P<day>3[01]|[12]?\d)日(?:\s?[(（][月火水木金土日][)）])?(?!\s?(?:から|より|以降))", j.read_japanese_days),
    _bare(r"(?:(?P<year>20\d\d)\s?年\s?|令和\s?(?P<reign>\d{1,2})年\s?|(?P<next>来年)の?)?(?P<month>1[0-2]|[1-9])\s?月\s?(?P<day>3[01]|[12]?\d)\s?日?(?:\s?[(（][月火水木金土日][)）])?", j.read_japanese_day),
    _bare(r"(?<![\d/])(?P<one>1[0-2]|[1-9])(?P<mark>/)(?P<two>3[01]|[12]?\d)(?![\d/])(?:\s?[(（][月火水木金土日][)）])?(?P<weekday>)(?P<y>)(?P<space>)", j.read_japanese_slash),
    _form(rf"(?P<weekday>{WEEKDAY}),?\s(?:(?:of|in|der|de la|della|da|de|w|i|v)\s)?(?:(?:the|la|de)\s)?(?:{t.NEXT}\s{WEEK}|{WEEK}\s{t.NEXT})|haftaya (?P<weekday2>{WEEKDAY})", f.read_weekday_next_week),
    _form(rf"(?P<weekday>{WEEKDAY})\s(?:week|in a week|in einer woche|in acht tagen|en huit|over een week|senare en vecka)(?!\s?(?:or|if|when))|a week on (?P<weekday2>{WEEKDAY})", f.read_weekday_later),
    _form(r"a week (?:today|from today|from now)|heute in einer woche|d'aujourd'hui en huit|vandaag over een week", f.read_a_week_from_today),
    _form(
        rf"(?:the\s)?(?:week|woche|semaine|semana|settimana|tydzień|vecka|uge|wc|w/c)\s?(?:of|commencing|beginning|starting|vom|du|del|dell'|da|od)?\s?(?:the |dem |monday |montag |lundi |lunes )?(?P<day>\d{{1,2}}){TH}(?:{OF}\s(?P<month>{MONTH}))(?!\d)",
        f.read_week_of,
    ),
    _form(r"(?:the\s)?(?:week|woche|semaine|semana|settimana)\s(?:of|commencing|beginning|vom|du|del|dell')\s?(?:the )?(?P<day>\d{1,2})(?:st|nd|rd|th|\.)?", f.read_week_of),
    _form(
        rf"(?:in|within|over|after|nach|dans|d'ici|en|dentro de|de aquí a|de aqui a|wait|wait for|hold off for|hold off|on hold for|park (?:it|this) for|warten sie(?: noch)?|attendez|espera|espere|aspetti|aspetta|wacht(?: nog)?|aguarde|poczekajmy|poczekaj|počkejte|vänta|vent|dame|denme|déme|tra|fra|binnen|daqui a|em|za|po|om|efter|give (?:it|me|us)|gib mir|geben sie (?:mir|uns)|donnez-(?:moi|nous)|laissez-(?:moi|nous)|sous|entro|mi dia|ci dia|geef (?:me|ons)|dê-me|me dê|dać mi|daj mi|proszę o|dejte mi|ge mig|giv mig|give us|allow)\s(?:about\s|around\s|roughly\s|maybe\s|the next\s|another\s|circa\s|ca\.?\s|etwa\s|rund\s|environ\s|unos\s|unas\s|ungefähr\s|zhruba\s|około\s)?(?:a\s|ein\s|een\s)?(?P<count>\d{{1,3}}|{COUNT})(?:\sof)?(?:\s|-)(?:more\s|weitere[nr]?\s)?(?P<unit>{UNIT})",
        f.read_span,
    ),
    _form(r"(?:za|over|om|efter)(?P<count>)\s(?P<unit>tydzień|miesiąc|rok|kwartał|týden|měsíc)", f.read_span),
    _form(rf"(?P<count>\d{{1,3}}|{COUNT})(?:\sof)?\s(?P<unit>{UNIT})\s(?:from now|from today|from tomorrow|hence|down the (?:line|road)|later|sonra(?:\s\w+)?|on\b)", f.read_span),
    _form(r"(?:in|dans|en|fra|tra|over|za|om|daqui a|ca\.)\s(?:about\s|etwa\s|zhruba\s)?(?:half a year|a half year|einem halben jahr|einem halbjahr|un semestre|medio año|sei mesi|een half jaar|meio ano|pół roku|půl roku|ett halvår|et halvt år)", f.read_half_year),
    _form(r"(?:sous|dans une) quinzaine", f.read_two_weeks),
    _bare(r"(?P<count>\d{1,2}|半|[一二三四五六七八九十])(?P<unit>日|週間|か月|ヶ月|ヵ月|カ月|年)(?:ほど|くらい|ぐらい)?後", j.read_japanese_span),
    _form(t.OVERNEXT, f.read_week_after_next),
    _form(rf"(?:first|second|latter|erste|zweite|première|deuxième|seconde|primera|segunda|prima|seconda|eerste|tweede|pierwszej|drugiej|první|druhé|första|andra|første|anden)[nrs]? (?:half|hälfte|moitié|quinzaine|mitad|quincena|metà|quindicina|helft|quinzena|metade|połowie|polovině|halvan|halvdel) (?:of |of the |des |de |d'|di |van |do |av |af )?(?:{MONTH}|{WEEK}|(?:the )?month)", f.read_nothing),
    _form(r"h(?P<half>[12])(?:[\s/]'?(?P<year>20\d\d))?(?:\sof|\sdes|\sdu)?(?:\snext year)?", f.read_half),
    _form(
        r"(?P<half>first|second|back|latter|erste[sn]?|zweite[sn]?|premier|deuxième|second|primer|segundo|segunda|primeira?|primo|secondo|seconda|prima|eerste|tweede|pierwsz(?:ej|ym)|drug(?:iej|im)|první(?:m)?|druhé(?:m)?|första|andra|første|anden|andet|ilk|ikinci)\s(?:half(?: (?:of|next) (?:the |this |next )?year| of (?P<year>20\d\d))?|halbjahr(?:es)?|semestre|mitad del año|metade do ano|metà dell'anno|helft(?: van het jaar| van volgend jaar)?|połow(?:ie|y) roku|półroczu|pololetí|polovině roku|halvåret|halvår(?:et)?|yarı(?:da|sında)?)(?: 20\d\d)?",
        f.read_half,
    ),
    _form(r"(?:this|same) time next year|heute in einem jahr|um diese zeit nächstes jahr", f.read_this_time_next_year),
    _form(rf"(?P<nth>{one_of(f.ORDINALS)})\s(?P<weekday>{WEEKDAY})\s(?:(?:of|in|im|de|di|van|i|w|v)\s)?(?P<month>{MONTH})", f.read_nth_weekday),
    _form(rf"(?P<nth>{one_of(f.ORDINALS, f.LAST)})\s{WEEK}\s(?:(?:of|in|im|de|d'|di|van|i|w|v|do)\s?)?(?P<month>{MONTH})", f.read_nth_week),
    _form(rf"{PART}(?:(?P<unit>(?!day|tag|jour|día|giorno|dag|dia|gün){UNIT})\s(?:{t.NEXT})|(?:the\s)?{t.NEXT}\s(?!ans?\b)(?P<unit2>(?:budget |financial |fiscal |school |calendar )?{UNIT}))", f.read_next_unit),
    _form(r"(?:bu )?ay(?:ın)? sonu\w{0,4}", f.read_month_end),
    _form(r"(?:gelecek|önümüzdeki) (?:yılın|senenin|yıl) baş\w{0,5}|(?:gelecek|önümüzdeki) (?:yıla|seneye|yılda)", f.read_next_year),
    _form("haftaya|gelecek haftaya", f.read_next_week),
    _form("seneye", f.read_next_year),
    _form(rf"{PART}(?:q|t|kvartal |quarter |quartal |trimestre |kwartał )(?P<quarter>[1-4])(?:[\s/]'?(?P<year>20\d\d|\d\d))?(?![-\s]?\d)", f.read_quarter),
    _form(r"(?P<quarter>[1-4])q[\s/]?'?(?P<year>20\d\d|\d\d)?", f.read_quarter),
    _form(rf"(?:the\s)?(?P<quarter>[1-4])(?:st|nd|rd|th|\.|e|er|ème|º|°)?\s?{QUARTER_NAME}", f.read_quarter),
    _form(rf"(?P<quarter>{one_of(f.ORDINALS)})\s{QUARTER_NAME}", f.read_quarter),
    _bare(r"第\s?(?P<quarter>[1-4])\s?四半期", j.read_japanese_quarter),
    _form(r"v\s?[1-5]?\d\s?(?:-|–|och|till|t o m)\s?(?P<last>[1-5]?\d)", f.read_swedish_weeks),
    _form(rf"{PART}{WEEKS}\s?(?:nr\.?\s?|n°\s?)?(?P<week>[1-5]?\d)(?!\s?(?:of (?!next|the new)|days|tage|%))", f.read_week_number),
    _form(r"v\s?(?P<week>[1-5]?\d)(?!\s?(?:[:.]\d|hod|týd|tyg|lat|dni))", f.read_swedish_week),
    _form(r"(?P<week>[1-5]?\d)\.?\s?(?:kw|kalenderwoche|týden|týdnu|tygodniu|tygodnia|tydzień|hafta(?:da)?|haftası\w{0,3}|uge)", f.read_week_number),
    _bare(r"(?P<month>1[0-2]|[1-9])月の?第(?P<nth>[1-4])週", j.read_japanese_nth_week),
    _bare(r"(?<!月)第?(?P<week>[1-5]\d)週(?!間)", f.read_week_number),
    _form(r"en s\s?(?P<week>[1-5]\d)", f.read_week_number),
    _form(rf"(?:the )?(?:last|letzten|dernier|último|ultimo|laatste|ostatni|poslední|sista|sidste) (?P<weekday>{WEEKDAY}) (?:of|in|im|du|del|van|do|w|v|i) (?:the |this |de |la |l')?(?:month|monat|mois|mes|mese|maand|mês|miesiącu|měsíci|månaden|måneden)", f.read_last_weekday),
    _form(rf"(?:{t.AFTER}|{t.DUTCH_AFTER})(?:{FEAST})", f.read_after_feast),
    _form(rf"(?:{TURKISH_FEAST})(?:(?:'?(?:n?[dt][ae]n|s[ıi]ndan|ndan))|)\ssonra(?:sı\w*)?", f.read_after_feast),
    _form(
        rf"(?:{t.AFTER}|{t.DUTCH_AFTER})(?:summer(?:(?: school)? holidays?| break| recess| vacation)?|school holidays|sommerferien|betriebsferien im sommer|sommerpause|sommerurlaub|urlaubszeit|vacances d'été|vacances scolaires d'été|grandes vacances|été|vacaciones de verano|verano|ferie estive|ferie d'agosto|pausa estiva|estate|zomervakantie|zomerstop|zomer|bouwvak|férias de verão|férias grandes|verão|wakacjach|lecie|letních prázdninách|prázdninách|létě|sommarsemestern|industrisemestern|sommarlovet|sommaren|sommerferien|industriferien|sommeren|sommerhalbjahr|sommer)|yazdan sonra|yaz (?:tatilinden sonra|sonu|sonrası)\w*|la rentrée(?! de janvier)|a la vuelta del? verano|à la rentrée|na de grote vakantie",
        f.read_after_summer,
    ),
    _form(
        rf"(?:(?:{t.AFTER}|{t.DUTCH_AFTER})(?:{t.YEAR_TURN})|yılbaşından sonra|yılbaşı sonrası|(?:{t.IN_NEW_YEAR}))",
        f.read_after_new_year,
    ),
    _form(rf"(?:{t.AFTER}|na (?:de |het )?(?=zomer|lente|voorjaar|herfst|najaar|winter))(?P<after>)(?P<season>{one_of(t.SEASONS)})", f.read_after_season),
    _form(rf"{SAID_PART}(?P<season>{one_of(t.SEASONS)})", f.read_part_of_season),
    _form(r"(?P<season>wiosną|latem|jesienią|zimą|ilkbaharda|sonbaharda|kışın)", f.read_season),
    _bare(r"(?P<season>春|夏|秋|冬)(?=に|ごろ|頃|になったら|口)", f.read_season),
    _form(
        rf"(?:(?:in|im|this|next|come|by|à|en|dans|nel|nell'|in de|no|na|al|a|till|til|i|w|v|na|until|bis|nächsten|nächstes|d'|to|om|do|au|dit|komend|pour|cet|cette|dès|zum|vor dem|before|avant|antes del|prima dell'|en esta|para|para o|l')\s?(?:the |der |la |l'|el |the late |late |early |het |de |o )?)(?P<season>{one_of(t.SEASONS)})(?!\s(?:dernier|passé|pasado|pasada|scors[ao]|passad[ao]|last|vorige|letzten))",
        f.read_season,
    ),
    _form(rf"(?P<month>{TURKISH_MONTH})\s(?P<after>baş|orta|son)\w{{0,8}}", f.read_turkish_part),
    _bare(r"(?:(?P<year>20\d\d)\s?年\s?|令和\s?(?P<reign>\d{1,2})年\s?|(?P<next>来年)の?)?(?P<month>1[0-2]|[1-9])\s?月(?P<part>上旬|初旬|初め|頭|中旬|半ば|下旬|末|の終わり)?(?!\s?\d{1,2}\s?日|曜)", j.read_japanese_month),
    _form(rf"(?<!\d\s){PART}(?P<month>{MONTH}){YEAR}(?!\s\d{{1,2}}\b)", f.read_month),
    _form(
        rf"(?:(?:by |at |until |till )?(?:the )?(?:end|back end) of (?:the |this )?|(?:bis )?ende (?:des |dieses |der |dieser |diesen )|(?:la )?fin (?:de |du |d')(?:la |l'|cette |ce )?|(?:a )?final(?:es)? de |fine |(?:het )?eind van (?:de |het |deze |dit )|(?:no )?fim (?:do |da |de )|(?:do |pod )?koniec |(?:do |pod )?końca |(?:do )?konc(?:e|i|em) |slutet (?:av|på) )(?P<unit>{UNIT})",
        f.read_end_of_this,
    ),
    _form(r"(?<!our )(?<!fiscal )(?<!financial )(?<!the )year[ -]?end(?! is|'s)|jahresende|fin d'année|fin de año|fine anno|jaareinde|het eind van het jaar|fim de ano|koniec roku|końca roku|konce roku|årets slut|årsskiftet|yıl sonu(?:na|nda)?", f.read_year_end),
    _form(
        r"(?:the day after tomorrow|day after tomorrow|tomorrow|übermorgen|(?<!guten )(?<!goeden )(?<!goede )(?<!god )(?<!am )(?<!jeden )(?<!heute )(?<!  )(?<!'s )morgen(?!,)|après-demain|demain|pasado mañana|(?<!la )(?<!esta )(?<!cada )mañana|dopodomani|domani|overmorgen|depois de amanhã|amanhã|pojutrze|jutro|pozítří|zítra|i övermorgon|i overmorgen|imorgon|i morgon|i morgen|yarın|öbür gün)(?! (?:ou|or|oder|o|of) )", f.read_tomorrow
    ),
    _bare(r"再来週の?(?!の?[月火水木金土日]曜?)|来週(?!の?[月火水木金土日]曜?)|再来月|来月(?:末|下旬|中旬|半ば|初め|頭|上旬)?|新年度|年度明け|来年度|来期|来年|年明け|新年|年始|年末|今?月末|お盆休み明け|お盆明け|ゴールデンウィーク明け|gw明け|連休明け|明後日|明日", j.read_japanese_unit),
    _bare(r"(?P<next>再来週|来週)?の?(?P<weekday>[月火水木金土日])曜日?", j.read_japanese_weekday),
    _form(rf"(?P<weekday>{WEEKDAY})\.?,?(?:\s(?:the\s|den\s|d\.\s|dem\s|der\s|le\s|el\s|il\s|de\s|dia\s|dnia\s))?\s?(?P<day>[12]?\d|3[01])(?::[ae]|-go|-ho|st|nd|rd|th|\.|er|º|e)?(?!\s?(?:uhr|h\b|:|am\b|pm\b|a\.m|p\.m|heures|horas|ore|uur|%|€|o'clock|\.\d))", f.read_day_alone),
    _form(r"(?:am|ab(?: dem)?|bis(?: zum)?|zum|vom|den)\s(?P<day>[12]?\d|3[01])\.(?!\s?\d|\s[^\W\d_]{2,14}\s?20\d\d)", f.read_day_alone),
    _form(r"(?:à partir du|dès le|jusqu'au|a partir del|hasta el|fino al|dal|até (?:o )?dia|tot(?: de)?|vanaf de)\s(?P<day>[12]?\d|3[01])(?:er|e)?(?!\s?(?:uhr|h\b|:|%|€|[.,]\d|jours|heures|rue|años|anni|jaar|uur|\d))", f.read_day_alone),
    _form(r"(?:(?:the|le|el|il|dia|día|on the|d\.|dem|den)\s|l')(?P<day>[12]?\d|3[01])(?:st|nd|rd|th|er|e|\.|º)?(?!-\w|\s?(?:uhr|h\b|:|am\b|pm\b|%|€|\.\d|,\d|percent|people|euro|days|weeks|-\w))", f.read_day_alone),
    _form(rf"{SAID_PART}(?P<year>20\d\d)", f.read_part_of_year),
    _form(r"(?:in|before|until|till|from|im jahr|ab|bis|erst|vor|avant|en|à partir de|d'ici|hasta|a partir de|antes de|nel|dal|fino al|prima del|vanaf|pas in|voor|em|só em|até|w|od|do|dopiero w|przed|před|före|før|v|až v|i|till|under|fra)\s(?P<part>)(?P<year>20\d\d)(?:\s?r\.| roku)?(?!\s?(?:users|seats|euro|eur|usd|people|employees|[.,:/-]\d))", f.read_year),
    _bare(r"(?P<year>20\d\d)年(?!\d|度)(?=に|以降|になったら|から)", f.read_year),
    _form(rf"(?<!black )(?P<weekday>{WEEKDAY})", f.read_weekday),
)  # fmt: skip

EXACT = frozenset(
    {
        f.read_iso, f.read_numeric, f.read_last_of_two, f.read_day_month, f.read_days_of_month, f.read_day_alone, f.read_week_of,
        f.read_last_weekday, f.read_nth_weekday, f.read_weeks, f.read_swedish_weeks, j.read_japanese_day, j.read_japanese_slash,
        j.read_japanese_days,
    }
)  # fmt: skip
A_YEAR = frozenset({f.read_after_new_year, f.read_next_year, f.read_year_end, f.read_year, f.read_part_of_year})
SPANS = frozenset({f.read_last_of_two, f.read_days_of_month, f.read_weeks, f.read_swedish_weeks, j.read_japanese_days})
WEEKDAYS = frozenset({f.read_weekday, f.read_weekday_next_week, f.read_weekday_later, j.read_japanese_weekday})
WEEKS_OPEN = frozenset(
    {
        f.read_next_unit,
        f.read_next_week,
        f.read_week_number,
        f.read_swedish_week,
        f.read_week_after_next,
        f.read_nth_week,
        j.read_japanese_unit,
    }
)
PERIODS = frozenset(
    {
        f.read_month, f.read_turkish_part, f.read_quarter, f.read_half, f.read_season, f.read_after_season, f.read_after_summer, f.read_after_new_year,
        f.read_after_feast, f.read_next_unit, f.read_next_week, f.read_next_year, f.read_week_number, f.read_swedish_week, f.read_week_after_next,
        f.read_year, f.read_part_of_year, f.read_nth_week, j.read_japanese_month, j.read_japanese_unit, j.read_japanese_quarter,
    }
)  # fmt: skip
"""Readers of what has a first day; "the end of" one has none, and is told by its day."""
MOST = 20
"""Places of one form that are looked at."""


def all_dates(text: str, written: date) -> list[Place]:
    """Every date in the text with its place, in order; the earlier form in the table hides a later one at the same place."""
    taken: list[tuple[int, int]] = []
    named: list[tuple[re.Match[str], Read]] = []
    for pattern, read in FORMS:
        for match in islice(pattern.finditer(text), MOST):
            if match[0].strip() and not any(match.start() < end and start < match.end() for start, end in taken):
                taken.append(match.span())
                named.append((match, read))
    found: list[Place] = []
    anchor = written
    for match, read in sorted(named, key=lambda one: one[0].start()):
        try:
            day = read(match, Context(written, anchor))
        except (ValueError, OverflowError):
            continue
        if day is not None:
            found.append(_place(match, read, day))
            anchor = max(anchor, day)
    return found


def _place(match: re.Match[str], read: Read, day: date) -> Place:
    opens = read in PERIODS and (
        (day.weekday() == 0 and read in WEEKS_OPEN) or day == first_working(day.year, day.month) or read is f.read_after_feast
    )
    return Place(
        start=match.start(),
        end=match.end(),
        day=day,
        exact=read in EXACT,
        a_year=read in A_YEAR or (read is f.read_next_unit and f.unit_of(match) == "y"),
        span=read in SPANS,
        opens=opens,
        weekday=read in WEEKDAYS,
    )
