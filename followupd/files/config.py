"""`config.yaml`: the models of all its keys, and how a mailbox of the config becomes a `Mailbox`.

Decides what the config may say and what holds where it says nothing. Never reads a file, a variable or a secret: it
only knows where a secret is. A secret typed into the file is refused, and no message shows any value of `auth`.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from followupd.core import model, when
from followupd.files import cadence, yaml_text
from followupd.files.problems import Problem, did_you_mean, shown
from followupd.files.secret import NoSecret, Secret, read_secret
from followupd.files.validation import validate
from followupd.files.values import (
    Filled,
    HolidayCode,
    Holidays,
    Line,
    Many,
    Matches,
    Misfit,
    Name,
    OrElse,
    Part,
    Text,
    Window,
    Zone,
    seconds,
)

__all__ = ["Auth", "Config", "NoSecret", "Secret", "SecretPlace", "load_config", "read_secret"]

# -- kinds of value ------------------------------------------------------------------------------


_PLAIN_ADDRESS = re.compile(
    r"[a-z0-9]+(?:[._-][a-z0-9]+){0,3}@(?:[a-z0-9](?:[a-z0-9-]{0,40}[a-z0-9])?\.){1,3}(?:com|org|net|de|fr|es|it|nl|eu|co\.uk)"
)
"""What needs no closer look, nor the library that takes it."""


def _address(value: str) -> str:
    if _PLAIN_ADDRESS.fullmatch(value):
        return value
    from email_validator import EmailNotValidError, validate_email

    try:
        return validate_email(value, check_deliverability=False, globally_deliverable=False).normalized
    except EmailNotValidError:
        raise ValueError('write a mail address such as "dana@example.com"') from None


def _gap(value: str) -> str:
    gap_seconds(value)
    return value


def gap_seconds(text: str) -> tuple[float, float]:
    """`45s..3m` or `30s` as lowest and highest seconds."""
    shortest, span, longest = text.partition("..")
    try:
        low, high = seconds(shortest), seconds(longest if span else shortest)
    except ValueError:
        raise ValueError('write a time or a span, such as "30s" or "45s..3m"') from None
    if low > high:
        raise ValueError("the shorter time comes first, such as 45s..3m")
    if high > 86400:
        raise ValueError("write a gap of at most 24h")
    return low, high


def _clock_time(value: str) -> str:
    seconds(value)
    return value


def _host(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?|[0-9A-Fa-f:]{2,45}", value):
        raise ValueError('write a host name such as "smtp.example.com", without port or "//"')
    return value


def _path(value: str) -> str:
    if value.startswith("~"):
        raise ValueError('"~" is not looked up here; write the whole path')
    if ".." in value.split("/"):
        raise ValueError('".." leaves the workspace; write the whole path, beginning with "/"')
    return value


def _kept(value: str) -> str:
    if not re.fullmatch(r"[1-9][0-9]{0,3}(d|w|y)", value):
        raise ValueError('write how long to keep it, such as "90d", "26w" or "2y"')
    return value


def _country(value: str) -> str:
    if not re.fullmatch(r"[A-Z]{2}", value):
        raise ValueError('write a country of two letters, such as "US" or "DE"')
    when.calendar_for((value,))
    return value


def _store(value: str) -> str:
    scheme, mark, _ = value.partition("://")
    if not mark:
        return _path(value)
    if scheme not in {"postgresql", "postgres", "sqlite"}:
        raise ValueError(f'"{shown(scheme)}" is not known; write a file name, or postgresql://user@host/database')
    if "@" in value and ":" in value.partition("://")[2].rpartition("@")[0]:
        raise ValueError("a secret may not stand here; leave the password out and set PGPASSWORD, or use ~/.pgpass")
    return value


def _header_text(value: str) -> str:
    if "=?" in value:
        raise ValueError('"=?" begins an encoded header; write the plain name')
    return value


ABSENCE_PATTERN = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(\.\.[0-9]{4}-[0-9]{2}-[0-9]{2})?$"


def _absence(value: str) -> str:
    when.parse_absence(value)
    return value


def _none(value: Any) -> Any:
    return () if value == "none" else value


Absence = Annotated[Line, AfterValidator(_absence), WithJsonSchema({"type": "string", "pattern": ABSENCE_PATTERN})]
OwnHolidays = Annotated[Many[HolidayCode], BeforeValidator(_none), OrElse({"const": "none"})]
HeaderText = Annotated[Line, AfterValidator(_header_text)]
Address = Annotated[Line, AfterValidator(_address), WithJsonSchema({"type": "string", "format": "email"})]
Gap = Annotated[Line, AfterValidator(_gap), WithJsonSchema({"type": "string", "pattern": r"^[0-9]+(s|m|h)(\.\.[0-9]+(s|m|h))?$"})]
ClockTime = Annotated[Line, AfterValidator(_clock_time), WithJsonSchema({"type": "string", "pattern": r"^[0-9]+(s|m|h)$"})]
Host = Annotated[Line, AfterValidator(_host)]
Folder = Annotated[Filled, AfterValidator(_path)]
Port = Annotated[int, Field(ge=1, le=65535)]
Kept = Annotated[Line, AfterValidator(_kept), WithJsonSchema({"type": "string", "pattern": "^[1-9][0-9]*(d|w|y)$"})]
Country = Annotated[Line, AfterValidator(_country), WithJsonSchema({"type": "string", "pattern": "^[A-Z]{2}$"})]
Store = Annotated[Filled, AfterValidator(_store)]
Variable = Annotated[
    Line, Matches(r"[A-Za-z_][A-Za-z0-9_]*", "write the name of a variable such as DANA_PASSWORD, never the secret")
]
Credential = Annotated[Line, Matches(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", "write the name of a credential, never the secret")]


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, whatever a name server says."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


# -- the groups of keys --------------------------------------------------------------------------


class Paths(Part):
    """Where the files are, relative to the config."""

    cadences: Folder = "cadences"
    templates: Folder = "templates"
    content: Folder = "content"
    inbox: Folder = "inbox"
    tests: Folder = "tests"


class CompanyPart(Part):
    """Who we are."""

    name: Line = ""
    postal_address: Text = ""
    country: Country | None = None
    holidays: Many[HolidayCode] = ()
    domains: Many[Filled] = ()


class Defaults(Part):
    """What cadences inherit where they say nothing themselves."""

    window: Window = "mon-fri 09:00-17:00"
    holidays: Holidays = ("prospect",)
    timezone: Zone = "UTC"
    limits: cadence.LimitsPart | None = None
    replies: cadence.Replies | None = None  # type: ignore[valid-type]
    end: cadence.EndPart | None = None
    retry: cadence.Retry | None = None


class Server(Part):
    """How to reach a mail server."""

    host: Host
    port: Port | None = None
    security: Literal["starttls", "tls", "none"] = "starttls"

    @model_validator(mode="after")
    def _safe(self) -> Server:
        if self.security == "none" and not is_loopback(self.host):
            raise Misfit("security", '"none" is for this machine only (127.0.0.1); write starttls or tls')
        for right, wrong in (("tls", "starttls"), ("starttls", "tls")):
            if self.security == wrong and self.port in _USUAL[right]:
                raise Misfit("security", f"port {self.port} is for {right}; write security: {right}")
        return self


_USUAL = {"tls": {465, 993}, "starttls": {587, 143}}


class Smtp(Server):
    """The server that takes our mail."""

    @property
    def number(self) -> int:
        """The port, by default the usual one of this kind of security."""
        return self.port or {"starttls": 587, "tls": 465, "none": 25}[self.security]


class Imap(Server):
    """The server that we read. `sent` is the folder of sent mail, or `auto`."""

    security: Literal["starttls", "tls", "none"] = "tls"
    folders: Annotated[Many[Filled], Field(min_length=1)] = ("INBOX",)
    sent: Filled = "auto"

    @property
    def number(self) -> int:
        """The port, by default the usual one of this kind of security."""
        return self.port or (993 if self.security == "tls" else 143)


class SecretPlace(Part):
    """Where a secret is; never the secret."""

    env: Variable | None = None
    file: Folder | None = None
    credential: Credential | None = None

    @model_validator(mode="before")
    @classmethod
    def _no_value(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            raise ValueError("a secret may not stand here; write {env: NAME} or {file: PATH}")  # noqa: TRY004
        if len(data) != 1:
            raise ValueError("write one of {env: NAME}, {file: PATH}, {credential: NAME}")
        return data


class Auth(Part):
    """How to log in, the same for SMTP and IMAP."""

    user: Filled
    password: SecretPlace
    oauth2: Annotated[None, WithJsonSchema({"not": {}})] = None

    @model_validator(mode="before")
    @classmethod
    def _only_password(cls, data: Any) -> Any:
        """With `oauth2` one message is enough: that `password` is missing goes without saying."""
        if isinstance(data, dict) and "oauth2" in data:
            raise Misfit("oauth2", "oauth2 comes with a later release; use password")
        return data


class LimitsPart(Part):
    """How much one mailbox may send."""

    per_minute: Annotated[int, Field(ge=1, le=10_000)] = 5
    per_hour: Annotated[int, Field(ge=1, le=100_000)] = 30
    per_day: Annotated[int, Field(ge=1, le=1_000_000)] = 120
    in_flight: Annotated[int, Field(ge=1, le=100)] = 1


class Ramp(Part):
    """The daily limit of a new mailbox: so many on the first day, so many more on each following one."""

    start: Annotated[int, Field(ge=1, le=1_000_000)]
    add: Annotated[int, Field(ge=0, le=1_000_000)] = 0


class MailboxPart(Part):
    """An account that we send from and watch."""

    address: Address
    name: HeaderText = ""
    smtp: Smtp
    imap: Imap
    auth: Auth | None = None
    limits: LimitsPart = LimitsPart()
    gap: Gap = "45s..3m"
    ramp: Ramp | None = None
    reports_to: Address | None = None
    signature: Text = ""
    timezone: Zone | None = None
    holidays: OwnHolidays | None = None
    absences: Many[Absence] = ()

    @model_validator(mode="after")
    def _login(self) -> MailboxPart:
        if self.auth is None and not (is_loopback(self.imap.host) and is_loopback(self.smtp.host)):
            raise ValueError('needs "auth"; write auth: {user: NAME, password: {env: NAME}}')
        return self


def _digest_days(days: str) -> str:
    try:
        when.parse_window(f"{days} 00:00-24:00")
    except ValueError:
        raise ValueError('write days such as "mon-fri" or "mon,wed,fri"') from None
    return days


class Digest(Part):
    """The rep's morning mail."""

    at: Annotated[Line, Matches(r"([01][0-9]|2[0-3]):[0-5][0-9]", 'write a time such as "07:30"')] = "07:30"
    days: Annotated[Line, AfterValidator(_digest_days)] = "mon-fri"


