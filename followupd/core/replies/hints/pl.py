"""Hints in Polish: words that lean towards a meaning, and prove nothing alone. See `hints/__init__.py`."""

from __future__ import annotations

HINTS = {
    "yes": """
        działamy|działajcie|działaj|robimy|róbcie|rób|jedziemy|lecimy|startujemy|ruszamy|zaczynamy|zaczynajcie|zielone światło
        zgoda|zgadzam się|zgadzamy się|akceptuj*|akceptuję|zaakceptowan*|zatwierdz*|zatwierdzone|umowa stoi|umow*|umowę
        podpis*|podpisuję|podpisane|podpisujemy|proszę .. umowę|proszę .. fakturę|faktur*|zaliczk*|przelew*|zamawiam*
        zamawiamy|zamówieni*|bier*|bierzemy|biorę|kupuj*|kupujemy|wchodzimy|wchodzę|rezerw*|zarezerw*|zapis*|wpis*
        proszę wpisać|proszę zapisać|potwierdz*|potwierdzam|pasuje|odpowiada|odpowiada nam|może być|jest ok|ok|okej|dobra
        dobrze|super|świetnie|idealnie|chętnie|bardzo chętnie|z przyjemnością|jasne|pewnie|oczywiście|tak|tak proszę|no to
        jak najbardziej|jestem za|jesteśmy za|liczcie na|wygraliście|wybraliśmy was|wybraliśmy państwa|wasza oferta
        do zobaczenia|zapraszam|zapraszamy|czekam|czekamy|przyjeżdżaj*|wpadaj*|dzwoń|proszę dzwonić|w poniedziałek|we wtorek
        w środę|w czwartek|w piątek|o 00|o 0|godz*|jutro|przedłuż*|jak zwykle
    """,
    "no": """
        nie jesteśmy zainteresowani|nie jestem zainteresowan*|niezainteresowan*|nie interesuje|bez zainteresowania|nie dla nas
        nie potrzebuj*|nie potrzeba|nie ma potrzeby|nie skorzyst*|nie skorzystamy|nie zdecyd*|nie zdecydowaliśmy|nie dziękuj*
        dziękuję ale|dziękujemy ale|niestety|przykro|żałuj*|szkoda|rezygn*|rezygnujemy|zrezygn*|odmaw*|odmow*|odmawiamy
        odrzuc*|odpuszcz*|odpuść*|odpada|anul*|odwoł*|nie będziemy|nie będzie|nie chcemy|nie chcę|nie wchodzi w grę|nie pasuje
        nie idziemy|nie zamierzam*|wybraliśmy inn*|wybrali inn*|inną firmę|inny dostawc*|innego dostawc*|inna oferta
        inną ofertę|inn*|konkurenc*|gdzie indziej|mamy już|już mamy|mam już|już kupi*|już podpis*|sami|własn*|zostajemy przy
        zostajemy z|za drogo|za drogie|zbyt drog*|nie stać|brak środków|nie ma pieniędzy|nie ma budżetu|bez budżetu|zamyk*
        zamknij*|proszę zamknąć|likwid*|upadł*|emerytur*|koniec|temat zamknięty|nieaktualn*|zapomnij*|dajmy spokój|powodzenia
        bez urazy|nigdy|w życiu|absolutnie nie|decyzja|zdecydow*
    """,
    "later": """
        później|nie teraz|na razie|teraz nie|obecnie|w tej chwili|w tym roku|jeszcze nie|przyszł*|w przyszłym|następn*|kolejn*
        kwartał*|budżet*|sezon*|żniw*|wakacj*|urlop*|lato|latem|jesień|jesieni*|zima|zimą|wiosn*|wielkanoc*|święt*|nowy rok
        nowym roku|stycz*|lut*|marc*|kwie*|maj*|czerw*|lip*|sierp*|wrze*|paździer*|listopad*|grud*|po|jak tylko|kiedy|gdy
        dopóki|dopiero|za 0|za dwa|za trzy|za miesiąc|za tydzień|tygodni*|miesiąc*|czekam*|poczekać|cierpliw*|muszę pomyśleć
        przemyśl*|zastanow*|naradz*|zarząd*|rad*|zebrani*|spotkani*|decyzj* .. w|wstrzyman*|odłoż*|przełoż*|zawieszon*|pauz*
        odezwę się|odezwiemy|odezwij*|odezwać|wrócimy|wrócę|wrócić|proszę o kontakt|kontakt w|przypom*|dam znać|damy znać
        czas*|daj mi
    """,
    "engaged": """
        co|jak|ile|jaki*|jaka|kto|kiedy|gdzie|dlaczego|czy|czy mogą|czy można|czy macie|mogą państwo|możecie|pytani*|pytam
        wątpliw*|wyjaśni*|ciekaw*|interesując*|podoba|brzmi|wygląda|fajn*|ładn*|dziękuj*|dzięki|otrzyma*|dosta*|doszło
        przeczyt*|zobacz*|przejrz*|spojrz*|analiz*|porówn*|cen*|koszt*|kosztuje|rabat*|zniżk*|ofert*|drogo|drogi|sporo|negocj*
        szczegół*|informacj*|ulotk*|próbk*|referencj*|przykład*|jeśli|jeżeli|o ile|pod warunkiem|ale|jednak|może|chyba
        nie mówię nie|haha
    """,
    "referral": """
        już nie pracuje|nie pracuje|odszed*|odeszł*|emerytur*|zastąpi*|następc*|kolega|koleżank*|proszę pisać do
        proszę kontaktować|proszę rozmawiać|skontaktow* z|kontakt z|zajmuje się|odpowiada za|prowadzi|decyduje|kierowni*|szef*
        dyrektor*|dział*|zakup*|przekaz*|przesyłam|przesłał*|w kopii|dw|do wiadomości|nie ja|nie do mnie|niewłaściw*
        nie ta osoba
    """,
    "unsubscribe": """
        wypis*|wypisać|wypiszcie|usun*|usunąć|usuńcie|skreśl*|wykreśl*|skasuj*|lista|listy|bazy|baza|newsletter*|nie pisz*
        nie piszcie|nie pisać|nie wysyłaj*|nie wysyłać|proszę nie|więcej maili|więcej wiadomości|nie chcę otrzymywać|nie życzę
        nie życzymy|przestań*|przestańcie|przestać|dość|dosyć|stop|koniec|mam dość|spam*|nęka*|męcz*|zawraca*|spokój|w spokoju
        odczep*|rodo|dane|moje dane|mój adres|skarg*|uodo|blok*|cofam zgodę|zgod*
    """,
}
