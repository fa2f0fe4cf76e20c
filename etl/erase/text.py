"""Lines of a text file emptied: each keeps its place and its end, so that every other row keeps its number."""

from __future__ import annotations

import codecs
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import polars as pl

from etl.landing.landed import LandedFile
from etl.normalise.file import ways_of_naming
from etl.normalise.identifiers import declared
from etl.readers.csv_lines import numbered_lines
from etl.readers.find_out import BOMS, encoding_of
from etl.readers.physical import places_of
from etl.readers.table import Spans, utf8_of
from schemas.contract import Contract
from schemas.core.errors import UnreadableError

WIDE = ("utf-16", "utf-32")  # of several bytes a letter
CELL_END = "\x1f"  # stands between cells, and in no text
CR, LF = ord("\r"), ord("\n")
NO_WAY_BACK = "its text cannot be written back in its own encoding; convert it to UTF-8 first"


def lines_of_rows(found: Spans, rows: pl.Series) -> pl.Series:
    """All physical lines of these rows: a row with a line break in a cell takes several."""
    taken = found.rows.filter(pl.col("source_row").is_in(rows.implode()))
    every = taken.select(pl.int_ranges("source_row", pl.col("source_row") + pl.col("span")).alias("line"))
    return every.explode("line", empty_as_null=True, keep_nulls=True)["line"].drop_nulls()


def other_lines(file: LandedFile, found: Spans) -> pl.DataFrame:
    """One row per physical line of rows that could not be read, comments and preamble: `source_row` and `line`, its text.

    Of a fixed-width file the cells with a number of a person stand behind the text, for nothing need stand between them.
    """
    whole, layout = found.rows.filter("is_whole"), file.contract.format
    lines = numbered_lines(utf8_of(file))
    places = [place for place in file.contract.layout if place.header in _headers(file.contract)]
    cut = [pl.col("line").str.slice(place.start - 1, place.width) for place in places]
    lines = lines.with_columns(line=pl.concat_str(["line", *cut], separator=CELL_END))
    steps = np.zeros(lines.height + 2, np.int32)
    begins = whole["source_row"].to_numpy()
    np.add.at(steps, begins, 1)
    np.add.at(steps, begins + whole["span"].to_numpy(), -1)
    others = lines.filter(pl.Series(np.cumsum(steps)[1:-1] == 0))
    others = others.filter(~pl.col("source_row").is_between(found.header, found.header + layout.heads - 1))
    said = others.filter(pl.col("line").str.contains(r"\S"))
    return said.head(said.height - layout.footer_rows) if layout.footer_rows else said


def _headers(contract: Contract) -> set[str]:
    """The headers of the fields with a number of a person."""
    fields = {contract.field_of(mapping.from_ or "") for mapping in ways_of_naming(contract)} | set(declared(contract))
    return {header for name, field in contract.fields.items() if name in fields for header in field.headers(name)}


def emptied(file: LandedFile, content: bytes, lines: Iterable[int]) -> bytes:
    """The file without the text of these physical lines. Raises UnreadableError where that cannot be written."""
    encoding = encoding_of(file.name, content, file.contract.format)
    if not codecs.lookup(encoding).name.startswith(WIDE):
        return _without(content, sorted(set(lines)))
    mark, told = next(((mark, name) for mark, name in BOMS if content.startswith(mark)), (b"", encoding))
    exact = _exact(mark, told)
    text = content[len(mark) :].decode(exact)
    if text.encode(exact) != content[len(mark) :]:
        raise UnreadableError("encoding", f"{file.name}: {NO_WAY_BACK}")
    return mark + _without(text.encode(), sorted(set(lines))).decode().encode(exact)


def _exact(mark: bytes, encoding: str) -> str:
    """The encoding with the order of its bytes, which a mark at the beginning tells."""
    if not mark:
        return encoding
    return {codecs.BOM_UTF32_LE: "utf-32-le", codecs.BOM_UTF32_BE: "utf-32-be", codecs.BOM_UTF16_BE: "utf-16-be"}.get(mark, "utf-16-le")


def _without(content: bytes, lines: list[int]) -> bytes:
    begins, ends = _bounds(content)
    kept, place = [], 0
    for line in lines:
        begin, end = int(begins[line - 1]), int(ends[line - 1])
        if begin == 0 and content.startswith(codecs.BOM_UTF8):
            begin = len(codecs.BOM_UTF8)
        kept.append(content[place:begin])
        place = end
    return b"".join([*kept, content[place:]])


def _bounds(content: bytes) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Where the text of each line begins and ends; lines end with LF, CR LF or CR."""
    feeds, returns = places_of(content, LF), places_of(content, CR)
    is_alone = ~np.isin(returns + 1, feeds)
    after_return = np.isin(feeds - 1, returns)
    ends = np.sort(np.concatenate([feeds - after_return, returns[is_alone]]))
    begins = np.sort(np.concatenate([feeds, returns[is_alone]])) + 1
    return np.append([0], begins), np.append(ends, [len(content)])
