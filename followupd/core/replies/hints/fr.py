"""Hints in French: words that lean towards a meaning, and prove nothing alone. See `hints/__init__.py`."""

from __future__ import annotations

HINTS = {
    "yes": """
        allons-y|on y va|on fait|faisons|vas-y|allez-y|on part|on part sur|c'est parti|feu vert|bon pour accord|d'accord
        accord|nous acceptons|j'accepte|on accepte|accepté*|validé*|je valide|nous validons|on valide|valide|c'est validé
        c'est bon|ok pour|ok|okay|entendu|marché conclu|conclu|banco|tope|adjugé|vendu|ça marche|ça roule|ça me va|ça nous va
        nous convient|me convient|convient|parfait|impeccable|nickel|très bien|avec plaisir|volontiers|bien sûr|évidemment
        absolument|carrément|partant*|je suis partant|on prend|je prends|nous prenons|je le prends|je signe|on signe
        nous signons|signé*|signature|contrat|envoyez .. contrat|envoyez .. facture|envoyez-moi le|envoie|facture*|devis signé
        commande*|commander|bon de commande|je commande|réserve*|réservez|réservé*|inscri*|comptez sur|compte sur|on compte
        acompte|virement|livr*|installez|commencez|démarr*|lancez|lancer|on lance|vous êtes retenu*|retenu* votre
        retenons votre|choisi votre|vous avez gagné|le chantier est|à vous|rendez-vous|rdv|créneau|à mardi|à lundi|à mercredi
        à jeudi|à vendredi|lundi|mardi|mercredi|jeudi|vendredi|00h|0h|00 h|je vous attends|on vous attend|passez|venez
        je serai là|au plaisir|oui|ouais|oui merci|oui s'il|reconduis*|renouvel*|comme d'habitude|comme convenu
    """,
    "no": """
        pas intéressé*|pas d'intérêt|aucun intérêt|pas pour nous|pas pour moi|pas besoin|aucun besoin|n'en avons pas|non merci
        non|merci mais|sans façon|désolé*|malheureusement|regret*|navré*|hélas|dommage|décliner|décline*|déclin*|refus*
        passer notre tour|passe mon tour|passons notre|on passe|nous avons choisi|avons retenu|retenu un|a été retenu
        n'a pas été retenu|n'avons pas retenu|pas retenu*|non retenu*|autre prestataire|autre fournisseur|autre solution
        un autre|une autre|quelqu'un d'autre|concurren*|confrère*|ailleurs|déjà un|déjà une|avons déjà|déjà signé|déjà équipé*
        déjà fait|en interne|nous-mêmes|restons avec|reste avec|restons chez|renonc*|abandonn*|annul*|projet est mort|enterré
        tombé à l'eau|laissé tomber|laisse tomber|laissons tomber|laissez tomber|on arrête|on oublie|oubliez|n'ira pas
        n'irons pas|ne donnerons pas|pas donner suite|donner suite|pas suite|ne ferons pas|on ne fera|ne se fera|pas possible
        impossible|ne souhaitons pas|ne souhaite pas|ne voulons pas|ne veut pas|pas convaincu*|pas adapté|ne correspond pas
        trop cher|trop chère|hors budget|pas les moyens|plus les moyens|plus de budget|pas de budget|ferm* .. dossier|clore
        clôtur*|classez|classer|fermons|fermé définitivement|cessation|liquidation|retraite|vendu l'|bonne continuation
        bonne chance|sans rancune|jamais|hors de question|pas question|définitif|terminé|fini|c'est mort|niet
    """,
    "later": """
        plus tard|pas maintenant|pas tout de suite|pas encore|pas cette année|pas ce mois|pas avant|pour l'instant
        pour le moment|en ce moment|actuellement|à l'heure actuelle|la semaine prochaine|le mois prochain|l'année prochaine
        l'an prochain|prochain*|trimestre|semestre|budget*|exercice|rentrée|vacances|été|automne|hiver|printemps|noël|pâques
        fêtes|saison|vendanges|moisson|récolte|janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre
        décembre|après|une fois|quand|dès que|d'ici|dans 0|dans deux|dans trois|dans quelques|en attente|attend*|attente
        attendre|patient*|patience|réfléch*|réflexion|décision .. en|décider*|conseil|commission|comité|réunion|délibér*|vote
        reporté*|report*|repouss*|décal*|suspend*|gel*|pause|stand-by|standby|reviens vers|revenons vers|reviendr*
        revenez vers|recontact*|rappel*|relanc*|reparl*|on en reparle|reprendre contact|tiens au courant|tiendrai
        besoin de temps|temps|laissez-moi|donnez-moi|délai
    """,
    "engaged": """
        quel*|comment|combien|qui|quand|pourquoi|pouvez-vous|pourriez-vous|peut-on|peux-tu|est-ce que|avez-vous|est-il
        y a-t-il|question*|doute*|hésit*|précis*|compren*|explique*|intéress*|intrigu*|tentant|séduisant|sympa|chouette|beau
        belle|super|merci|reçu|bien reçu|noté|je regarde|on regarde|je lis|lire|étudi*|compar*|prix|tarif*|coût*|coûte|remise
        devis|offre|cher|chère|élevé|geste|négoci*|détail*|documentation|brochure|échantillon*|référence*|exemple*|si vous
        si le|si on|mais|cependant|peut-être|sûr|pas un non|pas dit non|haha|mdr
    """,
    "referral": """
        n'est plus|ne travaille plus|ne fait plus partie|a quitté|quitté|parti*|retraite|remplac*|successeur|successrice
        collègue*|contactez|adressez-vous|adresser|voyez avec|voir avec|parlez-en|parlez à|demandez à|s'occupe|s'en occupe
        en charge|responsable|interlocut*|en copie|transmis*|transféré*|je transmets|transfère|fait suivre|mauvaise personne
        pas la bonne personne|pas moi|ne suis pas|service|direction|achats|gère|c'est .. qui
    """,
    "unsubscribe": """
        désabonn*|désinscri*|désinscription|retirez|retire*|supprim*|effac*|rayez|enlev*|ôtez|sortez-moi|sors-moi|liste
        fichier|base|newsletter|ne plus recevoir|plus recevoir|plus de mail*|plus de message*|plus rien|plus m'écrire
        ne m'écrivez plus|n'écrivez plus|ne nous écrivez|ne me contactez|ne plus|cessez|cesser|arrêtez|arrête*|stop|assez
        ça suffit|suffit|marre|ras le bol|fichez|foutez|laissez-moi|laissez-nous|tranquille|paix|spam|pourriel|harcel*
        harcèle*|importun*|cnil|rgpd|mes données|mon adresse|bloqu*|plainte|démarch*|bloctel|indésirable*
    """,
}
