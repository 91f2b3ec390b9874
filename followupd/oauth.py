"""Logging in by token (OAuth2, RFC 6749): from a kept consent, or from the secret of an app, to a token that is still good.

Decides when a token is renewed (at four fifths of its life), how long a token server that fails is left alone, and when
a mailbox is parked: its login has been withdrawn, so only a person can help, and nothing is asked until then. One
renewal at a time for each mailbox. A refresh token that the server has exchanged is on disk before its access token is
used; the old one stands there until then. Asks only the addresses of the config, follows no redirect, reads at most
64 KB, waits at most 10 seconds.

Never writes a token anywhere but into the mailbox's own file (0600, beside the store and not in it), and never lets one
into words: a server's own words come through `_words`, which strikes out what we had sent.

RFC 6749 sections 4.1, 4.4, 5, 6; RFC 7523 (service account); RFC 7636 (PKCE); RFC 8252 (loopback); RFC 8628 (device).
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import functools
import hashlib
import json
import os
import re
import secrets
import ssl
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

from followupd.files.flows import Flow
from followupd.files.secret import NoSecret, Secret, secret_file_problem
from followupd.files.workspace import Workspace

LIMIT = 10.0
"""Seconds that one question to a token server may take, from the first byte to the last."""

LARGEST = 65_536
"""Bytes of an answer that are read."""

RENEW_AT = 0.8
"""The share of its life after which a token is renewed."""

SHORTEST, USUAL, LONGEST = 75.0, 3600.0, 86_400.0
"""Seconds that a token is taken to live, whatever its server says: one that says less would be asked without end."""

REST = 60.0
"""A token that a mail server refuses is renewed if it is older than this; a fresh one is not the reason."""

WAITS = (5.0, 15.0, 60.0, 300.0, 900.0)
"""Seconds before a token server is asked again, for each failure in a row; up to a quarter is drawn on top."""

PARKED_FOR = 3600.0
"""Seconds after which a parked app is tried again. A parked person's consent is not: it waits for `followupd login`."""


class NoTokenNow(ConnectionError):
    """The token server does not do its work at the moment; it passes."""


class Parked(NoSecret):
    """The login is refused for good; the text says what a person has to do."""


