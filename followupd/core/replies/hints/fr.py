"""Hints in French: words that lean towards a meaning, and prove nothing alone. See `hints/__init__.py`."""

from __future__ import annotations

HINTS = {
    "yes": """
        allons-y|on y va|on fait|faisons|vas-y|allez-y|on part|on part sur|c'est parti|feu vert|bon pour accord|d'accord
        accord|nous acceptons|j'accepte|on accepte|accepté*|validé*|je valide|nous validons|on valide|valide|c'est validé
        c'est bon|ok pour|ok|okay|entendu|marché conclu|conclu|banco|tope|adjugé|vendu|ça marche|ça roule|ça me va|ça nous va
        nous convient|me convient|convient|parfait|nickel|très bien|avec plaisir|volontiers|bien sûr|évidemment|absolument
        carrément|partant*|je suis partant|on prend|je prends|nous prenons|je le prends|je signe|on signe|nous signons|signé*
        signature|envoyez .. contrat|envoyez .. facture|envoyez-moi le|devis signé|commande*|commander|bon de commande
        je commande|réserve*|réservez|réservé*|inscri*|comptez sur|compte sur|on compte|acompte|virement|livr*|installez
        commencez|démarr*|lancez|lancer|on lance|vous êtes retenu*|retenu* votre|retenons votre|choisi votre|vous avez gagné
        le chantier est|rdv|créneau|à mardi|à lundi|à mercredi|à jeudi|à vendredi|je vous attends|on vous attend|passez|venez
        je serai là|au plaisir|ouais|oui merci|oui s'il|reconduis*|renouvel*|comme d'habitude|comme convenu|on prend*
        on commande|on garde|on embarque|on fonce|on démarre|on se lance|on retient|on confirme|on réserve|on achète|on adhère
        on s'inscrit|on vous prend|on le prend|on la prend|on les prend|on renouvelle|on reconduit|on continue|on poursuit
        on maintient|on est partant*|on est ok|on est bon*|on est d'accord|on est des vôtres|on dit oui|on a dit oui
        on veut bien|on y est|on attaque|on retient votre|on a voté pour|je confirme|nous confirmons|confirm*|nous retenons
        retenons|retiens|je retiens|j'achète|achète|j'adhère|je m'inscris|je m'engage|je le veux|je la veux|je les prends
        je la prends|je vous prends|je réserve|je veux bien|nous serons|j'y serai|nous y serons|on y sera|on sera là
        je passe vous|je passe le|je viens|nous venons|je vous rejoins|vous rejoindre|inscrivez|inscris|inscrire|mettez-nous
        mets-nous|mettez-moi|mets-moi|mettez m'en|comptez-nous|comptez-moi|notez-nous|notez-moi|réserve-moi|réservez-moi
        livrez|démarrez|imprimez|envoyez-moi .. contrat|envoyez .. lien|envoie .. contrat|envoie .. facture|envoie .. lien
        envoyez .. convention|envoyez .. bon|facturez|facturer|faites-le|fais-le|faites donc|faites vite|procédez|procéder
        gardez-le|gardez-moi|garde-moi|garde-le|gardez tout|commandez|expédiez|roulez|rouler les|foncez|fonce|planifiez
        programmez|calez|cale|renouvelez|prolongez|reconduisez|établir le contrat|rajoutez|ajoutez|chèque*|rib|iban|solde
        je paye|je paie|payer|règlement|réglé|carte bleue|bdc|po jointe|numéro de commande|virement*|en pièce jointe
        ci-joint .. signé*|dûment|approuv*|approuvé*|adopté*|voté pour|dit oui|son accord|notre accord|mon accord|accord de
        lu et approuvé|docusign|unanimité|favorable|ravi*|heureux de|heureuse de|réjou*|enchanté*|bat|me va|nous va|va bien
        va très bien|c'est parfait|c'est ok|c'est d'accord|bon pour|bon pour moi|fera l'affaire|disponible|dispo|à demain
        à samedi|à dimanche|à ce soir|à tout bientôt|on se voit|on se retrouve|rendez-vous à|à 1*h*|à 8*h*|à 9*h*|vers 1*h*
        dès 8h|dès 9h|lundi 8h*|lundi 9h*|mardi 9h*|jeudi 9h*|mardi matin|lundi matin|jeudi matin|jeudi midi|vendredi matin
        va pour|adopté|invitation|go|go pour|yes|top là|tope là|deal|chiche|tiguidou|impec|grave|ouaip|ouep|yep|d'acc|dac|dacc
        daccord|d accord|c est bon|cest bon|ca marche|ca me va|ca roule|ca nous va|ça joue|ça baigne|c'est bon pour
        c'est signé|c'est vendu|c'est réglé|c'est fait|aucune objection|aucune|pas d'objection|pas d'avis contraire
        rien à redire|comme prévu|sans problème|pas de problème|pas de souci|sans souci|bien entendu|je suis des vôtres
        nous sommes partant*|nous sommes d'accord|je suis d'accord|on vous suit|je vous suis|je vous fais confiance
        on vous fait confiance|vous fais confiance|accepte|acceptons|accept*|accueill*|conclu*|signer vendredi|signer lundi
        vous attendons|n'annulez|gagné|emballé*|convaincu*|conquis|c'est vous|vous avez le|démarrons|commençons|avançons
        lançons|prenons|signons|validons|fonçons|réserver|réservé|j'en prends|on en prend|je prendrai|on prendra
        nous prendrons|je signerai|j'ai signé|on a signé|nous avons signé|vient de signer|viens de signer|viens de payer
        viens de valider|je renvoie signé|retourné signé|renvoyé signé|oui pour|oui on|oui je|oui nous|oui allez*|oui parfait
        oui carrément|oui avec|oui volontiers|oui banco|oui c'est|oui, on|oui, je|oui, nous|oui, pour|oui, parfait|oui, allez*
        oui, avec|oui, c'est bon|oui, volontiers|oui, merci|ah oui|mais oui|oui oui|lundi 1*h*|mardi 1*h*|mercredi 1*h*
        jeudi 1*h*|vendredi 1*h*|lundi à|mardi à|mercredi à|jeudi à|vendredi à|samedi à|pour lundi|pour mardi|pour mercredi
        pour jeudi|pour vendredi|je serai présent*|je serai au rendez-vous|rendez-vous lundi|rendez-vous mardi
        rendez-vous jeudi|ce rendez-vous|rendez-vous est|rendez-vous pour|j'ai payé|on a payé|c'est payé|ça colle pour
        c'est oui|grand oui
    """,
    "no": """
        pas intéressé*|pas d'intérêt|aucun intérêt|pas pour nous|pas pour moi|pas besoin|aucun besoin|n'en avons pas|non merci
        merci mais|sans façon|désolé*|malheureusement|regret*|navré*|hélas|décliner|décline*|déclin*|refus*|passer notre tour
        passe mon tour|passons notre|nous avons choisi|avons retenu|retenu un|a été retenu|n'a pas été retenu
        n'avons pas retenu|pas retenu*|non retenu*|autre prestataire|autre fournisseur|autre solution|quelqu'un d'autre
        concurren*|confrère*|ailleurs|déjà un|déjà une|avons déjà|déjà signé|déjà équipé*|déjà fait|en interne|nous-mêmes
        restons avec|reste avec|restons chez|renonc*|abandonn*|annul*|enterré|tombé à l'eau|laissé tomber|laisse tomber
        laissons tomber|laissez tomber|on arrête|oubliez|n'ira pas|n'irons pas|ne donnerons pas|pas donner suite|donner suite
        pas suite|ne ferons pas|on ne fera|ne se fera|pas possible|impossible|ne souhaitons pas|ne souhaite pas|ne voulons pas
        ne veut pas|pas convaincu*|pas adapté|ne correspond pas|trop cher|trop chère|hors budget|pas les moyens
        plus les moyens|plus de budget|pas de budget|ferm* .. dossier|clore|clôtur*|classez|classer|fermons
        fermé définitivement|cessation|liquidation|retraite|vendu l'|bonne continuation|bonne chance|sans rancune
        hors de question|pas question|définitif|terminé|c'est mort|niet|tant pis|jamais de la vie|on passe notre|on passe son
        on va passer|nous passons|je passe mon|on passe cette|on passe pour|nan|nope|que nenni|sans moi|sans nous
        très peu pour|merci mais non|merci quand même|merci tout de même|merci beaucoup mais|remercie* .. mais|gentil mais
        c'est gentil|gentil de|n'avons plus besoin|plus besoin|pas .. besoin|besoin de rien|aucune utilité|pas utile
        pas nécessaire|inutile|plus l'utilité|rien à vendre|rien chang*|changera rien|changerons rien|ne change*|change rien
        nous suffit|me suffit|suffisent|ça tourne|pas concerné*|pas notre|pas dans nos|pas dans notre|pas adapté*
        ne correspond*|ne nous intéress*|ne m'intéress*|n'intéress*|n'est pas pour|c'est pas pour|pas fait pour|pas du tout
        ne convient|ne nous convien*|colle pas|pas à l'univers|pas satisf*|insatisf*|insuffisant*|trop tard|trop grand*
        trop petit*|trop compliqué*|trop de|trop élevé*|au-dessus de nos|pas se permettre|peut se permettre|peux pas me
        pouvons pas nous|sans budget|aucun budget|aucun investissement|budget coupé|budget supprimé|plus un sou|pas un sou
        fauché*|arnaque*|pigeon*|les autres|l'autre agence|d'autres|autre transporteur|autre agence|autre artisan
        autre société|autre entreprise|autre offre|autre choix|autre voie|autre prest*|votre concurrent|retenu l'|choisi l'
        choisi un|choisi une|on a choisi|ai choisi|opté|optons|opter|parti* avec|partis sur|signé avec|signé chez
        signé ailleurs|commandé chez|acheté chez|pris chez|préféré*|préfère|préférons|j'ai déjà|on a déjà|déjà commandé
        déjà acheté|déjà pris|déjà tout|déjà trouvé|a trouvé|avons trouvé|ai trouvé|mon cousin|mon neveu|mon beau-frère
        mon fils|ma belle|ma femme|un ami|par nos soins|moi-même|soi-même|nos propres|à la main|gardons|fidèle*|renouvelé avec
        reconduit*|restons|reste sur|resterons|on reste|je reste avec|continuons avec|on continue avec|a dit non|dit non
        c'est non|est non|sera non|voté contre|vote contre|bloqué|retoqué*|recalé*|écarté*|rejet*|rejeté*|défavorable|négati*
        refusé*|suite favorable|sans suite|pas de suite|classé*|ne permet*|ne peut recevoir|n'a pas voulu|ne veulent pas
        n'ont pas voulu|veut pas|pas validé|non validé|résili*|rétract*|renon*|retirons|me retire|nous retirons|se retire
        jette l'éponge|jeter l'éponge|tomber à l'eau|à l'eau|on s'arrête|arrêtons|j'arrête|arrête là|arrête tout|en rester
        restons-en|en reste là|s'en tenir|met fin|mettre fin|mettons fin|mettre un terme|fin du|fin de l'histoire
        affaire classée|point final|point barre|dossier clos|clôture|fermer|fermez|fermé à|vous pouvez fermer
        vous pouvez clore|ferme notre|ferme ses|on ferme|nous fermons|fermeture|ferme faute|cess* .. activité|redressement
        faillite|déposé le bilan|revendu|vendu la|vendu le|vendu mes|j'ai vendu|vendue|repreneur|adieu|quille|tout arrêté
        arrêté l'activité|supprimé le|coupé le|gelé définitivement|enterr*|morte|bonne route|bon vent|bonne saison
        bons projets|bon courage|au revoir|belle continuation|bonne suite|bonne recherche|plein succès|pas cette fois
        une autre fois|une prochaine fois|prochaine fois peut-être|pas de regret*|feu rouge|rédhibitoire|plus confiance
        plus un sujet|plus d'actualité|plus à l'ordre|déçu*|décevant*|d'échec|échaud*|n'irons|n'y a pas lieu|pas lieu
        exclusivement|ne prendr*|ne prends pas|ne prenons pas|prendrai pas|prendrons pas|signerai pas|signerons pas|signe pas
        ferons pas|ferai pas|fera pas|viendr* pas|irai pas|n'irai|ne pourrons|ne pourr* pas|pourrons pas|ne renouvel*
        renouvel* pas|ne reconduis*|ne participer*|participer* pas|ne poursuivr*|poursuivrons pas|avons décidé de|décidé de ne
        a décidé de|a décidé autrement|tranché|ne gardez|gardez rien|rien du tout|desole*|navre|pas interesse*|interesse pas
        pas pour l'ass*|pas chez nous|merci non|non pour|non plus|non, merci|non, nous|non, on|non, pas|non, ça|non, c'est
        non, je|non on|non nous|non je|non et|ben non|ah non merci|donc non|grand non|pour l'autre|chez l'autre
        un autre prestataire|un autre devis|un autre choix|un autre fournisseur|un autre artisan|une autre agence
        une autre société|une autre entreprise|une autre solution|une autre offre|une autre voie|une autre option
        confiance perdue|perdu confiance|perte de confiance|on oublie le|on oublie l'idée
    """,
    "later": """
        plus tard|pas maintenant|pas tout de suite|pas encore|pas cette année|pas ce mois|pas avant|pour l'instant
        pour le moment|en ce moment|actuellement|à l'heure actuelle|la semaine prochaine|le mois prochain|l'année prochaine
        l'an prochain|trimestre|semestre|budget*|exercice|rentrée|vacances|automne|hiver|printemps|noël|pâques|fêtes|saison
        vendanges|moisson|récolte|janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre|après
        une fois|dès que|d'ici|dans 0|dans deux|dans trois|dans quelques|en attente|attend*|attente|attendre|patient*|patience
        réfléch*|réflexion|décision .. en|décider*|conseil|commission|comité|réunion|délibér*|vote|reporté*|report*|repouss*
        décal*|suspend*|gel*|pause|stand-by|standby|reviens vers|revenons vers|reviendr*|revenez vers|recontact*|rappel*
        relanc*|reparl*|on en reparle|reprendre contact|tiens au courant|tiendrai|besoin de temps|laissez-moi|donnez-moi|délai
        semaine suivante|semaine prochaine|mois prochain|an prochain|année prochaine|prochain trimestre|prochain exercice
        prochaine réunion|prochain conseil|prochaine saison|prochaine assemblée|l'été|cet été|d'été|après l'été|fin d'été
        en mai|de mai|1er mai|mi-mai|fin mai|quand on|quand j'|quand je|quand il|quand elle|quand ce|quand nous|quand le
        quand la|quand les|lorsque|sitôt|aussitôt|tant que|tant qu'|jusqu'*|le temps de|le temps que|pas le temps
        manque de temps|du temps|un peu de temps|temps de réflexion|dans 1*|dans 2*|dans 3*|dans 6*|dans six|dans un mois
        dans un an|dans une semaine|dans quinze|quinzaine|quinze jours|huit jours|d'ici là|d'ici quelques|d'ici peu|d'ici un
        d'ici une|semaine 1*|semaine 2*|semaine 3*|semaine 4*|s1*|s2*|s3*|s4*|t1|t2|t3|t4|fin de mois|fin du mois|fin d'année
        fin de l'année|début d'année|début du mois|mi-*|l'hiver|au printemps|pas tout de|pas pour l'instant|pas pour le moment
        pas aujourd'hui|pas cette semaine|pas ce trimestre|pas dans l'immédiat|dans l'immédiat|pas la priorité|pas prioritaire
        pas prêt*|trop tôt|prématuré*|encore trop|un jour|ce sera pour|on verra|verrons|on va voir|on avisera|nous verrons
        à voir|ultérieure*|remett*|remis*|déplac*|décale*|différ*|retard*|hibern*|au chaud|sous le coude|au frigo|congélateur
        veilleuse|en suspens|suspendu*|gelé*|bloqué jusqu'|entre parenthèses|mise en pause|en cours|refaites-moi|refais-moi
        fais-moi signe|faites-moi signe|signe en|recontacte*|rappelle*|rappelez|rappelez-moi|rappelle-moi|relance*|relance-moi
        relancez|reparle|reparlons|reparler|reparlons-en|revenez|reviens|revenir vers|revient vers|revoyons|on se reparle
        se recontacte|on se rappelle|réessay*|repass*|redemand*|demandez-le|refaire le point|faire le point|faisons le point
        tiens .. courant|tiendrons|vous dirai|vous dirons|te dirai|te dis|vous redis|redis|vous écris|vous appelle
        je vous appel*|donnerai .. réponse|donner .. réponse|une réponse .. d'ici|réponse en|retour d'ici|réponse d'ici
        vous fais signe|ferai signe|fais signe|première prévenue|premier prévenu|préviens|préviendrai|dès qu'*|dès la|dès le
        dès février|une fois que|une fois le|une fois la|j'attends|nous attendons|on attend|attendez|attendons
        il faut attendre|réfléchir|réfléchis|je réfléchis|on réfléchit|y penser|dormir dessus|la nuit porte|je dors|hésite
        indécis*|pas décidé|pas tranché|pas de décision|décision|décidés|décidé en|sera décidé|délib*|voté|siège le|se réunit
        assemblée|ag|conseil municipal|ordre du jour|validation|en parler|en discute|discuter|consulte*|demander à
        mon associé*|mon comptable|ma compta|mon mari|ma banque|la banque|subvention*|arbitrage*|rallonge|trésorerie|caisse
        à sec|plus un franc|comptes|clôture|inventaire|bilan|contrôle|audit|débord*|surchargé*|sous l'eau|charrette|tête sous
        rush|respirer|noyé*|la tête|jongle*|bousculé*|coup de feu|travaux|déménag*|chantier|congé*|maternité|orange
    """,
    "engaged": """
        quel*|comment|combien|qui|quand|pourquoi|pouvez-vous|pourriez-vous|peut-on|peux-tu|est-ce que|avez-vous|est-il
        y a-t-il|question*|doute*|hésit*|précis*|compren*|explique*|intéress*|intrigu*|tentant|séduisant|sympa|chouette|super
        merci|reçu|bien reçu|noté|je regarde|on regarde|je lis|lire|étudi*|compar*|prix|tarif*|coût*|coûte|remise|devis|offre
        cher|chère|élevé|geste|négoci*|détail*|documentation|brochure|échantillon*|référence*|exemple*|si vous|mais|cependant
        peut-être|sûr|pas un non|pas dit non|haha|mdr|quelle*|quels|lequel|laquelle|où|ou bien|faut-il|faut il|est-ce|puis-je
        pourrait-on|pourriez|pouvez vous|peux tu|pourrais-tu|as-tu|avez vous|vous avez|vous faites|faites-vous|vous proposez
        proposez-vous|vous livrez|ça existe|existe-t-il|existe|y a t il|il y a|c'est quoi|ça coûte|ça marche comment|capte
        possible|est-il possible|faisable|serait-il|sera-t-*|dites-moi|dites moi|dis-moi|expliquez|m'expliqu*|montrer|montrez
        convainc*|envoyez-moi|m'envoyer|renvoyez-moi|renvoyez|renvoie|me renvoyer|pouvez .. ajouter|pouvez .. envoyer
        besoin de savoir|savoir si|j'aimerais|je voudrais|il me faut|il me faudrait|il faudrait|chiffr*|chiffrage|plan|plans
        photos|photo|catalogue|grille|fiche*|délai*|garanti*|garantie*|livraison|compris|inclus*|électricité|dimension*
        mesure*|modèle|couleur|taille|référence|remarque*|avis|retour d'expérience|essai|démo|échantillon|intrigue|curieu*
        tente|tenté*|ça m'intéresse|m'intéresse|nous intéresse|pourquoi pas|j'aime|j'adore|adore|adoré|plaît|plait|plaisent
        joli*|magnifique|intéressant*|impressionn*|séduit*|bien reçue|bien reçus|lu|vu|j'ai lu|j'ai vu|on a regardé|regardé
        regarde|imprime|je montre|montre|je transmets|transmets|trouve|trop fonc*|lourd*|salé*|un peu cher|chaud
        trop cher pour|baisse|baisser|effort|ristourne|rabais|marge|aligner|alignez|contre-proposition|contre pas|bloque
        coince|me gêne|souci|problème|bug|panne|erreur|excuse*|pas oublié|oublie pas|n'oublie pas|pas encore décidé|pas contre
        ni oui|condition*|à condition|sous réserve|sauf si|si c'est|si vous pouvez|lol|ahah|héhé|par contre|en revanche
    """,
    "referral": """
        n'est plus|ne travaille plus|ne fait plus partie|a quitté|quitté|remplac*|successeur|successrice|collègue*|contactez
        adressez-vous|adresser|voyez avec|voir avec|parlez-en|parlez à|demandez à|s'occupe|s'en occupe|en charge|responsable
        interlocut*|en copie|transmis*|transféré*|je transmets|transfère|fait suivre|mauvaise personne|pas la bonne personne
        ne suis pas|achats|c'est .. qui|c'est lui|c'est elle|elle qui|lui qui|désormais|dorénavant|depuis le|depuis mon
        a pris sa retraite|pris ma retraite|pris ma pension|a rejoint|rejoint une|rejoint un|j'ai quitté|ai quitté|est parti
        est partie|ne suis plus|n'est plus dans|n'est plus chez|plus dans l'entreprise|plus dans la société|plus chez
        plus en poste|changé de|changé d'|muté*|a succédé|a repris|reprend le|a remplacé|m'a remplacé|me remplace|nommé*
        voyez plutôt|voyez ça avec|plutôt avec|plutôt à|contacter|contacte|écrivez à|écrivez-lui|écrire à|adressez|adresse-toi
        rapprochez-vous|redirig*|dirige*|faites suivre|fais suivre|suivre à|je transfère|transféré|j'ai transmis|transmettre
        mets en copie|mettre en copie|en cc|cc|ajoute .. boucle|dans la boucle|interlocuteur|interlocutrice|chargé de
        chargée de|en a la charge|à sa charge|de sa compétence|compétence|compétent*|ne traitons pas|ne traite pas|ne relève
        pas mon|pas de mon ressort|ressort|je ne m'occupe|m'occupe plus|me concerne pas|plus la main|pas à moi|n'est pas moi
        c'est pas moi|ce n'est pas moi|tout passe par|passer par|passez par|la centrale|les achats|service achat*
        direction des|service technique|service communication|notre siège|maison mère|le siège|la mairie|décideur|décide
        tient les cordons|mon frère|ma fille|mon successeur|ma remplaçante|mon remplaçant|ma collègue|mon collègue
    """,
    "unsubscribe": """
        désabonn*|désinscri*|désinscription|retirez|retire*|supprim*|effac*|rayez|enlev*|ôtez|sortez-moi|sors-moi|newsletter
        ne plus recevoir|plus recevoir|plus de mail*|plus de message*|plus m'écrire|ne m'écrivez plus|n'écrivez plus
        ne nous écrivez|ne me contactez|cessez|cesser|arrêtez|stop|ça suffit|suffit|marre|ras le bol|fichez|foutez
        laissez-nous|tranquille|spam|pourriel|harcel*|harcèle*|importun*|cnil|rgpd|mes données|plainte|démarch*|bloctel
        indésirable*|desabonn*|desinscri*|radi*|radié*|rayé*|rayer|retirez-moi|retirer|me retirer|retiré*|supprimez
        supprimer mon|me supprimer|supprimez-moi|suprim*|effacer|effacez-moi|enleve*|enlève*|enlevez|sortez|sortir de|vire-moi
        virez|votre liste|vos listes|la liste|liste de|listes de|mailing*|liste de diffusion|base de données|votre base
        vos bases|vos fichiers|votre fichier|vos contacts|votre carnet|vos tablettes|ne veux plus|ne veut plus|veux plus
        voulons plus|souhaite plus|souhaitons plus|plus envie de|plus jamais|plus d'appel*|plus de sms|plus de pub*
        plus de spam|plus de courriel*|plus de relance*|plus de sollicit*|plus aucun|plus m'*|plus me|plus nous
        ne plus figurer|ne plus être|ne plus avoir|ne plus me|ne plus nous|ne plus m'*|ne m'envoyez|n'envoyez plus
        ne m'appelez|ne me relancez|ne me sollicitez|ne m'écris|ne nous contactez|ne nous envoyez|inutile d'insister|insist*
        n'insistez|arrêtez de|arrêter de|arrête de|arrêt de|arrêtez d'|arretez|arreter de|cesse|cesser ces|stopp*|stop svp
        stop pub|stop mail*|fin des envois|pas de n°|mettre fin à ces|mettez fin|en avez pas marre|ça commence|gonfl*|soul*
        saoul*|agaç*|énerv*|excéd*|excède|dérang*|poubelle|corbeille|direct à la|spams|spammer|pourriels|junk|harcèlement
        acharn*|intrusi*|lâche*|lâchez|fous-moi|foutre|fiche-moi|du balai|dégage*|oust*|oubliez-moi|oubliez mon|oublie-moi
        perdez mon|épargn*|ne m'oubliez pas de|droit d'opposition|opposition|m'oppose|droit à l'oubli|effacement
        données personnelles|consent*|consentement|règlement général|article 2*|avocat|mon conseil|enjoins|mise en demeure
        signalement|signaler|signal conso|signalé|bloquer|bloqué* votre|blacklist*|indésirables|prospection|pas de prospection
        publicit*|pubs|pub|sollicitation*|démarchage|commerciaux|non sollicité*|rien demandé|jamais demandé|jamais donné
        pas demandé|pas inscrit*|jamais inscrit*|qui vous a donné|eu mon adresse|eu mon mail|trouvé mon|dernière fois
        dernier avertissement|avertissement|énième|eme fois|ème fois|e fois|fois que je|combien de fois|je répète
        je vous répète|redis|je l'ai déjà dit|déjà répondu|déjà demandé|encore vous|encore un mail|vos mails|vos emails
        vos e-mails|vos courriels|vos messages|vos envois|vos relances|vos offres|vos newsletters|vos pubs|tes mails|ces mails
        ces envois|ces messages|ces relances|ma boîte|ma boite|boîte mail|boîte aux lettres|lien de désinscription|cliqué
        laissez-moi tranquille|laissez-moi en|laissez-nous tranquille*|laisse-moi tranquille|laissez ma|foutez-moi|je bloque
        vous bloque|te bloque|bloqué votre|bloqués
    """,
}
