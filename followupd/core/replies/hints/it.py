"""Hints in Italian: words that lean towards a meaning, and prove nothing alone. See `hints/__init__.py`."""

from __future__ import annotations

HINTS = {
    "yes": """
        procediamo|procedete|proceda|procedi|andiamo avanti|si parte|partiamo|partite|facciamolo|facciamo così|si fa|d'accordo
        va benissimo|ok|okay|perfetto|ottimo|benissimo|affare fatto|affare|andata|aggiudicato|accett*|accettiamo|accetto
        approvato|via libera|confermo|confermiamo|confermato|ci sto|ci stiamo|ci sono|contateci|conti su|conta su|volentieri
        con piacere|molto volentieri|certamente|si grazie|sì grazie|sissignore|come no|senz'altro|ordin*|ordiniamo|compriamo
        prendiamo|prendo|lo prendo|la prendo|li prendiamo|lo voglio|prenot*|prenoti|iscriv*|segni|segnami|segnateci|firm*
        firmo|firmiamo|firmato|mandi .. contratto|mandate .. contratto|mandi .. fattura|fattur*|acconto|bonifico|caparra
        paghiamo|consegn*|iniziamo|iniziate|cominciamo|attiv*|installate|scelto voi|abbiamo scelto voi|siete voi|avete vinto
        il lavoro è vostro|ci vediamo|vi aspetto|la aspetto|ti aspetto|aspettiamo|passi|venga|venite|a martedì|a lunedì
        a giovedì|rinnov*|come sempre|come concordato|sì, grazie|sì, ok|sì, per|sì, il|sì, mi|sì, lo|sì, la|sì, ci|sì, domani
        sì, volentieri|sì, perfetto|presente all'|di pomeriggio|rinnovato il|sì certo|sì, procedi*|sì, va|sì, proced*
        sì, conferm*|sì lo|sì la|sì procediamo|sì facciamo|sì ci|certo che sì|certo,|certo che|ma certo|ma sì|di sì|detto sì
        dice sì|procedere|procedi pure|procedete pure|proceda pure|procedo|procediamo con|si proceda|vada avanti|andate avanti
        vai avanti|avanti tutta|avanti così|si va|vai|vai tranquillo|vada|vada per|fate pure|faccia pure|fai pure|fatelo
        lo faccia|lo facciamo|la facciamo|facciamo giovedì|facciamo martedì|facciamo alle|facciamo il|facciamo lunedì
        facciamo venerdì|facciamo mercoledì|va bene per|va bene il|va bene alle|va bene giovedì|va bene martedì|va bene lunedì
        va bene venerdì|va bene domani|va bene così|va bene,|mi va bene|ci va bene|per me va|per noi va|benone|bene così
        perfetto così|ok per|ok a|ok al|ok,|ok la|ok il|ok partiamo|okk*|dato l'ok|dà l'ok|ha dato l'|semaforo verde
        nulla osta|nullaosta|approvata|approviamo|approvo|approvazione è|ha approvato|hanno approvato|all'unanimità
        deliberato a|deliberato di affid*|favorevole|a favore|visto si|autorizz*|sottoscriv*|sottoscritt*|benestare|confermata
        confermatissim*|conferma per|confermo per|accettato|accettata|accettare|si accetta|aggiudicata|venduto
        ci stiamo dentro|sono dei vostri|siamo dei vostri|siamo con voi|sono con voi|siamo a bordo|a bordo|siamo pronti
        sono pronto|sono pronta|pronti a|pronta a|pronto a|convint*|convintissim*|mi ha convinto|mi avete convinto
        ci avete convinto|scelgo voi|scegliamo voi|la vostra proposta|preferiamo voi|è vostro|lavoro è suo|incarico è
        vi affidiamo|le affido|affidiamo a voi|lo compro|ordino|ordinate|ordini|lo ordini|ordine confermato|ordine in
        ordine allegato|modulo d'ordine|buono d'ordine|conferma d'ordine|le prendo|li prendo|ne prendo|ne prendiamo
        lo prendiamo|la prendiamo|prendiamo tutt*|me lo tenga|me la tenga|tenetemi|mettimi da|metta da|riservi*|riservatemi
        riservateci|riservo|bloccate|blocchi|blocchiamo|prenoto|prenotiamo|prenotate|prenotato|prenotazione|prenota|si prenota
        iscrivetemi|iscrivimi|iscriveteci|mi iscrivo|ci iscriviamo|iscrivo|iscriva|segnaci|mi segni|segnatemi|aggiungimi
        mettici|mettimi|mi metta|ci metta|firmata|firmare|ho firmato|abbiamo firmato|firma digitale|firmato e|per la firma
        firma oggi|la firma|dove firmo|dove si firma|mando firmato|in allegato .. firmat*|allego .. firmat*
        attendo il contratto|attendiamo il contratto|attendiamo la convenzione|mandi il contratto|mandate il contratto
        inviate il contratto|mandami il contratto|mandi pure|mandate pure|manda pure|mi mandi il|mi mandi la|mandatemi il
        spedite|spedisca|spedite pure|consegnate|consegna|fatturate|fatturi|fatturare|la fattura|emettete|emetta|iban
        ho pagato|pagherò|saldo|versato|verso l'|carta di credito|pagamento effettuato|partita iva la|iniziare|iniziare il
        potete iniziare|può iniziare|inizi|inizi pure|cominciare|cominciate|cominci|partire il|partite pure|parta|partenza
        si comincia|si inizia|attivate|attivi|attiviamo|attivi pure|attivare|installi|montate|montaggio|stampate|stampi
        preparate|prepari|prepari pure|tagliate|rinnovate|rinnovo|rinnoviamo|rinnovi|rinnovi pure|riconferm*|proroghiamo
        altri 2* mesi|come l'ultima volta|come l'anno scorso|come al solito|come da preventivo|come da accordi|come d'accordo
        stesso ordine|solito|accogliamo|accolgo|vi accogliamo|aderiamo|aderisco|adesione|partecip*|partecipiamo|ci sarò
        ci saremo|saremo in|saremo presenti|ci sono per|ci si vede|vediamoci|a domani|a sabato|a venerdì|a dopodomani
        l'aspetto|la attendo|vi attendo|vi attendiamo|vi aspettiamo|la aspettiamo|ti aspettiamo|passi pure|passi quando|passi,
        passa pure|passa quando|passate pure|venga pure|venite pure|vieni|vieni pure|venga alle|mi chiami alle|chiamami alle
        la mattina|per giovedì|per martedì|per lunedì|per venerdì|per mercoledì|giovedì alle|martedì alle|lunedì alle
        mercoledì alle|venerdì alle|sabato alle|domani alle|domani mattina|alle 1*|alle 9*|alle 8|alle 8,*|dalle 1*|dopo le 9
        dopo le 1*|il 2* dicembre|mi è comodo|ci è comodo|mi torna|ci torna|mi fa comodo|mandami l'invito|mandi l'invito
        mandi il link|inviami il link|mandami il link|con gioia|con entusiasmo|ben volentieri|non vedo l'ora|non vediamo l'ora
        entusiast*|senza dubbio|sicuramente|sicuro|figuriamoci|ovvio|ovviamente|eccome|altroché|nessun problema
        nessuna obiezione|nessun ostacolo|niente in contrario|nulla in contrario|niente da obiettare|ci mancherebbe|daje
        dai sì|dajee*|si può fare|ottima proposta|deciso:|deciso per voi|abbiamo deciso di procedere
        abbiamo deciso di accettare|abbiamo deciso per|ho già chiamato|ho ritrovato|quando arriva|teniamo|la teniamo
        lo teniamo|tenete il
    """,
    "no": """
        non siamo interessat*|non sono interessat*|non interessa|non ci interessa|non mi interessa|nessun interesse|non fa per
        non è per noi|non ci serve|non mi serve|non serve|non abbiamo bisogno|non ho bisogno|nessun bisogno|no grazie
        grazie ma|niente da fare|purtroppo|ahimè|spiacent*|dispiace|mi spiace|rammaric*|declin*|rifiut*|rinunc*|rinunciamo
        scart*|scartat*|bocciat*|respint*|annull*|sospes*|salta|saltato|tramontat*|lasciamo perdere|lasci perdere
        lascia perdere|lasciate perdere|chiudiamo qui|chiuda|chiudete|chiudiamo|non procediamo|non procederemo|non andiamo
        non andremo|non proseguiamo|non se ne fa|non si fa|non faremo|non lo facciamo|non vogliamo|non intendiamo
        altro fornitore|altra azienda|altra soluzione|altra ditta|un'altra|concorren*|altrove|abbiamo scelto|abbiamo deciso
        optato|affidat*|abbiamo già|già firmato|già preso|restiamo con|rimaniamo con|resto con|internamente|troppo car*
        troppo alto|costa troppo|non ce lo possiamo|non possiamo permett*|niente soldi|senza budget|nessun budget|fuori budget
        cessa* attività|chiude l'attività|pensione|fallit*|in bocca al lupo|buona fortuna|senza rancore|giammai|nemmeno per
        non se ne parla|chiuso l'attività|abbiamo chiuso|chiuso la ditta|chiuso bottega|chiude l'|chiude i battenti
        disdetta del|non vogliamo proced*|non desideriamo proced*|contro la|ha votato contro|no, grazie|no, non|no:|no, l'
        no, per|è no|è un no|dire di no|detto di no|dice di no|proprio no|anche no|direi di no|credo proprio di no|no davvero
        macché|figurarsi|manco|nisba|nix|niet|neppure|non fa al|non è per|non è il nostro|non è il mio|non è quello
        non rientra*|non è in linea|non in linea|non è adatt*|non adatt*|non si adatta|non ci convince|non mi convince
        non convince|non convint*|non ci siamo|non va bene|non va|non ci va|non mi va|non ci riguarda|non riguarda
        non ne abbiamo|non ne ho|non ne avremo|non ne vedo|non vedo|non abbiamo necessità|nessuna necessità|non occorre
        non necessit*|non ci occorre|non ci interess*|non interess*|scarso interesse|zero interesse|non me la sento
        non ce la sentiamo|non siamo in grado|non siamo nelle|non possiamo|non posso permett*|non riusciamo|impossibile
        non ci sono le condizioni|non ha senso|non vale|non conviene|non ci conviene|non credo|non pensiamo|ringrazio ma
        ringraziamo ma|grazie, ma|grazie mille ma|grazie lo stesso|grazie comunque|grazie mille comunque|la ringrazio
        vi ringraziamo|ti ringrazio|ringraziamo per|ringraziandovi|grazie per il tempo|grazie della proposta
        grazie dell'offerta|gentile ma|molto gentile|spiace|mi dispiace|ci dispiace|siamo spiacenti|desolat*|rammarico
        rincresce|a malincuore|peccato per|che peccato|con rispetto|scusa|scusate|non procedere|non procedo|non proced*
        non proseguire*|non prosegu*|non continu*|non andare avanti|non andiamo avanti|non si va|non si farà|non se ne farà
        non si compr*|non compr*|non acquist*|non ordin*|non firm*|non accett*|non approv*|non è stato approv*|non è stata
        non è passat*|non passa|non rinnov*|non ader*|non partecip*|non ci andiamo|non veniamo|non verr*|non confer*
        non lo prend*|non la prend*|non li prend*|non vorr*|non lo vogli*|non la vogli*|non vuole|non vogliono|non ha voluto
        non intend*|non affid*|non affidar*|non farò|non cambi*|non usi*|non usiamo|non lavora più|non lavoriamo|non si lavora
        non ci siamo più|non esiste|decliniamo|declino|declinare|diniego|rinuncio|rinuncia|rinunciare|ritir*|ritiriamo
        ritiro la|ci ritiriamo|mi ritiro|tiro indietro|tiriamo indietro|recediamo|recesso|disdic*|annullate|annulli|annullato
        annulliamo|annulla|cancellate l'ordine|cancelli l'ordine|cancellato|bocciato|bocciata|respinto|respinta|scartato
        scartata|votato contro|voto contrario|contrari*|parere negativo|negativ*|sfavorevol*|ha detto no|hanno detto no
        detto no|deciso di non|deciso di no|abbiamo deciso di restare|deciso di rimanere|deciso di saltar*|decisione di non
        si è deciso di|deciso diversamente|altra decisione|ha deciso di|hanno deciso di|scelto un'altr*|scelto un altro
        scelto altr*|scelto di|abbiamo scelto un*|abbiamo scelto l'altr*|ho scelto un*|hanno scelto|preferito|preferiamo
        preferisco|optato per|optiamo|orientati|orientamento|altra società|altra agenzia|altra strada|altra proposta
        altra offerta|altro preventivo|altre strade|altri fornitori|l'altra|l'altro|un'altra ditta|un'altra società
        un'altra agenzia|un'altra strada|un altro fornitore|un altro preventivo|un altro professionista|fornitore storico
        fornitore abituale|fornitore di fiducia|solito fornitore|nostro fornitore|attuale fornitore|la concorrenza
        un concorrente|vostro concorrente|da un altro|con un altro|da altri|con altri|con la location|firmato con|firmato ieri
        rinnovato con|già rinnovato|già comprat*|già acquist*|già ordinat*|già risolto|già provveduto|già affidat*|già coperti
        già a posto|siamo a posto|sono a posto|siamo coperti|siamo apposto|abbiamo risolto|ho risolto|risolto
        abbiamo provveduto|ho provveduto|provveduto|trovato|abbiamo trovato|ho trovato|mio cugino|mio cognato|mio nipote
        mio genero|un amico|di sua cognata|da sola|da solo|faccio da|facciamo da|facciamo noi|per conto nostro|restiamo così
        rimaniamo così|stiamo bene così|va bene quello che|ci teniamo|mi tengo|troppo|troppo caro|troppo cara|troppo costos*
        fuori portata|fuori dal nostro|oltre il nostro|a quel prezzo|a quella cifra|a quelle cifre|costa il doppio
        non ci sono soldi|non ci sono i soldi|non ci sono fondi|senza soldi|finiti i soldi|niente budget|tagliato il
        tagliato tutto|non ce lo|non ce la|non me lo posso|follia|pazzia|un furto|furto|esagerat*|progetto è|saltato tutto
        è saltato|saltata|saltarla|tramontato|naufragat*|sfumat*|fallimento|liquidazione|concordato|chiusura|cessata attività
        ceduto|venduto|venduta|ho venduto|in pensione|smetto|smettiamo|game over|addio|arrivederci|stop a tutto|fine della
        fine dei giochi|finita qui|finisce qui|la chiuda|chiuda pure|chiudete pure|archiviate|la metta|croce sopra
        una pietra sopra|lasci stare|lasciamo stare|lascia stare|lasciate stare|lasciamo|perdere|se lo scordi|scordat*
        nemmeno morto|neanche morto|neanche gratis|nemmeno gratis|nemmeno regalat*|mai e poi mai|assolutamente no
        buon proseguimento|buona continuazione|auguri per|le auguro|vi auguro|vi auguriamo|sarà per|un'altra volta
        alla prossima|amici come prima|fiducia|sfiducia|non mi fido|non ci fidiamo|delus*|brutta esperienza|recensioni
        scottat*|troppo tardi|tardi ormai|ormai|fuori tempo
    """,
    "later": """
        più avanti|più tardi|adesso no|ora no|non ora|non adesso|per ora|per adesso|al momento|in questo momento|attualmente
        ancora no|non ancora|quest'anno no|settimana prossima|prossima settimana|mese prossimo|anno prossimo|anno nuovo
        trimestre|semestre|bilancio|budget*|esercizio|stagione|raccolta|vendemmia|ferie|vacanze|estate|autunno|inverno
        primavera|pasqua|natale|feste|gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|agosto|settembre|ottobre|novembre
        dicembre|appena|non appena|finché|fino a|tra 0|tra due|fra due|fra tre|tra un|fra un|tra qualche|aspett*|attend*
        attesa|pazienz*|pensarci|penso|ci penso|rifletter*|valutare|parlarne|consiglio|giunta|riunione|assemblea|commissione
        delibera|decid* .. a|in sospeso|rimand*|rinvi*|rinviat*|posticip*|congelat*|in pausa|stand by|le faccio sapere
        ti faccio sapere|faremo sapere|vi faccio|mi faccio vivo|mi faccio sentire|ci sentiamo|risent*|risentiamoci|richiam*
        ricontatt*|riscriv*|riparl*|ne riparliamo|ricord*|sollecit*|mi dia|dammi|dateci|dopo le|dopo il|dopo la|dopo i|dopo l'
        dopo pasqua|dopo natale|dopo ferragosto|dopo l'estate|finita l'|finita la|finito il|finiti i|prossimo mese
        prossimo anno|prossimo trimestre|prossima riunione|prossima assemblea|prossimi mesi|prossimi giorni|prossime settimane
        l'anno nuovo|altro anno|quando so|quando avr*|quando torn*|quando sar*|quando finisc*|quando arriv*|quando le|quando i
        quando ci|quando la|quando il|quando c'è|quando apr*|appena so|appena ho|appena poss*|appena torn*|appena arriv*
        appena si|finché non|fino a che|fino alla|fino al|fino a fine|fino ad allora|prima di|prima devo|prima dobbiamo
        prima vediamo|poi|poi ti dico|poi le dico|poi vediamo|tra un mese|tra un paio|tra una settimana|tra sei|tra tre
        tra dieci|fra qualche|fra un mese|fra una|fra sei|fra 1*|tra 1*|tra 2*|tra 3*|fra 2*|entro|a fine|fine mese|fine anno
        inizio anno|a inizio|ai primi|metà|verso|da gennaio|a gennaio|a settembre|a ottobre|ad aprile|a maggio|a marzo
        a febbraio|a novembre|a dicembre|a giugno|a luglio|primo trimestre|secondo trimestre|terzo trimestre|quarto trimestre
        q1|q2|q3|q4|d'estate|d'inverno|dalla settimana|settimana 1*|settimana 2*|settimana 3*|settimana 4*|lunedì 1*
        martedì 2*|adesso siamo|adesso si|adesso sto|adesso abbiamo|ora stiamo|ora siamo|ora come ora|oggi no|non oggi
        non subito|non questa settimana|non questo mese|quest'anno|questo mese|questa settimana|per il momento|per ora no
        al momento no|al momento non|non è il momento|troppo presto|prematuro|presto|presto per|in questo periodo|periodo
        stiamo chiudendo|stiamo inaugurando|stiamo traslocando|stiamo valutando|sto aspettando|stiamo aspettando|in attesa
        aspetto|aspettiamo|aspetti|aspettate|aspettare|si aspetti|attendo|attendiamo|attendere|porta pazienza|abbiate pazienza
        pazienza|fretta|non mettermi fretta|non ho fretta|tempo di|tempo per|più tempo|po' di tempo|del tempo|non ho tempo
        il tempo|manca il tempo|un attimo|un momento|mi dia qualche|datemi|dammi qualche|dammi un|mi dia un|ancora qualche
        vi faccio sapere|farò sapere|vi farò|le farò|ti farò|le dico|ti dico|vi dico|le dirò|ti dirò|glielo so|so dire
        le so dire|ti so|mi rifaccio|mi rifarò|mi faccio|ci facciamo|farsi vivo|farsi viva|si faccia|fatevi vivi|fatti vivo
        fatti sentire|si rifaccia|la richiamo|ti richiamo|richiamo io|la chiamo|ti chiamo|vi chiamo|mi chiami a|mi chiami il
        mi chiami dopo|mi cerchi|cercami|mi richiami|richiamami|mi scriva|mi riscriva|ci riscriva|ci scriva|scrivimi a
        mi ricontatti|ci ricontatti|ricontattami|ci ricontatt*|mi ricordi|ricordamelo|ci risentiamo|ci sentiamo a|sentiamoci
        ci aggiorniamo|aggiorniamoci|riparliamone|se ne riparla|se ne parla|ne parliamo|parliamone|riprendiamo|riprendere
        riproviamo|riprovi*|riprova|ripassi|torni a|torna a|rivediamo|rivalut*|riconsider*|ci torniamo|ne parlo|ne parlo col
        ne parlo con|ne devo parlare|devo parlar*|devo chiedere|devo sentire|devo consult*|devo vedere|devo verificare
        devo capire|dobbiamo vedere|dobbiamo decidere|dobbiamo valutare|dobbiamo capire|ci stiamo pensando|ci devo pensare
        ci dormo|ci penso su|rifletto|riflett*|valutiamo|valuterò|valuteremo|da valutare|deciderà|deciderò|decideremo|decidere
        decisione|non ho deciso|non abbiamo deciso|indecis*|si riunisce|riunisce|cda|consiglio di|il consiglio|la delibera
        comanda lei|mio socio|il socio|la proprietà|il commercialista|la banca|in banca|contributo|finanziamento|bando|fondi
        cassa vuota|budget è finito|chiusura|inventario|trasloco|traslocando|ristruttur*|cantiere|lavori in|scadenza|scade
        siamo sotto|sommers*|sommerso|incasinat*|presi|pieno di|strapieno|non esisto|impegnat*|oberat*|fuso|rincorsa|sospeso
        rinviato|rimandato|rimandiamo|rimandare|slitt*|spost*|congelato|stand-by|standby|in forse|vedremo|vediamo come
        si vedrà|tiriamo le somme|più in là|in futuro|un domani|prima o poi|non dico di no
    """,
    "engaged": """
        cosa|come|quanto|quale|quali|chi|quando|dove|perché|potete|potrebbe|potreste|può|puoi|avete|c'è|ci sono|è possibile
        include|domand*|dubbi*|chiar*|spieg*|interessant*|interess*|piace|carin*|bello|bella|sembra|tentat*|grazie|ricevut*
        letto|leggo|guardo|guardiamo|vediamo|valut*|studi*|confront*|prezz*|cost*|costa|sconto|sconti|preventivo|offerta|caro
        cara|margine|trattabil*|dettagl*|informazion*|brochure|campion*|referenz*|esempi*|se mi|se ci|se il|se lo|purché|però
        forse|magari|non è un no|non dico no|ahah*|ma l'|ma la|ma il|ma se|ma anche|ma fa|ma quanto|che cosa|cos'è|come si
        come funziona|come mai|quant'è|quanti|quante|quant*|qual|in che|di che|per che|fate|fa anche|avete anche|ce l'avete
        ce n'è|c'è uno|c'è un|si può|si possono|si smonta|si riesce|riuscite|riesce|riesci|potete mandar*|può mandar*|mi manda
        mi mandi|mi rimanda|mi invia|mi invii|mi dice|mi spieg*|mi conferma|mi chiedevo|chiedevo|volevo sapere|vorrei sapere
        vorrei capire|vorremmo capire|mi interessa sapere|serve sapere|bisogno di sapere|ho bisogno|mi serve|mi servirebbe
        quanto viene|rata|listino|catalogo|scheda|foto|misur*|modello|colore|colori|cartella|taglia|taglie|garanzia|consegna
        tempi|minimo|manutenzione|certificazion*|compreso|compresa|incluso|inclusa|compatibil*|funziona|trasporto|iva|campioni
        assaggio|prova|demo|referenze|differenza|mi piace|ci piace|piacciono|piaciut*|mi garba|ci garba|bellissim*|stupend*
        molto bello|interessati|interessata|interessato|ci interessa|mi interessa|curios*|ottima|ottimo|complimenti|ricevuto
        ricevuta|arrivat*|arrivata|arrivato|visto|visti|vista|ho visto|ho letto|ho guardato|lo guardo|la leggo|leggerò
        guarderò|giro al|ne discut*|scontino|ribasso|abbassa*|venirmi incontro|venirci incontro|limare|limate|scendere|scend*
        trattare|rate|salat*|caruccio|un po' caro|un po' alto|condizioni|a patto|a condizione|se riusc*|se mi fa*|se mi togli*
        se togli*|se ci fa*|se fosse*|dipende|in effetti|non è che|non ho capito|non capisco|non mi è chiaro|perplesso
        perplessa|perpless*|preoccup*|mi preoccupa|problema|errore|guasto|bug|non apre|scusi|scusami|anzi|però se|invece
        ripensat*|non sono mort*|sono vivo|lento|eheh*|lol
    """,
    "referral": """
        non lavora più|non è più|ha lasciato|andat* in pensione|ha cambiato|sostitu*|successor*|collega|colleghi|contatti
        contattare|si rivolga|rivolgersi|parli con|parlate con|scriva a|sentite|chieda a|chiedere a|si occupa|se ne occupa
        gestisce|responsabile|incaricat*|referente|in copia|metto in copia|inoltr*|inoltrato|giro|girato|giro la|passo la
        persona sbagliata|non sono io|non è di mia|competenza|reparto|acquisti|direttore|io non c'entro|non c'entro
        non decido io|non me ne occupo|non mi occupo|non me ne|non seguo più|non spetta|non dipende da|non è compito
        non è competenza|di competenza|competente|occupa adesso|le cura|cura adesso|li segue|la segue|lo segue|segue tutto
        gestione è|è passato|è passata|passata a|passato a|passat* alla|passo tutto|passo il|giro tutto|giro a|giro il
        girato a|girato al|l'ho girat*|inoltro|inoltro a|inoltrata|va indirizzata|va indirizzato|indirizzi|indirizzare
        parli pure|parlare con|ne parli|senta il|senta la|senti|contatti il|contatti la|contatta|scriva al|scrivete a|scrivi a
        chieda|chiedi a|rivolgetevi|rivolgiti|il riferimento è|riferimento|nuovo responsabile|nuova responsabile
        nuovo referente|nuovo direttore|nuovo numero|chi decide|decide mia|decide mio|decide il|decide la|chi se ne
        ho cambiato lavoro|cambiato lavoro|cambiato azienda|non lavoro più|non sono più|sono andato in|sono in pensione
        in pensione|lasciato l'|ho lasciato|trasferit*|al mio posto|mi sostituisce|mi ha sostituito|prende il mio
        mio successore|mia collega|mio collega|la collega|il collega|in cc|cc|metto in|da gennaio è|da oggi|d'ora in poi
        ufficio acquisti|ufficio personale|ufficio tecnico|ufficio marketing|sede centrale|casa madre|mia figlia|mio figlio
        mia moglie|mio marito|la signora|il dott*|l'ing
    """,
    "unsubscribe": """
        disiscri*|cancell* .. iscrizione|cancellatemi|cancellami|rimuov*|rimozione|toglie*|toglietemi|togliermi|toglimi|tolga
        eliminate*|depenn*|mailing list|non ricevere|più ricevere|non voglio più|non desidero|non scriv*|non mi scriv*
        non scrivetemi|non mi contatt*|non contatt*|non mandat*|non invi*|smettetela|smetta|smettila|finitela|fermatevi|stufo
        stufa|molest*|perseguit*|assill*|spam|lasciatemi|lasciateci|in pace|gdpr|garante|miei dati|mia mail|denunc*|basta mail
        basta email|basta messaggi|basta così|disiscriv*|disiscrizion*|disiscrizione|disiscrivetemi|disiscrivimi|disabbon*
        annullare l'iscrizione|annulla iscrizione|cancellazione|cancellate i|cancellate il|cancellate la|cancellate questo
        cancelli i|cancelli il|cancelli la|cancelli questo|cancellarmi|cancellarci|cancelliate|mi cancelli|mi cancell*
        cancella il|cancella la|cancella i miei|eliminate i|eliminate il|eliminate la|eliminate questo|eliminatemi|eliminami
        eliminarmi|elimini il|elimini i|mi elimini|mi elimin*|elimina il|eliminare il|eliminare i|eliminarlo|rimuovete
        rimuovetemi|rimuovimi|rimuovermi|rimuova|rimuovere il|toglieteci|togliete il|togliere il|toglierci|toglierlo|mi tolga
        toglietelo|levatemi|levami|levarmi|levateci|mi levi|depennate*|depennatemi|mi depenn*|depennarmi|esclud*|escludetemi
        sparite|sparisca|sparisci|lista contatti|dalla lista|dalle liste|vostra lista|vostre liste|tua lista|mailing
        dalla mailing|vostri archivi|vostro archivio|vostri elenchi|vostro elenco|dagli elenchi|dagli indirizzi|dalla rubrica
        rubrica|vostro database|vostri database|vostri contatti|questo contatto|mio nominativo|nominativo|mia casella
        la mia mail|il mio indirizzo|mio numero|vostre mail|vostre email|vostri messaggi|vostre comunicazioni|vostre offerte
        vostra pubblicità|pubblicità|pubblicitari*|comunicazioni commerciali|newsletter no|vostra newsletter|vostre newsletter
        queste email|queste mail|questi messaggi|mandarmi offerte|mandarmi mail|mandarmi|non ricev*|non ricevere più
        non voglio ricevere|non vogliamo più|non desidero più|non desideriamo|non intendo ricevere|non scrivermi|non scriverci
        non scrivete*|non mi scriva|non ci scriv*|non contattarmi|non contattatemi|non contattarci|non contattate*
        non mi mandi|non mi mandate|non mandatemi|non mandarmi|non mandare|non mandate|non inviatemi|non inviarmi|non inviate
        non mi inv*|non mi chiam*|non chiamatemi|non insist*|non disturb*|mai più né|più né|non più|più scritt*|di non scriv*
        di non contatt*|di non mandar*|di non inviar*|smetti|smettete|smetterla|la smetta|piantatela|piantala|la pianti
        finiscila|finiamola|finirla|lasciami in|lasciatemi in|lasciateci in|mi lasci in|lasci in pace|in santa pace
        altrettanto|dimenticatevi|dimenticatemi|dimenticami|mi dimentichi|scordatevi|stufi|stanco di|stanca di|stanchi di
        non ne posso|ne ho abbastanza|abbastanza|rotto|rotto le|le scatole|scatole|le palle|palle|scocciat*|scocci*|rompete
        rompere|romp*|invadent*|molestia|molestie|assillant*|assillo|bombard*|tempest*|martell*|ogni due giorni|tutti i giorni
        alle 3 di|è la terza|terza volta|ennesima|ultima volta che|ve lo dico|ve l'ho|gliel'ho già|già detto|già chiesto
        già scritto|l'ho già|quante volte|non ho mai|mai chiesto|mai dato|mai iscritt*|mai autorizz*|non richiest*
        non l'ho dato|non ho dato|non ho chiesto|chi vi ha|chi le ha dato|da chi avete|da dove avete|come avete
        privacy violat*|consenso|revoco|revoca|oblio|opposizione|mi oppongo|i miei dati|dati personali|trattamento|diffido
        diffida|denuncia|denuncio|segnalo|segnalerò|segnalazione|vi segnalo come|blocco|vi blocco|la blocco|ti blocco|bloccato
        spammer|spammare|posta indesiderata|indesiderat*|cestino
    """,
}
