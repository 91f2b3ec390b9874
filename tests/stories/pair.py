"""A stage with two reps: Dana, who is there already, and Lee, with a mailbox of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.stories.imap_server import ImapServer
from tests.stories.stage import Play

LEE = """\
  lee:
    address: lee@example.com
    name: Lee Chen
    smtp: {{host: 127.0.0.1, port: {smtp}, security: none}}
    imap: {{host: 127.0.0.1, port: {imap}, security: none}}
    auth: {{user: lee, password: {{env: LEE}}}}
    limits: {{per_minute: 1000, per_hour: 10000, per_day: 10000, in_flight: 4}}
    gap: 0s
"""


class Pair(Play):
    """Two mailboxes; `more` is what else stands in the configuration."""

    def __init__(self, folder: Path, runner: asyncio.Runner, *, more: str = "", **setting: Any) -> None:
        self.lee = ImapServer("lee", "secret")
        self._more = more
        super().__init__(folder, runner, **setting)

    async def _open_servers(self) -> None:
        self._environ["LEE"] = "secret"
        await super()._open_servers()
        await self.lee.start()

    def _write_workspace(self, cadences: Mapping[str, str], limits: str, gap: str) -> None:
        super()._write_workspace(cadences, limits, gap)
        config = (self.folder / "config.yaml").read_text(encoding="utf-8")
        lee = LEE.format(smtp=self.server.port, imap=self.lee.port)
        self.write("config.yaml", config + lee + self._more)
        for name in ("dana", "lee"):
            (self.folder / "inbox" / name).mkdir()

    def configure(self, old: str, new: str) -> None:
        """The configuration says something else, and the daemon reads it."""
        text = (self.folder / "config.yaml").read_text(encoding="utf-8")
        assert old in text
        self.write("config.yaml", text.replace(old, new))

    def close(self) -> None:
        """The end of the play."""
        super().close()
        self._runner.run(self.lee.stop())

    def post_to_lee(self, raw: bytes) -> None:
        """Any mail into Lee's inbox."""
        self._unread = True
        self._run(self.lee.append(raw, self.clock.now()))
