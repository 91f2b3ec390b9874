"""`config.yaml`: the models of all its keys, and how a mailbox of the config becomes a `Mailbox`.

Decides what the config may say and what holds where it says nothing. Never reads a file, a variable or a secret: it
only knows where a secret is. A secret typed into the file is refused, and no message shows any value of `auth`.
"""

from __future__ import annotations

import codecs
import ipaddress
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from followupd.core import model, when
from followupd.core.authentication import KNOWN_SERVERS
from followupd.core.nurture import Rule
from followupd.files import cadence, meant, yaml_text
from followupd.files.blanks import LONGEST_NAME
from followupd.files.flows import Flow, flow_named, flow_names
from followupd.files.lookalikes import deceives
from followupd.files.problems import Problem, did_you_mean, shown
from followupd.files.providers import PROVIDERS
from followupd.files.secret import NoSecret, Secret, read_secret
from followupd.files.sheet import Limits
from followupd.files.validation import validate
from followupd.files.values import (
    DAYS_PATTERN,
    HIDDEN,
    Column,
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
    Shape,
    Text,
    Window,
    Yes,
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
    if not value.partition("@")[0].isascii():  # needs SMTPUTF8 (RFC 6531) at every server on the way
        raise ValueError("letters outside ASCII can't stand before the @ everywhere; write another address of this mailbox")
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(value, check_deliverability=False, globally_deliverable=False, allow_smtputf8=False)
    except EmailNotValidError:
        inside = re.search(r"<([^<>\s]{3,100})>", value)
        such = inside[1] if inside and _PLAIN_ADDRESS.fullmatch(inside[1]) else "dana@example.com"
        raise ValueError(f'write {"" if inside else "a mail address such as "}"{such}"') from None
    if why := deceives(found.domain):
        raise ValueError(f'"{shown(found.domain)}" {why}; type it again')
    return f"{found.local_part}@{found.ascii_domain}"


def _gap(value: str) -> str:
    return meant.read(gap_seconds, value, meant.gap)


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
    return meant.read(seconds, value, meant.clock_length)


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
    return meant.read(_is_kept, value, meant.kept)


def _is_kept(value: str) -> str:
    if not re.fullmatch(r"[1-9][0-9]{0,3}(d|w|y)", value):
        raise ValueError('write how long to keep it, such as "90d", "26w" or "2y"')
    return value


def days(kept: str) -> int:
    """`90d`, `26w` or `2y` in days."""
    return int(kept[:-1]) * {"d": 1, "w": 7, "y": 365}[kept[-1]]


def _size(value: str) -> str:
    return meant.read(size, value, meant.size)


def size(text: str) -> int:
    """`64MB` in bytes."""
    found = re.fullmatch(r"([0-9]{1,6})(kB|MB|GB)", text)
    if not found:
        raise ValueError('write a size such as "64MB" or "1GB"')
    return int(found[1]) * {"kB": 10**3, "MB": 10**6, "GB": 10**9}[found[2]]


def _country(value: str) -> str:
    return meant.read(_is_country, value, meant.holiday_code)


def _is_country(value: str) -> str:
    if not re.fullmatch(r"[A-Z]{2}", value):
        raise ValueError('write a country of two letters, such as "US" or "DE"')
    when.calendar_for((value,))
    return value


_TOLD_APART = "a secret may not stand here; leave the password out and set PGPASSWORD, or use ~/.pgpass"


def _store(value: str) -> str:
    scheme, mark, _ = value.partition("://")
    if re.search(r"pass(?:word|wd|phrase)?\s*=|:/[^/@:]*:[^@]*@", value, re.IGNORECASE):
        raise ValueError(_TOLD_APART)
    if not mark:
        return _path(value)
    if scheme not in {"postgresql", "postgres", "sqlite"}:
        raise ValueError(f'"{shown(scheme)}" is not known; write a file name, or postgresql://user@host/database')
    if "@" in value and ":" in value.partition("://")[2].rpartition("@")[0]:
        raise ValueError(_TOLD_APART)
    if scheme == "sqlite":
        raise ValueError('write the name of the file alone, such as "followupd.db"')
    return value


def _header_text(value: str) -> str:
    if len(value) > LONGEST_NAME:
        raise ValueError(f"longer than {LONGEST_NAME} characters; shorten it")
    if "=?" in value:
        raise ValueError('"=?" begins an encoded header; write the plain name')
    if hidden := HIDDEN.search(value):
        raise ValueError(f"an invisible character (U+{ord(hidden[0]):04X}) stands here; type it again")
    return value


ABSENCE_PATTERN = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(\.\.[0-9]{4}-[0-9]{2}-[0-9]{2})?$"


def _absence(value: str) -> str:
    return meant.read(when.parse_absence, value, meant.absence)


def _none(value: Any) -> Any:
    return () if value == "none" else value


Absence = Annotated[Line, AfterValidator(_absence), WithJsonSchema({"type": "string", "pattern": ABSENCE_PATTERN})]
OwnHolidays = Annotated[Many[HolidayCode], BeforeValidator(_none), OrElse({"const": "none"})]
HeaderText = Annotated[Line, AfterValidator(_header_text)]
Address = Annotated[
    Line, AfterValidator(_address), WithJsonSchema({"type": "string", "format": "email", "pattern": r"^[^@\s]+@[^@\s]+$"})
]
Gap = Annotated[Line, AfterValidator(_gap), WithJsonSchema({"type": "string", "pattern": r"^[0-9]+(s|m|h)(\.\.[0-9]+(s|m|h))?$"})]
ClockTime = Annotated[Line, AfterValidator(_clock_time), WithJsonSchema({"type": "string", "pattern": r"^[0-9]+(s|m|h)$"})]
Host = Annotated[
    Line,
    AfterValidator(_host),
    Shape(
        r"^([A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?|[0-9A-Fa-f:]{2,45})$",
        'write a host name such as "smtp.example.com", without port or "//"',
    ),
]
Folder = Annotated[
    Filled,
    AfterValidator(_path),
    Shape(r"^(?!~)(?!(.*/)?\.\.(/|$))[^\n]*$", 'write a path below this file, or the whole path, beginning with "/"'),
]
MOST_PORT = 65535
Port = Annotated[int, Field(ge=1, le=MOST_PORT)]
Kept = Annotated[Line, AfterValidator(_kept), WithJsonSchema({"type": "string", "pattern": "^[1-9][0-9]{0,3}(d|w|y)$"})]
Size = Annotated[Line, AfterValidator(_size), WithJsonSchema({"type": "string", "pattern": "^[0-9]{1,6}(kB|MB|GB)$"})]
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
    """The folder of cadences."""
    templates: Folder = "templates"
    """The folder of messages and task notes."""
    content: Folder = "content"
    """The folder of things worth reading."""
    inbox: Folder = "inbox"
    """The folder in which CSV files are saved."""
    tests: Folder = "tests"
    """The folder of cadence tests."""


class CompanyPart(Part):
    """Who we are."""

    name: Line = ""
    """As prospects see it."""
    postal_address: Text = ""
    """Stands at the foot of each mail; many countries ask for it."""
    country: Country | None = None
    """Where you are: two letters, such as US."""
    holidays: Many[HolidayCode] = ()
    """Your own holidays, such as [US, DE-BY]; on them the mailboxes rest."""
    domains: Many[Annotated[Filled, Matches(r"[^@\s/:<>]+", 'write a domain such as "example.com", without "@"')]] = ()
    """Your own mail domains: their addresses are colleagues and are never written to as prospects."""


class Defaults(Part):
    """What cadences inherit where they say nothing themselves."""

    window: Window = "mon-fri 09:00-17:00"
    """When mail may leave, in the prospect's own time zone."""
    holidays: Holidays = ("prospect",)
    """On whose holidays nothing leaves: `prospect`, codes such as [US, DE-BY], or `none`."""
    timezone: Zone = "UTC"
    """The zone of prospects whose row names neither a zone nor a country."""
    limits: cadence.LimitsPart | None = None
    """How much one person may get of one cadence."""
    replies: cadence.Replies | None = None  # type: ignore[valid-type]
    """What follows from an answer, where it differs from the usual."""
    end: cadence.EndPart | None = None
    """What follows when nobody answered."""
    retry: cadence.Retry | None = None
    """How long to wait after each time that a mail server puts a mail off."""


class Server(Part):
    """How to reach a mail server."""

    host: Host
    """Its name or address, without port."""
    port: Port | None = None
    """Its port; by itself the usual one of this security."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    """How the connection is encrypted; none is for this machine only."""
    others: ClassVar[Mapping[int, str]] = {}

    @model_validator(mode="after")
    def _safe(self) -> Server:
        if self.security == "none" and not is_loopback(self.host):
            raise Misfit("security", '"none" is for this machine only (127.0.0.1); write starttls or tls')
        if self.port and self.port in self.others:
            raise Misfit("port", f"port {self.port} is where {self.others[self.port]}; leave it out for the usual one")
        for right, wrong in (("tls", "starttls"), ("starttls", "tls")):
            if self.security == wrong and self.port in _USUAL[right]:
                raise Misfit("security", f"port {self.port} is for {right}; write security: {right}")
        return self


_USUAL = {"tls": {465, 993}, "starttls": {587, 143}}


class Smtp(Server):
    """The server that takes our mail."""

    others: ClassVar[Mapping[int, str]] = dict.fromkeys((143, 993), "mail is read (IMAP)")

    @property
    def number(self) -> int:
        """The port, by default the usual one of this kind of security."""
        return self.port or {"starttls": 587, "tls": 465, "none": 25}[self.security]


class Imap(Server):
    """The server that we read. `sent` is the folder of sent mail, or `auto`."""

    others: ClassVar[Mapping[int, str]] = dict.fromkeys((25, 465, 587), "mail is sent (SMTP)")
    security: Literal["starttls", "tls", "none"] = "tls"
    """How the connection is encrypted; none is for this machine only."""
    folders: Annotated[Many[Filled], Field(min_length=1)] = ("INBOX",)
    """The folders that are read."""
    sent: Filled = "auto"
    """The folder of sent mail; auto: found by itself."""
    copies: Literal["auto", "server", "append", "none"] = "auto"
    """Who puts a copy of what is sent there: the server, followupd (append), nobody; auto: found out by looking."""
    authserv: Host | None = None
    """The name under which the receiving server writes Authentication-Results; known by itself for Gmail, Microsoft 365 and Fastmail."""

    @property
    def number(self) -> int:
        """The port, by default the usual one of this kind of security."""
        return self.port or (993 if self.security == "tls" else 143)

    @property
    def vouches(self) -> str | None:
        """The name of the server whose word on senders counts; None where none is known."""
        return self.authserv or KNOWN_SERVERS.get(self.host.lower())


class SecretPlace(Part):
    """Where a secret is; never the secret."""

    env: Variable | None = None
    """The environment variable that holds it."""
    file: Folder | None = None
    """The file that holds it; others may not be able to read that."""
    credential: Credential | None = None
    """Its name among the credentials of systemd."""

    @model_validator(mode="before")
    @classmethod
    def _no_value(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            raise ValueError("a secret may not stand here; write {env: NAME} or {file: PATH}")  # noqa: TRY004
        if len(data) != 1:
            raise ValueError("write one of {env: NAME}, {file: PATH}, {credential: NAME}")
        return data


def _endpoint(value: str) -> str:
    url = urlsplit(value)
    safe = url.scheme == "https" or (url.scheme == "http" and is_loopback(url.hostname or ""))
    if not safe or not url.hostname or url.fragment or "@" in url.netloc or not value.isprintable():
        raise ValueError('write an address that begins with "https://", without user and password')
    return value


Endpoint = Annotated[
    Line,
    AfterValidator(_endpoint),
    Shape(
        r"^(https://[^@\s#]+|http://(localhost|127\.[0-9.]+|\[::1\])(:[0-9]+)?(/[^@\s#]*)?)$",
        'write an address that begins with "https://", without user and password',
    ),
]


class OAuth2(Part):
    """A login by token: at Google, or at Microsoft 365."""

    provider: Literal["google", "microsoft"]
    """Whose mailbox it is."""
    flow: Literal["browser", "service", "device", "app"] | None = None
    """How the token is had: google has browser (usual) and service, microsoft device (usual) and app."""
    client_id: Annotated[Filled, Matches(r"[!-~]{1,250}", "write the client id as the provider shows it")] | None = None
    """The number of your app at the provider."""
    client_secret: SecretPlace | None = None
    """Where the secret of your app is found."""
    key: SecretPlace | None = None
    """Where the JSON key of the service account is found."""
    tenant: Annotated[Filled, Matches(r"[A-Za-z0-9][A-Za-z0-9.-]{0,250}", "write the tenant's id or domain")] | None = None
    """Your organisation at Microsoft: its id or domain."""
    tokens: Folder | None = None
    """The file in which the consent is kept; by itself secrets/ and the mailbox's name, ending in .oauth2."""
    authorize_url: Endpoint | None = None
    """The page of consent, where it is not the provider's usual one."""
    device_url: Endpoint | None = None
    """The address that gives out device codes, where it is not the provider's usual one."""
    token_url: Endpoint | None = None
    """The address that gives out tokens, where it is not the provider's usual one."""

    @model_validator(mode="after")
    def _fits(self) -> OAuth2:
        flow = flow_named(self.provider, self.flow)
        if flow is None:
            raise Misfit("flow", f'{self.provider} has no flow "{self.flow}"; write {" or ".join(flow_names(self.provider))}')
        given = self.model_fields_set - {"provider", "flow"}
        lacking = [name for name in flow.needs if getattr(self, name) is None]
        if lacking:
            raise ValueError(f"needs {' and '.join(map(_quoted, lacking))} for the flow {flow.name} of {self.provider}; add it")
        for name in sorted(given - flow.keys):
            raise Misfit(name, f"is not for the flow {flow.name} of {self.provider}; remove it")
        if flow.name == "app" and self.tenant in {"common", "organizations", "consumers"}:
            raise Misfit("tenant", "the flow app needs one organisation; write its id or domain")
        return self

    def way(self) -> Flow:
        """The flow with its addresses, as the config has them."""
        flow = flow_named(self.provider, self.flow)
        assert flow is not None
        names = ("authorize_url", "device_url", "token_url")
        urls = {name: getattr(self, name) or getattr(flow, name).format(tenant=self.tenant or "organizations") for name in names}
        return replace(flow, **urls)


def _quoted(name: str) -> str:
    return f'"{name}"'


class Auth(Part):
    """How to log in, the same for SMTP and IMAP: by password, or by oauth2."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["password"]}, {"required": ["oauth2"]}]})

    user: Filled
    """The name to log in with."""
    password: SecretPlace | None = None
    """Where the password is found."""
    oauth2: OAuth2 | None = None
    """The login by token, where the provider wants no password."""

    @model_validator(mode="after")
    def _one_way(self) -> Auth:
        if self.password is None and self.oauth2 is None:
            raise ValueError('needs "password", such as {env: NAME}; or "oauth2"')
        if self.password is not None and self.oauth2 is not None:
            raise Misfit("oauth2", "there is a password as well; keep one of the two")
        return self

    def secret(self) -> tuple[tuple[str, ...], SecretPlace] | None:
        """Where the secret that this login needs is found, and the keys under which the config says so."""
        if self.password is not None:
            return ("password",), self.password
        for name in ("client_secret", "key"):
            place = getattr(self.oauth2, name)
            if place is not None:
                return ("oauth2", name), place
        return None

    def consent(self, mailbox: str) -> str:
        """The file in which the consent to a login by token is kept."""
        return (self.oauth2.tokens if self.oauth2 else None) or f"secrets/{mailbox}.oauth2"

    def secret_files(self, mailbox: str) -> Iterator[tuple[tuple[str, ...], str]]:
        """Files that hold something secret, each with the keys under which the config names it."""
        named = self.secret()
        if named and named[1].file:
            yield (*named[0], "file"), named[1].file
        if self.oauth2 is not None and self.oauth2.way().consent:
            yield ("oauth2", "tokens") if self.oauth2.tokens else ("oauth2",), self.consent(mailbox)


class PerDomain(Part):
    """How much one mailbox may send to one company. Where strangers share a domain, as at gmail.com, only the mailbox's own limits hold."""

    per_hour: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """The most mails in an hour; by itself half of the mailbox's, and at least 10."""
    per_day: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """The most mails in a day; by itself half of the mailbox's, and at least 20."""


def _with_preset(value: Any) -> Any:
    """A preset's figures, where the limits say nothing themselves."""
    given = {"preset": value} if isinstance(value, str) else value
    if isinstance(given, dict) and "preset" in given:
        name = given["preset"]
        if not isinstance(name, str) or name not in PROVIDERS:
            raise Misfit("preset", f'"{shown(str(name))}" is not known; {did_you_mean(str(name), PROVIDERS)}')
        return {**PROVIDERS[name].usual, **given}
    return given


class LimitsPart(Part):
    """How much one mailbox may send; or the name of a preset: gmail, workspace, microsoft365."""

    preset: Line | None = None
    """The provider whose usual figures hold where none is given here: gmail, workspace or microsoft365."""
    per_minute: Annotated[int, Field(ge=1, le=10_000)] = 5
    """The most mails in a minute."""
    per_hour: Annotated[int, Field(ge=1, le=100_000)] = 30
    """The most mails in an hour."""
    per_day: Annotated[int, Field(ge=1, le=1_000_000)] = 120
    """The most mails in a day."""
    in_flight: Annotated[int, Field(ge=1, le=100)] = 1
    """The most mails on their way at once."""
    per_domain: PerDomain = PerDomain()
    """How much of that may go to one company."""

    @model_validator(mode="before")
    @classmethod
    def _preset(cls, data: Any) -> Any:
        return _with_preset(data)


class Ramp(Part):
    """The daily limit of a new mailbox: so many on the first day, so many more on each following one."""

    start: Annotated[int, Field(ge=1, le=1_000_000)]
    """Mails on the first day."""
    add: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    """So many more on each day after."""


class MailboxPart(Part):
    """An account that we send from and watch."""

    address: Address
    """The address that we write from."""
    name: HeaderText = ""
    """The name that prospects see."""
    smtp: Smtp
    """The server that takes our mail."""
    imap: Imap
    """The server that we read."""
    auth: Auth | None = None
    """How to log in; needed, but on servers of this machine."""
    limits: Annotated[LimitsPart, OrElse({"enum": [*PROVIDERS]})] = LimitsPart()
    """How much this mailbox may send; or a preset, such as workspace."""
    gap: Gap = "45s..3m"
    """Between two mails, drawn by chance; 0s for none."""
    ramp: Ramp | None = None
    """The daily limit of a new mailbox, which grows."""
    doubtful: Literal["ask", "resend"] = "ask"
    """A mail of which nobody knows whether it was sent: ask, or, once it is certain that no copy lies in the mailbox, send it again."""
    copy_to_self: Yes = False
    """Send a blind copy of every mail to the mailbox itself: proof of what was sent, where no folder of sent mail gives it."""
    reports_to: Address | None = None
    """The manager's address: hears about what the owner leaves lying."""
    signature: Text = ""
    """Stands below each mail."""
    timezone: Zone | None = None
    """The owner's own time zone."""
    holidays: OwnHolidays | None = None
    """The owner's holidays, such as [US], or `none`; by itself those of the company."""
    plus: Yes = False
    """Whether dana+anything@ reaches this mailbox: then doors and opt-outs carry a token, and are known whoever sends them."""
    absences: Many[Absence] = ()
    """Days on which the owner is away, such as "2026-12-24..2027-01-02"."""

    @model_validator(mode="after")
    def _login(self) -> MailboxPart:
        if self.auth is None and not (is_loopback(self.imap.host) and is_loopback(self.smtp.host)):
            raise ValueError('needs "auth"; write auth: {user: NAME, password: {env: NAME}}')
        return self


_SUCH_DAYS = 'write days such as "mon-fri" or "mon,wed,fri"'


def _digest_days(days: str) -> str:
    return meant.read(_are_days, days, meant.days, otherwise=_SUCH_DAYS)


def _are_days(days: str) -> None:
    when.parse_window(f"{days} 00:00-24:00")


_DIGEST_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]"


