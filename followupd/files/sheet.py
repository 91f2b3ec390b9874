"""The bytes of a CSV file become rows, whoever saved it; and what became of them becomes a receipt.

Decides encoding, separator, column names, and where a row that can't be read ends. Never judges what stands in a row
(`files/prospects.py` does), never opens a file, never holds all of one, never unpacks anything, and never raises for what a
file holds.
RFC 4180, and the habits of spreadsheets beside it.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, islice, pairwise
from typing import BinaryIO, NamedTuple, TextIO

from followupd.files.problems import shown

SEPARATORS = ",;\t|"
MOST_LINES = 100
"""A quoted value may run over so many lines; a quote that is still open then was never meant as one."""
MOST_SEARCHED = 10_000
LONGEST_LINE = 4_000_000
"""Characters of one line, and of all lines of one row together: so much is in memory at once."""

_MOST_HEADER = 100_000
_CHUNK = 1 << 20
_MANY = 1 << 16
"""Characters of the lines that are looked at together."""
_NO_HEADER = "the first line must name the columns, e.g. email,cadence,first_name"
_LONE_QUOTE = "a quote opens on this line and does not close; remove it, or write it twice inside quotes"
_RESAVE = 'use "Save as CSV UTF-8"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of a file is read; `intake:` of the config says otherwise."""

    rows: int = 1_000_000
    bytes: int = 200_000_000
    columns: int = 200


class Row(NamedTuple):
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
    text: TextIO = field(default_factory=io.StringIO, repr=False)

    def close(self) -> None:
        """No more rows are wanted; the file is closed."""
        self.text.close()


def read_sheet(data: bytes | BinaryIO, *, name: str, fallback: str = "cp1252", limits: Limits | None = None) -> Sheet:
    """The columns and rows of a CSV file: bytes, or a file that is read as its rows are asked for, never as a whole.

    `fallback` is the encoding of files that are not Unicode.
    """
    file = io.BytesIO(data) if isinstance(data, bytes) else data
    limits, text = limits or Limits(), None
    try:
        text = _opened(file, fallback, limits.bytes)
        lines = _Lines(text)
        separator, spelled = _header(lines, limits.columns)
        header, below = _named(spelled, limits.columns), lines.line
        rows = _rows(lines, header, separator, limits.rows)
        if text.encoding == "cp1252":
            rows = map(_macintosh, rows)
    except _Refused as refused:
        if text is not None:
            text.detach()
        return Sheet(problem=f"{shown(name)}:{refused.line}: {refused}")
    first = list(islice(rows, 1))
    if not first:
        text.detach()
        return Sheet(problem=f"{shown(name)}:{below}: there are no rows below the column names")
    return Sheet(header=header, rows=chain(first, rows), text=text)


