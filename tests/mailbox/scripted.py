"""An IMAP server that says what a test tells it to, and writes down every line that it hears."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

HANG_UP = "hang up"

MAIL = b"From: ann@customer.test\r\nSubject: Re: Proposal\r\n\r\nNo thanks.\r\n"


class Scripted:
    """`says` holds the answer to each verb, or to a verb and its first argument such as `FETCH 4,5`.

    A FETCH of headers has the verb HEADERS, where `says` knows that.

    `{tag}` is filled in. A verb with an empty answer is not answered.
    """

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.connections = 0
        self.greeting = "* OK at your service\r\n"
        self.port = 0
        self.writer: asyncio.StreamWriter  # of the last connection, to say something unasked
        self.refuses = ""  # a token that is good no more: who shows it is asked for a last word, and gets a NO
        self.says = {
            "CAPABILITY": "* CAPABILITY IMAP4rev1 AUTH=PLAIN IDLE\r\n{tag} OK done\r\n",
            "AUTHENTICATE": "+ \r\n",
            "PASSWORD": "{tag} OK welcome\r\n",
            "LOGIN": "{tag} OK welcome\r\n",
            "LIST": '* LIST (\\HasNoChildren) "/" INBOX\r\n{tag} OK done\r\n',
            "SEARCH": "* SEARCH\r\n{tag} OK done\r\n",
            "IDLE": "+ idling\r\n",
            "DONE": "{tag} OK done\r\n",
            "NOOP": "{tag} OK done\r\n",
            "STATUS": "{tag} NO no such folder\r\n",
            "APPEND": "+ go ahead\r\n",
            "LOGOUT": "* BYE\r\n{tag} OK done\r\n",
        }
        self.folder(next_uid=1)

    def folder(self, *, next_uid: int, uidvalidity: int = 7) -> None:
        """What EXAMINE finds from now on; SEARCH and FETCH know the mails 1 to `next_uid` - 1."""
        counts = f"* {next_uid - 1} EXISTS\r\n* 0 RECENT\r\n* FLAGS ()\r\n"
        numbers = f"* OK [UIDVALIDITY {uidvalidity}] .\r\n* OK [UIDNEXT {next_uid}] .\r\n"
        self.says["EXAMINE"] = counts + numbers + "{tag} OK [READ-ONLY] .\r\n"
        uids = range(1, next_uid)
        self.says["SEARCH"] = f"* SEARCH {' '.join(map(str, uids))}".rstrip() + "\r\n{tag} OK done\r\n"
        self.says["FETCH"] = "".join(fetched(uid) for uid in uids) + "{tag} OK done\r\n"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.connections += 1
        self.writer = writer
        writer.write(self.greeting.encode("latin-1"))
        tag = ""
        with suppress(ConnectionError):
            while line := (await reader.readline()).decode("latin-1"):
                self.heard.append(line.rstrip("\r\n"))
                words = line.split()
                if len(words) > 1:
                    tag, verb = words[0], words[2] if words[1] == "UID" else words[1]
                else:
                    verb = words[0] if words == ["DONE"] else "PASSWORD"
                if verb == "PASSWORD" and self.refuses and (again := self._refused(line)):
                    writer.write(again.replace("{tag}", tag).encode())
                    continue
                if "HEADER.FIELDS" in line and " ".join(["HEADERS", words[3]]) in self.says:
                    verb = "HEADERS"
                argument = words[3:4] if words[1:2] == ["UID"] else words[2:3]
                answer = self.says.get(" ".join([verb, *argument]), self.says.get(verb, ""))
                if answer == HANG_UP:
                    break
                writer.write(answer.replace("{tag}", tag).encode("latin-1"))
        writer.close()

    def _refused(self, line: str) -> str:
        """What follows a token that is refused: a question, and after its answer the NO. "" for every other token."""
        said = base64.b64decode(line)
        if self.refuses.encode() in said:
            return "+ " + base64.b64encode(b'{"status":"401","schemes":"Bearer"}').decode() + "\r\n"
        return "{tag} NO [AUTHENTICATIONFAILED] Invalid credentials\r\n" if said in (b"", b"\1") else ""


def fetched(uid: int, mail: bytes = MAIL) -> str:
    """The answer to a FETCH for one mail."""
    return (
        f'* {uid} FETCH (UID {uid} INTERNALDATE "17-Jul-2026 02:44:25 -0700" RFC822.SIZE {len(mail)} '
        f"BODY[]<0> {{{len(mail)}}}\r\n{mail.decode('latin-1')})\r\n"
    )


@asynccontextmanager
async def scripted() -> AsyncIterator[Scripted]:
    """A listening server; end it by leaving the block."""
    script = Scripted()
    server = await asyncio.start_server(script.serve, "127.0.0.1", 0)
    script.port = server.sockets[0].getsockname()[1]
    async with server:
        yield script
