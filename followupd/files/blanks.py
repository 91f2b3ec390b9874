"""Words that stand for nothing, and names that are none: what forms, spreadsheets and CRMs leave in a cell.

Decides whether a cell says something ("N/A", "-" and "#REF!" do not), and whether a first name can follow "Hello". What stands
for nothing is nothing everywhere: a column that is needed is not filled by it, and a template sees a missing value. Nothing is
ever changed: what stood in the cell is kept.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from followupd.files.problems import shown

_NOTHING = frozenset(
    "n/a na n.a. n.a none null undefined unknown unbekannt inconnu desconocido sconosciuto onbekend desconhecido"
    " keine kein k.a. k.a tbd tba void empty leer vide (none) (blank) (empty) (null) <null> [null] \\n"
    " #n/a #ref! #value! #name? #null! #num! #div/0! #nv #bezug! #wert!".split()
) - {"na"}
"""In small letters. Not "na", "nil" and "nan", which are names."""
_NO_NAME = frozenset(
    "test testing tester testuser asdf asdfgh qwerty qwertz foobar name firstname vorname prenom nombre nome voornaam"
    " customer kunde client user admin info team lead prospect contact guest sir madam sir/madam dear hello anonymous".split()
)
_LONGEST_NOTHING = max(map(len, _NOTHING))
LONGEST_NAME = 100


def says_nothing(text: str) -> bool:
    """Whether a cell is as good as empty."""
    plain = text.strip()
    return not (len(plain) > _LONGEST_NOTHING and plain[0].isalnum()) and _is_nothing(plain)


@lru_cache(maxsize=4096)
def _is_nothing(text: str) -> bool:
    plain = text.strip().lower()
    if plain in _NOTHING or text.strip() in {"nan", "NaN"}:
        return True
    return not (plain[:1].isalnum() or any(char.isalnum() or unicodedata.category(char) == "So" for char in plain))


@lru_cache(maxsize=4096)
def no_name(text: str) -> str:
    """Why nobody can be greeted by this, and what to write instead; nothing for a name."""
    plain = text.strip()
    if says_nothing(plain) or re.sub(r"[\s_.-]+", "", plain.lower()) in _NO_NAME:
        return "is no name; write it as you would say it, or leave it empty"
    if len(plain) > LONGEST_NAME:
        return f"has {len(plain)} characters; write the name alone"
    if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", plain):
        return "is a mail address; has a column slipped? write the name"
    if all(char.isdigit() or char.isspace() or char in "+-./()#" or unicodedata.category(char)[0] in "SMC" for char in plain):
        return "is no name; write it as you would say it, or leave it empty"
    letters = re.findall(r"[^\W\d_]", plain)
    shouted = len(letters) > 2 and plain == plain.upper() != plain.lower() and "." not in plain
    return f'is in capitals; write "{shown(plain.title())}"' if shouted else ""
