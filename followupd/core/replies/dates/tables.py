"""Words of the calendar in thirteen languages: what dates are written with.

Only tables; `forms.py` puts them together. Names that mean something else as well ("mar", "may", "out") are dates only beside a
preposition or a number.
"""

from __future__ import annotations

from collections.abc import Mapping


def _numbered(rows: tuple[str, ...], start: int) -> dict[str, int]:
    return {name: number for number, names in enumerate(rows, start=start) for name in names.split()}


MONTHS = _numbered(
    (
        "january jan januar jänner janvier enero gennaio januari janeiro janv ene gen styczeń stycznia styczniu stycz leden ledna lednu januara",
        "february feb februar februari februar februari februari février fevrier febrero febbraio fevereiro févr fév luty lutego lutym únor února únoru",
        "march mar märz maerz mars marzo maart março mrz mrt marzec marca marcu březen března březnu marts",
        "april apr avril abril aprile avr abr kwiecień kwietnia kwietniu duben dubna dubnu",
        "may mai mayo maggio mei maio maj maja maju květen května květnu",
        "june jun juni juin junio giugno junho czerwiec czerwca czerwcu červen června červnu",
        "july jul juli juillet julio luglio julho juil lipiec lipca lipcu červenec července červenci",
        "august aug août aout agosto augustus augusti sierpień sierpnia sierpniu srpen srpna srpnu",
        "september sept sep septembre septiembre setiembre settembre setembro sett wrzesień września wrześniu září",
        "october oct oktober okt octobre octubre ottobre outubro ott out październik października październiku říjen října říjnu",
        "november nov novembre noviembre novembro listopad listopada listopadzie listopadu",
        "december dec dezember dez décembre decembre diciembre dicembre dezembro déc dic grudzień grudnia grudniu prosinec prosince prosinci",
    ),
    start=1,
)
"""Name or short form, and inflected forms, to the number of the month."""

TURKISH_MONTHS = _numbered(
    ("ocak", "şubat", "mart", "nisan", "mayıs", "haziran", "temmuz", "ağustos", "eylül", "ekim", "kasım", "aralık"), start=1
)
"""Turkish hangs its endings on the name: mayısta, mayıs'a, mayıs'tan."""

WEEKDAYS = _numbered(
    (
        "monday mon montag montags lundi lunes lunedì lunedi maandag segunda segunda-feira poniedziałek poniedziałku poniedziałkiem pondělí pondělka pondělek måndag måndagen mandag mandagen",
        "tuesday tue tues dienstag mardi martes martedì martedi dinsdag terça terça-feira wtorek wtorku wtorkiem úterý úterka tisdag tisdagen tirsdag",
        "wednesday wed weds mittwoch mercredi miércoles miercoles mercoledì mercoledi woensdag quarta quarta-feira środa środę środy středa středu středy onsdag onsdagen",
        "thursday thu thur thurs donnerstag jeudi jueves giovedì giovedi donderdag quinta quinta-feira czwartek czwartku čtvrtek čtvrtka torsdag torsdagen",
        "friday fri freitag vendredi viernes venerdì venerdi vrijdag sexta sexta-feira piątek piątku pátek pátku fredag fredagen",
        "saturday sat samstag sonnabend samedi sábado sabato zaterdag sobota sobotę soboty sobotu lördag lørdag",
        "sunday sun sonntag dimanche domingo domenica zondag niedziela niedzielę niedzieli neděle neděli söndag søndag",
    ),
    start=0,
)
TURKISH_WEEKDAYS = _numbered(("pazartesi", "salı", "çarşamba", "perşembe", "cuma", "cumartesi", "pazar"), start=0)

SPOKEN = frozenset(
    "may march mars mar marzo mart out set ene gen mon sun sat wed fri thu tue segunda terça quarta quinta sexta ago dec jan sep nov pazar cuma salı ekim ocak"
    .split()
)  # fmt: skip
"""Names with another meaning, or too short to trust alone."""

