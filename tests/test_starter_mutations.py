"""Must-show 2: the starter set passes its own tests (`cli/test_readme.py` plays them all), and whatever is broken in it makes one fail.

Every cadence, message and content item of the starter set is broken in every way that this module can think of, one at a time,
and the tests of the starter set are played on what is left. A change that changes nothing stands in EQUIVALENT, with the reason.
"""

from __future__ import annotations

import copy
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from followupd import starter
from followupd.channels import CHANNELS
from followupd.channels.scope import SCOPE
from followupd.cli.door import enter
from followupd.cli.test import misfits, read_files, result_of
from followupd.core.model import ReplyKind
from followupd.files import yaml_text
from followupd.files.cadence import LOCKED
from followupd.files.cadence_tests import Case, CaseFile
from followupd.files.workspace import Workspace, load_workspace, reload

TOP = starter.starter_folder()
CADENCES = sorted((TOP / "cadences").glob("*.yaml"))
TEMPLATES = sorted((TOP / "templates").rglob("*.md"))
ITEMS = sorted((TOP / "content").glob("*.md"))


@dataclass(frozen=True)
class Mutation:
    """One thing broken: the new text of one file. `near` are words of the cases that are likely to see it."""

    name: str
    path: str  # in the workspace
    text: str | None  # None: the file is gone
    near: tuple[str, ...] = ()
    cadence: str = ""  # the only one that it can change

    def concerns(self, case: Case) -> bool:
        """Whether the case can see it at all."""
        return self.cadence in (
            "",
            case.cadence,
            *(entry.cadence for entry in case.diary),
            *(entry.value for entry in case.diary),
        )


EQUIVALENT: dict[str, str] = {
    r".*: no (mailbox|about)": "the mailbox is the owner's anyway, and `about` is for people",
    r".*: no holidays": "the defaults of config.yaml say the same",
    r"(proposal|reopen): no rule for no": "by itself a no begins after-the-no as well",
    r"after-the-no: (debrief|thanks|note): (no since|since previous)": "nothing comes before, so both count from the beginning",
    r"reopen: new-reason: (no since|since previous)": "nothing comes before, so both count from the beginning",
    r"nurture: first: (no since|since previous)": "nothing comes before, so both count from the beginning",
    r"proposal: thanks: thread new added": "the first mail has no conversation that it could go on with",
    r"reopen: new-reason: (no thread|thread same)": "the first mail has no conversation that it could go on with",
    r"reopen: (voicemail|ideal|goodbye): pick added": "its words do not show the item, and no later step picks one",
    r"after-the-no: question: no keep": "what is kept stands in the store, which no diary sees; tests/stories/test_after_the_no.py does",
    r"after-the-no: (thanks|question): no thread": "the same thread is what a mail goes on with anyway",
    r"one-change: another subject": "it goes on in the thread of the thanks, under that subject",
    r"after-the-no: debrief swapped with the next": "both are handed over at the same moment",
    r"after-the-no: end elsewhere": "elsewhere is where it leads already",
    r"after-the-no: no limits": "both touches come within a day, and limits end what nobody answers",
    r"nurture: (no gap|gap .*)": "no other cadence can have written to somebody within two weeks before a mail of this one",
    r"nurture: fourth: wait False added": "the next step counts from the beginning, and there is room for this one long before",
    r"nurture: no limits": "the six steps never come to the limits",
}
"""Changes that change nothing that anybody could see, by a pattern of their names, and why."""


# -- what can be broken --------------------------------------------------------------------------


def data_of(path: Path) -> dict[str, Any]:
    """A cadence as plain lists and dictionaries, by the types of YAML 1.2."""
    document, problems = yaml_text.read(path.read_text("utf-8"), path.name)
    assert document is not None, problems

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(inner) for key, inner in value.items()}
        return [plain(inner) for inner in value] if isinstance(value, tuple) else value

    found = plain(document.data)
    assert isinstance(found, dict)
    return found


