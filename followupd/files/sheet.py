"""The bytes of a CSV file become rows, whoever saved it; and what became of them becomes a receipt.

Decides encoding, separator, column names, and where a row that can't be read ends. Never judges what stands in a row
(`files/prospects.py` does), never opens a file, never unpacks anything, and never raises for what a file holds.
RFC 4180, and the habits of spreadsheets beside it.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, islice, pairwise

from followupd.files.problems import shown

SEPARATORS = ",;\t|"
MOST_COLUMNS = 200
MOST_LINES = 100
"""A quoted value may run over so many lines; a quote that is still open then was never meant as one."""

_MOST_HEADER = 100_000
_MOST_EMPTY = 1_000_000
_NO_HEADER = "the first line must name the columns, e.g. email,cadence,first_name"
_LONE_QUOTE = "a quote opens on this line and does not close; remove it, or write it twice inside quotes"
_RESAVE = 'use "Save as CSV UTF-8"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row, as text by column. `line` is where it starts; `problem` says why it can't be read."""

    line: int
    columns: dict[str, str]
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A file's columns, and its rows to be read once, in order. With a `problem` the whole file is refused."""

    header: tuple[str, ...] = ()
    problem: str = ""
    rows: Iterator[Row] = field(default_factory=lambda: iter(()))


def read_sheet(
    data: bytes, *, name: str, fallback: str = "cp1252", max_rows: int = 200_000, max_bytes: int = 50_000_000
) -> Sheet:
    """The columns and rows of a CSV file. `fallback` is the encoding of files that are not Unicode."""
    try:
        lines = _Lines(_decoded(data, fallback, max_bytes))
        separator, spelled = _header(lines)
        header = _named(spelled)
        rows = _rows(lines, header, separator, max_rows)
    except _Refused as refused:
        return Sheet(problem=f"{shown(name)}:{refused.line}: {refused}")
    first = list(islice(rows, 1))
    if not first:
        return Sheet(problem=f"{shown(name)}:{lines.line}: there are no rows below the column names")
    return Sheet(header=header, rows=chain(first, rows))


