"""Hints in Swedish: words that lean towards a meaning, and prove nothing alone. See `hints/__init__.py`."""

from __future__ import annotations

HINTS = {
    "yes": """
        vi kör|kör på|kör|kör igång|nu kör vi|sätt igång|sätter igång|vi går vidare|gå vidare|vi slår till|slår till|avgjort
        grönt ljus|godkänt|godkänd*|godkänner|klubbat|bifall|beställ*|beställning|order|lägger order|vi tar|jag tar|tar den
        tar det|tar två|köper|köp*|boka*|bokar|bokat|skriv upp|sätt upp|anmäl*|skriv under|skriver på|skriver under|signera*
        undertecknat|påskrivet|avtal*|kontrakt*|skicka avtalet|skicka faktur*|faktura*|handpenning|leverera*|skicka|räkna med
        vi är med|jag är med|är med|hänger på|accepter*|tackar ja|tack ja|ja tack|ja|jajamän|jadå|javisst|japp|absolut
        självklart|visst|gärna|mycket gärna|ok|okej|perfekt|toppen|bra|låter bra|passar|passar bra|passar oss|funkar|går bra
        det blir bra|ni fick|ni vann|valde er|valt er|ert|vi ses|ses|välkom*|kom förbi|kom|ring|måndag|tisdag|onsdag|torsdag
        fredag|kl|klockan|imorgon|i morgon|förläng*|som vanligt|som vi sa
    """,
    "no": """
        inte intresser*|ej intresser*|ointresser*|inget intresse|inget för oss|inte för oss|inget behov|behöver inte
        behöver vi inte|behövs inte|nej|nej tack|nä|nix|tack men|tyvärr|tråkigt|beklag*|ledsen|synd|avböj*|tackar nej
        tacka nej|avstå*|avstår|avslag|avslut*|avbok*|avbest*|nedlagt|lagt ner|lägger ner|går inte vidare|inte gå vidare
        inte aktuellt|ej aktuellt|inte aktuell|blir inget|blir inte|det blir nej|skippa*|hoppar över|hoppa över|släpp*|glöm*
        valt en annan|valde en annan|annan leverantör|annan|en annan|någon annan|konkurrent*|andra|har redan|redan|själva|egen
        internt|stannar hos|kvar hos|bestämt oss|bestämt|beslut*|beslutat|för dyrt|för dyr|har inte råd|ingen budget
        inga pengar|utanför|stäng*|stänger|konkurs|pension*|lycka till|inget ont|aldrig|inte en chans|uteslut*|passar inte
        dragit oss ur|drar oss ur|vi står över|står över|pass
    """,
    "later": """
        senare|inte nu|just nu|för närvarande|för tillfället|i dagsläget|inte än|ännu inte|inte i år|nästa*|nästa vecka
        nästa månad|nästa år|kvartal*|budget*|bokslut*|säsong*|skörd*|semester*|sommar*|höst*|vinter*|vår*|påsk*|jul*|nyår*
        årsskift*|januari|februari|mars|april|maj|juni|juli|augusti|september|oktober|november|december|efter|när|så fort
        först|tills|om 0|om två|om tre|om en|veckor|månader|vänta*|väntar|avvakt*|tålamod|fundera*|tänka|sova på|stämm*
        styrelse*|möte*|nämnd*|beslutas|pausa*|på is|skjut*|skjuter|vilande|fryst*|återkom*|återkommer|hör av|hör av dig|höras
        ring mig i|påminn*|tid|ge mig|ge oss
    """,
    "engaged": """
        vad|hur|vilk*|vem|när|var|varför|kan ni|kan du|kan man|har ni|har du|finns|ingår|är det|fråga*|frågor|undrar|oklar*
        förklara*|intressant|intresser*|låter|ser|kul|trevlig*|spännande|fin|tack|tackar|fått|mottag*|kommit|läser|läsa|tittar
        kollar|kolla|går igenom|jämför*|pris*|kost*|kostar|rabatt*|offert*|dyr*|saftig*|marginal|förhandl*|detalj*|info*
        broschyr|prov*|referens*|exempel|om ni|om det|förutsatt|men|kanske|möjligen|säker|inget nej|inte ett nej|haha
    """,
    "referral": """
        jobbar inte kvar|slutat|har slutat|gått i pension|lämnat|efterträd*|ersatt*|tagit över|tar över|kolleg*|kontakta
        prata med|tala med|hör med|vänd* .. till|mejla|maila|ansvar*|sköter|hanterar|inköp*|avdelning*|vidarebefordr*
        skickat vidare|skickar vidare|i kopia|kopia|cc|fel person|inte rätt person|inte jag|inte mitt|chef*|vd
    """,
    "unsubscribe": """
        avregistrera*|avprenumerera*|avanmäl*|avsluta prenumeration*|ta bort|tag bort|stryk*|radera*|plocka bort|lista*|listan
        utskick*|nyhetsbrev*|register*|inga fler|inga mejl|inga mail|inget mer|inte mer|mejla inte|maila inte|skriv inte
        skicka inte|kontakta inte|hör inte av|vill inte ha|vill inte få|aldrig mer|sluta|sluta med|sluta mejla|upphör*|stopp
        stoppa*|nog|nog nu|räcker|trött på|less|spam|skräp*|trakasser*|tjat*|jag slipper|slippa|slipper|låt mig|lämna mig
        ifred|i fred|lugn*|gdpr|mina uppgifter|min adress|anmäl*|block*|spärr*
    """,
}
