"""The rules about messages and content items: which words, how many, and what stands behind a claim.

Decides where a text leaves the craft; each function finds the places of one rule. What a rule is called, and why it is one,
stands in `rules.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from followupd.files.edition import base_of
from followupd.files.lint.phrases import EMPTY, OURS, PRESSURE, SHORTENERS, YOURS, Phrases
from followupd.files.lint.view import LONGEST_MESSAGE, Item, Message, View
from followupd.files.problems import Problem, shown

LONGEST_SUBJECT = 60
VALUE = 8
"""So many characters a value in a subject is taken to have."""

# -- words ---------------------------------------------------------------------------------------


def empty_words(view: View) -> Iterator[Problem]:
    """Words that say nothing but "answer me"."""
    yield from _found(view, EMPTY, "brings nothing; say what is new for them, or send nothing")


def pressure(view: View) -> Iterator[Problem]:
    """Words that hurry, blame or frighten."""
    yield from _found(view, PRESSURE, "puts them under pressure; make it easy to say no instead")


def _found(view: View, phrases: Phrases, what: str) -> Iterator[Problem]:
    for message in view.messages.values():
        for piece, text in message.pieces.items():
            for offset, typed in phrases.find(text, message.words[piece]):
                yield message.problem(piece, offset, f'"{shown(typed)}" {what}')


def about_us(view: View) -> Iterator[Problem]:
    """A message that speaks more of us than of them."""
    for message in _mails(view):
        words = re.findall(r"[^\W\d_]+(?:['’]\w+)?", message.pieces["body"].casefold().replace("’", "'"))
        ours, yours = sum(word in OURS for word in words), sum(word in YOURS for word in words)
        if ours >= 5 and ours > yours:
            text = f'it says "we" and "our" {ours} times and "you" and "your" {yours} times; write about them'
            yield message.problem("body", 0, text)


def long_message(view: View) -> Iterator[Problem]:
    """A message that nobody reads to its end."""
    blurb = max((len(each.item.body.split()) for each in view.items), default=30)
    for message in _mails(view):
        count = message.longest(blurb)
        if count > LONGEST_MESSAGE:
            with_item = " with the longest content item in it" if "pick.body" in message.text else ""
            yield message.problem("body", 0, f"up to {count} words{with_item}; write at most {LONGEST_MESSAGE}")


# -- subjects ------------------------------------------------------------------------------------


def long_subject(view: View) -> Iterator[Problem]:
    """A subject that is cut off in the list of mails."""
    for message in _mails(view):
        count = len(
            " ".join(re.sub(r"\{\{.*?\}\}", "x" * VALUE, re.sub(r"\{[%#].*?[%#]\}", "", message.template.subject)).split())
        )
        if count > LONGEST_SUBJECT and "{%" not in message.template.subject:
            yield message.problem("subject", 0, f"the subject has about {count} characters; write at most {LONGEST_SUBJECT}")


def loud_subject(view: View) -> Iterator[Problem]:
    """A subject that shouts."""
    for message in _mails(view):
        subject = message.pieces["subject"]
        capitals = [word for word in re.findall(r"[^\W\d_]{3,}", subject) if word.isupper()]
        letters = [letter for letter in subject if letter.isalpha()]
        if subject.count("!") + subject.count("！") > 1 or (
            len(capitals) > 1 and sum(letter.isupper() for letter in letters) > 0.6 * len(letters)
        ):
            yield message.problem("subject", 0, "the subject shouts; write it in small letters, with one ! at most")


_REPLY = re.compile(r"\s*(re|fw|fwd|aw|wg|sv|vs|vb|antw|tr|rv|res|enc|odp|pd|ynt|ilt)\s*:", re.IGNORECASE)


def fake_reply(view: View) -> Iterator[Problem]:
    """A subject that pretends to answer. followupd writes "Re:" itself where a mail does continue a conversation."""
    for message in _mails(view):
        found = _REPLY.match(message.pieces["subject"])
        if found:
            text = (
                f'"{found.group().strip()}" pretends to be an answer; leave it out, a mail in the same thread gets it by itself'
            )
            yield message.problem("subject", found.start(1), text)


# -- what stands behind it -----------------------------------------------------------------------


def short_link(view: View) -> Iterator[Problem]:
    """A link that hides where it leads."""
    yield from _other_target(view)
    hosts = re.compile(rf"https?://(?:www\.)?({'|'.join(map(re.escape, SHORTENERS))})(?=[/\s)\]>\"]|$)", re.IGNORECASE)
    for message in view.messages.values():
        for found in hosts.finditer(message.template.body) if "://" in message.template.body else ():
            yield message.problem("body", found.start(), f"{found[1]} hides where the link leads; write the address itself")
    for each in view.items:
        if host := hosts.match(each.item.url):
            yield each.document.problem(("url",), f"{host[1]} hides where the link leads; write the address itself")


_NAMED_LINK = re.compile(
    r"\[(?=https?://|www\.|[a-z0-9.-]{1,100}\.(?:com|org|net|io|co|eu|de|fr|es|it|nl|uk)\b)(?:https?://)?(?:www\.)?([a-z0-9.-]{1,200})[^\]\n]{0,200}\]"
    r"\(<?https?://(?:www\.)?([a-z0-9.-]{1,200})",
    re.IGNORECASE,
)


def _other_target(view: View) -> Iterator[Problem]:
    """A link whose words are one address and whose target is another: what filters take for a trick."""
    for message in view.messages.values():
        for found in _NAMED_LINK.finditer(message.template.body) if "](" in message.template.body else ():
            named, target = found[1].lower(), found[2].lower()
            if named != target:
                text = f"the words say {shown(named)}, but the link leads to {shown(target)}; write the same address twice"
                yield message.problem("body", found.start(), text)


def result_without_proof(view: View) -> Iterator[Problem]:
    """A claim that nobody can check: a result needs its figure and its source."""
    for message in _result_messages(view):
        parts, text = message.parts("pick"), message.pieces["body"]
        if not parts & {"result", "body", "title"} and not re.search(r"\d", text):
            yield message.problem("body", 0, "a result without a figure; write {{ pick.result }}, or the figure itself")
        elif not parts & {"source", "url"} and "://" not in message.template.body:
            yield message.problem("body", 0, "a result without its source; write {{ pick.source }}, or link to it")
    for each in view.items:
        if each.item.ours and not re.search(r"\d", f"{each.item.result} {each.item.title} {each.item.body}"):
            yield each.document.problem(
                ("ours",), "it is ours but holds no figure; add result: with what was measured, before and after"
            )
        elif each.item.ours and not each.item.source:
            yield each.document.problem(("ours",), "it is ours but names no source; add source: with who measured it")


def _result_messages(view: View) -> Iterator[Message]:
    """Messages that go with an item of ours, and those that speak of a result."""
    found: dict[str, Message] = {}
    for draft in view.drafts:
        for step in view.mails(draft):
            if (step.fields.get("pick") or {}).get("ours") is True:
                found |= {message.path: message for message in view.versions(draft, step)}
    yield from found.values()
    for message in _mails(view):
        if message.path not in found and "result" in message.parts("pick"):
            yield message


# -- what lies about -----------------------------------------------------------------------------

SOON = timedelta(days=30)


def expiring_item(view: View) -> Iterator[Problem]:
    """An item that is not chosen any more, or soon won't be."""
    for each in view.items if view.today else ():
        expires, today = each.item.expires, view.today
        if expires is not None and today is not None and expires < today + SOON:
            text = (
                f"was out of date after {expires}"
                if expires < today
                else f"is out of date after {expires}, in {(expires - today).days} days"
            )
            yield each.document.problem(("expires",), f"{text}; renew it, or take it off the shelf")


def unpicked_item(view: View) -> Iterator[Problem]:
    """An item that no step can pick."""
    picks = [step.fields["pick"] for draft in view.drafts for step in draft.cadence.steps if step.fields.get("pick")]
    for each in view.items if view.whole else ():
        if not any(_fits(each, pick) for pick in picks):
            what = "ours: true" if each.item.ours else "ours: false"
            text = f"no step can pick it ({what}{'' if each.item.topics else ', no topics'}); add its topics, a step for it, or take it out"
            yield each.problem("title", 0, text)


def _fits(each: Item, pick: dict[str, object]) -> bool:
    return pick.get("ours") in {None, each.item.ours} and bool(each.item.topics or not pick.get("match"))


def unused_template(view: View) -> Iterator[Problem]:
    """A message that no cadence uses. Task notes are a stock to choose from."""
    for name, message in view.messages.items() if view.whole and view.drafts else ():
        if not message.template.task and base_of(name) not in view.used:
            yield message.problem("subject", 0, "no cadence uses this message; name it in a step, or delete it")


def _mails(view: View) -> Iterator[Message]:
    return (message for message in view.messages.values() if not message.template.task)
