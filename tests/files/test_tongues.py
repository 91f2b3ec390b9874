"""Which language is meant by what people write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followupd.files import tongues


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("de", "de"), ("DE", "de"), (" de ", "de"), ("de-DE", "de-de"), ("de_AT", "de-at"), ("German", "de"), ("Deutsch", "de"), ("ger", "de"),
        ("Français", "fr"), ("francais", "fr"), ("español", "es"), ("Español", "es"), ("Türkçe", "tr"), ("čeština", "cs"), ("日本語", "ja"),
        ("pt-BR", "pt-br"), ("zh-Hant-TW", "zh-hant-tw"), ("uk", "uk"), ("English", "en"),
        ("", None), ("xx", None), ("Klingon", None), ("de-", None), ("d", None), ("deutschland", None), ("../de", None), ("de\nfr", None),
    ],
)  # fmt: skip
def test_tag(text: str, tag: str | None) -> None:
    """Codes, and the names of the languages that we read; never a guess."""
    assert tongues.tag(text) == tag


def test_fallbacks() -> None:
    """The nearest variant first."""
    assert tongues.fallbacks("pt-br") == ("pt-br", "pt")
    assert tongues.fallbacks("de") == ("de",)


@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    """Whatever stands in the column: a tag that is a tag again, or none."""
    found = tongues.tag(text)
    assert found is None or tongues.tag(found) == found
