"""The words that mean something: tables of phrases, and nothing else.

A table is text with one phrase a line. A phrase is a regular expression over plain text (see `plain_words`): lower
case, single blanks, English short forms written out. ` .. ` stands for up to three words. `# de` and the like name the
language of the lines below, for the reader. No phrase may repeat a repetition: every search is linear.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cached_property, lru_cache


class Phrases:
    """A regular expression that is compiled when it is first asked: most readings need few of them.

    Nearly all texts are in small letters already (`plain_words`), where `IGNORECASE` changes nothing and costs two thirds of the time:
    they are searched without it. The same few texts of one mail are searched by one rule after the other: each is searched once.
    """

    def __init__(self, pattern: str, flags: int = 0) -> None:
        self.pattern, self.flags = pattern, flags
        self._found: dict[str, re.Match[str] | None] = {}

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        """The expression itself."""
        return re.compile(self.pattern, self.flags)

    @cached_property
    def _for_small_letters(self) -> re.Pattern[str]:
        """What finds the same in texts of small letters."""
        small = in_small_letters(self.pattern) if self.flags == re.IGNORECASE else None
        return self.compiled if small is None else re.compile(small)

    def _for(self, text: str) -> re.Pattern[str]:
        return self._for_small_letters if is_small(text) else self.compiled

    def search(self, text: str) -> re.Match[str] | None:
        """The first place where a phrase stands."""
        try:
            return self._found[text]
        except KeyError:
            if len(self._found) >= REMEMBERED:
                self._found.clear()
            self._found[text] = found = self._for(text).search(text)
            return found

    def match(self, text: str) -> re.Match[str] | None:
        """The phrase that the text begins with."""
        return self._for(text).match(text)

    def fullmatch(self, text: str) -> re.Match[str] | None:
        """The phrase that the text consists of."""
        return self._for(text).fullmatch(text)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """Every place where a phrase stands."""
        return self._for(text).finditer(text)

    def sub(self, written: str, text: str, count: int = 0) -> str:
        """The text with something else in place of each phrase."""
        return self._for(text).sub(written, text, count=count)


REMEMBERED = 16
"""Texts for which a table keeps what it has found: those of one mail."""

TWINS = "ıſµςϐϑϕϖϰϱϵιͅΐΰẛﬅᲀᲁᲂᲃᲄᲅᲆᲇᲈ"
"""Small letters that `IGNORECASE` takes for another small letter, such as the dotless i for i (CPython's re/_casefix.py)."""

_TWIN, _TWIN_IN_BRACKETS = re.compile(f"[{TWINS}]"), re.compile(rf"\[[^]]*[{TWINS}]")


@lru_cache(maxsize=64)
def is_small(text: str) -> bool:
    """Whether a text holds nothing for which `IGNORECASE` makes a difference."""
    return text == text.lower() and (text.isascii() or not _TWIN.search(text))


def in_small_letters(pattern: str) -> str | None:
    """An expression that finds without `IGNORECASE` what this one finds with it, in a text that `is_small`; None where that is not plain.

    A dotless i in it would find an i as well.
    """
    written = re.sub(r"\\.", "", pattern)
    if (
        written != written.lower()
        or _TWIN_IN_BRACKETS.search(written)
        or _TWIN.sub("", written.replace("ı", "")) != written.replace("ı", "")
    ):
        return None
    return pattern.replace("ı", "[ıi]")


FULL = {"m": "am", "re": "are", "ll": "will", "ve": "have", "d": "would", "s": "is"}
SHORT_FORMS: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"[’‘´`ʼ]"), "'"),
    (re.compile(r"[“”„«»]"), '"'),
    (re.compile(r"\b(do|does|did|is|are|was|were|would|could|should|have|has|had|need|must)n'?t\b"), r"\1 not"),
    (re.compile(r"\bwon'?t\b"), "will not"),
    (re.compile(r"\bcan'?t\b|\bcannot\b"), "can not"),
    (re.compile(r"\b(i|you|we|they|he|she|it|that|there|who|what|here)'(m|re|ll|ve|d|s)\b"), lambda m: f"{m[1]} {FULL[m[2]]}"),
    (re.compile(r"\bim(?= (?:not|interested|afraid|sorry|busy|out|away|on|still|happy|good|fine|going|sure|in\b))"), "i am"),
    (re.compile(r"\blet'?s\b"), "let us"),
    (re.compile(r"\b(?:pls|plz|plse)\b"), "please"),
    (re.compile(r"\b(?:thx|thnx|tks|ty|tnx|thanx|thank you|many thanks)\b"), "thanks"),
    (re.compile(r"\be-mail"), "email"),
    (re.compile(r"\bwrks\b"), "works"),
)


def plain_words(text: str) -> str:
    """Text as the tables expect it; line ends stay, because a phrase never spans two lines of different thoughts."""
    text = text.lower()
    for pattern, written in SHORT_FORMS:
        text = pattern.sub(written, text)
    return re.sub(r"[ \t\xa0]+", " ", text)


def table(text: str, anywhere: str = "") -> Phrases:
    """One search for all phrases of a table. `anywhere`: phrases of a script without blanks, found inside words too."""
    lines = [line.strip() for line in text.splitlines()]
    phrases = [line.replace(" .. ", r"(?: [^\s.!?]{1,30}){0,3} ") for line in lines if line and not line.startswith("#")]
    unspaced = f"|{anywhere}" if anywhere else ""
    return Phrases(r"(?<!\w)(?:" + "|".join(phrases) + rf")(?!\w){unspaced}", re.IGNORECASE)


DAY = (
    r"(?:mon|tues?|wed|thu(?:rs)?|fri|sat|sun|monday|tuesday|wednesday|thursday|friday|saturday|sunday|tomorrow|today|this afternoon|(?:the )?\d{1,2}(?:st|nd|rd|th)"
    r"|\d{1,2}(?:[:.]\d\d)?(?: ?[ap]m)?)"
)
TAG = r"(?:montag|dienstag|mittwoch|donnerstag|freitag|samstag|morgen|heute|\d{1,2}(?:[:.]\d\d)? uhr|(?:der |am )?\d{1,2}\.(?:\d{1,2}\.)?)"
JOUR = r"(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|demain|(?:le )?\d{1,2}|\d{1,2} ?h(?:\d\d)?)"
DIA = r"(?:lunes|martes|miércoles|jueves|viernes|mañana|segunda|terça|quarta|quinta|sexta|amanhã|(?:el |o |dia )?\d{1,2}|a las \d{1,2})"
GIORNO = r"(?:lunedì|martedì|mercoledì|giovedì|venerdì|domani|(?:il )?\d{1,2}|alle \d{1,2})"
DAG = r"(?:maandag|dinsdag|woensdag|donderdag|vrijdag|morgen|vandaag|\d{1,2} ?u(?:ur)?|(?:de )?\d{1,2}e?)"

# -- unsubscribe ---------------------------------------------------------------------------------

