"""The conversation on one open connection: what was asked, and which answer belongs to which question.

Questions may go out several in one write, and ahead of the answers to others (RFC 2920, section 3.1). Answers are given to
them strictly first in, first out; one that nobody asked for, or that makes no sense, ends the conversation, for then no
later one can be trusted. Decides nothing about mails: what an answer means is said in `smtp.py`. Never raises for what a
server does: whoever asked gets the answers that came, and `end` says why there are no more.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Generator
from typing import NamedTuple

LONGEST_LINE = 8192
LONGEST_ANSWER = 4 * LONGEST_LINE  # of all its lines together: an EHLO has a few thousand

_UNASKED = "the server answered more than it was asked"
_TOO_LONG = "an answer that is too long"


class Answer(NamedTuple):
    """A whole answer: its code, and the text of its lines."""

    code: int
    text: str


class Question:
    """What went out in one write, and wants `count` answers. Each may take `limit` seconds from when its turn came.

    To await it gives the answers; fewer of them where the conversation has ended before.
    """

    __slots__ = ("_waiter", "answers", "count", "limit")

    def __init__(self, count: int, limit: float, waiter: asyncio.Future[list[Answer]]) -> None:
        self.count = count
        self.limit = limit
        self.answers: list[Answer] = []
        self._waiter = waiter

    def __await__(self) -> Generator[None, None, list[Answer]]:
        return self._waiter.__await__()

    @property
    def answered(self) -> bool:
        """Whether every answer has come."""
        return len(self.answers) == self.count

    @property
    def given_up(self) -> bool:
        """Whether the task that awaited it was cancelled."""
        return self._waiter.cancelled()

    def over(self) -> None:
        """No more answers will come."""
        if not self._waiter.done():
            self._waiter.set_result(self.answers)

    async def wait(self) -> None:
        """Until it is over; for others than the task that asked."""
        await asyncio.wait([self._waiter])


class Wire(asyncio.Protocol):
    """Takes over an open transport on which nothing is left to be answered."""

    def __init__(self, transport: asyncio.Transport, *, pipelining: bool) -> None:
        self._end = ""
        self.pipelining = pipelining
        """Whether the server takes questions before it has answered the last."""
        self._loop = asyncio.get_running_loop()
        self._transport = transport
        self._asked: deque[Question] = deque()
        self._rest = b""  # a line that has not come to its end
        self._lines: list[bytes] = []  # of an answer that has not come to its end
        self._size = 0  # of all of them
        self._due = 0.0  # when the next answer has to be here
        self._alarm: asyncio.TimerHandle | None = None
        self._rings = 0.0  # when the alarm does; never after `_due`
        transport.set_protocol(self)

    @property
    def end(self) -> str:
        """Why nothing can be asked any more; empty while it can."""
        return self._end or ("connection lost" if self._transport.is_closing() else "")

    @property
    def ahead(self) -> Question | None:
        """The question asked last, if it is not answered yet."""
        return self._asked[-1] if self._asked else None

    def ask(self, data: bytes, count: int, limit: float) -> Question:
        """Hand over what wants `count` answers. After the end nothing leaves, and the question is over at once."""
        question = Question(count, limit, self._loop.create_future())
        if self.end:
            question.over()
            return question
        self._asked.append(question)
        if len(self._asked) == 1:
            self._await_next()
        self.write(data)
        return question

    def write(self, data: bytes) -> None:
        """The one way out."""
        self._transport.write(data)

    def leave(self, question: Question) -> None:
        """Whoever asked has been cancelled. What was asked before still gets its answers, and then it ends."""
        if question not in self._asked or self._asked[0] is question:
            self.cut("given up")

    def cut(self, why: str) -> None:
        """End it at once: what still lies in our buffer does not leave, what still comes is not heard."""
        if self._end:
            return
        self._end = why
        if self._alarm is not None:
            self._alarm.cancel()
        self._transport.abort()
        self._lines, self._rest = [], b""
        for question in self._asked:
            question.over()
        self._asked.clear()

    # -- what the loop tells ---------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Bytes of answers, cut anywhere."""
        lines = (self._rest + data if self._rest else data).split(b"\n")
        self._rest = lines.pop()
        for line in lines:
            self._hear(line)
            if self._end:
                return
        if self._rest and not self._asked:
            self.cut(_UNASKED)
        elif len(self._rest) > LONGEST_LINE:
            self.cut(_TOO_LONG)

    def eof_received(self) -> None:
        """The server says nothing more."""
        self.cut("the server closed the connection")

    def connection_lost(self, problem: Exception | None) -> None:
        """The connection is gone."""
        self.cut(f"connection lost: {problem}" if problem else "connection lost")

    # -- steps -----------------------------------------------------------------------------------

    def _hear(self, line: bytes) -> None:
        code, mark = line[:3], line[3:4]
        self._size += len(line)
        if not self._asked:
            self.cut(_UNASKED)
        elif len(code) < 3 or not code.isdigit() or mark.isdigit() or (self._lines and self._lines[0][:1] != code[:1]):
            self.cut(f"an answer that makes no sense: {line[:200].decode('utf-8', 'replace')}")
        elif self._size > LONGEST_ANSWER or len(line) > LONGEST_LINE:
            self.cut(_TOO_LONG)
        elif mark == b"-":  # RFC 5321 section 4.2.1: another line of the same answer follows
            self._lines.append(line)
        else:
            text = b"\n".join([one[4:].strip() for one in (*self._lines, line)]) if self._lines else line[4:].strip()
            self._lines, self._size = [], 0
            self._give(Answer(int(code), text.decode("utf-8", "surrogateescape")))

    def _give(self, answer: Answer) -> None:
        question = self._asked[0]
        question.answers.append(answer)
        if question.answered:
            self._asked.popleft()
            question.over()
        if not self._asked:
            return
        if self._asked[0].given_up:
            self.cut("given up")
        else:
            self._await_next()

    def _await_next(self) -> None:
        """One alarm for all questions: one that rings too early looks again, so that an answer in time costs no timer."""
        self._due = self._loop.time() + self._asked[0].limit
        if self._alarm is None or self._rings > self._due:
            self._set_alarm()

    def _set_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._rings, self._alarm = self._due, self._loop.call_at(self._due, self._ring)

    def _ring(self) -> None:
        self._alarm = None
        if not self._asked:
            return
        if self._loop.time() < self._due:
            self._set_alarm()
        else:
            self.cut("no answer within the limit")
