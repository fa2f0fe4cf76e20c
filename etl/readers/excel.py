"""Spreadsheets (.xlsx, .xls): each sheet row is a row, its cells as text with real dates marked (DESIGN 5)."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import polars as pl

from etl.collecting import never
from etl.readers.biff_whole import check_whole
from etl.readers.doubled import DoubledError
from etl.readers.excel_cells import Cells, Column, rendered
from etl.readers.excel_distinct import DistinctSheet, laid_out
from etl.readers.leap_day import with_leap_day
from etl.readers.merged_cells import Merged, filled_down, goes_down
from etl.readers.number_formats import shown
from etl.readers.parsed import CellNotice, Parsed, has_text, is_blank, typed, unreadable
from etl.readers.sheet_cells import NotPlainError
from etl.readers.sheet_marks import NOUGHT, STRUCK
from etl.readers.workbook import MOST_CELLS, Inside, look_inside
from etl.readers.workbook_kind import BLOWN_UP, tells_damage, what_it_is
from schemas.contract_format import Format
from schemas.core.errors import did_you_mean
from schemas.core.packed import is_blown_up
from schemas.headings import loosely

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

ROWS_AT_ONCE = 2_000  # their cells fit into the cache of the processor
TOO_LARGE = "the sheet reaches too far: delete the stray cells below and to the right of the data"
TWICE = "the sheet holds this row twice, or a cell of it: one of the two would be lost; save the workbook with a spreadsheet program"


@dataclass(frozen=True)
class Sheet:
    """One sheet: its rows from the first on (to be taken once), its size, its merged ranges (from 0), and what its XML says.

    `below`: the columns of its data, given the rows taken so far, the row where the data begins and the decimal mark. `name` may
    be that of a patient and stays here; `others`: the numbers of the other sheets, from 1.
    """

    rows: Iterator[list[Any]]
    below: Callable[[list[list[Any]], int, str], Iterable[Column]]
    height: int
    width: int
    merged: Sequence[Merged]
    inside: Inside
    name: str
    others: list[int]


def parse_excel(name: str, content: bytes, layout: Format) -> Parsed:
    """Cut one sheet of a workbook into rows and cells of text. Raises UnreadableError where it cannot be opened."""
    sheet = _sheet(name, content, layout)
    top, heads = _top(sheet, layout)
    preamble = min(layout.preamble_rows, sheet.height)
    begins = heads[-1] + 1 if heads else sheet.height
    comments = _comments(top, preamble, begins, layout.comment)
    frame, columns = _frame(sheet.below(top, begins, layout.decimal), sheet.width, begins)
    frame = with_leap_day(frame, content, sheet.name, sheet.inside.epoch)
    is_comment = _is_comment(frame, layout.comment)
    comments += int(is_comment.sum())
    is_data = _is_row(frame, sheet, columns) & ~is_comment
    if layout.fill_merged:
        frame = filled_down(frame, sheet.merged, begins)
    rows = frame if is_data.all() else frame.filter(is_data)
    footers = min(layout.footer_rows, rows.height)
    texts = rows.select(str(place) for place in range(len(columns)))
    footer = [" ".join(cell for cell in cells if cell) for cells in texts.tail(footers).rows()]
    kept = rows.head(rows.height - footers)
    blank = begins + frame.height - preamble - len(heads) - comments - rows.height
    not_data = Counter({"preamble": preamble, "comment": comments, "header": len(heads), "blank": blank, "footer": footers})
    parsed = Parsed(begins + frame.height, _header(sheet, top, heads), heads[0] + 1 if heads else 1, kept, +not_data, {}, footer)
    parsed.cells = [*_in_error(sheet, kept, len(columns)), *_too_long(kept, columns, begins)]
    parsed.noticed = _noticed(sheet, layout, parsed, begins)
    parsed.sheet_rows = sheet.height
    parsed.epoch = sheet.inside.epoch if layout.epoch == "auto" else layout.epoch
    return parsed


def _sheet(name: str, content: bytes, layout: Format) -> Sheet:
    from python_calamine import CalamineWorkbook  # noqa: PLC0415  # only where a contract has spreadsheets

    if is_blown_up(content):
        unreadable("too_large", name, None, BLOWN_UP)
    with _clear(name, content):
        check_whole(content)
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        chosen = sheet_meant(name, book, layout)
        others = [number for number, other in enumerate(book.sheet_names, 1) if other != chosen]
        try:
            return _laid(name, content, book, chosen, others, decimal=layout.decimal)
        except DoubledError as error:
            unreadable("doubled_cell", name, error.row, TWICE)


def _laid(name: str, content: bytes, book: CalamineWorkbook, chosen: str, others: list[int], *, decimal: str) -> Sheet:
    """The sheet by its distinct cells where its XML allows that, else cell by cell."""
    try:
        return _by_distinct_cells(name, laid_out(content, chosen), chosen, others)
    except NotPlainError:
        return _by_rows(name, content, book, chosen, others, decimal=decimal)


def _by_distinct_cells(name: str, laid: DistinctSheet, chosen: str, others: list[int]) -> Sheet:
    """A sheet of which only the distinct cells became objects."""
    if laid.height * laid.width > MOST_CELLS:
        unreadable("too_large", name, None, TOO_LARGE)
    inside = Inside(laid.epoch, list(laid.errors))
    rows, below = laid.rows(), lambda _, begins, decimal: laid.columns(begins, decimal)
    return Sheet(rows, below, laid.height, laid.width, laid.merged, inside, chosen, others)


def _by_rows(name: str, content: bytes, book: CalamineWorkbook, chosen: str, others: list[int], *, decimal: str) -> Sheet:
    """A sheet as calamine lays it out, its cells as it shows them; one that is too large is not."""
    inside = look_inside(content, chosen)
    if inside.cells > MOST_CELLS:
        unreadable("too_large", name, None, TOO_LARGE)
    sheet = book.get_sheet_by_name(chosen)
    height, width = (0, 0) if sheet.end is None else (sheet.end[0] + 1, sheet.end[1] + 1)
    rows = _rows(name, sheet)
    if inside.marks:
        rows = _as_shown(rows, inside, decimal)

    def below(top: list[list[Any]], begins: int, decimal: str) -> list[Column]:
        return _columns(chain(top[begins:], rows), width, decimal)

    return Sheet(rows, below, height, width, sheet.merged_cell_ranges or [], inside, chosen, others)


def _rows(name: str, sheet: CalamineSheet) -> Iterator[list[Any]]:
    """All rows up to the last that holds anything; calamine leaves out empty columns on the left."""
    if sheet.start is None:
        return
    left: list[Any] = [""] * sheet.start[1]
    with _clear(name):
        for row in sheet.iter_rows():
            yield left + row if left else row


def _as_shown(rows: Iterator[list[Any]], inside: Inside, decimal: str) -> Iterator[list[Any]]:
    """The rows with the marked cells as the sheet shows them; where that is nothing certain the cell is among those in error.

    The nought of a formula that nothing has computed is among them already.
    """
    for number, row in enumerate(rows):
        for place, how in inside.marks.get(number, ()):
            if place < len(row):
                was, row[place] = row[place], "" if how in (STRUCK, NOUGHT) else shown(row[place], how, decimal)
                if row[place] == "" != was and how != NOUGHT:
                    inside.errors.append((number, place))
        yield row


@contextmanager
def _clear(name: str, content: bytes = b"PK") -> Iterator[None]:
    """Refuse a workbook that cannot be opened."""
    try:
        yield
    except BaseException as error:
        if tells_damage(error):
            unreadable("no_workbook", name, None, what_it_is(content))
        raise


def sheet_meant(name: str, book: CalamineWorkbook, layout: Format) -> str:
    """Name of the sheet that the contract means, by its name (capitals and blanks do not count) or its number.

    A message names no sheet of the workbook: one may be called after a patient.
    """
    there: list[str] = book.sheet_names
    if isinstance(layout.sheet, int):
        if layout.sheet > len(there):
            unreadable("no_sheet", name, None, f"the workbook has {len(there)} sheets, the contract reads number {layout.sheet}")
        return there[layout.sheet - 1]
    found = [sheet for sheet in there if sheet == layout.sheet] or [s for s in there if loosely(s) == loosely(layout.sheet)]
    if len(found) != 1:
        near = [number for number, sheet in enumerate(there, 1) if did_you_mean(layout.sheet, [sheet])]
        hint = f" (did you mean sheet {near[0]} of {len(there)}, which is called much like it?)" if near else ""
        unreadable("no_sheet", name, None, f"the workbook has no sheet '{layout.sheet}'{hint}")
    return found[0]


def _top(sheet: Sheet, layout: Format) -> tuple[list[list[Any]], list[int]]:
    """The rows up to the last header row, and the places of the header rows.

    They are the first after the preamble that hold anything and are no comment.
    """
    top = list(islice(sheet.rows, layout.preamble_rows))
    found: list[int] = []
    while len(found) < layout.heads and (row := next(sheet.rows, None)) is not None:
        texts = [rendered(value) for value in row]
        if not is_blank(texts) and not (layout.comment is not None and texts[0].startswith(layout.comment)):
            found.append(len(top))
        top.append(row)
    return top, found


def _comments(top: list[list[Any]], preamble: int, begins: int, comment: str | None) -> int:
    """How many of the rows between the preamble and the data begin with the text of a comment."""
    if comment is None:
        return 0
    return sum(rendered(row[0]).startswith(comment) for row in top[preamble:begins] if row)


def _is_comment(frame: pl.DataFrame, comment: str | None) -> pl.Series:
    """Whether the first cell of a row begins with the text of a comment."""
    if comment is None or "0" not in frame.columns:
        return pl.repeat(False, frame.height, dtype=pl.Boolean, eager=True)
    return frame["0"].str.starts_with(comment)


def _header(sheet: Sheet, top: list[list[Any]], heads: list[int]) -> list[list[str]]:
    """The cells of the header rows; a merged cell stands over all its columns, but only in its first row."""
    rows = {place: [rendered(value) for value in top[place]] for place in heads}
    for (row, left), (_, right) in sheet.merged:
        if row in rows:
            width = min(right + 1, len(rows[row])) - left
            rows[row][left : left + width] = [rows[row][left]] * width
    return list(rows.values())


def _columns(rows: Iterator[list[Any]], width: int, decimal: str) -> list[Column]:
    """The columns of some rows; a few rows at a time, for their cells take much memory."""
    cells = [Cells(decimal) for _ in range(width)]
    with never():
        while some := list(islice(rows, ROWS_AT_ONCE)):
            for place, values in enumerate(zip(*some, strict=True)):
                cells[place].add(values)
    return [cells.pop(0).column() for _ in range(width)]


def _frame(found: Iterable[Column], width: int, begins: int) -> tuple[pl.DataFrame, list[Column]]:
    """One row per sheet row from `begins` on, with the columns of `Parsed.rows`."""
    columns = list(found)
    height = columns[0].text.len() if columns else 0
    known = pl.DataFrame({"source_row": pl.int_range(begins + 1, begins + 1 + height, dtype=pl.Int64, eager=True)})
    known = known.with_columns(n_cells=pl.lit(width, pl.Int64), span=pl.lit(1, pl.Int64))
    texts = [one.text.alias(str(place)) for place, one in enumerate(columns)]
    dates = [one.dates.alias(typed(place)) for place, one in enumerate(columns) if one.dates is not None]
    return known.hstack([*texts, *dates]), columns


def _is_row(frame: pl.DataFrame, sheet: Sheet, columns: list[Column]) -> pl.Series:
    """Whether anything stands in the row: a text, or an error."""
    if not columns:
        return pl.Series([False] * frame.height, dtype=pl.Boolean)
    said = has_text(frame, len(columns))
    lost = {n for one in columns for n in one.lost}
    first = int(frame["source_row"][0]) if frame.height else 1
    special = [row + 1 for row, _ in sheet.inside.errors] + [first + n for n in lost]
    return said | frame["source_row"].is_in(special)


def _in_error(sheet: Sheet, rows: pl.DataFrame, width: int) -> list[CellNotice]:
    """Cells in error, and formulas whose value was never computed, by column."""
    there = set(rows["source_row"].to_list()) if sheet.inside.errors else set()
    by_place: dict[int, list[int]] = {}
    for row, place in sheet.inside.errors:
        if row + 1 in there and place < width:
            by_place.setdefault(place, []).append(row + 1)
    return [CellNotice("READ-CELL-ERROR", place, sorted(found), rows.height) for place, found in sorted(by_place.items())]


def _too_long(rows: pl.DataFrame, columns: list[Column], begins: int) -> list[CellNotice]:
    """Numbers of which the spreadsheet has lost the last digits."""
    lost = {place: [begins + 1 + n for n in one.lost] for place, one in enumerate(columns) if one.lost}
    there = set(rows["source_row"].to_list()) if lost else set()
    return [CellNotice("READ-LOST-DIGITS", place, [row for row in found if row in there], rows.height) for place, found in lost.items()]


def _noticed(sheet: Sheet, layout: Format, parsed: Parsed, begins: int) -> dict[str, list[str]]:
    """Other sheets nothing is said about, cells without a header, merged cells among the data, another epoch than the workbook's."""
    headed = [any(cells[place].strip() for cells in parsed.header) for place in range(parsed.width)]
    bare = [place for place, has_header in enumerate(headed) if not has_header and (parsed.rows[str(place)].str.contains(r"\S").any())]
    merged = [one[0][0] + 1 for one in sheet.merged if one[1][0] >= begins and not (layout.fill_merged and goes_down(one, begins))]
    said = {
        "READ-EXTRA-COLUMN": [f"column {place + 1}" for place in bare],
        "READ-OTHER-SHEET": [f"sheet {number}" for number in sheet.others] if "sheet" not in layout.model_fields_set else [],
        "READ-MERGED-CELL": [f"row {row}" for row in merged[:20]],
        "READ-EPOCH": [f"epoch={sheet.inside.epoch}"] if layout.epoch not in ("auto", sheet.inside.epoch) else [],
    }
    return {edit: words for edit, words in said.items() if words}
