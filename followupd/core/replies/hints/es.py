"""Hints in Spanish: words that lean towards a meaning, and prove nothing alone. See `hints/__init__.py`."""

from __future__ import annotations

HINTS = {
    "yes": """
        adelante|vamos|vamos con|vamos a ello|dale|sale|órale|listo|hecho|trato hecho|trato|de acuerdo|acuerdo|acept*
        aceptamos|acepto|aceptado|aprob*|aprobado|aprobada|autoriz*|visto bueno|luz verde|conforme|confirm*|confirmado
        confirmo|va|vale|ok|okay|perfecto|genial|estupendo|me parece bien|nos parece bien|me viene bien|nos viene bien
        me va bien|nos va bien|me queda bien|nos queda|encantad*|con gusto|con mucho gusto|claro|claro que sí|por supuesto
        desde luego|cómo no|sí|si por favor|sí por favor|siii*|cuenten con|cuenta con|contad con|me apunto|nos apuntamos
        apúnt*|apunta|inscrib*|anot*|agend*|agenda|reserv*|resérv*|compr*|compramos|pedido|pido|pedimos|encarg*
        orden de compra|lo quiero|la quiero|lo queremos|me lo quedo|nos lo quedamos|me quedo|nos quedamos con|lo tomo
        lo tomamos|firm*|firmado|firmamos|firma|contrato|mande* .. contrato|manda* .. contrato|envíe* .. contrato
        mande* .. factura|factur*|factura|anticipo|señal|depósito|transfer*|pago|pagamos|cobren|empez*|empecemos|arranc*
        arrancamos|iniciamos|comenz*|procedan|proceda|procedamos|instal*|entreg*|envíe*|envíen|mándeme*|ganaron|ganado
        son los elegidos|elegidos|elegimos|hemos elegido|adjudic*|suyo|cita|quedamos|nos vemos|te espero|los espero|le espero
        los esperamos|pas* por|veng*|ven|llám*|a las 0|a las 00|lunes|martes|miércoles|jueves|viernes|mañana|renov*
        como siempre|lo de siempre|igual que
    """,
    "no": """
        no nos interesa|no me interesa|no interesa|no interesad*|no estamos interesad*|no estoy interesad*|sin interés
        no gracias|gracias pero|nel|nones|no necesit*|no lo necesit*|no nos hace falta|no hace falta|no es para|no va con
        no encaja|no nos sirve|no me sirve|no procede|no cuenten|no vamos a|no va a poder|no podemos|no podrá|no seguim*
        no seguiremos|no continu*|no avanz*|no avanzaremos|no queremos|no quiero|no deseamos|lamenta*|lamento|lástima
        desgraciadamente|por desgracia|siento|sentimos|disculp*|pena|declin*|descart*|rechaz*|deneg*|desestim*|cancel*|anul*
        suspendid*|se cayó|se cae|se acabó|murió|muerto|enterrado|olvíd*|déjelo|déjalo|dejémoslo|dejarlo|lo dejamos|pasamos
        paso|otro proveedor|otra empresa|otra opción|otra oferta|otro|otra|competencia|con otros|elegimos a|optamos|optado
        decidido|decidimos|decantad*|nos quedamos con|seguimos con|ya tenemos|ya contamos|ya tengo|ya compr*|ya contrat*
        ya firm*|nosotros mismos|internamente|en casa|propio|propia|demasiado car*|muy car*|carísim*|no nos alcanza|no alcanza
        no hay dinero|no hay presupuesto|sin presupuesto|fuera de presupuesto|cerr* .. expediente|cierr*|ciérr*|archiv*
        cerramos el negocio|jubil*|quiebra|liquid*|suerte|éxitos|sin rencor|nunca|jamás|ni loco|ni hablar|de ninguna
        definitivo|otra vez será
    """,
    "later": """
        más adelante|más tarde|después|luego|ahora no|ahora mismo no|por ahora|de momento|por el momento|ahorita no|ahorita
        todavía no|aún no|este año no|este mes|esta semana|la semana que viene|la próxima semana|próxim*|el mes que viene
        el año que viene|que viene|que entra|trimestre|semestre|presupuesto*|ejercicio|cierre|temporada|cosecha|vendimia
        vacaciones|semana santa|navidad*|reyes|fiestas|verano|otoño|invierno|primavera|enero|febrero|marzo|abril|mayo|junio
        julio|agosto|septiembre|octubre|noviembre|diciembre|cuando|en cuanto|hasta que|hasta|dentro de|en 0|en dos|en tres
        en unos|en un mes|a partir|espera*|esper*|paciencia|pensar*|pensarlo|consult*|lo hablo|lo hablamos|reunión|junta
        consejo|comité|asamblea|decid* .. en|pendiente*|aplaz*|pospon*|pospuest*|posterg*|congelad*|en pausa|parad*|stand by
        le aviso|te aviso|les aviso|avis*|me pongo en contacto|contacto yo|vuelvo a|retom*|volv* a|vuelva a|escríb* en
        llám* en|háblam*|recuérd*|búsc*|tiempo|dame|deme|denos
    """,
    "engaged": """
        qué|cómo|cuánto|cuántos|cuál*|quién|cuándo|dónde|por qué|pueden|podrían|puede|podría|puedes|me pueden|tienen|tiene|hay
        es posible|incluye|pregunta*|duda*|aclar*|explic*|interesante|interesa|interesad*|me gusta|nos gusta|suena|pinta bien
        tentador|bonito|bueno|gracias|recibido|recibí|lo reviso|lo vemos|lo miro|lo leo|revis*|mir*|leer*|estudi*|compar*
        precio*|costo*|coste*|cuesta|descuento*|rebaj*|presupuesto|cotiz*|oferta|caro|cara|car*|margen|negoci*|detalle*
        información|folleto|muestra*|referencia*|ejemplo*|si me|si nos|si el|si lo|siempre que|pero|aunque|quizá*|tal vez
        a lo mejor|no es un no|no digo que no|jaja*
    """,
    "referral": """
        ya no trabaja|ya no está|ya no forma|dejó la empresa|dejó el|se fue|se jubiló|cambió de|reemplaz*|sustitu*|sucesor*
        compañer*|colega|contact* con|contacte|contacten|habl* con|hable con|diríj*|escríb* a|pregunt* a|pregunte por
        encargad*|responsable|se encarga|lleva ese|lleva esto|lo lleva|lo ve|lo maneja|a cargo|en copia|copio|con copia|reenv*
        reenvío|pasé su|paso su|le paso|no soy yo|no soy la persona|persona indicada|persona correcta|departamento|área
        compras|gerent*|jef*
    """,
    "unsubscribe": """
        baja|darme de baja|dar de baja|dénme de baja|deme de baja|denme de baja|desuscri*|suscri*|elimin*|eliminen|borr*
        borren|quít*|quiten|quitar|saquen|sáqu*|retir*|lista|base de datos|boletín|no más correos|no más mensajes|no más
        más correos|dejen de|deje de|deja de|dejar de|no me escrib*|no nos escrib*|no me env*|no env*|no me mand*|no mand*
        no me contact*|no contact*|no quiero recibir|no deseo recibir|no recib*|no vuelv*|basta|ya basta|ya estuvo|alto|stop
        paren|suficiente|hart*|cans*|molest*|fastidi*|acos*|spam|correo basura|en paz|tranquil*|protección de datos|lopd|rgpd
        mis datos|mi correo|denunci*|bloque*|profeco
    """,
}