def _digest_time(value: str) -> str:
    return meant.read(_is_digest_time, value, meant.clock_time)


def _is_digest_time(value: str) -> None:
    if not re.fullmatch(_DIGEST_TIME, value):
        raise ValueError('write a time such as "07:30"')


class Digest(Part):
    """The rep's morning mail."""

    at: Annotated[
        Line, AfterValidator(_digest_time), Shape(f"^({_DIGEST_TIME})$", 'write a time such as "07:30"', type="string")
    ] = "07:30"
    """When it comes, on the owner's clock."""
    days: Annotated[Line, AfterValidator(_digest_days), Shape(DAYS_PATTERN, _SUCH_DAYS, type="string")] = "mon-fri"
    """On which days it comes, such as mon-fri."""


class AnswerWithin(Part):
    """How long somebody who wrote to us may wait for a human's answer, in working time of the mailbox's owner."""

    remind: ClockTime = "8h"
    """After so much working time the owner is reminded, once."""
    escalate: ClockTime = "16h"
    """After so much working time the manager (reports_to) is told, once."""
    hours: Window = "mon-fri 09:00-17:00"
    """The owner's working hours, on their clock; their holidays are none."""

    @model_validator(mode="after")
    def _in_order(self) -> AnswerWithin:
        if seconds(self.remind) >= seconds(self.escalate):
            raise Misfit("escalate", f'comes after remind; write a longer time than "{self.remind}"')
        return self


