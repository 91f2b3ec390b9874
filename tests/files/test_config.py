"""`config.yaml`: what it may say, and that no secret ever stands in it or comes out of it."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from followupd.core.model import Caps, Company
from followupd.files.config import Config, NoSecret, Secret, SecretPlace, load_config, read_secret
from followupd.files.providers import PROVIDERS, provider_of

EXAMPLE = (Path(__file__).parent / "examples/config.yaml").read_text()

SMALL = """mailboxes:
  dana:
    address: dana@example.com
    smtp: {host: 127.0.0.1, port: 2525, security: none}
    imap: {host: 127.0.0.1, port: 1143, security: none}
"""


def good(text: str) -> Config:
    config, problems = load_config(text, "config.yaml")
    assert not problems, [str(problem) for problem in problems]
    assert config is not None
    return config


def only_problem(text: str) -> str:
    config, problems = load_config(text, "config.yaml")
    assert config is None
    assert len(problems) == 1, [str(problem) for problem in problems]
    return str(problems[0])


def test_many_mailboxes() -> None:
    """A thousand mailboxes, as one daemon may hold, are a good config; what is beyond a megabyte is not read."""
    one = SMALL.removeprefix("mailboxes:\n")
    signature = "    signature: " + 200 * "x" + "\n"
    many = "mailboxes:\n" + "".join((one + signature).replace("dana", f"rep-{number}") for number in range(1000))
    assert len(many) > 300_000
    assert len(good(many).mailboxes) == 1000
    assert "at most 1024 KB" in only_problem("mailboxes:\n" + 3000 * (one + signature))


def test_the_example() -> None:
    """The whole example of the manual loads, and its mailbox is as written."""
    config = good(EXAMPLE)
    dana = config.mailbox("dana")
    assert (dana.address, dana.display_name, dana.zone) == ("dana@example.com", "Dana Reyes", "America/New_York")
    assert dana.caps == Caps(per_minute=5, per_hour=30, per_day=120, in_flight=1, gap=(45.0, 180.0), ramp_start=20, ramp_add=10)
    assert dana.signature == "Dana Reyes, Example Ltd\n"
    assert config.freshness_seconds == 10
    assert config.mailboxes["dana"].smtp.number == 587
    assert config.mailboxes["dana"].imap.sent == "auto"
    assert config.who() == Company(
        name="Example Ltd", postal_address="1 Main Street, Springfield", country="US", holidays=("US",), domains=("example.com",)
    )


def test_defaults() -> None:
    """Five lines are a config; everything else has a default."""
    config = good(SMALL)
    assert config.mailbox("dana").caps == Caps(gap=(45.0, 180.0))
    assert config.mailbox("dana").zone == config.defaults.timezone == "UTC"
    assert (config.store, config.paths.inbox, config.digest, config.webhooks) == ("followupd.db", "inbox", None, ())
    assert config.mailboxes["dana"].auth is None


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [("0s", (0, 0)), ("30s", (30, 30)), ("45s..3m", (45, 180)), ("1m..1h", (60, 3600)), ("0s..1s", (0, 1))],
)
def test_gap(typed: str, seconds: tuple[float, float]) -> None:
    """A gap is one time or a span of two."""
    assert good(f"{SMALL}    gap: {typed}\n").mailbox("dana").caps.gap == seconds


@pytest.mark.parametrize("typed", ["3m..45s", "soon", "-1s", "2d", "1s..", "..3s", "1s...3s", "99h", "''"])
def test_bad_gap(typed: str) -> None:
    """Anything else is told with its place."""
    assert only_problem(f"{SMALL}    gap: {typed}\n").startswith("config.yaml:6:10: mailboxes.dana.gap: ")


def test_ports_by_security() -> None:
    """A port that is left out is the usual one."""
    config = good(SMALL.replace(", port: 2525, security: none", "").replace(", port: 1143, security: none", ""))
    assert (config.mailboxes["dana"].smtp.number, config.mailboxes["dana"].imap.number) == (587, 993)


@pytest.mark.parametrize(
    "typed",
    ["hunter2", '"hunter2"', "20262026", "[hunter2]", "{env: hunter 2}", "{value: hunter2}", "{hunter2: x, env: Y}", "true"],
)
def test_a_secret_in_the_file_is_refused_and_not_shown(typed: str) -> None:
    """A password typed into the config is refused at its place, and its value is in no message."""
    config, problems = load_config(f"{SMALL}    auth: {{user: dana, password: {typed}}}\n", "config.yaml")
    assert config is None
    assert [(problem.line, problem.text.partition(": ")[0][:28]) for problem in problems] == [(6, "mailboxes.dana.auth.password")]
    assert "hunter" not in str(problems)
    assert "2026" not in str(problems)


def test_a_secret_in_the_store_address_is_refused() -> None:
    """The store's address may name a user, but no password."""
    assert good(f"store: postgresql://dana@db.example.com/f\n{SMALL}").store == "postgresql://dana@db.example.com/f"
    message = only_problem(f"store: postgresql://dana:hunter2@db.example.com/f\n{SMALL}")
    assert "a secret may not stand here" in message
    assert "hunter" not in message