UNSUBSCRIBE = table(r"""
# en
(?:please |kindly )?unsubscribe (?:me|us|this (?:address|email)|my (?:address|email)|\S+@\S+|from (?:this|your|the|all|these|any|mailing|future))
(?:i|we) (?:would like|want|wish|need|asked|ask) to (?:unsubscribe|be (?:unsubscribed|removed|taken off))
opt (?:me|us) out|(?:i|we) (?:want|wish|would like) to opt out|opting out of (?:your|these|this)
(?:remove|take|delete|drop|get|scratch|strike) (?:me|us|my (?:name|email|address|data|details)|our (?:email|address|name|details)|this (?:email|address)|\S+@\S*) .. (?:off|from|out of|out) .. (?:list|lists|database|mailing|mailings|distribution|records|system|crm|sequence|emails|outreach|cadence)
(?:remove|delete) (?:me|us|my (?:email|address|data|details|information)(?: address)?|our (?:email|address|details))(?: please| immediately| now| at once)?(?=\s*(?:[.!,\n]|$|and\b))
(?:take|get) (?:me|us) off (?:this|your|the|that)|(?:take|get) (?:me|us) off(?: please| now)?(?=\s*(?:[.!\n]|$))
(?:please )?(?:stop|quit|cease) (?:emailing|mailing|contacting|messaging|writing|spamming|bothering|harassing|pestering|hounding|chasing|following up|reaching out)(?! (?:the|it|this|that|them) (?:contract|invoice|proposal|old))
(?:stop|quit|cease) sending(?: (?:me|us))?(?: (?:these|this|your|any|all|more|stuff|things|emails?|mails?|messages|newsletters?|spam|crap|the (?:emails|mails)))?(?=\s*(?:[.!,\n]|$|please\b|(?:e?mails?|messages|stuff|newsletters?|spam|crap|things|offers)\b))
(?:stop|no) (?:more )?(?:the |these |your |all |with the |with these )?(?:emails?|mails|messages|spam|spamming|newsletters)(?! about the contract)
(?:do not|never|don't ever) (?:ever )?(?:email|mail|contact|write|message|call|bother|spam)(?: to)? (?:me|us|this address|here|anyone)(?: \S+){0,3}? (?:again|anymore|any more|any further|ever)
(?:do not|never) (?:ever )?(?:email|mail|contact|write|message|bother) (?:me|us)(?: (?:please|again|anymore|any more))?(?=\s*(?:[.!,\n]|$))
(?:do not|never) (?:ever )?(?:email|mail|write|message|contact)(?: (?:me|us))?(?: to (?:me|us))? (?:again|anymore|any more)
(?:do not|never) send .. (?:any ?more|more|further|again|any) .. (?:emails?|mails|messages|newsletters?|anything|these)
(?:do not|never) send (?:me|us) (?:these|this|your|anything|emails?|mails?|messages?|stuff)
(?:do not|no longer) (?:want|need) (?:these|your|any more|any|more) (?:emails?|mails|messages|newsletters?)(?=\s*(?:[.!,;\n]|$))|do not send (?:any )?(?:more )?(?:emails?|mails?|messages) to this (?:id|address|email|mailbox|account)(?: id)?
(?:do not|does not|did not|no longer) (?:want|wish) .. (?:receive|get|hear|be contacted|be emailed) .. (?:emails?|mails|messages|newsletters?|from you|you|again|anymore|more|anything)
(?:no longer|not) (?:want|wish) to be (?:contacted|emailed|on (?:this|your))
(?:would|will) (?:prefer|rather) not (?:to )?(?:receive|get|hear|be contacted|be emailed) .. (?:emails?|mails|messages|again|any ?more|any further)
(?:would|be) .. (?:grateful|glad|happy|pleased|appreciate) .. (?:receive|get|have) no (?:further|more) (?:emails?|mails|messages)
(?:would|will) appreciate .. if you (?:did|would|could|do) not (?:write|email|mail|contact|message)
(?:would|will) appreciate .. if you (?:stopped|would stop|could stop|removed|took)
no more,? (?:please|thanks|of (?:this|these|your))|^(?:please )?stop (?:this|it)(?=\s*(?:[.!\n]|$))
no (?:further|more) (?:emails?|mails|messages|contact|correspondence|communications?)(?: from you)?(?=[ ,.!\n]|$)
leave (?:me|us) alone|lose (?:my|this|our) (?:email|number|address|details)|(?:piss|bugger|sod) off|go away(?=\s*(?:[.!,\n]|$))|stop it with the (?:mails|emails)
cease (?:and desist|all contact|contact)|this is (?:harassment|spam)(?! folder)|i will (?:report|mark) .. (?:you|this) .. spam|reported as spam|marked .. as spam
(?:under|per|pursuant to) (?:the )?gdpr .. (?:delete|erase|remove)|(?:delete|erase) .. (?:personal data|my data|my details|my information)
# de
bitte (?:mich |uns )?(?:nicht mehr|nie wieder|nicht weiter|nicht erneut|nicht noch ?mal) (?:anschreiben|anmailen|anrufen|kontaktieren|schreiben|mailen|belästigen)|bitte keine (?:e-?mails?|mails?|nachrichten|zuschriften|anschreiben|werbung|anfragen) mehr|von (?:weiteren|weiterer) (?:e-?mails?|mails?|nachrichten|anfragen|zusendungen|zuschriften|werbung|kontaktaufnahmen?) .. abseh\w*
(?:bitte )?(?:streichen|nehmen|entfernen|löschen|austragen|tragen) (?:sie |du )?(?:mich|uns|meine (?:e-?mail-?)?adresse|unsere (?:e-?mail-?)?adresse|diese adresse|meine daten|unsere daten)(?: bitte| sofort| umgehend| wieder| endlich)*(?: (?:aus|von) (?:ihrem|ihrer|eurem|eurer|der|dem|deinem|deiner|allen))?
(?:streich|nimm|entfern|lösch|trag)e? (?:mich|uns|meine adresse)(?: bitte)? (?:aus|von|bitte)
(?:bitte )?keine (?:weiteren |mails|e-?mails |werbe)(?:e-?mails?|mails?|nachrichten|werbung|newsletter|mehr)?(?: mehr)?(?: schicken| senden| zusenden)?
(?:schreiben|mailen|kontaktieren|belästigen|senden|schicken) sie (?:mir|uns|mich)(?: bitte)? (?:nicht mehr|nie wieder|nichts mehr|keine (?:weiteren |e-?mails|mails|nachrichten|werbung))
(?:hören|höre?) (?:sie )?(?:bitte )?auf,? (?:mir|uns|mich) .. (?:schreiben|mailen|belästigen|e-?mails|mails)
(?:möchte|möchten|will|wollen|wünsche|wünschen) .. keine .. (?:e-?mails?|mails?|nachrichten|werbung|newsletter|zuschriften|post)
(?:möchte|möchten|will|wollen) .. (?:nicht mehr|nicht weiter|nie wieder) .. (?:kontaktiert|angeschrieben|belästigt|angemailt)
(?:newsletter|e-?mails?|mich|uns) .. (?:abbestellen|abmelden|austragen)|(?:hiermit )?(?:widerspreche|widerrufe) ich|lassen sie (?:mich|uns) (?:bitte )?in ruhe|unterlassen sie
# fr
(?:merci de |veuillez |prière de |svp )?(?:me |nous )?(?:désinscrire|désabonner|désinscrivez|désabonnez|désinscris|retirez|retirer|supprimez|supprimer|enlevez|enlever|rayez)(?:-moi|-nous| moi)? .. (?:liste|listes|fichier|fichiers|base|newsletter|mailing|adresse|envois|contacts|mails)
(?:désinscrivez|désabonnez|désinscris|retirez|supprimez|rayez)-(?:moi|nous)
ne (?:m'|nous |me )(?:écrivez|envoyez|contactez|écris|contacte|envoie|sollicitez) (?:plus|pas)
(?:arrêtez|cessez|arrête) (?:de |d')(?:m'|me |nous )(?:écrire|envoyer|contacter|solliciter|harceler|spammer)|(?:arrêtez|cessez) .. (?:mails|e-?mails|messages|envois|courriels)
ne (?:souhaite|souhaitons|veux|voulons|désire) plus (?:recevoir|être (?:contacté|sollicité)|de mails)|(?:plus|pas) de (?:mails|e-?mails|messages|courriels),? (?:merci|svp|s'il)|(?:merci de|veuillez|prière de) ne plus (?:m'|me |nous )(?:écrire|contacter|envoyer|solliciter)
# es
(?:dar(?:me|nos)?|deme|denme|dadme|denos|dennos|dame|quiero darme|solicito|causar) .{0,8}(?:de )?(?:la )?baja|no (?:me |nos )?(?:escriban?|escribas|envíen?|envíes|manden?|mandes|contacten?|contactes|molesten?) (?:más|nunca más)|(?:deje|dejen|deja|dejad) de (?:escribir|enviar|mandar|contactar|molestar)(?:me|nos)?
no (?:deseo|quiero|queremos|deseamos) (?:recibir|seguir recibiendo|que me (?:escriban|contacten)) .. (?:más|correos|mensajes|emails|nada|su)|(?:elimine|eliminen|borre|borren|quite|quiten|elimina|borra|quita)(?:me|nos)? .. (?:lista|listas|base|correo|datos|dirección)|no más (?:correos|mensajes|emails)
# it
(?:cancellatemi|cancellami|cancellateci|rimuovetemi|rimuovimi|toglietemi|toglimi|disiscrivetemi|eliminatemi)|(?:cancellare|rimuovere|togliere|eliminare) (?:il mio|la mia|questo|i miei|il nostro) (?:indirizzo|nominativo|email|contatto|dati)|non (?:scrivetemi|mandatemi|inviatemi|contattatemi|scrivermi|contattarmi|scriveteci|contattateci) più|smett(?:ete|ila|i)(?:la)? di (?:scriver|mandar|contattar|inviar)(?:mi|ci)
non (?:desidero|voglio|desideriamo|vogliamo) (?:più )?(?:ricevere|essere contattat[oi]) .. (?:più|email|mail|messaggi|comunicazioni|vostre)|non (?:desidero|voglio) più ricevere
# nl
(?:haal|verwijder|schrap|schrijf) (?:me|mij|ons|mijn (?:adres|e-?mail\S*|gegevens)|dit adres)(?: alstublieft| aub| a\.u\.b\.| svp)? (?:uit|van|aub|alstublieft|a\.u\.b)|(?:uitschrijven|afmelden) (?:aub|graag|svp|alstublieft)|(?:graag|wil me|wil mij) (?:uitschrijven|afmelden|uit (?:uw|jullie|je))|(?:mail|schrijf|stuur|benader|contacteer) (?:me|mij|ons) (?:niet meer|nooit meer|geen .{0,12}(?:mails?|berichten))|geen (?:verdere |nieuwe )?(?:e-?mails?|mails?|berichten) meer|stop met (?:mailen|mij|me|schrijven|het sturen)|wil(?:len)? (?:ik )?geen (?:e-?mails?|mails?|berichten|reclame) meer
# sv da no
(?:ta|stryk|plocka) (?:gärna |bara )?bort (?:mig|oss|min (?:adress|e-?post\S*|mejl\S*))(?: från)?|(?:fjern|slet|stryg) (?:mig|meg|os|oss|min (?:adresse|e-?mail|e-?post\S*))(?: fra)?|(?:sluta|slut) (?:skicka|skriva|mejla|maila|kontakta)|(?:stop|slutt) med (?:at|å) (?:skrive|sende|maile|kontakte)|avregistrera mig|frameld mig
# pl
usunięcie (?:mojego|naszego) (?:adresu|maila|e-?maila)|(?:proszę )?(?:usunąć|wypisać) (?:mnie|nas|mój adres)
# pt
(?:remova|retire|exclua|tire|apague)(?:m)?(?:-me)? .. (?:lista|listas|email|e-mail|base|endereço|mailing)|(?:descadastr|remov|retir)(?:e|em|ar)-me|não (?:me |nos )?(?:escrevam?|enviem?|envie|mandem?|mande|contactem?|contatem?|contate) (?:mais|novamente)|(?:parem?|pare|deixem?) de (?:me |nos )?(?:escrever|enviar|mandar|contactar|contatar)|não (?:quero|desejo|queremos|desejamos) (?:mais )?receber
""")
ALONE_UNSUBSCRIBE = Phrases(
    r"(?:(?:please|bitte|kindly|svp|merci de|por favor|graag)[ ,]*)?(?:unsubscribe|unsubscribe me|remove|remove me|stop|stop please|stop it|opt[ -]?out|take me off|no more emails?|no more mails"
    r"|abmelden|austragen|abbestellen|mich abmelden|désabonner|désinscription|désinscrire|me désinscrire|stop svp|baja|darme de baja|cancelar suscripción|disiscrivimi|cancellami|cancellatemi|disiscrizione"
    r"|uitschrijven|afmelden|descadastrar|cancelar inscrição|remover)(?:[ ,]*(?:please|thanks|bitte|danke|merci|svp|gracias|por favor|grazie|aub|graag|obrigad[oa]|now|immediately))?"
)
UNSUBSCRIBE_DOUBT = table(r"""
(?:remove|take|delete|drop) (?:me|us) .. (?:invite|invitation|calendar|meeting|call|thread|cc|event|order|quote|invoice|contract|project)
(?:do not|did not|does not|never|not|no need to|without|before (?:i|we)|why would (?:i|we)|instead of|rather than|only|accidentally|by mistake) .. (?:unsubscrib\w+|remove|delete|take (?:me|us) off|stop|opt out)
unsubscribe (?:link|button|page|option|footer) .. (?:is|does|in|was|seems|looks|broken)
(?:unsubscribed|opted out|removed) (?:only|by (?:mistake|accident))
unsubscribe (?:me|us) from (?:life|this (?:planet|world|life|job|week|monday)|winter|reality|everything|adulthood|mondays?|meetings?)
(?:our|my|your|their|the) (?:customers|users|clients|subscribers|people|readers|team) .. (?:unsubscribe|opt out|stop)
if (?:i|we|they|customers|people|users|you) .. (?:unsubscribe|opt out|stop)
stop (?:sending|writing|emailing|contacting) .. (?:and|just) (?:call|ring|come|ring me)
(?:nicht|ne|no|non|niet|não) .. (?:abmelden|abbestellen|désinscrire|désabonner|darme de baja|cancellarmi|uitschrijven|descadastrar)
(?:could|can|would) (?:you )?not stop (?:reading|laughing|thinking)
how (?:do|can|does) .. (?:unsubscribe|opt out)\w* (?:work|handled?|flow)
""")

# -- referral ------------------------------------------------------------------------------------

