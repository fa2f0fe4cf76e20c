"""Writes the published files: CSV with LF, UTF-8 and numbers in one plain spelling."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import polars.selectors as cs

from warehouse.digits import spelt

MARK = "is_simulated"


def write_csv(path: Path, frame: pl.DataFrame, *, is_simulated: bool = False) -> None:
    """One line per row in the order of the frame; numbers to 12 significant digits (`warehouse.digits`), whole ones without a decimal
    point; null, NaN and "" as the empty cell.

    Each row of a simulated registry says so in a last column (`true`): a table copied out of its folder keeps the mark.
    """
    word = pl.col(pl.String)
    numbers = [spelt(column) for column in frame.select(cs.float())]
    plain = frame.with_columns(pl.when(word != "").then(word).name.keep()).with_columns(numbers)
    plain = plain.with_columns(pl.lit("true").alias(MARK)) if is_simulated else plain
    path.write_bytes(plain.write_csv(line_terminator="\n").encode())


def write_text(path: Path, text: str) -> None:
    """A text file in UTF-8 with LF, whatever the machine's habit."""
    path.write_bytes(text.encode())
