"""A sheet of an .xlsx by its distinct cells: of millions a tenth differs, and only those are given to calamine.

calamine says of each what it is (text, number, date, nothing), so that all that is known here of the format is where a cell begins and
ends. A sheet whose XML is not written as most programs write it, or of which a cell may show less or more than its value (`sheet_marks`),
is left to calamine, which lays out every cell as an object.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any
from xml.etree import ElementTree

import polars as pl

from etl.readers.compound import MAGIC
from etl.readers.doubled import check_doubled
from etl.readers.excel_cells import Column, known, placed
from etl.readers.sheet_cells import CELL, ENDED, NotPlainError, cells_of
from etl.readers.sheet_marks import is_marked
from etl.readers.workbook import errors_in, pieces, sheet_part
from schemas.core.sheet_columns import LETTERS

AT_ONCE = 1_000
MOST_DISTINCT = 5_000_000  # of more different cells the objects take more memory than all cells one after another
MOST_DOUBTFUL = 8  # each is asked about in a workbook of its own
CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SHEET_END = b"</sheetData>"
DIMENSION = re.compile(rb"<dimension\b[^>]*/>")
# One of those before the cells that are asked about, so that calamine leaves out no column and no row.
FILLED = "><v>0</v></c>"
# A text of letters and digits that stands in the cell itself, as the number of a person does: nothing of it could be read otherwise.
PLAIN_TEXT = r'^ t="inlineStr"><is><t(?: xml:space="preserve")?>([A-Za-z0-9]+)</t></is></c>$'
CHILDLESS = r"^[^<]*(?:/>|></c>)$"
Merged = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True)
class DistinctSheet:
    """`cells`: row and column (from 0) of each cell and the place of its value in `values`, which are as calamine gives them.

    The first value is that of a place without a cell. `errors`: row and column of cells in error.
    """

    cells: pl.DataFrame
    values: list[Any]
    height: int
    width: int
    merged: Sequence[Merged]
    epoch: int
    errors: tuple[tuple[int, int], ...]

    def rows(self) -> Iterator[list[Any]]:
        """All rows, of which no more than the header rows should be taken."""
        for begins in range(0, self.height, AT_ONCE):
            rows = [[self.values[0]] * self.width for _ in range(min(AT_ONCE, self.height - begins))]
            for row, column, value in self.cells.filter(pl.col("row").is_between(begins, begins + len(rows) - 1)).iter_rows():
                if column < self.width:
                    rows[row - begins][column] = self.values[value]
            yield from rows

    def columns(self, begins: int, decimal: str) -> Iterator[Column]:
        """The columns from row `begins` on; fractions are written as the texts of the file are."""
        told = known(self.values, decimal)
        below = self.cells.filter(pl.col("row").is_between(begins, self.height - 1)).with_columns(pl.col("row") - begins)
        by_column = below.partition_by("column", as_dict=True, include_key=False)
        for number in range(self.width):
            place = pl.zeros(max(self.height - begins, 0), dtype=pl.UInt32, eager=True)
            part = by_column.pop((number,), None)
            yield placed(told, place if part is None else place.scatter(part["row"], part["value"]))


def laid_out(content: bytes, sheet: str) -> DistinctSheet:
    """One sheet of an .xlsx. Raises NotPlainError where it is written in an unusual way, ValueError where it is damaged.

    Raises DoubledError where a cell stands twice.
    """
    if content.startswith(MAGIC):
        raise NotPlainError
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            epoch, part, is_new = sheet_part(parts, sheet)
            if is_marked(parts, part):
                raise NotPlainError
            around, cells, texts = _taken_apart(parts, part)
            asked = _Asked(parts, sheet, part, around)
            values, merged = asked.values(texts)
            nothing = asked.nothing(texts, values)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise ValueError from error
    except (KeyError, StopIteration, ElementTree.ParseError) as error:
        raise NotPlainError from error
    if is_new and (texts.str.contains("<f") & texts.str.contains("<v>0</v>", literal=True)).any():
        raise NotPlainError  # the 0 of a formula that nothing has computed is no value
    held = cells.filter(~pl.col("value").is_in(nothing)) if nothing else cells
    check_doubled(held["row"], held["column"])
    reach = held.select(pl.col("row", "column").max()).row(0)
    height, width = (0, 0) if reach == (None, None) else (reach[0] + 1, reach[1] + 1)
    errors = _in_error(cells, texts, is_new=is_new)
    return DistinctSheet(cells.with_columns(pl.col("value") + 1), ["", *values], height, width, merged, epoch, errors)


def _in_error(cells: pl.DataFrame, texts: pl.Series, *, is_new: bool) -> tuple[tuple[int, int], ...]:
    """Row and column (from 0) of the cells in error, asked of their distinct texts."""
    wrong = texts.to_frame("text").with_row_index("value").filter(pl.col("text").str.contains(r't="e"|<f'))
    codes = [code for code, text in wrong.iter_rows() if any(errors_in(f'<c r="A1"{text}'.encode(), is_new=is_new))]
    return tuple(cells.filter(pl.col("value").is_in(codes)).select("row", "column").iter_rows())


def _taken_apart(parts: zipfile.ZipFile, part: str) -> tuple[tuple[bytes, bytes], pl.DataFrame, pl.Series]:
    """What stands around the rows of a sheet, its cells (row, column, value: the place of its text), and the distinct texts of cells.

    The text of a cell is its XML behind its place: ` s="1"><v>40328</v></c>`.
    """
    # categories of their own, which go when the last of these columns does
    kind = pl.Categorical(pl.Categories.random())
    xml = pieces(parts, part)
    head, data, first = next(xml).partition(b"<sheetData>")
    if not data:
        raise NotPlainError
    found: list[pl.DataFrame] = []
    tail = b""
    for piece in chain((first,), xml):
        end = piece.find(SHEET_END)
        rows, tail = (piece, b"") if end < 0 else (piece[:end], piece[end + len(SHEET_END) :])
        found.append(cells_of(rows, kind))
    cells = pl.concat(found)
    numbers = cells["value"].to_physical()
    size = 1 + int(numbers.max()) if len(numbers) else 0  # type: ignore[arg-type]  # whole numbers all
    texts = pl.int_range(size, dtype=pl.UInt32, eager=True).cat.to(kind).cast(pl.String).alias("text")
    if not 0 < len(texts) < MOST_DISTINCT or not texts.str.contains(ENDED).all() or texts.str.contains(rf"{CELL}|<row").any():
        raise NotPlainError
    return (DIMENSION.sub(b"", head), tail), cells.with_columns(numbers), texts


@dataclass(frozen=True)
class _Asked:
    """A workbook of which one sheet holds the cells that are asked about instead of its own."""

    parts: zipfile.ZipFile
    sheet: str
    part: str
    around: tuple[bytes, bytes]

    def values(self, texts: pl.Series) -> tuple[list[Any], Sequence[Merged]]:
        """What each cell holds, and the merged ranges of the sheet: calamine is asked about all that are no PLAIN_TEXT."""
        plain = texts.str.extract(PLAIN_TEXT, 1)
        asked = texts.filter(plain.is_null())
        laid = self._laid(asked)
        told = chain.from_iterable(laid.iter_rows())
        others = islice(told, LETTERS, LETTERS + len(asked))
        return [next(others) if text is None else text for text in plain.to_list()], laid.merged_cell_ranges or []

    def _laid(self, texts: pl.Series) -> Any:
        """A sheet of these cells, LETTERS in a row, behind a row of FILLED ones."""
        cells = pl.concat([pl.Series([FILLED] * LETTERS, dtype=pl.String), texts.rechunk(), pl.Series([FILLED], dtype=pl.String)])
        place = pl.int_range(pl.len())
        begins = pl.when(place % LETTERS == 0).then(pl.lit("<row>")).otherwise(pl.lit(""))
        ends = pl.when((place % LETTERS == LETTERS - 1) | (place == pl.len() - 1)).then(pl.lit("</row>")).otherwise(pl.lit(""))
        letter = (place % LETTERS).replace_strict(dict(enumerate(CAPITALS)), return_dtype=pl.String)
        row = (place // LETTERS + 1).cast(pl.String)
        xml = pl.concat_str(begins, pl.lit('<c r="'), letter, row, pl.lit('"'), pl.col("text"), ends).str.join("")
        return self._sheet(cells.to_frame("text").select(xml).item().encode())

    def nothing(self, texts: pl.Series, values: list[Any]) -> list[int]:
        """The places of cells that count as none: one that is only coloured does, an empty text does not."""
        blank = [n for n, value in enumerate(values) if value == ""]
        is_bare = texts.gather(blank).str.contains(CHILDLESS)
        doubtful = [n for n, bare in zip(blank, is_bare, strict=True) if not bare]
        if len(doubtful) > MOST_DOUBTFUL:
            raise NotPlainError
        there = [n for n in doubtful if self._sheet(f'<row><c r="A1"{texts[n]}</row>'.encode()).start is not None]
        return [n for n in blank if n not in there]

    def _sheet(self, rows: bytes) -> Any:
        """A sheet of these rows."""
        from python_calamine import CalamineWorkbook  # noqa: PLC0415  # only where a contract has spreadsheets

        book = io.BytesIO()
        with zipfile.ZipFile(book, "w") as asked:
            for name in self.parts.namelist():
                if not name.startswith("xl/worksheets/"):
                    asked.writestr(name, self.parts.read(name))
            asked.writestr(self.part, b"<sheetData>".join((self.around[0], rows + b"</sheetData>" + self.around[1])))
        book.seek(0)
        return CalamineWorkbook.from_filelike(book).get_sheet_by_name(self.sheet)