_PUBLIC_URL = re.compile(r"https://(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9-]{1,63}(?::[0-9]{1,5})?/?")


class Web(Part):
    """The page, and the address under which the world reaches it."""

    listen: Annotated[
        Line, Matches(r"(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):[0-9]{1,5}", 'write an address and a port such as "127.0.0.1:8025"')
    ] = "127.0.0.1:8025"
    """The address and port of the page."""
    public_url: Line | None = None
    """The https address under which the world reaches it; makes one-click opt-out possible."""

    @model_validator(mode="after")
    def _safe(self) -> Web:
        host, _, port = self.listen.rpartition(":")
        if int(port) > MOST_PORT:
            raise Misfit("listen", f"there is no port {port}; write one of at most {MOST_PORT}")
        host = host.strip("[]")
        if not is_loopback(host) and self.public_url is None:
            raise Misfit(
                "listen", "others could open this page; listen on 127.0.0.1, or give the https public_url of the proxy in front"
            )
        if self.public_url is not None and not _PUBLIC_URL.fullmatch(self.public_url):
            raise Misfit("public_url", 'write "https://" and a host name, without path, user or password')
        return self


class Disk(Part):
    """How full the disk with the store may get."""

    floor: Size = "64MB"
    """So much must be free, or nothing new is sent until it is: what has happened could not be written down."""

    @property
    def floor_bytes(self) -> int:
        """The floor, in bytes."""
        return size(self.floor)


