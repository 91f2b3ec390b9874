"""Writes into a real store and says after each commit what has been acknowledged; run under strace.

python -m tests.torture.recorder FOLDER COUNT MODE    (MODE: `as it is`, or another value of `synchronous`)
"""

from __future__ import annotations

import sys
from pathlib import Path

from followupd.core.model import Change, Cursor
from followupd.store import open_store
from tests.store.made import NOW


def main() -> None:
    """COUNT commits. An acknowledgement is a line on stdout: it leaves the machine, as the answer to a mail server does."""
    folder, count, mode = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    store = open_store(f"sqlite:///{folder / 'store.db'}")
    link = store.engine.raw_connection().driver_connection
    assert link is not None
    link.execute("PRAGMA wal_autocheckpoint=20")  # so that a short run has some
    if mode != "as it is":
        link.execute(f"PRAGMA synchronous={mode}")
    print("begin", flush=True)
    for number in range(1, count + 1):
        assert store.apply([Change(cursors=(Cursor(mailbox="dana", folder="INBOX", uidvalidity=7, uid=number, read=NOW),))]) == [
            True
        ]
        print(f"acknowledged {number}", flush=True)


if __name__ == "__main__":
    main()
