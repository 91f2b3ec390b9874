"""The craft of following up, as one table: what each rule says, why, what to avoid and what to write, and who finds it.

Decides the names of the rules, which stand in people's files under `allow:`: add rows, don't rename them. The examples are
lines of a small workspace in the tests: with the bad ones in it exactly that rule speaks, with the good ones none does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from followupd.files.lint import cadences, mailboxes, texts
from followupd.files.lint.view import View
from followupd.files.problems import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule. `where` is the file in which the examples stand."""

    id: str
    says: str
    why: str
    where: str
    bad: str
    good: str
    find: Callable[[View], Iterator[Problem]]


def _judged_last(_: View) -> Iterator[Problem]:
    """What an `allow` silences is known when all other rules have spoken."""
    return iter(())


_STEPS = """\
steps:
  - {id: thanks, email: thanks, brings: what they told us, learn: did we hear it right?}
  - {id: idea, email: idea, after: 3d, pick: {match: [goals], ours: false}, brings: something to read}
  - {id: call, task: voicemail, after: 4d, brings: a human voice}
  - {id: result, email: result, after: 6d, pick: {match: [goals], ours: true}, brings: one figure}
  - {id: goodbye, email: goodbye, after: 8d, thread: new, doors: [yes, later, no], brings: an easy no}
"""
_TALK, _GOODBYE = _STEPS[: _STEPS.index("  - {id: goodbye")], _STEPS[_STEPS.index("  - {id: goodbye") :]