def _encoding(value: str) -> str:
    try:
        known = codecs.lookup(value)
    except LookupError:
        known = None
    if known is None or not getattr(known, "_is_text_encoding", False) or len("é".encode(known.name, "replace")) != 1:
        raise ValueError("write an encoding of one byte a letter, such as cp1252, iso8859-15, cp1250 or mac-roman")
    return value


class IntakePart(Part):
    """CSV files: how much of one is read, and what each row must say."""

    rows: Annotated[int, Field(ge=1, le=10_000_000)] = 1_000_000
    """The most rows of one file; all below are handed back."""
    megabytes: Annotated[int, Field(ge=1, le=10_000)] = 200
    """The most megabytes of one file."""
    columns: Annotated[int, Field(ge=1, le=10_000)] = 200
    """The most columns of one file."""
    encoding: Annotated[Line, AfterValidator(_encoding)] = "cp1252"
    """How files are read that are not Unicode."""
    needs: Many[Column] = ()
    """Columns that each row must fill, whatever its cadence, such as [basis]: why you may write to this person."""

    @property
    def limits(self) -> Limits:
        """How much of a file is read."""
        return Limits(rows=self.rows, bytes=self.megabytes * 1_000_000, columns=self.columns)


class AfterNo(Part):
    """What may follow a no to the offer, or silence. To somebody who wants no contact nothing is ever sent."""

    nurture: Literal["allowed", "consent", "never"] = "allowed"
    """Whether useful mail may go on: `allowed`, only with `consent` (the column `basis` says so, or they did), or `never`."""
    consent_in: Many[Country] = ("AT", "AU", "CA", "DE")
    """Countries whose people need consent although it is allowed elsewhere."""


