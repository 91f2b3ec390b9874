"""Letters that look like others: is a domain what it seems to be?

Decides whether a domain mixes alphabets, or is written in letters of another alphabet that all look like Latin ones
(Unicode TR 39, section 5; RFC 5890 leaves this to those who read). People copy addresses from mails of strangers: the
Cyrillic "а" in a Latin name leads to somebody else's server. Never asks a name server.
"""

from __future__ import annotations

import unicodedata

_TOGETHER = frozenset({"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO"})
"""Scripts that are written together, and with Latin letters between them."""
_LIKE_LATIN = frozenset("асԁеһіјӏоԛрѕυѵԝхуᴀɑαοονρτκνιγωΒЕКМНОРСТХ")
"""Small and capital letters of other alphabets that nobody can tell from a, c, d, e, h, i, j, l, o, q, p, s, u, v, w, x, y."""


def deceives(domain: str) -> str:
    """What is wrong with a domain (in letters, not in its xn-- form), in half a sentence; nothing for an honest one."""
    labels = domain.split(".")
    for label in labels:
        scripts = {script for char in label if (script := _script(char))}
        if len(scripts - _TOGETHER) > 1:
            odd = next(char for char in label if _script(char) not in {"", "LATIN"})
            return f"mixes letters of several alphabets ({unicodedata.name(odd).title()} U+{ord(odd):04X})"
        if scripts and "LATIN" not in scripts and labels[-1].isascii() and set(label) - set("0123456789-") <= _LIKE_LATIN:
            return f"is written in {next(iter(scripts)).title()} letters that look like Latin ones"
    return ""


def _script(char: str) -> str:
    """The alphabet of a letter, by its Unicode name; nothing for digits and signs."""
    return unicodedata.name(char, "").partition(" ")[0].partition("-")[0] if char.isalpha() else ""
