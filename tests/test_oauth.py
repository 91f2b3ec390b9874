"""Tokens kept good, against a token server that behaves as badly as real ones do."""

from __future__ import annotations

import asyncio
import json
import logging
import stat
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from followupd import oauth
from followupd.files.flows import FLOWS, flow_named
from followupd.files.secret import NoSecret, Secret
from followupd.oauth import Grant, Keeper, NoTokenNow, Parked
from tests.servers.tokens import CLIENT, SECRET, Tokens, token_server


class Time:
    """A clock that a test moves."""

    def __init__(self) -> None:
        """Some moment."""
        self.at = 1000.0

    def __call__(self) -> float:
        """The time in seconds."""
        return self.at


@dataclass
class Scene:
    """A token server, a mailbox's grant and its keeper."""

    server: Tokens
    grant: Grant
    keeper: Keeper
    time: Time

    def log_in(self) -> str:
        """A consent, kept as `followupd login` keeps it."""
        token = self.server.consent()
        oauth.keep_consent(self.grant, Secret(token))
        return token

    def kept(self) -> str:
        """The refresh token on disk."""
        return str(json.loads(self.grant.file.read_text())["refresh_token"])


def grant_at(server: Tokens, folder: Path, name: str = "device", secret: str | None = None) -> Grant:
    """A grant of this flow at the test's server."""
    flow = next(flow for flow in FLOWS if flow.name == name)
    urls = {"token_url": f"{server.url}/token", "device_url": f"{server.url}/device", "authorize_url": f"{server.url}/authorize"}
    return Grant(
        mailbox="dana", user="dana@example.com", flow=replace(flow, **urls), client_id=CLIENT, file=folder / "secrets/dana.oauth2",
        secret=lambda: Secret(secret) if secret else None,
    )  # fmt: skip


@pytest.fixture
def server() -> Iterator[Tokens]:
    """Give a running token server."""
    with token_server() as running:
        yield running


@pytest.fixture
def scene(server: Tokens, tmp_path: Path) -> Scene:
    """Give a mailbox that logs in by device code, and has not done it yet."""
    time, grant = Time(), grant_at(server, tmp_path, secret=SECRET)
    return Scene(server, grant, Keeper(grant, steady=time), time)


# -- a good life ---------------------------------------------------------------------------------


async def test_a_token_is_renewed_at_four_fifths_of_its_life(scene: Scene) -> None:
    """It is asked for once, kept for 80 % of its life, and then asked for again, with the newest refresh token."""
    first = scene.log_in()
    token = await scene.keeper.token()
    assert token.reveal() in scene.server.access
    scene.time.at += 0.79 * 3600
    assert await scene.keeper.token() is token
    assert len(scene.server.asked) == 1
    scene.time.at += 0.02 * 3600
    newer = await scene.keeper.token()
    assert newer.reveal() != token.reveal()
    assert [form["refresh_token"] == first for form in scene.server.asked] == [True, False]