class _Refused(Exception):
    """The whole file can't be read, and why."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(why)
        self.line = line


# -- bytes to text -------------------------------------------------------------------------------


def _decoded(data: bytes, fallback: str, max_bytes: int) -> str:
    """The text, with line ends as one newline."""
    if len(data) > max_bytes:
        raise _Refused(1, f"{len(data) / 1e6:.1f} MB; at most {max_bytes / 1e6:.0f} MB, split it")
    kind = _other_kind(data)
    if kind:
        raise _Refused(1, f"this is {kind}; {_RESAVE}")
    text = _text(data, fallback)
    if "\0" in text[:_MOST_HEADER]:
        raise _Refused(1, f"this is no text; {_RESAVE}")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    # Spreadsheets may add a million rows of nothing but separators at the end.
    end = text.find("\n", len(text.rstrip(f"\n {SEPARATORS}")))
    return text if end < 0 else text[: end + 1]


def _other_kind(data: bytes) -> str:
    """What else people save under this name, known by its first bytes."""
    begin = data[:4096]
    if begin.startswith(b"PK\x03\x04"):
        parts = {
            b"opendocument.spreadsheet": "an OpenDocument sheet",
            b"word/": "a Word document",
            b"Index/": "a Numbers document",
        }
        known = next((kind for mark, kind in parts.items() if mark in begin), None)
        return known or ("an Excel workbook" if b"[Content_Types]" in begin or b"xl/" in begin else "a zip archive")
    magic = {
        b"\xd0\xcf\x11\xe0": "an Excel workbook",
        b"\x1f\x8b": "a compressed file",
        b"%PDF": "a PDF",
        b"{\\rtf": "a Word document",
    }
    known = next((kind for mark, kind in magic.items() if begin.startswith(mark)), None)
    page = re.match(rb"(?:\xef\xbb\xbf)?\s{0,100}<(?:[!?a-zA-Z])", begin)
    return known or ("a web page" if page else "")


def _text(data: bytes, fallback: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError:
            raise _Refused(1, f"broken UTF-16; {_RESAVE}") from None
    body = data.removeprefix(b"\xef\xbb\xbf")
    try:
        return body.decode()
    except UnicodeDecodeError as wrong:
        broken = _broken(body, wrong.start, "mixed encodings")
    if body != data or _is_partly_utf8(data):
        raise broken
    try:
        return data.decode(fallback)
    except UnicodeDecodeError as wrong:
        raise _broken(data, wrong.start, f"neither UTF-8 nor {fallback}") from None


def _broken(data: bytes, position: int, why: str) -> _Refused:
    before = data[:position].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return _Refused(before.count(b"\n") + 1, f'byte 0x{data[position]:02X}: {why}; save as "CSV UTF-8"')


def _is_partly_utf8(data: bytes) -> bool:
    """Whether a line of a file that is not UTF-8 is UTF-8 all the same: two files were put together."""
    for line in io.BytesIO(data):
        if not line.isascii():
            try:
                line.decode()
            except UnicodeDecodeError:
                continue
            return True
    return False


# -- text to rows --------------------------------------------------------------------------------


class _Lines:
    """Lines for the CSV reader, that can go back: what a lone quote has swallowed is read again."""

    def __init__(self, text: str) -> None:
        self.text, self.at, self.line, self.left = text, 0, 1, MOST_LINES

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self.at >= len(self.text) or not self.left:
            raise StopIteration
        end = self.text.find("\n", self.at) + 1 or len(self.text)
        found = self.text[self.at : end]
        self.at, self.line, self.left = end, self.line + 1, self.left - 1
        return found

    def back(self, at: int, line: int) -> None:
        """To the line below the one that begins at `at`."""
        self.at, self.line, self.left = at, line, MOST_LINES
        next(self)


def _header(lines: _Lines) -> tuple[str, list[str]]:
    """The separator and the names of the columns as they are spelled; `sep=;` may say the first."""
    blank = len(lines.text) - len(lines.text.lstrip("\n"))
    lines.at, lines.line = blank, blank + 1
    begin = lines.at, lines.line
    first = next(lines, "").rstrip("\n")
    said = re.fullmatch(r'"?sep=([^\w\s"]|\t)"?[;,\t]*', first, re.IGNORECASE)
    if not said:
        lines.at, lines.line = begin
    if not first.strip() or len(first) > _MOST_HEADER:
        raise _Refused(1, _NO_HEADER)
    begin = lines.at, lines.line
    best: tuple[int, int, str, list[str], tuple[int, int]] | None = None
    for separator in said[1] if said else SEPARATORS:
        lines.at, lines.line = begin
        cells = _cells(_reader(lines, separator), lines)
        if isinstance(cells, list):
            known = sum(column_name(cell) in KNOWN for cell in cells[:MOST_COLUMNS])
            if best is None or (known, len(cells)) > best[:2]:
                best = (known, len(cells), separator, cells, (lines.at, lines.line))
    if best is None or not any(column_name(cell) == "email" for cell in best[3]) or any("@" in cell for cell in best[3]):
        raise _Refused(begin[1], _NO_HEADER)
    lines.at, lines.line = best[4]
    return best[2], best[3]


def _named(spelled: list[str]) -> tuple[str, ...]:
    """The columns by the names that templates use; two of one name are a mistake, none at all is for empty columns."""
    if len(spelled) > MOST_COLUMNS:
        raise _Refused(1, f"{len(spelled):,} columns; at most {MOST_COLUMNS}, leave out what no message uses")
    places: dict[str, int] = {}
    header = tuple(column_name(cell) for cell in spelled)
    for place, column in enumerate(header):
        if column in places:
            both = f'{shown(spelled[places[column]].strip())}" and "{shown(spelled[place].strip())}'
            raise _Refused(
                1, f'columns {places[column] + 1} and {place + 1} ("{both}") are both {shown(column)}; rename or remove one'
            )
        if len(column) > 63:
            raise _Refused(1, f"column {place + 1}: the name is too long; write at most 63 characters")
        if column:
            places[column] = place
    return header


def _rows(lines: _Lines, header: tuple[str, ...], separator: str, max_rows: int) -> Iterator[Row]:
    reader = _reader(lines, separator)
    count = empty = 0
    while lines.at < len(lines.text):
        line, at = lines.line, lines.at
        cells = _cells(reader, lines)
        if isinstance(cells, list) and not "".join(cells).strip() and empty < _MOST_EMPTY:
            empty += 1
            continue
        count += 1
        if count > max_rows or empty == _MOST_EMPTY:
            yield Row(
                line=line,
                columns={},
                problem=f"too many rows (at most {max_rows:,}): this one and all below were not read; split the file",
            )
            return
        if isinstance(cells, str):
            yield Row(line=line, columns={}, problem=cells)
            continue
        row = _row(line, cells, header, separator, lines.text[at : lines.at])
        if row.problem and lines.line > line + 1:  # it swallowed the rows below, so they are read again
            lines.back(at, line)
            row = Row(line=line, columns={}, problem=_LONE_QUOTE)
        yield row


def _row(line: int, cells: list[str], header: tuple[str, ...], separator: str, raw: str) -> Row:
    cells = [cell.strip() for cell in cells]
    columns = dict(zip(header, cells, strict=False))
    if len(cells) < len(header):
        return Row(line=line, columns=columns, problem=f"{_numbers(cells, header)}: {_too_few(separator)}")
    if any(cells[len(header) :]):
        return Row(line=line, columns=columns, problem=f"{_numbers(cells, header)}: {_too_many(raw, separator)}")
    if "" in columns:
        nameless = [place for place, column in enumerate(header, 1) if not column and cells[place - 1]]
        if nameless:
            return Row(
                line=line,
                columns=columns,
                problem=f"column {nameless[0]} has a value here but no name; name it in the first line",
            )
        del columns[""]
    return Row(line=line, columns=columns)


def _numbers(cells: list[str], header: tuple[str, ...]) -> str:
    return f"{len(cells)} values, {len(header)} columns"


def _too_few(separator: str) -> str:
    return (
        f"is a {_SPOKEN[separator]} missing? write two in a row around an empty value"
        if separator in _SPOKEN
        else "some are missing"
    )


def _too_many(raw: str, separator: str) -> str:
    """The likely place: a separator with a space behind it is rarely one."""
    spoken = _SPOKEN.get(separator, "separator")
    pieces = raw.split(separator)
    for before, after in pairwise(pieces):
        if before.strip() and re.match(r" \S", after):
            return f'is there a {spoken} in "{shown(f"{before.strip()}{separator}{after.rstrip()}")}"? put it in quotes'
    return f"is there a {spoken} in a value? put that value in quotes"


_SPOKEN = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


def _reader(lines: _Lines, separator: str) -> Iterator[list[str]]:
    return csv.reader(lines, delimiter=separator, strict=True, skipinitialspace=separator != "\t")


def _cells(reader: Iterator[list[str]], lines: _Lines) -> list[str] | str:
    """The next row, or why there is none; then the line that it began with is left out and the next one begins anew."""
    at, line, lines.left = lines.at, lines.line, MOST_LINES
    try:
        return next(reader, [])
    except csv.Error as error:
        said, several = str(error), lines.line > line + 1
    lines.back(at, line)
    if "field larger" in said:
        return "a value has more than 130,000 characters; shorten it"
    if several or "unexpected end" in said:
        return _LONE_QUOTE
    return 'a quote stands in the middle of a value; write it twice (""), or remove it'


# -- column names --------------------------------------------------------------------------------

# Spellings without accents, spaces and signs: English, German, French, Spanish, Italian, Dutch, Portuguese.
_SPELLINGS = {
    "email": "emailaddress mail mailaddress eml mailadresse emailadresse adressemail adresseemail courriel adresseelectronique"
    " correo correoelectronico direcciondecorreo postaelettronica indirizzoemail emailadres enderecodeemail correioeletronico",
    "cadence": "kadenz cadencia cadenza",
    "first_name": "firstname givenname forename vorname prenom nombre voornaam primeironome nomeproprio",
    "last_name": "lastname surname familyname nachname familienname nom nomdefamille apellido apellidos cognome achternaam sobrenome"
    " apelido",
    "company": "companyname organisation organization account firma unternehmen societe entreprise empresa azienda societa bedrijf",
    "title": "jobtitle position role funktion stelle poste fonction cargo puesto ruolo functie",
    "phone": "phonenumber telephone tel telefon telefonnummer mobile telefono telefoon telefone",
    "country": "countrycode land pays pais paese",
    "timezone": "tz zeitzone fuseauhoraire zonahoraria fusoorario tijdzone fusohorario",
    "language": "lang sprache langue idioma lingua taal",
    "owner": "rep salesrep accountowner zustandig verantwortlich responsable proprietario eigenaar responsavel",
    "goals": "goal ziele objectifs objetivos obiettivi doelen",
    "challenges": "challenge herausforderungen defis retos sfide uitdagingen desafios",
    "interests": "interest interessen interets intereses interessi interesses",
    "preferences": "preference vorlieben preferenze preferencias voorkeuren",
    "pace": "tempo",
    "meeting_at": "meeting meetingdate meetingtime termin rendezvous reunion riunione afspraak reuniao",
    "meeting_highlight": "highlight",
    "next_step": "nextstep nextsteps nachsterschritt prochaineetape siguientepaso prossimopasso volgendestap proximopasso",
    "source": "quelle origine fuente fonte bron",
    "basis": "legalbasis rechtsgrundlage baselegale baselegal basegiuridica rechtsgrond",
    "start_at": "start startdate startat beginn",
    "start_step": "firststep",
}
KNOWN = frozenset(_SPELLINGS)
_BY_SPELLING = {
    spelling: column for column, words in _SPELLINGS.items() for spelling in (column.replace("_", ""), *words.split())
}


@lru_cache(maxsize=4096)
def column_name(text: str) -> str:
    """`E-Mail`, ` first name `, `Vorname` become the known columns; any other name keeps its words, in_small_letters."""
    plain = unicodedata.normalize("NFKD", text[:500]).casefold()
    # Numerals of some scripts (No) are letters to a regular expression, but not to a template.
    kept = "".join(char for char in plain if not unicodedata.combining(char) and unicodedata.category(char) != "Cf")
    letters = "".join(char if f"a{char}".isidentifier() else "_" for char in kept)
    name = re.sub(r"[\W_]+", "_", letters).strip("_")
    known = _BY_SPELLING.get(name.replace("_", ""))
    return known or (f"column_{name}" if name[:1].isdigit() else name)


# -- receipts ------------------------------------------------------------------------------------


def receipt(lines: Iterable[tuple[int, str, str, str]]) -> bytes:
    """What became of each row: line, address, accepted / rejected / duplicate, reason. A spreadsheet opens it as it is."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("line", "address", "result", "reason"))
    writer.writerows((line, defuse(address), result, defuse(reason)) for line, address, result, reason in lines)
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8", "backslashreplace")


def defuse(text: str) -> str:
    """Text that a spreadsheet would run as a formula, as text."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")) else text