def longer(length: str) -> Iterator[str]:
    """Other lengths of time: one more, one less."""
    found = re.fullmatch(r"(\d+)([a-z]+)", length)
    assert found
    count, unit = int(found[1]), found[2]
    yield f"{count + 1}{unit}"
    if count > 0:
        yield f"{count - 1}{unit}"


def other_window(window: str) -> Iterator[str]:
    """The window with another first day, another last day, and each of its hours moved by half an hour either way."""
    days, _, hours = window.partition(" ")
    first, last = days.split("-")
    week = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    for moved in (-1, 1):
        if week.index(first) + moved >= 0:
            yield f"{week[week.index(first) + moved]}-{last} {hours}"
        yield f"{first}-{week[(week.index(last) + moved) % 7]} {hours}"
    without = [day for day in week[week.index(first) : week.index(last) + 1] if day not in (first, last)]
    for day in without:
        kept = [one for one in week[week.index(first) : week.index(last) + 1] if one != day]
        yield f"{', '.join(kept)} {hours}"
    for found in re.finditer(r"(\d\d):(\d\d)", hours):
        for minutes in (-30, 30):
            total = int(found[1]) * 60 + int(found[2]) + minutes
            yield f"{days} {hours[: found.start()]}{total // 60:02}:{total % 60:02}{hours[found.end() :]}"


OTHER: dict[str, Callable[[Any], Iterator[Any]]] = {
    "after": longer,
    "within": longer,
    "since": lambda value: (other for other in ("previous", "enrolled") if other != value),
    "at": lambda _: iter(["before 08:00", "after 18:00", "before 08:00 or after 18:30", "before 07:00 or after 12:00"]),
    "wait": lambda value: iter([not value]),
    "thread": lambda value: iter(["new" if value == "same" else "same"]),
    "doors": lambda value: (value[:number] + value[number + 1 :] for number in range(len(value))),
}
"""Other legal values of a step's keys."""

ADDED = {"when": "prospect.email == 'nobody'", "wait": False, "thread": "new", "after": "1d", "within": "1h", "at": "after 20:00"}
"""What may be added to a step that lacks it."""

REPLIES: dict[str, list[Any]] = {
    "yes": ["hold", "continue", {"pause": "5d"}, {"finish": "no"}, {"task": "Send flowers"}],
    "no": ["hold", "continue", {"pause": "5d"}, {"finish": "yes"}, {"notify": "A no"}],
    "later": ["hold", "continue", {"pause": "5d"}, {"finish": "no"}],
    "engaged": ["continue", {"finish": "yes"}, {"pause": "5d"}, {"task": "Think about it"}],
    "referral": ["hold", "continue", {"finish": "no"}, {"enroll": "reopen"}],
    "out_of_office": ["hold", "continue", {"pause": "5d"}, {"finish": "no"}],
    "auto_reply": ["hold", {"pause": "99d"}, {"finish": "no"}],
    "bounce_soft": ["hold", "continue", {"pause": "5d"}, {"finish": "bounced"}],
    "bounce_blocked": ["hold", "continue", {"pause": "5d"}, {"finish": "bounced"}],
    "unclear": ["continue", {"finish": "yes"}, {"pause": "5d"}, {"task": "Read this"}],
}
"""Other rules for each kind of answer whose rule may be changed."""

EDGES = ("just", "Friday", "Monday", "Wednesday", "morning", "evening", "noon")
"""Words in the names of the cases about windows."""

QUIET_DAYS = ("holiday", "Good Friday", "on a Friday", "drops the homework", "full mailbox")
"""The same for holidays, and for cases over which some country's holiday lies."""

SILENCE = ("silence", "more than a year", "thanked for")
"""The same for the end that nobody's answer brings about."""

LIKELY = {
    "referral": "somebody else", "out_of_office": "away without", "auto_reply": "automatic", "bounce_soft": "full mailbox",
    "bounce_blocked": "refused for|a refusal for", "unclear": "nobody understands", "engaged": "question",
}  # fmt: skip
"""Words in the names of the cases about a kind."""


