"""The part of a CSV that holds some of its rows: a few are asked for of a file of millions, and the others need not be cut again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from etl.readers.parsed import Parsed
from etl.readers.physical import line_begins, places_of
from schemas.contract_format import Format

Numbers = npt.NDArray[np.int64]
# Lines at the top, among which the header and a row below it should be, and below the last row asked for, which a footer may take.
AROUND = 100
# Of so many lines one may be asked for: with more of them the whole is cut as fast.
ONE_IN = 10


@dataclass(frozen=True)
class Part:
    """`content`: lines of a text, in their order. `numbers`: which they are in the file. `top`: so many of them are its first."""

    content: bytes
    numbers: Numbers
    top: int


def part_with(utf8: bytes, layout: Format, rows: Numbers) -> Part | None:
    """The lines in which these rows stand, each with those that follow it up to an even number of quotes, and the top of the file.

    `rows`: the lines where they begin, each once, rising. None where the whole is as good.
    """
    if not len(rows) or not (layout.quote or "").isascii() or (b"\r" in utf8 and utf8.count(b"\r") != utf8.count(b"\r\n")):
        return None
    begins = line_begins(utf8)
    n_lines, preamble = len(begins) - 1, layout.preamble_rows
    if rows[0] < 1 or rows[-1] > n_lines or max(len(rows) * ONE_IN, preamble) + 2 * AROUND > n_lines:
        return None
    starts, beyond = np.append(rows, [rows[-1], preamble + 1]) - 1, np.append(rows, [min(rows[-1] + AROUND, n_lines), preamble + AROUND])
    ends = _closed(utf8, layout, begins, starts, beyond)
    is_in = _covered(np.append(starts, 0), np.append(ends, preamble), n_lines)
    edges = begins[np.flatnonzero(np.diff(is_in, prepend=False, append=False))].reshape(-1, 2)
    return Part(b"".join(utf8[begin:end] for begin, end in edges.tolist()), np.flatnonzero(is_in) + 1, int(ends[-1]))


def _covered(starts: Numbers, ends: Numbers, n_lines: int) -> npt.NDArray[np.bool_]:
    """Which lines lie between a start and its end."""
    steps = np.zeros(n_lines + 1, np.int32)
    np.add.at(steps, starts, 1)
    np.add.at(steps, ends, -1)
    return np.cumsum(steps[:-1]) > 0


def _closed(utf8: bytes, layout: Format, begins: Numbers, starts: Numbers, beyond: Numbers) -> Numbers:
    """Of each start the first line from `beyond` on before which no quote is open, if none is at the start; else the end."""
    if layout.quote is None or layout.quote.encode() not in utf8:
        return beyond
    is_odd = np.searchsorted(places_of(utf8, ord(layout.quote)), begins) % 2
    ends = np.empty_like(beyond)
    for parity in (0, 1):
        alike, mine = np.append(np.flatnonzero(is_odd == parity), len(begins) - 1), is_odd[starts] == parity
        ends[mine] = alike[np.searchsorted(alike[:-1], beyond[mine])]
    return ends


def numbered(parsed: Parsed, part: Part, rows: Numbers) -> Parsed | None:
    """What was cut of a part with the numbers of the lines in the file; None where it may not be as in the whole.

    A row that begins where one was asked for has been cut as in the whole: had one above it been cut short, an open quote would have
    swallowed its beginning. The header is that of the whole where a row below it is still in the top.
    """
    if not parsed.rows.height or parsed.rows["source_row"][0] > part.top:
        return None
    place = pl.Series(part.numbers).gather(parsed.rows["source_row"] - 1).alias("source_row")
    malformed = part.numbers[np.array(parsed.refused["malformed"], np.int64) - 1]
    if not np.isin(rows, np.append(place.to_numpy(), malformed)).all():
        return None
    parsed.rows = parsed.rows.with_columns(place)
    return parsed
