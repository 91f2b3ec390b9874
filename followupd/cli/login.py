"""`login MAILBOX`: a person's consent to a login by OAuth2, and the proof that the mail server takes it.

Decides how the person is asked (the provider's flow says which way) and that a consent is kept only if the mail server
does not refuse it. A daemon that has parked the mailbox finds the new consent by itself.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import click

from followupd.cli import place, say
from followupd.cli.commands import command

if TYPE_CHECKING:
    from followupd.files.config import MailboxPart
    from followupd.files.secret import Secret
    from followupd.oauth import Fresh, Grant

PATIENCE = 600.0
"""Seconds that a person has in the browser."""


@command(
    click.argument("mailbox"),
    click.option(
        "--port", type=click.IntRange(1024, 65535), default=None,
        help="The port of this machine that the browser comes back to; by itself any free one. With it, ssh -L PORT:127.0.0.1:PORT serves a browser elsewhere.",
    ),
)  # fmt: skip
def login(mailbox: str, port: int | None) -> None:
    """Let MAILBOX log in by OAuth2. You agree once, in a browser; where the config names an app with rights of its own, it is tried."""
    from followupd import oauth

    workspace = place.usable_workspace()
    assert workspace.config is not None
    part = workspace.config.mailboxes.get(mailbox)
    if part is None:
        from followupd.files.problems import did_you_mean

        raise say.Fault(f'there is no mailbox "{mailbox}"; {did_you_mean(mailbox, workspace.config.mailboxes)}')
    grant = oauth.grant_of(workspace, mailbox)
    if grant is None:
        raise say.Fault(f"mailbox {mailbox} logs in by password; give it auth: {{oauth2: ...}} in config.yaml first")
    workspace.secret(mailbox)  # a missing one is said before anybody is asked
    try:
        asyncio.run(_login(grant, part, port or 0))
    except oauth.Refusal as refusal:
        raise say.Fault(f"{grant.host} says no: {refusal}") from None
    except oauth.NoTokenNow as problem:
        raise say.Fault(f"{problem}; try again later") from None


async def _login(grant: Grant, part: MailboxPart, port: int) -> None:
    from followupd import oauth

    ways: dict[str, Callable[[], Awaitable[Fresh]]] = {
        "browser": lambda: _by_browser(grant, port),
        "device": lambda: _by_device(grant),
    }
    fresh = await ways.get(grant.flow.name, lambda: oauth.renewed(grant))()
    if grant.flow.consent and fresh.refresh is None:
        raise say.Fault(
            f"{grant.host} gave no lasting consent (no refresh token); take followupd off the list of apps in that account, and try again"
        )
    await _prove(grant, part, fresh)
    if fresh.refresh is not None and grant.flow.consent:
        oauth.keep_consent(grant, fresh.refresh)
        say.line(f"mailbox {grant.mailbox} is logged in; the consent is kept in {grant.file}")
    else:
        say.line(f"mailbox {grant.mailbox} can log in; nothing had to be kept")


async def _prove(grant: Grant, part: MailboxPart, fresh: Fresh) -> None:
    """Log in once. A consent that another account gave shows here, and not as a daemon that can't read its mail."""
    from followupd.mailbox import ImapAccount, Inbox, Unreachable

    async def token(_refused: Secret | None) -> Secret:
        return fresh.access

    account = ImapAccount(
        host=part.imap.host, port=part.imap.number, security=part.imap.security, user=grant.user, password=lambda: "", token=token
    )  # fmt: skip
    with ThreadPoolExecutor(max_workers=1) as pool:
        inbox = Inbox(account, pool)
        try:
            await inbox.connect()
        except Unreachable as problem:
            if problem.login:
                raise say.Fault(
                    f"{problem.reason}: the token is not taken for {grant.user}; was the consent given by another account? Nothing was kept"
                ) from None
            say.line(f"not tried: {problem.reason}", err=True)
        finally:
            await inbox.close()


# -- Google: a browser on this machine -----------------------------------------------------------


async def _by_browser(grant: Grant, port: int) -> Fresh:
    from followupd import oauth
    from followupd.files.secret import Secret

    brought: asyncio.Future[tuple[str, str]] = asyncio.get_running_loop().create_future()
    try:
        server = await asyncio.start_server(
            lambda reader, writer: _answer(reader, writer, brought, asked.state), "127.0.0.1", port
        )
    except OSError as error:
        raise say.Fault(f"port {port} of this machine can't be had ({error.strerror}); choose another --port") from None
    asked = oauth.consent_page(grant, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    async with server:
        say.line(f"Open this page in a browser on this machine, and agree as {grant.user}:")
        click.echo(f"\n  {say.plain(asked.url)}\n")
        try:
            code, refusal = await asyncio.wait_for(brought, PATIENCE)
        except TimeoutError:
            raise say.Fault(f"nobody agreed within {PATIENCE / 60:.0f} minutes; run the command again") from None
    if refusal:
        raise oauth.Refusal(refusal, "")
    return await oauth.exchanged(grant, asked, Secret(code))


async def _answer(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, brought: asyncio.Future[tuple[str, str]], state: str
) -> None:
    """One request to our page. Only one that knows the state of our question counts (RFC 6749 section 10.12)."""
    try:
        line = (await asyncio.wait_for(reader.readline(), 10)).decode("latin-1")
        method, _, rest = line.partition(" ")
        given = parse_qs(urlsplit(rest.partition(" ")[0]).query, max_num_fields=20)
        code, error = given.get("code", [""])[0], given.get("error", [""])[0]
        ours = (
            method == "GET" and hmac.compare_digest(given.get("state", [""])[0].encode(), state.encode()) and bool(code or error)
        )
        if ours and not brought.done():
            brought.set_result((code, "".join(sign for sign in error if sign.isalnum() or sign == "_")[:40]))
        said = "Thank you. followupd goes on in the terminal; this page can be closed.\n" if ours else "This is not the page.\n"
        head = f"HTTP/1.1 {'200 OK' if ours else '404 Not Found'}\r\nContent-Type: text/plain; charset=utf-8\r\n"
        more = (
            f"Content-Length: {len(said)}\r\nReferrer-Policy: no-referrer\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
        )
        writer.write((head + more + said).encode())
        await writer.drain()
    except (OSError, ValueError, TimeoutError):  # no browser of ours
        return
    finally:
        writer.close()


# -- Microsoft: a code, typed in anywhere --------------------------------------------------------


async def _by_device(grant: Grant) -> Fresh:
    from followupd import oauth

    device = await oauth.device_code(grant)
    say.line(f"Open {device.page} in any browser, type {device.code}, and agree as {grant.user}.")
    return await oauth.typed_in(grant, device)
