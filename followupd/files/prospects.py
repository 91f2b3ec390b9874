"""A row of a prospects file: can this person be enrolled, and if not, why not?

Decides from the row alone: the address, cadence, owner, zone, country, dates and required columns. Whether the person
is known, suppressed or named twice is asked elsewhere. Never raises for what a row holds. Strangers fill these cells:
a cell that could reach a mail header, hide something or break a page is handed back (RFC 5322, section 2.2; RFC 2047).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from followupd.core import when
from followupd.files import tongues
from followupd.files.blanks import no_name, says_nothing
from followupd.files.lookalikes import deceives
from followupd.files.problems import did_you_mean, nearest, shown
from followupd.files.sheet import Row, Sheet, column_name, defuse, read_sheet, receipt
from followupd.files.values import HIDDEN

__all__ = [
    "Candidate", "Rejection", "Row", "Rules", "Sheet", "column_name", "defuse", "is_day", "judge", "normal_address", "parse_date",
    "read_sheet", "receipt", "same_person",
]  # fmt: skip

Value = TypeVar("Value")

ASIDE = "then_"
"""How columns begin that a draft of ours shows to its reader: what was, once. They are no part of the row, and no message sees them."""

ORIGINS = frozenset({"old_no", "referral"})
"""What `came_from` may say that goes into the account of where an enrollment came from."""

MOST_CHARACTERS = 10_000
"""In one cell."""

# Goals, interests and people's own columns may hold several lines; a subject that uses one is refused when it is written.
_ONE_LINE = frozenset(
    "email cadence first_name last_name company title phone country timezone language owner pace meeting_at source basis"
    " start_at start_step".split()
)


class Candidate(NamedTuple):
    """A row that may be enrolled. `columns` is all of it; the address there is the clean one."""

    line: int
    address: str
    cadence: str
    owner: str
    zone: str | None
    country: str | None
    start_at: datetime | None
    start_step: str
    columns: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """A row that is handed back, with the reason in a sentence."""

    line: int
    address: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What rows are judged by. `cadences` says what each needs: a column, and who needs it (`template thank-you`).

    `languages` says the same for rows in a language in which a cadence has messages of its own.
    """

    cadences: Mapping[str, Sequence[tuple[str, str]]]
    languages: Mapping[str, Mapping[str, Sequence[tuple[str, str]]]] = field(default_factory=dict)
    steps: Mapping[str, tuple[str, ...]]
    owners: AbstractSet[str]
    own_addresses: AbstractSet[str]
    own_domains: AbstractSet[str]
    default_cadence: str = ""
    default_owner: str = ""
    default_zone: str = "UTC"
    now: datetime | None = None  # when the file is read: with it a start that is over or far away is refused
    without_owner: AbstractSet[str] = frozenset()  # cadences that name their mailbox: their rows may leave the owner empty
    date_columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    placed: dict[tuple[str, ...], _Placed] = field(default_factory=dict, init=False, repr=False, compare=False)
    """Where rows go whose cells of that kind are alike: nearly all of a file are."""


def judge(row: Row, rules: Rules) -> Candidate | Rejection:
    """Whether a row may be enrolled."""
    try:
        return _candidate(row, rules)
    except ValueError as problem:
        email = row.columns.get("email", "")
        plain = email.isprintable() and len(email) <= LONGEST_ADDRESS
        return Rejection(line=row.line, address=email if plain else shown(email), reason=str(problem))


def _candidate(row: Row, rules: Rules) -> Candidate:
    if row.problem:
        raise ValueError(row.problem)
    columns = row.columns
    _check_cells(columns)
    address = _address(columns, rules)
    cadence = _cadence(columns, rules)
    _check_required(columns, _required(columns, rules, cadence))
    if columns.get("first_name") and (why := no_name(columns["first_name"])):
        raise ValueError(f'first_name: "{shown(columns["first_name"])}" {why}')
    owner, zone, country, start_at, start_step = _place(columns, rules, cadence)
    if _has_asides(tuple(columns)):
        columns = _without_asides(columns)
    if columns["email"] != address:
        columns = {**columns, "email": address}
    return Candidate(row.line, address, cadence, owner, zone, country, start_at, start_step, columns)


_Placed = tuple[str, str | None, str | None, datetime | None, str]
"""Owner, zone, country, when and where to start."""

_PLACES = ("owner", "timezone", "country", "start_at", "start_step")
MOST_PLACES = 4096