RULES: tuple[Rule, ...] = (
    Rule(
        id="few-touches", says="A cadence has at least five touches.", find=cadences.few_touches, where="cadences/offer.yaml",
        why='Most sales come between the fifth and the twelfth touch, and most people give up after one ("Let me get back with you").',
        bad="\n".join(_STEPS.splitlines()[number] for number in (0, 1, 3, 5)) + "\n", good=_STEPS,
    ),
    Rule(
        id="many-touches", says="A cadence has at most twelve touches.", find=cadences.many_touches, where="cadences/offer.yaml",
        why='People chase far too long. Dead deals are let go, and nurture is a cadence of its own ("Opening closed doors").',
        bad=_TALK + "".join(
            f"  - {{id: again-{number}, email: idea, after: 6d, pick: {{match: [goals], ours: false}}, brings: something to read}}\n"
            for number in range(1, 9)
        ) + _GOODBYE,
        good=_STEPS,
    ),
    Rule(
        id="one-channel", says="A cadence mixes its channels.", find=cadences.one_channel, where="cadences/offer.yaml",
        why='Mail alone is what everybody sends. A card by hand or a voice is remembered ("Let me get back with you").',
        bad="  - {id: call, email: idea, after: 4d, pick: {match: [goals], ours: false}, brings: more to read}\n",
        good="  - {id: call, task: voicemail, after: 4d, brings: a human voice}\n",
    ),
    Rule(
        id="no-goodbye", says="One of the last two mails makes it easy to say no.", find=cadences.no_goodbye, where="cadences/offer.yaml",
        why='Silence often means "I do not want to say no". A mail that offers the door, or says in a new conversation that '
        'no is fine, gets a clear answer ("Phone and email follow-up").',
        bad="  - {id: goodbye, email: idea, after: 8d, pick: {match: [goals], ours: false}, brings: more to read}\n", good=_GOODBYE,
    ),
    Rule(
        id="asks-in-a-row", says="Two messages in a row don't ask without giving.", find=cadences.asks_in_a_row, where="cadences/second.yaml",
        why='Help first, then your own matter is heard with an open mind ("Following up after a prospect says no"). A question counts as '
        "asking, and so does a request for time; an item or `brings` counts as giving.",
        bad="  - {id: question, email: question, after: 6d}\n  - {id: call-me, email: question, after: 7d}\n",
        good="  - {id: question, email: question, after: 6d}\n  - {id: call-me, email: question, after: 7d, brings: what others answered}\n",
    ),
    Rule(
        id="shrinking-gaps", says="The gaps between touches don't shrink.", find=cadences.shrinking_gaps, where="cadences/offer.yaml",
        why='Faster and faster is pressure, and pressure puts people on the defensive ("Phone and email follow-up"). Touches of one day '
        "count as one.",
        bad="  - {id: result, email: result, after: 2d, pick: {match: [goals], ours: true}, brings: one figure}\n",
        good="  - {id: result, email: result, after: 6d, pick: {match: [goals], ours: true}, brings: one figure}\n",
    ),
    Rule(
        id="no-brings", says="Every step says what it brings.", find=cadences.no_brings, where="cadences/offer.yaml",
        why='Make each touch count. Who can\'t say what it brings should not send it ("Let me get back with you").',
        bad="  - {id: call, task: voicemail, after: 4d}\n", good="  - {id: call, task: voicemail, after: 4d, brings: a human voice}\n",
    ),
    Rule(
        id="no-learn", says="A cadence says what we hope to learn.", find=cadences.no_learn, where="cadences/offer.yaml",
        why='The least aim of each touch is to learn something. If there is none, why follow up at all? ("Opening closed doors")',
        bad="  - {id: thanks, email: thanks, brings: what they told us}\n",
        good="  - {id: thanks, email: thanks, brings: what they told us, learn: did we hear it right?}\n",
    ),
    Rule(
        id="overtaken-deadline", says="A task that nobody waits for is over before the next message leaves.", find=cadences.overtaken_deadline,
        where="cadences/second.yaml", why="A card that arrives after the mail that follows it looks forgotten, because it was.",
        bad="  - {id: note, task: voicemail, within: 5d, wait: false, brings: a card}\n",
        good="  - {id: note, task: voicemail, within: 2d, wait: false, brings: a card}\n",
    ),
    Rule(
        id="ours-first", says="The first item that a person gets is not about us.", find=cadences.ours_first, where="cadences/offer.yaml",
        why='Plain advertising says "you did not buy, here is proof". What helps them comes first ("Following up after a prospect says no").',
        bad="  - {id: idea, email: idea, after: 3d, pick: {match: [goals], ours: true}, brings: something to read}\n",
        good="  - {id: idea, email: idea, after: 3d, pick: {match: [goals], ours: false}, brings: something to read}\n",
    ),
    Rule(
        id="first-mail-links", says="The first mail of a cadence holds one link at most.", find=cadences.first_mail_links,
        where="templates/thanks.md", why="Many links in a first mail are what spam filters and people take for advertising.",
        bad="Here is [our page](https://example.com) and here are [our prices](https://example.com/prices).\n",
        good="If I got something wrong, one line is enough.\n",
    ),
    Rule(
        id="no-after-the-no", says="Something follows a no.", find=cadences.no_after_the_no, where="config.yaml",
        why='No is not for ever, and most never follow up after one. They remember how they were treated ("Only important till you say no").',
        bad="defaults: {replies: {no: hold}}\n", good="defaults: {replies: {no: {enroll: after-the-no}}}\n",
    ),
    Rule(
        id="asks-after-no", says="The answer to a no asks for nothing.", find=cadences.asks_after_no, where="templates/thanks-for-the-no.md",
        why='Thank them for the clarity and leave the door open; who argues or asks closes it ("Only important till you say no").',
        bad="Could we have a quick call about the reasons?\n", good="There is nothing you need to do.\n",
    ),
    Rule(
        id="ours-after-no", says="After a no nothing is about us.", find=cadences.ours_after_no, where="cadences/after-the-no.yaml",
        why='A no to the offer is answered with thanks and, where it is welcome, with help that has nothing to do with what you sell ("Following up after a no").',
        bad="brings: thanks, learn: nothing, pick: {match: [goals]}}\n", good="brings: thanks, learn: nothing}\n",
    ),
    Rule(
        id="endless-circle", says="No circle of cadences goes on for ever without a yes.", find=cadences.endless_circle,
        where="cadences/after-the-no.yaml", why="Who said no, was thanked, and then gets the same again, learns that a no is not heard.",
        bad="again: 90d\nend: {enroll: offer}\n", good="again: 90d\n",
    ),
    Rule(
        id="empty-words", says='No "just checking in", in none of thirteen languages.', find=texts.empty_words, where="templates/idea.md",
        why='"Touch base" is no plan, and "did you get my email" asks without giving. Each message brings one new thing '
        '("Opening closed doors").',
        bad="I'm just checking in to hear what you think.\n", good="It made me think of what you said about your meetings.\n",
    ),
    Rule(
        id="pressure", says="No hurry, no blame, no fear.", find=texts.pressure, where="templates/goodbye.md",
        why='Nobody decides well on the defensive ("Phone and email follow-up").',
        bad="Perhaps it is a no. I haven't heard back, so this is your last chance.\n", good="Perhaps it is a no. That is a good answer.\n",
    ),
    Rule(
        id="about-us", says="A message speaks more of them than of us.", find=texts.about_us, where="templates/idea.md",
        why='Send what serves their goals, challenges and interests ("Following up after a prospect says no").',
        bad="We opened our third office. We grew our team, and our product won us a prize.\n",
        good="It made me think of what you said about your meetings.\n",
    ),
    Rule(
        id="long-message", says="A message has at most 150 words.", find=texts.long_message, where="templates/idea.md",
        why='Attention wears off, and what is long is not read ("Following up after a prospect says no"). Of each `if` the longer branch '
        "counts; the longest content item counts where its body is in the message.",
        bad="It made me think of all that was said about each of those meetings, one after the other. " * 9 + "\n",
        good="It made me think of what you said about your meetings.\n",
    ),
    Rule(
        id="long-subject", says="A subject has at most 60 characters.", find=texts.long_subject, where="templates/idea.md",
        why="A phone shows about forty, a desk about sixty. A value such as `{{ pick.title }}` is taken for eight.",
        bad='subject: "Something to read that I came across and that you may find useful"\n', good='subject: "For your list: {{ pick.title }}"\n',
    ),
    Rule(
        id="loud-subject", says="A subject does not shout.", find=texts.loud_subject, where="templates/idea.md",
        why="Capitals and exclamation marks are how advertising looks, to people and to spam filters.",
        bad='subject: "READ THIS TODAY!!"\n', good='subject: "For your list: {{ pick.title }}"\n',
    ),
    Rule(
        id="fake-reply", says='A subject does not begin with "Re:" or "Fwd:".', find=texts.fake_reply, where="templates/idea.md",
        why="It deceives, and the law asks for honest subjects (CAN-SPAM). A mail in the same conversation gets its Re: by itself.",
        bad='subject: "Re: our talk"\n', good='subject: "For your list: {{ pick.title }}"\n',
    ),
    Rule(
        id="short-link", says="A link shows where it leads.", find=texts.short_link, where="content/reading.md",
        why="Shortened links hide their target, so careful people and spam filters turn away.",
        bad="url: https://bit.ly/3xYz\n", good="url: https://example.org/fewer-meetings\n",
    ),
    Rule(
        id="result-without-proof", says="A result comes with its figure and its source.", find=texts.result_without_proof,
        where="templates/result.md",
        why='Sell results that somebody has measured ("Opening closed doors"). It holds for messages that go with an item of ours, for '
        "those that use `pick.result`, and for the items of ours themselves.",
        bad="**{{ pick.result }}**, as everybody knows.\n", good="**{{ pick.result }}**, says {{ pick.source }}.\n",
    ),
    Rule(
        id="expiring-item", says="A content item is good for another 30 days.", find=texts.expiring_item, where="content/reading.md",
        why="An item that is out of date is not picked any more, and the step becomes a task for the rep.",
        bad="expires: 2026-12-01\n", good="expires: 2027-11-30\n",
    ),
    Rule(
        id="unpicked-item", says="Every content item can be picked.", find=texts.unpicked_item, where="content/reading.md",
        why="What no step can pick, because its topics are missing or no step asks for its kind, is written for nobody.",
        bad="topics: []\n", good="topics: [meetings]\n",
    ),
    Rule(
        id="unused-template", says="Every message is used.", find=texts.unused_template, where="cadences/after-the-no.yaml",
        why="A message that no cadence names is forgotten, or its name is misspelt elsewhere.",
        bad="  - {id: thanks, email: thanks, after: 4h, since: enrolled, brings: thanks, learn: nothing}\n",
        good="  - {id: thanks, email: thanks-for-the-no, after: 4h, since: enrolled, brings: thanks, learn: nothing}\n",
    ),
    Rule(
        id="over-provider", says="A mailbox keeps within what its provider allows.", find=mailboxes.over_provider, where="config.yaml",
        why="Beyond it the provider locks the account for up to a day, and remembers. The provider is that of the preset, else that of the "
        "server; the presets lie far below.",
        bad="    limits: {preset: workspace, per_day: 2500}\n", good="    limits: {preset: workspace, per_day: 150}\n",
    ),
    Rule(
        id="poor-allow", says="An `allow` names a rule, gives a reason, and silences something.", find=_judged_last,
        where="cadences/after-the-no.yaml", why="A year later somebody asks why. It can't be allowed itself.",
        bad="  few-touches: todo\n", good="  few-touches: a courtesy is two touches and no more\n",
    ),
)  # fmt: skip

BY_ID = {rule.id: rule for rule in RULES}
POOR_ALLOW = "poor-allow"
