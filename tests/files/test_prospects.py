"""CSV files of every origin become judged rows; whatever is wrong is handed back with its line and its reason."""

from __future__ import annotations

import csv
import gc
import io
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followupd.core.outbound import plain_address
from followupd.files import prospects
from followupd.files import sheet as sheets
from followupd.files.prospects import (
    Candidate,
    Rejection,
    Row,
    Rules,
    column_name,
    defuse,
    judge,
    normal_address,
    parse_date,
    read_sheet,
    receipt,
)
from followupd.files.sheet import KNOWN, Limits, Sheet

CSV = Path(__file__).parent / "csv"
BERLIN = ZoneInfo("Europe/Berlin")
RULES = Rules(
    cadences={
        "proposal": [("email", "every prospect"), ("first_name", "template thank-you"), ("meeting_at", "step thanks")],
        "nurture": [("email", "every prospect")],
        "after-the-no": [("email", "every prospect")],
    },
    steps={"proposal": ("thanks", "goodbye")},
    owners=frozenset({"dana", "lee"}),
    own_addresses=frozenset({"dana@mail.example.com"}),
    own_domains=frozenset({"example.com"}),
    default_cadence="nurture",
    default_owner="dana",
    default_zone="America/New_York",
    date_columns={"proposal": ("meeting_at",)},
)


def sheet(data: bytes | str, **limits: int) -> Sheet:
    return read_sheet(data.encode() if isinstance(data, str) else data, name="leads.csv", limits=Limits(**limits))


def rows(data: bytes | str) -> list[Row]:
    found = sheet(data)
    assert found.problem == ""
    return list(found.rows)


def judged(**columns: str) -> Candidate | Rejection:
    return judge(Row(line=2, columns={"email": "ann@acme.example", **columns}), RULES)


def accepted(**columns: str) -> Candidate:
    found = judged(**columns)
    assert isinstance(found, Candidate), found
    return found


def reason(**columns: str) -> str:
    found = judged(**columns)
    assert isinstance(found, Rejection), found
    assert found.line == 2
    return found.reason


# -- files as people save them -------------------------------------------------------------------


def test_excel_on_windows() -> None:
    """Semicolons, cp1252 and CRLF, a row of nothing but separators at the end: every person is there, umlauts and all."""
    data = (CSV / "excel-windows.csv").read_bytes()
    assert b"\xfc" in data
    assert b"\r\n" in data
    found = [judge(row, RULES) for row in rows(data)]
    assert [(one.line, one.columns["first_name"], one.columns["company"]) for one in found if isinstance(one, Candidate)] == [
        (2, "Jürgen", "Müller & Söhne; Präzision"),
        (3, "Zoë", "Café “Été” – 5 €"),
        (4, "Ann", 'Doe "Tools" Ltd'),
    ]
    assert len(found) == 3


def test_with_a_byte_order_mark() -> None:
    """A BOM before the first column's name, in quotes or not, is no part of it."""
    data = (CSV / "bom.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    assert [row.columns for row in rows(data)] == [
        {"email": "mara@fjord.example", "cadence": "nurture", "first_name": "Mára"},
        {"email": "tom@bright.example", "cadence": "nurture", "first_name": "Tom"},
    ]


def test_quoted_line_breaks() -> None:
    """A quoted value may run over lines; each row has the number of the line that it starts on."""
    found = rows((CSV / "quoted-newlines.csv").read_bytes())
    assert [row.line for row in found] == [2, 6, 7]
    assert found[0].columns["challenges"] == "Energy costs\n\nand, above all, people"
    assert all(isinstance(judge(row, RULES), Candidate) for row in found)


def thousand() -> Iterator[str]:
    """A header and 1,000 rows; lines 101, 501 and 901 are bad, each in its own way."""
    yield "E-Mail,Cadence,First Name,Meeting at,Company\r\n"
    for line in range(2, 1002):
        meeting = "02/03/2026" if line == 501 else "2026-03-02 14:30"
        company = "Doe, Ann" if line == 901 else f"Firm {line}"
        first_name = "" if line == 101 else "Ann"
        yield f"p{line}@acme{line}.example,proposal,{first_name},{meeting},{company}\r\n"