class _Refused(Exception):
    """The whole file can't be read, and why."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(why)
        self.line = line


# -- bytes to text -------------------------------------------------------------------------------


def _opened(file: BinaryIO, fallback: str, most: int) -> io.TextIOWrapper:
    """The file as text, with line ends as one newline, once all of it is known to be readable."""
    size = file.seek(0, io.SEEK_END)
    if size > most:
        raise _Refused(1, f"{size / 1e6:.1f} MB; at most {most / 1e6:.0f} MB, split it")
    file.seek(0)
    begin = file.read(_MOST_HEADER)
    kind = _other_kind(begin[:4096])
    if kind:
        raise _Refused(1, f"this is {kind}; {_RESAVE}")
    encoding = _encoding(file, begin, fallback)
    if begin.count(b"\0") * 20 > len(begin) and encoding != "utf-16":  # a lone one is told in its row
        raise _Refused(1, f"this is no text; {_RESAVE}")
    file.seek(0)
    # All of it could be read a moment ago; what somebody writes over it meanwhile is refused with its cell.
    return io.TextIOWrapper(file, encoding, errors="surrogateescape", newline=None)


def _other_kind(begin: bytes) -> str:
    """What else people save under this name, known by its first bytes."""
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
        b"BZh": "a compressed file",
        b"\xfd7zXZ": "a compressed file",
        b"\x28\xb5\x2f\xfd": "a compressed file",
        b"7z\xbc\xaf": "a compressed file",
        b"Rar!": "a compressed file",
        b"%PDF": "a PDF",
        b"{\\rtf": "a Word document",
        b"SQLite format 3": "a database",
    }
    known = next((kind for mark, kind in magic.items() if begin.startswith(mark)), None)
    page = re.match(rb"(?:\xef\xbb\xbf)?\s{0,100}<(?:[!?a-zA-Z])", begin)
    return known or ("a web page" if page else "")


def _encoding(file: BinaryIO, begin: bytes, fallback: str) -> str:
    """The encoding in which all of the file can be read."""
    if begin.startswith((b"\xff\xfe", b"\xfe\xff")):
        if _undecodable(file, "utf-16") is not None:
            raise _Refused(1, f"broken UTF-16; {_RESAVE}")
        return "utf-16"
    wrong = _undecodable(file, "utf-8")
    if wrong is None:
        return "utf-8-sig"
    if begin.startswith(b"\xef\xbb\xbf") or _is_partly_utf8(file):
        raise _broken(file, wrong, "mixed encodings")
    wrong = _undecodable(file, fallback)
    if wrong is not None:
        raise _broken(file, wrong, f"neither UTF-8 nor {fallback}")
    return fallback


def _undecodable(file: BinaryIO, encoding: str) -> int | None:
    """The position of the first byte that can't be read in an encoding."""
    decoder, done = codecs.getincrementaldecoder(encoding)(), 0
    file.seek(0)
    while True:
        chunk = file.read(_CHUNK)
        waiting = len(decoder.getstate()[0])
        try:
            decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as wrong:
            return done - waiting + wrong.start
        done += len(chunk)
        if not chunk:
            return None


def _broken(file: BinaryIO, position: int, why: str) -> _Refused:
    file.seek(0)
    ends = io.IncrementalNewlineDecoder(None, translate=True)  # a line end of two bytes may lie across two chunks
    before = (file.read(min(_CHUNK, position - start)) for start in range(0, position, _CHUNK))
    line = 1 + sum(ends.decode(chunk.decode("latin-1")).count("\n") for chunk in before)
    line += ends.decode("", final=True).count("\n")
    return _Refused(line, f'byte 0x{file.read(1)[0]:02X}: {why}; save as "CSV UTF-8"')


def _is_partly_utf8(file: BinaryIO) -> bool:
    """Whether a line of a file that is not UTF-8 is UTF-8 all the same: two files were put together."""
    file.seek(0)
    for line in iter(lambda: file.readline(_CHUNK), b""):
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

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._again: deque[str] = deque()
        self.held: list[str] = []  # since the last `mark`
        self.line, self.left, self.cut = 1, LONGEST_LINE, False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self.held) >= MOST_LINES or self.left <= 0 or not (found := self._next()):
            raise StopIteration
        self.held.append(found)
        self.line, self.left = self.line + 1, self.left - len(found)
        return found

    def _next(self) -> str:
        if self._again:
            return self._again.popleft()
        found = self._text.readline(LONGEST_LINE)
        if len(found) == LONGEST_LINE and not found.endswith("\n"):
            self.cut = True
            while (more := self._text.readline(LONGEST_LINE)) and not more.endswith("\n"):
                pass
        return found

    def peek(self) -> str:
        """The next line, which stays the next; nothing at the end."""
        if not self._again and (found := self._next()):
            self._again.append(found)
        return self._again[0] if self._again else ""

    def chunk(self) -> list[str]:
        """The next whole lines without their ends, many at once; none at the end, or while lines are read again."""
        text = "" if self._again else self._text.read(_MANY)
        if not text.endswith("\n"):
            text += self._next() if text else ""
        return text.removesuffix("\n").split("\n") if text else []

    def unread(self, lines: list[str]) -> None:
        """The lines of the last chunk are to be read one by one."""
        self._again.extend(f"{line}\n" for line in lines)

    def skip(self) -> None:
        """One line further."""
        self._again.popleft()
        self.line += 1

    def mark(self) -> None:
        """A row begins here."""
        self.held, self.left, self.cut = [], LONGEST_LINE, False

    def back(self, kept: int = 1) -> None:
        """To where the row begins, or below its first line."""
        self._again.extendleft(reversed(self.held[kept:]))
        self.line -= len(self.held[kept:])
        self.held = self.held[:kept]


