"""The rules about whole cadences: how many touches, in which rhythm, what each brings, and how it ends.

Decides where a cadence leaves the craft; each function finds the places of one rule. What a rule is called, and why it is
one, stands in `rules.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

from followupd.core import when
from followupd.core.answers import effect_of
from followupd.core.model import NURTURE, THANKS, ReplyKind, Step, Thread
from followupd.files.cadence import Draft
from followupd.files.lint.view import View
from followupd.files.problems import Problem

FEWEST, MOST = 5, 12

# -- touches -------------------------------------------------------------------------------------


def few_touches(view: View) -> Iterator[Problem]:
    """A cadence that gives up early."""
    for draft in view.drafts:
        count = len(draft.cadence.steps)
        if count < FEWEST:
            said = "1 touch" if count == 1 else f"{count} touches"
            yield draft.document.problem(("steps",), f"{said}; write at least {FEWEST}, each with something to bring")


def many_touches(view: View) -> Iterator[Problem]:
    """A cadence that does not let go."""
    for draft in view.drafts:
        count = len(draft.cadence.steps)
        if count > MOST:
            yield draft.document.problem(("steps", MOST), f"this is touch {MOST + 1} of {count}; stop after {MOST} at the latest")


def one_channel(view: View) -> Iterator[Problem]:
    """A cadence of nothing but mails, or of one and the same task."""
    for draft in view.drafts:
        ways = {
            (step.channel, step.template if view.workspace.channels[step.channel].task else "") for step in draft.cadence.steps
        }
        if len(ways) == 1 and len(draft.cadence.steps) > 1:
            yield draft.document.problem(
                ("steps",), f"every touch is {ways.pop()[0]}; mix in a task such as a call or a card by hand"
            )


def no_brings(view: View) -> Iterator[Problem]:
    """A touch for the sake of touching."""
    for draft in view.drafts:
        for step in draft.cadence.steps:
            if not step.brings:
                place = ("steps", step.position)
                yield draft.document.problem(place, f'step {step.id} does not say what it brings; add "brings: ...", or drop it')


def no_learn(view: View) -> Iterator[Problem]:
    """A cadence after which nobody knows more."""
    for draft in view.drafts:
        if not any(step.learn for step in draft.cadence.steps):
            yield draft.document.problem(("steps",), 'no step says what we hope to learn; add "learn: ..." to at least one')


def asks_in_a_row(view: View) -> Iterator[Problem]:
    """Two messages after one another that want something and bring nothing."""
    for draft in view.drafts:
        before: Step | None = None
        for step in draft.cadence.steps:
            mail = not view.workspace.channels[step.channel].task
            if step.brings or step.fields.get("pick"):
                before = None
            elif mail and any(message.asks for message in view.versions(draft, step)):
                if before is not None:
                    text = f"step {step.id} asks, as {before.id} did, and neither brings anything; give something in between"
                    yield draft.document.problem(("steps", step.position), text)
                before = step
            elif mail:
                before = None


# -- rhythm --------------------------------------------------------------------------------------

_DAYS = {"s": 1 / 86_400, "m": 1 / 1440, "h": 1 / 24, "d": 1, "w": 7, "bd": 7 / 5}


def _days(duration: str) -> float:
    delay = when.parse_delay(duration)
    return delay.amount * _DAYS[delay.unit]


def shrinking_gaps(view: View) -> Iterator[Problem]:
    """Messages that come faster and faster. Touches of the same day count as one; what nobody waits for sets no rhythm."""
    for draft in view.drafts:
        before = ""
        for step in draft.cadence.steps:
            if not step.wait or _days(step.after) < 1:
                continue
            if step.since != "previous":
                before = ""
            elif before and _days(step.after) < _days(before) - 0.5:
                text = f"comes {step.after} after the step before, which itself waited {before}; let the gaps grow"
                yield draft.document.problem(("steps", step.position, "after"), text)
                before = step.after
            else:
                before = step.after


def overtaken_deadline(view: View) -> Iterator[Problem]:
    """A task that may still be open when the next message leaves: the card comes after the mail that follows it."""
    for draft in view.drafts:
        for step, following in zip(draft.cadence.steps, draft.cadence.steps[1:], strict=False):
            # A step that nobody waits for and the one behind it count from the same moment.
            if step.wait or not step.within or step.since != "previous" or following.since != "previous":
                continue
            if _days(step.within) > _days(following.after):
                text = (
                    f"may be done as late as {step.within}, but {following.id} comes after {following.after} already; shorten it"
                )
                yield draft.document.problem(("steps", step.position, "within"), text)


# -- giving --------------------------------------------------------------------------------------


def ours_first(view: View) -> Iterator[Problem]:
    """Something about us before anything that helps them."""
    quiet = _quiet(view)
    for draft in view.drafts:
        if draft.cadence.name in quiet:
            continue  # there nothing of ours has a place at all
        picks = [step for step in draft.cadence.steps if step.fields.get("pick")]
        if picks and picks[0].fields["pick"].get("ours") is True and not draft.cadence.limits.give_first:
            place = ("steps", picks[0].position, "pick")
            yield draft.document.problem(place, "the first item that they get is about us; pick one with ours: false before it")


def first_mail_links(view: View) -> Iterator[Problem]:
    """A first mail that looks like an advertisement."""
    for draft in view.drafts:
        for step in view.mails(draft)[:1]:
            count = max((len(message.links()) for message in view.versions(draft, step)), default=0)
            if count > 1:
                text = f"the first mail holds {count} links; keep one, or none"
                yield draft.document.problem(("steps", step.position, step.channel), text)


# -- the end, and the no -------------------------------------------------------------------------


def no_goodbye(view: View) -> Iterator[Problem]:
    """A cadence that just falls silent: none of its last two mails makes it easy to say no."""
    for draft in view.drafts:
        last = view.mails(draft)[-2:]
        if last and not any(_easy_to_say_no(view, draft, step) for step in last):
            text = f"the end, step {last[-1].id}, does not make it easy to say no; add doors: [yes, later, no], or a goodbye with thread: new"
            yield draft.document.problem(("steps", last[-1].position), text)


def _easy_to_say_no(view: View, draft: Draft, step: Step) -> bool:
    if "no" in step.fields.get("doors", ()):
        return True
    return step.thread == Thread.NEW and any(message.lets_say_no for message in view.versions(draft, step))


def _after(view: View, draft: Draft, kind: ReplyKind) -> str | None:
    known = frozenset(each.cadence.name for each in view.drafts)
    return effect_of(draft.cadence, kind, known).enroll


def no_after_the_no(view: View) -> Iterator[Problem]:
    """A workspace in which nobody is thanked for a no."""
    answered = any(
        _after(view, draft, ReplyKind.NO) or effect_of(draft.cadence, ReplyKind.NO, frozenset()).send for draft in view.drafts
    )
    if view.drafts and view.whole and not answered:
        text = "nothing follows a no; write a cadence after-the-no that thanks for it, or name one under replies: {no: {enroll: ...}}"
        yield Problem(view.config_path, 1, 1, text)


def _quiet(view: View) -> set[str]:
    """The cadences that sell nothing: those that follow a no, and those whose role says so."""
    after = {_after(view, draft, ReplyKind.NO) for draft in view.drafts}
    return {draft.cadence.name for draft in view.drafts if draft.cadence.name in after or draft.cadence.role in (THANKS, NURTURE)}


def asks_after_no(view: View) -> Iterator[Problem]:
    """A thank-you for a no that still wants something; or a useful read that does. A question whose answer is kept may be asked."""
    names = _quiet(view)
    for draft in view.drafts:
        mails = view.mails(draft) if draft.cadence.name in names else []
        for step in mails if draft.cadence.role in (THANKS, NURTURE) else mails[:1]:
            if step.keep is None and any(message.asks for message in view.versions(draft, step)):
                text = f"step {step.id} answers a no with a request; thank them, and ask for nothing"
                yield draft.document.problem(("steps", step.position, step.channel), text)


def ours_after_no(view: View) -> Iterator[Problem]:
    """Something of ours for somebody who has said no, or nothing."""
    names = _quiet(view)
    for draft in view.drafts:
        for step in draft.cadence.steps if draft.cadence.name in names else ():
            pick = step.fields.get("pick")
            if pick and pick.get("ours") is not False:
                text = f"step {step.id} may bring something of ours, and they have not asked for it; write ours: false"
                yield draft.document.problem(("steps", step.position, "pick"), text)


_LEADS_ON = (
    ReplyKind.NO,
    ReplyKind.LATER,
    ReplyKind.UNCLEAR,
    ReplyKind.OUT_OF_OFFICE,
    ReplyKind.AUTO_REPLY,
    ReplyKind.BOUNCE_SOFT,
)
"""Answers after which nobody has said that they want more."""


def endless_circle(view: View) -> Iterator[Problem]:
    """Cadences that hand a person on to each other for ever. One that takes nobody twice (without `again`) breaks the circle."""
    drafts = {draft.cadence.name: draft for draft in view.drafts if draft.cadence.again}
    follow = {name: _following(view, draft) & drafts.keys() for name, draft in drafts.items()}
    told: set[str] = set()
    for name, draft in sorted(drafts.items()):
        circle = _way(follow, name)
        if circle and not told & set(circle):
            told |= set(circle)
            text = (
                f'{" -> ".join([*circle, name])} goes on for ever without a yes; take "again" out of one, or give one another end'
            )
            yield draft.document.problem(("again",), text)


def _following(view: View, draft: Draft) -> set[str]:
    found = {_after(view, draft, kind) for kind in _LEADS_ON} | {draft.cadence.end_enroll}
    return {name for name in found if name}


def _way(follow: dict[str, set[str]], start: str) -> list[str]:
    """A shortest way from a cadence back to itself, or nothing."""
    ways, seen = [[start]], set()
    while ways:
        way = ways.pop(0)
        for name in sorted(follow.get(way[-1], ())):
            if name == start:
                return way
            if name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []
