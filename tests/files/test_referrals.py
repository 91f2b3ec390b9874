"""What of a prospect's words about somebody else becomes a draft, and how a rep's answer to it is read."""

from __future__ import annotations

from datetime import date

import pytest

from followupd.core.model import Prospect
from followupd.files import referrals
from followupd.files.referrals import Named, Wish

ANN = Prospect(
    id="p", address="ann@acme.test",
    columns={"first_name": "Ann", "last_name": "Archer", "company": "Acme", "goals": "her own", "country": "DE", "language": "de", "meeting_at": "2026-03-01"},
)  # fmt: skip


@pytest.mark.parametrize(
    ("contact", "name", "address"),
    [
        ("Dana", "Dana", ""),
        ("Dana Miller <dana@acme.test>", "Dana Miller", "dana@acme.test"),
        ("Dana Miller (Dana.Miller@Acme.test)", "Dana Miller", "dana.miller@acme.test"),
        ("Eliete, merenda@acme.test", "Eliete", "merenda@acme.test"),
        ("dana@acme.test", "", "dana@acme.test"),
        ("mailto:dana@acme.test", "", "dana@acme.test"),
        ("三枝 <saegusa@acme.test>", "三枝", "saegusa@acme.test"),
        ("Dana <dana@acme.test>\r\nBcc: evil@evil.test", "Dana", "dana@acme.test"),
        ("Dana\nBcc: evil@evil.test", "Dana", ""),
        ("Dana \x00\x1b[31m", "", ""),
        ("=?utf-8?q?Dana?= <dana@acme.test>", "", "dana@acme.test"),
        ("Dana <dana@acme.test>, <lee@acme.test>", "Dana", ""),  # which of them?
        ("Dana <dana%evil.test@acme.test>", "Dana", ""),
        ("", "", ""),
        ("   ", "", ""),
    ],
)
def test_named(contact: str, name: str, address: str) -> None:
    """One line, printable, and an address that intake takes; the rest is left to the rep."""
    assert referrals.named(contact) == Named(name, address)


def test_cells() -> None:
    """The draft has what is true of a colleague, too, and who named them; never what the referrer wants for themselves."""
    cell = referrals.cells(Named("Dana van Dyk", "dana@acme.test"), ANN, "ann@acme.test", "lee", "intro")
    assert cell == {
        "email": "dana@acme.test", "first_name": "Dana", "last_name": "van Dyk", "company": "Acme", "country": "DE", "timezone": "", "language": "de",
        "referred_by": "Ann Archer", "referred_by_email": "ann@acme.test", "cadence": "intro", "owner": "lee", "came_from": "referral",
    }  # fmt: skip
    elsewhere = referrals.cells(Named("", "x@other.test"), ANN, "assistant@acme.test", "lee", "intro")
    assert ("company" in elsewhere, elsewhere["referred_by"]) == (False, "assistant@acme.test")
    assert referrals.file_name(Named("Dána Möller!", ""), "k2") == "referral-dna-mller-k2.csv"
    assert referrals.rows({"email": "x"}, ["email", "goals"]) == [["email", "goals"], ["x", ""]]


YES, NO = Wish(go=True), Wish()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("yes", YES),
        ("Yes please", YES),
        ("ok", YES),
        ("okay.", YES),
        ("ja", YES),
        ("ok dana@x.test", Wish(go=True, address="dana@x.test")),
        ("OK: <Dana@X.test>", Wish(go=True, address="dana@x.test")),
        ("dana@x.test", Wish(go=True, address="dana@x.test")),
        ("yes, dana@x.test", Wish(go=True, address="dana@x.test")),
        ("no", NO),
        ("nein danke", NO),
        ("skip", NO),
    ],
)
def test_wish(words: str, expected: Wish) -> None:
    """A yes, a no, and an address where one is given."""
    assert referrals.wish(words, date(2026, 3, 3)) == expected


@pytest.mark.parametrize(
    "words",
    ["", "maybe", "yes?", "yes but wait", "ok no", "no dana@x.test", "dana@x.test or lee@x.test", "ok dana@", "done", "later March", "not yet", "ok not now"],
)  # fmt: skip
def test_doubted_wish(words: str) -> None:
    """What can be read in two ways is asked about."""
    found = referrals.wish(words, date(2026, 3, 3))
    assert (found.go, bool(found.doubt)) == (False, True)