LEFT = table(r"""
# en
(?:is|am|are|was) no longer (?:with|at|employed|working|part of|in (?:this|the) (?:role|company|position)|here)|no longer (?:works?|employed|with (?:us|the company)|at (?:the company|this))|(?:has|have|had) (?:recently |now |since |already )?left (?!(?:a |you |me |us |it |the office|for|on|my desk|the building|early))\S+
(?:i )?left the (?:company|firm|organi[sz]ation|team|business|business|role|parks team|department)|(?:has|have) (?:retired|moved on|changed (?:jobs|roles|companies)|passed away|departed)|my last (?:working )?day (?:at|with|was)|(?:new|different|another) (?:role|position|job) (?:at|in|with|elsewhere)|does not work (?:here|at|for) (?:anymore|any more|any longer)
(?:has|have) taken over (?:my|his|her|this|the) (?:role|desk|position|duties|responsibilities|job)|my successor|(?:is|are) my replacement
# de
(?:nicht mehr|nicht länger) (?:bei|für|in (?:unserem|unserer|der firma|diesem)|im (?:unternehmen|hause?)|hier)(?: \S+){0,3}? (?:tätig|beschäftigt|angestellt|zuständig)|nicht mehr (?:im unternehmen|bei uns|für uns|in unserem hause?|in der firma)|(?:hat|habe|haben) (?:das unternehmen|die firma|unser haus|unser unternehmen) .{0,20}verlassen|(?:bin|ist) (?:ich )?(?:jetzt |nun |inzwischen |seit \S+ |mittlerweile )*im ruhestand|ausgeschieden|in (?:rente|pension)|mein(?:e)? nachfolger(?:in)?|meine (?:aufgaben|nachfolge|vertretung) (?:hat|übernimmt) .{2,40}(?:übernommen|übernimmt)?
# fr
ne (?:travaille|travaillons|fait|fais) plus (?:chez|pour|dans|ici|partie)|n'est plus (?:dans|chez|en poste|parmi|au sein|employé)|a quitté (?:la société|l'entreprise|notre|ses fonctions|le groupe|l'équipe)|(?:j'ai|ai) quitté (?:la société|l'entreprise|mes fonctions|le groupe|mon poste)|mon successeur|me remplace (?:désormais|définitivement)|à la retraite depuis
# es
ya no trabaj[ao] (?:aquí|en|con|para)|ya no (?:forma|está|estoy) (?:parte|en (?:la empresa|la compañía|este puesto))|(?:ha dejado|dejó|he dejado|dejé) (?:la empresa|la compañía|su puesto|mi puesto)|mi sucesor
# it
non lavor[ao] più (?:qui|in|per|presso|con)|(?:ha|ho) lasciato (?:l'azienda|la società|il suo|il mio)|non (?:fa|faccio) più parte
# nl
(?:niet meer|niet langer) (?:werkzaam|in dienst|bij ons|voor)|werkt? (?:hier )?niet meer (?:hier|bij|voor)?|(?:heeft|heb) .{0,30}(?:bedrijf|organisatie) verlaten|uit dienst|mijn opvolg(?:er|ster)
# pt
(?:já )?não trabalh[ao] mais|já não (?:trabalh[ao]|faz parte|está) .. (?:aqui|na|empresa|connosco|conosco)|(?:deixou|deixei|saiu|saí) (?:a|da) (?:empresa|companhia)
""")
HANDS_OVER = table(r"""
# en
(?:not|am not|are not|is not) the (?:right|best|correct|appropriate) (?:person|contact|one|guy)|wrong (?:person|contact|address|department|man|woman|guy|team|dave|smith)|not (?:my|our) (?:area|department|responsibility|remit|call|job|field|patch|decision|thing to decide)|i (?:do not|am not) (?:handle|deal with|look after|manage|responsible for|in charge of|involved in|the one)|not (?:responsible|in charge)
(?:right|best|correct) person (?:is|would be|to (?:talk|speak|contact|ask))|would be your (?:person|contact|man|woman)|(?:is|are) the (?:person|one|right person) (?:to|for|you|who) (?:talk|speak|this|want|need|decides|contact|that|handles)?|person you (?:want|need)(?: to)?|you (?:want|need) (?:to (?:talk|speak) (?:to|with)|to contact|my colleague)
(?:this|that|it|which) (?:sits|lives|belongs|falls|lies) (?:with|to|under) |(?:looks? after|handles?|takes? care of|deals? with|in charge of|is responsible for|owns|runs|manages) (?:this|that|these|it|such|all (?:this|of this|our|that)|our|the)(?! all\b) ?(?:\S+ )?(?:now|for us|here|these days|matters?|side|purchasing|buying|decisions?|topics?|procurement|area|stuff|things?|requests?)?
does (?:(?:this|that|it|these) (?:now|for us|here|these days)|(?:this|that)(?=\s*(?:[.,;\n]|$)))|(?:does|handles|does all) (?:the|our) (?:buying|purchasing|procurement|ordering)|who (?:owns|handles|runs|manages|looks after|deals with|is responsible for) (?:this|that|these)
(?:please |kindly |best |better |you should |just )?(?:contact|speak (?:to|with)|talk (?:to|with)|reach out to|get in touch with|write to|email|ask|address|direct .{0,25} to|send (?!.{0,12}(?:contract|paperwork|invoice|agreement|papers|order)).{0,25} to|deal with|try) (?:my (?:colleague|boss|manager|successor|replacement|assistant|partner)|our (?:head|procurement|purchasing|buyer|it|hr|finance|ceo|cto|cfo|coo|marketing|director|office|team lead|facilities|manager)|the (?:head|procurement|purchasing|buyer|owner|relevant))
deal with (?:him|her|them) directly|(?:passing|passed|handing|handed|transferred|transferring) (?:this|it|you|your (?:mail|email|message|details)) (?:on |over |along )?to (?:my|our|the|\S+ (?:in|from|at|who))|someone else (?:handles|looks after|decides|is responsible)|is (?:taking|took) over (?:from me|this|my)|(?:ask|contact|email|write to|speak to|talk to) (?:him|her|them)(?: (?:instead|directly|please|about (?:this|it|that)))?(?=\s*(?:[.!,\n]|$))|(?:has|have) taken (?:this|it) over|took this over|is now (?:responsible|in charge|your contact|handling|looking after)|no longer (?:mine|my (?:area|role|responsibility|job|department)|responsible|in charge|handle|deal|looking after)
# de
(?:nicht|bin nicht) (?:der|die) richtige (?:ansprechpartner(?:in)?|person)|falsche(?:r|n)? (?:ansprechpartner(?:in)?|person|adresse|abteilung)|nicht (?:mehr )?(?:zuständig|verantwortlich)|(?:zuständig|verantwortlich|ansprechpartner(?:in)?) (?:dafür |hierfür |für .{0,30})?(?:ist|sind|wäre)|(?:ist|sind) (?:dafür |hierfür |bei uns |jetzt |nun ){0,3}(?:für .{0,30})?(?:zuständig|verantwortlich|(?:der|die|ihr|ihre) (?:richtige |neue )?ansprechpartner)|(?:wenden sie sich|melden sie sich) (?:bitte )?(?:direkt )?(?:an|bei) (?!mir|mich|uns)|(?:kümmert|kümmern) sich (?:jetzt |bei uns |darum |um )|(?:macht|betreut|übernimmt) (?:jetzt|bei uns|das|nun)|sprechen sie (?:bitte )?(?:mit|direkt mit) (?!mir|uns)
# fr
(?:ne suis|n'est) (?:pas|plus) (?:la bonne personne|le bon (?:interlocuteur|contact)|en charge|responsable|moi qui|concerné)|(?:pas|plus) (?:la bonne personne|le bon interlocuteur|moi qui)|ne m'occupe (?:pas|plus) (?:de|du)|c'est .{2,40} qui (?:gère|s'(?:en )?occupe|est en charge|décide)|(?:merci de |veuillez |il faut |vous pouvez )(?:contacter|vous adresser à|voir avec|écrire à|joindre) (?!moi|nous)|(?:s'(?:en )?occupe|est en charge|est responsable) (?:de|du|maintenant|désormais)|je (?:lui |vous )?(?:transfère|transmets) (?:votre|ça|cela|à|au|le)?|voyez (?:ça |cela )?avec (?!moi|nous)
# es
no soy la persona|no (?:soy|es) (?:el|la) (?:responsable|encargad[oa]|adecuad[oa]|indicad[oa])|persona (?:equivocada|adecuada es|indicada es)|(?:se encarga|lo lleva|los lleva|la lleva|lleva ese tema|es (?:el|la) (?:responsable|encargad[oa])) |(?:contacte|contacten|contacta|hable|habla|escriba|escríba(?:le|les)|escríbe(?:le|les)|diríjase|póngase en contacto) (?:con|a|al) (?!nosotros|mí|migo)|escríbe(?:le|les) a
# it
non sono (?:io )?(?:la persona|il referente|il responsabile|chi)|non (?:me ne occupo|mi occupo)|se ne occupa|(?:si occupa|è (?:il|la) (?:responsabile|referente)) (?:di|del|per|adesso|ora)|(?:contatti|contattare|si rivolga|rivolgersi|scriva|scrivete|parli|parlate|sentire) (?:a|al|alla|con|il|la|l') ?(?:mio|mia|collega|sig|dott|ing|responsabile|ufficio|nostr)
# nl
(?:niet|ben niet) de (?:juiste|goede) (?:persoon|contactpersoon)|verkeerde (?:persoon|afdeling)|ga(?:at)? (?:ik|daar|hier) niet (?:over|meer over)|niet (?:meer )?verantwoordelijk|(?:neem|neemt u|u kunt) (?:contact op met|terecht bij|het beste contact opnemen met) (?!mij|ons)|(?:is|zijn) (?:hier|daar|nu|hiervoor|daarvoor) ?(?:voor )?verantwoordelijk|(?:gaat|regelt) (?:hier|daar|hierover|daarover|dat|dit) (?:over|nu|bij ons)
# pt
não sou (?:a pessoa|o responsável|a responsável|eu)|pessoa (?:errada|certa é)|(?:fale|falem|entre em contato|contacte|contate|escreva|dirija-se) (?:com|para|a|ao|à) (?!nós|comigo|connosco|mim)|quem (?:trata|cuida|decide|é responsável)|(?:é o responsável|é a responsável|trata disso|cuida disso)
""")
PASSES_ON = table(r"""
(?:cc'?d|cc'?ing|copied in|copying(?: in)?|looping in|looped in|adding|added) (?!value|up|to (?:the|my) (?:list|calendar))|(?:he|she|they) (?:is|are) (?:cc'?d|copied)|(?:have |i )?(?:forwarded|forwarding|passed|passing) (?:this|it|your (?:email|mail|message|note|details)|you)(?: on| along| over)? to|in cc|in kopie|weitergeleitet an|leite .{0,30} weiter|en copie|en copia|in copia|in de cc|em cópia
""")
NAME_AFTER = Phrases(
    r"(?:[Cc]ontact|[Ss]peak (?:to|with)|[Tt]alk (?:to|with)|[Rr]each out to|[Aa]sk|[Ee]-?mail|[Ww]rite to|[Ff]orwarded (?:this|it|your (?:mail|email|message)) to|[Pp]assed (?:this|it) (?:on )?to|[Ss]its with|[Bb]elongs (?:to|with)|lies with"
    r"|[Ss]uccessor,?(?: is)?|[Rr]eplacement,?(?: is)?|[Cc]olleague,?|[Yy]ou want|[Aa]dding|[Cc]opying(?: in)?|[Ll]ooping in|^\+|\+|[Cc]c'?ing|[Cc]ontacter|[Vv]oir avec|c'est|[Ww]enden Sie sich (?:bitte )?an|[Nn]achfolger(?:in)?(?: ist)?|[Zz]uständig ist|[Aa]ufgaben hat"
    r"|[Hh]able con|[Cc]ontacte (?:a|con)|[Ee]scriba a|[Cc]ontatti|[Rr]ivolgersi a|[Cc]ontact op met|[Ff]ale com) "
    r"((?:(?:Mr|Mrs|Ms|Dr|Herr[n]?|Frau|Mme|M|Mlle|Sr|Sra|Sig|Dott|Ing|Monsieur|Madame)\.? )?[^\W\d_a-z][\w'’-]{0,30}\.?(?: [^\W\d_a-z][\w'’-]{1,30}){0,2})"
)
NAME_BEFORE = Phrases(
    r"((?:(?:Mr|Mrs|Ms|Dr|Herr|Frau|Mme|M|Sr|Sra)\.? )?[^\W\d_a-z][\w'’-]{1,30}(?: [^\W\d_a-z][\w'’-]{1,30}){0,2})(?:, [^.,\n]{1,50},)? (?:now )?(?:looks after|handles|takes care|deals with|is in charge|is (?:now )?(?:responsible|your contact|the (?:right|best) person|the one|handling|taking over)"
    r"|owns|does (?:the|our|all)|manages|runs|has taken over|took over|is my (?:successor|replacement)|maintenant|s'en occupe|s'occupe|est en charge|kümmert sich|ist (?:dafür |hierfür |nun |jetzt )?zuständig|übernimmt|se encarga|se ne occupa|gaat hierover|in [Pp]rocurement|in [Pp]urchasing)"
)
NO_NAME = frozenset(
    "i you we he she they it this that the my our please no not yes thanks sorry hi hello who what me us him her them your".split()
)

# -- no ------------------------------------------------------------------------------------------