def test_three_bad_rows_among_a_thousand() -> None:
    """The 997 good rows are taken, the three bad ones handed back with line, address and reason."""
    found = [judge(row, RULES) for row in rows("".join(thousand()))]
    assert sum(isinstance(one, Candidate) for one in found) == 997
    assert [(one.line, one.address, one.reason) for one in found if isinstance(one, Rejection)] == [
        (101, "p101@acme101.example", "first_name is empty; template thank-you needs it"),
        (
            501,
            "p501@acme501.example",
            'meeting_at: "02/03/2026": it can be read in two ways; write 2026-02-03 or 2026-03-02',
        ),
        (901, "p901@acme901.example", '6 values, 5 columns: is there a comma in "Doe, Ann"? put it in quotes'),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_separators_and_line_ends(encoding: str, separator: str, end: str) -> None:
    """Every mixture of encoding, separator and line end is read alike."""
    lines = [["E-Mail", "Vorname", "My Notes"], ["a@b.example", "Jürgen", "x y"], ["c@d.example", "Zoë", ""]]
    data = end.join(separator.join(cells) for cells in lines).encode(encoding)
    assert [row.columns for row in rows(data)] == [
        {"email": "a@b.example", "first_name": "Jürgen", "my_notes": "x y"},
        {"email": "c@d.example", "first_name": "Zoë", "my_notes": ""},
    ]


@pytest.mark.parametrize("count", [1, 99, 100, 101, 100_000])
def test_blank_lines_before_the_header(count: int) -> None:
    """However many blank lines stand above the column names, the row keeps its line; above nothing, the file is refused."""
    assert [row.line for row in rows("\n" * count + "email\nann@acme.example\n")] == [count + 2]
    assert "must name the columns" in sheet("\n" * count).problem


def test_big_endian_utf16() -> None:
    """UTF-16 in either order of bytes, as its mark says."""
    assert rows("\ufeffemail\nJ@b.example\n".encode("utf-16-be"))[0].columns == {"email": "J@b.example"}


@pytest.mark.parametrize(
    ("text", "line", "columns"),
    [
        ("email\na@b.example\n", 2, {"email": "a@b.example"}),
        ("sep=;\nemail;first_name\na@b.example;x,y\n", 3, {"email": "a@b.example", "first_name": "x,y"}),
        ("SEP=^\nemail^first_name\na@b.example^x\n", 3, {"email": "a@b.example", "first_name": "x"}),
        ("\n\nemail,pace\n\n\na@b.example,x\n", 6, {"email": "a@b.example", "pace": "x"}),
        ("email,pace,,\na@b.example,x,,\n", 2, {"email": "a@b.example", "pace": "x"}),
        ("email,pace\n,\na@b.example,x,,,\n", 3, {"email": "a@b.example", "pace": "x"}),
        ('email, pace\na@b.example, "x, ""y"""\n', 2, {"email": "a@b.example", "pace": 'x, "y"'}),
        ('email,pace\na@b.example,5" pipe\n', 2, {"email": "a@b.example", "pace": '5" pipe'}),
        ("email,pace\n  a@b.example ,\u00a0x\n", 2, {"email": "a@b.example", "pace": "x"}),
        (
            '"Last name; first","email","pace"\n"x","a@b.example","y"\n',
            2,
            {"last_name_first": "x", "email": "a@b.example", "pace": "y"},
        ),
    ],
)
def test_habits(text: str, line: int, columns: dict[str, str]) -> None:
    """One column, `sep=`, blank lines, columns without name, extra separators, spaces before quotes: all are survived."""
    assert rows(text) == [Row(line=line, columns=columns)]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "leads.csv:1: the first line must name the columns, e.g. email,cadence,first_name"),
        (b"\xef\xbb\xbf", "leads.csv:1: the first line must name the columns, e.g. email,cadence,first_name"),
        (b"\n \n\n", "leads.csv:1: the first line must name the columns, e.g. email,cadence,first_name"),
        (b"ann@acme.example,Ann\n", "leads.csv:1: the first line must name the columns, e.g. email,cadence,first_name"),
        (b"first_name,company\nAnn,Acme\n", "leads.csv:1: the first line must name the columns, e.g. email,cadence,first_name"),
        (b"a" * 300_000, "leads.csv:1: the first line must name the columns, e.g. email,cadence,first_name"),
        (b'"email\n', "leads.csv:1: the first line must name the columns, e.g. email,cadence,first_name"),
        (b"email,cadence\n", "leads.csv:2: there are no rows below the column names"),
        (b"email,cadence\n,\n,\n", "leads.csv:2: there are no rows below the column names"),
        (b"E-Mail,x,Mail\na,b,c\n", 'leads.csv:1: columns 1 and 3 ("E-Mail" and "Mail") are both email; rename or remove one'),
        (
            b"email,my note,My-Note\na,b,c\n",
            'leads.csv:1: columns 2 and 3 ("my note" and "My-Note") are both my_note; rename or remove one',
        ),
        (b"email" + b",c" * 9999 + b"\n", "leads.csv:1: 10,000 columns; at most 200, leave out what no message uses"),
        (b"email," + b"c" * 64 + b"\na,b\n", "leads.csv:1: column 2: the name is too long; write at most 63 characters"),
        (b"email\nJ\xc3\xbcrgen\nZo\xeb\n", 'leads.csv:3: byte 0xEB: mixed encodings; save as "CSV UTF-8"'),
        (b"\xef\xbb\xbfemail\r\nZo\xeb\r\n", 'leads.csv:2: byte 0xEB: mixed encodings; save as "CSV UTF-8"'),
        (b"email\nZo\x8f\n", 'leads.csv:2: byte 0x8F: neither UTF-8 nor cp1252; save as "CSV UTF-8"'),
        (b"\xff\xfee", 'leads.csv:1: broken UTF-16; use "Save as CSV UTF-8"'),
        ("email\n".encode("utf-16-le"), 'leads.csv:1: this is no text; use "Save as CSV UTF-8"'),
        (b"PK\x03\x04....[Content_Types].xml", 'leads.csv:1: this is an Excel workbook; use "Save as CSV UTF-8"'),
        (
            b"PK\x03\x04mimetypeapplication/vnd.oasis.opendocument.spreadsheetPK",
            'leads.csv:1: this is an OpenDocument sheet; use "Save as CSV UTF-8"',
        ),
        (b"PK\x03\x04[Content_Types].xml word/document.xml", 'leads.csv:1: this is a Word document; use "Save as CSV UTF-8"'),
        (b"PK\x03\x04Index/Document.iwa", 'leads.csv:1: this is a Numbers document; use "Save as CSV UTF-8"'),
        (b"PK\x03\x04leads.csv", 'leads.csv:1: this is a zip archive; use "Save as CSV UTF-8"'),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 'leads.csv:1: this is an Excel workbook; use "Save as CSV UTF-8"'),
        (b"\x1f\x8b\x08", 'leads.csv:1: this is a compressed file; use "Save as CSV UTF-8"'),
        (b"%PDF-1.7", 'leads.csv:1: this is a PDF; use "Save as CSV UTF-8"'),
        (b"\r\n <!DOCTYPE html><table>", 'leads.csv:1: this is a web page; use "Save as CSV UTF-8"'),
        (b"\xef\xbb\xbf<html><table>", 'leads.csv:1: this is a web page; use "Save as CSV UTF-8"'),
    ],
)
def test_files_that_are_refused(data: bytes, problem: str) -> None:
    """What is no CSV file is refused whole, with what to do about it."""
    found = sheet(data)
    assert found.problem == problem
    assert list(found.rows) == []


