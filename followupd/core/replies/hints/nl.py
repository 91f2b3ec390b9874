"""Hints in Dutch: words that lean towards a meaning, and prove nothing alone. See `hints/__init__.py`."""

from __future__ import annotations

HINTS = {
    "yes": """
        akkoord|gaan ervoor|gaan we doen|doen we|doe maar|we doen het|ik doe het|ga maar|ga je gang|aan de slag|starten
        start maar|begin maar|van start|groen licht|goedgekeurd|goedkeuring|getekend|tekenen|teken|handtekening|contract
        stuur .. contract|stuur .. factuur|factu*|offerte getekend|bestel*|bestelling|order|opdracht|gegund|geboekt|boek*
        reserveer*|inplannen|plan .. in|plan maar|ingepland|zet .. in|zet ons|zet mij|schrijf .. in|neem ik|nemen we|nemen wij
        we nemen|ik neem|kopen|koop|deal|afgesproken|verkocht|prima|top|perfect|uitstekend|graag|heel graag|ja graag|ja hoor
        ja|jazeker|jawel|zeker|tuurlijk|natuurlijk|uiteraard|goed|is goed|oké|ok|past|past ons|past mij|komt goed uit|schikt
        schikt ons|lukt|kan ik|kunnen we|doe mee|doen mee|reken op|van de partij|erbij|we zijn erbij|jullie zijn het geworden
        gekozen voor jullie|kiezen voor jullie|gewonnen|aanbetaling|overgemaakt|betaal*|lever*|leveren|kom maar|kom langs
        komt u|langskomen|tot dan|tot maandag|tot dinsdag|tot woensdag|tot donderdag|tot vrijdag|maandag|dinsdag|woensdag
        donderdag|vrijdag|00 uur|0 uur|00u|bel maar|verlengen|verleng|zoals besproken|zoals altijd
    """,
    "no": """
        geen interesse|niet geïnteresseerd|geen belangstelling|niets voor ons|niks voor ons|niet voor ons|niks voor mij
        geen behoefte|niet nodig|hebben .. niet nodig|hoeft niet|hoeft voor ons|hoeven we niet|nee|nee bedankt|nee dank|neen
        nope|nou nee|liever niet|helaas|jammer|spijt*|het spijt|teleurstell*|zien .. van af|zien ervan af|afgezien|afzien
        afwijz*|afgewezen|wijzen .. af|gaan niet|gaan we niet|niet door|gaat niet door|doen we niet|niet verder|niet meer
        stoppen|gestopt|geannuleerd|annul*|afgeblazen|van de baan|geschrapt|begraven|einde verhaal|over en uit|laat maar
        laten we|vergeet het|vergeet|besloten|beslist|beslissing|gekozen voor|andere partij|andere leverancier
        andere aanbieder|ander|een andere|iemand anders|concurren*|elders|ergens anders|al voorzien|voorzien|hebben al|heb al
        al een|reeds|zelf gedaan|doen het zelf|zelf|intern|eigen|blijven bij|blijf bij|te duur|te prijzig|geen geld
        geen budget|niet betalen|boven ons|niet passend|past niet|niet geschikt|sluit niet|sluiten we|sluit .. dossier|dossier
        failliet|gaan dicht|gestopt met|pensioen|bedankt maar|veel succes|succes|niets persoonlijks|nooit|geen denken aan
        geen sprake|mooi niet|passen|we passen|ik pas
    """,
    "later": """
        later|nu niet|niet nu|nog niet|voorlopig|op dit moment|momenteel|even niet|dit jaar niet|volgend*|volgende week
        volgende maand|volgend jaar|nieuwe jaar|kwartaal|q0|begroting|budget*|boekjaar|seizoen|oogst|vakantie|bouwvak|zomer
        herfst|najaar|winter|voorjaar|lente|pasen|kerst|januari|februari|maart|april|mei|juni|juli|augustus|september|oktober
        november|december|na de|na het|nadat|zodra|als .. is|wanneer|pas in|pas na|over 0|over twee|over drie|over een|weken
        maanden|wachten|wacht*|afwachten|geduld|bedenktijd|nadenken|denken .. na|slapen|overleg*|bespreken|vergadering|bestuur
        raad|directie|beslissen .. in|nog open|uitgesteld|uitstel*|in de ijskast|ijskast|on hold|pauze|bevroren|geparkeerd
        kom erop terug|kom er op terug|komen erop terug|terugkom*|laat weten|laat ik|hoort van|bel .. in|mail .. in
        neem .. contact|trek .. bel|herinner*|tijd|geef me|geef ons
    """,
    "engaged": """
        wat|hoe|welke|hoeveel|wie|wanneer|waar|waarom|kunt u|kun je|kan het|kunnen jullie|heeft u|heb je|hebben jullie|is er
        zijn er|vraag*|vragen|onduidelijk|uitleg*|interessant|leuk|mooi|klinkt|ziet er|spreekt|benieuwd|dank|bedankt|thanks
        ontvangen|gekregen|binnen|bekijk*|kijk|lees|lezen|bestuder*|vergelijk*|prijs*|kosten|kost|korting|offerte|aanbod|duur
        pittig|stevig|ruimte|marge|onderhandel*|details|informatie|info|folder|brochure|monster*|referentie*|voorbeeld*
        als jullie|als u|mits|maar|wel|misschien|wellicht|twijfel*|geen nee|haha
    """,
    "referral": """
        niet meer werkzaam|werkt niet meer|werkt hier niet|uit dienst|vertrokken|met pensioen|opvolg*|overgenomen
        neemt .. over|collega*|contact op met|neem contact|bel met|mail naar|spreek met|praat met|vraag .. aan|gaat over
        gaat daarover|regelt|verantwoordelijk*|beheert|inkoop|afdeling|doorgestuurd|stuur .. door|doorgezet|in cc|cc
        verkeerde persoon|niet de juiste|niet mijn|niet bij mij|ga ik niet over|ik ga daar niet|bij mevrouw|bij meneer|mevrouw
        meneer|leidinggevende|directeur
    """,
    "unsubscribe": """
        uitschrijv*|schrijf .. uit|afmeld*|meld .. af|afmelden|verwijder*|haal .. van|haal .. uit|haal mij|haal me|wis|wissen
        schrap*|lijst|mailinglijst|bestand|nieuwsbrief|geen mails|geen mail|geen e-mails|geen berichten|niks meer|niets meer
        niet meer mailen|niet meer schrijven|niet meer benader*|mail .. niet meer|mail me niet|nooit meer|stop|stop met
        stoppen met|hou op|houd op|ophouden|genoeg|zat|beu|kappen|laat me|laat mij|laat ons|met rust|rust|spam|lastig*
        lastigvallen|hinder*|avg|gdpr|privacy|mijn gegevens|mijn adres|klacht|blokke*
    """,
}