NO = table(r"""
# en
(?:do|does) not think (?:this|it|that) is (?:for us|for me|something for us|(?:a (?:good )?)?(?:fit|match)(?: for us)?|right for us|relevant)(?=\s*(?:[.!,;\n]|$))|not relevant (?:to|for) (?:us|me|our \w{1,20})(?=\s*(?:[.!,;\n]|$))|(?:will|are going to|shall) (?:stick|stay) with what we have(?=\s*(?:[.!,;\n]|$))|(?:will|shall) not be (?:requiring|needing|wanting|using) (?:your|any|the) [\w'-]{1,20}(?=\s*(?:[.!,;\n]|$))|not something (?:we|i) (?:would be|are|am) interested in(?=\s*(?:[.!,;\n]|$))|opted for (?:an? )?(?:in-house|internal|other|another|different) [\w'-]{1,20}(?=\s*(?:[.!,;\n]|$))|not looking to (?:change|switch|replace) (?:our )?(?:suppliers?|vendors?|providers?|systems?|anything)(?=\s*(?:[.!,;\n]|$))|(?:can|could) not use (?:this|it|that)(?=\s*(?:[.!,;\n]|$))
(?:unable|not able) to (?:accept|proceed with|take up) (?:your|the|this) [\w'-]{1,20}|(?:proposal|offer|bid|quote|quotation|tender) (?:was|has|is) not (?:been )?(?:selected|chosen|successful|accepted)|(?:board|boss|owners?|directors?|committee|management|head office|ceo|cfo|wife|husband|partner|partners|council) (?:has |have )?said no(?=\s*(?:[.!,;\n]|$))|(?:project|purchase|tender) (?:has been|was|is) (?:cancelled|canceled|dropped|scrapped|abandoned)|(?:do|does) not need (?:the|your|an?|any) [\w'-]{1,20} (?:any ?more|any longer)|(?:there is |(?:we|i) have |have )?no need for (?:an?|any|your|another) (?!meeting|call|demo|visit|discussion|reminder|reply|change|apolog|training|further|more|other)[\w'-]{1,20}(?=\s*(?:[.!,;\n]|$))|(?:it |that )?was not you(?=\s*(?:[.!,;\n]|$))|(?:it |that )?was not you i am afraid|(?:just|only|but|though) not with you(?=\s*(?:[.!,;\n]|$))|(?:the|this|our|your) file is closed|withdraw(?:ing)? from (?:the|this|your) (?:process|tender|deal|project|negotiations?|talks|evaluation|bid\w*)
not (?:really |at all |personally |actually )?interested|no interest|(?:not|is not|it is not) (?:of interest|for us|for me|something (?:for us|we (?:need|want|would))|a (?:good )?fit(?: for us)?|what we (?:are looking for|need))|not a (?:match|good match|fit|good fit)
no,? thanks|no,? thank you|no thanks|thanks,? (?:but )?no(?: thanks)?(?=\s*(?:[.!,\n]|$))|nope,? thanks|nah,? thanks
(?:we|i)(?: will| are going to| are gonna| have decided to| would)? ?(?:have to )?(?:respectfully |kindly |politely )?(?:pass|decline)(?: on (?:this|it|that|your \S+))?(?=\s*(?:[.!,\n]|$|on\b|and\b|thanks\b|this (?:one|time)\b))|(?:going to|will|have to|must) (?:pass|decline|say no|turn (?:this|it|you) down)(?=\s*(?:[.!,\n]|$|on\b|and\b|thanks\b|this (?:one|time)\b|to (?:this|it|that|your)\b))|hard pass|it is a (?:no|pass)(?: from (?:us|me|our side))?(?=\s*(?:[.!,\n]|$|from\b))|(?:that|this) is a no(?=\s*(?:[.!,\n]|$|from\b))|a (?:firm|hard|clear|definite) no
(?:decided|chosen|opted) (?:not to|against)|(?:stay|staying|stick|sticking|remain|remaining) with (?:our|the|my) (?:current|present|existing|old) (?:[\w'-]{1,20})|decided to (?:go (?:with|for) (?:another|someone|somebody|a different|the other|a competitor)|(?:stay|stick|remain) with(?: (?:our|the|my) (?:current|present|existing|old) [\w'-]{1,20})?|pass|decline|cancel|drop)
(?:have |has )?(?:gone|going|went|go) (?:with|for) (?:another|someone|somebody|a different|the other|a competitor|your competitor|one of your competitors) ?(?:else|vendor|supplier|provider|company|solution|offer|firm|option|product|tool|agency|bidder|partner)?
(?:have |has )?(?:chosen|selected|picked|signed with|bought from|signed up with|awarded .{0,30}to|gave .{0,30}to) (?:another|someone|somebody|a different|the other|a competitor|(?:one of )?your competitors?|one of your rivals) ?(?:else|vendor|supplier|provider|company|firm|party|bidder)?
(?:will|shall|are|is|am) not (?:be )?(?:moving forward|going forward|going ahead|proceeding|move forward|go ahead|proceed|taking (?:this|it) (?:any )?further|take (?:this|it) (?:any )?further|pursuing|pursue|renewing|renew|buying|purchasing|ordering|going to (?:do|buy|sign|go ahead|proceed|happen|order|need|use|pursue|renew|take)|signing)
(?:can|could) not go ahead|not go(?:ing)? to happen|never going to happen|(?:do|does|did|will) not (?:need|require|want) (?:this|it|that|your [\w'-]{1,20}|any(?: of (?:this|it|that))?|one|another(?: one)?)|no need(?: for (?:this|it|that|your|a|an|any))?(?=\s*(?:[.!,\n]|$|for\b|thanks\b))|(?:have|we have|there is|i have) no need|will not be needing (?:it|this|that|any|the [\w'-]{1,20}|your [\w'-]{1,20})|no use for
(?:rejected|turned down|voted against|vetoed|killed|cancelled|canceled) (?:the |your |this |it|our )(?:proposal|project|offer|budget|idea|deal|purchase|plan|request)?|withdraw(?:ing)? from (?:the|this)|(?:please )?close (?:the|my|our|this) file|consider (?:this|the matter|it) closed|the answer is no|we (?:must|have to) say no|our answer is no
(?:far |way |much |simply |just )?too (?:expensive|costly|pricey) for us(?=\s*(?:[.!,\n]|$|so\b|and\b))|(?:happy|satisfied|fine|covered|all set|good) with (?:our|the|what|who|my) (?:current|existing|present|we)|(?:already|we) have (?:a|an|our own) .. (?:supplier|vendor|provider|solution|partner|system|tool|agency) (?:for this|and (?:are|we are) (?:happy|satisfied))|we are (?:all )?(?:set|sorted|covered)(?=\s*(?:[.!,\n]|$|thanks\b))
# de
kein(?:e|en)? (?:weiteres |grundsätzliches )?(?:interesse|bedarf)(?: daran| an)?|nicht interessiert|nein,? danke|danke,? nein(?=\s*(?:[.!,\n]|$))|nichts für (?:uns|mich)|(?:nicht|kein) (?:passend|das richtige|thema) für uns|(?:für|bei) uns (?:leider )?(?:nicht|kein) (?:interessant|relevant|thema|infrage|in frage)|für (?:einen anderen|eine andere|einen mitbewerber|ein anderes|den wettbewerb)(?: \S+){0,2}? entschieden|(?:gegen .{0,40} |dagegen )entschieden|(?:wir|ich) (?:müssen|möchten|werden|muss|möchte) .{0,40}absagen|sagen (?:wir )?(?:leider )?ab(?=\s*(?:[.!,\n]|$))|(?:brauchen|benötigen|brauche|benötige) (?:wir |ich )?(?:das |es |so etwas |sowas |dies )?(?:leider )?(?:nicht|keine?n?)(?=\s|[.!,]|$)|kommt (?:für uns |bei uns )?(?:leider )?nicht (?:in frage|infrage)|(?:nehmen|lehnen) (?:wir )?(?:ihr |das )?(?:angebot )?(?:leider )?(?:abstand|ab)(?=\s*(?:[.!,\n]|$))|nicht (?:weiter )?(?:weiterverfolgen|verfolgen)|zu teuer für uns|bleiben (?:wir )?bei unserem (?:jetzigen|bisherigen|aktuellen) [\w'-]{1,20}
# fr
pas (?:du tout )?intéressée?s?|(?:ne )?(?:suis|sommes|serons) pas intéressée?s?|non,? merci|merci,? (?:mais )?non(?=\s*(?:[.!,\n]|$))|ne (?:nous |m')?intéresse pas|(?:ne |n')(?:donnerons|donnerai|donnons|allons) pas (?:de )?(?:suite|donner)|pas (?:donner|de) suite|(?:avons|ai|a) (?:choisi|retenu|opté pour|signé (?:avec|chez)) un autre (?:prestataire|fournisseur)?|(?:pas|plus|aucun) besoin(?: de)?|(?:signé|choisi|opté|retenu|commandé|partis?)(?=[ !.,]).{0,25} (?:chez|avec|pour) (?:votre|vos|un de vos|l'un de vos|la) (?:concurrents?|concurrence)|(?:nous|je) (?:déclinons|décline|refusons|refuse)|sans suite|trop cher pour nous|pas pour nous
# es
no (?:me |nos |le )?interesa|no (?:estoy|estamos) interesad[oa]s?|no,? (?:muchas )?gracias|gracias,? pero no(?=\s*(?:[.!,\n]|$))|no (?:lo |la )?necesit(?:o|amos)|(?:hemos|he) (?:elegido|optado por|contratado (?:a|con)|decidido (?:no|ir con)) ?(?:otr[oa])?|nos hemos ido con otr[oa]|(?:no vamos a|no) (?:seguir|seguiremos|avanzar|avanzaremos|continuar|continuaremos|contratar)(?: adelante)?|no es para nosotros|descartamos|demasiado caro para nosotros
# it
non (?:mi |ci |vi )?interessa|non (?:siamo|sono) interessat[oi]|no,? grazie|grazie,? (?:ma )?no(?=\s*(?:[.!,\n]|$))|non (?:ne )?(?:abbiamo|ho) bisogno|abbiamo (?:scelto|deciso (?:di (?:non (?:procedere|proseguire|andare avanti)|lasciamo perdere)|per un altro))|scelto un altro|non (?:procediamo|procederemo|proseguiremo|andremo avanti)|non fa per noi|lasciamo perdere|troppo caro per noi
# nl
geen (?:interesse|belangstelling|behoefte)(?: in| aan)?|niet (?:geïnteresseerd|voor ons|nodig)|nee,? (?:dank|bedankt|dankje|dank u|dank je)(?: \S+)?|(?:gekozen|kiezen|gegaan) voor (?:een ander|een andere)|(?:gaan|zien) (?:er |hier )?(?:niet (?:mee )?(?:verder|op in)|vanaf|er vanaf)|zien (?:er |hier )?(?:van ?af)|te duur voor ons|wordt (?:hem |'m )?(?:niks|niets)(?: meer)?
# pt
não (?:tenho|temos|há|tem) interesse|não (?:me |nos )?interessa|não (?:estou|estamos) interessad[oa]s?|não,? obrigad[oa]|obrigad[oa],? mas não(?=\s*(?:[.!,\n]|$))|não (?:vamos|iremos) (?:avançar|seguir|prosseguir|continuar|contratar|fechar)|(?:escolhemos|optamos por|fechamos com|contratamos) outr[oa]|não (?:precisamos|preciso|necessitamos)|não é para nós|(?:acabei |acabamos |estou |estamos )?desist(?:i|imos|indo) d[oae] [\w'-]{1,20}|caro demais para nós
# sv da no pl
(?:vi |jag )?tackar nej(?: till [\w'-]{1,20})?|inte intresserade?|ikke interesseret|ikke interessert|nej tack|nej tak|nie (?:jesteśmy|jestem) zainteresowan\w+|nie,? dziękuj\w+
""")
POLITE_NO = Phrases(
    r"(?:no|nope|nah|nein|non|nee|não),? (?:thanks|danke|merci|(?:muchas )?gracias|grazie|dank\S*(?: \S+)?|bedankt|obrigad[oa])",
    re.IGNORECASE,
)
DECIDED = Phrases(r"\b(?:bought|signed|went|gone|chosen|picked|selected|awarded)\b", re.IGNORECASE)
WHEN_DECIDED = Phrases(
    r"^ (?:(?:back )?in (?:january|february|march|april|may|june|july|august|september|october|november|december|spring|summer|autumn|winter)|last (?:week|month|year|spring|summer|autumn|winter))\b",
    re.IGNORECASE,
)
OTHERS = Phrases(
    r"\b(?:they|he|she|you|others|somebody|someone|competitors?|friends?|neighbou?rs?|customers?)(?: (?:have|has|had|all|just|also|recently))?\s*$"
)
FINAL = table(r"""
(?:gone|went|going|decided to go) with (?:another|someone|somebody|a different|the other|a competitor)|(?:signed|bought|chosen|chose|selected|picked|awarded) .. (?:another|someone|somebody|competitor|else)|rejected|never (?:going|will|again|ever|happen|interested|work\w*|buy)|it never|ever again|for good|final|that is final|vetoed|killed|closed down|closing down|endgültig|grundsätzlich|définitivement|definitivamente|definitivamente no|definitief|entschieden
""")
ALONE_NO = Phrases(
    r"(?:no|nope|nah|nein|nö|nee|non|não|nej|nie|no sorry|sorry,? no|no,? sorry|pass|hard pass|pass on this one|i pass|we pass|leider nein|nein,? leider(?: nicht)?|non,? désolée?|not really)"
)
REASONS = (
    (
        "trust",
        table(
            r"bad (?:reviews|experience)|(?:do|does) not (?:feel comfortable|trust)|breach|trust(?:worthy)?|scam|reputation|vertrauen|confiance|confianza|fiducia|vertrouwen|confiança"
        ),
    ),
    (
        "competitor",
        table(
            r"""(?:with|from|to|chose|chosen|picked|selected) .. (?:someone|somebody) else|(?:another|a different|other|current|existing|present|our) (?:vendor|supplier|provider|solution|agency|company|partner|tool|bidder)|competitor\w*|competition|elsewhere|not with you|(?:was|is) not you|signed with|tied (?:in|into)
        |ander(?:en|er|e|es) (?:anbieter|lieferant\w*|dienstleister|lösung|firma)|mitbewerber|wettbewerb\w*|autre (?:prestataire|fournisseur|société)|concurren\w+|otr[oa] (?:proveedor|empresa|compañía|solución)|competencia|altro (?:fornitore|partner)|altra (?:azienda|soluzione)|concorren\w+|(?:een )?andere? (?:leverancier|partij|aanbieder)|outr[oa] (?:fornecedor|empresa)|konkurencj\w+""".replace(
                "\n", ""
            ).replace("        ", "")
        ),
    ),
    (
        "budget",
        table(
            r"budgets?|no money|funding|funds|grant|penny|spending freeze|cost freeze|financial year|fiscal year|fy|budget\w*|haushalt\w*|mittel|presupuesto|verba|orçamento|begroting|subvention"
        ),
    ),
    (
        "price",
        table(
            r"(?:too |very |so )?(?:expensive|pricey|costly|steep)|(?:the |your )?price|pricing|cheaper|half (?:the|of)|for half|too much|costs? too much|zu teuer|preis\w*|trop (?:cher|chère)|prix|demasiado caro|caro|precio|troppo caro|costa troppo|prezzo|te duur|prijs|preço"
        ),
    ),
    (
        "authority",
        table(
            r"(?:the |my |our )?(?:board|boss|owners|hq|headquarters|management|committee|director|head office|chef|cfo|ceo) .. (?:decided|rejected|vetoed|killed|said|needs|must|has|voted|will)|not (?:my|our) (?:call|decision)|sign[- ]?off|centrally|group hq|vetoed|der chef|vorstand|geschäftsführung|direction|dirección|direzione|directie"
        ),
    ),
    (
        "no_need",
        table(
            r"(?:do|does|did|will) not (?:need|require)|no (?:longer )?need|not needed|no use|no longer (?:need|relevant|required)|plenty|all set|sorted|covered|(?:is|are) closing(?: down)?|outsourced|kein(?:en)? bedarf|brauchen|benötigen|(?:plus|pas|aucun) besoin|no (?:lo )?necesit\w+|non (?:ne )?(?:abbiamo|ho) bisogno|niet nodig|geen behoefte|não precis\w+|no interest in having"
        ),
    ),
    (
        "timing",
        table(
            r"busy|swamped|snowed under|on hold|bad time|not the (?:right|best) time|too early|hectic|merger|crazy|madness|no time|season|move|relocation|postponed|parked|zeitlich|keine zeit|gerade viel|stress|pas le (?:bon )?moment|débordée?s?|no es (?:buen )?momento|liados?|non è il momento|druk|geen tijd|sem tempo|peak"
        ),
    ),
)

# -- later ---------------------------------------------------------------------------------------