def test_file_names_are_shown_harmlessly() -> None:
    """A file's name can't write on the terminal."""
    assert read_sheet(b"", name="a\x1b[2J\n.csv").problem.startswith("a\\x1b[2J\\n.csv:1: ")


def test_limits() -> None:
    """Too many bytes refuse the file; too many rows are told in the row where reading stopped."""
    assert sheet(b"email\n" + b"a" * 100, bytes=50).problem == "leads.csv:1: 0.0 MB; at most 0 MB, split it"
    found = list(sheet("email\n" + "a@b.example\n" * 10, rows=3).rows)
    assert [row.problem for row in found] == [
        "",
        "",
        "",
        "too many rows (at most 3): this one and all below were not read; split the file",
    ]


LONE = "a quote opens on this line and does not close; remove it, or write it twice inside quotes"


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ('email,a,b\nx,"y,z\nm,n,o\n', {2: LONE, 3: ""}),
        ('email,a,b\nx,"y,z\n"m","n","o"\n', {2: LONE, 3: ""}),
        ('email,a,b\nx,"y,z\nm,"n",o\np,q,r\n', {2: LONE, 3: "", 4: ""}),
        ('email,a,b\nx,"y,z\nm,n",o\np,q,r\n', {2: "", 4: ""}),  # one value over two lines: it could be meant
        ('email,a,b\nx,"y,z\n' + "m,n,o\n" * 300, {2: LONE, **dict.fromkeys(range(3, 303), "")}),
        (
            'email,a,b\nx,"y" z,w\nm,n,o\n',
            {2: 'a quote stands in the middle of a value; write it twice (""), or remove it', 3: ""},
        ),
        ("email,a,b\n" + "x" * 200_000 + "\nm,n,o\n", {2: "a value has more than 130,000 characters; shorten it", 3: ""}),
        (
            "email,a,b\nx,y\nm,n,o\n",
            {2: "2 values, 3 columns: is a comma missing? write two in a row around an empty value", 3: ""},
        ),
        ("email,a,b\nx,y,z,w\n", {2: "4 values, 3 columns: is there a comma in a value? put that value in quotes"}),
        ("email;a;b\nx;Doe; Ann;w\n", {2: '4 values, 3 columns: is there a semicolon in "Doe; Ann"? put it in quotes'}),
        ("email,,b\nx,y,z\nm,,o\n", {2: "column 2 has a value here but no name; name it in the first line", 3: ""}),
    ],
)
def test_rows_that_cannot_be_read(text: str, problems: dict[int, str]) -> None:
    """A row that can't be read is told with its line, and takes no good row below with it."""
    assert {row.line: row.problem for row in rows(text)} == problems


