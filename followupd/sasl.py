"""What a mail server hears from us when we log in with a token: XOAUTH2 (Google, Microsoft) and OAUTHBEARER (RFC 7628); and what it says of it.

Decides which of the two is taken, each answer, and what is struck out of a server's words. Sends nothing.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Collection

from followupd.files.secret import Secret


def _xoauth2(user: str, token: str) -> str:
    return f"user={user}\1auth=Bearer {token}\1\1"


def _oauthbearer(user: str, token: str) -> str:
    name = user.replace("=", "=3D").replace(",", "=2C")  # RFC 5801 section 4
    return f"n,a={name},\1auth=Bearer {token}\1\1"


# What is said first, and what to the word that the token was refused: it asks for an answer before it says no.
MECHANISMS: dict[str, tuple[Callable[[str, str], str], str]] = {
    "XOAUTH2": (_xoauth2, ""),
    "OAUTHBEARER": (_oauthbearer, "\1"),  # RFC 7628 section 3.2.3
}
"""The mechanisms, the one that both providers document first."""


def chosen(offered: Collection[str]) -> str | None:
    """The mechanism to take, of those that the server offers (in any case of letters)."""
    known = {name.upper() for name in offered}
    return next((name for name in MECHANISMS if name in known), None)


def answers(mechanism: str, user: str, token: Secret) -> Callable[[object], str]:
    """What to answer to each challenge, one after the other. Raises ValueError for a name that could end its field."""
    if re.search(r"[\x00-\x1f\x7f]", user):
        raise ValueError("the user name holds a control character, such as a line break")
    first, refused = MECHANISMS[mechanism]
    left = [refused, first(user, token.reveal())]

    def answer(_challenge: object) -> str:
        if not left:
            raise ValueError("the server asks without end")
        return left.pop()

    return answer


def struck(said: str, *secrets: str) -> str:
    """A server's words without what it was shown, be it repeated as it is or as it was sent (RFC 4954 section 4: in base64)."""
    for secret in secrets:
        for shown in (secret, base64.b64encode(secret.encode()).decode()):
            said = said.replace(shown, "***") if shown else said
    return said
