"""The day that never was: Excel counts a 29 February 1900 (number 60), which calamine gives as the 28th.

Such a cell is told as the sheet shows it, `1900-02-29`: no date, so a finding when it is read, instead of a day nobody wrote.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Iterator

import polars as pl

from etl.readers import biff
from etl.readers.compound import MAGIC
from etl.readers.parsed import typed
from etl.readers.sheet_marks import begins_usual
from etl.readers.sheet_nodes import numbers
from etl.readers.workbook import pieces, sheet_part
from schemas.core.sheet_columns import column_number

GIVEN, SHOWN = "1900-02-28", "1900-02-29"
NUMBER = re.compile(rb'<c\s+r="([A-Z]{1,3})(\d{1,7})"[^>]*>(?:<f(?:\s[^>]*)?(?:/>|>[^<]*</f>))?<v>60(?:\.\d*)?</v>')


def with_leap_day(frame: pl.DataFrame, content: bytes, sheet: str, epoch: int) -> pl.DataFrame:
    """The rows of a sheet (`Parsed.rows`), their cells with the day number 60 as SHOWN. The workbook is looked into only where a real
    date is GIVEN.
    """
    suspects = [name.removesuffix(" typed") for name in frame.columns if name.endswith(" typed")]
    is_given = {name: pl.col(typed(int(name))) & pl.col(name).str.starts_with(GIVEN) for name in suspects}
    if epoch != 1900 or not suspects or not frame.select(pl.any_horizontal(is_given.values()).any()).item():
        return frame
    rows: dict[str, list[int]] = {}
    for row, place in _sixties(content, sheet):
        rows.setdefault(str(place), []).append(row + 1)
    told = [
        pl.when(is_given[name] & pl.col("source_row").is_in(rows[name])).then(pl.lit(SHOWN)).otherwise(pl.col(name)).alias(name)
        for name in suspects
        if name in rows
    ]
    return frame.with_columns(told)


def _sixties(content: bytes, sheet: str) -> Iterator[tuple[int, int]]:
    """Row and column (from 0) of each cell with this number; none of an .xls that is built in an unusual way."""
    if content.startswith(MAGIC):
        try:
            yield from [(row, place) for row, place, number in biff.numbers(content, sheet) if int(number) == 60]
        except (ValueError, IndexError, struct.error):
            return
    else:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            _, part, _ = sheet_part(parts, sheet)
            if begins_usual(parts, part):
                for piece in pieces(parts, part):
                    yield from ((int(found[2]) - 1, column_number(found[1])) for found in NUMBER.finditer(piece))
            else:
                yield from ((row, place) for row, place, number in numbers(parts, part) if int(number) == 60)