class Refusal(Exception):
    """The token server has said no (RFC 6749 section 5.2). `code` is its word for why, `words` its explanation, made safe."""

    def __init__(self, code: str, words: str) -> None:
        self.code, self.words = code, words
        super().__init__(f"{code}: {words}" if words else code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a mailbox has to show for a token. `secret` gives the app's secret or the service account's key."""

    mailbox: str
    user: str
    flow: Flow
    client_id: str
    file: Path
    secret: Callable[[], Secret | None] = field(repr=False)

    @property
    def host(self) -> str:
        """The token server, for people."""
        return urlsplit(self.flow.token_url).hostname or ""

    @property
    def owner(self) -> dict[str, str]:
        """Whose consent it is: one that was given for another account or app is none."""
        return {"provider": self.flow.provider, "client_id": self.client_id, "user": self.user}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """What a token server has given."""

    access: Secret
    life: float
    refresh: Secret | None = None


def grant_of(workspace: Workspace, name: str) -> Grant | None:
    """What a mailbox has to show; None where it logs in otherwise. Raises NoSecret if the libraries for it are missing."""
    auth = workspace.config.mailboxes[name].auth if workspace.config else None
    if auth is None or auth.oauth2 is None:
        return None
    lacking = next((library for library in ("httpx2", "jwt") if find_spec(library) is None), None)
    if lacking:
        raise NoSecret(f'mailbox {name} logs in by OAuth2, and {lacking} is not installed; run: pip install "followupd[oauth]"')
    return Grant(
        mailbox=name, user=auth.user, flow=auth.oauth2.way(), client_id=auth.oauth2.client_id or "", file=workspace.consent_file(name),
        secret=lambda: workspace.secret(name),
    )  # fmt: skip


# -- the consent on disk -----------------------------------------------------------------------------


def read_consent(grant: Grant) -> Secret:
    """The refresh token that is kept for this mailbox. Raises NoSecret."""
    again = f"run: followupd login {grant.mailbox}"
    if not grant.file.exists():
        raise NoSecret(f"mailbox {grant.mailbox} has not been logged in yet; {again}")
    unsafe = secret_file_problem(grant.file, str(grant.file))
    if unsafe:
        raise NoSecret(unsafe)
    try:
        with grant.file.open("rb") as file:
            kept = json.loads(file.read(LARGEST))
        given, token = {name: kept[name] for name in grant.owner}, kept["refresh_token"]
    except (OSError, ValueError, LookupError, TypeError):
        raise NoSecret(f"{grant.file} is no consent that followupd has kept; {again}") from None
    if given != grant.owner:
        raise NoSecret(f"{grant.file} holds the consent of another account or app; {again}")
    return _secret(token, "refresh token")


def keep_consent(grant: Grant, refresh: Secret) -> None:
    """Keep a refresh token so that it outlasts a crash: the file holds the old one or the new one, never half of one."""
    folder = grant.file.parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(prefix=f".{grant.file.name}.", dir=folder)  # 0600 from the first moment on
    try:
        with os.fdopen(number, "w", encoding="utf-8") as file:
            json.dump({**grant.owner, "refresh_token": refresh.reveal(), "since": round(time.time())}, file)
            file.flush()
            if os.geteuid() == 0:  # an administrator's `followupd login` is for the daemon's user
                owner = folder.stat()
                os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
            os.fsync(file.fileno())
        Path(name).replace(grant.file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    whole = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(whole)
    finally:
        os.close(whole)


def _stamp(path: Path) -> tuple[int, int] | None:
    """What changes when somebody logs in."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


# -- the token server --------------------------------------------------------------------------------


async def renewed(grant: Grant) -> Fresh:
    """A token for what the grant has to show. Raises NoSecret, NoTokenNow or Refusal."""
    if grant.flow.consent:
        form = {"grant_type": "refresh_token", "refresh_token": read_consent(grant).reveal(), "scope": grant.flow.scope}
        return await _token(grant, form | _app(grant))
    if grant.flow.name == "service":
        jwt_bearer = "urn:ietf:params:oauth:grant-type:jwt-bearer"
        return await _token(grant, {"grant_type": jwt_bearer, "assertion": _assertion(grant)})
    return await _token(grant, {"grant_type": "client_credentials", "scope": grant.flow.scope} | _app(grant))


def _app(grant: Grant) -> dict[str, str]:
    secret = grant.secret()
    return {"client_id": grant.client_id} | ({"client_secret": secret.reveal()} if secret else {})


def _assertion(grant: Grant) -> str:
    """A service account's word, signed with its key, that it asks for this user (RFC 7523 section 3)."""
    import jwt

    key = grant.secret()
    assert key is not None
    try:
        account = json.loads(key.reveal())
        now = int(time.time())
        claims = {"iss": account["client_email"], "sub": grant.user, "scope": grant.flow.scope, "aud": grant.flow.token_url}
        said = jwt.encode(
            {**claims, "iat": now, "exp": now + 3600}, account["private_key"], "RS256", {"kid": account["private_key_id"]}
        )
    except (ValueError, LookupError, TypeError, jwt.PyJWTError):
        wrong = f"the key of mailbox {grant.mailbox} is no JSON key of a service account"
        raise NoSecret(f"{wrong}; make one in the Google Cloud console, under Keys") from None
    return said


async def _token(grant: Grant, form: Mapping[str, str]) -> Fresh:
    answer = await ask(grant.flow.token_url, form)
    try:
        refresh = answer.get("refresh_token")
        return Fresh(
            access=_secret(answer.get("access_token"), "access token"), life=_life(answer.get("expires_in")),
            refresh=_secret(refresh, "refresh token") if refresh else None,
        )  # fmt: skip
    except NoSecret as problem:
        raise NoTokenNow(f"{grant.host}: {problem}") from None


def _secret(value: object, name: str) -> Secret:
    """A token as RFC 6749 appendix A.12 allows it, but for blanks: it goes into a line of IMAP and of SMTP."""
    if not isinstance(value, str) or not re.fullmatch(r"[!-~]{1,16384}", value):
        raise NoSecret(f"there is no {name} in it")
    return Secret(value)


def _life(said: object) -> float:
    """How long a token is taken to live."""
    try:
        seconds = float(said)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return USUAL
    return min(max(seconds, SHORTEST), LONGEST) if seconds == seconds else USUAL  # noqa: PLR0124 - not a number


async def ask(url: str, form: Mapping[str, str]) -> dict[str, Any]:
    """Send a form, get an object. Raises Refusal if the server says no, NoTokenNow for anything that is no answer."""
    host = urlsplit(url).hostname
    status, raw = await _post(url, form)
    try:
        answer = json.loads(raw)
    except (ValueError, RecursionError):
        answer = None
    if status == 200 and isinstance(answer, dict) and "error" not in answer:
        return answer
    error = answer.get("error") if isinstance(answer, dict) else None
    if isinstance(error, str) and status not in {429, *range(500, 600)}:
        code = error if re.fullmatch(r"[a-z_]{1,40}", error) else "refused"
        raise Refusal(code, _words(answer.get("error_description"), form))
    raise NoTokenNow(f"{host} answers with {status}" + ("" if status != 200 else ", and nothing that makes sense"))


async def _post(url: str, form: Mapping[str, str]) -> tuple[int, bytes]:
    import httpx2

    host, raw = urlsplit(url).hostname, bytearray()
    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
    try:
        async with (
            asyncio.timeout(LIMIT),
            httpx2.AsyncClient(verify=_tls(), follow_redirects=False, trust_env=False, timeout=LIMIT) as client,
            client.stream("POST", url, data=dict(form), headers=headers) as answer,
        ):
            async for chunk in answer.aiter_raw():
                raw += chunk
                if len(raw) > LARGEST:
                    break
            status: int = answer.status_code
    except TimeoutError:
        raise NoTokenNow(f"{host} does not answer within {LIMIT:.0f} s") from None
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
        raise NoTokenNow(f"no connection to {host}: {_plain(str(error)) or type(error).__name__}") from None
    if len(raw) > LARGEST:
        raise NoTokenNow(f"{host} answers with more than {LARGEST} bytes")
    return status, bytes(raw)


@functools.cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


_SECRETS = ("refresh_token", "client_secret", "assertion", "code", "code_verifier", "device_code")


def _words(said: object, form: Mapping[str, str]) -> str:
    """What a server gives as a reason, for people. Some repeat what they were asked: that is struck out, and so is what is as long."""
    text = said if isinstance(said, str) else ""
    for secret in (form[name] for name in _SECRETS if form.get(name)):
        text = text.replace(secret, "***").replace(quote_plus(secret), "***")
    return _plain(re.sub(r"[^\s]{41,}", "***", text))


def _plain(text: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text[:2000]).split())[:200]