LATER = table(r"""
# en
not (?:right |just )?(?:now|yet)|not (?:at|for) (?:the|this) (?:moment|time|point|stage)|not at present|not this (?:quarter|year|month|week|semester|term)|maybe (?:later|next|in)|perhaps (?:later|next|in)|(?:some|another) (?:other )?time|too (?:early|soon)|(?:bad|wrong|not a good|not the best|not the right|not good) (?:time|timing|moment)
(?:speak|talk|chat|reconnect|touch base|be in touch|in touch|try|ask) again|(?:come|get) back to (?:me|us) (?:then|later)|(?:let us|we can|we will) (?:talk|speak|reconnect|revisit|pick it up) (?:again|then|later)|pick (?:this|it) up again
(?:circle|check|come|swing|loop|get|reach|report|write|call|ping) (?:back|in)(?: (?:to|with) (?:me|us|you))? ?(?:again )?(?:in|after|next|later|once|when|around|then|on|towards|at|early|mid|end|sometime)|(?:i|we)(?: will| would| shall)? (?:get|come|circle|be) back (?:to you|in touch|with you)|(?:let me|i will|we will|i have to|we have to|need to|i need to|we need to|want to|let us) (?:get back|come back|think|sleep on|mull|discuss|check (?:with|internally)|talk (?:to|it over|this over) |run (?:it|this) (?:by|past)|consult|review|digest|look into|consider|confirm internally)
(?:contact|call|ping|email|mail|try|ask|reach out|write|get in touch|touch base|follow up|reconnect|revisit|talk|speak|chat|pick (?:this|it) (?:back )?up|come back|remind|catch up|regroup|resume)(?: (?:to|with))?(?: (?:me|us|you|this|it))?(?: (?:again|back|about this|on this|then))* ?(?:in|after|next|later|once|when|around|on|towards?|at the|early|mid|end of|sometime|again in|then)(?! (?:person|touch|detail|regards?|general|mind|case|order|short|writing|full|the (?:phone|same)|this (?:address|number)|time))
(?:on|put .{0,20}on) (?:hold|ice|pause|the back ?burner)|(?:postponed|parked|deferred|delayed|shelved|pushed (?:back|out)|paused)|(?:in|until|till|by|from|after|before|for|towards) (?:the )?(?:early |late |mid |end of |beginning of |start of )?(?:q[1-4]|next (?:year|quarter|month|week|season|fiscal|spring|summer|autumn|fall|winter)|new year|(?:the )?(?:summer|autumn|fall|winter|spring)(?: break| holidays)?|january|february|march|april|june|july|august|september|october|november|december)
next (?:year|quarter|month|season|fiscal year|financial year|spring|summer|autumn|fall|winter)|later (?:this|in the|next) (?:year|month|quarter|week|summer|autumn)|in (?:a|one|two|three|four|five|six|a few|a couple of|some|several|\d{1,2}) (?:weeks?|months?|days?|quarters?)(?: time)?|in due course|down the (?:road|line)|when (?:things|the dust|it) (?:calm|settle|quieten|quiet|slow|start)\w*|(?:the )?dust has settled|once (?:the|we|i|our|things|it)|until (?:the|we|our|then|after)|keep (?:me|us) in mind|keep (?:in touch|me posted)
(?:still|currently) (?:deciding|reviewing|discussing|evaluating|considering|thinking|comparing|waiting|in discussions?)|(?:will|shall) (?:let you know|be in touch|keep you posted|reach out|revert|shout|give you a (?:call|shout)|update you|come to you|contact you)|need (?:some |a bit |a little )?(?:more )?time|give (?:me|us) .{0,15}(?:time|days?|weeks?|months?|until)|(?:new |next )?budget .. (?:opens|open|available|approved|cycle|round|is (?:not|frozen|gone)|frozen)|no (?:budget|money|capacity|time|bandwidth) (?:left|right now|this|until|at the moment|for this year|now)|nothing can happen before|(?:very|too|so|super|extremely|really|crazy|pretty) busy|swamped|snowed under|up to my (?:neck|eyes|ears)
# de
(?:nicht jetzt|jetzt nicht|noch nicht|derzeit nicht|aktuell nicht|momentan nicht|im moment nicht|zur ?zeit nicht|zurzeit kein\w*|derzeit kein\w*|aktuell kein\w*|momentan kein\w*|im moment kein\w*|gerade nicht)|(?:später|zu einem späteren zeitpunkt|nächstes jahr|nächsten monat|nächste woche|nächstes quartal|kommenden monat|im (?:neuen|nächsten|kommenden) jahr|im (?:januar|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember|frühjahr|sommer|herbst|winter)|(?:in|nach) (?:ein paar|zwei|drei|vier|sechs|einigen|\d+) (?:tagen|wochen|monaten)|in kw \d+|nach (?:ostern|weihnachten|pfingsten|den ferien|dem urlaub))
(?:melde|melden) (?:ich |wir )?(?:mich|uns)(?: bei ihnen| wieder| dann| nochmal| zurück)*|melden sie sich .{0,30}(?:wieder|noch ?mal|erneut|nach|im|ende|anfang)|(?:rufen|schreiben|kontaktieren) sie .{0,40}(?:nochmal|noch einmal|wieder|erneut)|komme(?:n)? (?:ich |wir )?(?:auf sie|wieder auf)|(?:muss|müssen|möchte|lassen sie) .{0,30}(?:besprechen|abklären|klären|rücksprache|prüfen|überlegen|drüberschauen)|(?:auf eis|zurückgestellt|verschoben|vertagt)|noch-nicht|keine zeit|viel zu tun|land unter|erst (?:im|nach|ab|wieder|in|ende|anfang)
# fr
pas (?:maintenant|encore|pour (?:le moment|l'instant)|en ce moment|tout de suite|cette année|ce trimestre)|plus tard|(?:l'année|le mois|la semaine|le trimestre) prochaine?|(?:revenez|revenir|recontactez|recontacter|rappelez|rappeler|relancez|relancer|reprenons|reparlons|recontactons)(?:-moi|-nous| vers| avec| moi)? .{0,30}(?:en|à|après|dans|début|fin|courant|le|mi-|d'ici|au)|(?:je|nous) (?:vous )?(?:reviens|reviendrai|reviendrons|recontacte|recontacterai|tiens au courant|tiendrai)(?: vers)?|reviens vers|après (?:les vacances|l'été|pâques|noël|la rentrée)|à la rentrée|en (?:janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre)|dans (?:quelques|deux|trois|\d+) (?:jours|semaines|mois)|laissez-moi|(?:en attente|en suspens|reporté|décalé|gelé)|rien ne bouge avant|pas le (?:bon )?moment|débordée?s?
# es
(?:ahora no|no ahora|por ahora no|de momento no|todavía no|aún no|en este momento no|por el momento no|no es (?:buen|el) momento)|más (?:adelante|tarde)|(?:el (?:próximo|año|mes)|la (?:próxima|semana)) .{0,12}(?:año|mes|trimestre|semana|que viene|próximo)|(?:escríbame|escríbeme|llámeme|llámame|contácteme|contáctame|vuelva|vuelve|hablamos|retomamos|retomémoslo|hablemos) .{0,30}(?:en|después|dentro|a partir|tras|cuando|el|la)|(?:le|te|os|les) (?:aviso|avisaré|digo|diré|confirmo|escribo|llamo|comento)|en (?:enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre)|después de(?:l)? (?:verano|vacaciones|semana santa|navidad)|dentro de|déjeme|déjame|en espera|aplazado|pospuesto
# it
(?:non (?:ora|adesso|ancora|in questo momento|al momento|per il momento|quest'anno)|per (?:ora|il momento) no|al momento (?:no|non)|più (?:avanti|tardi)|(?:il|la) prossim[oa] (?:anno|mese|settimana|trimestre)|(?:mi|ci) (?:ricontatti|risenta|richiami|riscriva|faccio|faremo)|(?:la|vi|ti|le) (?:ricontatto|richiamo|faccio sapere|aggiorno|farò sapere)|ne riparliamo|risentiamoci|sentiamoci .{0,20}(?:a|in|dopo|tra)|(?:a|in) (?:gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|settembre|ottobre|novembre|dicembre)|dopo (?:le ferie|l'estate|pasqua|natale)|(?:tra|fra) (?:qualche|due|tre|\d+)|in sospeso|rimandat[oa]|rinviat[oa])
# nl
(?:nu (?:even )?niet|niet nu|nog niet|op dit moment niet|momenteel niet|even niet|later|volgend(?:e)? (?:jaar|maand|week|kwartaal)|(?:kom|komen|neem|nemen) .{0,20}(?:terug|contact op)|(?:kom|neem|bel|mail|probeer) (?:me|mij|ons|dan|maar|even|het|u|er) .{0,20}(?:in|na|over|volgend\w*)|op terug(?:komen|te komen)?|terugkomen|in (?:januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december)|na de (?:zomer|vakantie|feestdagen)|over (?:een paar|twee|drie|\d+) (?:weken|maanden|dagen)|laat .{0,10}(?:weten|horen)|moet .{0,20}(?:overleggen|bespreken)|in de wacht|uitgesteld|te druk)
# pt
(?:agora não|ainda não|não (?:agora|neste momento|de momento|no momento|este ano)|neste momento não|de momento não|por enquanto não|mais (?:tarde|para a frente)|(?:no próximo|na próxima) (?:ano|mês|semana|trimestre)|ano que vem|mês que vem|volte a|(?:volto|voltamos|voltaremos) a (?:contactar|falar|entrar)|(?:fale|falamos|contacte|contate|ligue) .{0,25}(?:em|depois|daqui|após)|em (?:janeiro|fevereiro|março|abril|maio|junho|julho|agosto|setembro|outubro|novembro|dezembro)|daqui a|depois d[aeo]s? (?:férias|verão|páscoa|natal)|dou(?:-lhe)? (?:notícias|retorno)|em espera|adiad[oa])
""")

# -- yes -----------------------------------------------------------------------------------------

