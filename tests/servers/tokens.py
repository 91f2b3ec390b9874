"""A token server on loopback, as Google's and Microsoft's are: pages of consent, device codes, tokens, and `tokeninfo` for Dovecot.

It checks what it is shown (PKCE, the app's secret, a service account's signature), exchanges refresh tokens, and
misbehaves as a test tells it to: `faults` holds what it does next, one for each question at the token address.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

SECRET = "app-canary-secret-5bd1"
CLIENT = "followupd-test"


@dataclass
class Tokens:
    """What the server knows and does. Everything may be changed while it runs."""

    user: str = "dana@example.com"
    life: object = 3600  # what it says of expiry
    rotates: bool = True  # each renewal exchanges the refresh token
    reuse: bool = True  # an exchanged refresh token still counts, as at Microsoft
    pending: int = 1  # times that a device code is still waiting
    public_key: object = None  # of the service account
    faults: deque[object] = field(default_factory=deque)
    slow: float = 5.0  # seconds of the fault "slow"
    port: int = 0
    asked: list[dict[str, str]] = field(default_factory=list)  # every form at the token address
    access: dict[str, str] = field(default_factory=dict)  # good access tokens, and whose
    refresh: set[str] = field(default_factory=set)  # good refresh tokens
    given: list[str] = field(default_factory=list)  # every secret that ever left, for looking where it went
    in_flight: int = 0
    most_in_flight: int = 0
    shown: int = 0  # access tokens that mail servers have asked about
    codes: dict[str, str] = field(default_factory=dict)  # codes, and the challenge each belongs to
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def tokeninfo(self) -> str:
        """Where Dovecot asks."""
        return f"{self.url}/tokeninfo?access_token="

    def consent(self) -> str:
        """A refresh token, as after a consent."""
        token = f"refresh-{secrets.token_urlsafe(24)}"
        self.refresh.add(token)
        self.given.append(token)
        return token

    def expire(self) -> None:
        """Every access token has run out, whatever was said of its life."""
        self.access.clear()

    def withdraw(self) -> None:
        """The consent is withdrawn."""
        self.refresh.clear()
        self.access.clear()

    def good(self, token: str) -> bool:
        """Whether a mail server should let this token in."""
        self.shown += 1
        return token in self.access

    def grant(self, *, refresh: str | None) -> dict[str, object]:
        """A token, and what is said with it."""
        token = f"access-{secrets.token_urlsafe(24)}"
        self.access[token] = self.user
        self.given.append(token)
        said: dict[str, object] = {"access_token": token, "token_type": "Bearer", "expires_in": self.life}
        return said | ({"refresh_token": refresh} if refresh else {})

    # -- what is said at each address ------------------------------------------------------------

    def token(self, form: dict[str, str]) -> tuple[int, object]:
        """The token address."""
        if form.get("client_secret", SECRET) != SECRET:
            return 401, {"error": "invalid_client", "error_description": f"no such secret: {form['client_secret']}"}
        match form.get("grant_type"):
            case "refresh_token":
                return self._renew(form["refresh_token"])
            case "authorization_code":
                challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).decode().rstrip("=")
                if self.codes.pop(form["code"], None) != challenge:
                    return 400, {"error": "invalid_grant"}
                return 200, self.grant(refresh=self.consent())
            case "urn:ietf:params:oauth:grant-type:device_code":
                if self.pending > 0:
                    self.pending -= 1
                    return 400, {"error": "authorization_pending"}
                return 200, self.grant(refresh=self.consent())
            case "urn:ietf:params:oauth:grant-type:jwt-bearer":
                return self._signed(form["assertion"])
            case "client_credentials" if "client_secret" in form:
                return 200, self.grant(refresh=None)
        return 400, {"error": "unsupported_grant_type"}

    def _renew(self, shown: str) -> tuple[int, object]:
        if shown not in self.refresh:
            return 400, {"error": "invalid_grant", "error_description": f"Token has been expired or revoked: {shown}"}
        if not self.rotates:
            return 200, self.grant(refresh=None)
        if not self.reuse:
            self.refresh.discard(shown)
        return 200, self.grant(refresh=self.consent())

    def _signed(self, assertion: str) -> tuple[int, object]:
        import jwt

        try:
            claims = jwt.decode(assertion, self.public_key, ["RS256"], audience=f"{self.url}/token")  # type: ignore[arg-type]
        except jwt.PyJWTError as error:
            return 400, {"error": "invalid_grant", "error_description": f"Invalid JWT Signature. {error}"}
        if claims["sub"] != self.user:
            return 401, {"error": "unauthorized_client", "error_description": "Client is unauthorized for this user"}
        return 200, self.grant(refresh=None)

    def authorize(self, query: dict[str, str]) -> str:
        """The page of consent: the person agrees at once; gives the address that the browser goes to next."""
        assert query["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = query["code_challenge"]
        self.given.append(code)
        return f"{query['redirect_uri']}/?{urlencode({'code': code, 'state': query['state']})}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    tokens: Tokens

    def do_GET(self) -> None:
        """`authorize` and `tokeninfo`."""
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        if url.path == "/authorize":
            self._say(302, b"", Location=self.tokens.authorize(query))
        elif self.tokens.good(query.get("access_token", "")):
            user = self.tokens.access.get(query["access_token"], "")
            self._json(200, {"email": user, "expires_in": 3600, "scope": "mail"})
        else:
            self._json(401, {"error": "invalid_token"})

    def do_POST(self) -> None:
        """`token` and `device`."""
        raw = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        form = {name: values[0] for name, values in parse_qs(raw).items()}
        tokens = self.tokens
        if self.path == "/device":
            said = {"device_code": "device-canary-77", "user_code": "ABCD-EFGH", "verification_uri": f"{tokens.url}/devicelogin"}
            self._json(200, said | {"expires_in": 900, "interval": 1})
            return
        with tokens.lock:
            tokens.asked.append(form)
            tokens.in_flight += 1
            tokens.most_in_flight = max(tokens.most_in_flight, tokens.in_flight)
            fault = tokens.faults.popleft() if tokens.faults else None
        try:
            self._token(form, fault)
        finally:
            with tokens.lock:
                tokens.in_flight -= 1

    def _token(self, form: dict[str, str], fault: object) -> None:
        match fault:
            case None:
                self._json(*self.tokens.token(form))
            case "slow":
                time.sleep(self.tokens.slow)
                self._json(*self.tokens.token(form))
            case "hang up":
                self.close_connection = True
            case "trickle":
                self.send_response(200)
                self.send_header("Content-Length", "100000")
                self.end_headers()
                for _ in range(int(self.tokens.slow * 10)):
                    self.wfile.write(b" ")
                    self.wfile.flush()
                    time.sleep(0.1)
            case "huge":
                self._say(200, b" " * 1_000_000)
            case "redirect":
                self._say(307, b"", Location=f"{self.tokens.url}/elsewhere")
            case bytes():
                self._say(200, fault)
            case (int() as status, answer):
                self._json(status, answer)
            case _:
                raise AssertionError(fault)

    def _json(self, status: int, answer: object) -> None:
        self._say(status, json.dumps(answer).encode(), Content_Type="application/json")

    def _say(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def handle(self) -> None:
        """A client that goes away in the middle is nothing to tell."""
        try:
            super().handle()
        except ConnectionError:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def token_server(**options: Any) -> Iterator[Tokens]:
    """A running server; it is gone afterwards."""
    tokens = Tokens(**options)
    handler = type("Handler", (_Handler,), {"tokens": tokens})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    tokens.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield tokens
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
