"""CSV whose quotes, if it has any, all open and close a cell, as most exports write them: polars cuts all rows at once.

A row with a line break in a quoted cell takes several physical lines. The few rows of another form are asked of the csv module one by
one, which is right as long as each of them ends with its line. Anything else is for `parse_exact`; where both apply they agree.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator

import polars as pl

from etl.readers.csv_exact import Row, framed
from etl.readers.csv_lines import LINE, NotOneLineEachError, rows_of_lines
from etl.readers.parsed import Parsed, is_blank
from schemas.contract_format import Format

SPAN = pl.col("span")
ROWS_AT_ONCE = 500_000
FEW = 1_000  # rows that are asked of the csv module one by one, where they are not one in ten


def parse_fast(content: bytes, layout: Format) -> Parsed:
    """Cut UTF-8 text into rows and cells. Raises NotOneLineEachError where `parse_exact` must do it."""
    quoted = layout.quote is not None and layout.quote.encode() in content
    lines = rows_of_lines(content, layout)
    is_row = ~lines.select(pl.any_horizontal(_is_kind(layout).values())).to_series()
    others = lines.clear() if is_row.all() else lines.filter(~is_row)
    not_data = Counter(dict(others.group_by(kind=_kinds(layout)).len().rows()))
    rows = lines if others.is_empty() else lines.filter(is_row)
    top, data = rows.head(layout.heads), rows.slice(layout.heads)
    header = [_header(line, layout, quoted=quoted) for line in top["line"]]
    footers = min(layout.footer_rows, data.height)
    footer = [layout.delimiter.join(_header(line, layout, quoted=quoted)) for line in data["line"].tail(footers)]
    not_data.update({"header": top.height, "footer": footers, "continuation": int(lines["span"].sum()) - lines.height})
    cut = _cut_quoted if quoted else _cut_plain
    malformed: list[int] = []
    cells = cut(data, layout, max(map(len, header), default=0), malformed).head(data.height - footers)
    if malformed and footers:
        raise NotOneLineEachError  # they are none of the rows of which the last are the footer
    first = int(top["source_row"][0]) if top.height else 1
    return Parsed(int(lines["span"].sum()), header, first, cells, +not_data, {"malformed": malformed}, footer)


def _is_kind(layout: Format) -> dict[str, pl.Expr]:
    """What a line is besides a row, by the first that holds: preamble, comment, blank (no cell holds anything)."""
    comment = LINE.str.starts_with(layout.comment) if layout.comment else pl.lit(value=False)
    blank = LINE.str.contains(rf"^[\s{_escaped(layout.delimiter)}]*$")
    return {"preamble": pl.col("source_row") <= layout.preamble_rows, "comment": comment, "blank": blank}


def _kinds(layout: Format) -> pl.Expr:
    """The first that holds, as text."""
    return pl.coalesce(pl.when(holds).then(pl.lit(kind)) for kind, holds in _is_kind(layout).items())


def _escaped(character: str) -> str:
    return f"\\x{{{ord(character):x}}}"


def _header(line: str, layout: Format, *, quoted: bool) -> list[str]:
    if not quoted:
        return line.split(layout.delimiter)
    try:
        cells = next(csv.reader([line], delimiter=layout.delimiter, quotechar=layout.quote, strict=True))
    except csv.Error as error:
        raise NotOneLineEachError from error
    if is_blank(cells):  # quotes around nothing: no header
        raise NotOneLineEachError
    return cells


def _cut_plain(data: pl.DataFrame, layout: Format, width: int, _: list[int]) -> pl.DataFrame:
    """The lines cut at the delimiter; cells beyond `width` are not kept, but counted in `n_cells`."""
    names = [str(number) for number in range(width)]
    counts = LINE.str.count_matches(layout.delimiter, literal=True).cast(pl.Int64) + 1
    known = {"n_cells": counts, "span": SPAN}
    if width <= 1:
        return data.select("source_row", **known, **dict.fromkeys(names, LINE))
    cells = LINE.str.split_exact(layout.delimiter, width - 1).struct.rename_fields(names).struct.unnest()
    return data.lazy().select("source_row", cells, **known).collect()


def _cut_quoted(data: pl.DataFrame, layout: Format, width: int, malformed: list[int]) -> pl.DataFrame:
    """The lines cut by polars' own CSV parser, some at a time: they are written once more for it."""
    begins = range(0, max(data.height, 1), ROWS_AT_ONCE)
    return pl.concat([_cut_some(data.slice(place, ROWS_AT_ONCE), layout, width, malformed) for place in begins])


def _cut_some(data: pl.DataFrame, layout: Format, width: int, malformed: list[int]) -> pl.DataFrame:
    """Lines cut once a strict pattern has shown of which no quote is left to chance; `malformed` gets those that are no rows."""
    quote, delimiter = _escaped(layout.quote or '"'), _escaped(layout.delimiter)
    cell = f"(?:[^{quote}{delimiter}]*|{quote}(?:[^{quote}]|{quote}{quote})*{quote})"
    try:
        is_whole = data["line"].str.contains(f"^{cell}(?:{delimiter}{cell}){{{max(width, 1) - 1}}}$")
    except pl.exceptions.ComputeError as error:  # a pattern for thousands of columns is too large
        raise NotOneLineEachError from error
    whole, others = (data, data.clear()) if is_whole.all() else (data.filter(is_whole), data.filter(~is_whole))
    empty = data["line"].str.contains(rf"^[\s{quote}{delimiter}]*$")
    if width <= 1 or empty.any() or others.height > max(FEW, data.height // 10):
        raise NotOneLineEachError
    alone = framed(list(_alone(others, layout, malformed)), width)
    return _together(_read_lines(whole, layout, width), alone)


def _read_lines(whole: pl.DataFrame, layout: Format, width: int) -> pl.DataFrame:
    names = [str(number) for number in range(width)]
    known = whole.select("source_row", n_cells=pl.lit(width, pl.Int64), span=SPAN)
    if not whole.height:
        return known.with_columns(pl.lit(None, pl.String).alias(name) for name in names)
    text = io.BytesIO()
    text.write(f"{layout.delimiter.join(names)}\n".encode())
    whole.select("line").write_csv(text, include_header=False, quote_style="never")
    read = pl.read_csv(text.getvalue(), infer_schema=False, separator=layout.delimiter, quote_char=layout.quote, empty_string_is_null=False)
    cells = read.rechunk()  # as what stands beside it: columns in different pieces are cut anew by each step
    if cells.height != known.height:
        raise NotOneLineEachError
    return known.hstack(cells)


def _alone(others: pl.DataFrame, layout: Format, malformed: list[int]) -> Iterator[Row]:
    """Rows of another width or form as the csv module cuts them. Raises NotOneLineEachError where one does not end with its lines."""
    for begins, line, span in others.select("source_row", "line", "span").iter_rows():
        lines = iter([*(f"{part}\n" for part in line.split("\n")), ""])
        cells: list[str] | None = None
        try:
            cells = next(csv.reader(lines, delimiter=layout.delimiter, quotechar=layout.quote, strict=True))
        except csv.Error:
            if span > 1:
                raise NotOneLineEachError from None
        if list(lines) != [""] or (cells is not None and is_blank(cells)):
            raise NotOneLineEachError
        if cells is None:
            malformed.append(begins)
        else:
            yield begins, span, cells


def _together(whole: pl.DataFrame, alone: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([whole, alone]).sort("source_row") if alone.height else whole