YES = table(rf"""
# en
(?:(?:we|i) )?(?:(?:are|am) )?(?:happy|pleased|delighted|glad|want|would like|kindly|please|needful and) (?:to )?(?:go ahead|proceed|move forward|start) with (?:the|your) (?!quot|question|detail|info|demo|slide|test|compar|pric|sample|evaluation|office|party|tender|next|review|research|discussion|talk|other|draft|survey|audit)[\w'-]{{1,20}}(?: [\w'-]{{1,20}})?(?=\s*(?:[.!,\n]|$|as per\b))
(?:happy|pleased|delighted|glad) to (?:accept|confirm|go ahead|sign|proceed)(?: (?:your|the) (?:contract|agreement|offer|quote|quotation|order|paperwork|papers|proposal))?(?: for (?:the|our) [\w'-]{{1,20}})?
(?:we|i) (?:are|am) going ahead(?=\s*(?:[.!,\n]|$|with (?:it|this|you|your)\b))|(?:we|i) (?:are|am) going with you(?=\s*(?:[.!,\n]|$))|(?:chosen|picked|selected|go with|gone with) you(?=\s*(?:[.!,;\n]|$))|(?:we|i) will take (?:it|them|both|one|two|three|four|five|ten|\d{{1,4}}|the lot)(?: of them)?(?=\s*(?:[.!,;\n]|$))|book (?:me|us) in(?: for)?
(?:yes|sure|ok|okay|absolutely|great)[ ,!.]+(?:please )?let us (?:talk|meet|speak|chat|have a (?:call|chat)|set up a (?:call|meeting))|(?:please )?(?:suggest|propose) (?:a|some|two|a few) (?:times?|dates?|slots?)(?: for (?:a|the) (?:call|meeting|demo))?|(?:i|we) will send (?:you |over )?(?:the|an?) (?:(?:zoom|teams|meet)(?: link| invite| invitation)?|(?:calendar|meeting|video) (?:link|invite|invitation)|invite|invitation)(?=\s*(?:[.!,;\n]|$))
(?:i|we)(?: have)?(?: just| now)? signed (?:it|(?:the|your) (?:contract|agreement|offer|quote|quotation|order|paperwork|papers|proposal))(?! (?:in|last|on|two|a|back|for)\b)|^just signed (?:it|(?:the|your) (?:contract|agreement|offer|quote|quotation|order|paperwork|papers|proposal))|attached (?:is |are |you will find |please find )?(?:the|our|your) signed (?:contract|agreement|offer|quote|quotation|order|paperwork|papers|proposal)|attached is (?:the|our) (?:purchase order|po)(?=\s*(?:[.!,;\n]|$))|purchase order (?:is )?attached|(?:consider this|this is|take this as) (?:as )?(?:our|my) (?:formal |written |official )?(?:acceptance|order)(?: of (?:the|your) (?:contract|agreement|offer|quote|quotation|order|paperwork|papers|proposal))?(?=\s*(?:[.!,;\n]|$))
^approved[.,!]? (?:please|kindly) (?:process|proceed|go ahead|invoice)(?=\s*(?:[.!,;\n]|$))|(?:has|have) given (?:us |me |you )?(?:the |their |its )?(?:go-ahead|green light)
(?:we|i) (?:would like|want|wish) to (?:order|buy|purchase) (?:the|your|both|one|two|three|four|five|ten|\d{{1,4}}|an?) (?!sample|catalog|brochure|demo|copy|test|trial)(?:[\w'-]{{1,20}} ){{0,2}}[\w'-]{{1,20}}(?=\s*(?:[.!,\n]|$))
(?:let us|we will|i will|we would like to|happy to|we want to|ready to|good to|like to|we can|you can|please|yes|ok|okay|sure|absolutely|great|perfect|fine|all good|looks good|do|kindly)[, ]+(?:please )?(?:go ahead|proceed|move forward|move ahead|get started|do (?:it|this)|start|sign|book (?:it|both|them|(?:us|me)(?: in(?: for)?)?)|make it happen|get this (?:started|going|done)|go for it|kick (?:this )?off)
go for it|go ahead|(?:you )?(?:have|got|gave) .. (?:green light|go-ahead)|green light|count (?:me|us) in|(?:i am|we are|am|are) (?:in|on board|sold|all in)(?=\s*(?:[.!,\n]|$))|sign (?:me|us) up|(?:it is|you have|we have|that is|yourself) a deal|deal!|you are hired|consider it (?:done|a yes)|(?:that|it|this) is a (?:yes|go)(?=\s*(?:[.!,\n]|$|from\b))|(?:a )?(?:big|definite|clear|resounding) yes
(?:please |kindly )?(?:send|share|email|forward|mail)(?: (?:me|us|over|through|across)){{0,4}}(?: over| through| across)? (?:the|your|a|that) (?:contract|agreement|order form|paperwork|invoice|docusign|po form|sow|engagement letter|papers)(?: (?:over|through|across))?|contract please|(?:where|ready) (?:do i|to) sign|(?:have |has been |is |i )?(?:just )?signed (?:the|your|and (?:returned|attached))|(?:signed|countersigned) (?:copy|contract|agreement|quote|order) (?:is )?attached|order confirmed|(?:please )?(?:raise|process|place) (?:the|our|an|it) ?(?:order)?(?=\s*(?:[.!,\n]|$))|(?:we|i) (?:would like|want|wish) to (?:order|buy|purchase|sign up|subscribe|start|proceed|book)(?! (?:more|a question))|po (?:number )?(?:is )?(?:attached|number|no)
(?:we|i) (?:accept|agree|approve|confirm)(?: (?:the|your|to the|this) (?:offer|proposal|quote|terms|price|order|date|time|slot|meeting))|(?:offer|proposal|quote) (?:is )?(?:accepted|approved)|(?:we have|have|has) (?:approved|accepted|signed off)(?: on)? (?:the|your) (?:project|proposal|offer|quote|order)
{DAY}(?: (?:at|,|morning|afternoon|the|of|{DAY})){{0,4}}(?:[ ,](?:\S{{1,12}} )?)?(?: ?(?:works|suits|it is|is (?:fine|good|great|ok|okay|perfect|ideal|best)|would (?:work|be (?:fine|good|great|perfect|ideal|lovely))|sounds (?:good|great|perfect)|fits|confirmed))(?: (?:well|fine|best|great|perfectly|for (?:me|us)))?
(?:that|this|the|your|which|it) (?:time |slot |date |day )?(?:works|suits)(?: (?:well|fine|great|perfectly))?(?: for (?:me|us))?|(?:see|speak to|talk to|meet) you (?:on |at |then|{DAY})|(?:have |i have |just )?(?:booked|accepted|picked|grabbed|confirmed) (?:a |the |your |our )?(?:slot|time|meeting|call|demo|invite|invitation)|(?:put|pencil|pop) (?:me|us|it) (?:in|down)(?: for)?|(?:stop|drop|come|swing) by (?:on )?{DAY}|looking forward to (?:our |the )?(?:call|meeting|demo|working (?:with you|together)|getting started|{DAY})|(?:let us|shall we) (?:meet|talk|speak|do|say) (?:on |at )?{DAY}|(?:send|shoot) (?:me |us )?(?:an? |the )?(?:calendar |teams |zoom |meeting )?(?:invite|invitation)
# de
(?:machen wir(?: so)?|so machen wir(?: es|'s)?|einverstanden|wir nehmen (?:das|ihr) angebot(?: gerne| gern)? an|(?:hiermit )?erteilen wir ihnen|auftrag erteilt|wir (?:bestellen|beauftragen|unterschreiben|sind dabei|möchten (?:bestellen|starten|loslegen|beauftragen))|ich bin dabei|legen sie los|dann los|(?:schicken|senden) sie (?:mir|uns)? ?(?:bitte )?(?:den|die|das) (?:vertrag|auftragsbestätigung|unterlagen zur unterschrift|auftrag)|{TAG}(?: um| ,|,| \d\S*| uhr){{0,4}}(?: \S{{1,10}})? (?:passt|geht|ist (?:gut|super|perfekt|in ordnung|ok|prima))|(?:passt|geht) (?:mir|uns|bei mir|bei uns|gut|super|perfekt)|termin (?:passt|bestätigt|steht)|ja,? (?:gerne|gern|bitte|machen|passt|unbedingt)|(?:freigegeben|genehmigt) (?:und|,)|(?:haben )?(?:uns|mich) für sie entschieden|bestellung bestätigt|hiermit bestelle[n]?)
# fr
(?:c'est d'accord|nous (?:acceptons|validons|confirmons|signons|sommes partants)|je (?:valide|confirme|signe|suis partante?|prends)|on (?:y va|signe|valide|prend|fonce)|allez-y|(?:envoyez|envoie|transmettez)(?:-moi|-nous)? le (?:contrat|bon de commande|devis (?:à signer|final))|bon pour accord|devis signé|contrat signé|marché conclu|{JOUR}(?: à| \d\S*| h){{0,4}} (?:me|nous)? ?(?:convient|va|est (?:parfait|bon|ok)|parfait|c'est (?:bon|parfait))|(?:ça|cela|ce créneau) (?:me|nous) (?:convient|va)|oui,? (?:avec plaisir|volontiers|allez-y|bien sûr|pourquoi pas demain)|(?:un )?grand oui|vous pouvez (?:reconduire|lancer|commencer|démarrer|y aller))
# es
(?:adelante|de acuerdo,? (?:adelante|procedemos)|aceptamos|acepto (?:la|su|el)|confirmamos|confirmo (?:la|el|su)|seguimos adelante|vamos adelante|cuente con nosotros|cuenten con nosotros|contad con nosotros|nos apuntamos|me apunto|(?:envíeme|envíame|envíenos|mándeme|mándame|mándanos|envíen|manden) el (?:contrato|pedido)|trato hecho|{DIA}(?: a las| \d\S*){{0,4}} (?:me|nos)? ?(?:viene bien|va bien|perfecto|es perfecto|me encaja|encaja)|(?:me|nos) (?:viene|va) (?:bien|perfecto)|sí,? (?:adelante|por favor|claro|perfecto)|firmamos|pásalo ya)
# it
(?:procediamo|procedete|procedi pure|proceda(?: pure)?|accettiamo|accetto (?:la|il)|confermiamo|confermo (?:il|la|l')|va bene,? (?:procediamo|mandi|inviate)|ci stiamo|affare fatto|(?:mandi|mandami|mandatemi|inviate|inviatemi|invii|mi mandi)(?: pure)? il contratto|{GIORNO}(?: alle| \d\S*){{0,4}} (?:va bene|per me va bene|perfetto|mi va bene|ci va bene)|sì,? (?:grazie|volentieri|procediamo|va bene|certo)|firmiamo)
# nl
(?:akkoord|ga (?:maar )?(?:je |uw )?gang|we gaan (?:ervoor|akkoord|verder)|doe maar|begin maar|(?:stuur|stuurt u) (?:me |mij |ons )?(?:maar )?(?:het contract|de overeenkomst|de opdrachtbevestiging)|we doen het|ik doe mee|{DAG}(?: om| \d\S*){{0,4}} (?:is (?:prima|goed|ok|perfect)|past|schikt|komt goed uit|prima)|ja,? (?:graag|prima|akkoord|doe maar|is goed)|wij bestellen|hierbij (?:bestel|bevestig))
# pt
(?:podemos avançar|pode avançar|vamos (?:avançar|fechar|em frente)|aceitamos|aceito (?:a|o)|confirmamos|confirmo (?:o|a)|de acordo,? (?:pode|avance)|conte conosco|contem connosco|(?:envie|mande|manda|envia)(?:-me|-nos)? o contrato|fechado|{DIA}(?: às| \d\S*){{0,4}} (?:está (?:ótimo|bom|perfeito)|funciona|pode ser|perfeito)|sim,? (?:por favor|claro|pode|vamos|com certeza)|negócio fechado)
""")
WEAK_YES = table(r"""
go ahead|go for it|yes,? please|yes please|sure,? (?:go|please|thing)|ja,? (?:gerne|gern|bitte)|oui,? (?:volontiers|avec plaisir)|sí,? por favor|sì,? grazie|ja,? graag|sim,? por favor|adelante|allez-y|doe maar|ga (?:maar )?(?:je |uw )?gang|procediamo|akkoord|einverstanden|c'est d'accord|please do|machen wir|avec plaisir
""")
ALONE_YES = Phrases(
    r"(?:yes|yep|yeah|yup|sure|absolutely|definitely|of course|yes yes|ja|jawohl|gerne|ja klar|oui|d'accord|sí|si|claro|sì|certo|sim|ok|okay|please do|yes please|yes please do|ja bitte|ja gerne|ja gern|ja graag|graag|oui volontiers|volontiers|avec plaisir|sí por favor|sim por favor|great|perfect|sounds good|works for me)"
)

# -- what may follow a firm phrase in its sentence; after anything else it says less than it seems ("no interest rates")

NO_TAIL = Phrases(
    r"\s*(?:[.!,;:)(~\n\U0001f300-\U0001faff-]|$"
    r"|(?:thanks|thank|and|so|as|because|since|due|at all|any ?more|any longer|anyway|here|either|after all|unfortunately|sorry|please|again|regards|cheers|though|then|for (?:this|that|it|your|us|me|our|what)"
    r"|in (?:this|that|it|your|the|our|a|an|any|what|it\w*|january|february|march|april|may|june|july|august|september|october|november|december|buying|changing|switching)|from (?:us|me|our|my)|on (?:this|that|it|your|the)|with (?:this|that|it|your|the|them|you)|instead|last|yesterday|recently|this one|your|you|it|to (?:proceed|go|move|continue|buy|purchase|pursue|renew|sign|take|switch|change|invest)"
    r"|proceed|go|move|continue|buy|purchase|pursue|renew|sign|take|use|do|change|switch|participate|attend|invest|implement|order|(?:this|that)(?=\s*(?:[.!,\n]|$))|(?:someone|somebody) else|another|a different|vendor|supplier|provider|company|solution|else"
    r"|an|am|und|da|weil|daran|entschieden|danke|leider|par|à|au|aux|car|et|pour|merci|de|du|des|d'\S+|en|por|porque|y|ya|el|la|los|las|gracias|lo|su|al|alla|agli|e|per|perché|in (?!(?:wait|delay|wast|los|argu|haggl|debat|discuss|half|second)\w*)\w+|grazie|aan|voor|want|bedankt|em|pois|pela|pelo|na|no|o|ons|uns|für)(?!\w))"
)
YES_TAIL = Phrases(
    r"\s*(?:[.!,;:)(~\n\U0001f300-\U0001faff-]|$"
    r"|(?:please|thanks|thank|and|then|now|today|tomorrow|asap|straight|right away|immediately|as (?:soon|quoted|per|agreed|discussed|planned|proposed|described)|over|across|through|so|because|to (?:me|us|my|our|legal|\S{1,60}@\S+)|for (?:us|me|my|our|both|everyone|signature|the (?:team|call|demo|meeting|year|pilot))|from (?:us|me|our|my|both|all)"
    r"|with (?:it|this|that|both|all|your|you|us|me|the (?:order|contract|project|pilot|proposal|full|offer|deal|plan|installation|next|second|first|\d\w*)|\d\w*)|on (?:our|my|this|that|it|the \d\w*|monday|tuesday|wednesday|thursday|friday|\d\w*)|at|in (?:your|our|january|february|march|april|may|june|july|august|september|october|november|december|q\d)|next|this (?:week|morning|afternoon|one|time|month)|here|too|there|well|best|both|it|that|this|them|you|us|me|the (?:order|contract|project|pilot|proposal|offer|deal|demo|call|meeting)"
    r"|und|bitte|dann|avec|mir|uns|an|zu|so|mit|gern|gerne|gut|et|svp|s'il|merci|à|pour (?:nous|moi)|y|por favor|gracias|para (?:nosotros|mí)|perfecto|e|grazie|per (?:noi|me)|en|graag|dank|voor|om|alstublieft|aub|obrigad[oa]|para|le|la|el|il|het|de|den|die|das|o|uhr|wij|we|i|qu'on)(?!\w))"
)

# -- what makes a firm word doubtful -------------------------------------------------------------

