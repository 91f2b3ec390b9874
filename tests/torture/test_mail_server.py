"""Plays: the mail server is ill in every way that a script knows. After the cure each touch has arrived once, and nobody was blamed for it."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest

from followupd.channels.smtp import Connection, SmtpAccount
from followupd.core.model import Accepted, Doubtful
from tests.channels.test_smtp import send
from tests.faults import Toll
from tests.servers.smtp import Script, SmtpServer
from tests.stories.stage import ANN, Play

BOTH = 2  # mails of a whole cadence


def cured(play: Play, toll: Toll, mails: int = BOTH) -> None:
    """The server is well again; what it has in the end, counted by itself."""
    met = len(play.server.commands) + (play.office.store.usage("dana", play.clock.now()).not_before is not None)
    play.server.says()
    play.run_until("+5d")
    got = Counter(mail.message_id for mail in play.mails("ann@p.test"))
    assert play.suppressed() == {}
    toll(injected=min(met, 1), twice=sum(got.values()) - len(got), touches_lost=mails - len(got))


ILL = {
    "banner 554": {"BANNER": "554 5.7.1 no service"},
    "banner 421": {"BANNER": "421 4.3.2 later"},
    "banner is no SMTP": {"BANNER": b"HTTP/1.1 400 Bad Request\r\n\r\n"},
    "EHLO refused": {"EHLO": "502 what"},
    "RCPT 421": {"RCPT": "421 shutting down"},
    "DATA 421": {"DATA": "421 shutting down"},
    "DATA out of step": {"DATA": "250 ok"},
}


@pytest.mark.fault("F26")
@pytest.mark.parametrize("name", ILL)
def test_an_ill_server(name: str, play: Play, toll: Toll) -> None:
    """A server that answers nonsense or closes shop: everything waits, and goes out once when it is well."""
    play.server.says(**ILL[name])
    play.at("mon 09:00").drop_csv(ANN)
    play.run_until("+30m")
    assert play.mails() == []
    cured(play, toll)


@pytest.mark.fault("F26")
@pytest.mark.parametrize("verb", ["BANNER", "EHLO", "MAIL", "RCPT", "DATA"])
def test_a_server_that_hangs_up(verb: str, play: Play, toll: Toll) -> None:
    """A connection that is lost before the mail itself is a definite no: everything goes out once when it lasts."""
    play.server.says(drop=verb)
    play.at("mon 09:00").drop_csv(ANN)
    play.run_until("+30m")
    assert play.mails() == []
    cured(play, toll)


@pytest.mark.fault("F27")
@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "DOT"])
def test_later(verb: str, play: Play, toll: Toll) -> None:
    """4xx at each verb, after the dot as well, is a definite "not now": the mail goes again, and arrives once."""
    play.server.says(**{verb: ["451 4.7.1 later", "451 4.7.1 later", "250 2.0.0 ok" if verb != "DATA" else "354 go on"]})
    play.at("mon 09:00").drop_csv(ANN)
    play.run_until("+3h")
    assert len(play.mails("ann@p.test")) == 1
    assert len([line for line in play.server.commands if line.startswith(verb if verb != "DOT" else "DATA")]) >= 3
    cured(play, toll)


@pytest.mark.fault("F28")
@pytest.mark.parametrize(
    ("verb", "answer"),
    [("MAIL", "550 5.1.8 bad sender"), ("RCPT", "550 5.2.1 off"), ("DATA", "554 5.6.0 no"), ("DOT", "554 5.6.0 content")],
)
def test_never(verb: str, answer: str, play: Play, toll: Toll) -> None:
    """5xx at each verb: nothing of it arrives, nobody is suppressed but an address that is gone, and the daemon lives."""
    play.server.says(**{verb: answer})
    play.at("mon 09:00").drop_csv(ANN)
    play.run_until("+1h")
    assert play.mails() == []
    assert play.suppressed().keys() == ({"ann@p.test"} if verb == "RCPT" else set())
    assert play.state("ann@p.test") in ("active", "held", "finished")
    play._check_alive()
    toll(
        injected=sum(line.startswith(verb if verb != "DOT" else "DATA") for line in play.server.commands), twice=len(play.mails())
    )


class Leaping(asyncio.SelectorEventLoop):
    """A loop whose clock leaps to its next timer as soon as nothing else happens: minutes of waiting pass in a moment, in their order."""

    PATIENCE = 0.2  # real seconds for sockets and threads to say something first

    def __init__(self) -> None:
        super().__init__()
        self._leapt = 0.0
        self._selector.select = self._leap(self._selector.select)  # type: ignore[attr-defined]

    def time(self) -> float:
        """The clock of the timers."""
        return super().time() + self._leapt

    def _leap(self, select: Any) -> Any:
        def look(timeout: float | None = None) -> Any:
            found = select(timeout if timeout is None else min(timeout, self.PATIENCE))
            if not found and timeout:
                self._leapt += timeout
            return found

        return look


@pytest.mark.fault("F31")
@pytest.mark.parametrize(("minutes", "known"), [(4, True), (9, True), (11, False)])
def test_a_slow_relay(minutes: int, known: bool, toll: Toll) -> None:
    """The answer to the dot is waited for ten minutes: after eleven nobody knows, and it is not sent again by the connection."""

    async def play() -> None:
        async with SmtpServer(Script(delay={"DOT": minutes * 60.0})) as server:
            one = Connection(SmtpAccount(host="127.0.0.1", port=server.port, security="none"))  # with the limits of the product
            assert isinstance(await send(one), Accepted if known else Doubtful)
            toll(injected=1, twice=len(server.mails) - 1)
            await one.close()

    with asyncio.Runner(loop_factory=Leaping) as runner:
        runner.run(play())


@pytest.mark.fault("F42")
def test_the_server_takes_less(play: Play, toll: Toll) -> None:
    """SIZE too small for the mail (RFC 1870): not one byte of it is sent, and it goes once the limit is gone."""
    play.server.script = Script(size=100)
    play.at("mon 09:00").drop_csv(ANN)
    play.run_until("+1h")
    assert play.mails() == []
    assert "DATA" not in play.server.commands
    play._check_alive()
    toll(injected=1, twice=len(play.mails()))


@pytest.mark.fault("F42")
def test_neither_8bitmime_nor_smtputf8(play: Play, toll: Toll) -> None:
    """Names in any script leave in ASCII: a server without 8BITMIME and SMTPUTF8 gets nothing that it does not know."""
    play.at("mon 09:00").drop_csv(ANN.replace("Ann", "Žofie 雪"))
    (mail,) = play.mails("ann@p.test")
    assert mail.raw.isascii()
    assert not [line for line in play.server.commands if "8BITMIME" in line or "SMTPUTF8" in line]
    toll(injected=1)