@pytest.mark.fault("F59")
async def test_an_exchanged_refresh_token_is_on_disk_before_its_access_token_is_used(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, toll: Any
) -> None:
    """While the new one is being written, the old one stands in the file, and nobody has the access token yet."""
    old, seen = scene.log_in(), []
    original = oauth.keep_consent

    def keep(grant: Grant, refresh: Secret) -> None:
        seen.append((scene.kept(), scene.keeper._access))
        original(grant, refresh)

    monkeypatch.setattr(oauth, "keep_consent", keep)
    await scene.keeper.token()
    assert seen == [(old, None)]
    assert scene.kept() == scene.server.given[-2]  # then the access token was given
    assert stat.S_IMODE(scene.grant.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(scene.grant.file.parent.stat().st_mode) == 0o700
    assert list(scene.grant.file.parent.iterdir()) == [scene.grant.file]
    toll(injected=1)


async def test_a_full_disk_loses_no_refresh_token(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the server has given and could not be written is written later; the server is not asked in between, and nobody
    gets the token before.
    """
    scene.log_in()
    scene.server.reuse = False  # the old one is dead: only the one in hand is left
    original, full = oauth.keep_consent, True

    def keep(grant: Grant, refresh: Secret) -> None:
        if full:
            raise OSError(28, "No space left on device", str(grant.file))
        original(grant, refresh)

    monkeypatch.setattr(oauth, "keep_consent", keep)
    with pytest.raises(NoTokenNow, match="No space left"):
        await scene.keeper.token()
    full = False
    scene.time.at += 6
    assert (await scene.keeper.token()).reveal() in scene.server.access
    assert len(scene.server.asked) == 1
    assert scene.kept() in scene.server.refresh


@pytest.mark.parametrize("flow", ["app", "service"])
async def test_an_app_needs_nobodys_consent(flow: str, server: Tokens, tmp_path: Path) -> None:
    """Client credentials, and a service account's signed word for its user, each bring a token; nothing is written."""
    key, server.public_key = _service_key()
    grant = grant_at(server, tmp_path, flow, secret=SECRET if flow == "app" else key)
    token = await Keeper(grant).token()
    assert token.reveal() in server.access
    assert not grant.file.exists()


def _service_key() -> tuple[str, object]:
    """The JSON key of a service account, and what proves its signature."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    private = rsa.generate_private_key(65537, 2048)
    pem = private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    account = {"type": "service_account", "client_email": "f@p.test", "private_key_id": "1", "private_key": pem.decode()}
    return json.dumps(account), private.public_key()


@pytest.mark.parametrize("key", ["{}", "hunter2", '{"client_email": "a", "private_key_id": "b", "private_key": "hunter2"}'])
async def test_a_wrong_service_key_is_said(key: str, server: Tokens, tmp_path: Path) -> None:
    """What is no JSON key of a service account parks the mailbox with words, and is not shown; nothing is asked."""
    keeper = Keeper(grant_at(server, tmp_path, "service", secret=key))
    with pytest.raises(Parked, match="no JSON key of a service account") as caught:
        await keeper.token()
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))
    assert server.asked == []


# -- refused: parked until a person helps --------------------------------------------------------


@pytest.mark.fault("F59")
async def test_invalid_grant_parks_until_a_login(scene: Scene, toll: Any) -> None:
    """A withdrawn consent is asked about once, and then no more for weeks; a new login counts at once."""
    scene.log_in()
    await scene.keeper.token()
    scene.server.withdraw()
    scene.time.at += 3000
    for _ in range(50):
        with pytest.raises(
            Parked, match=r"no longer accepts the login of mailbox dana \(invalid_grant: .*run: followupd login dana"
        ):
            await scene.keeper.token()
        scene.time.at += 86_400
    assert len(scene.server.asked) == 2
    scene.log_in()
    assert (await scene.keeper.token()).reveal() in scene.server.access
    assert scene.keeper.parked == ""
    toll(injected=1)


async def test_nobody_has_logged_in_yet(scene: Scene) -> None:
    """Without a consent the token server is not asked; the login is noticed by itself."""
    with pytest.raises(Parked, match="has not been logged in yet; run: followupd login dana"):
        await scene.keeper.token()
    assert scene.server.asked == []
    scene.log_in()
    assert await scene.keeper.token()


async def test_a_login_during_a_renewal_wins(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the server exchanges for the old consent does not overwrite the new one."""
    scene.log_in()
    original = oauth.renewed

    async def meanwhile(grant: Grant) -> oauth.Fresh:
        fresh = await original(grant)
        scene.log_in()
        return fresh

    monkeypatch.setattr(oauth, "renewed", meanwhile)
    await scene.keeper.token()
    assert scene.kept() == scene.server.given[-1]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda text: text.replace("dana@", "lee@"), "consent of another account or app"),
        (lambda text: text[:20], "no consent that followupd has kept"),
        (lambda text: "[1]", "no consent that followupd has kept"),
        (lambda text: text.replace('"refresh_token": "', '"refresh_token": "\\u0001'), "no refresh token in it"),
    ],
)
async def test_a_file_that_is_not_ours(scene: Scene, change: Callable[[str], str], says: str) -> None:
    """The consent of another account, half a file, and none at all are refused without a question to the server."""
    scene.log_in()
    scene.grant.file.write_text(change(scene.grant.file.read_text()))
    with pytest.raises(Parked, match=says):
        await scene.keeper.token()
    assert scene.server.asked == []