def _place(columns: Mapping[str, str], rules: Rules, cadence: str) -> _Placed:
    """What those cells of a row say by which many rows are alike."""
    dates = rules.date_columns.get(cadence, ())
    cells = (cadence, *[columns.get(name, "") for name in _PLACES], *[columns.get(name, "") for name in dates])
    known = rules.placed.get(cells)
    if known is None:
        country = _country(columns.get("country", ""))
        zone = _said("timezone", lambda: when.zone_named(columns["timezone"])).key if columns.get("timezone") else None
        clock = _clock(zone, country, rules.default_zone)
        for column in dates:
            _date(columns, column, clock)
        owner, start_at = _owner(columns, rules, cadence), _start_at(columns, clock, rules.now)
        known = owner, zone, country, start_at, _start_step(columns, rules.steps.get(cadence, ()))
        if len(rules.placed) < MOST_PLACES:
            rules.placed[cells] = known
    return known


@lru_cache(maxsize=64)
def _has_asides(names: tuple[str, ...]) -> bool:
    return any(name.startswith(ASIDE) for name in names)


def _without_asides(columns: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in columns.items() if not name.startswith(ASIDE)}


# -- cells ---------------------------------------------------------------------------------------

# Right-to-left overrides and tags turn or hide what a rep reads in any text; marks and joiners belong to some languages.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]")
_LINE_BREAK = re.compile("[\n\r\v\f\u0085\u2028\u2029]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def _check_cells(columns: Mapping[str, str]) -> None:
    """Refuse what could reach or break a header, or hide something. Most rows hold nothing but plain text, and are through at once."""
    together = "".join(columns.values())
    if len(together) <= MOST_CHARACTERS and together.isprintable() and "=?" not in together:
        return
    for column, text in columns.items():
        fault = _fault(text, one_line=column in _ONE_LINE)
        if fault:
            raise ValueError(f"{shown(column)}: {fault}")


def _fault(text: str, *, one_line: bool) -> str:
    if len(text) > MOST_CHARACTERS:
        return f"{len(text):,} characters; write at most {MOST_CHARACTERS:,}"
    if one_line and _LINE_BREAK.search(text):
        return "contains a line break; write it on one line"
    control = _CONTROL.search(text)
    if control or (one_line and "\t" in text):
        return f"contains a control character (U+{ord(control[0] if control else chr(9)):04X}); remove it"
    hidden = (HIDDEN if one_line else _TURNING).search(text)
    if hidden:
        return f"contains an invisible character (U+{ord(hidden[0]):04X}); type it again"
    return "looks like an encoded header; write it as plain text" if "=?" in text else ""


# -- addresses -----------------------------------------------------------------------------------

LONGEST_ADDRESS = 254

_ATOM = "[a-z0-9_+'&=#~-]+"
_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_USUAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:(?!xn--){_LABEL}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])?|{_ATOM}@localhost")
_PLAIN = re.compile(
    rf"({_ATOM}(?:\.{_ATOM})*)@((?:(?!xn--){_LABEL}\.)+(?!(?:local|arpa|onion)\Z)[a-z]{{2,63}})"
)  # what most are: usual, and worldwide
_WORLDWIDE = re.compile(r"(?:(?:^|@)localhost|\.(?!(?:local|arpa|onion)$)(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59}))$")
_NO_REPLY = re.compile(r"(?:no|do[-_.]?not|never)[-_.]?reply.*|mailer-daemon|bounces?")


def normal_address(text: str) -> str:
    """The one address in `Ann <a@b.c>`, `mailto:a@b.c` or `a@b.c.`, in small letters; never a second one, never a route."""
    if len(text) > 1000:
        raise ValueError("no mail address is that long; write one such as ann@example.com")
    if _PLAIN.fullmatch(text) and text[0] != "'" and _is_short(text):
        return text
    # A quotation mark may belong to an address, or stand before it.
    plain = text if _USUAL.fullmatch(text) and text[0] != "'" else _bare(text)
    if _USUAL.fullmatch(plain) and _is_short(plain) and _WORLDWIDE.search(plain):
        return plain
    return _unusual(plain)


def _bare(text: str) -> str:
    """What is left without a name, `mailto:` and punctuation around it."""
    plain = text.strip()
    named = re.fullmatch(r"[^<>@]*<([^<>]*)>[\s.,;]*|\"[^\"<>]*\"\s*<([^<>]*)>[\s.,;]*", plain) if "<" in plain else None
    if named:
        plain = (named[1] or named[2] or "").strip()
    if plain[:7].lower() == "mailto:":
        plain = plain[7:].partition("?")[0]
    return plain.strip(" \t\u00a0',;").rstrip(" .").lower()