COUNTS: Mapping[str, int] = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12, "fourteen": 14, "fifteen": 15, "eighteen": 18,
    "twenty": 20, "thirty": 30, "forty": 40, "sixty": 60, "ninety": 90,
    "couple": 2, "a couple": 2, "un par de": 2, "un paio di": 2, "um par de": 2,
    "einem": 1, "einer": 1, "einen": 1, "ein": 1, "eine": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "acht": 8, "zehn": 10, "zwölf": 12, "vierzehn": 14, "dreißig": 30, "sechzig": 60, "neunzig": 90, "sieben": 7, "neun": 9,
    "un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "huit": 8, "dix": 10, "quinze": 15, "sept": 7, "trente": 30, "soixante": 60, "una": 1, "uno": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5,
    "seis": 6, "siete": 7, "ocho": 8, "diez": 10, "quince": 15, "treinta": 30, "due": 2, "tre": 3, "quattro": 4, "cinque": 5, "sei": 6, "dieci": 10, "otto": 8, "quindici": 15, "trenta": 30,
    "een": 1, "één": 1, "twee": 2, "drie": 3, "zes": 6, "vijf": 5, "tien": 10, "veertien": 14, "dertig": 30, "um": 1, "uma": 1, "dois": 2, "duas": 2, "três": 3, "quatro": 4, "oito": 8, "dez": 10, "trinta": 30,
    "jeden": 1, "dwa": 2, "dwie": 2, "trzy": 3, "cztery": 4, "pięć": 5, "sześć": 6, "osiem": 8, "dziesięć": 10, "czternaście": 14, "trzydzieści": 30, "dva": 2, "dvě": 2, "tři": 3, "čtyři": 4, "pět": 5, "šest": 6, "osm": 8, "deset": 10, "čtrnáct": 14, "třicet": 30,
    "en": 1, "ett": 1, "två": 2, "fyra": 4, "fem": 5, "sex": 6, "åtta": 8, "tio": 10, "fjorton": 14, "trettio": 30, "et": 1, "to": 2, "fire": 4, "seks": 6, "otte": 8, "ti": 10, "fjorten": 14, "tredive": 30,
    "bir": 1, "iki": 2, "üç": 3, "dört": 4, "beş": 5, "altı": 6, "sekiz": 8, "on": 10, "on beş": 15, "otuz": 30,
}  # fmt: skip
"""Numbers that spans are written with. "A few" says nothing that could be counted on."""

UNITS = {
    name: unit
    for unit, names in {
        "d": "day days tag tage tagen jour jours día días dias giorno giorni dag dagen dagar dage dia dni dzień dny dní dnů den gün",
        "w": "week weeks wk wks woche wochen semaine semaines semana semanas semanita semanitas settimana settimane settimanella weken weekje tydzień tygodnia tygodnie tygodni tygodniu týden týdny týdnů týdnu vecka veckor uge uger hafta",
        "m": "month months monat monate monaten monats mois mes meses mese mesi mesetto maand maandje maanden mês miesiąc miesiąca miesiące miesięcy miesiącu měsíc měsíce měsíců měsíci månad månader månaden måned måneder måneden ay",
        "q": "quarter quarters quartal quartalen quartals trimestre trimestres kwartaal kwartał kwartale kwartału čtvrtletí kvartál kvartálu kvartal kvartalet çeyrek",
        "y": "year years jahr jahre jahren jahres an ans année année-ci año años anno anni jaar ano anos rok roku lata lat roce roky let år året yıl sene",
        "f": "fortnight fortnights",
        "h": "half-year halbjahr semestre semester",
    }.items()
    for name in names.split()
}

NEXT = (
    r"(?:next|following|coming|the next|nächste[rsnm]?|kommende[rsnm]?|prochaine?|próxim[oa]|proxim[oa]|prossim[oa]|siguiente|seguinte|volgende?|komende|aanstaande|que viene|que entra|que vem|entrante"
    r"|przyszł(?:y|ym|ego|a|ą|ej)|następn(?:y|ym|ego|ą|ej)|kolejnym|příští(?:m|ho)?|nästa|kommande|næste|kommende|gelecek|önümüzdeki)"
)
OVERNEXT = r"(?:(?:the )?week after next|la semaine d'après la prochaine|de week erna|übernächste[rn]? woche|za dwa tygodnie w)"

SEASONS: Mapping[str, int] = {
    name: month
    for names, month in (
        ("spring|frühjahr|frühling|printemps|primavera|春|voorjaar|lente|wiosną|wiosna|wiosny|wiosnę|jaře|jaro|jara|våren|vår|foråret|forår|ilkbahar|ilkbaharda|baharda", 3),
        ("summer|sommer|été|verano|夏|estate|zomer|verão|lato|latem|lata|lecie|léto|létě|léta|sommaren|sommeren|yaz|yazın", 6),
        ("autumn|fall|herbst|automne|otoño|秋|autunno|herfst|najaar|outono|rentrée|jesień|jesienią|jesieni|podzim|podzimu|hösten|höst|efteråret|efterår|sonbahar|sonbaharda", 9),
        ("winter|hiver|invierno|冬|inverno|zima|zimą|zimě|vintern|vinteren|kış|kışın", 12),
    )
    for name in names.split("|")
}  # fmt: skip

AFTER = (
    r"(?:(?:after|past|following|once|once past|the other side of|until after|nach|après|passée?s?|después del?|tras|pasad[oa]s?|dopo|passat[oae]|finit[ao]|depois d[aeo]s?|após|passad[oa]|terminado|acabado|po|efter)"
    r"\s(?:the |our |dem |den |der |die |unseren? |la |las |le |les |el |los |il |lo |gli |l'|i |a |o |as |os |de |het )?|post[ -])"
)
"""Words for "after" with the article that follows. The Dutch one is a preposition of place in Polish, Czech and Portuguese."""
DUTCH_AFTER = r"na\s(?:de |het |onze )?(?=pasen|pink|hemel|kerst|zomer|bouwvak|carnaval|oud en|nieuwjaar|feestdagen|driekon|allerh|sacrament)"

