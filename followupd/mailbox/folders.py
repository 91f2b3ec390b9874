"""Which folder of a server is for what: by its special use (RFC 6154), else by the name that mail programs give it.

Decides which folders are watched, and where sent mail lies. Pure: it reads a listing, and asks no server.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

Listed = tuple[Sequence[bytes], bytes | None, str]  # flags, separator, name

WATCHED = "junk", "archive", "all"  # never sent mail, drafts or waste: what lies there has not come in
BESIDE = "all", "trash", "drafts", "archive"

NAMES = {
    "junk": (
        "junk|junk email|junk e-mail|junk mail|spam|bulk mail|unerwünscht|junk-e-mail|spamverdacht|courrier indésirable|indésirables"
        "|pourriel|correo no deseado|correo basura|posta indesiderata|ongewenste e-mail|ongewenste reclame|lixo eletrônico"
        "|lixo eletrónico|lixo electrónico|wiadomości-śmieci|skräppost|nevyžádaná pošta"
    ),
    "archive": "archive|archives|archiv|archivo|archivio|archief|arquivo|arquivo morto|archiwum|arkiv|archivados|archivierte elemente",
    "all": "all mail|alle nachrichten|tous les messages|todos|tutti i messaggi|alle berichten|todos os e-mails|wszystkie",
    "sent": (
        "sent|sent mail|sent items|sent messages|sent-mail|gesendet|gesendete elemente|gesendete objekte|gesendete nachrichten"
        "|envoyés|éléments envoyés|messages envoyés|courrier envoyé|enviados|elementos enviados|correo enviado|inviata|inviati"
        "|posta inviata|elementi inviati|verzonden|verzonden items|verzonden berichten|itens enviados|e-mails enviados"
        "|mensagens enviadas|wysłane|elementy wysłane|skickat|skickade objekt|sendt|sendt post|sendte elementer|lähetetyt"
        "|odeslané|odeslaná pošta"
    ),
    "drafts": "drafts|draft|entwürfe|brouillons|borradores|bozze|concepten|rascunhos|kopie robocze|wersje robocze|utkast",
    "trash": (
        "trash|deleted items|deleted messages|bin|papierkorb|gelöscht|gelöschte elemente|gelöschte objekte|corbeille"
        "|éléments supprimés|messages supprimés|papelera|elementos eliminados|cestino|posta eliminata|elementi eliminati"
        "|prullenbak|verwijderde items|lixeira|itens excluídos|itens eliminados|kosz|elementy usunięte|papperskorgen"
    ),
}
_USE_OF_NAME = {name: use for use, names in NAMES.items() for name in names.split("|")}


@dataclass(frozen=True, slots=True)
class Folders:
    """The folders of one account. `watched` begins with the configured ones; `sent` is "" where none was found."""

    watched: tuple[str, ...]
    sent: str = ""
    beside: tuple[str, ...] = ()
    trash: str = ""
    missing: tuple[str, ...] = field(default=())  # configured, and not on the server


def sorted_out(configured: tuple[str, ...], sent: str, listed: Iterable[Listed]) -> Folders:
    """What is what. A folder that the server marks wins over one that only has the name."""
    marked: dict[str, str] = {}
    named: dict[str, str] = {}
    there: set[str] = set()
    for flags, separator, name in listed:
        marks = {flag.lower() for flag in flags}
        if b"\\noselect" in marks or b"\\nonexistent" in marks:
            continue
        there.add("INBOX" if name.upper() == "INBOX" else name)
        last = (name.rpartition(separator.decode("ascii", "replace"))[2] if separator else name).lower()
        for use in NAMES:
            if f"\\{use}".encode() in marks:
                marked.setdefault(use, name)
        if use_of_name := _USE_OF_NAME.get(last):
            named.setdefault(use_of_name, name)
    found = {**named, **marked}
    wanted = (*configured, sent) if sent else configured
    return Folders(
        watched=tuple(dict.fromkeys((*configured, *(found[use] for use in WATCHED if use in found)))),
        sent=sent or found.get("sent", ""),
        beside=tuple(dict.fromkeys(found[use] for use in BESIDE if use in found)),
        trash=found.get("trash", ""),
        missing=tuple(name for name in wanted if name.upper() != "INBOX" and name not in there),
    )