def _header(lines: _Lines, most_columns: int) -> tuple[str, list[str]]:
    """The separator and the names of the columns as they are spelled; `sep=;` may say the first."""
    while lines.peek() == "\n":
        lines.skip()
    first = lines.peek().rstrip("\n")
    said = re.fullmatch(r'"?sep=([^\w\s"]|\t)"?[;,\t]*', first[:100], re.IGNORECASE)
    if said:
        lines.skip()
    if not first.strip() or len(first) > _MOST_HEADER:
        raise _Refused(1, _NO_HEADER)
    begin = lines.line
    best: tuple[int, int, str, list[str], int] | None = None
    for separator in said[1] if said else SEPARATORS:
        cells = _cells(_reader(lines, separator), lines)
        if isinstance(cells, list):
            known = sum(column_name(cell) in KNOWN | ANSWERED for cell in cells[:most_columns])
            if best is None or (known, len(cells)) > best[:2]:
                best = (known, len(cells), separator, cells, len(lines.held))
        lines.back(0)
    named = {column_name(cell) for cell in best[3]} if best else set()
    if best is None or not ("email" in named or named >= ANSWERED) or any("@" in cell for cell in best[3]):
        raise _Refused(begin, _NO_HEADER)
    for _ in range(best[4]):
        lines.peek()
        lines.skip()
    return best[2], best[3]


def _named(spelled: list[str], most: int) -> tuple[str, ...]:
    """The columns by the names that templates use; two of one name are a mistake, none at all is for empty columns."""
    if len(spelled) > most:
        raise _Refused(1, f"{len(spelled):,} columns; at most {most:,}, leave out what no message uses")
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


_BLANK = f"\n {SEPARATORS}"


def _rows(lines: _Lines, header: tuple[str, ...], separator: str, max_rows: int) -> Iterator[Row]:
    for count, row in enumerate(_all_rows(lines, header, separator), 1):
        if count > max_rows:
            problem = f"too many rows (at most {max_rows:,}): this one and all below were not read; split the file"
            yield Row(line=row.line, columns={}, problem=problem)
            return
        yield row


def _all_rows(lines: _Lines, header: tuple[str, ...], separator: str) -> Iterator[Row]:
    """Many lines at once while each is a row by itself, as nearly always; else row by row."""
    reader = _reader(lines, separator)
    while True:
        while chunk := lines.chunk():
            parsed = _parsed(chunk, separator)
            if parsed is None:
                lines.unread(chunk)
                break
            line, lines.line = lines.line, lines.line + len(chunk)
            yield from _plain_rows(line, chunk, parsed, header, separator)
        following = lines.peek()
        if not following:
            return
        if not following.strip(_BLANK):  # spreadsheets add a million rows of nothing but separators
            lines.skip()
        elif row := _next_row(reader, lines, header, separator):
            yield row


def _parsed(lines: list[str], separator: str) -> list[list[str]] | None:
    """The cells of lines; None where not each of them is a row."""
    try:
        found = list(_reader(lines, separator))
    except csv.Error:
        return None
    return found if len(found) == len(lines) else None


def _plain_rows(first: int, lines: list[str], parsed: list[list[str]], header: tuple[str, ...], separator: str) -> Iterator[Row]:
    width = len(header) if "" not in header else -1
    for line, (text, cells) in enumerate(zip(lines, parsed, strict=True), first):
        if not text.strip(_BLANK):
            continue
        if len(cells) == width and "'" not in text:  # then nothing in it is to be `restored`
            columns = dict(zip(header, map(str.strip, cells), strict=True))
            if any(columns.values()):
                yield Row(line, columns)
        elif "".join(cells).strip():
            yield _row(line, cells, header, separator, [text])


def _next_row(reader: Iterator[list[str]], lines: _Lines, header: tuple[str, ...], separator: str) -> Row | None:
    """The row that begins with the next line; None where nothing stands in it."""
    line = lines.line
    cells = _cells(reader, lines)
    if isinstance(cells, str):
        return Row(line=line, columns={}, problem=cells)
    if not "".join(cells).strip():
        return None
    if lines.cut:
        return Row(line=line, columns={}, problem=f"the line has more than {LONGEST_LINE:,} characters; shorten it")
    row = _row(line, cells, header, separator, lines.held)
    if row.problem and len(lines.held) > 1:  # it swallowed the rows below, so they are read again
        lines.back()
        row = Row(line=line, columns={}, problem=_LONE_QUOTE)
    return row