FEASTS: Mapping[str, str] = {
    "easter": (
        r"(?:easter(?: break| holidays?| weekend| monday)?|ostern|osterferien|ostertagen|osterfeiertagen|pâques|paques|pascua|semana santa|pasqua|vacanze di pasqua|pasen|páscoa|wielkanoc(?:y|ą)?|święt(?:a|ach) wielkanocn(?:e|ych)"
        r"|velikono(?:ce|cích|c)|påsk(?:en|lovet)?|påske(?:n|ferien)?|paskalya(?:dan)?)"
    ),
    "whitsun": r"(?:pfingsten|pfingstferien|whitsun|pentecost|(?:la )?pentecôte|pentecostés|pentecoste|pinksteren|pentecostes|pingst|pinse|pinsen|zielonych świątkach|svatodušních svátcích)",
    "ascension": (
        r"(?:ascension(?: day)?|christi himmelfahrt|himmelfahrt|l'ascension|la ascensión|ascensione|hemelvaart(?:sdag)?|a ascensão|ascensão|wniebowstąpieni\w+|kristi himmelsfärd\w*|kristi himmelfart\w*|kr\.? himmelfart\w*)"
    ),
    "corpus christi": r"(?:corpus christi|fronleichnam|fête-dieu|(?:el )?corpus|corpus domini|sacramentsdag|corpo de deus|bożym ciele)",
    "carnival": r"(?:carnival|mardi gras|karneval|fasching|fasnacht|fastnacht|(?:le )?carnaval|(?:el )?carnaval|carnevale|o carnaval|karnawale|masopustu?|fastelavn)",
    "may weekend": r"(?:majówce|długim weekendzie majowym)",
    "midsummer": r"(?:midsommar(?:en|helgen)?|midsummer|sankthans|sankt hans)",
    "assumption": r"(?:ferragosto|mariä himmelfahrt|assomption|l'assomption|l'assunta)",
    "epiphany": r"(?:epiphany|epifania|l'epifania|(?:día de )?reyes|(?:dia de )?reis|dreikönig(?:e|en)?|heilige drei könige|heiligen drei königen|l'épiphanie|épiphanie|driekoningen|trzech króli\w*|třech králích|trettondagen|trettonhelgen|helligtrekonger|la befana)",
    "labor day": r"(?:labou?r day)",
    "memorial day": r"(?:memorial day)",
    "independence day": r"(?:independence day|the fourth of july)",
    "all saints": r"(?:all saints(?:' day)?|allerheiligen|la toussaint|toussaint|todos los santos|todos os santos|ognissanti|wszystkich świętych|alla helgona)",
    "thanksgiving": r"(?:thanksgiving(?: weekend| break)?|black friday)",
    "sugar feast": r"(?:ramadan|eid al-fitr|the eid|ramazan(?: bayramı?)?|şeker bayramı?|zuckerfest|l'aïd)",
    "feast of sacrifice": r"(?:eid al-adha|kurban bayramı?|opferfest|l'aïd al-adha)",
    "either bayram": r"(?:bayram|bayram tatili)",
}
"""Names of the feasts whose days can be counted, by their name in `days.py`."""

YEAR_TURN = (
    r"christmas|xmas|weihnachten|(?:den )?feiertagen|noël|noel|(?:les )?fêtes|navidad(?:es)?|(?:las )?fiestas|natale|(?:le )?feste|(?:de )?kerst|(?:de )?feestdagen|(?:o )?natal|(?:as )?festas|świętach(?! wielk)|bożym narodzeniu"
    r"|vánocích|svátcích|jul(?:en|helgen|ferien)?|helgerna|nytår|nyår|the holidays|holidays|the festive season|the break|new year'?s?|the new year|neujahr|dem jahreswechsel|silvester"
    r"|(?:le )?nouvel an|(?:el )?año nuevo|capodanno|oud en nieuw|nieuwjaar|(?:o )?ano novo|nowym roku|sylwestrze|novém roce|årsskiftet|yılbaşı(?:ndan)?|yeni yıl(?:dan)?"
)
IN_NEW_YEAR = (
    r"(?:in |im |early in |at the start of |zu beginn des |à la |en |in het |begin |no |w |v |i |det |na |początku |začátkem |começo do )?(?:the |det |o )?"
    r"(?:new year|neuen jahr|neue jahr|nouvelle année|año nuevo|nuevo año|anno nuovo|nieuwe jaar|ano novo|novo ano|nowego roku|nowym roku|nového roku|novém roce|nya året|nyåret|nye år|yeni yıl(?:da|ın başında)?|årsskiftet|jahreswechsel)"
)
