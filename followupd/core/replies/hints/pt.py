"""Hints in Portuguese: words that lean towards a meaning, and prove nothing alone. See `hints/__init__.py`."""

from __future__ import annotations

HINTS = {
    "yes": """
        vamos em frente|em frente|avançamos|avancem|avance|avançar|pode avançar|podem avançar|siga|sigam|bora|vamos nessa
        vamos fazer|fechado|fechamos|fecho|pode fechar|negócio fechado|combinado|de acordo|aceito|aceit*|aceitamos|aprovado
        luz verde|confirmo|confirmado|ok|okay|tá bom|está bem|perfeito|ótimo|óptimo|excelente|beleza|claro que sim|com certeza
        sem dúvida|com prazer|com gosto|com todo|sim por favor|simm*|pode contar|contem comigo|conte conosco|tô dentro
        estou dentro|estamos dentro|topo|topamos|fico com|ficamos com|levamos|compramos|pedimos|ordem de compra|inscrev*|põe
        pode pôr|bota|anota|assin*|assino|assinamos|assinado|mande .. contrato|manda .. contrato|envie .. contrato
        mande .. boleto|boleto|nota fiscal|adiantamento|pix|transfer*|pago|pagamos|começ*|comecem|começamos|ganharam
        escolhemos vocês|escolhidos|são vocês|é vosso|é seu|nos vemos|vemo-nos|espero por|aguardo vocês|apareç*|venh*
        como sempre|como combinado|renovamos por|reserva para|reserva a|encomenda para|reserve o|reserve a|renovar por
        pode reservar|sim,|sim pode|sim, pode|sim, vamos|sim quero|sim por|sim, por|que sim|quero sim|podem sim|vamos sim
        vou sim|aceito sim|é sim|claro que|claro,|claro sim|certeza|lógico|óbvio|uai sim|simbora|bora lá|borá|bora fechar
        partiu|vamos lá|vamos a isso|vamos embora|vamos com|vamos fechar|vamos avançar|vamos começar|vamos de|vamos pra cima
        manda bala|manda ver|mete bronca|manda brasa|toca a|toca pra frente|siga a marinha|pode seguir|podem seguir
        seguimos em|pode tocar|pode mandar|podem mandar|pode vir|podem vir|pode fazer|podem fazer|pode marcar|pode agendar
        pode faturar|pode emitir|pode liberar|pode cobrar|pode entregar|pode instalar|podem começar|pode começar|pode preparar
        pode colocar|pode incluir|pode comprar|pode passar|podem contar|pode iniciar|podem iniciar|pode ser sexta
        pode ser segunda|pode ser terça|pode ser quarta|pode ser quinta|pode ser às|pode ser dia|pode ser na|pode prosseguir
        continuem|continue|continuamos convosco|nenhuma objeção|sem objeç*|nada contra|nada a opor|nada a obstar
        nenhum problema|sem problema|sem problemas|tranquilo|de modo nenhum|pra ontem|para ontem|o quanto antes|o mais rápido
        quanto antes|já fechou|fechou|fechou então|tá fechado|está fechado|fechado então|fechar negócio|fecho negócio
        fechamos negócio|fechamos o|fecho já|vamos a ele|combinadíssimo|tá combinado|fica combinado|está combinado|tá feito
        está feito|está tudo em ordem|tudo em ordem|tudo certo|tudo ok|aperto de mão|tamo junto|tamos dentro|tou dentro
        contem connosco|conte comigo|conte connosco|conta comigo|contamos convosco|pode botar|aceite|aceita|aceitar|aceitam
        aprovada|aprovamos|aprovo|foi aprovad*|aprovou|aprovaram|deu o de acordo|o de acordo|deu ok|deu o ok|deram o ok
        sinal verde|unanimidade|favorável|parecer favorável|autorizado|autorizada|autorizo|autorizamos|autorização de
        ordem de fornecimento|autorização de fornecimento|empenho|nota de encomenda|adjudic*|adjudicado|cabimento|homolog*
        confirmamos|confirmadíssimo|está confirmado|fica confirmado|confirma aí|pode confirmar|assinada|assinei|assinámos
        assinar e|vou assinar|já assinei|segue assinado|seguem assinados|segue em anexo assinad*|em anexo assinad*|onde assino
        assinatura digital|devolvo assinad*|devolvo amanhã|via assinada|mande o contrato|manda o contrato|envie o contrato
        enviem o contrato|emita o contrato|prepare o contrato|emita|emitam|emite|emita, por|manda o boleto|manda o pix
        manda a chave|chave pix|nib|iban|multibanco|mbway|mb way|referência multibanco|transferência|transferi|já transferi
        vou transferir|faço a transferência|já paguei|paguei|pago à|pago no|pagamento em|cartão da empresa|fature|faturem
        faturar|manda a fatura|envie a fatura|emitir a fatura|dou a entrada|quero comprar|quero fechar|quero marcar
        quero reservar|quero o|quero a|quero dois|quero duas|eu quero|queremos fechar|queremos avançar|queremos o|queremos a
        queremos as|vou querer|vamos querer|vou levar|vou ficar com|vamos ficar com|levo os|levo a|levo o|fica pra mim|é meu
        é nosso|compro|encomendo|encomendamos|encomenda de|pedido de|faço o pedido|fazer o pedido|segue o pedido|segue pedido
        reservo|reserve|reserva|reserve-*|reservem|reservado|reservar|separa|separe|separa pra|guarde-me|guarda-me|guarda para
        põe-me|ponha-me|ponham-nos|bota a gente|bota meu|coloca a gente|me coloca|me inscreve|inscreva*|inscrevam
        inscrição confirmada|inscrevo|renova|renove|renovamos|renovo|renovem|renova por|prorrog*|renovado|marca sexta|marca aí
        marca pra|marca para|marque|marquem|marcamos|marcado para|fica marcado|fica marcada|agende|agenda aí|agendado
        agendamos|agendar para|fica ótimo|fica ótima|fica bem|fica bom|fica perfeito|fica melhor|fica para|está ótimo
        está bem para|está perfeito|está bom|tá ótimo|tá perfeito|tá bem|dá sim|dá certo|dá jeito|dá-me jeito|me dá jeito
        dá-nos jeito|serve perfeitamente|serve-nos|serve-me|serve sim|me serve|convém-me|convém-nos|calha bem|calha-me
        vem a calhar|pra mim tá|por mim|por mim tudo|por nós|parece-me bem|parece-nos bem|lá estarei|lá estaremos|estarei lá
        cá estarei|cá estaremos|vou estar|até dia|até quinta|até sexta|até segunda|até terça|até quarta|até amanhã
        espero vocês|espero-o|espero-vos|esperamos por|esperamos vocês|te espero|aguardo a via|aguardamos a visita|apareça*
        apareçam|pode aparecer|passa aqui|passa cá|passe cá|passem cá|passem por|passe por|venham|venha na|venha no|vem na
        vem aqui|envie o link|manda o link|mande o link|envie o convite|manda o convite|envia o convite|enviem-nos|enviem o
        segunda às|terça às|quarta às|quinta às|sexta às|sábado às|segunda-feira às|terça-feira às|amanhã às|às 1*|às 8*|às 9*
        às 2*h|pelas 1*|pelas 9*|1*h*|8h*|9h*|na segunda às|na quinta às|de tarde|de tardinha|sexta,|quinta,|terça,|segunda,
        quarta,|quadra b|opção 1|opção 2|opção a|opção b|comece|começar na|comecem pelo|avança|avancem com|avance com
        avançar com|iniciem|inicie|iniciamos|arranquem|arranca|arrancamos|instalem|instale|imprimam|imprima|produzam
        mandem fazer|manda fazer|façam|faça|faz aí|prepara|preparem|prepare|entreguem|entrega na|entregar na|entrega em
        despacha|despachem|mande vir|escolhemos a vossa|escolhemos a sua|escolhi vocês|vocês ganharam|o serviço é|convenceu-me
        me convenceu|convenceram|convencid*|perfeitamente|impecável|maravilha|fantástico|show de bola|jóia|fixe então|massa
        ok,|ok para|com todo o|prazer|será um prazer|ansios*|aderimos|adiro|adesão|integrar|aceita integrar|participamos
        participaremos|participo|junto-me|juntamo-nos|mesmo do ano|como no ano|como da última|conforme combinado|mesma coisa
        o mesmo de|mais dois anos|mais um ano
    """,
    "no": """
        não temos interesse|não tenho interesse|sem interesse|não interessa|não nos interessa|não é para|não é pra|não precis*
        não necessit*|não há necessidade|sem necessidade|não obrigad*|obrigad* mas|nem pensar|infelizmente|lament*|pena
        sinto muito|desculp*|declin*|recus*|rejeit*|descart*|dispens*|dispensamos|cancel*|desist*|desistimos|não vamos|não vai
        não vamos avançar|não avanç*|não seguir*|não prosseg*|não iremos|não queremos|não pretend*|não dá|não rola|não encaixa
        outro fornecedor|outra empresa|outra proposta|outra solução|concorr*|concorrente|escolhemos|escolhi|optámos|optamos
        optei|decidimos|fechamos com|fechei com|ficámos com|já temos|já tenho|já fech*|já compr*|já contrat*|já assin*
        internamente|nós mesmos|continuamos com|mantemos|muito car*|caro demais|caríssim*|fora do orçamento|sem verba
        sem orçamento|não há verba|não há dinheiro|sem dinheiro|não cabe|pode encerrar|feche|fechar o processo|arquiv*
        encerrámos|fechamos as portas|aposent*|falênc*|morreu|acabou|esquece|esqueça|deixa pra lá|deixe estar|passamos
        boa sorte|sem ressentimentos|de jeito nenhum|definitivo|não tem|não faz|não há|não é|não temos como
        não temos necessidade|contra a proposta|não quero renovar|não, obrigad*|não, não|não não|não temos|não há interesse
        não me interessa|nao temos interesse|nao tenho interesse|nao obrigad*|não é o|não é a|não é do nosso|não é connosco
        não se aplica|não se enquadra|não se adequa|não se justifica|não faz sentido|não faz parte|não nos faz|não compensa
        não vale|não vale a pena|não sentimos|não vejo|não vemos|não nos convenc*|não convenc*|não me convenc*|não gost*
        não serve pra|não nos serve|não me serve|não precisamos|não preciso|nao preciso|não precisa|não necessitamos|dispenso
        dispensa*|prescind*|obrigado mas|obrigada mas|obrigad*, mas|obrigado pela atenção|obrigada pela atenção
        obrigad* .. atenção|obrigado por tudo|obrigada por tudo|obrigad* .. tempo|agradeço o|agradecemos a|agradeço a
        agradeço mas|agradeço na mesma|agradecemos mas|obrigado na mesma|obrigada na mesma|obrigado mesmo assim|valeu mas
        valeu falou|mas não|é não|um não|é um não|acho que não|nada de|nada feito|nada disso|nadica|nem morto|nem de graça
        nem dado|nem a pau|negativo|negativ*|nope|nã|nana nina|não vou|não vamos pôr|não vamos ficar|não vamos renovar
        não vamos continuar|não vamos fechar|não vamos fazer|não vamos querer|não vamos comprar|não vamos seguir
        não vamos precisar|não vamos poder|não vamos mais|não vai rolar|não vai dar|não vai ser|não vai acontecer
        não vai haver|não vai avançar|não dá pra|não dá para|não dá mais|não rolou|não deu|não deu certo|não correu
        não correu bem|não passou|não passa|não foi aprov*|não aprov*|não aceit*|não adot*|não adopt*|não adotará|não assin*
        não comp*|não contrat*|não contem|não conte comigo|não contem connosco|não continu*|não prossegu*|não renov*
        não desejo|não desejamos|não desej*|não querem|não quer|não quis*|não quero nada|não pretendemos|não pretendo
        não tenciono|não tencionamos|não irei|não ficamos|não fico|não fechamos|não fecho|não participar*|não podemos
        não posso pagar|não pode ser|não pode, não|não será|não é possível|não nos é possível|impossível|não cabe no
        não há hipótese|sem hipótese|sem chance|não tem mais|não tem jeito|não tem como|não tem condição|não temos condiç*
        não consigo pagar|não conseguimos pagar|já não|já não precisa*|já não quer*|já não vamos|não mais|desisti|desistiu
        desisto|cancelo|cancela a|cancela o|cancele a reserva|cancele o pedido|cancelem|cancelamos|cancelei|cancelado
        cancelada|cancelaram|cortaram|cortou|corte|cortes|anulamos|anule|anulem|anulado|anulada|sem efeito|fica sem|recusado
        recusada|recusamos|recuso|recusou|rejeitado|rejeitada|rejeitou|rejeitamos|declinar|declinamos|declino|descartado
        descartada|descartamos|desfavorável|parecer desfavorável|parecer negativo|votou contra|votaram contra|votos contra
        contra|vetou|vetado|vetaram|chumb*|chumbado|chumbou|reprov*|reprovou|disse que não|disseram que não|disse não
        deliberou|deliberad*|ponto final|e ponto|caso encerrado|assunto encerrado|encerrar o|encerre|podem encerrar|encerro
        encerramos|feche o processo|pode fechar o processo|pode arquivar|arquive|arquivem|largo|largamos|abandon*|rescind*
        rescis*|denunciar o contrato|terminar o contrato|acabar com|acabou-se|terminou|enterr*|caiu|foi por água|água abaixo
        pro brejo|por terra|gorou|outro sistema|outro parceiro|outro orçamento|outro lado|outro rumo|outro caminho
        outro prestador|outra coisa|outra agência|outra opção|outra marca|outra pessoa|outros|outras|noutro|noutra
        concorrência|da concorrência|escolheu|escolheram|escolhemos outr*|escolhemos a outra|escolhemos o|optaram|optou
        optou-se|optámos por|optamos por|optei por|preferimos|preferiu|preferiram|prefiro não|preferi|fechou com|fecharam com
        fomos com|fui com|foram com|ficamos com o|contratei|contratámos|contratamos outr*|acabou renovando|acabei|acabamos por
        acabámos por|renovando com|renovámos com|renovei com|decidiu não|decidimos não|decidimos que|decidimos ficar
        decidimos manter|decidimos por|decidi não|decidiram|decidiu|decidido que não|ficou decidido|a decisão foi|já fechamos
        já fechei|já compramos|já comprei|já contratamos|já resolv*|já está resolvido|já arranj*|já arrumei|já encomend*
        já escolhemos|já mandei fazer|arranjámos|arranjei|arrumamos|meu primo|meu cunhado|meu sobrinho|um amigo|genro
        fazemos nós|fazemos cá|eu mesmo|eu próprio|nós próprios|por conta própria|in house|vamos continuar com|continuar com
        continuo com|vamos manter|vamos ficar com|manter o|manter como|mantemo-nos|ficamos como|ficar como|ficamos assim
        está bem assim|estamos bem|estamos servidos|estamos satisfeitos|acostumado|fiel|caro|muito caro|caríssimo|fora do
        fora daquilo|fora do nosso|fora de questão|não chega|não temos dinheiro|não tenho dinheiro|não temos verba|sem grana
        verba cortada|incomportável|um absurdo|absurdo|roubo|de sacanagem|brincadeira|tá doido|tá louco|tá maluco|nem vendendo
        salgado demais|não cabe no bolso|fechamos a loja|fechámos|fechou as portas|fechamos as|encerrou a|vendi a|vendemos
        vendido|trespass*|falência|faliu|falimos|insolvente|aposentei|reformei-me|vou-me reformar|vou fechar|deixei o|larguei
        esqueçam|deixe pra lá|deixa quieto|deixe para lá|deixar pra lá|deixamos assim|deixemos|fica por aqui|ficamos por aqui
        fico por aqui|paramos por aqui|por aqui|boas vendas|sucesso com|sucesso na|sucesso no|muito sucesso|felicidades
        desejo sorte|fica pra próxima|fica para a próxima|fica para uma próxima|numa próxima|próxima oportunidade
        outra oportunidade|quem sabe numa|sem mágoa*|sem ressentimento|foi mal|lamento|lamentamos|é pena|que pena|com pena
        tenho pena|desculpe lá|desculpa lá|desculpa aí|peço desculpa mas|perdi a confiança|confiança|não confio|não confiamos
        desilud*|decepcion*|dececion*|desapont*|gato escaldado|escaldad*|má experiência|tarde demais|já vem tarde|chegou tarde
        chegaram tarde|perdeu o comboio|de forma alguma|de maneira nenhuma|definitivamente|tá fora|estou fora|estamos fora
        tô fora|cai fora
    """,
    "later": """
        mais tarde|mais para a frente|mais pra frente|agora não|não agora|por agora|por enquanto|de momento|neste momento
        no momento|ainda não|este ano não|semana que vem|próxima semana|próxim*|mês que vem|ano que vem|próximo ano|trimestre
        semestre|orçamento*|exercício|safra|colheita|vindima|férias|verão|outono|inverno|primavera|páscoa|natal|festas
        carnaval|janeiro|fevereiro|março|abril|maio|junho|julho|agosto|setembro|outubro|novembro|dezembro|assim que|logo que
        daqui a|em 0|em dois|em duas|em três|daqui|esper*|aguard*|paciência|pensar*|vou pensar|consult*|falar com
        conversar com|assembleia|conselho|diretoria|decid* .. em|pendente*|adi*|adiad*|adiar|suspens*|congelad*|pausa|parad*
        stand by|dou notícias|dou-lhe|dou-te|aviso|te aviso|lhe aviso|retorno|retom*|volto a|voltamos a|volte a|contacte* em
        ligue em|liga em|fale* em|procur*|lembr*|relembr*|dê-me|me dá|até que|até ao|até haver|até lá não|até janeiro
        até março|até o fim|até ao fim|até maio|até setembro|quando o|quando a|quando os|quando tiver*|quando volt*
        quando acab*|quando termin*|quando sair|quando houver|quando abrir|quando der|quando puder|quando chegar|quando pass*
        quando deus|mal possa|depois de|depois do|depois da|depois disso|depois das|depois dos|depois falamos|depois vemos
        só depois|depois te|só daqui|só em|só na|só no|só ano|só para o|daqui a um|daqui a uma|daqui a duas|daqui a dois
        daqui a três|daqui a seis|daqui a uns|dentro de|em breve|em 2*|semana que|próximo mês|próximo trimestre|para a semana
        para o ano|para o mês|pro ano|pro mês|ano novo|outro ano|outra altura|noutra altura|mais à frente|lá para|lá pra
        lá pro|no fim do|no final do|fim do mês|final do mês|fim do ano|final do ano|início do|começo do|meio do|meados
        primeiro trimestre|segundo trimestre|terceiro trimestre|último trimestre|q1|q2|q3|q4|primeiro semestre
        segundo semestre|semana 1*|semana 2*|semana 3*|semana 4*|depois do verão|depois das férias|volta das férias
        black november|black friday|saldos|são joão|fechamento|fecho do|fecho de contas|fechar o iva|inventário|obra|obras
        mudança|mudanças|auditoria|campanha da|agora ando|agora estou|agora estamos|no momento não|por ora|por enquanto não
        hoje não|esta semana não|essa semana não|este mês não|esse mês|esse ano|este ano|ainda estamos|ainda estou
        não estou te|não é um não|não digo não|não é para já|não é já|não é hora|cedo demais|muito cedo|prematuro|correria
        corrido|corrida|enrolad*|atolad*|atarefad*|ocupad*|sem tempo|falta de tempo|mais tempo|um tempo|tempo para|pouco tempo
        não tenho tempo|me dá uns|me dá um|me dá mais|dá-me uns|dá-me um|dê-me uns|dê-nos|preciso de tempo|um pouquinho
        mais um pouco|segura|segura mais|segura aí|guarda*|guardado|congelado|congelou|na geladeira|em banho|stand-by
        em espera|à espera|aguardo|aguardamos|aguardando|aguarde|esperando|espera|espere|esperem|espero|esperamos que|pendente
        parado|parada|suspenso|adiado|adiamos|adiou|atras*|remarc*|transferido|deixa eu|deixe-me|deixa-me|deixem-me
        vou ver com|ver com|vou falar|falo com|vou conversar|vou consultar|preciso falar|preciso ver|tenho de falar
        tenho que falar|tenho de ver|tenho que ver|pensar melhor|pensar no|pensar sobre|vou dormir|dormir sobre|a pensar
        pensando|estou a pensar|decidir|decidimos em|decidem|não decidi|não decidimos|não há decisão|haver decisão|decisão em
        a decisão|se reúne|se reúnem|próxima reunião|reunião de|vai à|comissão|câmara|prefeitura|verba|verba de|orçamento novo
        novo orçamento|orçamento desse|abre novo|fundos|edital|licitação|candidatura|desbloquead*|financiamento|banco|contador
        contabilista|meu sócio|minha sócia|sócios|te falo|já te falo|te ligo|te chamo|te retorno|te grito|te respondo|te digo
        digo-lhe|digo-te|dou-lhe resposta|dou retorno|dou um retorno|dou resposta|dar retorno|retorno em|retornamos|retornarei
        entro em contato|entro em contacto|entramos em contacto|entraremos em|aviso quando|avisamos|aviso assim|logo aviso
        logo digo|logo vejo|logo se vê|vamos ver|a gente vê|a gente conversa|a gente se fala|a gente fala|voltamos a falar
        voltar a falar|volte a falar|volta a|falamos depois|falamos em|falamos mais|falamos no|falamos na|falamos quando
        conversamos|retomamos|retomar|retome|refaça o contato|tratamos disso|me procura|procure-me|procura a gente|me chama
        chama-me|me liga|ligue-me|liga-me|me ligue|me lembra|lembre-me|lembra-me|relembre|me escreve|escreva-me|escreva em
        contacte-nos em|contacte-me|me cobra|me cutuca|tente|tenta|tente de novo|experimente|insista|insista em|vence em
        termina em|só termina|acaba em|em fevereiro|em janeiro|em março|em abril|em maio|em junho|em julho|em setembro
        em outubro|em novembro
    """,
    "engaged": """
        o que|como|quanto|quantos|qual|quais|quem|quando|onde|porquê|por que|podem|poderia*|pode|pode me|consegue*|têm
        é possível|inclui|pergunta*|dúvida*|esclarec*|explic*|interessante|interess*|gost*|gostei|parece|soa|tentador|bonito
        legal|fixe|obrigad*|recebi|recebido|vou ver|vou ler|vejo|ler|analis*|estud*|compar*|preço*|custo*|custa|desconto*
        orçamento|cotação|proposta|caro|cara|salgad*|margem|negoci*|detalhe*|informaç*|folheto|amostra*|referência*|exemplo*
        se me|se nos|se o|se a|desde que|porém|talvez|quem sabe|não é um não|não digo que não|kkk*|rsrs*|haha|quanto fica
        quanto custa|quanto sai|quanto é|quantas|qual o|qual é|a quanto|que tal|como é|como funciona|de onde|para onde
        onde fica|quem paga|o valor|valor|valores|já inclui|incluído|inclusive|dá pra|dá para|vocês têm|tem como|há forma
        há possibilidade|existe|existem|aceita|aceitam|fazem|entregam|ajudam|resolve|resolvem|integra|montam|consegue
        consegues|conseguem|conseguia|podia|podiam|poderia|poderiam|pode esclarecer|pode enviar|pode mandar|podem enviar
        pode explicar|explicar|explica|explique|explique-me|gostava de|gostaria de saber|queria saber|quero saber
        preciso saber|preciso de saber|preciso que|perguntam|pergunto|perguntar|dúvidas|manda foto|manda a|mande a|me manda
        mande-me|envie-me|envia-me|manda mais|refaz|refaça|foto|fotos|planta|catálogo|tabela|ficha|prazo*|garantia|mínimo
        tamanho*|medida*|cor|cores|stock|estoque|frete|portes|iva|certificad*|compatível|funciona|exatamente|testar|teste
        experimentar|demonstração|amostras|gosto|gostamos|adorei|amei|amamos|adoramos|adoro|achei|achei bonito|bonita|lindo
        linda|muito bom|bom trabalho|interessa-nos|interessa-me|nos interessa|me interessa|interessados|interessado
        interessada|curios*|recebida|recebemos|chegou|já vi|já li|já recebi|vou mostrar|vou olhar|mostrar|mostrei|encaminhei à
        equipe|partilhei|analisar|analisando|a analisar|avaliando|avaliar|desconto|descontinho|abatimento|baixar|baixa
        melhorar|fazer nada|nesse valor|puxado|puxadinho|carote|um pouco caro|caro hein|parcel*|parcelar|condições|a condição
        se conseguir*|se fizer*|se tirar*|se baixar*|se incluir*|se for|se der|depende|conforme|quase|hesit*|na dúvida|não sei
        não sei se|não percebi|não percebo|não entendi|não entendo|não encontro|não abre|não digo|não disse|quem falou
        perdido não|me preocupa|preocupa-me|preocupação|problema|erro|errado|errada|desculpe|desculpa|contudo|hehe*|haha*
    """,
    "referral": """
        já não trabalha|não trabalha mais|não faz mais parte|saiu da|deixou a|reformou|aposentou|mudou de|substitu*|sucessor*
        contate|contactar|fale com|falar com|falem com|dirija-se|escreva para|ligue para o|pergunte|encarregad*|responsável
        trata disso|trata desse|cuida|quem trata|quem cuida|quem vê|quem decide|em cópia|copio|com cópia|encaminh*|reencaminh*
        passei|passo o|não sou eu|pessoa certa|pessoa errada|departamento|compras|gerente|isso agora é|agora é com|isso é com
        é com o|é com a|é com ele|é com ela|quem bate|quem manda|quem percebe|quem assumiu|assumiu|assumiu o|assumiu a
        que assumiu|quem está|quem ficou|ficou com|passou para|passou pra|passou a ser|passa a ser|fala com|falar com a
        falar com o|procure o|procure a|procura o|contacte o|contacte a|contate o|contate a|escreva a|escreva ao|dirija
        dirigir|ligue para|ligue pro|pergunte ao|pergunte à|ele é que|ela é que|é ele que|é ela que|é quem|responsável por
        responsável pelo|responsável pela|nova responsável|novo responsável|novo gerente|encarregado de|encarregada|trata de
        trata das|cuida disso|cuida da|cuida de|coordena|decide é|encaminhei|encaminhei pra|encaminhei para|encaminho
        encaminhado|reencaminhei|reencaminho|passei pra|passei para|passo para|passo a|passo pra|enviei para|cópia|em cc|cc
        colocando|copiei|copiando|já não estou|já não trabalho|não trabalho mais|não estou mais|não faço mais|não faz mais
        não faço parte|não sou|não é comigo|não trato|não me cabe|não me compete|não decido|saí da|saiu|deixou|deixei
        desliguei|desligou-se|mudei de|mudei para|mudou|reformou-se|aposentou-se|faleceu|falecid*|estou na|estou no
        agora estou|no meu lugar|me substitui|substitui-me|substituto|substituta|meu colega|minha colega|meu chefe|minha chefe
        minha irmã|meu irmão|minha filha|meu filho|meu marido|minha mulher|minha esposa|almoxarifado|armazém|sede|central de
        departamento de|setor de|secretaria de|recursos humanos|compras@
    """,
    "unsubscribe": """
        descadastr*|cancelar .. inscrição|cancelar .. subscrição|remova|removam|retirem|apaguem|excluam|base de dados
        não quero receber|não desejo receber|não receber|não me envi*|não envi*|não me mand*|não mand*|não me escrev*
        não escrev*|não me contact*|não contat*|parem|deixe de|deixa de|stop|já chega|fart*|importun*|persegu*|spam|em paz
        rgpd|lgpd|meus dados|denunci*|procon|tire-me da|tirem-me da|publicidade não|mais publicidade|parem de|pare de|para de
        parar de|parem já|parem com|pare com|para com|pare já|parem por favor|pare,|chega de|chega!|chega,|basta de|basta,
        já basta|deixem-me|deixem de|deixem-nos|deixe-me em|deixa-me em|me deixa|me deixe|me deixem|me esquece*|esqueçam-me
        esqueçam o meu|esqueça o meu|larga*|larguem|suma|sumam|desapareç*|descadastro|descadastre|descadastrar
        descadastramento|desinscr*|desinscrever|desinscrição|dessubscr*|desassin*|cancelar subscrição|cancelar a subscrição
        cancelar inscrição|cancelar a inscrição|cancele a minha|cancelem a minha|cancele minha|cancelar minha|cancelar a minha
        cancele .. receção|cancele o envio|cancelamento da subscrição|anular a subscrição|subscrição|remover|remova-me
        removam-me|remova meu|remova o meu|remover meu|remoção|me remov*|me remova|retire|retirem o|retirem-me|retire-me
        retire o|retire meu|retirar o|retirar meu|retirar-me|me retir*|retirada do|tirem-me|tira-me|me tira|me tire|me tirem
        tire meu|tire o meu|tira meu|tira o meu|tira esse|tira este|tirar meu|tirem meu|tirem o meu|risca|risque|risquem
        riscar|apague|apaga|apaga meu|apagar meu|apagar os|elimine|eliminem|eliminar|eliminar o|exclui|exclua|excluir
        excluir meu|exclusão|me exclui*|me exclua|exclui aí|sair da|sair dessa|sair desta|da lista|dessa lista|desta lista
        vossa lista|sua lista|listas|mailing|mailing list|lista de distribuição|lista de emails|lista de e-mails|vossa base
        sua base|da base|cadastro de vocês|do cadastro|vossos contactos|seus contatos|vossos comunicados|vossos emails
        vossos e-mails|vossas mensagens|seus emails|seus e-mails|suas mensagens|esses emails|esses e-mails|estes emails
        estes e-mails|e-mail desses|email desses|email de vocês|e-mail de vocês|mais e-mails|mais emails|mais mensagens
        mais mails|mais nenhum|mais nada|newsletter não|newsletters|boletins|propaganda|comunicações|meu mail|meu e-mail daí
        meu nome|meu contato|meu contacto|esse endereço|este email|este e-mail|esse e-mail|meu e-mail|o meu email|minha caixa
        não quero mais|não queremos receber|não queremos mais|não desejamos receber|não pretendo receber|nao quero receber
        nao quero mais|não me envie|não me enviem|não enviem|não envie|não nos envi*|não me manda|não lhe mandem|não mande
        não mandem|não manda|não nos mand*|não escreva*|não nos escrev*|não me contat*|não nos contact*|não contate
        não contactem|não entre em|não entrem em|não me ligu*|não me chame|não me incomod*|não insist*|não voltem a
        não volte a|não voltes a|nem nunca|nunca mais me|nunca mais envi*|nunca mais mand*|deixar de receber|deixem de enviar
        mas é demais|farto|farta|fartos|farto de|cansado de|cansada de|saco cheio|de saco|que saco|enche o|enchendo|encher
        encheu|chato|chata|chatice|chatead*|incomodar|incomodado|incómodo|incômodo|me incomoda|importunar|perseguição|assédio
        insistência|bombarde*|spammer|lixo eletr*|pro lixo|para o lixo|caixa de entrada|entope*|lotada|bloqueia|bloqueio
        bloquear|bloqueado|bloqueie|vou bloquear|denuncio|denúncia|denunciar|reclamação|anpd|cnpd|dados pessoais|consentimento
        autorizei|não autorizei|não autorizo|não dei|oposição|direito ao|esquecimento|advogado|processo judicial|não pedi
        nunca pedi|não solicitei|não me inscrevi|nunca me inscrevi|nunca subscrev*|quem te deu|quem vos deu|quem lhe deu
        onde arranj*|como conseguiram|de onde tiraram|já pedi|já pedi três|já tinha pedido|pela última vez|última vez
        terceira vez|décima vez|mais um e-mail|mais um email|sossegad*|pelo amor de deus|por amor de deus
    """,
}
