"""The nouns as values: altered as the standard library would, and changes that are one change."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followupd.core.model import Change, Enrollment, altered
from tests.store.made import begin

BEGUN = begin()
ENROLLMENT, TOUCH = BEGUN.enrollments[0], BEGUN.touches[0]


@given(st.fixed_dictionaries({}, optional={"reason": st.text(), "version": st.integers(), "until": st.none(), "id": st.text()}))
def test_altered(changes: dict[str, Any]) -> None:
    """A row with other values is another row of the same kind; the first stays as it was, and nobody can change either."""
    before = dataclasses.astuple(ENROLLMENT)
    made = altered(ENROLLMENT, **changes)
    assert made == dataclasses.replace(ENROLLMENT, **changes)
    assert (type(made), hash(made)) == (Enrollment, hash(dataclasses.replace(ENROLLMENT, **changes)))
    assert dataclasses.astuple(ENROLLMENT) == before
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.reason = "x"  # type: ignore[misc]


def test_altered_knows_its_fields() -> None:
    """A field that there is not is a mistake of ours."""
    with pytest.raises(TypeError, match="a Touch has no colour"):
        altered(TOUCH, colour="red")


TOUCHES = st.lists(
    st.builds(lambda name, version: altered(TOUCH, id=name, version=version), st.sampled_from("abc"), st.integers(0, 9)),
    max_size=4,
).map(tuple)
ALIASES = st.lists(st.tuples(st.sampled_from("ab"), st.just("t")), max_size=3).map(tuple)
CHANGES = st.builds(lambda touches, aliases: Change(touches=touches, aliases=aliases), TOUCHES, ALIASES)


@given(CHANGES, CHANGES)
def test_two_changes_are_one(first: Change, second: Change) -> None:
    """Of each row the last word counts, in the place of the first; what has no id is all kept, in its order."""
    both = first + second
    assert both.aliases == first.aliases + second.aliases
    assert both.touches == tuple({row.id: row for row in first.touches + second.touches}.values())
    assert dataclasses.replace(both, touches=(), aliases=()) == Change()
    assert (Change() + both, both + Change()) == (both, both)
