"""Hints in German: words that lean towards a meaning, and prove nothing alone. See `hints/__init__.py`."""

from __future__ import annotations

HINTS = {
    "yes": """
        machen wir|machen wir so|so machen wir|dann machen wir|wir machen das|machen sie|mach das|mach mal|mach fertig
        los geht*|legen sie los|leg los|legt los|fangen sie an|fang an|starten|startschuss|go von|grünes licht|freigabe
        freigegeben|genehmigt|abgesegnet|bewilligt|beschlossen|zugestimmt|stimme zu|zusage|zusagen|zugesagt|sagen zu|sage zu
        einverstanden|abgemacht|deal|gilt|passt|passt uns|passt mir|passt gut|passt .. gut|passt für|geht klar|geht bei|klappt
        ist gebongt|gebongt|in ordnung|geht in ordnung|perfekt|prima|gerne|sehr gern*|mit vergnügen|wunderbar|bestell*
        bestellung|auftrag|beauftrag*|erteil*|buchen|buch|bucht|gebucht|bitte buchen|reservier*|kaufen|kaufe|kauf|nehmen wir
        nehme ich|nehmen den|nehmen die|nehmen das|nehme|wir nehmen|schlag* .. zu|schlagen zu|unterschr*|unterzeich*
        unterschrift|gegengezeichnet|vertrag|schicken sie den vertrag|schicken sie .. rechnung|schick .. rechnung|rechnung
        anzahlung|überwies*|überweis*|lieferung|liefern sie|liefer|lieferschein|einladung|kalender|termin|termin steht
        trag* .. ein|eingetragen|notiert|vorgemerkt|bin dabei|sind dabei|wir sind dabei|mit dabei|auf uns zählen|dabei
        ihr habt den zuschlag|zuschlag|habt den job|den auftrag|entschieden .. für sie|entscheiden uns für sie
        für euch entschieden|für sie entschieden|gewonnen|überzeugt|her damit|immer her|schick rüber|schicken sie|ja bitte
        ja gern*|ja|jawohl|jo|jep|na klar|klar|natürlich|selbstverständlich|auf jeden fall|unbedingt|ok|okay|freu* .. auf
        freue mich|freuen uns|bis dann|bis montag|bis dienstag|bis mittwoch|bis donnerstag|bis freitag|komm* vorbei|kommen sie
        komm|kommt|00 uhr|um 0 uhr|0 uhr|montag|dienstag|mittwoch|donnerstag|freitag|ruf* .. an|rufen sie|verläng*|weiter so
        wie gehabt|wie besprochen|wie angeboten
    """,
    "no": """
        kein interesse|nicht interessiert|nichts für uns|nichts für mich|kein bedarf|keinen bedarf|kein thema|nicht nötig
        brauchen wir nicht|brauche ich nicht|brauch* .. nicht|brauchen .. nicht|benötigen .. nicht|brauchen keine*
        brauche keine*|benötigen keine*|keine verwendung|nein|nein danke|nee|nö|na|danke nein|lieber nicht|eher nicht
        bitte nicht|leider|leider nicht|bedaur*|bedauer*|tut mir leid|schade|absage|absagen|sagen ab|sage ab|abgesagt
        abgelehnt|ablehn*|lehnen .. ab|lehne .. ab|verzicht*|sehen .. ab|abstand|nehmen abstand|dagegen entschieden|dagegen
        entschieden|entscheidung|gegen sie|gegen ein|nicht entschieden für|anderen anbieter|anderer anbieter|anderweitig
        mitbewerb*|wettbewerb*|konkurren*|jemand anderen|anderen partner|anderes angebot|andere lösung|andere firma
        einen anderen|eine andere|woanders|bereits vergeben|schon vergeben|vergeben|vergabe|bereits versorgt|versorgt
        haben schon|haben bereits|haben wir schon|schon jemanden|bleiben bei|bleiben beim|bleibt bei|bleibe bei|selbst gebaut
        selber|selbst|intern|eigene*|im haus|hausintern|nicht weiter|nicht weiterverfolg*|nicht weiter verfolg*
        kommt nicht in frage|kommt nicht infrage|nicht in frage|nicht infrage|nicht zustande|zustande|nicht machen
        machen wir nicht|nicht umsetz*|wird nichts|wird nix|nix|gestrichen|gestorben|vom tisch|eingestellt|storni*|kündig*
        gekündigt|abgeblasen|erledigt|hat sich erledigt|gelaufen|ad acta|schließen sie|schließen wir|akte|zu teuer|zu hoch
        zu viel|nicht leisten|kein geld|kein budget|budget gestrichen|den rahmen|sprengt|geschlossen|geschäftsaufgabe
        schließen|rente|ruhestand|insolv*|aufgegeben|geben auf|aus der traum|raus|sind raus|bin raus|ohne uns|ohne mich
        vergessen sie|vergiss|vergesst|lassen wir|lass* .. gut sein|lassen sie|bleiben lassen|alles gute|viel erfolg
        nichts für ungut|niemals|nie|auf keinen fall|keinesfalls|passt nicht|nicht passend|kein vertrauen|vertrauen
    """,
    "later": """
        später|derzeit|momentan|im moment|aktuell|zurzeit|zur zeit|gerade|vorerst|vorläufig|noch nicht|jetzt nicht|nicht jetzt
        heuer nicht|dieses jahr|nächste*|nächstes jahr|kommende*|im neuen jahr|neues jahr|quartal|q0|halbjahr|geschäftsjahr
        haushalt*|jahresende|jahreswechsel|monat*|woche*|kw|ab|frühjahr|frühling|sommer|herbst|winter|ostern|weihnacht*
        pfingsten|ferien|urlaub|saison|ernte|lese|januar|jänner|februar|märz|april|mai|juni|juli|august|september|oktober
        november|dezember|in 0|in zwei|in drei|in ein paar|nach dem|nach der|nach den|sobald|erst|erst wenn|bis dahin
        wenn .. ist|warten|wart*|abwarten|gedulden|geduld|zeit|bedenkzeit|überleg*|schlafen|drüber schlafen|rücksprache|klären
        abklären|abstimmen|sitzung|gremium|vorstand|gemeinderat|stadtrat|tagt|entscheid* .. erst|noch keine|noch offen
        verschieb*|verschoben|auf eis|eis|zurückgestellt|pausier*|vertag*|melde mich|melden uns|melden sie sich
        meld* .. wieder|wieder melden|nochmal melden|komme auf sie zu|kommen auf sie zu|zurückkommen|erinner*|haken sie nach
        nachhaken|nachfass*|wiedervorlage|rufen sie .. wieder|wieder an
    """,
    "engaged": """
        was|wie|welche*|wer|wann|wo|warum|wieso|können sie|könnten sie|kann man|könnt ihr|kannst du|haben sie|habt ihr|gibt es
        gibts|ist das|ist es|sind sie|frage*|fragen|unklar|verstehe|erklär*|interessant|interesse|interessier*|spannend|klingt
        hört sich|sieht .. aus|gefällt|schön|toll|super|danke|vielen dank|besten dank|merci|erhalten|angekommen|bekommen
        schaue|schau mir|ansehen|anschau*|lese|lesen|durchles*|prüfen|geprüft|vergleich*|preis*|kosten|kostet|rabatt|skonto
        nachlass|angebot|unterlagen|infos|informationen|details|datenblatt|muster|referenz*|teuer|happig|stolz|spielraum|falls
        wenn|sofern|aber|allerdings|jedoch|vielleicht|eventuell|eigentlich|nicht sicher|kein nein|nicht nein|haha|lol
    """,
    "referral": """
        nicht mehr|nicht zuständig|zuständig*|kollegin|kollege*|kollegen|ansprechpartner*|wenden sie sich|wende dich|an frau
        an herrn|frau|herr|nachfolg*|übernommen|übernimmt|verlassen|ausgeschieden|ausscheid*|gewechselt|rente|ruhestand
        in kopie|cc|weitergeleitet|weitergegeben|leite .. weiter|leite ich|kümmert sich|macht jetzt|macht bei uns|verantwort*
        einkauf|abteilung|falsche*|nicht mein|nicht der richtige|nicht die richtige|chef*|sprechen sie mit|fragen sie
        reden sie mit
    """,
    "unsubscribe": """
        abmelde*|abmelden|abbestell*|austrag*|austragen|verteiler|liste|newsletter|mailing*|lösch*|löschen|gelöscht|streich*
        entfern*|raus aus|nehmen sie mich|nimm mich|nehmt mich|keine mails|keine e-mails|keine weiteren|keine nachrichten
        keine werbung|keine post|werbung|nichts mehr|nicht mehr schreiben|nicht mehr anschreiben|nicht mehr kontaktier*
        nicht mehr an|nie wieder|nie mehr|unterlass*|untersag*|verbitte|widersprech*|widerspruch|aufhören|hören sie auf
        hör* .. auf|schluss|stop|stopp|genug|es reicht|reicht|in ruhe|ruhe|lassen sie mich|lasst uns|spam|belästig*|nerv*
        dsgvo|datenschutz|meine daten|meine adresse|woher haben sie|anwalt|abmahn*|bundesnetzagentur|sperre*|blockier*
    """,
}
