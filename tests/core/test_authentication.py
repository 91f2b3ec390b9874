"""Authentication-Results as real servers write them, as strangers forge them, and as nobody should."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followupd.core.authentication import KNOWN_SERVERS, LONGEST, NOTHING, Standing, Stated, read_field, stated
from followupd.core.inbound import read_message

PASS, NONE, FAIL = Standing
OURS = "mx.example.com"
ANN = "ann@p.test"

WRITTEN = [
    # Gmail
    ("mx.google.com", PASS, "", "mx.google.com; dkim=pass header.i=@p.test header.s=s1 header.b=AbC/12+=; spf=pass (google.com: domain of ann@p.test designates 192.0.2.1 as permitted sender) smtp.mailfrom=ann@p.test; dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=p.test"),
    ("mx.google.com", FAIL, "DMARC failed", "mx.google.com; spf=softfail (google.com: domain of transitioning ann@p.test does not designate 192.0.2.9 as permitted sender) smtp.mailfrom=ann@p.test; dmarc=fail (p=NONE sp=NONE dis=NONE) header.from=p.test"),
    # Microsoft 365: no name in front
    ("", PASS, "", "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=p.test; dkim=pass (signature was verified) header.d=p.test;dmarc=pass action=none header.from=p.test;compauth=pass reason=100"),
    ("", FAIL, "DMARC failed", "spf=fail (sender IP is 192.0.2.9) smtp.mailfrom=p.test; dkim=none (message not signed) header.d=none;dmarc=fail action=oreject header.from=p.test;compauth=none reason=451"),
    ("", PASS, "", "spf=none (sender IP is 192.0.2.1) smtp.mailfrom=mail.other.test; dkim=pass (signature was verified) header.d=p.test;dmarc=bestguesspass action=none header.from=p.test"),
    # OpenDMARC, OpenDKIM, rspamd, policyd-spf
    (OURS, PASS, "", "mx.example.com; dmarc=pass (p=none dis=none) header.from=p.test"),
    (OURS, PASS, "", 'mx.example.com;\tdkim=pass (2048-bit key; unprotected) header.d=p.test header.i=@p.test header.a=rsa-sha256 header.s=mail header.b="k3d;=x"'),
    (OURS, PASS, "", "mx.example.com; spf=pass (mx.example.com: domain of bounce@news.p.test designates 192.0.2.1) smtp.mailfrom=bounce@news.p.test"),
    (OURS, FAIL, "SPF failed", "mx.example.com; spf=fail smtp.mailfrom=ann@p.test"),
    (OURS, FAIL, "DKIM failed", 'mx.example.com; dkim=fail reason="bad; signature" header.d=p.test; spf=neutral smtp.mailfrom=p.test'),
    (OURS, PASS, "", "mx.example.com; dkim=fail header.d=p.test; spf=pass smtp.mailfrom=p.test"),  # a list has added a line
    (OURS, NONE, "", "mx.example.com; none"),
    (OURS, NONE, "", "mx.example.com"),
    (OURS, NONE, "", "mx.example.com; dkim=none; spf=softfail smtp.mailfrom=p.test; dmarc=none header.from=p.test"),
    (OURS, NONE, "", "mx.example.com; dkim=temperror header.d=p.test; dmarc=temperror header.from=p.test"),
    (OURS, NONE, "", "mx.example.com; auth=pass smtp.auth=ann"),
    # the shapes of RFC 8601: version, comments, quotes, case, blanks around signs
    (OURS, PASS, "", "MX.Example.COM 1; DMARC / 1 = Pass header.from=P.test"),
    (OURS, PASS, "", "mx.example.com (our (own) server) 1 ; (was) dmarc(1) = (well) pass (truly) header.from = p.test"),
    ("example.com", PASS, "", "mx7.example.com; dmarc=pass header.from=p.test"),  # a name holds for those below it
]  # fmt: skip


@pytest.mark.parametrize(("server", "standing", "text", "field"), WRITTEN)
def test_as_servers_write_it(server: str, standing: Standing, text: str, field: str) -> None:
    """What the own server says of the sender, from the fields of large providers and small ones."""
    assert stated([field], server, ANN) == Stated(standing, text)


FORGED = [
    # somebody else's word, or ours with a longer name
    ["mx.evil.test; dmarc=pass header.from=p.test"],
    ["mx.example.com.evil.test; dmarc=pass header.from=p.test"],
    ["evilmx.example.com; dmarc=pass header.from=p.test"],
    ["dmarc=pass header.from=p.test"],
    [""],
    # passed, but for another domain
    ["mx.example.com; dkim=pass header.d=evil.test; spf=pass smtp.mailfrom=bounce@evil.test"],
    ["mx.example.com; dkim=pass header.d=notp.test"],
    ["mx.example.com; dkim=pass header.d=test"],
    ["mx.example.com; spf=pass smtp.helo=p.test"],
    ["mx.example.com; dmarc=pass header.from=evil.test"],
    ["mx.example.com; spf=pass smtp.mailfrom=p.test@evil.test"],
    # results in comments, quotes, reasons and properties
    ["mx.example.com; spf=none (dmarc=pass header.from=p.test)"],
    ["mx.example.com; spf=none (\\) ; dmarc=pass header.from=p.test)"],
    ['mx.example.com; spf=none smtp.mailfrom="x; dmarc=pass header.from=p.test"@evil.test'],
    ['mx.example.com; spf=none reason="x\\"; dmarc=pass header.from=p.test"'],
    ["mx.example.com; spf=none smtp.mailfrom=dmarc=pass"],
    ["mx.example.com; x-dmarc=pass header.from=p.test"],
    ["mx.example.com; dmarc=passed header.from=p.test"],
    ["mx.example.com; dmarc=pass-not header.from=p.test"],
    # broken off on purpose: what stood behind it may have been a failure
    ["mx.example.com; dmarc=pass header.from=p.test; spf=pass smtp.mailfrom=p.test (oh"],
    ['mx.example.com; dkim=pass header.d=p.test; spf=none smtp.mailfrom="p.test'],
    ["mx.example.com; dmarc=pass header.from=p.test" + "; x=none" * 60],
    ["mx.example.com; dmarc=pass header.from=p.test; " + "x" * LONGEST],
    # ours says nothing, and the forged one stands below it
    ["mx.example.com; none", "mx.example.com; dmarc=pass header.from=p.test"],
    ["mx.other.test; none"] * 10 + ["mx.example.com; dmarc=pass header.from=p.test"],
]  # fmt: skip


@pytest.mark.parametrize("fields", FORGED)
def test_nobody_vouches_for_himself(fields: list[str]) -> None:
    """Whatever a stranger writes into a mail, or has a server repeat, vouches for nobody."""
    assert stated(fields, OURS, ANN) == NOTHING


@pytest.mark.parametrize("below", [fields[0] for fields in FORGED])
def test_failure_stays(below: str) -> None:
    """What our server says on top stands, whatever stands below it, and whatever it repeats beside it."""
    assert stated(["mx.example.com; dmarc=fail header.from=p.test", below], OURS, ANN).standing == FAIL
    beside = f"mx.example.com; dmarc=fail header.from=p.test;{below.partition(';')[2]}"
    assert stated([beside], OURS, ANN).standing == FAIL
    assert stated(["mx.example.com; dmarc=pass header.from=p.test; dmarc=fail"], OURS, ANN).standing == FAIL


@pytest.mark.parametrize(("server", "sender"), [(None, ANN), (OURS, ""), (OURS, "ann"), (OURS, "ann@")])
def test_nothing_to_go_by(server: str | None, sender: str) -> None:
    """Where no server is known to be ours, or no sender is named, nothing is stated."""
    assert stated(["mx.example.com; dmarc=pass header.from=p.test", "dmarc=fail"], server, sender) == NOTHING


@pytest.mark.parametrize(
    ("server", "standing"), [("com", NONE), ("localhost", NONE), ("mail", NONE), ("example.com.", PASS), ("", NONE)]
)
def test_names_of_servers(server: str, standing: Standing) -> None:
    """A name of one word is that server alone, and never half of the world."""
    assert stated(["mx.example.com; dmarc=pass header.from=p.test"], server, ANN).standing == standing
    assert stated([f"{server.rstrip('.')}; dmarc=pass header.from=p.test"], server, ANN).standing == PASS


def test_known_servers() -> None:
    """Gmail's own word counts by itself; a name without a dot would make half of the world ours."""
    assert KNOWN_SERVERS["imap.gmail.com"] == "mx.google.com"
    assert all(name == "" or "." in name for name in KNOWN_SERVERS.values())


