"""How the bytes of a file never seen before become rows and cells: what its contract says under `format`, and its headers."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from etl.readers.biff_whole import check_whole
from etl.readers.compound import MAGIC
from etl.readers.find_out import decided, encoding_of
from etl.readers.headers import joined
from etl.readers.merged_cells import Merged, goes_down
from etl.readers.naaccr_elements import Elements
from etl.readers.parsed import unreadable
from etl.readers.workbook_kind import BLOWN_UP, tells_damage, what_it_is
from etl.readers.xml_text import LINE_END, xml_pieces
from schemas.contract_format import AUTO, Format
from schemas.core.errors import UnreadableError
from schemas.core.packed import is_blown_up
from schemas.header_words import are_numbers_of_fields, is_group
from schemas.layout import Place

HEAD_BYTES, HEAD_ROWS, MOST_PREAMBLE = 1 << 18, 40, 30  # OpenClinica writes a line per event and form above the header
FEWEST_COMMENTS = 2
FEWEST_SAME, MOST_HEADS, ALIKE, NEARLY_ALL = 2, 3, 4, 0.9  # cells by which a row below a header is known for another one
FILLED = 0.6  # share of the columns that a header row names at least
WORKBOOKS = (b"PK\x03\x04", MAGIC)
# What stands in a header row of no export: a date, a number of more than four digits, a fraction.
DATA = re.compile(r"^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b|^[+-]?\d{5,}$|^[+-]?\d+[.,]\d+$|^[A-Z]\d{6,}[A-Z]?$")


@dataclass(frozen=True)
class Laid:
    """`said`: the keys of `format`. `headers`: one per column, those that stand there several times with their number, blank ones empty.

    `sheet` is empty for a text file. `called`: by what their columns are known where the headers are of several rows that each name all
    columns: those of the first. `places` and `layout`: the columns of a file of fixed width, and the text of its layout file.
    `by_headers`: its headers tell the encoding, which its bytes leave open (code_page.py).
    """

    said: dict[str, object]
    headers: tuple[str, ...]
    sheet: str = ""
    places: tuple[Place, ...] = ()
    layout: str = ""
    called: tuple[str, ...] = ()
    by_headers: bool = False


def layouts(name: str, content: bytes, encoding: str = AUTO) -> list[Laid]:
    """One per table of the file: of a workbook one per sheet that holds one. Raises UnreadableError where there is none."""
    if not content:
        unreadable("empty", name, None, "the file is empty")
    if content.lstrip()[:5] == b"<?xml" or name.endswith((".xml", ".xml.gz")):
        return [_of_xml(name, content)]
    return _of_workbook(name, content) if content.startswith(WORKBOOKS) else [_of_text(name, content, encoding)]


def _of_xml(name: str, content: bytes) -> Laid:
    """The items of NAACCR XML, each tumour a row. Raises UnreadableError where it is other XML."""
    elements = Elements(name, lambda _: True, per_tumour=True)
    for _ in elements.take(xml_pieces(name, content)):
        elements.rows.clear()
    if not elements.seen:
        unreadable("no_header", name, None, "no record of it holds an item")
    return Laid({"kind": "naaccr_xml"}, tuple(elements.seen))


def _of_text(name: str, content: bytes, encoding: str) -> Laid:
    """The table of a text file. Raises UnreadableError where there is none."""
    if (found := _found_out(name, content, encoding)) is None:
        says = (
            "no row looks like a header, or the delimiter cannot be told; of a file of fixed width say where its columns begin: "
            "`--layout FILE.csv` with the columns field,start,width (docs/contracts.md)"
        )
        unreadable("no_header", name, None, says)
    return found


def _found_out(name: str, content: bytes, asked_encoding: str) -> Laid | None:
    """The first line that can be a header, with the delimiter that cuts it and the lines below."""
    encoding = encoding_of(name, content, Format(encoding=asked_encoding))
    head = content[:HEAD_BYTES]
    if len(content) > HEAD_BYTES and not encoding.startswith("utf-16"):
        head = head[: head.rfind(b"\n") + 1] or head
    comments = _comments(head, encoding)
    for preamble in range(comments, comments + MOST_PREAMBLE):
        asked = Format(encoding=encoding, delimiter=AUTO, quote=AUTO, preamble_rows=preamble)
        try:
            layout, utf8, _ = decided(name, head, asked)
        except UnreadableError:
            continue
        below = io.StringIO("\n".join(LINE_END.split(utf8.decode("utf-8", "ignore"))[layout.preamble_rows :]), newline="")
        rows = [row for row in islice(csv.reader(below, delimiter=layout.delimiter, quotechar=layout.quote), HEAD_ROWS) if row]
        if (found := _heading(rows)) is not None:
            said = {"kind": "csv", "encoding": encoding, "delimiter": layout.delimiter, "quote": layout.quote}
            said |= {"comment": "#"} if comments else {}
            return Laid(said | {"preamble_rows": preamble - comments} | found[0], found[1], called=found[2])
        if _is_full(rows):
            return None
    return None


def _comments(head: bytes, encoding: str) -> int:
    """Lines of comment before the header, two or more (cBioPortal writes four: names, descriptions, types, priorities)."""
    lines = LINE_END.split(head.decode(encoding, "ignore").removeprefix("\ufeff"))
    n = next((place for place, line in enumerate(lines) if not line.startswith("#")), 0)
    return n if n >= FEWEST_COMMENTS else 0


def _of_workbook(name: str, content: bytes) -> list[Laid]:
    from python_calamine import CalamineWorkbook  # noqa: PLC0415  # only where a file is a workbook

    if is_blown_up(content):
        unreadable("too_large", name, None, BLOWN_UP)
    try:
        check_whole(content)
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = {sheet: book.get_sheet_by_name(sheet).to_python(skip_empty_area=False, nrows=HEAD_ROWS) for sheet in book.sheet_names}
    except BaseException as error:
        if tells_damage(error):
            unreadable("damaged", name, None, what_it_is(content))
        raise
    merged = {sheet: book.get_sheet_by_name(sheet).merged_cell_ranges or [] for sheet in sheets}
    found = [laid for sheet, rows in sheets.items() if (laid := _of_sheet(sheet, rows, merged[sheet])) is not None]
    if not found:
        unreadable("no_header", name, None, "no sheet has a row that looks like a header")
    return found


def _of_sheet(sheet: str, cells: Sequence[Sequence[object]], merged: Iterable[Merged]) -> Laid | None:
    rows = [["" if cell is None else str(cell) for cell in row] for row in cells]
    for preamble in range(min(MOST_PREAMBLE, len(rows))):
        if (found := _heading(rows[preamble:])) is not None:
            begins = preamble + int(str(found[0]["header_rows"]))
            down = {"fill_merged": True} if any(goes_down(one, begins) for one in merged) else {}
            return Laid({"kind": "excel", "sheet": sheet, "preamble_rows": preamble} | found[0] | down, found[1], sheet, called=found[2])
        if _is_full(rows[preamble:]):
            return None
    return None


def _heading(rows: list[list[str]]) -> tuple[dict[str, object], tuple[str, ...], tuple[str, ...]] | None:
    """The keys about header rows, the headers and by what they are known, where the first of these rows is a header, or with the second a
    header of two rows, or with those below that name the columns once more."""
    first, second, width = rows[:1], rows[1:2], _width(rows)
    if _is_group(first, second, width):
        return {"header_rows": 2, "fill_headers": True}, _numbered(joined(first + second, fill=True)), ()
    again = _named_again(rows, width)
    if again and not _stands_below(first[0], rows[1 + again :]):
        heads = rows[: 1 + again]
        return {"header_rows": len(heads)}, _numbered(joined(heads)), _numbered(joined(first))
    is_header = _names(first, width) or are_numbers_of_fields(first[0] if first else [])
    if is_header and not _stands_below(first[0], rows[1:]):
        return {"header_rows": 1}, _numbered(joined(first)), ()
    return None


def _named_again(rows: Sequence[list[str]], width: int) -> int:
    """How many rows below the first name its columns once more: one that repeats some of its cells (the names of another version), and
    one of which nearly all cells begin alike (`CDE_ID:3173434`), as in the tables of TCGA."""
    if len(rows) < MOST_HEADS + 1 or not _names(rows[:1], width) or not _names(rows[1:2], width) or rows[0] == rows[1]:
        return 0
    same = sum(bool(above.strip()) and above == below for above, below in zip(rows[0], rows[1], strict=False))
    beginnings = Counter(cell[:ALIKE] for cell in rows[2] if len(cell) > ALIKE)
    is_alike = sum(beginnings.most_common(1)[0][1:]) >= NEARLY_ALL * width if beginnings else False
    return (2 if is_alike else 1) if same >= FEWEST_SAME else 0


def _width(rows: Sequence[Sequence[str]]) -> int:
    return max((len(row) for row in rows), default=0)


def _is_full(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first of these rows fills most columns: one that does and is no header is data, and so are those below."""
    return sum(bool(cell.strip()) for cell in rows[0]) >= max(2, FILLED * _width(rows)) if rows else False