# -- keeping a token good ----------------------------------------------------------------------------


class Keeper:
    """The token of one mailbox. Belongs to one event loop; any number of tasks may ask."""

    def __init__(
        self, grant: Grant, *, steady: Callable[[], float] = time.monotonic, fraction: Callable[[], float] = lambda: 0.0
    ) -> None:
        """There is no token yet; the first one who asks gets it made."""
        self.grant = grant
        self.parked = ""  # why, and what to do; empty while the login works
        self._steady, self._fraction = steady, fraction
        self._access: Secret | None = None
        self._made = self._due = self._end = 0.0  # of the token in hand, in steady seconds
        self._again = float("-inf")  # no question to the token server before this
        self._failures = 0
        self._trouble = ""
        self._seen: tuple[int, int] | None = None  # the file of the consent when it was last read
        self._unkept: Fresh | None = None  # given by the server, and not on disk yet
        self._renewal: asyncio.Task[None] | None = None

    async def token(self, refused: Secret | None = None) -> Secret:
        """A token that is good as far as we know. Raises Parked, or NoTokenNow.

        `refused` is one that a mail server did not take: it is renewed, unless it is fresh. If it comes back, the token is
        not what is wrong.
        """
        if refused is not None and refused is self._access and self._steady() - self._made >= REST:
            self._access = None
        if self._access is None or self._steady() >= self._due:
            await self._renew()
        if self._access is not None and self._steady() < self._end:
            return self._access
        if self.parked:
            raise Parked(self.parked)
        raise NoTokenNow(self._trouble or f"{self.grant.host} gave no token")

    async def tend(self) -> None:
        """Renew ahead of need, so that nobody has to wait, and notice a new login. Never raises."""
        with contextlib.suppress(NoSecret, NoTokenNow):
            await self.token()

    async def close(self) -> None:
        """A renewal under way is finished: the server may have exchanged the refresh token already."""
        if self._renewal is not None:
            await asyncio.wait([self._renewal])

    async def _renew(self) -> None:
        """One renewal at a time; it goes on even if the one who asked for it gives up."""
        if self._renewal is None or self._renewal.done():
            changed = bool(self.parked) and _stamp(self.grant.file) != self._seen
            if self._steady() < self._again and not changed:
                return
            self._renewal = asyncio.create_task(self._renewed(), name=f"token {self.grant.mailbox}")
        await asyncio.shield(self._renewal)

    async def _renewed(self) -> None:
        try:
            fresh = self._unkept or await self._asked()
            if fresh.refresh is not None:
                self._unkept = fresh
                await asyncio.to_thread(self._keep, fresh.refresh)
                self._unkept = None
        except Refusal as refusal:
            self._refused(refusal)
        except NoSecret as problem:
            self._park(str(problem))
        except OSError as problem:  # NoTokenNow is one of them; so is a disk that is full
            self._fail(str(problem) if isinstance(problem, NoTokenNow) else f"{self.grant.file}: {problem.strerror}")
        else:
            now = self._steady()
            self._access, self._made = fresh.access, now
            self._due, self._end = now + RENEW_AT * fresh.life, now + fresh.life
            self._failures, self._again, self._trouble, self.parked = 0, float("-inf"), "", ""

    async def _asked(self) -> Fresh:
        self._seen = _stamp(self.grant.file)
        return await renewed(self.grant)

    def _keep(self, refresh: Secret) -> None:
        if _stamp(self.grant.file) == self._seen:  # else somebody has logged in meanwhile, and theirs is the newer one
            keep_consent(self.grant, refresh)
            self._seen = _stamp(self.grant.file)

    def _refused(self, refusal: Refusal) -> None:
        grant = self.grant
        if refusal.code not in LASTING:
            self._fail(f"{grant.host}: {refusal}")
            return
        does = "no longer accepts the login" if grant.flow.consent else "refuses the app"
        advice = ADVICE.get((grant.flow.name, refusal.code)) or ADVICE[grant.flow.name, ""]
        reason = f"{grant.host} {does} of mailbox {grant.mailbox} ({refusal}); {advice.format(mailbox=grant.mailbox)}"
        self._park(reason, float("inf") if grant.flow.consent else PARKED_FOR)

    def _park(self, reason: str, seconds: float = PARKED_FOR) -> None:
        self.parked, self._access, self._again = reason, None, self._steady() + seconds

    def _fail(self, trouble: str) -> None:
        self._trouble = trouble
        self._again = self._steady() + WAITS[min(self._failures, len(WAITS) - 1)] * (1 + self._fraction() / 4)
        self._failures += 1


