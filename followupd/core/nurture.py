"""May somebody be kept warm? What law and courtesy say of useful mail to people who did not buy.

Decides whether a cadence with `role: nurture` may begin, on the country, the legal basis, the permission and the past of a person; with the reason
where it may not. Consent is read strictly: a basis that only sounds like one is none (GDPR Article 4(11); in Germany UWG section 7).
Never decides about somebody who wants no contact: nobody gets so far.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from followupd.core.model import Enrollment, Fact, Outcome, Prospect

ALLOWED, CONSENT, NEVER = "allowed", "consent", "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`after_no` of the configuration: whether nurture is allowed, and where consent is needed. `home` is our own country."""

    nurture: str = ALLOWED
    consent_in: frozenset[str] = frozenset()
    home: str = ""


_CONSENT = re.compile(
    r"(?<!\w)(?:consent(?:ed)?|opt(?:ed)?[ -]?in|double[ -]opt[ -]?in|permission|subscribed|subscriber|(?:existing |current )?customer|client|einwilligung|eingewilligt|zustimmung"
    r"|zugestimmt|(?:bestands)?kund(?:e|in)|consentement|client[e]?|consentimiento|consenso|toestemming|klant|consentimento|zgoda|samtykke|samtycke)(?!\w)",
    re.IGNORECASE,
)
_NOT = re.compile(
    r"(?<!\w)(?:no|not|none|without|never|non|nicht|kein\w*|ohne|sans|pas|sin|senza|geen|zonder|sem|bez|nie|un|former|ex|ehemalig\w*|ancien\w*|lost|prospective|potential|potenziell\w*|potentiel\w*"
    r"|pending|requested|awaiting|asked|ausstehend|angefragt|withdrawn|revoked|widerrufen|zurückgezogen|refused|verweigert|retiré|retirado|revocato|ingetrokken|expired|abgelaufen|missing|fehlt|unknown|\?+)(?!\w)",
    re.IGNORECASE,
)
_TLD = {"uk": "GB"}


def consents(basis: str) -> bool:
    """Whether the column `basis` of a row says that this person has agreed, or is a customer. In doubt: no."""
    said = " ".join(basis.split())
    return bool(_CONSENT.search(said)) and not (_NOT.search(said) or "?" in said)


def country_of(prospect: Prospect, home: str) -> str:
    """Two letters: that of the row, else that of a national domain, else ours."""
    own = (prospect.country or "").partition("-")[0].upper()
    last = prospect.domain.rpartition(".")[2].lower()
    national = _TLD.get(last, last.upper()) if len(last) == 2 else ""
    return own or national or home.upper()


def against(
    cadence: str,
    prospect: Prospect,
    rule: Rule,
    enrollments: Iterable[Enrollment],
    facts: Iterable[Fact],
    kept_warm: frozenset[str],
) -> str:
    """Why nurture must not begin for this person; nothing where it may. `kept_warm` are the ids of their enrollments in nurture."""
    before = [one for one in enrollments if one.id in kept_warm or one.cadence == cadence]
    given = _permission(facts)
    if given is not None and given.value == "no":
        return f"they said on {given.at:%d %b %Y} that they want no more of these"
    refused = next((one for one in before if one.outcome == Outcome.NO), None)
    if refused is not None and not (given and refused.finished and given.at > refused.finished):
        return "they said no to these before" + (f", on {refused.finished:%d %b %Y}" if refused.finished else "")
    last = max((one for one in before if one.finished), key=lambda one: one.finished or one.started, default=None)
    if last is not None and not _alive(last, given, enrollments, kept_warm):
        return f"the last round ended on {last.finished:%d %b %Y} without a sign of life"
    return _lawful(prospect, rule, given)


def _permission(facts: Iterable[Fact]) -> Fact | None:
    return max(
        (one for one in facts if one.name == "permission" and one.about == "learned"), key=lambda one: one.at, default=None
    )


def _alive(last: Enrollment, given: Fact | None, enrollments: Iterable[Enrollment], kept_warm: frozenset[str]) -> bool:
    """A sign of life since the last round began: they let us go on, or they have said no to an offer since it ended."""
    if given is not None and given.value == "yes" and given.at >= last.started:
        return True
    ended = last.finished or last.started
    return any(
        one.outcome == Outcome.NO and one.id not in kept_warm and one.finished and one.finished > ended for one in enrollments
    )


def _lawful(prospect: Prospect, rule: Rule, given: Fact | None) -> str:
    country = country_of(prospect, rule.home)
    if rule.nurture == NEVER:
        return "after_no: {nurture: never} in config.yaml allows none"
    if rule.nurture == ALLOWED and country not in rule.consent_in:
        return ""
    if (given is not None and given.value == "yes") or consents(prospect.columns.get("basis", "")):
        return ""
    where = f"in {country}" if rule.nurture == ALLOWED else "by after_no in config.yaml"
    basis = prospect.columns.get("basis", "")
    told = f'basis says "{basis[:60]}"' if basis else "the row names no basis"
    return f"consent is needed {where}, and {told}"