def _rest(value: str) -> str:
    return "none" if value == "none" else meant.read(_is_rest, value, meant.kept)


def _is_rest(value: str) -> None:
    if not re.fullmatch(r"[1-9][0-9]{0,3}(d|w|y)", value):
        raise ValueError('write how long, such as "30d", "6w" or "none"')


Rest = Annotated[Line, AfterValidator(_rest), WithJsonSchema({"type": "string", "pattern": "^([1-9][0-9]{0,3}(d|w|y)|none)$"})]


class CourtesyPart(Part):
    """How long nobody else at a company is written to after a clear answer from there; `none`: they go on."""

    after_yes: Rest = "30d"
    """After a yes: you are talking with them."""
    after_no: Rest = "30d"
    """After a no."""
    after_opt_out: Rest = "90d"
    """After somebody wants no more mail."""

    def span(self, outcome: model.Outcome) -> timedelta | None:
        """How long after such an answer; None: not at all."""
        spans = {model.Outcome.YES: self.after_yes, model.Outcome.NO: self.after_no, model.Outcome.OPTED_OUT: self.after_opt_out}
        text = spans.get(outcome, "none")
        return None if text == "none" else timedelta(days=days(text))


_DAY_OF_YEAR = r"(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"


def _day_of_year(value: str) -> str:
    try:
        date.fromisoformat(f"2028-{value}")  # a year that has every day
    except ValueError:
        raise ValueError('write month and day, such as "01-07"') from None
    return value


