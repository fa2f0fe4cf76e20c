"""Fixed-width files: each physical line is one row, cut at the characters that the layout names."""

from __future__ import annotations

import codecs
from collections import Counter
from dataclasses import dataclass

import polars as pl

from etl.readers.csv_lines import numbered_lines
from etl.readers.parsed import Parsed, unreadable
from etl.readers.totals import sum_pattern
from schemas.contract import Contract

LINE = pl.col("line")
BLANK = r"^[\s\x1a]*$"  # 1A is the end of a file of old


@dataclass(frozen=True)
class _Lines:
    """The physical lines of a file, told apart. `data`: one row per line that should hold a row, with its `length` without and `full` with
    the blanks at its end, and its `size` in bytes. `n`: how many there are in all.
    """

    n: int
    data: pl.DataFrame
    footer: list[str]
    not_data: Counter[str]


def parse_fixed(name: str, content: bytes, contract: Contract, only: pl.Series | None) -> Parsed:
    """Cut UTF-8 text into rows and cells by the contract's layout. Raises UnreadableError where the lines do not fit it.

    A line with a tab is refused (what comes after it has moved), as is one with text beyond its end, or blanks where most
    lines end exactly there; a short one is filled with blanks or refused, as the contract says, and refused where whole lines end
    with blanks: then nobody has cut them off.
    Where letters of several bytes have taken the place of several characters, the columns count bytes.
    `only`: the numbers of the lines that are cut, where not all are; the others are looked at no less.
    """
    end = max(place.end for place in contract.layout)
    whole = contract.format.line_length or end
    found = _lines(content, contract)
    _no_header(name, found.data, contract)
    is_sum = found.data["line"].str.contains(sum_pattern())
    sums, data = found.data.filter(is_sum)["source_row"].to_list(), found.data.filter(~is_sum)
    by_bytes = _counts_bytes(data, whole)
    data = data.with_columns(full="size", length=LINE.str.strip_chars_end(" ").str.len_bytes()) if by_bytes else data
    _not_cut_off(name, data, whole, ended=content.endswith((b"\n", b"\r")))
    refused = _refused(data, whole, pads=_pads(data, whole, contract))
    if by_bytes:
        refused["line_length"] = sorted({*refused["line_length"], *_split(data, contract)} - set(refused["tab"]))
    _mostly_fits(name, data, refused, whole)
    bad = [row for rows in refused.values() for row in rows]
    kept = data.filter(~pl.col("source_row").is_in(bad)) if bad else data
    refused |= {"total_row": sums} if sums else {}
    noticed = _noticed(kept, min(whole, end), by_bytes=by_bytes)
    asked = kept if only is None else kept.filter(pl.col("source_row").is_in(only.implode()))
    header = [place.header for place in contract.layout]
    return Parsed(found.n, [header], 1, _cut(asked, contract, by_bytes=by_bytes), +found.not_data, refused, found.footer, noticed)


def _lines(content: bytes, contract: Contract) -> _Lines:
    """Every physical line, the lines of data without header and footer rows."""
    lines = numbered_lines(content)
    counted = lines.with_columns(kind=_kinds(contract), length=LINE.str.strip_chars_end(" ").str.len_chars(), full=LINE.str.len_chars())
    counted = counted.with_columns(size=_size(contract))
    not_data = Counter(dict(counted.filter(pl.col("kind") != "").group_by("kind").len().rows()))
    rows = counted.filter(pl.col("kind") == "").drop("kind")
    heads = contract.format.heads
    data = rows.slice(heads)
    footers = min(contract.format.footer_rows, data.height)
    not_data.update({"header": min(heads, rows.height), "footer": footers})
    footer = data["line"].tail(footers).to_list()
    return _Lines(lines.height, data.head(data.height - footers), footer, not_data)


def _noticed(kept: pl.DataFrame, last: int, *, by_bytes: bool) -> dict[str, list[str]]:
    """What is to be said of the file: how many lines end before the last column, and that its columns count bytes."""
    short = kept.filter(pl.col("full") < last).height
    noticed = {"READ-SHORT-LINE": [f"lines={short}"]} if short else {}
    return noticed | ({"READ-FOUND-OUT": ["columns=bytes"]} if by_bytes else {})


def _kinds(contract: Contract) -> pl.Expr:
    """What a line is: preamble, comment, blank, else a row (empty text)."""
    layout = contract.format
    comment = LINE.str.starts_with(layout.comment) if layout.comment else pl.lit(value=False)
    kind = pl.when(pl.col("source_row") <= layout.preamble_rows).then(pl.lit("preamble")).when(comment).then(pl.lit("comment"))
    return kind.when(LINE.str.contains(BLANK)).then(pl.lit("blank")).otherwise(pl.lit(""))


