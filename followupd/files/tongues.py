"""Languages: what people write in a column `language`, and in the name of a template, as one tag.

Decides which language is meant (BCP 47 tags in small letters: `de`, `pt-br`) and which may stand in for it. Never guesses:
what it does not know is no language.
"""

from __future__ import annotations

import re
import unicodedata

_NAMES = {
    "en": "english anglais englisch ingles inglese engels",
    "de": "german deutsch allemand aleman tedesco duits ger deu",
    "fr": "french francais franzosisch frances francese frans fre fra",
    "es": "spanish espanol castellano spanisch espagnol spagnolo spaans spa",
    "it": "italian italiano italienisch italien italiaans ita",
    "nl": "dutch nederlands niederlandisch neerlandais olandese dut nld",
    "pt": "portuguese portugues portugiesisch portugais portoghese por",
    "pl": "polish polski polnisch polonais polacco pol",
    "sv": "swedish svenska schwedisch suedois swe",
    "da": "danish dansk danisch danois dan",
    "cs": "czech cestina cesky tschechisch tcheque ceco cze ces",
    "tr": "turkish turkce turkisch turc turco tur",
    "ja": "japanese nihongo japanisch japonais jpn 日本語",
}  # fmt: skip
"""The languages that replies are read in, as people write them: without accents, in their own words and in others'."""

_BY_NAME = {name: tag for tag, names in _NAMES.items() for name in names.split()}
NAMES = frozenset(_BY_NAME)
"""Every name of a language that is known, in small letters."""

_CODES = frozenset(
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es et eu fa ff"
    " fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks"
    " ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps"
    " pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz"
    " ve vi vo wa wo xh yi yo za zh zu".split()
)
"""ISO 639-1."""

LONGEST = 35
"""Characters; no tag that is in use is longer (RFC 5646, section 4.4.1)."""


def tag(text: str) -> str | None:
    """`de` for `DE`, `German` and `deutsch`; `de-at` for `de_AT`; None where that is no language."""
    plain = text.strip()[:LONGEST]
    name = "".join(char for char in unicodedata.normalize("NFKD", plain).casefold() if char.isalpha())
    if name in _BY_NAME:
        return _BY_NAME[name]
    found = re.fullmatch(r"([a-z]{2})((?:-[a-z0-9]{2,8}){0,2})", plain.casefold().replace("_", "-"))
    return found[0] if found and found[1] in _CODES else None


def fallbacks(tag: str) -> tuple[str, ...]:
    """The tag itself, then each wider one: `pt-br`, `pt`."""
    parts = tag.split("-")
    return tuple("-".join(parts[:count]) for count in range(len(parts), 0, -1))