@lru_cache(maxsize=4096)
def _unusual(plain: str) -> str:
    """An international domain in its ASCII form, or the reason why it is no address that we write to."""
    if not plain:
        raise ValueError("there is no address")
    if plain.count("@") > 1 or re.search(r"[\s,;<>]", plain):
        raise ValueError(f'"{shown(plain)}" is not one address; write one such as ann@example.com')
    local, _, domain = plain.rpartition("@")
    if re.search(r"[%!:]", local):
        raise ValueError(f'"{shown(plain)}" is a route through another server; write the address itself')
    if odd := next((char for char in local if not char.isascii()), ""):
        raise ValueError(
            f'"{shown(plain)}" is no address: {unicodedata.name(odd, "a letter").title()} ("{shown(odd)}", U+{ord(odd):04X}) can\'t stand before the @; type it again'
        )
    if "＠" in plain or "﹫" in plain:
        raise ValueError(f'"{shown(plain)}" is no address: this is a full-width @; type it again')
    from email_validator import EmailNotValidError, validate_email  # its tables are slow to load, and a daemon judges few rows

    try:
        # Reserved domains such as .example are let through: people try things out with them. DNS is never asked.
        found = validate_email(plain, check_deliverability=False, globally_deliverable=False, allow_smtputf8=False)
    except (EmailNotValidError, UnicodeError) as problem:
        raise ValueError(f'"{shown(plain)}" is no address: {shown(problem, 200)}') from None
    if why := deceives(found.domain):
        raise ValueError(f'"{shown(plain)}": {shown(found.domain)} {why}; ask for the address, and type it')
    ascii_domain = (found.ascii_domain or "").lower()
    if not re.search(r"\.(?=[0-9-]*[a-z])[a-z0-9-]+$", ascii_domain):
        raise ValueError(f'"{shown(plain)}" is no address: "{shown(domain)}" is no domain such as example.com')
    address = f"{found.local_part.lower()}@{ascii_domain}"
    if not _WORLDWIDE.search(ascii_domain):
        raise ValueError(f'"{shown(plain)}" is no address: mail can\'t be sent to {shown(domain)}')
    if not _is_short(address):
        raise ValueError(f'"{shown(plain)}" is too long for an address; write one such as ann@example.com')
    return address


def same_person(address: str) -> str:
    """The mailbox behind an address, for people who are named twice: what follows a "+" is a note of the owner's, and
    Gmail takes no notice of dots. Mail always goes to the address as it was written.
    """
    local, _, domain = address.rpartition("@")
    local = local.partition("+")[0] or local
    if domain in {"gmail.com", "googlemail.com"}:
        return f"{local.replace('.', '')}@gmail.com"
    return f"{local}@{domain}"


def _is_short(address: str) -> bool:
    """RFC 5321, section 4.5.3.1: 64 before the @, 254 in all."""
    return len(address) <= LONGEST_ADDRESS and address.index("@") <= 64


def _address(columns: Mapping[str, str], rules: Rules) -> str:
    text = columns.get("email")
    if not text:
        raise ValueError("email is empty; every prospect needs it")
    try:
        address = normal_address(text)
    except ValueError as problem:
        raise ValueError(f"email: {problem}") from None
    local, _, domain = address.partition("@")
    if _NO_REPLY.fullmatch(local):
        raise ValueError(f"email: nobody reads {shown(address)}; write the address of a person")
    if address in rules.own_addresses:
        raise ValueError(f"email: {shown(address)} is one of our own mailboxes")
    if domain in rules.own_domains:
        raise ValueError(f"email: {shown(domain)} is our own domain")
    return address


# -- what the row names --------------------------------------------------------------------------


def _cadence(columns: Mapping[str, str], rules: Rules) -> str:
    text = columns.get("cadence", "")
    if not text:
        text = rules.default_cadence
    if text in rules.cadences:
        return text
    name = re.sub(r"[\s_-]+", "-", text).lower()
    if name in rules.cadences:
        return name
    raise ValueError(_unknown("cadence", text, tuple(rules.cadences)))


def _owner(columns: Mapping[str, str], rules: Rules, cadence: str) -> str:
    text = columns.get("owner", "")
    if not text:
        text = rules.default_owner
    if text in rules.owners or (not text and cadence in rules.without_owner):
        return text
    if text.lower() in rules.owners:
        return text.lower()
    raise ValueError(_unknown("owner", text, tuple(rules.owners)))


def _start_step(columns: Mapping[str, str], steps: tuple[str, ...]) -> str:
    text = columns.get("start_step", "")
    if text and text not in steps:
        raise ValueError(_unknown("start_step", text, steps))
    return text


LATEST_START, EARLIEST_START = timedelta(days=400), timedelta(days=7)
"""As far ahead as the longest delay of a cadence; and as long as a file may have waited for somebody to look at it."""


