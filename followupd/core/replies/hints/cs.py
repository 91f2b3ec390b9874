"""Hints in Czech: words that lean towards a meaning, and prove nothing alone. See `hints/__init__.py`."""

from __future__ import annotations

HINTS = {
    "yes": """
        jdeme do toho|jdeme na to|do toho|pojďme|pojďme na to|začněte|začneme|začínáme|spusťte|spouštíme|zelenou|schváleno
        schvál*|souhlas*|souhlasím*|souhlasíme|platí|beru|bereme|beru to|bereme to|objedn*|objednávám*|objednávka|kupuj*
        koupíme|rezerv*|zarezerv*|zapiš*|zapište|přihl*|počítejte s|potvrz*|potvrzuji|podepí*|podepsáno|podepisuj*|podepsan*
        smlouv*|pošlete smlouv*|pošlete faktur*|faktur*|záloh*|zaplat*|dodejte|dodání|pošlete|přijím*|přijímáme|vyhráli jste
        vybrali jsme vás|vybrali jsme vaši|ano|ano prosím|jo|jasně|jistě|určitě|samozřejmě|rád|rádi|ráda|s radostí|dobře|ok
        okej|super|výborně|perfektní|skvělé|hodí se|vyhovuje|vyhovuje nám|sedí|to jde|domluveno|dohodnuto|plácneme si|těším se
        těšíme se|přijeďte|přijďte|stavte se|zavolejte|v pondělí|v úterý|ve středu|ve čtvrtek|v pátek|v 0|v 00|hodin|zítra
        prodlouž*|jako obvykle
    """,
    "no": """
        nemáme zájem|nemám zájem|bez zájmu|nezájem|není pro nás|nepotřebuj*|není potřeba|ne|ne děkuj*|děkuji ale|děkujeme ale
        bohužel|lituj*|mrzí|škoda|odmít*|odmítáme|zamít*|zamítnut*|rušíme|zruš*|zrušeno|odstup*|upouští*|vzdáváme|nechceme
        nechci|nebudeme|nebude|nepůjdeme|nepokračuj*|nepřichází v úvahu|nehodí se|nevyhovuje|nezaujal*|jiného dodavatel*
        jiný dodavatel|jinou firmu|jinou nabídku|jin*|konkuren*|vybrali jsme jin*|rozhodli|rozhodl*|už máme|už mám|máme svého
        sami|vlastní|zůstáváme u|zůstaneme u|příliš drah*|moc drah*|drahé|nemáme peníze|nemáme rozpočet|není rozpočet|zavír*
        zavřete|uzavřete|končíme|konec|krach|insolven*|důchod*|zapomeňte|nechme|nechte být|hodně štěstí|nikdy|v žádném
        vyloučeno
    """,
    "later": """
        později|teď ne|nyní ne|zatím|zatím ne|momentálně|v současné době|ještě ne|letos|příští*|příští týden|příští měsíc
        příští rok|čtvrtlet*|rozpoč*|sezon*|sezón*|žně|prázdnin*|dovolen*|léto|létě|podzim*|zim*|jar*|velikono*|vánoc*|svátk*
        nový rok|novém roce|leden|lednu|ledna|únor*|březen|březnu|března|duben|dubnu|dubna|květen|květnu|května|červen*|červn*
        srpen|srpnu|srpna|září|říjen|říjnu|října|listopad*|prosin*|po|až|jakmile|dokud|za 0|za dva|za tři|za měsíc|za týden
        týdn*|měsíc*|počk*|čekám*|trpěliv*|rozmysl*|promysl*|porad*|vedení|rad*|schůz*|jednání|odlož*|odklád*|pozastav*
        přesun*|ozvu se|ozveme|ozvěte|vrátím*|připom*|dám vědět|dáme vědět|čas|dejte mi
    """,
    "engaged": """
        co|jak|kolik|jak*|kdo|kdy|kde|proč|můžete|mohli byste|máte|je možné|je to|dotaz*|otázk*|pochyb*|vysvětl*|zajím*
        zajímav*|líbí|zní|vypadá|hezk*|pěkn*|díky|děkuj*|dostal*|obdržel*|přišlo|přečt*|podívám*|prohlédn*|prostud*|porovn*
        cen*|stojí|sleva|slev*|nabídk*|draho|smlouvat|podrobnost*|informac*|leták|vzorek|vzork*|referenc*|příklad*|pokud
        jestli|kdyby|ale|však|možná|asi|neříkám ne|haha
    """,
    "referral": """
        už nepracuje|již nepracuje|nepracuje|odešel|odešla|v důchodu|nástup*|nahrad*|převzal*|kolega|kolegyn*|kontaktujte
        obraťte|mluvte s|promluvte|pište|volejte|má na starosti|starosti|zodpov*|odpovíd* za|vede|nákup*|oddělení|přepos*
        předal*|předávám|v kopii|nejsem|špatn* osob*|nesprávn*|vedoucí|šéf*|ředitel*
    """,
    "unsubscribe": """
        odhlás*|odhlaste|odhlásit|vyřaď*|vyřadit|vymaž*|vymazat|smaž*|smazat|odstraň*|vyškrt*|seznam*|databáz*|newsletter*
        nepište|nepiš*|neposílejte|neposíl*|nekontakt*|nevolejte|nechci dostávat|nechci dostat|nepřej*|nepřejeme|už ne
        žádné další|přestaňte|přestaň*|dost|stačí|stačilo|stop|nechte mě|nechte nás|na pokoji|spam|obtěž*|otrav*|gdpr|mé údaje
        moji adresu|stížn*|blok*|odvoláv* souhlas
    """,
}