LOGINS = [
    # what stands under oauth2, and the flow, or what is said of it
    ("provider: google, client_id: a, client_secret: {env: X}", "browser"),
    ("provider: google, flow: service, key: {file: k.json}", "service"),
    ("provider: microsoft, client_id: a", "device"),
    ("provider: microsoft, flow: app, client_id: a, client_secret: {credential: x}, tenant: example.com", "app"),
    ('provider: microsoft, client_id: a, token_url: "http://127.0.0.1:8080/token"', "device"),
    ("x: y", 'x: no such key; did you mean "provider"?'),
    ("provider: yahoo", "provider: write 'google' or 'microsoft'"),
    ("provider: google, flow: device", 'flow: google has no flow "device"; write browser or service'),
    ("provider: google", 'needs "client_id" and "client_secret" for the flow browser of google; add it'),
    ("provider: google, flow: service", 'needs "key" for the flow service of google; add it'),
    (
        "provider: google, client_id: a, client_secret: {env: X}, tenant: t",
        "tenant: is not for the flow browser of google; remove it",
    ),
    ("provider: google, flow: service, key: {env: X}, tokens: t", "tokens: is not for the flow service of google; remove it"),
    (
        "provider: microsoft, flow: app, client_id: a, client_secret: {env: X}",
        'needs "tenant" for the flow app of microsoft; add it',
    ),
    ("provider: microsoft, flow: app, client_id: a, client_secret: {env: X}, tenant: common", "tenant: the flow app needs one"),
    ('provider: microsoft, client_id: a, tenant: "a/../b"', "tenant: write the tenant's id or domain"),
    ('provider: microsoft, client_id: a, token_url: "http://example.com/t"', "token_url: write an address that begins with"),
    (
        'provider: microsoft, client_id: a, token_url: "https://me:hunter2@example.com/t"',
        "token_url: write an address that begins",
    ),
    ('provider: microsoft, client_id: a, tokens: "../elsewhere"', 'tokens: ".." leaves the workspace'),
]


@pytest.mark.parametrize(("keys", "expected"), LOGINS)
def test_oauth2(keys: str, expected: str) -> None:
    """Each flow says which keys it needs and takes; addresses are https, or on this machine; nothing typed is shown."""
    text = f"{SMALL}    auth: {{user: dana, oauth2: {{{keys}}}}}\n"
    if " " not in expected:
        auth = good(text).mailboxes["dana"].auth
        assert auth is not None
        assert auth.oauth2 is not None
        assert auth.oauth2.way().name == expected
        assert auth.oauth2.way().token_url.startswith(
            ("https://oauth2.googleapis.com/", "https://login.microsoftonline.com/", "http://127")
        )
        assert "{" not in auth.oauth2.way().token_url
    else:
        assert expected in only_problem(text)
        assert "hunter" not in only_problem(text)


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ("user: dana", 'auth: needs "password", such as {env: NAME}; or "oauth2"'),
        (
            "user: dana, password: {env: X}, oauth2: {provider: microsoft, client_id: a}",
            "auth.oauth2: there is a password as well; keep one of the two",
        ),
    ],
)
def test_one_way_to_log_in(keys: str, says: str) -> None:
    """A mailbox logs in by password or by token: one of them, not both."""
    assert says in only_problem(f"{SMALL}    auth: {{{keys}}}\n")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", '"::1"', "127.8.8.8"])
def test_plain_text_on_this_machine(host: str) -> None:
    """`security: none` is fine on the machine itself."""
    good(SMALL.replace("smtp: {host: 127.0.0.1", f"smtp: {{host: {host}"))