DayOfYear = Annotated[Line, AfterValidator(_day_of_year), Shape(f"^{_DAY_OF_YEAR}$", 'write month and day, such as "01-07"')]


class ReopenPart(Part):
    """The yearly look at old noes: who may have a new reason by now."""

    on: Annotated[Many[DayOfYear], Field(min_length=1)] = ("01-07",)
    """When the list is laid into the owner's folder: month and day, or the owner's first working morning after it."""
    after: Kept = "270d"
    """How old a no must be; and for how long nobody is listed again who was."""
    reasons: Many[Literal["price", "budget", "timing", "competitor", "no_need", "authority", "trust", "other"]] = (
        "timing",
        "budget",
        "competitor",
        "price",
    )
    """Which reasons can age. The real reason counts where it is known."""


class Retention(Part):
    """How long we keep what we know of a person."""

    after_finish: Kept = "2y"
    """People are forgotten so long after their last cadence has ended."""


class ReaderPart(Part):
    """How replies are read, beside the rules and the statistical reader that come with followupd."""

    command: Annotated[Many[Filled], Field(min_length=1)]
    """A program of yours that gives a third opinion: JSON in, JSON out; it may doubt a verdict, and never makes a firm one."""
    timeout: ClockTime = "20s"
    """How long it may take."""


