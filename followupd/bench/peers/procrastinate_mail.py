"""procrastinate as its users run it: one asyncio worker on PostgreSQL with 16 tasks at a time, aiosmtplib on connections that are kept.

`procrastinate_mail.py fill DATABASE PEOPLE` defers a task for each of the people (JSON lines); `procrastinate_mail.py send DATABASE PORT`
works until there is none left. Prints how many succeeded.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import aiosmtplib
import procrastinate

sys.path.insert(0, str(Path(__file__).parent))

from message import SENDER, Writer  # type: ignore[import-not-found]

CONCURRENCY, BATCH = 16, 1_000


class Mail:
    """The task, and the connections that it takes turns with."""

    def __init__(self, database: str, port: int) -> None:
        self.app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=database, max_size=CONCURRENCY))
        self._port, self._writer = port, Writer()
        self._idle: list[aiosmtplib.SMTP] = []
        self.task = self.app.task(name="mail")(self._send)

    async def _send(self, row: dict[str, str]) -> None:
        server = self._idle.pop() if self._idle else aiosmtplib.SMTP(hostname="127.0.0.1", port=self._port, start_tls=False)
        if not server.is_connected:
            await server.connect()
        await server.sendmail(SENDER, [row["email"]], self._writer.message(row).as_bytes())
        self._idle.append(server)

    async def fill(self, rows: list[dict[str, str]]) -> None:
        """Everybody's task into the queue."""
        async with self.app.open_async():
            await self.app.schema_manager.apply_schema_async()
            for start in range(0, len(rows), BATCH):
                await self.task.batch_defer_async(*({"row": row} for row in rows[start : start + BATCH]))

    async def send(self) -> int:
        """Until the queue is empty."""
        async with self.app.open_async():
            await self.app.run_worker_async(concurrency=CONCURRENCY, wait=False, install_signal_handlers=False)
            done = await self.app.job_manager.list_jobs_async(status="succeeded")
        for server in self._idle:
            await server.quit()
        return len(list(done))


if __name__ == "__main__":
    verb, database, last = sys.argv[1:]
    if verb == "fill":
        people = [json.loads(line) for line in Path(last).read_text(encoding="utf-8").splitlines()]
        asyncio.run(Mail(database, 25).fill(people))
    else:
        sys.stdout.write(f"{asyncio.run(Mail(database, int(last)).send())}\n")