def _names(rows: Sequence[list[str]], width: int) -> bool:
    """Whether a row names most columns, and holds no cell of data."""
    said = [cell.strip() for row in rows for cell in row if cell.strip()]
    lettered = sum(any(sign.isalpha() for sign in cell) for cell in said)
    return width > 1 and len(said) >= max(2, FILLED * width) and not any(map(DATA.match, said)) and lettered >= FILLED * len(said)


def names_columns(first: list[str], below: list[list[str]]) -> bool:
    """Whether the cells of the first row are headers of those below."""
    return _names([first], len(first)) and not _stands_below(first, below)


def _stands_below(first: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether a cell of a row stands again in its column, but for the row as a whole: then it is data, and not to be shown."""
    below = [row for row in rows if row != first]
    return any(cell.strip() and cell in {row[place] for row in below if place < len(row)} for place, cell in enumerate(first))


def _is_group(first: list[list[str]], second: list[list[str]], width: int) -> bool:
    """Whether the first row names groups of columns: fewer cells than the second below it, which repeats some of its own, or one of them
    known for a group; a row that is taken for a title instead leaves the stage of a recurrence to the tumour."""
    above, below = ([cell.strip() for row in rows for cell in row if cell.strip()] for rows in (first, second))
    tells = len(set(below)) < len(below) or any(map(is_group, above))
    return 2 <= len(above) < len(below) and tells and _names(second, width) and not any(map(DATA.match, above))


def _numbered(headers: list[str]) -> tuple[str, ...]:
    """Headers that stand there several times as a contract calls them (`Date [2]`)."""
    return tuple(f"{h} [{headers[: n + 1].count(h)}]" if h and headers.count(h) > 1 else h for n, h in enumerate(headers))