class Webhook(Part):
    """A page of yours that is told what happens."""

    url: Annotated[
        Filled, Matches(r"https?://[^\s@]+", 'write an address that begins with "https://", without user and password')
    ]
    """The address of the page."""
    events: Many[Filled] = ()
    """What it is told; everything if left out."""
    secret: SecretPlace | None = None
    """Where the secret is found that signs what it is told."""


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
    """All state: a file beside this one, or postgresql://user@host/database."""
    paths: Paths = Paths()
    """Where the files are, relative to this one."""
    company: CompanyPart = CompanyPart()
    """Who you are."""
    defaults: Defaults = Defaults()
    """What cadences inherit where they say nothing themselves."""
    freshness: ClockTime = "10s"
    """How old the last reading of a mailbox may be when it sends."""
    shared_look: ClockTime = "1s"
    """For how long mails of one mailbox that were claimed together share a reading; 0s: each has its own, taken after its envelope."""
    trip_wire: Annotated[int, Field(ge=1, le=1000)] = 4
    """The most mails that one address gets within 20 hours, whatever the cadences say; what answers its own mail is not held up."""
    ops: Address | None = None
    """Who is told by mail when a mailbox stops or can't be used; nobody if left out."""
    mailboxes: Annotated[dict[MailboxName, MailboxPart], Field(min_length=1)]
    """One entry for each account that sends; the name is also the owner's name in the CSV file."""
    reader: ReaderPart | None = None
    """A third opinion on replies; none if left out."""
    digest: Digest | None = None
    """The owner's morning mail: what is to do today; none if left out."""
    answer_within: AnswerWithin = AnswerWithin()
    """How long somebody who wrote to us may wait for a human's answer."""
    web: Web | None = None
    """A page for those who want one; none if left out."""
    disk: Disk = Disk()
    """How full the disk with the store may get."""
    intake: IntakePart = IntakePart()
    """CSV files: how much of one is read, and what each row must say."""
    after_no: AfterNo = AfterNo()
    """What may follow a no to the offer, or silence."""
    reopen: ReopenPart | None = None
    """The yearly look at old noes; if left out, there is only the command."""
    courtesy: CourtesyPart | None = None
    """How long colleagues are left alone after a clear answer; if left out, they are not."""
    retention: Retention = Retention()
    """How long we keep what we know of a person."""
    webhooks: Many[Webhook] = ()
    """Addresses that are told what happened."""
    allow: dict[Name, Filled] = {}  # noqa: RUF012  (a field of a frozen model, copied by pydantic)
    """Warnings of `check` that are meant to be so: the rule, and the reason."""

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
            caps=_caps(part, self.trip_wire),
            signature=part.signature,
            plus=part.plus,
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

    def keeping_warm(self) -> Rule:
        """Who may be kept warm after a no or silence."""
        part = self.after_no
        return Rule(nurture=part.nurture, consent_in=frozenset(part.consent_in), home=self.company.country or "")

    @property
    def freshness_seconds(self) -> float:
        """How old the last reading of a mailbox may be when it sends."""
        return seconds(self.freshness)

    @property
    def shared_look_seconds(self) -> float:
        """For how long mails that leave one after the other share a reading of their mailbox."""
        return min(seconds(self.shared_look), self.freshness_seconds / 2)


def _caps(part: MailboxPart, trip_wire: int) -> model.Caps:
    limits = part.limits
    return model.Caps(
        per_minute=limits.per_minute,
        per_hour=limits.per_hour,
        per_day=limits.per_day,
        in_flight=limits.in_flight,
        domain_hour=limits.per_domain.per_hour or max(10, limits.per_hour // 2),
        domain_day=limits.per_domain.per_day or max(20, limits.per_day // 2),
        one_person=trip_wire,
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
    document, problems = yaml_text.read(text, path, begin='"mailboxes:"', limit=yaml_text.MAX_CONFIG)
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
