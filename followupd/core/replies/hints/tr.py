"""Hints in Turkish: words that lean towards a meaning, and prove nothing alone. See `hints/__init__.py`."""

from __future__ import annotations

HINTS = {
    "yes": """
        başlayalım|başlayın|başla*|devam edelim|devam|ilerleyelim|yapalım|yapıyoruz|tamam|tamamdır|anlaştık|anlaşma|kabul
        kabul ediyor*|onay*|onaylandı|onaylıyor*|onayladı*|imza*|imzaladı*|imzalıyor*|sözleşme*|sözleşmeyi gönder*|fatura*
        faturayı|kapora|havale|ödeme*|sipariş*|alıyoruz|alıyorum|alalım|alırız|satın al*|ayırt*|ayırın|rezerv*|kaydedin|yazın
        yaz|katıl*|varız|varım|bize uyar|uyar|uygun|uygundur|olur|oldu|elbette|tabii*|tabi|kesinlikle|memnuniyetle|seve seve
        evet|evet lütfen|hay hay|peki|iyi|güzel|harika|süper|mükemmel|teyit*|teklifinizi seç*|sizi seç*|kazandınız|görüşürüz
        görüşelim|bekliyor*|buyurun|gelin|uğra*|arayın|gönderin|yollayın|pazartesi|salı|çarşamba|perşembe|cuma|saat|yarın
        yenile*|hayırlı
    """,
    "no": """
        ilgilenmiyor*|ilgimizi|ilgim yok|ilgimiz yok|ihtiyacımız yok|ihtiyaç yok|ihtiyacım yok|gerek yok|gerekmiyor|istemiyor*
        istemem|düşünmüyor*|hayır|yok|yok sağ|sağ olun ama|teşekkür* ama|maalesef|malesef|ne yazık|üzgün*|reddet*|ret|iptal*
        vazgeç*|vazgeçtik|olmaz|olmayacak|yapmayacağız|almayacağız|almıyor*|devam etmeyeceğ*|ilerlemeyeceğ*|başka firma*
        başka bir|başkası*|rakip*|diğer|anlaştık bile|karar verdik|kararı|zaten var|zaten|kendimiz|pahalı|çok pahalı
        bütçemiz yok|bütçe yok|paramız|param yok|karşılayam*|kapat*|kapatın|kapatıyor*|iflas*|emekli*|unutun|boş ver*
        bırakalım|hoşça|başarılar|kolay gelsin|asla|hiç|mümkün değil|bize göre değil|uymuyor|uygun değil
    """,
    "later": """
        sonra|daha sonra|şimdi değil|şu an|şu anda|şu sıralar|henüz|henüz değil|bu yıl|bu sene|gelecek*|önümüzdeki|haftaya
        seneye|çeyrek*|bütçe*|sezon*|hasat*|tatil*|yaz*|sonbahar*|kış*|bahar*|bayram*|ramazan*|yılbaşı*|yeni yıl*|ocak*|şubat*
        mart*|nisan*|mayıs*|haziran*|temmuz*|ağustos*|eylül*|ekim*|kasım*|aralık*|bitince|olunca|kadar|geçsin|hafta sonra
        ay sonra|gün sonra|hafta*|ay*|bekle*|bekliyoruz|sabır*|düşün*|düşüneyim|düşünelim|danış*|görüşüp|yönetim*|kurul*
        toplantı*|karar ver*|ertele*|ertelendi|askı*|durdur*|beklemede|döneceğim|dönerim|döneriz|haber ver*|tekrar ara*
        tekrar yaz*|hatırlat*|zaman|süre|müsaade
    """,
    "engaged": """
        ne|nasıl|kaç|hangi|kim|ne zaman|nerede|neden|misiniz|mısınız|mi|mı|mu|var mı|olur mu|dahil|soru*|merak*|açıkla*|anla*
        ilginç|ilgi*|güzel|beğen*|hoş|cazip|teşekkür*|sağ ol*|aldım|aldık|ulaştı|inceley*|inceliyor*|bakıyor*|bakacağ*|okuyor*
        karşılaştır*|fiyat*|ücret*|maliyet*|indirim*|iskonto|teklif*|pahalı|tuzlu|pazarlık*|detay*|bilgi*|broşür*|numune*
        referans*|örnek*|eğer|şart*|ama|fakat|ancak|belki|galiba|hayır demiyor*|haha
    """,
    "referral": """
        artık çalışmıyor|çalışmıyor|ayrıldı|emekli oldu|yerine|devraldı|arkadaş*|iletişime geç*|görüşün|konuşun|sorun|yazın
        arayın|ilgileniyor|ilgilenen|bakıyor|sorumlu*|yetkili*|yönetici*|müdür*|departman*|satın alma|ilettim|iletiyor*
        yönlendir*|bilgiye|cc|ben değil|doğru kişi|yanlış kişi
    """,
    "unsubscribe": """
        abonelik*|listeden|liste*|çıkar*|çıkarın|sil*|silin|kaldır*|mail atmayın|atmayın|atma|yazmayın|yazma|göndermeyin
        gönderme|yollamayın|aramayın|istemiyorum|almak istemiyor*|rahatsız*|taciz*|yeter|artık yeter|bıktım|bıktık|kesin
        durdurun|dur|stop|spam|rahat bırak*|kvkk|verilerimi|bilgilerimi|adresimi|şikayet*|engelle*|bir daha
    """,
}
