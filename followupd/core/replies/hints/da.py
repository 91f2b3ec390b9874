"""Hints in Danish: words that lean towards a meaning, and prove nothing alone. See `hints/__init__.py`."""

from __future__ import annotations

HINTS = {
    "yes": """
        vi kører|kør|kør på|vi slår til|slår til|i gang|sæt i gang|gå i gang|vi går videre|gå videre|grønt lys|godkendt
        godkend*|vi tager|jeg tager|tager den|tager det|bestil*|ordre|køber|køb*|book*|booker|bookes|reserv*|skriv .. op
        sæt .. på|tilmeld*|skriv under|skriver under|underskr*|aftale|aftalt|kontrakt*|send kontrakt*|send faktur*|faktura*
        depositum|lever*|send|regn med|vi er med|jeg er med|er med|accept*|takker ja|ja tak|ja|jo|jep|selvfølgelig|naturligvis
        gerne|meget gerne|fint|ok|okay|perfekt|super|lyder godt|passer|passer fint|passer os|det er i orden|i orden|den er god
        i fik|valgt jer|jeres|vi ses|ses|velkom*|kom forbi|kom|ring|mandag|tirsdag|onsdag|torsdag|fredag|kl|klokken|i morgen
        forlæng*|som sædvanlig|som aftalt
    """,
    "no": """
        ikke interesser*|ingen interesse|ikke noget for|ikke for os|intet behov|behøver ikke|har ikke brug|ikke brug for|nej
        nej tak|næ|niks|tak men|desværre|ærgerligt|beklager|ked af|synd|afslår|afslag|takker nej|takke nej|afvis*|aflyst
        aflys*|droppe*|dropper|droppet|skrinlagt|opgiver|går ikke videre|ikke gå videre|ikke aktuelt|bliver ikke
        bliver ikke til|springer over|glem|valgt en anden|anden leverandør|en anden|andre|konkurrent*|har allerede|allerede
        selv|egen|internt|bliver hos|besluttet|beslut*|for dyr*|ikke råd|intet budget|ingen penge|uden for|luk*|lukker|konkurs
        pension*|held og lykke|aldrig|udelukket|passer ikke|trækker os|melder os ud|pas
    """,
    "later": """
        senere|ikke nu|lige nu|i øjeblikket|for tiden|foreløbig|endnu ikke|ikke endnu|ikke i år|næste*|næste uge|næste måned
        næste år|kvartal*|budget*|sæson*|høst*|ferie*|sommer*|efterår*|vinter*|forår*|påske*|jul*|nytår*|årsskift*|januar
        februar|marts|april|maj|juni|juli|august|september|oktober|november|december|efter|når|så snart|først|indtil|om 0
        om to|om tre|om en|uger|måneder|vente|venter|afvent*|tålmodig*|tænke|tænker|sove på|bestyrelse*|møde*|pause*|på is
        udskyd*|udskudt|udsat|vender tilbage|vend tilbage|hører fra|hør .. fra|kontakt mig|tag fat|mind mig|tid|giv mig|giv os
    """,
    "engaged": """
        hvad|hvordan|hvilk*|hvem|hvornår|hvor|hvorfor|kan i|kan du|kan man|har i|har du|findes|er der|er det|spørgsmål|spørge
        uklar*|forklar*|interessant|interesser*|lyder|ser|spændende|fin|tak|modtaget|fået|læser|læse|kigger|kigge|ser på
        sammenlign*|pris*|koster|kost*|rabat*|tilbud*|dyr*|forhandl*|detalj*|info*|brochure*|prøve*|referenc*|eksemp*|hvis
        forudsat|men|måske|sikker|ikke et nej|haha
    """,
    "referral": """
        arbejder ikke længere|er stoppet|stoppet|fratrådt|gået på pension|forladt|efterfølger*|afløs*|overtaget|overtager
        kolleg*|kontakt|tal med|snak med|skriv til|ring til|ansvar*|står for|tager sig|indkøb*|afdeling*|videresend*
        sendt videre|sender videre|i kopi|cc|forkert person|forkerte|ikke mig|ikke mit|chef*
    """,
    "unsubscribe": """
        afmeld*|frameld*|slet|slette*|fjern*|tag mig af|tag os af|liste*|nyhedsbrev*|register|ikke flere|ingen flere|ikke mere
        skriv ikke|send ikke|kontakt ikke|ikke kontakt*|vil ikke have|vil ikke modtage|aldrig mere|stop|stop med|hold op
        hold jer|nok|nok nu|rækker|træt af|spam|chikan*|plag*|genér*|i fred|fred|gdpr|mine oplysninger|min adresse|anmeld*
        bloker*
    """,
}
