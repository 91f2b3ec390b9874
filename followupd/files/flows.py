"""The ways to a token of a provider: what each needs from the config, what it asks for, and at which addresses.

Decides the presets. A provider or a way more is a row here, and what is said at the token address in `oauth.py`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One way to a token. `consent`: a person agrees once (`followupd login`), and a refresh token is kept."""

    provider: str
    name: str
    scope: str
    token_url: str
    needs: tuple[str, ...]
    takes: tuple[str, ...] = ()
    authorize_url: str = ""
    device_url: str = ""
    consent: bool = True

    @property
    def keys(self) -> frozenset[str]:
        """Every key that may stand in the config for this flow, beside `provider` and `flow`."""
        addresses = {name for name in ("authorize_url", "device_url") if getattr(self, name)}
        return frozenset({*self.needs, *self.takes, *addresses, "token_url"} | ({"tokens"} if self.consent else set()))


_GOOGLE = "https://oauth2.googleapis.com/token"
_MICROSOFT = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0"

FLOWS = (
    Flow(
        provider="google", name="browser", scope="https://mail.google.com/", needs=("client_id", "client_secret"),
        authorize_url="https://accounts.google.com/o/oauth2/v2/auth", token_url=_GOOGLE,
    ),
    Flow(
        provider="google", name="service", scope="https://mail.google.com/", needs=("key",), consent=False,
        token_url=_GOOGLE,
    ),
    Flow(
        provider="microsoft", name="device", needs=("client_id",), takes=("tenant", "client_secret"),
        scope="https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access",
        device_url=f"{_MICROSOFT}/devicecode", token_url=f"{_MICROSOFT}/token",
    ),
    Flow(
        provider="microsoft", name="app", scope="https://outlook.office365.com/.default", needs=("client_id", "client_secret", "tenant"),
        token_url=f"{_MICROSOFT}/token", consent=False,
    ),
)  # fmt: skip
"""Every flow; the first of a provider is the one that holds where the config names none."""


def flow_named(provider: str, name: str | None) -> Flow | None:
    """The flow of this name, or the provider's usual one."""
    return next((flow for flow in FLOWS if flow.provider == provider and name in {None, flow.name}), None)


def flow_names(provider: str) -> tuple[str, ...]:
    """What a provider offers."""
    return tuple(flow.name for flow in FLOWS if flow.provider == provider)