class Web(Part):
    """The page, and the address under which the world reaches it."""

    listen: Annotated[
        Line, Matches(r"(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):[0-9]{1,5}", 'write an address and a port such as "127.0.0.1:8025"')
    ] = "127.0.0.1:8025"
    public_url: Line | None = None

    @model_validator(mode="after")
    def _safe(self) -> Web:
        host = self.listen.rpartition(":")[0].strip("[]")
        if not is_loopback(host) and self.public_url is None:
            raise Misfit(
                "listen", "others could open this page; listen on 127.0.0.1, or give the https public_url of the proxy in front"
            )
        if self.public_url is not None:
            url = urlsplit(self.public_url)
            if url.scheme != "https" or not url.hostname or url.path.strip("/") or url.query or "@" in url.netloc:
                raise Misfit("public_url", 'write "https://" and a host name, without path, user or password')
        return self


class Retention(Part):
    """How long we keep what we know of a person."""

    after_finish: Kept = "2y"


class Webhook(Part):
    """A page of yours that is told what happens."""

    url: Annotated[
        Filled, Matches(r"https?://[^\s@]+", 'write an address that begins with "https://", without user and password')
    ]
    events: Many[Filled] = ()
    secret: SecretPlace | None = None


def _mailbox_name(name: str) -> str:
    if name in {"owner", "none"}:
        raise ValueError(f'"{name}" has a meaning of its own in cadences; choose another name')
    return name


