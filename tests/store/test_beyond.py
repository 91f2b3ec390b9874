"""What the store says beyond one person, on both databases: colleagues, old noes, referrals, and who has gone to another mailbox."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from followupd.core import handover
from followupd.core.handover import Belongings
from followupd.core.model import Change, CompanyWord, EnrollmentState, Outcome, ReplyKind
from followupd.store import Store
from tests.store.made import NOW, prospect, reply
from tests.store.test_contract import accepted, claim, claimed, enroll, gate, move

DAY = timedelta(days=1)
WORD = CompanyWord(
    id="w", company="ann.example", address="boss@ann.example", outcome=Outcome.NO, words="No.", at=NOW, until=NOW + 30 * DAY, reply="r"
)  # fmt: skip


def test_a_word_between_claim_and_gate(store: Store) -> None:
    """A colleague's word holds at the claim and at the gate, until it is over, or a human has let this person go on since."""
    (one,) = claimed(store, "ann")
    assert one.colleague is None
    store.apply_one(Change(company_words=(WORD,)))
    store.apply_one(Change(company_words=(replace(WORD, words="twice does no harm"),)))
    assert not gate(store, one)
    assert [word.words for word in store.company_words(NOW - DAY)] == ["No."]
    assert store.histories(["bob@mail.ann.example", "bob@bob.example"])["bob@mail.ann.example"].company == (WORD,)
    assert [found.address for found in store.colleagues("ann.example")] == ["ann@ann.example"]
    store.apply_one(Change(touches=(replace(one.touch, state="scheduled", token=""),)))  # type: ignore[arg-type]
    (again,) = claim(store)
    assert again.colleague == WORD.until
    move(store, one.enrollment, waived=NOW + DAY)
    assert gate(store, replace(again, enrollment=replace(again.enrollment, waived=NOW + DAY)))


def test_who_has_gone_to_another_mailbox(store: Store) -> None:
    """Whoever was handed over is found by their address in either mailbox, is claimed for the new one, and says once who took over."""
    (one,) = claimed(store, "ann")
    accepted(store, one)
    enroll(store, "bob")
    assert store.match((), ["ann@ann.example"], "lee", "f") is None
    assert store.belonging("dana") == ("ann@ann.example", "bob@bob.example")
    enrollment, person, touches = store.with_touches(store.person("ann@ann.example")[1][0])
    record = handover.handover_of("ann@ann.example", "dana", "lee", "Dana Reyes", NOW + DAY, "ops", NOW + 9 * DAY)
    store.apply_one(handover.moved(Belongings(prospect=person, enrollments=(enrollment,), touches=touches), record, NOW + DAY))
    assert (store.belonging("dana"), store.belonging("lee")) == (("bob@bob.example",), ("ann@ann.example",))
    for box in ("dana", "lee"):
        found = store.match((), ["ann@ann.example"], box, "f")
        assert found is not None
        assert found.enrollment.mailbox == "lee"
    store.apply_one(
        Change(replies=(reply(ReplyKind.ENGAGED, enrollment=enrollment.id, at=NOW + 2 * DAY),))
    )  # it came to Dana's mailbox
    assert [len(store.answers_since(box, NOW)) for box in ("dana", "lee")] == [0, 1]
    store.hold_mailbox("lee", "run")
    (taken,) = [each for each in claim(store, NOW + 4 * DAY, box="lee") if each.touch.channel == "email"]
    assert (taken.also, taken.took_over_from, taken.thread.references) == (
        ("dana",), "Dana Reyes", (one.touch.message_id, "answer-1@ann.example"),
    )  # fmt: skip
    (known,) = store.handovers(taker="lee")
    store.apply_one(Change(handovers=(replace(known, state="returned"),)))
    assert (store.handovers(taker="lee"), len(store.handovers(address="ann@ann.example"))) == ((), 1)


def test_noes_and_names(store: Store) -> None:
    """Who has said no long ago, what they wrote, and who has named somebody else."""
    ann, bob = enroll(store, "ann", "bob")
    over = {"state": EnrollmentState.FINISHED, "outcome": Outcome.NO}
    move(store, ann, **over, finished=NOW - 300 * DAY)
    move(store, bob, **over, finished=NOW - DAY)
    said = reply(ReplyKind.NO, enrollment=ann.id)
    named = reply(ReplyKind.REFERRAL, 2, enrollment=bob.id, contact="Lou")
    store.apply_one(Change(replies=(said, named)))
    assert store.old_noes(NOW - 270 * DAY) == ("ann@ann.example",)
    assert [one.id for one in store.replies_of(["ann@ann.example"])["ann@ann.example"]] == ["r-1"]
    assert store.people(["ann@ann.example"])["ann@ann.example"].id == prospect().id
    assert [(one.contact, whose.address) for one, whose in store.referrals("dana", NOW - DAY)] == [("Lou", "bob@bob.example")]
    assert store.referrals("lee", NOW - DAY) == ()