def _start_at(columns: Mapping[str, str], clock: ZoneInfo, now: datetime | None) -> datetime | None:
    at = _date(columns, "start_at", clock)
    if at is not None and now is not None and at < now - EARLIEST_START:
        raise ValueError(f"start_at: {columns['start_at']} is over; write a day to come, or leave it empty to begin now")
    if at is not None and now is not None and at > now + LATEST_START:
        raise ValueError(f"start_at: {columns['start_at']} is more than {LATEST_START.days} days away; write an earlier day")
    return at


@lru_cache(maxsize=4096)
def _unknown(column: str, text: str, known: tuple[str, ...]) -> str:
    if not text:
        return f"{column} is empty; write one of: {', '.join(sorted(known)[:20]) or '(there are none)'}"
    return f'{column}: there is no "{shown(text)}"; {did_you_mean(text, known)}'


@lru_cache(maxsize=4096)
def _country(text: str) -> str | None:
    """`DE`, `DE-BY`, or a country by its English name."""
    if not text:
        return None
    country, mark, region = text.partition("-")
    if mark and re.fullmatch("[A-Za-z0-9]{1,3}", region):
        code = f"{country}-{region}".upper()
        _said("country", lambda: when.calendar_for((code,)))
        return code
    found = when.country_named(text) or _COUNTRIES.get(_letters(text))
    if not found:
        raise ValueError(f'country: there is no "{shown(text)}"; write two letters such as "US" or "DE"')
    return found


# Names as people in the languages of our column names write them, without accents; `core/when.py` knows the English ones.
_COUNTRY_NAMES = {
    "AT": "osterreich autriche oostenrijk", "BE": "belgien belgique belgie belgica belgio",
    "BR": "brasil brasilien bresil brasile brazilie", "CA": "kanada canada", "CH": "schweiz suisse svizzera suiza zwitserland suica",
    "CZ": "czechia tschechien", "DE": "deutschland allemagne alemania germania duitsland alemanha",
    "DK": "danemark danmark dinamarca danimarca denemarken", "ES": "espana spanien espagne spagna spanje espanha",
    "FR": "frankreich francia frankrijk franca", "GB": "england scotland wales greatbritain grossbritannien royaumeuni reinounido"
    " regnounito verenigdkoninkrijk vereinigteskonigreich", "GR": "griechenland grece grecia", "IE": "irland irlande irlanda ierland",
    "IT": "italien italie italia", "LU": "luxemburg", "MX": "mexiko mexique messico", "NL": "niederlande paysbas paisesbajos paesibassi"
    " nederland paisesbaixos", "NO": "norwegen norvege norge", "PL": "polen pologne polska polonia",
    "PT": "portugal portogallo", "SE": "schweden suede sverige suecia svezia zweden",
    "US": "america vereinigtestaaten etatsunis estadosunidos statiuniti verenigdestaten",
}  # fmt: skip
_COUNTRIES = {name: code for code, names in _COUNTRY_NAMES.items() for name in names.split()}


def _letters(text: str) -> str:
    """A name's letters alone, small and without accents."""
    return "".join(char for char in unicodedata.normalize("NFKD", text[:60]).casefold() if char.isalpha())


def _required(columns: Mapping[str, str], rules: Rules, cadence: str) -> Sequence[tuple[str, str]]:
    own, language = rules.languages.get(cadence), columns.get("language")
    tag = tongues.tag(language) if own and language else None
    if own and language and tag is None and not says_nothing(language):
        near = nearest(language.lower(), tongues.NAMES)
        raise ValueError(
            f'language: there is no "{shown(language)}"; '
            + (f'did you mean "{near}"?' if near else 'write its code, such as "de" or "pt-br"')
        )
    spoken = next((each for each in tongues.fallbacks(tag) if own and each in own), None) if tag else None
    return own[spoken] if own and spoken else rules.cadences[cadence]


def _check_required(columns: Mapping[str, str], required: Sequence[tuple[str, str]]) -> None:
    missing = [
        f"{_lacking(columns, column)}; {needed_by} needs it"
        for column, needed_by in required
        if column != "email" and (not columns.get(column) or says_nothing(columns[column]))  # that one is an address already
    ]
    if missing:
        raise ValueError(". ".join(missing))


def _lacking(columns: Mapping[str, str], column: str) -> str:
    if column not in columns:
        return f"there is no column {column}"
    return f'{column}: "{shown(columns[column])}" says nothing' if columns[column] else f"{column} is empty"


# -- dates ---------------------------------------------------------------------------------------