# -- column names --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("E-Mail", "email"), ("e mail", "email"), ("EMAIL ADDRESS", "email"), ("\ufeffemail", "email"), ("Adresse e-mail", "email"),
        ("Correo electrónico", "email"), ("First Name", "first_name"), ("FirstName", "first_name"), ("Vorname", "first_name"),
        ("Prénom", "first_name"), ("Apellidos", "last_name"), ("Nachname", "last_name"), ("Società", "company"), ("Zeitzone", "timezone"),
        ("Country/Region", "country_region"), ("Team size (people)", "team_size_people"), ("Straße", "strasse"), ("2nd phone", "column_2nd_phone"),
        ("Имя", "имя"), ("  ", ""), ("\u200b", ""), ("__class__", "class"), ("{{ x }}", "x"),
    ],
)  # fmt: skip
def test_column_names(text: str, name: str) -> None:
    """Known columns are found in many spellings and seven languages; others become names that templates can use."""
    assert column_name(text) == name


def test_known_columns_are_spelled_as_they_are() -> None:
    """Each known column is found under its own name."""
    assert {column: column_name(column) for column in KNOWN} == {column: column for column in KNOWN}


@given(st.text(max_size=80))
def test_any_column_name_is_usable(text: str) -> None:
    """Whatever a column is called, its name is empty or an identifier that hides nothing, and stays as it is."""
    name = column_name(text)
    assert name == "" or (name.isidentifier() and not name.startswith("_"))
    assert column_name(name) == name


# -- addresses -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("ann@acme.example", "ann@acme.example"), ("Ann.Lee@ACME.Example", "ann.lee@acme.example"),
        ("Ann <ann@acme.example>", "ann@acme.example"), ('"Doe, Ann" <ann@acme.example>', "ann@acme.example"),
        ("<ann@acme.example>", "ann@acme.example"), ("mailto:ann@acme.example", "ann@acme.example"),
        ("MAILTO:ann@acme.example?subject=Hi", "ann@acme.example"), ("ann@acme.example.", "ann@acme.example"),
        ("\u00a0ann@acme.example ;", "ann@acme.example"), ("ann+sales@acme.example", "ann+sales@acme.example"),
        ("a.n.n@gmail.com", "a.n.n@gmail.com"), ("o'brien@acme.example", "o'brien@acme.example"), ("ann@münchen.example", "ann@xn--mnchen-3ya.example"),
        ("ann@xn--mnchen-3ya.example", "ann@xn--mnchen-3ya.example"), ("info@acme.test", "info@acme.test"), ("ann@localhost", "ann@localhost"),
        ("ann@mail.localhost", "ann@mail.localhost"), ("ann@acme.invalid", "ann@acme.invalid"), ("x@y.co", "x@y.co"),
    ],
)  # fmt: skip
def test_one_clean_address(text: str, address: str) -> None:
    """One address is taken out of what people paste, and the mail channel accepts it as it is."""
    assert normal_address(text) == address
    assert plain_address("To", address) == address


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "there is no address"), ("Ann", "is no address"), ("ann@", "is no address"), ("@acme.example", "is no address"),
        ("ann@acme.example, bob@acme.example", "not one address"), ("ann@acme.example bob", "not one address"), ("a@b@acme.example", "not one address"),
        ("Ann <ann@acme.example> <bob@acme.example>", "not one address"), ("<@relay.example:ann@acme.example>", "not one address"),
        ("ann%acme.example@relay.example", "a route"), ("relay!ann@acme.example", "a route"), ('"ann b"@acme.example', "not one address"),
        ('"ann"@acme.example', "no address"), ("ann＠acme.example", "no address"), ("änn@acme.example", "no address"), ("ann@acme", "is no domain"),
        ("ann@[192.0.2.1]", "no address"), ("ann@192.0.2.1", "no address"), ("ann..lee@acme.example", "no address"), (".ann@acme.example", "no address"),
        ("ann@-acme.example", "no address"), ("ann@acme..example", "no address"), ("ann@xn--zzzzzzz9999.example", "no address"),
        ("a" * 65 + "@acme.example", "too long"), ("ann@" + "a." * 150 + "example", "no address"), ("a" * 5000 + "@acme.example", "that long"),
        ("ann@acme.example\r\nBcc: bob@acme.example", "not one address"), ("ann\0@acme.example", "no address"),
    ],
)  # fmt: skip
def test_no_address(text: str, complaint: str) -> None:
    """Two addresses, routes, quoted and other odd forms are refused with the reason: nobody else may get the mail."""
    with pytest.raises(ValueError, match=complaint):
        normal_address(text)


@given(st.text(max_size=60) | st.from_regex(r"[a-z.%!\"<>@ ,]{0,20}@[a-z.@\[\]-]{0,20}", fullmatch=True))
def test_any_address(text: str) -> None:
    """Any text is one address in its final form, or refused."""
    try:
        address = normal_address(text)
    except ValueError:
        return
    assert normal_address(address) == address == plain_address("To", address)


