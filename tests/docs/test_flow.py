"""docs/flow.md names real functions, and tells the three stories in their real order."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FLOW = (ROOT / "docs/flow.md").read_text(encoding="utf-8")
NAMES = sorted(set(re.findall(r"`([a-z_]+(?:\.[A-Za-z_]+)+)`", FLOW)))
HOMES = {
    "troubles": "followupd.core.troubles",
    "store": "followupd.store", "prospects": "followupd.files.prospects", "templates": "followupd.files.templates",
    "edition": "followupd.files.edition",
    **{name: f"followupd.channels.{name}" for name in ("email", "prepare", "smtp", "task")},
    **{name: f"followupd.core.{name}" for name in ("answers", "authentication", "belief", "courtesy", "guards", "lifecycle", "timing", "troubles", "outbound", "inbound", "revision", "shelf")}, "kinds": "followupd.core.replies.kinds",
}  # fmt: skip


def _found(name: str) -> object:
    module, *path = name.split(".")
    found: object = importlib.import_module(HOMES.get(module, f"followupd.{module}"))
    if module == "store":
        found = found.Store  # type: ignore[attr-defined]
    for part in path:
        found = getattr(found, part)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_name(name: str) -> None:
    """Every function that the page names exists under that name."""
    assert name.endswith(".py") or callable(_found(name))


def test_it_names_enough() -> None:
    """The page is not vacuous: it names the functions of all three stories."""
    assert len(NAMES) > 25
    assert {"dispatch.work", "listen.follow", "enroll.take_in"} <= set(NAMES)


@pytest.mark.parametrize(
    ("story", "start", "walk"),
    [
        ("enroll.py", "def add(", ["read_sheet(", "_clerk(", "take_rows("]),
        ("dispatch.py", "async def _through_the_gate(", ["connection.begin(", "_may_leave(", "marks.phase(", "connection.finish(", "marks.result("]),
        ("dispatch.py", "async def _may_leave(", ["evidence.last_look(", "halted(", "writer.gate("]),
        ("listen.py", "async def handle(", ["_read(", "_known", "reader.classify(", "_write_down("]),
    ],
)  # fmt: skip
def test_order(story: str, start: str, walk: list[str]) -> None:
    """The steps stand in the code in the order in which the page tells them."""
    source = (ROOT / "followupd" / story).read_text(encoding="utf-8")
    code = source[source.index(start) :]
    places = [code.index(step) for step in walk]
    assert places == sorted(places)


def test_one_page() -> None:
    """It stays a page."""
    assert len(FLOW.splitlines()) < 70
