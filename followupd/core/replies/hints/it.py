"""Hints in Italian: words that lean towards a meaning, and prove nothing alone. See `hints/__init__.py`."""

from __future__ import annotations

HINTS = {
    "yes": """
        procediamo|procedete|proceda|procedi|andiamo avanti|avanti|andiamo|si parte|partiamo|partite|facciamo|facciamolo
        facciamo così|si fa|d'accordo|va bene|va benissimo|ok|okay|perfetto|ottimo|benissimo|affare fatto|affare|andata
        aggiudicato|aggiudic*|accett*|accettiamo|accetto|approv*|approvato|via libera|confermo|confermiamo|conferm*|confermato
        ci sto|ci stiamo|ci siamo|ci sono|contateci|conti su|conta su|volentieri|con piacere|molto volentieri|certo|certamente
        sì|si grazie|sì grazie|sissignore|come no|assolutamente|senz'altro|ordin*|ordiniamo|ordine|compr*|compriamo|prendiamo
        prendo|lo prendo|la prendo|li prendiamo|lo voglio|prenot*|prenoti|iscriv*|segni|segnami|segnateci|mettete*|firm*|firmo
        firmiamo|firmato|contratto|mandi .. contratto|mandate .. contratto|mandi .. fattura|fattur*|fattura|acconto|bonifico
        caparra|pago|paghiamo|consegn*|spedi*|mandate|mandi|manda|inviate|iniziamo|iniziate|cominciamo|attiv*|installate
        scelto voi|abbiamo scelto voi|siete voi|avete vinto|il lavoro è vostro|vostro|appuntamento|ci vediamo|vi aspetto
        la aspetto|ti aspetto|aspettiamo|passi|passate|venga|venite|a martedì|a lunedì|a giovedì|lunedì|martedì|mercoledì
        giovedì|venerdì|alle 0|alle 00|ore 00|domani|chiami|rinnov*|come sempre|come concordato
    """,
    "no": """
        non siamo interessat*|non sono interessat*|non interessa|non ci interessa|non mi interessa|nessun interesse|non fa per
        non è per noi|non ci serve|non mi serve|non serve|non abbiamo bisogno|non ho bisogno|nessun bisogno|no|no grazie
        grazie ma|niente|niente da fare|purtroppo|ahimè|spiacent*|dispiace|mi spiace|rammaric*|peccato|declin*|rifiut*|rinunc*
        rinunciamo|scart*|scartat*|bocciat*|respint*|annull*|cancell*|sospes*|salta|saltato|tramontat*|morto|sepolt*
        lasciamo perdere|lasci perdere|lascia perdere|lasciate perdere|chiudiamo qui|chiuda|chiudete|chiudiamo|archivi*
        non procediamo|non procederemo|non andiamo|non andremo|non proseguiamo|non se ne fa|non si fa|non faremo
        non lo facciamo|non vogliamo|non voglio|non intendiamo|altro fornitore|altra azienda|altra soluzione|altra ditta
        un altro|un'altra|concorren*|altrove|abbiamo scelto|ho scelto|scelto|deciso|abbiamo deciso|optato|affidat*|già un
        già una|abbiamo già|ho già|già fatto|già firmato|già preso|restiamo con|rimaniamo con|resto con|internamente|da soli
        in casa|proprio|troppo car*|troppo alto|costa troppo|non ce lo possiamo|non possiamo permett*|niente soldi
        senza budget|nessun budget|fuori budget|cessa* attività|chiude l'attività|pensione|fallit*|in bocca al lupo
        buona fortuna|buon lavoro|senza rancore|mai|giammai|nemmeno per|non se ne parla|definitiv*|passiamo|passo
    """,
    "later": """
        più avanti|più tardi|dopo|adesso no|ora no|non ora|non adesso|per ora|per adesso|al momento|in questo momento
        attualmente|ancora no|non ancora|quest'anno no|settimana prossima|prossima settimana|prossim*|mese prossimo
        anno prossimo|anno nuovo|trimestre|semestre|bilancio|budget*|esercizio|stagione|raccolta|vendemmia|ferie|vacanze
        estate|autunno|inverno|primavera|pasqua|natale|feste|gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|agosto
        settembre|ottobre|novembre|dicembre|quando|appena|non appena|finché|fino a|tra 0|tra due|fra due|fra tre|tra un|fra un
        tra qualche|aspett*|attend*|attesa|pazienz*|pensarci|penso|ci penso|rifletter*|valutare|parlarne|consiglio|giunta
        riunione|assemblea|commissione|delibera|decid* .. a|in sospeso|rimand*|rinvi*|rinviat*|posticip*|congelat*|ferm*
        in pausa|stand by|le faccio sapere|ti faccio sapere|faremo sapere|vi faccio|mi faccio vivo|mi faccio sentire
        ci sentiamo|risent*|risentiamoci|richiam*|ricontatt*|riscriv*|riparl*|ne riparliamo|ricord*|sollecit*|tempo|mi dia
        dammi|dateci
    """,
    "engaged": """
        cosa|come|quanto|quale|quali|chi|quando|dove|perché|potete|potrebbe|potreste|può|puoi|avete|ha|c'è|ci sono|è possibile
        include|domand*|dubbi*|chiar*|spieg*|interessant*|interess*|piace|carin*|bello|bella|sembra|tentat*|grazie|ricevut*
        letto|leggo|guardo|guardiamo|vediamo|valut*|studi*|confront*|prezz*|cost*|costa|sconto|sconti|preventivo|offerta|caro
        cara|car*|margine|trattabil*|dettagl*|informazion*|brochure|campion*|referenz*|esempi*|se mi|se ci|se il|se lo|purché
        però|ma|forse|magari|non è un no|non dico no|ahah*
    """,
    "referral": """
        non lavora più|non è più|ha lasciato|andat* in pensione|ha cambiato|sostitu*|successor*|collega|colleghi|contatti
        contattare|si rivolga|rivolgersi|parli con|parlate con|scriva a|senta|sentite|chieda a|chiedere a|si occupa
        se ne occupa|gestisce|segue|responsabile|incaricat*|referente|in copia|metto in copia|inoltr*|inoltrato|giro|girato
        giro la|passo la|passato|persona sbagliata|non sono io|non è di mia|competenza|ufficio|reparto|acquisti|titolare
        direttore|capo
    """,
    "unsubscribe": """
        disiscri*|cancell* .. iscrizione|cancellatemi|cancellami|cancelli|cancellate|rimuov*|rimozione|toglie*|toglietemi
        togliermi|toglimi|tolga|eliminate*|elimin*|depenn*|lista|mailing list|elenco|newsletter|database|non ricevere
        più ricevere|non voglio più|non desidero|non scriv*|non mi scriv*|non scrivetemi|non mi contatt*|non contatt*
        non mandat*|non invi*|smett*|smettetela|smetta|smettila|basta|finitela|stop|fermatevi|stufo|stufa|stanc*|stress*
        disturb*|molest*|perseguit*|assill*|spam|lasciatemi|lasciateci|in pace|privacy|gdpr|garante|miei dati|mio indirizzo
        mia mail|denunc*|blocc*|segnal*
    """,
}