def of_cadence(path: Path) -> Iterator[Mutation]:
    """Everything that can be broken in one cadence."""
    whole = data_of(path)
    for label, broken, near in [*of_steps(whole), *of_head(whole), *of_replies(whole)]:
        text = yaml.safe_dump(broken, sort_keys=False, allow_unicode=True)
        yield Mutation(f"{path.stem}: {label}", f"cadences/{path.name}", text, near, path.stem)


Broken = tuple[str, dict[str, Any], tuple[str, ...]]


def changed(whole: dict[str, Any], change: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    """A copy in which something was changed."""
    found = copy.deepcopy(whole)
    change(found)
    return found


def of_steps(whole: dict[str, Any]) -> Iterator[Broken]:
    """Steps removed, swapped, renamed; each key with another value, or removed, or added."""
    for number, step in enumerate(whole["steps"]):
        name = step["id"]
        yield f"{name} removed", changed(whole, lambda cadence, number=number: cadence["steps"].pop(number)), (name,)
        if number + 1 < len(whole["steps"]):
            yield (
                f"{name} swapped with the next",
                changed(whole, lambda cadence, number=number: swap(cadence["steps"], number)),
                (name,),
            )
        for label, other in of_step(step):
            yield (
                f"{name}: {label}",
                changed(whole, lambda cadence, number=number, other=other: put(cadence["steps"], number, other)),
                (name,),
            )


def put(steps: list[Any], number: int, step: Any) -> None:
    """Another step in its place."""
    steps[number] = step


def swap(steps: list[Any], number: int) -> None:
    """A step and the next one change places."""
    steps[number], steps[number + 1] = steps[number + 1], steps[number]


def of_step(step: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """One step, broken."""
    for key, value in step.items():
        if key in ("id", "brings", "learn"):
            continue
        if key not in ("email", "task"):
            yield f"no {key}", {name: inner for name, inner in step.items() if name != key}
        for other in OTHER.get(key, lambda _: iter(()))(value):
            yield f"{key} {other}", step | {key: other}
    for key, value in ADDED.items():
        if key not in step and not (key == "thread" and "task" in step):
            yield f"{key} {value} added", step | {key: value}
    channel = "email" if "email" in step else "task"
    for other in ("value", "breakup") if channel == "email" else ("voicemail", "debrief"):
        if other != step[channel]:
            yield f"{channel} {other}", step | {channel: other}
    if "pick" in step:
        match, ours = step["pick"]["match"], step["pick"]["ours"]
        for column in match:
            yield f"pick without {column}", step | {"pick": {"match": [one for one in match if one != column], "ours": ours}}
        yield "pick in another order", step | {"pick": {"match": match[::-1], "ours": ours}}
        yield "pick the other kind", step | {"pick": {"match": match, "ours": not ours}}
        yield "pick of either kind", step | {"pick": {"match": match}}
    else:
        yield "pick added", step | {"pick": {"match": ["goals"], "ours": False}}


def of_head(whole: dict[str, Any]) -> Iterator[Broken]:
    """The head's keys."""
    for window in ("always", *other_window(whole["window"])):
        yield f"window {window}", whole | {"window": window}, EDGES
    for holidays in ("none", ["US"], ["FR"]):
        yield f"holidays {holidays}", whole | {"holidays": holidays}, QUIET_DAYS
    for key in ("window", "holidays", "limits", "mailbox", "about"):
        near = ("business days lie",) if key == "limits" else ()
        yield f"no {key}", {name: value for name, value in whole.items() if name != key}, near
    yield "timezone added", whole | {"timezone": "Asia/Tokyo"}, ("defaults",)
    emails = sum("email" in step for step in whole["steps"])
    yield (
        "one touch fewer",
        whole | {"limits": whole["limits"] | {"touches": emails - 1}},
        ("goodbye", "in Chicago", "more than a year"),
    )
    yield "a week in all", whole | {"limits": whole["limits"] | {"days": 3}}, ()
    if "gap" in whole["limits"]:
        for gap in longer(whole["limits"]["gap"]):
            yield f"gap {gap}", whole | {"limits": whole["limits"] | {"gap": gap}}, ("business days lie",)
        yield (
            "no gap",
            whole | {"limits": {name: value for name, value in whole["limits"].items() if name != "gap"}},
            ("business days lie",),
        )
    for column in whole.get("needs", ()):
        yield (
            f"needs no {column}",
            whole | {"needs": [one for one in whole["needs"] if one != column]},
            ("handed back", "no homework"),
        )
    yield "needs a column that nobody has", whole | {"needs": [*whole.get("needs", ()), "shoe_size"]}, ()
    yield "retry at once, and once", whole | {"retry": ["1m"]}, ("puts mail off",)


def of_replies(whole: dict[str, Any]) -> Iterator[Broken]:
    """The rules for answers, and for silence."""
    replies = whole.get("replies", {})
    for kind in replies:
        yield f"no rule for {kind}", whole | {"replies": {name: rule for name, rule in replies.items() if name != kind}}, (kind,)
    for kind, rules in REPLIES.items():
        for rule in rules:
            yield f"{kind}: {rule}", whole | {"replies": replies | {kind: rule}}, tuple(LIKELY.get(kind, kind).split("|"))
    elsewhere = "nurture" if whole["cadence"] != "nurture" else "reopen"
    yield "no: enroll elsewhere", whole | {"replies": replies | {"no": {"enroll": elsewhere}}}, ("no",)
    for kind in sorted(LOCKED):
        yield f"{kind}: hold", whole | {"replies": replies | {ReplyKind(kind).value: "hold"}}, ()
    for length in longer((replies.get("later") or {}).get("pause", "30d")):
        yield f"later: pause {length}", whole | {"replies": replies | {"later": {"pause": length}}}, ("later",)
    if "end" in whole:
        yield "no end", {name: value for name, value in whole.items() if name != "end"}, ()
    for after in ("6d", "8d"):
        yield f"end after {after}", whole | {"end": whole.get("end", {}) | {"after": after}}, SILENCE
    yield (
        "end elsewhere",
        whole | {"end": {"enroll": "after-the-no" if whole["cadence"] != "after-the-no" else "nurture"}},
        SILENCE,
    )


def of_message(path: Path) -> Iterator[Mutation]:
    """A message without a line of its head or of its body, with another subject, and gone."""
    name, text = str(path.relative_to(TOP)), path.read_text("utf-8")
    _, head, body = text.split("---\n", 2)
    near = tuple(step["id"] for cadence in CADENCES for step in data_of(cadence)["steps"] if path.stem in step.values())
    if not near:  # no cadence of the starter set uses it
        return
    yield Mutation(f"{path.stem}: gone", name, None)
    yield Mutation(f"{path.stem}: another subject", name, re.sub(r"(?m)^(subject|title): (['\"])", r"\1: \2X ", text), near)
    for line in [each for each in head.splitlines() if each.startswith("preheader")]:
        yield Mutation(f"{path.stem}: without its preheader", name, text.replace(line + "\n", ""), near)
    for number, line in enumerate(body.splitlines()):
        if line.strip(" >"):
            rest = [each for place, each in enumerate(body.splitlines()) if place != number]
            yield Mutation(
                f"{path.stem}: without line {number + 1}, {line[:40]}", name, f"---\n{head}---\n" + "\n".join(rest) + "\n", near
            )


def of_item(path: Path) -> Iterator[Mutation]:
    """A content item without its topics, with another title, address or source, on the other side, expired, and gone."""
    name, text = str(path.relative_to(TOP)), path.read_text("utf-8")
    yield Mutation(f"{path.stem}: gone", name, None)
    changes = {
        "another title": (r'(?m)^title: "', 'title: "X '),
        "another address": (r"(?m)^url: (.*)$", r"url: \1/x"),
        "another source": (r'(?m)^source: "', 'source: "X '),
        "no topics": (r"(?m)^topics: .*$", "topics: [knitting]"),
        "of the other side": (r"(?m)^ours: (true|false)$", lambda found: f"ours: {'false' if found[1] == 'true' else 'true'}"),
        "expired": (
            r"(?m)^minutes:|^result:",
            "expires: 2026-01-01\nminutes:" if "minutes:" in text else "expires: 2026-01-01\nresult:",
        ),
        "another text": (r"(?s)---\n([^-].*)\Z", "---\nSomething else.\n"),
    }
    for label, (pattern, instead) in changes.items():
        changed_text = re.sub(pattern, instead, text)
        assert changed_text != text
        yield Mutation(f"{path.stem}: {label}", name, changed_text, (path.stem,))


MUTATIONS = [
    *(mutation for path in CADENCES for mutation in of_cadence(path)),
    *(mutation for path in TEMPLATES for mutation in of_message(path)),
    *(mutation for path in ITEMS for mutation in of_item(path)),
]


# -- playing the tests on it ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace as `init` writes it, read."""
    folder = tmp_path_factory.mktemp("whole") / "workspace"
    assert enter(["init", str(folder)]) == 0
    found = load_workspace(folder / "config.yaml", channels=CHANNELS, environ=os.environ, scope=SCOPE)
    assert found.problems == ()
    return found


@pytest.fixture(scope="module")
def files(whole: Workspace) -> list[CaseFile]:
    """Its tests, which nothing here breaks: read once."""
    found, problems = read_files(whole)
    assert problems == []
    return found


def likely_first(cases: list[Case], mutation: Mutation) -> list[Case]:
    """The cases that may see it; first those that say most about what was broken, and of those the short ones."""

    def rank(case: Case) -> tuple[int, float]:
        words = {word for word in mutation.near if word in case.name or word == case.columns.get("start_step")}
        said = sum(1 + len(entry.said) for entry in case.diary if {str(entry.value), entry.said.get("item")} & set(mutation.near))
        return -said - 3 * len(words), (case.end - case.start).total_seconds()

    return sorted((case for case in cases if mutation.concerns(case)), key=rank)


def first_failure(whole: Workspace, files: list[CaseFile], mutation: Mutation) -> str:
    """What `followupd test` would say first of the broken workspace; nothing where all is well. It is mended afterwards."""
    path = whole.base / mutation.path
    before = path.read_bytes()
    try:
        if mutation.text is None:
            path.unlink()
        else:
            path.write_text(mutation.text, "utf-8")
        return _first_failure(reload(whole), files, mutation)
    finally:
        path.write_bytes(before)


def _first_failure(broken: Workspace, files: list[CaseFile], mutation: Mutation) -> str:
    if problems := misfits(broken, files):
        return str(min(problems))
    cases = likely_first([case for file in files for case in file.cases], mutation)
    return next((f"{case.path}: {case.name}" for case in cases if not result_of(broken, case).fine), "")


def reason_of(name: str) -> str:
    """Why a change is none."""
    return next((reason for pattern, reason in EQUIVALENT.items() if re.fullmatch(pattern, name)), "")


BREAKING = [one for one in MUTATIONS if not reason_of(one.name)]
SHARE = int(os.environ.get("FOLLOWUPD_MUTATIONS", "2"))
"""One in so many is played; 1 for all of them. The suite has fifteen minutes on two cores."""


@pytest.mark.parametrize(
    "mutation",
    [pytest.param(one, id=one.name) for one in BREAKING[::SHARE]],
)
def test_what_is_broken_is_seen(mutation: Mutation, whole: Workspace, files: list[CaseFile]) -> None:
    """A broken starter set fails at least one of its own tests."""
    assert first_failure(whole, files, mutation)


def test_every_reason_is_still_needed() -> None:
    """No reason stands in EQUIVALENT for a change that nobody makes."""
    names = [mutation.name for mutation in MUTATIONS]
    assert [pattern for pattern in EQUIVALENT if not any(re.fullmatch(pattern, name) for name in names)] == []