def test_long_addresses_take_no_time() -> None:
    """No text makes the reading of an address slow."""
    begin = time.process_time()
    for text in ("a." * 500, "a@" + "a-" * 490, "<" * 999, "a@" + "a." * 490 + "1", '"' * 999, "mailto:" * 140):
        with pytest.raises(ValueError, match="address"):
            normal_address(text)
    assert time.process_time() - begin < 0.5


@pytest.mark.parametrize(
    ("email", "said"),
    [
        ("", "email is empty; every prospect needs it"),
        ("noreply@acme.example", "email: nobody reads noreply@acme.example; write the address of a person"),
        ("do-not-reply.eu@acme.example", "email: nobody reads do-not-reply.eu@acme.example; write the address of a person"),
        ("Dana@mail.example.com", "email: dana@mail.example.com is one of our own mailboxes"),
        ("anybody@EXAMPLE.com", "email: example.com is our own domain"),
        ("ann@acme", 'email: "ann@acme" is no address: "acme" is no domain such as example.com'),
    ],
)
def test_people_we_do_not_write_to(email: str, said: str) -> None:
    """Nobody's mailbox and our own are refused; info@ is somebody's."""
    assert reason(email=email) == said
    assert accepted(email="Info <info@acme.example>").columns["email"] == "info@acme.example"


# -- judging -------------------------------------------------------------------------------------


def test_a_good_row() -> None:
    """Everything that a row says arrives: clean address, codes, instants in UTC, and all its columns."""
    columns = {
        "email": "Ann <Ann@Acme.example>", "cadence": "Proposal", "owner": "LEE", "first_name": "Ann", "timezone": "Asia/Kolkata",
        "country": "Germany", "meeting_at": "2026-03-02 14:30", "start_at": "2026-03-03", "start_step": "goodbye", "shoe_size": "42",
    }  # fmt: skip
    assert judge(Row(line=7, columns=columns), RULES) == Candidate(
        line=7,
        address="ann@acme.example",
        cadence="proposal",
        owner="lee",
        zone="Asia/Kolkata",
        country="DE",
        start_at=datetime(2026, 3, 2, 18, 30, tzinfo=UTC),
        start_step="goodbye",
        columns={**columns, "email": "ann@acme.example"},
    )


def test_what_the_row_leaves_out() -> None:
    """Cadence and owner come from the file's place; zone and country stay open; times then are in the default zone."""
    found = accepted(start_at="2026-03-03 09:00")
    assert (found.cadence, found.owner, found.zone, found.country, found.start_step) == ("nurture", "dana", None, None, "")
    assert found.start_at == datetime(2026, 3, 3, 14, 0, tzinfo=UTC)
    assert accepted(country="IN", start_at="2026-03-03 09:00").start_at == datetime(2026, 3, 3, 3, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"cadence": "propsal"}, 'cadence: there is no "propsal"; did you mean "proposal"?'),
        ({"cadence": "zzz"}, 'cadence: there is no "zzz"; known: after-the-no, nurture, proposal'),
        ({"owner": "dona"}, 'owner: there is no "dona"; did you mean "dana"?'),
        ({"timezone": "Europe/Berln"}, 'timezone: no such zone: "Europe/Berln"; did you mean Europe/Berlin or Europe/Belfast?'),
        (
            {"timezone": "../../etc/passwd"},
            'timezone: no such zone: "../../etc/passwd"; write an IANA name such as "America/New_York"',
        ),
        ({"country": "Elbonia"}, 'country: there is no "Elbonia"; write two letters such as "US" or "DE"'),
        ({"country": "DE-BAY"}, 'country: no holidays known for "DE-BAY"; did you mean DE-BY?'),
        ({"start_at": "soon"}, 'start_at: "soon" is no date; write a date such as "2026-03-02" or "2026-03-02 14:30"'),
        (
            {"cadence": "proposal", "first_name": "Ann", "meeting_at": "x"},
            'meeting_at: "x" is no date; write a date such as "2026-03-02" or "2026-03-02 14:30"',
        ),
        (
            {"cadence": "proposal", "first_name": "Ann", "meeting_at": "2026-03-02", "start_step": "thank"},
            'start_step: there is no "thank"; did you mean "thanks"?',
        ),
        (
            {"cadence": "proposal", "first_name": ""},
            "first_name is empty; template thank-you needs it. there is no column meeting_at; step thanks needs it",
        ),
    ],
)
def test_why_a_row_is_handed_back(columns: dict[str, str], said: str) -> None:
    """The reason names the column, what is wrong and what to write instead."""
    assert reason(**columns) == said


@pytest.mark.parametrize(
    ("text", "code"),
    [("Deutschland", "DE"), ("Österreich", "AT"), ("Suisse", "CH"), ("España", "ES"), ("Nederland", "NL"), ("England", "GB")],
)
def test_countries_in_the_languages_of_our_columns(text: str, code: str) -> None:
    """A country may be written as the people of that spreadsheet write it."""
    assert accepted(country=text).country == code