@given(
    st.text(st.sampled_from('mx.exampl;=() "\\@/dmarcpsfhe1-\t') | st.characters(), max_size=300),
    st.lists(st.text(max_size=60), max_size=4),
)
def test_never_raises(field: str, more: list[str]) -> None:
    """No field breaks the reading, and none lets a failure on top of it turn into anything else."""
    stated([field, *more], OURS, ANN)
    read_field(field)
    assert stated(["mx.example.com; dmarc=fail header.from=p.test", field, *more], OURS, ANN).standing == FAIL


@pytest.mark.parametrize(
    "piece",
    ["(", ")", "((((", '"', "\\", ";", "a=b;", "a.b=", "a.b=c ", "x" * 50 + ".", " ", "a.a.a.a.", "= ", "dkim=pass header.d="],
)
def test_costs_nothing(piece: str) -> None:
    """A megabyte of the worst costs no more than its first kilobytes."""
    began = time.process_time()
    stated(["mx.example.com; " + piece * (1_000_000 // len(piece))] * 10, OURS, ANN)
    assert time.process_time() - began < 1.0


def test_long_field_is_read_whole() -> None:
    """Gmail writes long fields, and DMARC comes last: what decides is not cut off on the way from the mail's bytes."""
    field = "mx.google.com;\r\n " + ";\r\n ".join([f"dkim=neutral header.d=s{number}.test" for number in range(45)])
    field += ";\r\n dmarc=fail (p=NONE) header.from=p.test"
    mail = read_message(f"Authentication-Results: {field}\r\nFrom: {ANN}\r\n\r\nNo.\r\n".encode())
    assert stated(mail.headers["authentication-results"], "mx.google.com", mail.sender).standing == FAIL