def _size(contract: Contract) -> pl.Expr:
    """Bytes of a line in the encoding of the file; its characters where each is one byte, or nobody knows."""
    encoding = contract.format.encoding
    if encoding == "auto" or codecs.lookup(encoding).name in ("utf-8", "utf-8-sig"):
        return LINE.str.len_bytes().cast(pl.UInt32)
    return (LINE.str.len_chars() + LINE.str.count_matches(r"[^\x00-\x7f]") * (_width(encoding) - 1)).cast(pl.UInt32)


def _width(encoding: str) -> int:
    """Bytes of a letter beyond ASCII in an encoding of one or two bytes."""
    try:
        return 2 if len("中".encode(encoding)) == 2 else 1
    except UnicodeError:
        return 1


def _in_bytes(whole: int) -> pl.Expr:
    """Whether a line is whole in bytes and too short in characters."""
    return (pl.col("full") < whole) & (pl.col("size") == whole)


def _counts_bytes(data: pl.DataFrame, whole: int) -> bool:
    """Whether the file is UTF-8 whose columns count bytes: lines are whole in bytes, and none with a longer letter is in characters."""
    found = data.filter(_in_bytes(whole))
    is_utf8 = bool((found["size"] == found["line"].str.len_bytes()).all())
    return bool(found.height) and is_utf8 and not data.filter(pl.col("full") == whole, pl.col("size") > whole).height


def _pads(data: pl.DataFrame, whole: int, contract: Contract) -> bool:
    """Whether short lines are filled: as the contract says, or as no whole line of the file ends with a blank."""
    layout = contract.format
    if layout.short_lines != "pad" or "short_lines" in layout.model_fields_set:
        return layout.short_lines == "pad"
    return not data.filter(pl.col("full") >= whole, pl.col("length") < whole).height


def _refused(data: pl.DataFrame, whole: int, *, pads: bool) -> dict[str, list[int]]:
    """Lines of rows that cannot be cut, by reason."""
    has_tab = data["line"].str.contains("\t", literal=True)
    is_short = data.select(_in_bytes(whole) if pads else pl.col("full") < whole).to_series()
    exact = data.filter(pl.col("full") == whole).height
    is_long = data["full"] > whole if 2 * exact > data.height else data["length"] > whole  # blanks too, where all others are exact
    wrong = is_long | is_short
    return {"tab": data.filter(has_tab)["source_row"].to_list(), "line_length": data.filter(wrong & ~has_tab)["source_row"].to_list()}


def _split(data: pl.DataFrame, contract: Contract) -> list[int]:
    """Lines in which a column that counts bytes begins or ends within a letter, of which every byte but the first is 80 to BF."""
    edges = sorted({edge for place in contract.layout for edge in (place.start - 1, place.end)})
    next_bytes = (LINE.cast(pl.Binary).bin.slice(edge, 1).bin.encode("hex") for edge in edges)
    return data.filter(pl.any_horizontal(byte.str.contains("^[89ab]") for byte in next_bytes))["source_row"].to_list()


def _no_header(name: str, data: pl.DataFrame, contract: Contract) -> None:
    """The first line holds the names of the layout, cut to their width: a header that the contract does not tell of."""
    if not data.height or contract.format.heads:
        return
    cells = {place.header.lower(): data["line"][0][place.start - 1 : place.end].strip().lower() for place in contract.layout}
    if len(cells) > 1 and all(cell and header.startswith(cell) for header, cell in cells.items()):
        unreadable(
            "header", name, int(data["source_row"][0]), "the line holds the names of the columns: write 'header_rows: 1' into the format"
        )


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


def _cut(data: pl.DataFrame, contract: Contract, *, by_bytes: bool) -> pl.DataFrame:
    """The cells of each line; where columns count bytes none of them splits a letter (`_split`)."""
    letters = LINE.cast(pl.Binary)
    cells = {
        str(n): letters.bin.slice(place.start - 1, place.width).cast(pl.String)
        if by_bytes else LINE.str.slice(place.start - 1, place.width)
        for n, place in enumerate(contract.layout)
    }  # fmt: skip
    known = {"n_cells": pl.lit(len(contract.layout), pl.Int64), "span": pl.lit(1, pl.Int64)}
    return data.lazy().select("source_row", **known, **cells).collect()