@pytest.mark.parametrize("email", ["a@1.2.3.4", "a@printer.local", "a@1.0.0.10.in-addr.arpa", "a@b.onion", "a@b.c"])
def test_domains_that_mail_cannot_reach(email: str) -> None:
    """An address outside the world's names is a slip of the pen; reserved ones for trying things out are let through."""
    assert reason(email=email).startswith("email: ")


def test_nothing_to_fall_back_on() -> None:
    """Without a cadence or an owner of the file's, the row must name them; a cadence with its own mailbox needs no owner."""
    bare = Rules(
        cadences={"nurture": [], "shared": []}, steps={}, owners=frozenset({"lee", "dana"}), own_addresses=frozenset(),
        own_domains=frozenset(), default_zone="UTC", without_owner=frozenset({"shared"}),
    )  # fmt: skip
    row = Row(line=2, columns={"email": "ann@acme.example"})
    assert judge(row, bare) == Rejection(
        line=2, address="ann@acme.example", reason="cadence is empty; write one of: nurture, shared"
    )
    row.columns["cadence"] = "nurture"
    assert judge(row, bare) == Rejection(line=2, address="ann@acme.example", reason="owner is empty; write one of: dana, lee")
    row.columns["cadence"] = "shared"
    assert isinstance(judge(row, bare), Candidate)


@pytest.mark.parametrize(
    ("column", "text", "said"),
    [
        ("first_name", "Ann\nBcc: bob@acme.example", "first_name: contains a line break; write it on one line"),
        ("first_name", "Ann\u2028Lee", "first_name: contains a line break; write it on one line"),
        ("company", "Acme\x85", "company: contains a line break; write it on one line"),
        ("company", "Acme\x0b", "company: contains a line break; write it on one line"),
        ("first_name", "Ann\x00", "first_name: contains a control character (U+0000); remove it"),
        ("first_name", "Ann\tLee", "first_name: contains a control character (U+0009); remove it"),
        ("first_name", "\x1b[2JAnn", "first_name: contains a control character (U+001B); remove it"),
        ("notes", "one\rtwo", "notes: contains a control character (U+000D); remove it"),
        ("notes", "x\x9b", "notes: contains a control character (U+009B); remove it"),
        ("first_name", "\u202eAnn", "first_name: contains an invisible character (U+202E); type it again"),
        ("first_name", "A\u200bnn", "first_name: contains an invisible character (U+200B); type it again"),
        ("first_name", "A\u200dnn", "first_name: contains an invisible character (U+200D); type it again"),
        ("first_name", "=?utf-8?q?Ann=0D=0ABcc:x?=", "first_name: looks like an encoded header; write it as plain text"),
        ("notes", "=?utf-8?q?x?=", "notes: looks like an encoded header; write it as plain text"),
        ("notes", "x" * 10_001, "notes: 10,001 characters; write at most 10,000"),
    ],
)
def test_cells_that_could_do_harm(column: str, text: str, said: str) -> None:
    """What could reach a mail header or hide something is handed back, whatever the column."""
    assert reason(**{column: text}) == said


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("first_name", "{{ 7 * 7 }}"), ("first_name", "=cmd|' /C calc'!A0"), ("phone", "+1-555"), ("first_name", "علی\u200cرضا"),
        ("first_name", "Łukasz 雅子"), ("notes", "one\ntwo\tthree"), ("interests", "AI 👩‍💻"), ("company", "A\u00a0B"), ("notes", "x" * 9_900),
    ],
)  # fmt: skip
def test_data_stays_data(column: str, text: str) -> None:
    """Formulas, template signs and every script are kept as typed."""
    assert accepted(**{column: text}).columns[column] == text


