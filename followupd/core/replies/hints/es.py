"""Hints in Spanish: words that lean towards a meaning, and prove nothing alone. See `hints/__init__.py`."""

from __future__ import annotations

HINTS = {
    "yes": """
        adelante|vamos con|vamos a ello|dale|sale|órale|listo|hecho|trato hecho|de acuerdo|acept*|aceptamos|acepto|aceptado
        aprob*|aprobado|aprobada|autoriz*|visto bueno|luz verde|confirm*|confirmado|confirmo|vale|ok|okay|perfecto|estupendo
        me parece bien|nos parece bien|me viene bien|nos viene bien|me va bien|nos va bien|me queda bien|nos queda|encantad*
        con gusto|con mucho gusto|claro|claro que sí|por supuesto|desde luego|cómo no|si por favor|sí por favor|siii*
        cuenten con|cuenta con|contad con|me apunto|nos apuntamos|apúnt*|apunta|anot*|agend*|reserv*|resérv*|compr*|pedimos
        orden de compra|lo quiero|la quiero|lo queremos|me lo quedo|nos lo quedamos|me quedo|lo tomo|lo tomamos|firm*|firmado
        firmamos|firma|contrato|mande* .. contrato|manda* .. contrato|envíe* .. contrato|mande* .. factura|factura|anticipo
        depósito|transfer*|pago|pagamos|cobren|empez*|empecemos|arranc*|arrancamos|comenz*|procedan|proceda|procedamos|instal*
        envíe*|envíen|mándeme*|ganaron|ganado|son los elegidos|elegidos|elegimos|hemos elegido|adjudic*|quedamos|nos vemos
        te espero|los espero|le espero|los esperamos|llám*|renov*|como siempre|lo de siempre|igual que|sí, adelante|sí, vamos
        sí, por|sí, me|sí, nos|sí, lo|sí, la|sí, dad*|sí, dale|sí, claro|sí, perfecto|sí, de acuerdo|sí, quiero|sí, queremos
        sí quiero|sí queremos|sí lo|sí nos|sí me|sí a|sí sí|que sí|pues sí|claro que|si, adelante|si, por|dijo que sí
        han dicho que sí|va que va|sí va|de una|me late|nos late|va pues|jalo|jalamos|le entro|nos animamos|me animo|me sumo
        nos sumamos|nos mudamos con|nos subimos|somos suyos|somos vuestros|adelante con|vamos adelante|vamos a hacerlo
        vamos seguro|vamos con todo|vámonos|hagámos*|hagamos*|lo hacemos|hágale*|hágalo|háganlo|hacelo|hazlo|métele|déle|dele
        dele nomás|démosle|denle|échale|arranquemos|arranque|arranquen|empezad|empiecen|empieza|podéis empezar|puede empezar
        pueden empezar|podemos empezar|empezamos|comencemos|comiencen|iniciemos|inicien|procede|proceder|prosigan
        siga adelante|seguimos adelante|avancen|avancemos|avanza|avanzamos|contratado|contratamos|contratar con
        los contratamos|lo contratamos|aceptada|aceptan|vobo|bueno para|aprobamos|aprobó|aprobaron|aprueba|por unanimidad
        favorable|autorizado|autorizo|autorizó|conforme con|estoy conforme|estamos conformes|hay acuerdo|tenemos acuerdo
        tenemos trato|trato cerrado|hecho el trato|cerramos trato|cerrado entonces|cerramos entonces|está hecho|eso está hecho
        mi palabra|confirm* .. para|confirmamos|queda confirmad*|confirmad* .. reserva|confirmo asistencia|nos viene de perlas
        me viene de perlas|viene de|viene perfecto|viene fenomenal|nos viene|me viene|me va perfecto|me va genial|me cuadra
        nos cuadra|me encaja|nos encaja|me sirve el|nos sirve el|me parece|nos parece|está bien|está perfecto|queda bien
        quedamos el|quedamos a|quedamos así|ahí estar*|allí estar*|ahí nos|allá nos|estaremos|les espero|los espera|le espera
        le recibo|los recibe|lo recibe|les recibimos|os esperamos|os espero|te esperamos|ahí te|nos vemos el|nos vemos a
        hasta el lunes|hasta el martes|hasta el jueves|pásate|pásese|pasen el|pasen por|puede pasar|podéis pasar|pueden pasar
        vengan|vénganse|venga el|venid|venir el|mándame la invitación|manda .. invitación|mande .. invitación
        envía .. invitación|envíe .. invitación|pásame el enlace|envíeme el link|link de pago|elige tú|el lunes a|el martes a
        el miércoles a|el jueves a|el viernes a|el sábado a|lunes a las|martes a las|miércoles a las|jueves a las
        viernes a las|mañana a las|a las 1*|a las 8*|a las 9*|a las 4*|a las 5*|por la tarde|por la mañana|en la mañana
        en la tarde|para el sábado|para el martes|para el viernes|para el jueves|reserve|reserven|resérveme|resérvenme
        reservad|reservamos|reservo|quiero reservar|agéndame|agéndenos|agendemos|agéndalo|agendado|agendamos|apartar|aparta
        apártame|apárteme|apártenos|el apartado|apúntame|apúntanos|apúnteme|apúntenos|anótame|anótanos|anóteme|anotame
        inscríbame|inscríbanos|inscribe a|inscribo|cuenta conmigo|cuenten conmigo|dar de alta|dadme de alta|dame de alta
        alta con este|quiero .. unidades|lo compro|compraré|compraremos|los compro|me los quedo|me la quedo|nos la quedamos
        me llevo|nos llevamos|me lo llevo|nos lo llevamos|lo llevo|póngame|ponme|pónganos|pónganme|haga el pedido
        hago el pedido|hacemos pedido|va el pedido|orden de|oc adjunta|generen|emit*|emítala|emita|emítan*|remisión|córt*
        cortalas|fabrique*|impríma*|imprim*|instálen*|instálalo|envíenme|envíennos|entrégue*|mándemelo|mándenos|mándenme
        mándamelo|tráigan*|traigan|tráeme|prepare el contrato|prepárenme|preparad|cobra|cóbr*|páse*|firmo|firmaré|firmaremos
        firmada|firmar|firmemos|lista la firma|pongo la firma|la firma|firmé|ya firmé|contrato firmado|adjunto .. firmado
        adjunto .. firmada|sellado|firmo y|te lo firmo|mande .. contrato|mándame el contrato|mándeme el contrato
        envíame el contrato|envíeme el contrato|pasame el|pásame el contrato|pásame la cuenta|pásame los datos
        pásame el número|cbu|iban|número de cuenta|seña|deposito|le deposito|te deposito|transfiero|transferimos
        hago la transferencia|bizum|pagar|pago hoy|pago lo hace|facturen|facturar|facturad|facture|factúr*|mándame la factura
        envíe la factura|renuevo|renovamos|renueva|renovado|renovar por|prorrog*|otro año más|lo mismo que|mismo que el
        como quedamos|como acordamos|según lo previsto|según lo acordado|tal cual|cuando queráis|cuando quieran|cuando quiera
        cuando gusten|cuanto antes|lo antes posible|para ya|ya mismo|de inmediato|ok a|ok para|vale,|va,|listos|fenomenal|joya
        chévere|bacán|sin problema|ningún problema|ningún inconveniente|ninguna objeción|sin objeción|sin objeciones|nada que
        en absoluto|para nada|los elegimos|les elegimos|os elegimos|elegimos su|elegimos la suya|hemos elegido su|seleccionad*
        su propuesta ganó|ganasteis|ganaste|ustedes ganan|es suyo|es tuyo|encantado de|encantada de|encantados de
        será un placer|con ustedes|con vosotros|me convenciste|me has convencido|me convenció|nos convenc*|estamos listos
        estamos dentro|estoy dentro|dentro|me interesa cerrar|cerremos|cerramos con ustedes|ok vale|vale pues|autorizada
        aceptamos el|aceptamos su|aceptamos la|acepto el|acepto la|acepto su|queda aprobad*|haga pedido|pedido confirmado
        apuntadme|apuntadnos|inscríb*|inscribid*|inscríbeme|quedamos entonces|entregar en|entreguen|que sea el|que sea a
        mejor el|sí a todo|decidido:|de acuerdo en|de acuerdo con|listo el|listo,|el miércoles|el martes|el jueves|el sábado
        vente|véngase|anímate|cuándo empezamos|cuándo empiezan|cuándo firmamos|dónde firmo|dónde hay que firmar|qué necesitas
        qué necesitan para|me quedo con|quédense con|nos lanzamos|me lanzo|lanzarnos|probamos|hagamos la prueba|al tiro|ya po
        dalee*|sipi|simón|síp|obvio|obviamente|faltaba más|cómo cree|que viva|manos a la obra|a darle|venga|venga va
        pues venga|ándale|sobres|arre|listo pues|pa cuando|para cuando las|cuando las tengan|preparen|prepárelo|prepare
        prepara|guárdame*|guárdeme*|guárdenme*|guárdanos|póngalo|ponlo|ponedlo|ponednos|súmame|súmanos|súmenos|incluidnos
        inclúyanos
    """,
    "no": """
        no nos interesa|no me interesa|no interesa|no interesad*|no estamos interesad*|no estoy interesad*|sin interés
        no gracias|gracias pero|nel|nones|no necesit*|no nos hace falta|no hace falta|no es para|no va con|no encaja
        no nos sirve|no me sirve|no procede|no cuenten|no vamos a|no va a poder|no podrá|no seguim*|no seguiremos|no continu*
        no avanz*|no avanzaremos|no queremos|no deseamos|lamenta*|lamento|lástima|desgraciadamente|por desgracia|sentimos
        declin*|descart*|rechaz*|deneg*|desestim*|se cayó|se cae|se acabó|murió|enterrado|olvíd*|déjelo|déjalo|dejémoslo
        dejarlo|lo dejamos|pasamos|otro proveedor|otra empresa|otra opción|otra oferta|competencia|con otros|elegimos a
        optamos|optado|decantad*|nos quedamos con|seguimos con|ya tenemos|ya contamos|ya tengo|ya compr*|ya contrat*|ya firm*
        nosotros mismos|internamente|demasiado car*|muy car*|carísim*|no nos alcanza|no alcanza|no hay dinero
        no hay presupuesto|sin presupuesto|fuera de presupuesto|cerr* .. expediente|archiv*|cerramos el negocio|quiebra|éxitos
        sin rencor|jamás|ni loco|ni hablar|de ninguna|definitivo|otra vez será|no interes*|no nos conviene|no me conviene
        no nos convence|no convence|no me convence|no nos cuadra|no cuadra|no me cuadra|no encaja*|no nos encaja|no es lo que
        no es lo nuestro|no es nuestro|no somos|no aplica|no corresponde|no tiene sentido|no le veo|no lo veo|no la veo
        no vemos|no va a ser|así que no|que no,|va a ser que no|pero no|es no|nanay|nop|nope|naranjas|ni modo|ni gratis
        ni de broma|ni de coña|ni regalad*|ni en sueños|negativo|negativ*|no, gracias|no, muchas|gracias igual
        gracias igualmente|gracias de todas|gracias de todos|gracias pero no|gracias por todo|agradezco igual|agradecemos la
        agradecemos el|agradezco la|te lo agradezco|se agradece|muy amable pero|con todo respeto|ya no necesit*|no precis*
        no requer*|no ocupo|no ocupamos|hacen falta|no me hace|no nos hace|no se moleste|no te molestes|no vale la pena
        no merece|no compensa|no renta|no trae cuenta|no sale a cuenta|no salen las|no nos salen|no me salen|no llego
        no llegamos|no me alcanza|no hay con qué|no hay plata|no hay lana|no hay fondos|no tenemos presupuesto
        no tengo presupuesto|no me lo puedo|no nos lo podemos|no puedo permit*|no podemos permit*|no podemos pagar
        no puedo pagar|fuera de nuestro|se sale de|se nos va de|muy por encima|barbaridad|carísimo|está carísimo|demasiado
        dispara*|un robo|robo|ni loca|sigue soñando|siga soñando|no tiene precio|no vamos|no iremos|no seguir|no sigo|no sigan
        no continuar*|no continúe*|no avance*|no avanzar|no renov*|no renueve*|no renuev*|no firm*|no compr*|no contrat*
        no acept*|no particip*|no asist*|no inscrib*|no reserv*|no me lo|no me la|no lo quiero|no la quiero|no lo queremos
        no quiere|no quieren|no quiso|no quisieron|no desea|no se va a|no se hace|no se hará|no se aprob*|no aprob*
        no autoriz*|no fue|no ha sido|no salió|no prosper*|no pasó|no ha pasado|no podremos|no puede ser|no voy a|no pienso
        no pensamos|no cuente*|no contamos|ya no|ya no hay|ya no va|ya no nos|así ya no|no hay más|no hay nada|nada de
        para qué quiero|qué más quisiera|preferimos no|prefiero no|prefirieron|prefirió|preferido|preferimos otr*
        preferimos seguir|preferimos a|descartado|descartada|descartamos|descarto|queda descartad*|rechazad*|rechazó
        rechazamos|denegad*|desestimad*|desfavorable|votaron en contra|votó en contra|dijo que no|dijeron que no|dicen que no
        diles que no|decirle que no|decirles que no|decirte que no|cancele|cancelen|cancela|cancelar el pedido|cancelar la
        cancelado|cancelada|cancelamos|se cancela|se canceló|anule|anulen|anulamos|anular|anulado|se suspende|suspendido el
        suspendimos|se ha caído|cayó|al agua|se fue al|tirado|truncó|quedó en nada|abort*|retiramos|retiro mi|desisto|desist*
        renunci*|echado atrás|me echo atrás|me bajo|nos bajamos|me rajo|nos rajamos|lo dejamos aquí|dejamos aquí|dejarlo así
        dejamos así|dejarlo aquí|lo dejo|déjelo así|dejalo|déjelo ahí|hasta aquí|ahí muere|ahí quedó|ya quedó|acabó|se terminó
        fin de|punto final|y punto|punto y|no hay más que hablar|lo segundo|ciérralo|ciérrelo|cierre el expediente|cierre mi
        cerrar el expediente|cierra el|archive|archívelo|caso cerrado|expediente cerrado|otro sitio|otro lado|otra gente
        otras manos|otra marca|otra casa|otro presupuesto|otro taller|otra persona|finalmente|a última hora|nos fuimos con
        me fui con|nos vamos con|me voy con|se fueron con|fuimos con|nos hemos ido|hemos optado|opté|elegí|eligieron|eligió
        elegido a|hemos elegido a|escogimos|escogieron|escogido|decidimos por|nos decidimos|nos decantamos|hemos decidido
        decidido no|decidimos no|decidió no|decisión tomada|mejores condiciones|mejor precio|más barato|más barata
        más económic*|adjudicado a|adjudicamos a|competidor*|la competencia|el de la|los de la|con los de|mi cuñad*|mi primo
        mi sobrin*|mi hermano|mi yerno|un amigo|mi vecino|nosotros solos|lo hacemos nosotros|lo hago yo|por nuestra cuenta
        propios medios|ya lo compr*|ya la compr*|ya le compr*|ya los compr*|ya lo hic*|ya lo tenemos|ya lo tengo|ya la tengo
        ya la tenemos|ya hay|ya encarg*|ya los encargamos|ya pedimos|ya cerramos|ya resolv*|ya está resuelto|ya nos
        ya tengo quien|tenemos quien|la de siempre|el de siempre|los de siempre|con el mismo|con la misma|seguir con|sigo con
        seguiremos con|continuar con|continuamos con|mantener*|renovar con|renovamos con|renové con|estamos contentos
        estamos bien así|estamos servidos|así estamos|estoy bien así|proveedor que ya|con lo que tenemos|cerramos la|cierra la
        cierro el|cierre definitivo|cerró|vamos a cerrar|vendimos|vendido|traspas*|jubilo|jubilé|concurso
        concurso de acreedores|falliment|bancarrota|quebr*|disuelt*|disolv*|despid*|me retiro|lamentable*|lo siento
        sentimos comunic*|mil disculpas|qué pena|una pena|pena con|da pena|perdone|será en otra|otra ocasión|en otra ocasión
        otra oportunidad|mucha suerte|buena suerte|suerte con|les deseo|le deseo|te deseo|que les vaya|que le vaya|que te vaya
        éxito|mucho éxito|sin rencores|nada personal|quedamos como amigos|perdí la confianza|desconf*|no me fío|no nos fiamos
        mala experiencia|estaf*|escald*|decepcion*|harto de esperar|tarde ya|demasiado tarde|llegan tarde|llega tarde
        no estoy cómod*|no tenemos|no hay|no estamos|no estoy|no nos da|no da para|no me da para|a otros|con otro|con otra
        por otro|por otra|de otro|nos jubil*|me jubilo|vendí la|vendí el|jubilación|ya vimos con|ya firmé|ya firmamos con
        nos salió|salió mejor|agradecid*|gracias por su tiempo|gracias por tu tiempo|gracias por el interés
        gracias por la oferta|gracias por pensar|por esta vez|esta vez no|este año no hay|quizá en otra|me temo|temo que
        imposible|no es posible|no nos es posible|no será posible|no cabe|no entra|prescind*|prescindir|no contemplamos
        no está en|no entra en|no figura|no está previst*|no tengo intención|no tenemos intención|no tenemos previsto
        sin efecto
    """,
    "later": """
        más adelante|más tarde|después|ahora no|ahora mismo no|por ahora|de momento|por el momento|ahorita no|ahorita
        todavía no|aún no|este año no|este mes|la semana que viene|la próxima semana|próxim*|el mes que viene|el año que viene
        que viene|que entra|trimestre|semestre|presupuesto*|ejercicio|cierre|temporada|cosecha|vendimia|vacaciones
        semana santa|navidad*|reyes|fiestas|verano|otoño|invierno|primavera|enero|febrero|marzo|abril|mayo|junio|julio|agosto
        septiembre|octubre|noviembre|diciembre|en cuanto|hasta que|dentro de|en 0|en dos|en tres|en unos|en un mes|a partir
        espera*|paciencia|pensar*|pensarlo|consult*|lo hablo|lo hablamos|reunión|junta|consejo|comité|asamblea|decid* .. en
        pendiente*|aplaz*|pospon*|pospuest*|posterg*|congelad*|en pausa|parad*|stand by|le aviso|te aviso|les aviso|avis*
        me pongo en contacto|contacto yo|vuelvo a|retom*|volv* a|vuelva a|escríb* en|llám* en|háblam*|recuérd*|búsc*|dame|deme
        denos|hasta la|hasta el|hasta entonces|hasta después|hasta nuevo|hasta enero|hasta febrero|hasta marzo
        hasta septiembre|cuando pase|cuando termin*|cuando acab*|cuando ten*|cuando vuelv*|cuando regres*|cuando sal*
        cuando lleg*|cuando corresponda|cuando abr*|cuando cierr*|cuando sep*|cuando hay*|cuando est*|cuando me|cuando nos
        cuando la|cuando el|cuando tap*|una vez que|una vez|tan pronto|apenas|nomás que|ni bien|en lo que|primero|antes tengo
        antes tenemos|antes de|mientras|hoy no|ahora mismo|ahora ando|ahora estoy|ahora estamos|ahora solo|esta semana no
        esta semana imposible|imposible esta|este mes no|este trimestre|este semestre|este curso|no todavía|todavía|aún
        por lo pronto|momento no|de momento no|en este momento|actualmente|a día de hoy|dentro de un|dentro de dos
        dentro de tres|dentro de seis|dentro de unos|dentro de unas|en un par|par de semanas|par de meses|dos semanas
        tres semanas|dos semanitas|unas semanas|unos meses|unos días|una semana|quince días|seis meses|tres meses|dos meses
        en seis|en quince|el año próximo|próximo año|próximo mes|próximo trimestre|próxima semana|año nuevo|el otro año
        entrado el año|después de|luego de|pasad*|pasada la|pasadas las|pasado el|tras la|tras el|a finales|final de mes
        fin de mes|fin de año|finales de|a principios|principios de|a mediados|mediados de|primer trimestre|segundo trimestre
        tercer trimestre|cuarto trimestre|q1|q2|q3|q4|segunda quincena|primera quincena|a la vuelta|la vuelta de|de vuelta
        nochevieja|feria|feriado|ramadán|rebajas|campaña|déjame|déjeme|déjanos|dejame|déjenme|danos|dénos|deme una|deme unos
        dame unos|dame un|dame una|dame hasta|necesito tiempo|más tiempo|algo de tiempo|un poco de tiempo|poco más|tiempo para
        sin tiempo|falta de tiempo|no me da la vida|me da la vida|no doy abasto|hasta arriba|a tope|de locos|hasta el cuello
        ocupad*|saturad*|liad*|a full|desbordad*|agobiad*|con la soga|cierre fiscal|cierre de|auditoría|inventario|mudanza
        mudando|reforma|reestructur*|fusión|le confirmo|te confirmo|os confirmo|les confirmo|te digo algo|le digo algo|os digo
        te digo|le digo|te cuento|aviso yo|te marco|le marco|márqu*|márqueme|te llamo|le llamo|os llamo|te escribo|le escribo
        les escribo|ya te|ya le digo|ya les|ya os|nos ponemos en contacto|me comunico|nos comunicamos|tomaremos contacto
        contactaremos|contactamos nosotros|te respondo|le respondo|daré respuesta|doy respuesta|le doy|les damos|os diremos
        te diremos|llámame|llámeme|llámenme|llame en|llame el|llama en|escríbame|escríbeme|escríbanme|escribirme en
        escríbame en|escribidme|pregúnt*|pregúnteme|pregúntame|búsqueme|búscame|contácteme|contáctame|recuérdame|recuérdeme
        insist* en|vuelve a|vuelva|volver a|volvemos a|volvamos|hablamos|hablemos|lo vemos|vemos|platicamos|lo platicamos
        conversamos|retomemos|retomamos|reten*|revisamos en|revisemos|revisaremos|ya veremos|veremos|vamos viendo
        ya vamos viendo|a ver|lo consulto|consultarlo|consultar|tengo que consultar|hablarlo|tengo que hablar|hablar con
        ver con|lo checo|checo|checarlo|comentarlo|comentar con|pensármelo|pensárnoslo|lo pienso|lo estoy pensando
        me lo pienso|pensándolo|darle una vuelta|una pensada|consultar con|la almohada|haga números|hacer números|sin decidir
        no hemos decidido|no han decidido|no se ha decidido|no he decidido|por decidir|decidiremos|se decide|lo resuelven
        resuelven|próxima junta|reunión de|se reúne|pleno|directorio|sesión|votar|aprobación|en firma|firma de gerencia
        gerente anda|licitación|en trámite|trámite|en estudio|en revisión|en espera|a la espera|esperamos|esperemos|esperando
        espérame|espéreme|estoy esperando|hay que esperar|tener paciencia|parado|parada|en stand by|en el aire|congelado
        en el congelador|aparcad*|aparcamos|pospuesto|se pospuso|posponer|aplazado|aplazar|aplazamos|retras*|demor*|se atrasó
        atras*|no se mueve|hibern*|vence en|caduca|termina en|no es un no|ni sí ni no|si repunta|subvención
    """,
    "engaged": """
        qué|cómo|cuánto|cuántos|cuál*|quién|cuándo|dónde|por qué|pueden|podrían|puede|podría|puedes|me pueden|tienen|tiene|hay
        es posible|incluye|pregunta*|duda*|aclar*|explic*|interesante|interesa|interesad*|me gusta|nos gusta|suena|pinta bien
        tentador|bonito|bueno|gracias|recibido|recibí|lo reviso|lo vemos|lo miro|lo leo|revis*|leer*|estudi*|compar*|precio*
        costo*|coste*|cuesta|descuento*|rebaj*|presupuesto|cotiz*|oferta|caro|cara|car*|margen|negoci*|detalle*|información
        folleto|muestra*|referencia*|ejemplo*|si me|si nos|si el|si lo|siempre que|pero|aunque|quizá*|tal vez|a lo mejor
        no es un no|no digo que no|jaja*|en qué|a cómo|cuánto cuesta*|cuánto sería|cuántas|cuanto|cuantos|cuando|que precio
        cual es|cuáles|quiénes|tenéis|podéis|podrías|hacéis|hacen|manejan|trabajan|ofrecen|incluyen|incluido|va incluido
        entregan|envían|fabrican|recogen|aceptan|disponibles|disponible|se puede|se pueden|puedo|podemos|sería posible
        sirve para|funciona|compatible|necesitaríamos|necesitamos saber|necesito saber|quisiera saber|me gustaría saber
        quiero saber|quiero probar|probar|prueba|demo|quería preguntar|consulta|consultas|inquietud*|me surge*|me preocupa
        preocup*|cuéntame|cuénteme|dime|dígame|explíqueme|explícame|explicás|aclárame|aclaras|convencer|me tienes que|mándeme
        mándame|envíame|envíeme|pásame|pásenme|ficha*|catálogo|tarifa*|plano*|foto*|medida*|plazo*|garantía*|stock|mínimo
        certificad*|iva|gastos de envío|transporte|me gustó|me gusta mucho|me encanta|nos encanta|encanta|gustó|está padre
        bonita|buena|buenas|qué bueno|muy bien|más o menos|recibida|bien recibido|llegó|ya te leí|lo leí|lo vi|vi la|revisé
        revisando|estamos revisando|estudiando|valorando|comparando|mostrar|se lo enseño|se lo paso|lo comento|lo comenté
        interesados|interesan|me interesa|nos interesa|curiosidad|curios*|pinta|suena bien|tiene sentido|ilusionad*|tentad*
        bajar|bajarle|igualas|iguala|ajustar|ajusta|mejorar|mejora el|rebaja|precio final|caro está|subid*|salado|puntito
        siempre y cuando|depende|según|si me garantiz*|si me haces|si me dej*|si incluy*|no me cierra|no lo tengo claro
        no me queda claro|no entiendo|no sé si|duda|error|no abre|cortado|equivocad*|perdona|perdón|disculpa|no digo que
        yo no diría|no te digo que no|jeje*|jajaj*|lol|ja ja
    """,
    "referral": """
        ya no trabaja|ya no está|ya no forma|dejó la empresa|dejó el|se fue|se jubiló|cambió de|reemplaz*|sustitu*|sucesor*
        compañer*|colega|contact* con|contacte|contacten|habl* con|hable con|diríj*|escríb* a|pregunt* a|pregunte por
        encargad*|responsable|se encarga|lleva ese|lleva esto|lo lleva|lo ve|lo maneja|a cargo|en copia|copio|con copia|reenv*
        reenvío|pasé su|paso su|le paso|no soy yo|no soy la persona|persona indicada|persona correcta|departamento|compras
        gerent*|jef*|esa área|el área|ya no llev*|no llevo|no soy quien|no me encargo|no me corresponde|no es mi|no es de mi
        no depende de mí|no decido|quien decide|quien maneja|quien lleva|quien se|quien ve|es quien|decide ella|decide él
        lo decide|eso lo|esto lo|esos temas|estos temas|temas dirig*|dirigirse|dirigiros|diríjase|diríjanse|dirígete
        a partir de ahora|desde el 1|este correo deja|este correo lo|este correo ya|a cargo de|está a cargo|quedó encargad*
        encargado de|encargada de|nuevo responsable|nueva responsable|el nuevo|la nueva|ahora lo|ahora la|le sustituye
        la sustituye|lo reemplaza|en mi lugar|me sustituye|dejó|dejado la|finalizado mi|mi etapa|último día|me jubilé|falleci*
        trasladad*|cambiado de|cambié de|ya no pertenece|no pertenece|ya no labora|no labora|dejé la|dejé de trabajar|te copio
        le copio|copio a|pongo en copia|en cc|copia a|reenvío al|reenvío a|reenviado|he reenviado|lo he pasado|le he pasado
        pasé el|paso con|te paso el contacto|te paso con|te dejo con|escriba a|escribe a|escriban a|escríbele|escríbale|hábl*
        háblale|habla con|hablad con|contacta con|contacte con|contacten a|póngase en contacto|equivocado de
        departamento equivocado|persona equivocada|central|sede|matriz|centralizado|consolidan|compras@|intendencia
        administración|mi jef*|mi soci*|mi hij*|mi compañer*
    """,
    "unsubscribe": """
        darme de baja|dar de baja|dénme de baja|deme de baja|denme de baja|desuscri*|suscri*|eliminen|borren|quiten|saquen
        sáqu*|base de datos|boletín|no más correos|no más mensajes|más correos|dejen de|deje de|deja de|dejar de|no me escrib*
        no nos escrib*|no me env*|no env*|no me mand*|no mand*|no me contact*|no contact*|no quiero recibir|no deseo recibir
        no recib*|no vuelv*|basta|ya basta|ya estuvo|stop|paren|fastidi*|acos*|spam|correo basura|en paz|lopd|rgpd|mis datos
        denunci*|bloque*|profeco|la baja|baja de|baja por|dame de baja|dadme de baja|dese de baja|desuscríb*|desuscrib*
        desapunt*|desinscrib*|cancelar la suscripción|cancelar suscripción|cancelación de mis|cancele mi|anular la suscripción
        elimíname|elimíneme|elimínenme|eliminadme|elimina mi|elimine mi|eliminen mi|eliminar mi|eliminen este|eliminar este
        elimine este|elimina este|eliminen de|bórrame|bórreme|bórrenme|borradme|borren mi|borra mi|borre mi|borre este
        borrar mi|que me borren|bórr*|quítame|quíteme|quítenme|quitadme|quita este|quite este|quita mi|quite mi|quiten mi
        sácame|sáqueme|sáquenme|sacadme|saca mi|saque mi|sacame|retírenme|retíreme|retírame|retirar mi|retire mi|retiren mi
        retiren este|supriman|suprim*|suprimid*|excluy*|tach*|táchame|táchenme|lista de correo*|lista de distribución
        lista de difusión|tu lista|su lista|sus listas|vuestra lista|esa lista|de la lista|de sus listas|de sus contactos
        sus contactos|bases de datos|sus envíos|vuestros envíos|sus correos|tus correos|vuestros correos|estos correos
        estos mensajes|sus mensajes|tus mensajes|tus mails|sus mails|boletines|publicidad|publicitari*|fines publicitarios
        mercadotecnia|propaganda|comunicaciones|envíos comerciales|no más mails|no más emails|más mails|más emails
        más mensajes|ni un correo más|ni un mail|ni uno más|nunca más|deja ya|dejad de|dejen ya|dejá de|deje de escrib*
        dejar de recibir|que dejen de|deja de mandar*|deja de escrib*|no quiero más|no quiero que me|no queremos más
        no queremos recibir|no deseamos recibir|no deseo|no me llegue*|no me incluy*|no me incluyeras|no me inviten
        no me sigan|no sigan|no insist*|no me insist*|no me llam*|no vuelvan a|no vuelva a|no vuelvas a|no me volv*
        no le manden|no le envíen|no les manden|no nos manden|no nos envíen|no nos contact*|no envíen más|no manden más
        que no me escrib*|que no me mand*|no me molest*|no molest*|que no insista|dejarme en paz|déjame en|déjeme en
        déjenme en|dejadme|déjennos|déjen*|olvídate de|olvídese de mí|olvídense de|olvidaos|piérdete|lárg*|vete|a la mierda
        cesen|cesar|abst*|absténga*|estoy hart*|harto de|harta de|hartos|hasta las narices|hasta el gorro|hasta los
        hasta la coronilla|cansado de|cansada de|plasta|acoso|hostig*|bombarde*|atosig*|insistente*|spammer*|bloquear*
        bloqueado|bloqueo|lista negra|reportar*|reporto|denunciar|denuncia|aepd|agencia de protección|derecho de
        derecho al olvido|derechos arco|habeas data|datos personales|tratamiento de mis|consentimiento|no autoriz*
        no di permiso|no he dado|no recuerdo haber*|no me suscribí|nunca me suscrib*|nunca pedí|no pedí|no he pedido
        no solicité|no solicitad*|quién les dio|quién te dio|de dónde sac*|de dónde han|ya pedí|ya lo pedí|ya les dije
        ya le dije|ya te dije|ya os dije|he pedido ya|vez que pido|vez que|por última vez|tercera vez|cada vez que
        solicito la baja|pido la baja|quiero la baja|causar baja|dar la baja|pedí la baja|mande la baja|de baja este
        de baja mi|me den de baja|nos den de baja|newsletter* no|me molesten|de molestar|quítenos|quítenme de|quítame de
        quítame ya|mi bandeja|nuestra bandeja|a la basura|a spam|no deseado|correos no deseados|derecho de oposición|me opongo
        mi oposición|estas campañas|sus campañas|que existo
    """,
}