MailboxName = Annotated[
    str,
    Matches(r"[a-z0-9][a-z0-9._-]{0,62}", 'write a name of small letters, digits and ". _ -", such as "dana"'),
    AfterValidator(_mailbox_name),
]


class Config(Part):
    """The whole of `config.yaml`."""

    store: Store = "followupd.db"
    paths: Paths = Paths()
    company: CompanyPart = CompanyPart()
    defaults: Defaults = Defaults()
    freshness: ClockTime = "10s"
    mailboxes: Annotated[dict[MailboxName, MailboxPart], Field(min_length=1)]
    digest: Digest | None = None
    web: Web | None = None
    retention: Retention = Retention()
    webhooks: Many[Webhook] = ()
    allow: dict[Name, Filled] = {}  # noqa: RUF012  (a field of a frozen model, copied by pydantic)

    def inherited(self) -> dict[str, Any]:
        """What cadences inherit, as it would stand in their files."""
        given = self.defaults.model_dump(by_alias=True, exclude_none=True, exclude_unset=True)
        usual = {name: getattr(self.defaults, name) for name in ("window", "holidays", "timezone")}
        return usual | {name: given[name] for name in ("limits", "replies", "end", "retry") if name in given}

    def calendars(self) -> dict[str, model.OwnCalendar]:
        """When the owner of each mailbox is not there: the holidays of the mailbox, else the company's; and absences."""
        company = self.company.holidays or ((self.company.country,) if self.company.country else ())
        return {
            name: model.OwnCalendar(
                name=part.name or name,
                holidays=company if part.holidays is None else part.holidays,
                absences=tuple(when.parse_absence(each) for each in part.absences),
            )
            for name, part in self.mailboxes.items()
        }

    def mailbox(self, name: str) -> model.Mailbox:
        """The mailbox of this name as the rest of the program knows it; raises KeyError for an unknown one."""
        part = self.mailboxes[name]
        return model.Mailbox(
            name=name,
            address=part.address,
            display_name=part.name,
            zone=part.timezone or self.defaults.timezone,
            caps=_caps(part),
            signature=part.signature,
        )

    def who(self) -> model.Company:
        """The company as the rest of the program knows it."""
        part = self.company
        domains = tuple(domain.lower() for domain in part.domains)
        return model.Company(
            name=part.name,
            postal_address=part.postal_address,
            country=part.country,
            holidays=part.holidays,
            domains=domains,
        )

    @property
    def freshness_seconds(self) -> float:
        """How old the last reading of a mailbox may be when it sends."""
        return seconds(self.freshness)


