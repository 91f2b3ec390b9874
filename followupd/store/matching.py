"""Whom a received mail belongs to, and all that judging it needs to know of them.

Decides which key wins where a mail has several: the Message-ID of a mail of ours before a token, these before addresses. Writes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from followupd.core.model import Enrollment, EnrollmentState, Match, Prospect, ReplyKind, Touch
from followupd.core.outbound import OWN_ID
from followupd.store import rows, schema
from followupd.store.prepared import Prepared, Row, among, by_index
from followupd.store.writing import UNSETTLED

MOST_NAMES = 200
"""Message-IDs that are looked up of one mail."""


def match(
    connection: sa.Connection,
    ids: Sequence[str],
    addresses: Sequence[str],
    mailbox: str,
    fingerprint: str,
    token: str = "",
    company: str = "",
    subject: str = "",
) -> Match | None:
    """Whom a mail belongs to; the first key that fits, of thread, token, address, alias, and company with subject."""
    by_index(connection)
    few = list(ids)[:MOST_NAMES]
    if found := [*_NAMED.rows(connection, ids=few), *_own(connection, few, _OWN)] if few else ():
        order = {name: number for number, name in reversed(list(enumerate(ids)))}
        return _of_touch(connection, "thread", min(found, key=lambda row: order[row[0]])[1:], mailbox, fingerprint)
    if found := _TOKEN.rows(connection, token=token) if token else ():
        return _of_touch(connection, "token", found[0], mailbox, fingerprint)
    given: dict[str, Any] = {"addresses": list(addresses), "mailbox": mailbox}
    keys = [("address", _ADDRESS, given), ("alias", _ALIAS, given)] if addresses else []
    if company and subject:
        subjects = [subject.lower(), f"re: {subject.lower()}"]
        keys.append(("company", _COMPANY, {"mailbox": mailbox, "company": f"%@{company}", "subjects": subjects}))
    for key, question, more in keys:
        if found := question.rows(connection, **more):
            return _matched(connection, key, rows.made(Enrollment, found[0]), None, mailbox, fingerprint)
    return None


def concerned(connection: sa.Connection, ids: Sequence[str], addresses: Sequence[str]) -> frozenset[str]:
    """Which of these Message-IDs are those of mails of ours, and which of these addresses are of people we write to, or have written for them."""
    by_index(connection)
    found = [] if not ids else [*_KNOWN_IDS.rows(connection, ids=list(ids)), *_own(connection, ids, _KNOWN_OWN)]
    found += [] if not addresses else _KNOWN_ADDRESSES.rows(connection, addresses=list(addresses))
    return frozenset(row[0] for row in found)


def anything(connection: sa.Connection) -> str:
    """The Message-ID of some mail of ours, whichever is at hand; "" where there is none."""
    found = _ANYTHING.rows(connection)
    return str(found[0][0] or "") if found else ""


def _own(connection: sa.Connection, ids: Sequence[str], question: Prepared) -> Sequence[Row]:
    """Our own names say of which touch they are: no list of them is kept."""
    touches = [ours[1] for name in ids if (ours := OWN_ID.fullmatch(name))]
    return question.rows(connection, touches=touches, ids=list(ids)) if touches else ()


def first_enrollments(connection: sa.Connection, addresses: Sequence[str]) -> dict[str, datetime]:
    """When people were enrolled for the first time: no mail of theirs from before that can be about ours."""
    return dict(_FIRSTS.rows(connection, addresses=list(addresses)))


def _of_touch(connection: sa.Connection, key: str, both: Row, mailbox: str, fingerprint: str) -> Match:
    size = len(rows.names(Touch))
    touch, enrollment = rows.made(Touch, both[:size]), rows.made(Enrollment, both[size:])
    return _matched(connection, key, enrollment, touch, mailbox, fingerprint)


def _matched(
    connection: sa.Connection, key: str, enrollment: Enrollment, touch: Touch | None, mailbox: str, fingerprint: str
) -> Match:
    address = enrollment.address
    since, soft, known, *person = _PERSON.one(
        connection,
        prospect=enrollment.prospect,
        enrollment=enrollment.id,
        address=address,
        mailbox=mailbox,
        fingerprint=fingerprint,
    )
    asked = _ASKED.rows(connection, touch=touch.id) if touch else _LAST_ASKED.rows(connection, enrollment=enrollment.id)
    text, subject, asked_touch = asked[0] if asked else ("", "", "")
    return Match(
        key=key, enrollment=enrollment, prospect=rows.made(Prospect, person), touch=touch, since=since,
        open=tuple(rows.made(Enrollment, row) for row in _OPEN.rows(connection, address=address)),
        touches=tuple(rows.made(Touch, row) for row in _UNSETTLED.rows(connection, address=address)),
        asked=text, asked_subject=subject, asked_touch=asked_touch, soft_bounces=soft, known=known,
    )  # fmt: skip


def handed_over(address: Any, mailbox: Any) -> Any:
    """Somebody has gone to or from this mailbox: they may answer here or there."""
    h = schema.handover.c
    return sa.exists(sa.select(1).where(h.address == address, sa.or_(h.giver == mailbox, h.taker == mailbox)))


def touches_in(enrollment: Any) -> Any:
    """The touches of an enrollment: what was sent in it is found by them."""
    return sa.select(schema.touch.c.id).where(schema.touch.c.enrollment == enrollment).correlate_except(schema.touch)


# -- the questions -------------------------------------------------------------------------------


def _questions() -> tuple[Prepared, ...]:
    t, e, r, m, alias = schema.touch.c, schema.enrollment.c, schema.reply.c, schema.mail.c, schema.mail_alias.c
    given, finished = sa.bindparam, EnrollmentState.FINISHED.value
    both = (*rows.columns(Touch), *rows.columns(Enrollment))
    named = (
        sa.select(alias.id, *both).join(schema.touch, t.id == alias.touch).join(schema.enrollment, e.id == t.enrollment)
        .where(among(alias.id, "ids"))
    )  # fmt: skip
    ours = (among(t.id, "touches"), among(t.message_id, "ids"))
    own = sa.select(t.message_id, *both).join(schema.enrollment, e.id == t.enrollment).where(*ours)
    token = sa.select(*both).join(schema.enrollment, e.id == t.enrollment).where(t.id == given("token"))
    mine = sa.or_(e.mailbox == given("mailbox"), handed_over(e.address, given("mailbox")))

    def latest(fits: Any) -> Prepared:
        return Prepared(rows.select(Enrollment).where(fits, mine).order_by(e.state == finished, e.started.desc()).limit(1))

    same_subject = sa.select(sa.literal(1)).where(m.touch.in_(touches_in(e.id)), among(sa.func.lower(m.subject), "subjects"))
    person = sa.select(
        sa.select(sa.func.min(e.started)).where(e.address == given("address")).scalar_subquery().label("since"),
        sa.select(sa.func.count()).where(r.enrollment == given("enrollment"), r.kind == ReplyKind.BOUNCE_SOFT.value).scalar_subquery().label("soft"),
        sa.exists(sa.select(r.id).where(r.mailbox == given("mailbox"), r.fingerprint == given("fingerprint"))).label("known"),
        *rows.columns(Prospect),
    ).where(schema.prospect.c.id == given("prospect"))  # fmt: skip
    going = (e.address == given("address"), e.state != finished)
    unsettled = rows.select(Touch).join(schema.enrollment, e.id == t.enrollment).where(*going, t.state.in_(UNSETTLED))
    asked = sa.select(m.text, m.subject, m.touch)
    # Not with its touch: all touches might be gone through before one is found that has a mail.
    anything = sa.select(m.message_id).limit(1)
    return (
        Prepared(anything), Prepared(named), Prepared(own), Prepared(sa.select(t.message_id).where(*ours)), Prepared(token), latest(among(e.address, "addresses")),
        latest(e.id.in_(sa.select(r.enrollment).where(among(r.address, "addresses"), schema.KNOWN_WRITER))),
        latest(sa.and_(e.address.like(given("company")), sa.exists(same_subject))),
        Prepared(person), Prepared(rows.select(Enrollment).where(*going).order_by(e.started)), Prepared(unsettled),
        Prepared(asked.where(m.touch == given("touch"))), Prepared(asked.where(m.touch.in_(touches_in(given("enrollment")))).order_by(m.gated.desc()).limit(1)),
        Prepared(sa.select(e.address, sa.func.min(e.started)).where(among(e.address, "addresses")).group_by(e.address)),
        Prepared(sa.select(alias.id).where(among(alias.id, "ids"))),
        Prepared(sa.union(sa.select(e.address).where(among(e.address, "addresses")), sa.select(r.address).where(among(r.address, "addresses"), schema.KNOWN_WRITER))),
    )  # fmt: skip


(
    _ANYTHING, _NAMED, _OWN, _KNOWN_OWN, _TOKEN, _ADDRESS, _ALIAS, _COMPANY, _PERSON, _OPEN, _UNSETTLED, _ASKED, _LAST_ASKED, _FIRSTS, _KNOWN_IDS, _KNOWN_ADDRESSES,
) = _questions()  # fmt: skip
