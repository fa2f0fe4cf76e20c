"""Fixed-width files: each physical line is one row, cut at the characters that the layout names."""

from __future__ import annotations

from collections import Counter

import polars as pl

from etl.readers.csv_lines import numbered_lines
from etl.readers.parsed import Parsed, unreadable
from schemas.contract import Contract

LINE = pl.col("line")


def parse_fixed(name: str, content: bytes, contract: Contract) -> Parsed:
    """Cut UTF-8 text into rows and cells by the contract's layout. Raises UnreadableError where the lines do not fit it.

    A line with a tab is refused (what comes after it has moved), as is one with text beyond its end; a short one is filled
    with blanks or refused, as the contract says.
    """
    layout = contract.format
    whole = layout.line_length or max(place.end for place in contract.layout)
    lines = numbered_lines(content)
    counted = lines.with_columns(kind=_kinds(contract), length=LINE.str.strip_chars_end(" ").str.len_chars(), full=LINE.str.len_chars())
    not_data = Counter(dict(counted.filter(pl.col("kind") != "").group_by("kind").len().rows()))
    rows = counted.filter(pl.col("kind") == "").drop("kind")
    data = rows.slice(layout.heads)
    footers = min(layout.footer_rows, data.height)
    not_data.update({"header": min(layout.heads, rows.height), "footer": footers})
    footer = data["line"].tail(footers).to_list()
    data = data.head(data.height - footers)
    _not_cut_off(name, data, whole, ended=content.endswith((b"\n", b"\r")))
    refused = _refused(data, whole, pads=layout.short_lines == "pad")
    _mostly_fits(name, data, refused, whole)
    bad = [row for found in refused.values() for row in found]
    kept = data.filter(~pl.col("source_row").is_in(bad)) if bad else data
    short = kept.filter(pl.col("full") < min(whole, max(place.end for place in contract.layout))).height
    noticed = {"READ-SHORT-LINE": [f"lines={short}"]} if short else {}
    header = [place.header for place in contract.layout]
    return Parsed(lines.height, [header], 1, _cut(kept, contract), +not_data, refused, footer, noticed)


def _kinds(contract: Contract) -> pl.Expr:
    """What a line is: preamble, comment, blank, else a row (empty text)."""
    layout = contract.format
    comment = LINE.str.starts_with(layout.comment) if layout.comment else pl.lit(value=False)
    kind = pl.when(pl.col("source_row") <= layout.preamble_rows).then(pl.lit("preamble")).when(comment).then(pl.lit("comment"))
    return kind.when(LINE.str.contains(r"^\s*$")).then(pl.lit("blank")).otherwise(pl.lit(""))


def _refused(data: pl.DataFrame, whole: int, *, pads: bool) -> dict[str, list[int]]:
    """Lines of rows that cannot be cut, by reason."""
    has_tab = data["line"].str.contains("\t", literal=True)
    wrong = (data["length"] > whole) if pads else (data["length"] > whole) | (data["full"] < whole)
    return {"tab": data.filter(has_tab)["source_row"].to_list(), "line_length": data.filter(wrong & ~has_tab)["source_row"].to_list()}


def _mostly_fits(name: str, data: pl.DataFrame, refused: dict[str, list[int]], whole: int) -> None:
    """A layout that most lines do not fit is another file's layout."""
    wrong = refused["line_length"]
    if wrong and 2 * len(wrong) > data.height:
        says = f"{len(wrong)} of {data.height} lines are not {whole} characters long: another layout, encoding or file"
        unreadable("line_length", name, wrong[0], says)


def _not_cut_off(name: str, data: pl.DataFrame, whole: int, *, ended: bool) -> None:
    """The last line is short and not ended although all others are whole: the transfer broke off within it."""
    if ended or data.height < 2 or data["full"][-1] >= whole:
        return
    if bool((data["full"].head(data.height - 1) >= whole).all()):
        says = f"the last line has {data['full'][-1]} of {whole} characters: the file is cut off"
        unreadable("truncated", name, int(data["source_row"][-1]), says)


def _cut(data: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    cells = {str(n): LINE.str.slice(place.start - 1, place.width) for n, place in enumerate(contract.layout)}
    known = {"n_cells": pl.lit(len(contract.layout), pl.Int64), "span": pl.lit(1, pl.Int64)}
    return data.lazy().select("source_row", **known, **cells).collect()
