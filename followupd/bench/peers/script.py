"""What a developer writes in an afternoon: a table of people, smtplib on one connection, the standard library's `email`, a commit for each mail.

Called as `script.py PORT DATABASE`. The table `due` holds the people, as JSON; `sent` says when.
"""

from __future__ import annotations

import json
import smtplib
import sqlite3
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from message import SENDER, Writer  # type: ignore[import-not-found]


def main() -> None:
    """Send to everybody who has nothing yet."""
    database = sqlite3.connect(sys.argv[2], isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    writer = Writer()
    with smtplib.SMTP("127.0.0.1", int(sys.argv[1])) as server:
        for number, person in database.execute("SELECT id, person FROM due WHERE sent IS NULL ORDER BY id").fetchall():
            row = json.loads(person)
            server.sendmail(SENDER, [row["email"]], writer.message(row).as_bytes())
            database.execute("UPDATE due SET sent = ? WHERE id = ?", (time.time(), number))


if __name__ == "__main__":
    main()
