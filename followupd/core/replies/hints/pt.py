"""Hints in Portuguese: words that lean towards a meaning, and prove nothing alone. See `hints/__init__.py`."""

from __future__ import annotations

HINTS = {
    "yes": """
        vamos em frente|em frente|avançamos|avancem|avance|avançar|pode avançar|podem avançar|siga|sigam|bora|vamos nessa
        vamos|vamos fazer|fechado|fechamos|fecho|pode fechar|negócio fechado|combinado|de acordo|acordo|aceito|aceit*
        aceitamos|aprov*|aprovado|luz verde|autoriz*|confirm*|confirmo|confirmado|ok|okay|tá bom|está bem|perfeito|ótimo
        óptimo|excelente|beleza|show|top|claro|claro que sim|com certeza|sem dúvida|com prazer|com gosto|com todo|sim
        sim por favor|simm*|pode contar|contem comigo|conte conosco|contem|tô dentro|estou dentro|estamos dentro|dentro|topo
        topamos|quero|queremos|fico com|ficamos com|levo|levamos|compr*|compramos|encomend*|pedido|pedimos|ordem de compra
        reserv*|marc*|marcado|agend*|inscrev*|põe|pode pôr|bota|anota|assin*|assino|assinamos|assinado|contrato
        mande .. contrato|manda .. contrato|envie .. contrato|mande .. boleto|boleto|fatur*|factur*|nota fiscal|sinal
        adiantamento|pix|transfer*|pago|pagamos|entreg*|envie|enviem|mande|manda|mandem|começ*|comecem|começamos|instal*
        ganharam|escolhemos vocês|escolhidos|são vocês|é vosso|é seu|reunião|nos vemos|vemo-nos|espero por|aguardo vocês
        apareç*|passe|passem|venh*|liga|ligue|segunda|terça|quarta|quinta|sexta|às 0|às 00|00h|0h|amanhã|renov*|como sempre
        como combinado
    """,
    "no": """
        não temos interesse|não tenho interesse|sem interesse|não interessa|não nos interessa|não é para|não é pra|não precis*
        não necessit*|não há necessidade|sem necessidade|não obrigad*|obrigad* mas|nem pensar|infelizmente|lament*|pena
        sinto muito|desculp*|declin*|recus*|rejeit*|descart*|dispens*|dispensamos|cancel*|anul*|desist*|desistimos|não vamos
        não vai|não vamos avançar|não avanç*|não seguir*|não prosseg*|não iremos|não queremos|não quero|não pretend*|não dá
        não rola|não serve|não encaixa|outro fornecedor|outra empresa|outra proposta|outra solução|outro|outra|concorr*
        concorrente|escolhemos|escolhi|optámos|optamos|optei|decidimos|decidi|decidido|fechamos com|fechei com|ficámos com
        já temos|já tenho|já fech*|já compr*|já contrat*|já assin*|internamente|nós mesmos|em casa|própri*|continuamos com
        mantemos|muito car*|caro demais|caríssim*|fora do orçamento|sem verba|sem orçamento|não há verba|não há dinheiro
        sem dinheiro|não cabe|pode encerrar|encerr*|feche|fechar o processo|arquiv*|encerrámos|fechamos as portas|reform*
        aposent*|falênc*|morreu|acabou|esquece|esqueça|deixa pra lá|deixe estar|deixa|passamos|passo|boa sorte|sucesso
        sem ressentimentos|nunca|jamais|de jeito nenhum|definitivo
    """,
    "later": """
        mais tarde|mais para a frente|mais pra frente|depois|agora não|não agora|por agora|por enquanto|de momento
        neste momento|no momento|ainda não|este ano não|semana que vem|próxima semana|próxim*|mês que vem|ano que vem
        próximo ano|trimestre|semestre|orçamento*|exercício|safra|colheita|vindima|férias|verão|outono|inverno|primavera
        páscoa|natal|festas|carnaval|janeiro|fevereiro|março|abril|maio|junho|julho|agosto|setembro|outubro|novembro|dezembro
        quando|assim que|logo que|até|daqui a|em 0|em dois|em duas|em três|daqui|esper*|aguard*|paciência|pensar*|vou pensar
        consult*|falar com|conversar com|reunião|assembleia|conselho|direção|diretoria|decid* .. em|pendente*|adi*|adiad*
        adiar|suspens*|congelad*|pausa|parad*|stand by|dou notícias|dou-lhe|dou-te|aviso|te aviso|lhe aviso|retorno|retom*
        volto a|voltamos a|volte a|contacte* em|ligue em|liga em|fale* em|procur*|lembr*|relembr*|tempo|dê-me|me dá
    """,
    "engaged": """
        o que|como|quanto|quantos|qual|quais|quem|quando|onde|porquê|por que|podem|poderia*|pode|pode me|consegue*|têm|tem|há
        é possível|inclui|pergunta*|dúvida*|esclarec*|explic*|interessante|interess*|gost*|gostei|parece|soa|tentador|bonito
        legal|fixe|giro|obrigad*|recebi|recebido|vou ver|vou ler|vejo|ver|ler|analis*|estud*|compar*|preço*|custo*|custa
        desconto*|orçamento|cotação|proposta|caro|cara|salgad*|margem|negoci*|detalhe*|informaç*|folheto|amostra*|referência*
        exemplo*|se me|se nos|se o|se a|desde que|mas|porém|talvez|quem sabe|não é um não|não digo que não|kkk*|rsrs*|haha
    """,
    "referral": """
        já não trabalha|não trabalha mais|não faz mais parte|saiu da|deixou a|reformou|aposentou|mudou de|substitu*|sucessor*
        coleg*|contacte|contate|contactar|fale com|falar com|falem com|procure|dirija-se|escreva para|ligue para o|pergunte
        encarregad*|responsável|trata disso|trata desse|cuida|quem trata|quem cuida|quem vê|quem decide|em cópia|copio
        com cópia|encaminh*|reencaminh*|passei|passo o|não sou eu|pessoa certa|pessoa errada|departamento|setor|compras
        gerente|chef*|direção
    """,
    "unsubscribe": """
        descadastr*|cancelar .. inscrição|cancelar .. subscrição|subscri*|inscrição|remov*|remova|removam|retir*|retirem|tir*
        tirem|tira|apag*|apaguem|elimin*|exclu*|excluam|lista|base de dados|newsletter|cadastro|não quero receber
        não desejo receber|não receber|não me envi*|não envi*|não me mand*|não mand*|não me escrev*|não escrev*
        não me contact*|não contact*|não contat*|não volt*|par*|parem|pare|parar|deixem|deixe de|deixa de|chega|basta|stop
        já chega|fart*|cansad*|saco|enche*|chat*|incomod*|importun*|persegu*|spam|lixo|em paz|sossego|rgpd|lgpd
        proteção de dados|meus dados|meu email|meu endereço|denunci*|bloque*|procon
    """,
}
