"""No step of the three stories without a named point: a new verb that reaches outside must be one at which a test can kill."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path
from types import ModuleType

import pytest

from followupd import dispatch, enroll, listen
from followupd.channels.smtp import Connection
from followupd.marks import Marks
from followupd.reader import Reader
from followupd.store import Store
from followupd.world import Watch
from tests.crash.runner import POINTS

OUTSIDE = (Store, Connection, Marks, Reader, Watch)
"""What the stories reach the outside by."""

HARMLESS = {
    "find", "talk", "key", "in_hand", "ripe", "overdue", "alarms", "alarms_up", "suppressed_under_way", "with_touches", "next_due", "next_date", "stirred", "cursors", "intake",
    "usage", "still_holds", "blocked_since", "bounced", "doubtful", "person", "suppressions", "switches", "tasks", "touches", "enrollments",
    "cadence", "kept_mail", "sent_keeping", "seen_of", "unread", "crossed", "unproved", "complaints_since", "taken", "clock", "alone",
    "chores", "concerned", "anything_sent", "arrivals", "ask", "at_once", "lay_ready",
}  # fmt: skip
"""Verbs that only ask."""

REPEATABLE = {
    "back_off": "a mailbox that should rest and does not meets the same trouble once more",
    "told": "somebody is told again",
    "reset": "nothing has left: the connection dies with the daemon",
    "close": "the end itself",
    "lost": "memory only",
    "flow": "memory only",
    "looked": "memory only",
    "start": "a worker that has nothing yet",
    "keep_cadence": "the same text under the same digest",
    "classified": "memory only",
}
"""Verbs after which dying changes nothing, and why."""

COVERED = {"apply_one": "apply", "gate": "gates", "enroll_all": "enroll"}
"""Verbs that go through another one's point; `enroll_all` is no daemon's: tests/crash/test_crowd.py kills the command there."""


def reached(story: ModuleType) -> set[str]:
    """The verbs of the outside that a story names."""
    verbs = {name for one in OUTSIDE for name, _ in inspect.getmembers(one, inspect.isfunction) if not name.startswith("_")}
    tree = ast.parse(Path(str(story.__file__)).read_text(encoding="utf-8"))
    return {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)} & verbs


def unmarked(story: ModuleType) -> set[str]:
    """The verbs of a story at which no test could kill."""
    points = {attribute for _, attribute, _ in POINTS.values()}
    return {COVERED.get(verb, verb) for verb in reached(story)} - points - HARMLESS - set(REPEATABLE)


@pytest.mark.parametrize("story", [dispatch, listen, enroll])
def test_each_step_has_a_point(story: ModuleType) -> None:
    """Every verb by which a story changes something outside is a named point of the kill tests, or a reason says why not."""
    assert unmarked(story) == set(), "lay a point around it in tests/crash/runner.py"


def test_a_step_without_a_point_is_seen() -> None:
    """Control: without its point the gate would be missed."""
    assert "gate" in reached(dispatch)
    assert "gate" not in HARMLESS | REPEATABLE.keys()
