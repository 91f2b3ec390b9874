"""News at once: what a server tells of is fetched in the breath that ends IDLE, and no mail is passed over by what is written down of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followupd import listen
from followupd.clock import RealClock
from followupd.core.model import Cursor
from followupd.mailbox import Arrival, Arrivals, ImapAccount, Inbox, Unreachable, brought
from followupd.mailbox.wire import quoted
from followupd.world import Watch, World
from tests.mailbox.scripted import HANG_UP, MAIL, Scripted, fetched, scripted

NOW = datetime(2026, 7, 17, 12, 0, tzinfo=UTC)
AT_3 = Cursor(mailbox="dana", folder="INBOX", uidvalidity=7, uid=3, read=NOW)
ASKED = "UID FETCH 4:53 (INTERNALDATE RFC822.SIZE BODY.PEEK[]<0.65536>)"


@pytest.fixture
async def server() -> AsyncIterator[Scripted]:
    """A server with three mails."""
    async with scripted() as script:
        script.folder(next_uid=4)
        yield script


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as threads:
        yield threads


@pytest.fixture
async def inbox(server: Scripted, pool: ThreadPoolExecutor) -> AsyncIterator[Inbox]:
    """An inbox whose mails have all been read."""
    account = ImapAccount(host="127.0.0.1", port=server.port, security="none", user="dana", password=lambda: "s3cret")
    one = Inbox(account, pool, read_limit=2, connect_limit=2)
    await one.connect()
    await one.extents()
    yield one
    await one.close()


async def told(server: Scripted, inbox: Inbox, cursor: Cursor | None = AT_3) -> Arrivals | None:
    """Wait in IDLE; the server tells of a mail while we are there."""
    waiting = asyncio.create_task(inbox.wait(30, asyncio.Event(), cursor))
    while not any(line.endswith("IDLE") for line in server.heard):
        await asyncio.sleep(0.005)
    server.writer.write(b"* 4 EXISTS\r\n")
    async with asyncio.timeout(5):
        return await waiting


# -- what comes with the end of IDLE -------------------------------------------------------------------


async def test_told_and_brought(server: Scripted, inbox: Inbox) -> None:
    """What the server tells of comes with the end of the wait; nothing is asked between the word of it and its fetching."""
    server.says["FETCH"] = fetched(4) + "{tag} OK done\r\n"
    found = await told(server, inbox)
    assert found is not None
    assert [(mail.uid, mail.raw, mail.received) for mail in found.mails] == [
        (4, MAIL, datetime(2026, 7, 17, 9, 44, 25, tzinfo=UTC))
    ]
    assert (found.end, found.uidvalidity, found.more) == (4, 7, False)
    assert [line.partition(" ")[2] or line for line in server.heard[-2:]] == ["DONE", ASKED]


async def test_woken(server: Scripted, inbox: Inbox) -> None:
    """A wait that ends because somebody asks for a look brings nothing: the look does."""
    wake = asyncio.Event()
    waiting = asyncio.create_task(inbox.wait(30, wake, AT_3))
    while not any(line.endswith("IDLE") for line in server.heard):
        await asyncio.sleep(0.005)
    wake.set()
    assert await waiting is None
    assert server.heard[-1] == "DONE"


@pytest.mark.parametrize(
    "said", ["{tag} NO not now\r\n", '* 4 FETCH (UID 4 BODY[]<0> "short")\r\n{tag} OK done\r\n'], ids=["refused", "other words"]
)
async def test_another_way(server: Scripted, inbox: Inbox, said: str) -> None:
    """What the server refuses, or says in other words, is no mail and no end of the mailbox: it is asked in the long way."""
    server.says["FETCH"] = said
    assert await told(server, inbox) is None
    server.folder(next_uid=5)
    server.says["SEARCH"] = "* SEARCH 4\r\n{tag} OK done\r\n"
    server.says["FETCH"] = fetched(4) + "{tag} OK done\r\n"
    assert [mail.uid for mail in (await inbox.arrivals("INBOX", AT_3, NOW)).mails] == [4]


async def test_another_numbering(server: Scripted, inbox: Inbox) -> None:
    """A place under another numbering says nothing about this folder: IDLE is left, and nothing fetched."""
    other = Cursor(mailbox="dana", folder="INBOX", uidvalidity=6, uid=3, read=NOW)
    assert await told(server, inbox, other) is None
    assert server.heard[-1] == "DONE"


async def test_a_mail_that_breaks_the_link(server: Scripted, inbox: Inbox) -> None:
    """A link that breaks over what was told of has the mails fetched one by one the next time, as after any other."""
    server.says["FETCH"] = HANG_UP
    with pytest.raises(Unreachable):
        await told(server, inbox)
    await inbox.connect()
    server.folder(next_uid=6)
    server.says["SEARCH"] = "* SEARCH 4 5\r\n{tag} OK done\r\n"
    server.says |= {f"FETCH {uid}": fetched(uid) + "{tag} OK done\r\n" for uid in (4, 5)}
    assert [mail.uid for mail in (await inbox.arrivals("INBOX", AT_3, NOW)).mails] == [4, 5]
    assert [line.split()[3] for line in server.heard if "FETCH" in line] == ["4:53", "4", "5"]


async def test_asked_again(server: Scripted, inbox: Inbox) -> None:
    """Out of IDLE it costs one small question to hear that nothing has come; mails are fetched only after word of them, never in one breath."""
    found = await inbox.latest(AT_3)
    assert found is not None
    assert (found.mails, found.end) == ((), 3)
    assert server.heard[-1].endswith("NOOP")
    server.says |= {"NOOP": "* 4 EXISTS\r\n{tag} OK done\r\n", "FETCH": fetched(4) + "{tag} OK done\r\n"}
    found = await inbox.latest(AT_3)
    assert found is not None
    assert [mail.uid for mail in found.mails] == [4]


PIECES = st.binary(max_size=60)


@given(
    mails=st.dictionaries(st.integers(1, 10**9), PIECES, max_size=4),
    order=st.permutations(["UID {uid}", 'INTERNALDATE "17-Jul-2026 02:44:25 -0700"', "RFC822.SIZE {size}"]),
    flags=st.sampled_from(["", "FLAGS (\\Seen) "]),
)
def test_what_is_brought(mails: dict[int, bytes], order: list[str], flags: str) -> None:
    """Mails are told from an answer in any order of its items, whatever bytes are in them, sorted; those up to the place reached are left out."""
    answer = [[b"* 9 EXISTS"], [b"* 1 FETCH (FLAGS (\\Seen))"]]
    for number, (uid, raw) in enumerate(mails.items()):
        items = " ".join(order).format(uid=uid, size=len(raw))
        answer.append([f"* {number} FETCH ({flags}{items} BODY[]<0> {{{len(raw)}}}".encode(), raw, b")"])
    found = brought.found(answer, "INBOX", 7, 5)
    assert found is not None
    assert [(mail.uid, mail.raw, mail.size) for mail in found] == [
        (uid, mails[uid], len(mails[uid])) for uid in sorted(mails) if uid > 5
    ]
    assert all(mail.received == datetime(2026, 7, 17, 2, 44, 25, tzinfo=timezone(timedelta(hours=-7))) for mail in found)


@given(pieces=st.lists(PIECES, min_size=1, max_size=4))
def test_nonsense_is_brought(pieces: list[bytes]) -> None:
    """Whatever a server says is nothing, or a mail, or not to be told; never a failure."""
    for first in (b"", b"* 1 FETCH (UID 7 "):
        found = brought.found([[first + pieces[0], *pieces[1:]]], "INBOX", 7, 0)
        assert found is None or all(isinstance(mail, Arrival) for mail in found)


def test_a_line_in_pieces() -> None:
    """A literal becomes a quoted text, with what has a meaning there marked."""
    assert quoted([b"* STATUS {4}", b'a"\\b', b" (X)"]) == b'* STATUS "a\\"\\\\b" (X)'


# -- in which order, and how far ---------------------------------------------------------------------


def mail(uid: int, raw: bytes = b"") -> Arrival:
    """A mail in the inbox."""
    return Arrival(folder="INBOX", uidvalidity=7, uid=uid, received=NOW, size=len(raw), raw=raw)


@given(
    uids=st.sets(st.integers(4, 60), max_size=8).flatmap(
        lambda one: st.tuples(st.permutations(sorted(one)), st.just(sorted(one)))
    ),
    strangers=st.sets(st.integers(4, 60), max_size=4),
    split=st.integers(0, 8),
)
def test_no_place_before_an_unread_mail(uids: tuple[list[int], list[int]], strangers: set[int], split: int) -> None:
    """In whatever order mails are handled, no place is written down before which one is left; after the last it is the end of all."""
    order, handled = [uid for uid in uids[0] if uid not in strangers], dict[int, int | None]()
    order[split:] = sorted(order[split:])
    end = max({*uids[1], *strangers}, default=3)

    async def handle(_: World, __: str, arrival: Arrival, place: Cursor | None = None) -> None:
        handled[arrival.uid] = place.uid if place else None

    async def told_apart(*_: object) -> tuple[list[Arrival], list[Arrival]]:
        return [mail(uid) for uid in order[:split]], [mail(uid) for uid in {*order[split:], *strangers}]

    async def without_strangers(_: World, others: list[Arrival]) -> list[Arrival]:
        return [one for one in sorted(others, key=lambda one: one.uid) if one.uid not in strangers]

    async def take() -> Watch:
        watch = Watch(RealClock())
        world = cast(
            "Any", SimpleNamespace(watches={"dana": watch}, office=SimpleNamespace(clock=RealClock()), wake=asyncio.Event())
        )
        cursors = {"INBOX": AT_3}
        found = Arrivals(folder="INBOX", uidvalidity=7, end=end, mails=(), more=False, rescanned=False)
        await listen._take(world, "dana", cursors, found)
        assert cursors["INBOX"].uid == end
        return watch

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(listen, "handle", handle)
        patch.setattr(listen, "_told_apart", told_apart)
        patch.setattr(listen, "_without_strangers", without_strangers)
        watch = asyncio.run(take())
    for number, uid in enumerate(order):
        place = handled[uid]
        left = {*order[number + 1 :], *(strangers if number < split else ())}
        assert place is None or all(place < later for later in left)
        assert place is None or 3 < place <= end
    if order[split:]:
        assert handled[order[-1]] in (end, None)
    assert {cursor.uid for cursor in watch.unwritten.values()} == ({end} if end != 3 else set())