IDIOM = table(r"""
no (?:problems?|worries|rush|hurry|doubt|brainer|stress|pressure|need to (?:apologi[sz]e|worry)|hard feelings|matter|longer than|later than|more than|less than|fewer than|offence|objections?|questions? (?:asked|from)|issues?|changes?)|not a problem|do not (?:hesitate|worry)|can not wait|could not agree more|why not|not only|not bad|without (?:delay|further ado|hesitation)|sorry (?:for|about) (?:the|my|our) (?:\S{1,15} ){0,2}(?:delay|silence|reply|response|answer|wait)|sorry (?:to keep you waiting|it took (?:so |this )?(?:long|a while))|but(?= (?:thanks|good luck|best of luck|all the best|i wish|we wish|wish)\b)|though(?=\s*(?:[.!\n]|$))|this year or next(?: year)?|(?:can|could) (?:hardly|not) say no(?: to (?:that|this|it))(?=\s*(?:[.!,\n]|$))|schlecht nein sagen|no me importa(?: nada)?(?=\s*(?:[.!,\n]|$))|if (?:you can|you could|possible|you like|you want|needed|necessary|that (?:helps|works|suits|is ok)|you do not mind|not)|kein(?:e|en)? (?:problem|frage|eile|einwände|ursache)|pas de (?:problème|souci)|sans (?:problème|souci)|aucun (?:problème|souci)|aucune objection|sin (?:problema|problemas)|no hay problema|nessun problema|non c'è problema|geen (?:probleem|enkel (?:probleem|bezwaar)|bezwaar)|sem problemas?|no p(?=[ .!,]|$)|np
""")
NEGATION = table(r"""
no|not|never|none|nothing|nobody|neither|nor|nope|nah|nein|nicht|kein\w*|nie|niemals|nichts|non|pas|jamais|aucun\w*|rien|nunca|nada|ningún|ninguna|niente|nessun\w*|mai|nee|niet|geen|nooit|não|nem
""")
REGRET = table(r"""
unfortunately|sadly|afraid|sorry|regret\w*|leider|malheureusement|desgraciadamente|lamentablemente|purtroppo|helaas|infelizmente
""")
CONDITION = table(r"""
if|unless|depends?|depending|provided|providing|as long as|subject to|assuming|once|pending|only when|in case|on condition|wenn|falls|sofern|solange|sobald|vorausgesetzt|abhängig|kommt (?:drauf|darauf) an|à condition|sous réserve|dès que|ça dépend|dépend|cuando|siempre que|depende\w*|se|quando|a patto|purché|als|mits|tenzij|zodra|indien|desde que|caso|cheaper|discount|lower|würden?|signerais|firmaría|firmerei|zouden|assinaria
""")
CONTRAST = table(
    r"but|however|although|though|except|whereas|having said that|that said|still,|yet we|aber|jedoch|allerdings|trotzdem|mais|cependant|toutefois|pero|sin embargo|aunque|ma|però|tuttavia|maar|echter|mas|porém|contudo|instead"
)
TIME = table(r"""
(?:right |just )?now|at (?:the|this) (?:moment|time|point|stage)|for (?:now|the moment|the time being)|currently|at present|presently|today|(?:this|next) (?:week|month|quarter|year|season|term|semester|fiscal|financial|summer|spring|autumn|fall|winter)|(?:just )?yet|until|till|later|in (?:the )?future|anytime soon|any time soon|so far|soon|again (?:in|next|when)|in (?:q[1-4]|january|february|march|april|may|june|july|august|september|october|november|december|\d+ (?:weeks|months|days))|jetzt|derzeit|aktuell|momentan|zur ?zeit|zurzeit|im moment|vorerst|(?:dieses|nächstes) jahr|noch nicht|bis|später|gerade|pour (?:le moment|l'instant)|en ce moment|actuellement|cette année|encore|ahora|de momento|por (?:ahora|el momento)|actualmente|este año|todavía|ora|adesso|al momento|per (?:ora|il momento)|quest'anno|ancora|nu|op dit moment|momenteel|voorlopig|dit jaar|nog|agora|no momento|neste momento|por enquanto|este ano|ainda
""")
STILL_TALKS = table(
    r"(?:would like|want|wish|looking|hoping) to (?:change|switch|know|see|hear|learn)|(?<!not )send (?:it|me|us|over)|tell me more|i am curious"
)
FOR_NOW = table(r"""
right now|just now|at (?:the|this) (?:moment|time|point|stage)|for (?:now|the moment|the time being)|currently|at present|im moment|derzeit|momentan|zur ?zeit|aktuell|vorerst|pour (?:le moment|l'instant)|en ce moment|actuellement|por (?:ahora|el momento)|de momento|en este momento|actualmente|al momento|per (?:ora|il momento)|in questo momento|op dit moment|momenteel|voorlopig|neste momento|no momento|por enquanto
""")
UNDOES = table(r"""
(?:(?:yes|sure|ok|okay|go ahead),? ?(?:please|and)?,? ?)?(?:you (?:can|may) |please |feel free to |go ahead and |do )?(?:close|release|cancel|withdraw|archive|drop) (?:it|the|my|our|this|that)(?: \S{1,15})?
""")
ANNOYED = table(
    r"enough|stop|no more|spam\w*|annoy\w*|fed up|harass\w*|pester\w*|(?:mails?|emails?|messages?) (?:from you|in (?:two|three|a|one|\d+))|of these in|reicht|genug|nervt|nervig|aufhören|assez|ça suffit|arrêtez|basta|ya está bien|genoeg|chega"
)
UNDOING = table(
    r"close|cancel|release|delete|remove|withdraw|stop|unsubscribe|elsewhere|ailleurs|woanders|anderswo|altrove|ergens anders|otro lado|other list|without you|someone else|somebody else|competitors?|rejected|postpone|reschedule|refund|terminate|schließen|stornieren|kündigen|absagen|clore|annuler|fermer|cancelar|cerrar|annullare|chiudere|annuleren|sluiten|fechar"
)
SARCASM = table(
    r"yeah,? right|as if|lol|haha\w*|when hell|over my dead body|in your dreams|dream on|(?:so|as) sure|nice try|good one|just kidding|kidding|joking|/s|pigs fly|ironic\w*|i would rather"
)
UNSURE = table(
    r"maybe|perhaps|probably|possibly|might|not sure|unsure|think about|considering|i guess|i suppose|could be|vielleicht|eventuell|peut-être|quizá\w*|tal vez|forse|magari|misschien|talvez|in two minds|tempted|leaning|(?:had|has been|was) (?:decided|agreed|planned)|i thought (?:we|you|it|that|the)|(?:was|were)(?: just)? about to|would have|almost|nearly|in principle|grundsätzlich ja"
)

# -- automatic and absent ------------------------------------------------------------------------