_MISREAD = re.compile(r"\w{0,20}(?:[a-zà-ÿ][ŠŽŸŒ]|[A-Za-z][†‡‰•§][A-Za-z])\w{0,20}")


def _macintosh(row: Row) -> Row:
    """An old Macintosh's file is readable as cp1252, but as nonsense: its "é" becomes "Ž"."""
    found = None if row.problem else _MISREAD.search("\n".join(row.columns.values()))
    if found is None:
        return row
    return row._replace(problem=f'"{shown(found[0])}" was written in another encoding than cp1252; {_RESAVE}')


def _row(line: int, cells: list[str], header: tuple[str, ...], separator: str, raw: list[str]) -> Row:
    cells = [restored(cell.strip()) for cell in cells]
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


def _too_many(raw: list[str], separator: str) -> str:
    """The likely place: a separator with a space behind it is rarely one."""
    spoken = _SPOKEN.get(separator, "separator")
    pieces = "".join(raw)[:MOST_SEARCHED].split(separator)
    for before, after in pairwise(pieces):
        if before.strip() and re.match(r" \S", after):
            return f'is there a {spoken} in "{shown(f"{before.strip()}{separator}{after.rstrip()}")}"? put it in quotes'
    return f"is there a {spoken} in a value? put that value in quotes"


_SPOKEN = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


def _reader(lines: Iterable[str], separator: str) -> Iterator[list[str]]:
    return csv.reader(lines, delimiter=separator, strict=True, skipinitialspace=separator != "\t")


def _cells(reader: Iterator[list[str]], lines: _Lines) -> list[str] | str:
    """The next row, or why there is none; then the line that it began with is left out and the next one begins anew."""
    lines.mark()
    try:
        return next(reader, [])
    except csv.Error as error:
        said, several = str(error), len(lines.held) > 1
    lines.back()
    if "field larger" in said:
        return "a value has more than 130,000 characters; shorten it"
    if several or "unexpected end" in said:
        return _LONE_QUOTE
    return 'a quote stands in the middle of a value; write it twice (""), or remove it'


# -- column names --------------------------------------------------------------------------------

ANSWERED = frozenset({"task", "answer"})
"""The columns of a file that answers tasks (`tasksheet.py`)."""

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


Line = tuple[int, str, str, str]
"""A row of a receipt: line, address, accepted / rejected / duplicate, reason."""


def receipt(lines: Iterable[Line]) -> bytes:
    """What became of each row. A spreadsheet opens it as it is."""
    return b"\xef\xbb\xbf" + _written([("line", "address", "result", "reason")]) + receipt_rows(lines)


def receipt_rows(lines: Iterable[Line]) -> bytes:
    """Rows of a receipt, to be written below those before."""
    lines = list(lines)
    if _FORMULA.isdisjoint([line[1][:1] for line in lines]) and _FORMULA.isdisjoint([line[3][:1] for line in lines]):
        return _written(lines)
    return _written([(line, defuse(address), result, defuse(reason)) for line, address, result, reason in lines])


def _written(rows: Iterable[tuple[object, ...]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("utf-8", "backslashreplace")


def table(rows: Iterable[Iterable[str]]) -> bytes:
    """Rows for people to fill in with a spreadsheet program and to bring back; `restored` is how their cells are read."""
    return b"\xef\xbb\xbf" + _written(tuple(map(carried, row)) for row in rows)


_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


_FORMULA = frozenset(_FORMULAS)


def defuse(text: str) -> str:
    """Text that a spreadsheet would run as a formula, as text."""
    return f"'{text}" if text[:1] in _FORMULAS and text else text


def carried(text: str) -> str:
    """The same so that it can be told from a text that began with a quotation mark before: `restored` takes it back."""
    return f"'{text}" if text.lstrip("'").startswith(_FORMULAS) else text


def restored(cell: str) -> str:
    """What a cell said before it was `carried`."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(_FORMULAS) else cell