# -- dates ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-02", "2026-03-02T00:00+01:00"), ("2026-03-02 14:30", "2026-03-02T14:30+01:00"), ("2026-03-02T14:30:15", "2026-03-02T14:30:15+01:00"),
        ("2026-07-02 9:30", "2026-07-02T09:30+02:00"), ("2026-03-02T14:30Z", "2026-03-02T14:30+00:00"),
        ("2026-03-02 14:30:00.5+05:30", "2026-03-02T14:30+05:30"), ("2026-03-02T14:30-0800", "2026-03-02T14:30-08:00"),
    ],
)  # fmt: skip
def test_dates(text: str, instant: str) -> None:
    """ISO dates and times are the zone's own, unless they name an offset."""
    assert parse_date(text, BERLIN) == datetime.fromisoformat(instant)
    assert parse_date(text, BERLIN).tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("02/03/2026", '"02/03/2026": it can be read in two ways; write 2026-02-03 or 2026-03-02'),
        ("1.2.26", '"1.2.26": it can be read in two ways; write 2026-01-02 or 2026-02-01'),
        ("31.12.2026", '"31.12.2026": write 2026-12-31'),
        ("3/3/2026 9:00", '"3/3/2026 9:00": write 2026-03-03 09:00'),
        ("3/3/2026 at nine", '"3/3/2026 at nine": write 2026-03-03 and the time, such as 14:30'),
        ("2026-03-02 14:30 CET", '"2026-03-02 14:30 CET": write the zone as an offset, such as 2026-03-02 14:30+01:00, or in the column timezone'),
        ("2026/3/2", '"2026/3/2": write 2026-03-02'),
        ("45321", "\"45321\" looks like a spreadsheet's number for 2024-01-30; write the date so"),
        ("45321.5", "\"45321.5\" looks like a spreadsheet's number for 2024-01-30 12:00; write the date so"),
        ("2026-02-30", '"2026-02-30": there is no such day or time; write a date such as "2026-03-02" or "2026-03-02 14:30"'),
        ("2026-03-02 24:30", '"2026-03-02 24:30": there is no such day or time; write a date such as "2026-03-02" or "2026-03-02 14:30"'),
        ("2026-03-02 10:00+99:00", '"2026-03-02 10:00+99:00": there is no such day or time; write a date such as "2026-03-02" or "2026-03-02 14:30"'),
        ("0001-01-01", '"0001-01-01": write a year from 2000 to 2099'),
        ("9999-12-31", '"9999-12-31": write a year from 2000 to 2099'),
        ("next week", '"next week" is no date; write a date such as "2026-03-02" or "2026-03-02 14:30"'),
        ("٢٠٢٦-٠٣-٠٢", '"٢٠٢٦-٠٣-٠٢" is no date; write a date such as "2026-03-02" or "2026-03-02 14:30"'),
        ("99.99.2026", '"99.99.2026" is no date; write a date such as "2026-03-02" or "2026-03-02 14:30"'),
    ],
)  # fmt: skip
def test_no_dates(text: str, said: str) -> None:
    """Dates that can be read in two ways are never guessed; the message offers each reading."""
    with pytest.raises(ValueError, match="write") as caught:
        parse_date(text, BERLIN)
    assert str(caught.value) == said


# -- receipts ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-29 02:30", datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
        ("2026-10-25 02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("2026-03-29 02:30+01:00", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
    ],
)
def test_dates_at_a_clock_change(text: str, instant: datetime) -> None:
    """A time that the clocks skip is the first instant after the gap, one that comes twice its first; an offset settles it."""
    assert parse_date(text, BERLIN) == instant


@given(st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)))  # noqa: DTZ001
def test_a_date_that_one_zone_reads_is_read_in_all(wall: datetime) -> None:
    """Intake reads a column again in the cadence's zone: what was accepted once can't fail then."""
    text = wall.isoformat(sep=" ", timespec="minutes")
    for zone in ("Pacific/Apia", "Pacific/Kiritimati", "America/New_York", "UTC"):
        assert parse_date(text, ZoneInfo(zone)).tzinfo is UTC


def test_receipt() -> None:
    """A receipt opens in a spreadsheet: BOM, one line per row, nothing that it would run."""
    data = receipt([(2, "ann@acme.example", "accepted", "thanks on Mon"), (3, "=cmd|' /C calc'!A0", "rejected", '@x, "y"\nz')])
    assert data.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))) == [
        ["line", "address", "result", "reason"],
        ["2", "ann@acme.example", "accepted", "thanks on Mon"],
        ["3", "'=cmd|' /C calc'!A0", "rejected", '\'@x, "y"\nz'],
    ]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+1-555", "'+1-555"),
        ("-x", "'-x"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("＝1", "'＝1"),
        ("a=1", "a=1"),
        ("", ""),
    ],
)
def test_formulas_are_defused(text: str, written: str) -> None:
    """What a spreadsheet would run as a formula is written as text."""
    assert defuse(text) == written


# -- anything ------------------------------------------------------------------------------------

pieces = st.sampled_from(
    [b"email", b"\n", b"\r", b"\r\n", b",", b";", b"\t", b'"', b'""', b"a@b.example", b"cadence", b"nurture", b"\xef\xbb\xbf", b"\xff\xfe", b"\0",
     b"sep=;", b"\xc3\xbc", b"\xfc", b"first_name", b"start_at", b"country", b"DE-", b"timezone", b"=?", b"2026-99-99", b"\xe2\x80\xae"]
)  # fmt: skip


@given(
    st.binary(max_size=300)
    | st.lists(pieces, max_size=60).map(b"".join)
    | st.lists(pieces, max_size=60).map(lambda parts: b"email," + b"".join(parts))
)
def test_any_bytes(data: bytes) -> None:
    """Whatever a file holds, it is read or refused, and each row accepted or handed back; nothing raises, lines only grow."""
    found = sheet(data)
    lines = []
    for row in found.rows:
        one = judge(row, RULES)
        assert isinstance(one, Candidate) or one.reason
        lines.append(row.line)
        receipt([(row.line, one.address, "rejected", "")])
    assert lines == sorted(set(lines))
    assert bool(found.problem) != bool(lines)


