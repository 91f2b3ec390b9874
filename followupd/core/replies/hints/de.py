"""Hints in `de`: words that lean towards a meaning, and prove nothing alone. See `hints/__init__.py`."""

from __future__ import annotations

HINTS = {
    "yes": "",
    "no": "",
    "later": "",
    "engaged": "",
    "referral": "",
    "unsubscribe": "",
}