async def test_a_file_that_others_can_read(scene: Scene) -> None:
    """A consent that group or others can read is refused, as a password would be."""
    scene.log_in()
    scene.grant.file.chmod(0o640)
    with pytest.raises(Parked, match="chmod 600"):
        await scene.keeper.token()


async def test_a_wrong_secret_names_the_secret(scene: Scene) -> None:
    """`invalid_client` is not mended by a login alone: the words say where to look. The server's echo of the secret is struck out."""
    scene.log_in()
    keeper = Keeper(replace(scene.grant, secret=lambda: Secret("wrong-secret")), steady=scene.time)
    with pytest.raises(Parked, match=r"invalid_client: no such secret: \*\*\*.*look at client_id and client_secret"):
        await keeper.token()


async def test_a_refused_app_is_tried_again_every_hour(server: Tokens, tmp_path: Path) -> None:
    """There is no login that could un-park an app: it is tried once an hour."""
    time = Time()
    keeper = Keeper(grant_at(server, tmp_path, "app", secret="wrong-secret"), steady=time)
    for _ in range(24 * 6):
        with pytest.raises(Parked, match="refuses the app of mailbox dana"):
            await keeper.token()
        time.at += 600
    assert len(server.asked) == 24


# -- a bad token server --------------------------------------------------------------------------

FAULTS: list[tuple[object, str]] = [
    ((500, {"error": "server_error"}), "answers with 500"),
    ((503, "later"), "answers with 503"),
    ((429, {"error": "slow_down"}), "answers with 429"),
    ((400, {"error": "temporarily_unavailable"}), "temporarily_unavailable"),
    ((400, {"error": {"a": 1}}), "answers with 400"),
    ((500, {"error": "invalid_grant"}), "answers with 500"),
    ((200, {"access_token": ""}), "no access token in it"),
    ((200, {"access_token": "a\r\nb"}), "no access token in it"),
    ((200, {"access_token": "x" * 20_000}), "no access token in it"),
    ((200, {"access_token": ["x"]}), "no access token in it"),
    ((200, ["access_token"]), "nothing that makes sense"),
    ((200, {"access_token": "x", "error": "odd"}), "odd"),
    (b"", "nothing that makes sense"),
    (b"<html>", "nothing that makes sense"),
    (b"[" * 60_000, "nothing that makes sense"),
    (b'{"access_token": "\xff"}', "nothing that makes sense"),
    (b'{"a": ' + b"9" * 10_000 + b"}", "nothing that makes sense"),
    ("hang up", "no connection to 127.0.0.1"),
    ("huge", "more than 65536 bytes"),
    ("redirect", "answers with 307"),
    ("slow", "does not answer within"),
    ("trickle", "does not answer within"),
]


