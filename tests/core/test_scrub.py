"""Cases that are kept don't tell who wrote them."""

from __future__ import annotations

import pytest

from followupd.core.replies.scrub import scrubbed


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("Ask ann.lee@prospect.example", "Ask someone@example.com"), ("Ann Lee, Lee & Sons", "X X, X"), ("see https://lee.example/x?y=1", "see https://example.com"),
        ("call +44 161 496 0000", "call 000 000 000"), ("on 2026-05-04 at 10", "on 2026-05-04 at 10"), ("back 04.05.2026", "back 04.05.2026"), ("yes, 40 units", "yes, 40 units"),
        ("Annual leave", "Annual leave"),
    ],
)  # fmt: skip
def test_scrubbed(text: str, after: str) -> None:
    """Addresses, links, numbers and the row's own values are gone; dates, amounts and other words stay."""
    assert scrubbed(text, ["Ann", "Lee", "Lee & Sons", "ann.lee@prospect.example"]) == after