AUTO_SUBJECT = Phrases(
    r"^(?:auto(?:matic|mated|matisch\w*)?[-: ]{0,2}(?:reply|response|respond\w*|answer|antwort|re:|:)|auto(?:-|mated |matic )?reply|out[- ]of[- ](?:the[- ])?office|ooo\b|on (?:annual |parental |sick |maternity |paternity )?leave|away from|vacation|on vacation|on holiday"
    r"|abwesen\w*|automatische (?:antwort|e-?mail|abwesen\w*)|automatisch antwoord|automatisch\w* (?:antwoord|bericht)|afwezig\w*|ich bin (?:nicht|abwesend|im urlaub)|nicht im (?:büro|haus)|urlaub\w*|réponse automatique|absen(?:ce|t|te)\b|message d'absence|respuesta automática|fuera de (?:la )?oficina|ausente|risposta automatica|assen(?:te|za)"
    r"|fuori (?:sede|ufficio)|resposta automática|fora do escritório|ausência|autosvar|frånvaro\w*|fravær\w*|autoodpowiedź|odpowiedź automatyczna|poza biurem|автоответ|【?自動(?:応答|返信|送信|配信)|不在|.{0,12}(?:休業|休暇|休み)の?(?:お知らせ|ご案内)|automaattinen|auto(?:matic)? ?:|automatick[áé] odpověď|automatyczna odpowiedź|mimo kancelář|nepřítomnost|automatiskt? svar|automatisk svar|ej på plats|ikke på kontoret|ikke til stede"
    r"|otomatik (?:yanıt|cevap)|ofis dışı|izin(?:de|li)|resp(?:uesta|\.)? autom[áa]tica|autom[áa]tico:|risposta automatica|r\.? automatica|oof\b|auto-?oof|holiday closure|closed for|office closed|geschlossen|betriebs(?:ferien|urlaub)|fermeture|fermé\b|cerrad[oa]\b|receso|chiusura|chiuso|gesloten|vakantie|zamkni\w+|nieobecno\w+|przerwa świąteczna|juleferie|ferielukket|sommarstängt|semesterstängt|stängt|tatil)",
    re.IGNORECASE,
)
RECEIPT_SUBJECT = Phrases(
    r"^(?:\[?(?:ticket|case|request|incident|support|anfrage|vorgang|demande|solicitud|richiesta|aanvraag)\b.{0,30}\d{2,}|read: |gelesen: |lu ?: |leído: |letto: |gelezen: |lida: |not read: |thank(?:s| you) for (?:contacting|your (?:email|e-mail|message|enquiry|inquiry|request))"
    r"|(?:we )?(?:have )?received your|your (?:message|request|enquiry|inquiry|ticket|email) (?:has been|was|is)|accusé de réception|eingangsbestätigung|empfangsbestätigung|lesebestätigung|confirmación de (?:lectura|recepción)|su consulta|ontvangstbevestiging|conferma di ricezione|confirmação de|acuse|conferma di|numero di pratica|\[?(?:ärende|sag|zgłoszenie|[#\[].{0,20}zgłoszeni|požadavek|talep|dossier|protokoll?o?|pedido|pratica|bestellung|commande|orden)\b.{0,30}\d{2,}|(?:your )?order (?:#|no|number|confirm)|case \d+|submission received"
    r"|potvrzení|potwierdzenie|bekräftelse|kvittering|kvitto|onayı|talebiniz|vi har (?:modtaget|mottagit|tagit emot)|ditt ärende|gracias por (?:tu|su) pedido|dziękujemy za|thanks for your (?:order|message)|お問い合わせ(?:を受け付け|ありがとう)|.{0,10}受付番号|【送信専用】|(?:verify|verifica|verificación|vérification|confirm).{0,30}(?:sender|mittente|remitente|human|humain|robot|robô|människa)|please confirm you)",
    re.IGNORECASE,
)
AUTO_WORDS = table(
    r"""
this is an auto\w*(?:[- ]generated)? (?:reply|response|message|email|answer|notification|acknowledge?ment)|auto(?:matic|mated|matically)[- ]?(?:generated )?(?:reply|response|message|email|acknowledge?ment)|(?:was|is|been) automatically generated|auto-?generated|do not reply to this (?:email|message)|this (?:mailbox|inbox|email address|address) is (?:not|un)\s?-?monitored|is not (?:actively )?monitored
(?:we|have|has|been) (?:have )?(?:received|logged|registered) your (?:request|message|email|enquiry|inquiry|ticket|query|application)|your (?:request|message|enquiry|ticket|email|case|query) .. (?:has been|was) (?:received|logged|registered|created|opened|assigned|forwarded to|held)|ticket (?:number|id|#)|(?:reference|case|ticket|request) (?:number|no\.?|#) ?:? ?#?\w*\d|a member of (?:our|the) team will|we aim to (?:answer|reply|respond)|(?:answer|reply|respond) .. within .. (?:hours|working days|business days)|(?:let you know|confirm) that your (?:email|message|enquiry) has (?:reached|been received)|endeavou?r to (?:reply|respond)
prove .. (?:you are|that you are) (?:a )?(?:human|person)|approved senders?|was read on|has been (?:read|displayed)|(?:your|ihre) (?:message|nachricht) .{0,200}(?:was read|wurde gelesen)
automatisch (?:generiert|erstellt|erzeugt|gegenereerd|verzonden)\w*|automatische (?:antwort|nachricht|e-?mail|eingangsbestätigung)|dies ist eine automat\w+|(?:ihre|deine) (?:anfrage|nachricht|e-?mail) (?:ist|wurde|haben wir) .{0,30}(?:eingegangen|erhalten|registriert)|vorgangsnummer|ticketnummer|message automatique|ne pas (?:y )?répondre|réponse automatique|accusons réception|(?:votre|avons bien reçu votre) (?:demande|message) .{0,30}(?:enregistrée?|reçue?|traitée?|prise? en compte)|mensaje automático|respuesta automática|no responda a este|hemos (?:recibido|abierto|registrado) (?:su|la|tu) (?:consulta|solicitud|mensaje|incidencia)|messaggio automatico|risposta automatica|non rispondere a quest|abbiamo ricevuto la (?:sua|tua|vostra)|automatisch (?:bericht|antwoord)|niet beantwoorden|hebben uw .{0,20}ontvangen|mensagem automática|resposta automática|não responda a est|recebemos (?:a sua|o seu|sua|seu)

(?:case|ticket|request|order|submission|document|istanza|solicitud|pedido) #?[\w/-]*\d[\w/-]* (?:has been|was|is|ha sido|foi|è stat[ao]) \w+|order #\w*\d\w*|has been (?:opened with priority|received by the|filed under)|your (?:submission|document|order|reference number) .. (?:received|is \w*\d\S*)|virtual assistant|chatbot|thank you for contacting|thanks for your order|got your note and popped|mailbox is not (?:read|monitored|attended)
click (?:on )?the link below .{0,40}(?:deliver|message)|protecting my inbox|ihre anfrage wurde .{0,30}(?:erfasst|nummer)|nicht überwacht|(?:dieses|das) postfach wird nicht|bitte antworten sie nicht auf diese|wird nicht gelesen
n'a pas encore été remis|prouver que vous n'êtes pas un robot|(?:votre|vos) (?:message|candidature|demande|courriel|envoi|correspondance) .{0,30}(?:bien (?:été )?(?:reçue?|arrivé|enregistrée?)|a (?:bien )?été (?:reçue?|transmis|enregistrée?|prise? en compte)|a fait l'objet)|généré automatiquement|ne pas répondre à ce
(?:se utiliza|es) exclusivamente para envíos|no (?:se atiende|admite correos|responda a este)|(?:su|tu) (?:documento|solicitud|consulta|documentación|pedido) .{0,30}(?:ha sido|fue|recibid\w|ingresad\w)|ha sido (?:recibid|ingresad|derivad|registrad)\w+|(?:generado|enviado) de forma automática|remitentes? aceptados|buzón (?:no supervisado|está protegido)|gracias por tu pedido|número de (?:folio|caso|ticket|expediente)
generat[ao] automaticamente|risposta gen\w*|(?:la sua|il suo|la tua) (?:istanza|messaggio|richiesta|mail) .{0,30}(?:è stat[ao]|è in attesa|acquisit[ao])|si conferma la ricezione|non è possibile rispondere a questo|è stato chiuso automaticamente|sistema antispam|dimostrare di essere
(?:uw|je) (?:bericht|vraag|aanvraag|mail) .{0,30}(?:ontvangen|geregistreerd)|in goede orde ontvangen|werkdagen contact|niet beantwoord|wordt niet gelezen|no-?reply
(?:o seu|seu|o) (?:pedido|ticket|requerimento|mensagem) .{0,30}(?:deu entrada|foi (?:aberto|recebid[ao]|registad[ao]|encaminhad[ao]))|não responda a esta|não é monitorizada|filtro antispam|clique no link abaixo|obrigado por comprar|caixa de correio não
zgłoszenie zostało (?:zarejestrowane|przyjęte)|wygenerowana? automatycznie|(?:ta )?skrzynka (?:nie jest monitorowana|służy)|nie (?:są odczytywane|jest monitorowana)|prosimy nie (?:odpowiadać|zmieniać)|dziękujemy za (?:kontakt|zamówienie)|twoja wiadomość (?:do nas )?(?:dotarła|wpadła)|odpowi(?:emy|adamy) w (?:ciągu|dni)
(?:ditt|ert) (?:ärende|meddelande|mejl) .{0,20}(?:har (?:fått|registrerats|tagits emot))|automatiskt svar|läses inte av|används endast för|obevakad|klicka på länken|tack för (?:ditt mejl|din e-post|att du kontaktar)
(?:denne )?(?:mail|adresse) (?:kan ikke besvares|bliver ikke overvåget|er genereret)|dit sagsnummer|vi har modtaget din|mailen er genere\w+|tak for din henvendelse|automatisk svar
(?:byl|bude) vygenerován automaticky|neodpovídejte|váš (?:požadavek|dotaz|e-mail) byl (?:přijat|zaevidován)|schránka (?:slouží|není)|nikdo ji nečte|automatická odpověď
otomatik olarak gönderil\w+|talebiniz .{0,40}(?:alınmıştır|kayıt)|okunmamaktadır|izlenmemektedir|yalnızca gönderim|lütfen (?:bu (?:mesaja|e-postaya) )?yanıt\w* (?:vermeyiniz|vermeyin|atmayın)|otomatik (?:yanıt|cevap)
""",
    anywhere=r"自動(?:送信|配信|返信|応答)|受け付けました|受付番号|送信専用|返信(?:いただいて)?も?(?:お答え)?できません|お問い合わせフォーム",
)
SELF_DECLARED = table(
    r"""
this is an auto\w*(?:[- ]generated)? (?:reply|response|message|email|answer|notification|acknowledge?ment)|this (?:email|message) (?:was|is|has been) (?:automatically|auto-?)\s?-?generated|dies ist eine automat\w+|diese (?:e-?mail|nachricht) wurde automatisch|ceci est un(?:e)? (?:message|réponse|courriel) automatique|(?:este es un )?mensaje automático|(?:questo è un )?messaggio automatico|dit is een automatisch\w*|esta é uma (?:mensagem|resposta) automática|was read on \d|click .. link .. prove

automatisch (?:generiert|erstellt|gegenereerd)\w*|généré automatiquement|réponse automatique|généré par|generado de forma automática|respuesta automática|generat[ao] automaticamente|risposta automatica|resposta automática|wygenerowana? automatycznie|automatyczna odpowiedź|automatiskt svar|automatisk svar|mailen er genereret|vygenerován automaticky|automatická odpověď|otomatik olarak gönderil\w+|otomatik yanıt
(?:this|diese|cette|esta|questa|deze) (?:mailbox|inbox|address|adresse|dirección|casella) .{0,30}(?:not monitored|unmonitored|nicht überwacht|no se atiende|niet gelezen)|(?:skrzynka|schránka) .{0,30}(?:nie jest monitorowana|służy|slouží)|não é monitorizada|bliver ikke overvåget|läses inte av någon|okunmamaktadır|nezaz okunmaz|não responda a esta mensagem
""",
    anywhere=r"自動(?:送信|配信|返信)|送信専用",
)
ABSENCE = table(
    r"""
# en
out of (?:the )?office|out of (?:the )?country|(?:am|are|is|be|currently|been) (?:away|abroad|travel+ing|on (?:a |an |my |annual |parental |maternity |paternity |sick |medical |extended |summer |winter |business |family )*(?:leave|holiday|holidays|vacation|sabbatical|honeymoon|trip|break|pto|training|course)|off (?:sick|work|today|this week|until|on)|out (?:of town|until|today|this|on|all|from)|not (?:in (?:the )?(?:office|today)|reading (?:my|his|her) (?:e?mail|inbox)|checking)|unavailable|at (?:a )?(?:conference|trade (?:show|fair)))|on (?:annual|parental|maternity|paternity|sick|medical|extended|study|compassionate) leave|on (?:holiday|vacation|sabbatical|pto|leave)(?: (?:until|till|from|up to|through|and))?|(?:not (?:looking at|checking|reading|monitoring) (?:my |his |her )?(?:e?mails?|inbox))|(?:limited|no|intermittent|sporadic|restricted|little) access to (?:my |e?mails?|the internet)|(?:will|shall|i|we) (?:be )?(?:back|return|returning|reopen)(?: (?:in|to|at) (?:the |my )?(?:office|desk|work))? (?:on|in the office|tomorrow|monday|tuesday|wednesday|thursday|friday|next|from|at my)|back (?:in the office|at my desk|on (?:mon|tue|wed|thu|fri)|(?:on )?(?:monday|tuesday|wednesday|thursday|friday)|from (?:holiday|leave))|(?:office|offices|business|shop|company|we) (?:is|are|will be) closed|i return on|return(?:ing)? to (?:the )?office|out for (?:thanksgiving|christmas|the (?:day|week|holidays|afternoon))|in urgent cases|for urgent (?:matters|issues|requests|enquiries)
# de
nicht im (?:büro|hause?|dienst|office)|außer haus|abwesend|abwesenheit\w*|im (?:wohlverdienten |verdienten )?urlaub|(?:auf|in) (?:dienstreise|elternzeit|mutterschutz|kur|fortbildung|messe)|(?:wieder|zurück) (?:im (?:büro|haus|dienst)|erreichbar|für sie da|am (?:schreibtisch|platz)|da ab)|nicht erreichbar|krank(?:heitsbedingt|geschrieben)?|betriebsferien|betriebsurlaub|(?:büro|firma|betrieb) (?:ist|bleibt) .{0,20}geschlossen|in dringenden fällen
# fr
absente?s?|en (?:congés?|vacances|déplacement|formation|arrêt maladie)|congés? (?:annuels?|maternité|parental|paternité)|de retour (?:le|au|à|dans|lundi|mardi|mercredi|jeudi|vendredi)|hors du bureau|(?:ne consulte|ne consulterai|n'ai pas accès|sans accès) .{0,30}(?:messagerie|mails|emails|courriels)|(?:bureaux?|entreprise|société) .{0,20}fermée?s?|en cas d'urgence
# es
de (?:vacaciones|baja(?: médica| maternal| por)|permiso|viaje)|fuera de la oficina|ausente|(?:vuelvo|volveré|regreso|regresaré|me reincorporo|estaré de vuelta) (?:el|a|en)|(?:oficina|empresa) .{0,20}cerrad[ao]|acceso limitado|en caso de urgencia|para (?:asuntos|temas) urgentes
# it
in (?:ferie|vacanza|trasferta|malattia|maternità|congedo)|fuori (?:ufficio|sede)|assente|(?:rientro|rientrerò|tornerò|torno|sarò di nuovo|sarò di ritorno|riapriamo) (?:il|in|lunedì|martedì|mercoledì|giovedì|venerdì|operativ\w)|chiusura (?:estiva|natalizia|aziendale)|(?:azienda|ufficio|uffici) .{0,15}chius[ao]|per urgenze
# nl
afwezig|niet (?:op kantoor|aanwezig|bereikbaar)|(?:met|op) (?:vakantie|verlof|zwangerschapsverlof|ouderschapsverlof)|(?:terug|weer (?:aanwezig|bereikbaar|op kantoor|terug)) (?:op|vanaf|in)|kantoor .{0,15}gesloten|voor (?:dringende|spoedeisende) zaken
# pt
de férias|fora do escritório|ausente|em (?:licença|viagem|férias)|(?:volto|voltarei|regresso|regressarei|retorno|retornarei|estarei de volta) (?:a|no|na|em|ao|dia)|(?:escritório|empresa) .{0,15}(?:fechad[ao]|encerrad[ao])|em caso de urgência|assuntos urgentes
# pl sv
na urlopie|poza biurem|nieobecn\w+|wracam \d|på semester|inte på kontoret|tillbaka (?:på kontoret|den)|føräldraledig|föräldraledig|på ferie

# en, more
closed (?:from|for|over|until|till|on)|(?:office|shop|studio|showroom|company|we) (?:is|are|will be) closed|re-?opens? on|back open|ooo|oof|signed off (?:sick|with)|in (?:the )?hospital|on hols|at sea|on a course|career break|off (?:till|til|now until|with the|for)|out (?:till|til)|typing this from|away (?:till|til|until)|conference (?:this|all) week|not monitoring this|will be home about
auf reha|im krankenhaus|in reha|betriebsferien|komm\w* .{0,20}zurück|hospitalisée?|en mer|injoignable|retour (?:le |lundi|mardi|mercredi|jeudi|vendredi)|fermée? (?:jusqu|pour|cette|du)|réouverture|reprise (?:normale )?le|congé solidaire|de baja|internad[oa]|hospitalizad[oa]|cerramos (?:en|por|del)|(?:centro|oficina|fábrica|tienda|taller) .{0,20}(?:cierra|permanecerá|cerrad)|reabrirá|reiniciamos|sin señal|su regreso está|ando en sitio|vuelvo al mundo
ricoverat[oa]|chius[oi] per|(?:ponte|chiusura) (?:lungo|pasquale|estiv\w)|rientro (?:l'|il|lunedì)|fuori gioco|al mare non|internado|lua de mel|de baixa|(?:só )?volto (?:à|ao|a) .{0,12}dia|(?:estou|sou) de volta|no caminho de santiago|sem sinal|encerrad[ao] (?:para|de)
# pl
na urlopie|urlopie|jestem na l4|na zwolnieniu|na macierzyńskim|nieobecn\w+|poza biurem|nie ma mnie|nieczynn\w+|zamknięt\w+|wracam (?:w|po|do|dopiero)?|wrócę|będę (?:z powrotem|w biurze|dostępn\w+)|na targach|w szpitalu|na wakacjach|w pilnych sprawach|w sprawach pilnych
# sv
på semester|semester (?:till|fram)|föräldraledig|sjukskriven|sjuk|tjänstledig|frånvarande|inte på (?:kontoret|plats)|åter (?:på|i|den)|tillbaka (?:på|den|i|måndag|tisdag)|stängt|ligger inne på|i fjällen|på (?:mässa|resa|utbildning|kurs)|sportlov|på lasarettet|vid akuta|brådskande ärenden
# da
på ferie|sommerferie|holder (?:ferie|lukket|sommerferie|fri)|ferielukket|sommerlukket|barsel|sygemeldt|fraværende|ikke på kontoret|tilbage (?:den|mandag|tirsdag|igen|på)|på messe|på kursus|haster det|sidder fast i
# cs
na dovolené|čerpám dovolenou|dovolenou|nepřítom\w+|mimo kancelář|na mateřské|nemocensk\w+|na neschopence|zpět v kanceláři|budu zpět|vracím se|vrátím se|zavřeno|zdravím z|po návratu|v nemocnici|ležím s|zastupuje mě|naléhavé (?:věci|případy)
# tr
izinde(?:yim)?|izinliyim|yıllık izin\w*|tatilde(?:yim)?|ofis dışında\w*|ofiste değilim|raporluyum|doğum izni\w*|kapalıdır|kapalıyız|seyahatte\w*|döneceğim|dönüşümde|acil durum\w*|doğuma girdik|memleketteyim
""",
    anywhere=r"不在|休暇|休業|休み|お休み|出張中|外出中|産休|育休|夏季休業|年末年始|席を外|出社(?:いたし)?ません|戻り(?:次第)?|入院|寝ます",
)
NOT_ABSENT = table(
    r"not out of (?:the )?office|(?:i am|we are|now|just|finally|got) back (?:from|in|at|now|today)|was (?:away|out|on|abroad|off|in)|were (?:away|on)|been (?:away|out|on (?:holiday|vacation|leave)|travelling|off)|(?:just )?(?:returned|got back|came back)|wieder da|war (?:im|in|auf|krank|unterwegs)|étais (?:en|absente?)|estaba de|ero in|was op|technically|would not miss"
)

# -- engaged -------------------------------------------------------------------------------------

ENGAGED = table(r"""
(?:sounds|looks|seems|is|very|quite|really|that is) (?:interesting|promising|great|good|nice)|tell me more|(?:send|share) .{0,20}(?:more )?(?:info|information|details|references|deck|brochure|price list|pricing|examples|case stud\w+|samples?)|(?:please |kindly |can you |could you )?(?:explain|elaborate|clarify|advise|provide|confirm receipt)|received with thanks|(?:got|received|read|reading|seen|saw|will read|having a look|had a look|take a look|look at it|going through|comparing|reviewing) (?:it|this|your|the|with|them|through)?|thanks(?: for| a lot| so much| very much|[,.!\n]|$)|thank(?:s| you)|(?:nice|good|lovely|great) (?:to|talking|meeting|speaking|card|work)|interested in (?!buying elsewhere)|(?:i|we) (?:like|liked|love|enjoyed)|(?:a bit|quite|rather|too|very|little) (?:steep|expensive|pricey|high|much|dear)|my (?:concern|question|worry)|(?:a )?few (?:comments|questions|remarks)|(?:some|one|two|a couple of) questions?|not (?:quite|clear|what i)|do not (?:understand|see)|answers? below|see (?:below|inline|my)
danke(?: für| schön|,|\.|!|$)|vielen dank|klingt (?:gut|interessant|spannend)|(?:mehr|weitere) (?:infos|informationen|details)|(?:eine|noch|ein paar|folgende) (?:frage|fragen)|zu teuer|interessant|merci (?:pour|beaucoup|de)|plus d'informations|(?:une|quelques) questions?|intéressant|un peu cher|gracias (?:por|,)|más información|(?:una|unas) (?:pregunta|dudas|duda)|interesante|un poco caro|me gusta|grazie (?:per|mille|,)|maggiori informazioni|(?:una|qualche) domanda|un po' caro|bedankt|dank (?:u|je|voor)|meer informatie|(?:een|nog) vra(?:ag|gen)|interessant|obrigad[oa] (?:pel|por|,)|mais informações|uma (?:dúvida|pergunta)
""")
STOPWORDS = frozenset(
    "the a an and or of to in is are was we i you it that this for on with have has be not no yes my your our us me at as so can will would do please thanks hi hello just from"
    " der die das und ich wir sie ist sind nicht ein eine zu mit für auf im den dem von bei es haben hat danke bitte"
    " le la les un une et je nous vous est sont pas de des du en pour avec sur merci bonjour oui non ne que"
    " el los las y yo nosotros es son para con por gracias hola que no sí del se su"
    " il lo gli e io noi è sono per con grazie buongiorno che non di si"
    " de het een en ik wij we u is zijn niet voor met op bedankt dag dat van"
    " o os as eu nós é são não para com por obrigado obrigada olá que do da em".split()
)