@pytest.mark.fault("F59")
@pytest.mark.parametrize(("fault", "says"), FAULTS)
async def test_a_bad_answer_backs_off(scene: Scene, fault: object, says: str, monkeypatch: pytest.MonkeyPatch, toll: Any) -> None:
    """Whatever the server does instead of its work: one question, words, the consent kept, and a token as soon as it is well."""
    monkeypatch.setattr(oauth, "LIMIT", 0.4)
    scene.server.slow = 1.0
    old = scene.log_in()
    scene.server.faults.append(fault)
    with pytest.raises(NoTokenNow) as caught:
        await scene.keeper.token()
    assert says in str(caught.value)
    assert str(caught.value).isprintable()
    with pytest.raises(NoTokenNow):
        await scene.keeper.token()
    assert len(scene.server.asked) == 1
    assert scene.kept() == old
    scene.time.at += 5.1
    assert (await scene.keeper.token()).reveal() in scene.server.access
    toll(injected=1)


@pytest.mark.fault("F59")
async def test_no_storm_while_the_server_is_down(scene: Scene, toll: Any) -> None:
    """A day of 500, with somebody who asks every second: about a hundred questions, and the waits grow to a quarter of an hour."""
    scene.log_in()
    scene.server.faults.extend([(500, {})] * 500)
    for _ in range(0, 86_400, 5):
        with pytest.raises(NoTokenNow):
            await scene.keeper.token()
        scene.time.at += 5
    asked = len(scene.server.asked)
    assert 90 <= asked <= 105
    scene.server.faults.clear()
    scene.time.at += 1200
    assert await scene.keeper.token()
    toll(injected=asked)


@pytest.mark.fault("F59")
@pytest.mark.parametrize("life", [0, -5, 1, "1", None, "soon", [], float("nan"), True, 10**400, 1e999])
async def test_a_server_that_lies_about_expiry(scene: Scene, life: object, toll: Any) -> None:
    """Nonsense is an hour, less than a minute is a minute and more than a day a day: never a storm, never a token for ever."""
    scene.log_in()
    scene.server.life = life
    await scene.keeper.token()
    for _ in range(59):
        await scene.keeper.token()
        scene.time.at += 1
    assert len(scene.server.asked) == 1
    scene.time.at += 86_400
    await scene.keeper.token()
    assert len(scene.server.asked) == 2
    toll(injected=1)


async def test_the_old_token_serves_while_the_server_is_down(scene: Scene) -> None:
    """From 80 % of its life on a renewal is tried; until its end the old token is handed out, afterwards none."""
    scene.log_in()
    token = await scene.keeper.token()
    scene.server.faults.extend([(503, {})] * 100)
    scene.time.at += 3000
    assert await scene.keeper.token() is token
    assert len(scene.server.asked) == 2
    scene.time.at += 700
    with pytest.raises(NoTokenNow, match="answers with 503"):
        await scene.keeper.token()


@pytest.mark.fault("F59")
async def test_one_renewal_at_a_time(scene: Scene, toll: Any) -> None:
    """Fifty who ask at once share one question; one who gives up does not cut it off, and so no exchanged token is lost."""
    scene.log_in()
    scene.server.reuse = False
    scene.server.slow = 0.3
    scene.server.faults.append("slow")
    asking = [asyncio.create_task(scene.keeper.token()) for _ in range(50)]
    await asyncio.sleep(0.05)
    asking[0].cancel()  # the first is the one that began the renewal
    tokens = await asyncio.gather(*asking[1:])
    assert len({id(token) for token in tokens}) == 1
    assert (len(scene.server.asked), scene.server.most_in_flight) == (1, 1)
    assert scene.kept() in scene.server.refresh
    toll(injected=1)


async def test_the_end_waits_for_a_renewal(scene: Scene) -> None:
    """A daemon that is told to stop during a renewal writes what the server has exchanged."""
    scene.log_in()
    scene.server.reuse, scene.server.slow = False, 0.3
    scene.server.faults.append("slow")
    asking = asyncio.create_task(scene.keeper.token())
    await asyncio.sleep(0.05)
    asking.cancel()
    await scene.keeper.close()
    assert scene.kept() in scene.server.refresh


