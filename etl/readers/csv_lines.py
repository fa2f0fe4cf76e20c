"""The physical lines of a text, and the rows of a CSV whose quoted cells may hold line breaks: several lines in one."""

from __future__ import annotations

import io

import polars as pl

from schemas.contract_format import Format

LINE = pl.col("line")
MOST_IN_CELL = 131_072  # the csv module refuses a longer cell
# No text has it (etl.readers.text), so it can stand for the carriage returns of line ends until the rows are put together.
RETURN = "\0"
# polars unpacks what looks compressed, and a text that begins with `x^` looks like zlib: a line end before it prevents that. The first
# bytes of gzip, zlib and zstd.
COMPRESSED = b"\x1fx("


class NotOneLineEachError(Exception):
    """The quotes of this text need a closer look than line by line."""


def numbered_lines(content: bytes) -> pl.DataFrame:
    """One row per physical line, identified by `source_row`; line ends LF, CRLF and CR all count."""
    if b"\r" in content:
        content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    before = b"\n" if content[:1] in COMPRESSED else b""
    lines = pl.read_lines(io.BytesIO(before + content if before else content)).slice(len(before)).rechunk()
    return lines.with_row_index("source_row", offset=1).with_columns(pl.col("source_row").cast(pl.Int64))


def rows_of_lines(content: bytes, layout: Format) -> pl.DataFrame:
    """One row per line, or per lines that a quote keeps together: `source_row` (the first), `line` and `span`.

    A line belongs to the one above where an odd number of quotes stands before it. That is so only where every quote opens or closes
    a cell, which the caller must hold each row against. Raises NotOneLineEachError where it cannot be so.
    """
    lines = numbered_lines(content)
    if layout.quote is None or layout.quote.encode() not in content:
        return lines.with_columns(span=pl.lit(1, pl.Int64))
    quotes = LINE.str.count_matches(layout.quote, literal=True)
    is_row = pl.col("source_row") > layout.preamble_rows
    counted = lines.with_columns(quotes=pl.when(is_row).then(quotes).otherwise(0))
    if not (counted["quotes"] % 2 == 1).any():
        return lines.with_columns(span=pl.lit(1, pl.Int64))
    return _together(content, counted, layout)


def _together(content: bytes, lines: pl.DataFrame, layout: Format) -> pl.DataFrame:
    """The rows of lines with their number of quotes; most lines are rows as they stand, and only the others are put together."""
    before = pl.col("quotes").cum_sum() - pl.col("quotes")
    parity = lines.with_columns(inside=before % 2 == 1)
    if lines["quotes"].sum() % 2 == 1 or _has_quoted_comment(parity, layout):
        raise NotOneLineEachError
    is_alone = parity.select(~pl.col("inside") & ~pl.col("inside").shift(-1, fill_value=False)).to_series()
    alone = lines.select("source_row", "line", span=pl.lit(1, pl.Int64)).filter(is_alone)
    several = _with_returns(content, parity.filter(~is_alone)).with_columns(row=(~pl.col("inside")).cum_sum())
    rows = several.group_by("row", maintain_order=True).agg(pl.col("source_row").first(), LINE.str.join("\n"), span=pl.len().cast(pl.Int64))
    if rows.filter(LINE.str.len_bytes() >= MOST_IN_CELL).height:
        raise NotOneLineEachError
    text = LINE.str.strip_suffix(RETURN).str.replace_all(RETURN, "\r", literal=True)
    return pl.concat([alone, rows.select("source_row", text, "span")]).sort("source_row")


def _with_returns(content: bytes, lines: pl.DataFrame) -> pl.DataFrame:
    """The lines with RETURN at the end of those that end with CRLF: within a cell it is part of the text."""
    if b"\r" not in content:
        return lines
    if content.count(b"\r") != content.count(b"\r\n"):
        raise NotOneLineEachError  # a line end of its own, or part of a cell
    returns = numbered_lines(content.replace(b"\r\n", b"\0\n"))["line"]
    return lines.with_columns(returns.gather(lines["source_row"] - 1))


def _has_quoted_comment(lines: pl.DataFrame, layout: Format) -> bool:
    """Whether a comment holds a quote, which then opens no cell."""
    if layout.comment is None:
        return False
    return bool(lines.select((LINE.str.starts_with(layout.comment) & (pl.col("quotes") > 0)).any()).item())