@pytest.mark.parametrize("host", ["10.0.0.7", "smtp.example.com", "localhost.example.com", "127.0.0.1.example.com"])
def test_no_plain_text_elsewhere(host: str) -> None:
    """`security: none` to any other machine is refused."""
    assert '"none" is for this machine only' in only_problem(SMALL.replace("smtp: {host: 127.0.0.1", f"smtp: {{host: {host}"))


@pytest.mark.parametrize(
    ("web", "part"),
    [
        ("{listen: 0.0.0.0:8025}", "web.listen: others could open this page"),
        ("{public_url: http://f.example.com}", "web.public_url: "),
        ("{public_url: https://u:p@f.example.com}", "web.public_url: "),
        ("{public_url: https://f.example.com/path}", "web.public_url: "),
        ("{listen: 8025}", "web.listen: "),
    ],
)
def test_web(web: str, part: str) -> None:
    """A page that others can reach needs its public https address."""
    assert part in only_problem(f"{SMALL}web: {web}\n")


def test_webhooks_digest_retention_are_taken() -> None:
    """Keys of later releases are checked and kept."""
    config = good(
        f"{SMALL}webhooks: [{{url: https://example.com/h, events: [reply], secret: {{env: HOOK}}}}]\nretention: {{after_finish: 90d}}\n"
    )
    assert config.webhooks[0].url == "https://example.com/h"
    assert config.retention.after_finish == "90d"


# -- secrets -------------------------------------------------------------------------------------


def test_secret_from_a_variable() -> None:
    """A variable holds the secret; line ends after it are not part of it."""
    assert read_secret(SecretPlace(env="DANA"), Path(), {"DANA": "hunter2\n"}).reveal() == "hunter2"
    for environ in ({}, {"DANA": ""}, {"DANA": "\n"}):
        with pytest.raises(NoSecret, match="DANA is not set"):
            read_secret(SecretPlace(env="DANA"), Path(), environ)


def test_secret_from_a_file(tmp_path: Path) -> None:
    """A file beside the config holds the secret, unless others can read it."""
    path = tmp_path / "dana"
    path.write_text("hunter 2 \r\n")
    path.chmod(0o600)
    assert read_secret(SecretPlace(file="dana"), tmp_path, {}).reveal() == "hunter 2 "
    for mode in (0o640, 0o604, 0o644, 0o620):
        path.chmod(mode)
        with pytest.raises(NoSecret, match="run: chmod 600 dana"):
            read_secret(SecretPlace(file="dana"), tmp_path, {})


def test_a_link_to_an_open_file_is_refused(tmp_path: Path) -> None:
    """What counts is the file behind a link."""
    (tmp_path / "open").write_text("hunter2")
    (tmp_path / "open").chmod(0o644)
    (tmp_path / "dana").symlink_to(tmp_path / "open")
    with pytest.raises(NoSecret, match="chmod 600"):
        read_secret(SecretPlace(file="dana"), tmp_path, {})


@pytest.mark.parametrize("kind", ["missing", "folder", "empty", "bytes"])
def test_no_secret_in_it(tmp_path: Path, kind: str) -> None:
    """A file without a secret is told, and nothing of its content."""
    path = tmp_path / "dana"
    if kind == "folder":
        path.mkdir()
    elif kind != "missing":
        path.write_bytes(b"" if kind == "empty" else b"hunter\xff")
        path.chmod(0o600)
    with pytest.raises(NoSecret) as raised:
        read_secret(SecretPlace(file="dana"), tmp_path, {})
    assert "dana" in str(raised.value)
    assert "hunter" not in str(raised.value)


def test_secret_from_a_credential(tmp_path: Path) -> None:
    """Systemd's credentials are files in a folder that it names."""
    (tmp_path / "dana").write_text("hunter2\n")
    assert read_secret(SecretPlace(credential="dana"), Path("/"), {"CREDENTIALS_DIRECTORY": str(tmp_path)}).reveal() == "hunter2"
    with pytest.raises(NoSecret, match="CREDENTIALS_DIRECTORY"):
        read_secret(SecretPlace(credential="dana"), Path("/"), {})
    with pytest.raises(NoSecret, match="lee can't be read"):
        read_secret(SecretPlace(credential="lee"), Path("/"), {"CREDENTIALS_DIRECTORY": str(tmp_path)})


def test_a_secret_has_no_text() -> None:
    """However a secret is printed, it shows three stars, and it can't be written down."""
    secret = Secret("hunter2")
    assert {str(secret), repr(secret), f"{secret}", f"{secret:>3}", "%s" % secret} == {"***"}  # noqa: UP031
    with pytest.raises(TypeError):
        pickle.dumps(secret)