LASTING = frozenset(
    "invalid_grant invalid_client unauthorized_client invalid_scope invalid_request unsupported_grant_type access_denied interaction_required"
    " consent_required login_required invalid_resource admin_policy_enforced org_internal".split()
)
"""Words of a token server that time does not mend (RFC 6749 section 5.2, OpenID Connect, Google, Microsoft)."""

_APP = "look at client_id and client_secret in the config (a secret of an app runs out), then run: followupd login {mailbox}"
ADVICE = {
    ("browser", ""): "run: followupd login {mailbox}",
    ("browser", "invalid_client"): _APP,
    ("device", ""): "run: followupd login {mailbox}",
    ("device", "invalid_client"): _APP,
    (
        "service",
        "",
    ): "look at the key, this machine's clock, and the delegation in the Admin console; it is tried again every hour",
    ("app", ""): "look at client_secret (it runs out) and the app's rights in Entra; it is tried again every hour",
}
"""What a person can do, by the flow and the server's word."""


# -- a person's consent ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question to a person in a browser: the page, and what makes the answer ours (RFC 7636, RFC 6749 section 10.12)."""

    url: str
    redirect: str
    state: str
    verifier: Secret


def consent_page(grant: Grant, redirect: str) -> Asked:
    """The page of consent, for a browser that comes back to `redirect` on this machine (RFC 8252 section 7.3)."""
    state, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(64)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    asked = {
        "client_id": grant.client_id, "response_type": "code", "redirect_uri": redirect, "scope": grant.flow.scope, "state": state,
        "code_challenge": challenge, "code_challenge_method": "S256", "access_type": "offline", "prompt": "consent", "login_hint": grant.user,
    }  # fmt: skip
    join = "&" if "?" in grant.flow.authorize_url else "?"
    return Asked(
        url=grant.flow.authorize_url + join + urlencode(asked), redirect=redirect, state=state, verifier=Secret(verifier)
    )