_ISO = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]{1,9})?)?)? ?(Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_NUMBERS = re.compile(r"([0-9]{1,4})([./-])([0-9]{1,2})\2([0-9]{1,4})\.?(?:[ T]+(.{0,20}))?")
_SUCH = 'write a date such as "2026-03-02" or "2026-03-02 14:30"'
_EXCEL_DAY_0 = date(1899, 12, 30)


def parse_date(text: str, zone: ZoneInfo) -> datetime:
    """An ISO date or time, local in `zone` unless it names its offset, as an instant. A date alone is its midnight."""
    found = _ISO.fullmatch(text.strip())
    if not found:
        raise ValueError(_not_iso(text.strip()))
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    if not 2000 <= year <= 2099:
        raise ValueError(f'"{shown(text)}": write a year from 2000 to 2099')
    try:
        wall = datetime.combine(date(year, month, day), time(hour, minute, second))
        offset = datetime.strptime(found[7], "%z").tzinfo if found[7] else zone
    except ValueError:
        raise ValueError(f'"{shown(text)}": there is no such day or time; {_SUCH}') from None
    if found[7]:
        return wall.replace(tzinfo=offset).astimezone(UTC)
    return _at_wall(wall, zone)


def is_day(text: str) -> bool:
    """Whether a date that `parse_date` takes is a day without a time."""
    return re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text.strip()) is not None


def _at_wall(wall: datetime, zone: ZoneInfo) -> datetime:
    """The instant at which the wall shows this; for a time that a clock change skips, the first one after the gap."""
    at = wall.replace(tzinfo=zone).astimezone(UTC)
    if at.astimezone(zone).replace(tzinfo=None) == wall:
        return at
    eve = (wall - timedelta(days=1)).replace(tzinfo=zone)
    day = when.parse_delay("1d")
    return when.due_at(eve, day, anchor_name="", window=when.ALWAYS, zone=zone, calendar=when.NO_HOLIDAYS).at


def _not_iso(text: str) -> str:
    """What to write instead: every reading that the text has."""
    if serial := re.fullmatch("([2-7][0-9]{4})(?:[.,]([0-9]{1,12}))?", text):
        minutes = round(float(f"0.{serial[2] or 0}") * 24 * 60)
        moment = datetime.combine(_EXCEL_DAY_0, time()) + timedelta(days=int(serial[1]), minutes=minutes)
        meant = f"{moment:%Y-%m-%d %H:%M}" if minutes else f"{moment:%Y-%m-%d}"
        return f'"{shown(text)}" looks like a spreadsheet\'s number for {meant}; write the date so'
    if _ISO.fullmatch(begin := re.sub(r"\s*[A-Za-z/_]{2,40}$", "", text)):
        return f'"{shown(text)}": write the zone as an offset, such as {begin}+01:00, or in the column timezone'
    numbers = _NUMBERS.fullmatch(text)
    readings = sorted(set(_readings(int(numbers[1]), int(numbers[3]), int(numbers[4])))) if numbers else []
    if not readings or not numbers:
        return f'"{shown(text)}" is no date; {_SUCH}'
    clock = re.match(r"([01]?[0-9]|2[0-3]):([0-5][0-9])(?![^ ])(?! ?[AaPp])", numbers[5] or "")
    when_so = f" {int(clock[1]):02}:{clock[2]}" if clock else " and the time, such as 14:30" if numbers[5] else ""
    either = "it can be read in two ways; " if len(readings) > 1 else ""
    return f'"{shown(text)}": {either}write {" or ".join(f"{day}{when_so}" for day in readings)}'


def _readings(first: int, second: int, third: int) -> Iterator[date]:
    year = third + 2000 if third < 100 else third
    tries = ((first, second, third),) if first > 31 else ((year, second, first), (year, first, second))
    for parts in tries:
        try:
            found = date(*parts)
        except ValueError:
            continue
        if 2000 <= found.year <= 2099:
            yield found


def _date(columns: Mapping[str, str], column: str, zone: ZoneInfo) -> datetime | None:
    text = columns.get(column)
    return _said(column, lambda: parse_date(text, zone)) if text else None


@lru_cache(maxsize=1024)
def _clock(zone: str | None, country: str | None, default: str) -> ZoneInfo:
    """The zone in which the row's times are meant: its own, its country's, else ours."""
    by_country = when.zone_of_country(country.partition("-")[0]) if country else None
    return when.zone_named(zone or by_country or default)


def _said(column: str, read: Callable[[], Value]) -> Value:
    """What `read` gives; its complaint with the column's name before it."""
    try:
        return read()
    except ValueError as problem:
        raise ValueError(f"{column}: {problem}") from None