def test_a_distant_mailbox_needs_a_login() -> None:
    """Only a server on this machine may be used without a login."""
    text = SMALL.replace("host: 127.0.0.1, port: 1143, security: none", "host: imap.example.com")
    assert only_problem(text) == 'config.yaml:3:5: mailboxes.dana: needs "auth"; write auth: {user: NAME, password: {env: NAME}}'


@pytest.mark.parametrize(
    ("imap", "name"),
    [
        ("host: imap.example.com", None),
        ("host: imap.example.com, authserv: mx.example.com", "mx.example.com"),
        ("host: IMAP.gmail.com", "mx.google.com"),
        ("host: imap.gmail.com, authserv: mx.example.com", "mx.example.com"),
        ("host: outlook.office365.com", ""),
    ],
)
def test_whose_word_on_senders_counts(imap: str, name: str | None) -> None:
    """The server that vouches for senders is the one that is named, else the known one of a provider, else none."""
    text = SMALL.replace("host: 127.0.0.1, port: 1143, security: none", imap) + "    auth: {user: dana, password: {env: DANA}}\n"
    assert good(text).mailboxes["dana"].imap.vouches == name


# -- limits --------------------------------------------------------------------------------------

LIMITED = """\
mailboxes:
  dana:
    address: dana@example.com
    smtp: {{host: {host}, security: starttls}}
    imap: {{host: imap.example.com}}
    auth: {{user: dana, password: {{env: DANA}}}}
    limits: {limits}
"""


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ("{}", (5, 30, 120, 15, 60)),
        ("gmail", (3, 20, 60, 10, 30)),
        ("{preset: gmail, per_day: 50}", (3, 20, 50, 10, 25)),
        ("workspace", (5, 30, 120, 15, 60)),
        ("{preset: microsoft365, per_hour: 60}", (5, 60, 120, 30, 60)),
        ("{per_hour: 4, per_day: 8}", (5, 4, 8, 10, 20)),  # so little needs no limit to one company
        ("{per_domain: {per_hour: 2, per_day: 3}}", (5, 30, 120, 2, 3)),
    ],
)
def test_presets(limits: str, expected: tuple[int, ...]) -> None:
    """A preset gives the figures that are not written; half of what a mailbox may send goes to one company at most."""
    config, problems = load_config(LIMITED.format(host="smtp.example.com", limits=limits), "config.yaml")
    assert config is not None, problems
    caps = config.mailbox("dana").caps
    assert (caps.per_minute, caps.per_hour, caps.per_day, caps.domain_hour, caps.domain_day) == expected
    assert caps.one_person == 4


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        ("gmial", 'config.yaml:7:13: mailboxes.dana.limits: "gmial" is not known; did you mean "gmail"?'),
        ("{preset: [gmail]}", "config.yaml:7:22: mailboxes.dana.limits.preset: "),
        (
            "{per_domain: {per_hour: 0}}",
            "config.yaml:7:37: mailboxes.dana.limits.per_domain.per_hour: write a number of at least 1",
        ),
        ("{per_domain: 5}", "config.yaml:7:26: mailboxes.dana.limits.per_domain: "),
    ],
)
def test_wrong_limits(limits: str, told: str) -> None:
    """What can't be meant is said with its place."""
    config, problems = load_config(LIMITED.format(host="smtp.example.com", limits=limits), "config.yaml")
    assert config is None
    assert [str(problem)[: len(told)] for problem in problems] == [told]


@pytest.mark.parametrize(
    ("host", "address", "preset", "title"),
    [
        ("smtp.gmail.com", "dana@gmail.com", None, "Gmail"),
        ("smtp.gmail.com", "dana@example.com", None, "Google Workspace"),
        ("SMTP.office365.com", "dana@example.com", None, "Microsoft 365"),
        ("smtp.example.com", "dana@example.com", None, None),
        ("smtp.example.com", "dana@example.com", "gmail", "Gmail"),
    ],
)
def test_whose_limits_hold(host: str, address: str, preset: str | None, title: str | None) -> None:
    """Those of the preset, else of the server; Gmail's own addresses have less than a company's."""
    found = provider_of(host, address, preset)
    assert (found.title if found else None) == title


def test_presets_lie_below_what_providers_allow() -> None:
    """Each figure of a preset is less than half of the provider's own limit, and each row says where that is from."""
    for row in PROVIDERS.values():
        assert all(row.usual[key] * 2 <= most for key, most in row.most.items())
        assert row.source