async def exchanged(grant: Grant, asked: Asked, code: Secret) -> Fresh:
    """The token for the code that the browser has brought."""
    form = {"grant_type": "authorization_code", "code": code.reveal(), "redirect_uri": asked.redirect}
    return await _token(grant, form | {"code_verifier": asked.verifier.reveal()} | _app(grant))


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """What a person types on another machine (RFC 8628 section 3.2)."""

    page: str
    code: str  # for the person
    own: Secret  # for us
    interval: float
    seconds: float


async def device_code(grant: Grant) -> Device:
    """A code for a person to type in."""
    answer = await ask(grant.flow.device_url, {"client_id": grant.client_id, "scope": grant.flow.scope})
    page, code = answer.get("verification_uri"), answer.get("user_code")
    if not (isinstance(page, str) and re.fullmatch(r"https?://[!-~]{1,300}", page) and isinstance(code, str)):
        raise NoTokenNow(f"{grant.host} gave no code")
    try:
        own = _secret(answer.get("device_code"), "device code")
    except NoSecret as problem:
        raise NoTokenNow(f"{grant.host}: {problem}") from None
    interval = min(max(_number(answer.get("interval"), 5.0), 1.0), 60.0)
    return Device(
        page=page,
        code=_plain(code)[:40],
        own=own,
        interval=interval,
        seconds=min(_number(answer.get("expires_in"), 900.0), 1800.0),
    )


def _number(said: object, otherwise: float) -> float:
    return float(said) if isinstance(said, int | float) and 0 < said < 1e6 else otherwise


async def typed_in(grant: Grant, device: Device, sleep: Callable[[float], Any] = asyncio.sleep) -> Fresh:
    """Wait until the person has typed the code in (RFC 8628 section 3.4). Raises Refusal, also when the code has run out."""
    interval, left = device.interval, device.seconds
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": device.own.reveal()}
    while left > 0:
        await sleep(interval)
        left -= interval
        try:
            return await _token(grant, form | _app(grant))
        except Refusal as refusal:
            if refusal.code not in {"authorization_pending", "slow_down"}:
                raise
            interval += 5.0 if refusal.code == "slow_down" else 0.0
        except NoTokenNow:  # RFC 8628 section 3.5: a connection that fails is tried less often
            interval = min(interval * 2, 60.0)
    raise Refusal("expired_token", "nobody typed the code in")