cells = st.sampled_from(["a@b.example", "x", "", " y ", '"q,r"', '"m\nn"', "'=1", "Jo'e", '"', "\r", "\u2028", "\x0b", ",", ";"])


@given(
    st.lists(st.lists(cells, min_size=1, max_size=4).map(",".join), max_size=12).map("\n".join), st.sampled_from([1, 20, 1 << 16])
)
def test_many_lines_at_once(body: str, size: int) -> None:
    """Rows that are read many lines at a time are those that are read one by one, with the same lines and problems."""
    data = f"email,a,b\n{body}".encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sheets, "_MANY", size)
        together = [(one, one.problem) for one in sheet(data).rows]
        patch.setattr(sheets._Lines, "chunk", lambda _: [])
        assert together == [(one, one.problem) for one in sheet(data).rows]


@given(
    st.dictionaries(
        st.sampled_from(
            ["email", "cadence", "owner", "timezone", "country", "start_at", "start_step", "meeting_at", "first_name", "x"]
        ),
        st.text(max_size=40)
        | st.from_regex(r"[0-9]{1,5}[-./ ][0-9]{1,3}[-./:][0-9]{1,5}", fullmatch=True)
        | st.sampled_from(["proposal", "a@b.example"]),
    )
)
def test_any_row(columns: dict[str, str]) -> None:
    """Whatever a row holds, it is accepted or handed back with a reason of one line."""
    found = judge(Row(line=2, columns=columns), RULES)
    if isinstance(found, Rejection):
        assert found.reason.isprintable()
        assert found.address.isprintable()


# -- size ----------------------------------------------------------------------------------------


def test_a_hundred_thousand_rows() -> None:
    """100,000 rows are read and judged in a few seconds (limit with room for a busy machine)."""
    header = "email,cadence,first_name,last_name,company,country,timezone,owner,meeting_at,goals\n"
    data = header + "".join(
        f"p{number}@acme{number % 9000}.example,proposal,Ann,Lee,Acme {number},DE,Europe/Berlin,dana,2026-03-02 14:30,growth\n"
        for number in range(100_000)
    )
    begin = time.process_time()
    assert all(isinstance(judge(row, RULES), Candidate) for row in rows(data))
    assert time.process_time() - begin < 10


def test_a_million_empty_rows() -> None:
    """A spreadsheet's empty rows cost next to nothing, and take no empty value from the last person."""
    gc.disable()  # as `add` does: what the tests of this process have left behind is not to be looked through again and again
    begin = time.process_time()
    assert rows("email,a,b\nx@y.example,,\n" + ",,\n" * 1_000_000) == [
        Row(line=2, columns={"email": "x@y.example", "a": "", "b": ""})
    ]
    spent = time.process_time() - begin
    gc.enable()
    assert spent < 2


@pytest.mark.parametrize(
    ("first_line", "row"),
    [
        ("email,a", ',"x\n'),
        ("email", '"' + "x" * 90 + "\n"),
        ("email,timezone,country", "a@b.example,Nowhere/{n},Land{n}\n"),
        ("email", "{n}@{n}ü..x\n"),
    ],
)
def test_bad_rows_take_no_longer(first_line: str, row: str) -> None:
    """20,000 bad rows, each bad in its own way, are told in seconds, too."""
    data = f"{first_line}\n" + "".join(row.replace("{n}", str(number)) for number in range(20_000))
    begin = time.process_time()
    assert sum(isinstance(judge(one, RULES), Rejection) for one in rows(data)) >= 19_000
    assert time.process_time() - begin < 20


@given(st.from_regex(prospects._PLAIN, fullmatch=True))
def test_plain_addresses_are_such_to_the_library(text: str) -> None:
    """What is taken for an address at once is the same address to email-validator, but for what it holds back for names to come (`ab--c.de`)."""
    local, _, domain = text.partition("@")
    if len(local) > 64 or len(text) > prospects.LONGEST_ADDRESS or any(label[2:4] == "--" for label in domain.split(".")):
        return
    assert prospects._unusual(text) == text
    assert text[0] == "'" or normal_address(text) == text


def test_what_many_rows_have_in_common_is_asked_of_their_own_rules() -> None:
    """Rows alike are placed once for each set of rules: other rules are asked anew."""
    row = Row(line=2, columns={"email": "ann@acme.example", "start_at": "2026-03-20"})
    early, late = (replace(RULES, now=datetime(2026, month, 1, tzinfo=UTC)) for month in (3, 9))
    for _ in range(2):
        assert isinstance(judge(row, early), Candidate)
        assert isinstance(judge(row, late), Rejection)
        assert judge(row, replace(early, default_owner="lee")).owner == "lee"
