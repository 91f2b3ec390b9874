"""The report on a large store, measured: 100,000 enrollments, half a million touches.

    .venv/bin/python bench/report.py          # or: --enrollments 10000 --url postgresql://...

The rows are made up and written past everything else; only what the statements of `report` cost is of interest here.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import sqlalchemy as sa

from followupd.core.figures import Span, report
from followupd.core.model import Outcome
from followupd.store import Store, figures, open_store, schema

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
STEPS = 7
KINDS = ["yes", "no", "no", "no", "later", "engaged", "engaged", "out_of_office", "bounce_hard", "unsubscribe"]
BATCH = 2_000


def rows(count: int) -> Iterator[tuple[sa.Table, dict[str, Any]]]:
    """One person after the other, with all that belongs to them."""
    dice = random.Random(1)
    for number in range(count):
        name, address = f"e{number}", f"p{number}@c{number // 3}.example"
        started = START + timedelta(minutes=dice.randint(0, 500_000))
        sent = dice.randint(1, STEPS)
        ended, answers = dice.random() < 0.8, dice.random() < 0.5
        finished = started + timedelta(days=4 * sent, hours=2)
        outcome = dice.choice(["yes", "no", "no"]) if answers else dice.choice([one.value for one in Outcome])
        yield schema.enrollment, {
            "id": name, "prospect": name, "address": address, "cadence": dice.choice(["proposal", "reopen", "nurture"]), "digest": "d", "mailbox": dice.choice(["dana", "lee"]),
            "state": "finished" if ended else "active", "outcome": outcome if ended else None, "started": started, "moved": started,
            "finished": finished if ended else None, "answer": f"r{number}" if answers else "", "source": "list.csv:2", "passed": [],
        }  # fmt: skip
        for step in range(sent):
            at = started + timedelta(days=4 * step)
            yield schema.touch, {
                "id": f"{name}.{step}", "enrollment": name, "address": address, "mailbox": "dana", "position": step, "step": f"step-{step}", "channel": "task" if step == 3 else "email",
                "state": "sent" if dice.random() < 0.9 else "skipped", "due": at, "why": [], "settled": at,
            }  # fmt: skip
            if step in (2, 5):
                yield (
                    schema.item_taken,
                    {"address": address, "item": f"item-{step}", "ours": step == 5, "at": at, "touch": f"{name}.{step}"},
                )
        if answers:
            yield schema.reply, {
                "id": f"r{number}", "mailbox": "dana", "folder": "INBOX", "uidvalidity": 1, "uid": number, "fingerprint": name, "address": address, "received": finished,
                "seen": finished, "kind": dice.choice(KINDS), "confidence": 1.0, "enrollment": name, "touch": f"{name}.{sent - 1}", "reason": dice.choice(["price", "timing", None]),
                "review": False, "text": "No thanks. " * 20,
            }  # fmt: skip
        if number % 5 == 0:
            yield (
                schema.fact,
                {
                    "id": f"f{number}",
                    "address": address,
                    "name": "real_reason",
                    "value": "budget",
                    "at": finished + timedelta(days=9),
                    "about": "reason",
                    "touch": "",
                },
            )
            yield (
                schema.fact,
                {
                    "id": f"g{number}",
                    "address": address,
                    "name": "team_size",
                    "value": "40",
                    "at": finished,
                    "about": "learned",
                    "touch": f"{name}.0",
                },
            )


def fill(store: Store, count: int) -> None:
    """Write the rows, in bulk."""
    waiting: dict[sa.Table, list[dict[str, Any]]] = {}
    with store.engine.begin() as connection:
        for table, row in rows(count):
            few = waiting.setdefault(table, [])
            few.append(row)
            if len(few) >= BATCH:
                connection.execute(sa.insert(table), few)
                few.clear()
        for table, few in waiting.items():
            if few:
                connection.execute(sa.insert(table), few)


def main() -> None:
    """Print what each count takes, and the whole report."""
    options = argparse.ArgumentParser(description="Measures the report on a large store.")
    options.add_argument("--enrollments", type=int, default=100_000)
    options.add_argument("--url", default="", help="an empty store; by itself a new SQLite file")
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="followupd-report-") as folder:
        store = open_store(given.url or f"sqlite:///{folder}/followupd.db")
        fill(store, given.enrollments)
        with store.reading() as connection:
            for name, statement in figures.STATEMENTS.items():
                began = time.perf_counter()
                found = connection.execute(statement(Span())).all()
                print(f"{name:12}{time.perf_counter() - began:8.2f} s {len(found):6} rows")
        for span in (Span(), Span(since=START + timedelta(days=90), until=START + timedelta(days=180), mailbox="dana")):
            began, busy = time.perf_counter(), time.process_time()
            report(store.figures(span), {})
            print(
                f"{'a part' if span.since else 'everything':12}{time.perf_counter() - began:8.2f} s, {time.process_time() - busy:.2f} of the processor"
            )
        store.close()


if __name__ == "__main__":
    main()
