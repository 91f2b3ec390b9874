"""The content shelf: `content/*.md`, front matter and a blurb.

Decides what an item may say. Which one fits a prospect is `core/shelf.py`'s.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator, Field

from followupd.core.shelf import ContentItem
from followupd.files import language, meant, templates, tongues, yaml_text
from followupd.files.problems import Problem
from followupd.files.validation import validate
from followupd.files.values import Filled, Line, Name, OneOrMany, Part, Shape

__all__ = ["ContentItem", "needs_of", "parse_item"]


def _day(value: str) -> str:
    return meant.read(_is_day, value, meant.date)


def _is_day(value: str) -> str:
    found = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", value)
    if not found:
        raise ValueError("write a date such as 2027-03-31")
    year, month, day = (int(part) for part in found.groups())
    if not 1 <= month <= 12:
        raise ValueError(f"there is no month {month}; write a date such as 2027-03-31")
    try:
        date(year, month, day)
    except ValueError:
        raise ValueError(f"there is no day {day} in that month; write a date such as 2027-03-31") from None
    return value


def _web_address(value: str) -> str:
    if value and not re.fullmatch(r"https?://[^\s<>\"]{1,2000}", value):
        whole = f"https://{value}"
        such = f'write "{whole}"' if re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+(/[^\s<>\"]{0,100})?", value) else ""
        raise ValueError(such or 'write an address that begins with "https://", without spaces')
    return value


def _language(value: str) -> str:
    found = tongues.tag(value)
    if found is None:
        raise ValueError('write a language such as "de" or "pt-br"')
    return found


_URL_SHAPE = Shape(r"^(https?://[^\s<>\"]{1,2000})?$", 'write an address that begins with "https://"', type="string")
_DAY_SHAPE = Shape("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "write a date such as 2027-03-31", type="string")


class ItemHead(Part):
    """The front matter of a content item."""

    title: Filled
    """Its title, as messages name it."""
    url: Annotated[Line, AfterValidator(_web_address), _URL_SHAPE] = ""
    """Where it is found; begins with https://."""
    topics: OneOrMany[Filled] = ()
    """What it is about; they meet the words of a row."""
    ours: bool = False
    """Whether it is about us."""
    source: Line = ""
    """Where it is from, where it is not ours."""
    result: Line = ""
    """One measured result, in a sentence."""
    expires: Annotated[Line, AfterValidator(_day), _DAY_SHAPE] | None = None
    """The last day on which it may be sent, such as 2027-03-31."""
    minutes: Annotated[int, Field(ge=1, le=600)] | None = None
    """How long it takes to read."""
    language: Annotated[Line, AfterValidator(_language)] | None = None
    """Only for prospects of this language; left out: for everybody."""
    allow: dict[Name, Filled] = {}  # noqa: RUF012  (a field of a frozen model, copied by pydantic)
    """Rules of the craft that this item may break, each with the reason."""


def parse_item(text: str, path: str, name: str) -> tuple[ContentItem | None, list[Problem]]:
    """The item, or every problem of it."""
    problems = yaml_text.unseen(text, path)
    if problems:
        return None, problems
    matter, problems = templates.split(text, path, "title")
    if matter is None:
        return None, problems
    document, problems = yaml_text.read(matter.head, path, first_line=2, begin='"title:"')
    if document is None:
        return None, problems
    head, problems = validate(document, ItemHead)
    problems = sorted({*problems, *_about_ours(head, document)})
    if head is None or problems:
        return None, problems
    return _made(head, name, matter.body), []


def _about_ours(head: ItemHead | None, document: yaml_text.Document) -> Iterator[Problem]:
    if head is not None and not head.ours and not head.source and not head.url:
        yield document.problem((), 'needs "url" or "source": what is not ours must say where it is from')


def _made(head: ItemHead, name: str, body: str) -> ContentItem:
    return ContentItem(
        name=name,
        title=head.title,
        body=body.strip(),
        url=head.url,
        topics=head.topics,
        ours=head.ours,
        source=head.source,
        result=head.result,
        expires=date.fromisoformat(head.expires) if head.expires else None,
        minutes=head.minutes,
        language=head.language or "",
    )


def needs_of(template: templates.Template) -> frozenset[str]:
    """The parts of an item that a message can't do without."""
    return _needs(tuple(template.sources))


@lru_cache(maxsize=4096)
def _needs(sources: tuple[str, ...]) -> frozenset[str]:
    return frozenset(part for source in sources for part in language.fields(source, "pick"))