def _caps(part: MailboxPart) -> model.Caps:
    return model.Caps(
        per_minute=part.limits.per_minute,
        per_hour=part.limits.per_hour,
        per_day=part.limits.per_day,
        in_flight=part.limits.in_flight,
        gap=gap_seconds(part.gap),
        ramp_start=part.ramp.start if part.ramp else None,
        ramp_add=part.ramp.add if part.ramp else 0,
    )


# -- text to config ------------------------------------------------------------------------------


def load_config(text: str, path: str) -> tuple[Config | None, list[Problem]]:
    """The config, or every problem of it. One that has problems is not to be used."""
    config, _, problems = read_config(text, path)
    return config, problems


def read_config(text: str, path: str) -> tuple[Config | None, yaml_text.Document | None, list[Problem]]:
    """As `load_config`, with the document, for those who have more to say about places in it."""
    document, problems = yaml_text.read(text, path, begin='"mailboxes:"')
    if document is None:
        return None, None, problems
    config, problems = validate(document, Config)
    if config is not None:
        problems = sorted({*_cross(config, document), *cadence.check_effects(document, *_own_replies(document))})
    return (None if problems else config), document, problems


def _own_replies(document: yaml_text.Document) -> tuple[yaml_text.Location, Any]:
    defaults = document.data.get("defaults")
    return ("defaults", "replies"), defaults.get("replies") if isinstance(defaults, dict) else None


def _cross(config: Config, document: yaml_text.Document) -> Iterator[Problem]:
    """What no single value shows: two mailboxes with one address, a mailbox of another domain."""
    seen: dict[str, str] = {}
    for name, part in config.mailboxes.items():
        place = ("mailboxes", name, "address")
        address = part.address.lower()
        if address in seen:
            line, column = document.place(("mailboxes", seen[address], "address"))
            yield document.problem(
                place, f"mailbox {seen[address]} at {line}:{column} has this address too; one mailbox an address"
            )
        seen.setdefault(address, name)
        domain = address.rpartition("@")[2]
        domains = {each.lower() for each in config.company.domains}
        if domains and domain not in domains:
            text = f"{domain} is not among company.domains; {did_you_mean(domain, domains)} or add it there"
            yield document.problem(place, text)