async def test_a_refused_token_is_renewed_once(scene: Scene) -> None:
    """A mail server that refuses a token gets another, if it is not fresh; a second look by another task shares it."""
    scene.log_in()
    token = await scene.keeper.token()
    assert await scene.keeper.token(token) is token  # just made: something else is wrong
    scene.time.at += 61
    newer, same = await asyncio.gather(scene.keeper.token(token), scene.keeper.token(token))
    assert newer is same
    assert newer is not token
    assert await scene.keeper.token(newer) is newer
    assert len(scene.server.asked) == 2


@pytest.mark.fault("F59")
async def test_no_storm_where_every_token_is_refused(scene: Scene, toll: Any) -> None:
    """A mail server that takes no token at all costs at most a renewal a minute."""
    scene.log_in()
    token = await scene.keeper.token()
    for _ in range(600):
        scene.time.at += 1
        token = await scene.keeper.token(token)
    assert len(scene.server.asked) <= 11
    toll(injected=600)


# -- secrets -------------------------------------------------------------------------------------


async def test_no_secret_in_words_logs_and_tracebacks(
    server: Tokens, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through every failure of the token server, with every library's log open: no token and no secret is to be seen."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(oauth, "LIMIT", 0.3)
    server.slow = 0.5
    shown, time, grant = [], Time(), grant_at(server, tmp_path, secret=SECRET)
    oauth.keep_consent(grant, Secret(server.consent()))
    keeper = Keeper(grant, steady=time)
    echo = f"you sent {server.given[0]} and {SECRET} and {'y' * 60}"
    for fault in [*(fault for fault, _ in FAULTS), (400, {"error": "odd", "error_description": echo}), None]:
        server.faults.append(fault)
        try:
            shown.append(repr(await keeper.token()))
        except NoTokenNow as problem:
            shown.append("".join(traceback.format_exception(problem)))
        time.at += 4000
    server.withdraw()
    with pytest.raises(Parked) as caught:
        await keeper.token()
    shown += ["".join(traceback.format_exception(caught.value)), repr(grant), repr(keeper), caplog.text]
    assert "you sent *** and *** and ***" in "".join(shown)
    assert "run: followupd login dana" in "".join(shown)
    for secret in (SECRET, *server.given):
        assert not any(secret in text for text in shown), secret


def test_the_presets_are_the_providers_own() -> None:
    """Only these hosts, only by https; and each provider has a usual flow."""
    urls = {url for flow in FLOWS for url in (flow.token_url, flow.authorize_url, flow.device_url) if url}
    assert {url.partition("/oauth2/v2.0")[0].partition("/token")[0].partition("/o/")[0] for url in urls} == {
        "https://oauth2.googleapis.com",
        "https://accounts.google.com",
        "https://login.microsoftonline.com/{tenant}",
    }
    assert [flow_named(name, None).name for name in ("google", "microsoft")] == ["browser", "device"]  # type: ignore[union-attr]


def test_without_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the libraries are missing, the words say what to install; mailboxes with a password don't need them."""
    from followupd.files.workspace import load_workspace

    monkeypatch.setattr(oauth, "find_spec", lambda name: None)
    servers = "smtp: {host: 127.0.0.1, security: none}, imap: {host: 127.0.0.1, security: none}"
    (tmp_path / "config.yaml").write_text(
        "company: {name: Example Ltd, postal_address: 1 Main Street}\nmailboxes:\n"
        f"  dana: {{address: dana@example.com, {servers}, auth: {{user: d, oauth2: {{provider: microsoft, client_id: x}}}}}}\n"
        f"  lee: {{address: lee@example.com, {servers}, auth: {{user: d, password: {{env: X}}}}}}\n"
    )
    workspace = load_workspace(tmp_path / "config.yaml", channels={}, environ={})
    assert workspace.config is not None
    with pytest.raises(NoSecret, match=r'httpx2 is not installed; run: pip install "followupd\[oauth\]"'):
        oauth.grant_of(workspace, "dana")
    assert oauth.grant_of(workspace, "lee") is None
