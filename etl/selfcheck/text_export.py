"""A delimited or fixed-width export cut into its rows, so that it can be written again with others, or in another way.

Nothing is parsed: a row is the lines that the reader took for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from etl.landing.landed import LandedFile
from etl.readers.find_out import decided, encoding_of
from etl.readers.table import read, spans
from schemas.contract_format import Format
from schemas.core.errors import UnreadableError

LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$")
ENDS = "\r\n"


@dataclass(frozen=True)
class Row:
    """One data row: the line where it begins, its text with the end of its line, and the lines below it that are no data."""

    line: int
    own: str
    below: str = ""


@dataclass(frozen=True)
class TextExport:
    """One text export. head: what stands above the first row; tail: what stands below the last; end: how its lines end."""

    name: str
    layout: Format
    encoding: str
    head: str
    rows: tuple[Row, ...]
    tail: str
    end: str

    def with_rows(self, rows: Iterable[Row]) -> TextExport:
        """The same file with these rows; a trailer that says how many there are says so still."""
        chosen = tuple(rows)
        return replace(self, rows=chosen, tail=_counting(self, len(chosen) - len(self.rows)))

    def line_of(self, place: int) -> int:
        """The line of this text where one of its rows begins; `Row.line` is that of the file it was cut from."""
        above = "".join((self.head, *(row.own + row.below for row in self.rows[:place])))
        return len(LINE.findall(above)) + 1

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join((self.head, *(row.own + row.below for row in self.rows), self.tail))

    def content(self) -> bytes:
        """The bytes of the file."""
        return self.text.encode(self.encoding)


def cut(file: LandedFile) -> TextExport | str:
    """The export cut into its rows, or why it cannot be: a workbook, or a text that would not be the same when it is written again."""
    layout = file.contract.format
    if layout.kind not in ("csv", "fixed"):
        return "is no text"
    content = file.path.read_bytes()
    try:
        found, encoding = decided(file.name, content, layout)[0], encoding_of(file.name, content, layout)
        text = content.decode(encoding)
        rows = read(file, file.contract).rows.select("source_row").join(spans(file).rows, on="source_row").sort("source_row")
    except (UnreadableError, UnicodeError):
        return "cannot be read as its contract says"
    made = _cut(file.name, found, encoding, LINE.findall(text), list(rows.select("source_row", "span").iter_rows()))
    if made is None or made.content() != content:
        return "cannot be written again byte by byte"
    # rows of erased persons are counted by its trailer and not there, and nothing in a scratch folder says so
    return replace(made, tail=_counting(made, -file.rows_gone))


def _cut(name: str, layout: Format, encoding: str, lines: Sequence[str], spans: Sequence[tuple[int, int]]) -> TextExport | None:
    """`spans`: where each row begins and how many lines it takes, as the reader found it. None without a row, or where rows overlap."""
    ends = [*(start for start, _ in spans[1:]), len(lines) + 1]
    if not spans or any(start + n > end for (start, n), end in zip(spans, ends, strict=True)):
        return None
    rows = [
        Row(start, "".join(lines[start - 1 : start - 1 + n]), "".join(lines[start - 1 + n : end - 1]))
        for (start, n), end in zip(spans, ends, strict=True)
    ]
    tail, rows[-1] = rows[-1].below, replace(rows[-1], below="")
    return TextExport(name, layout, encoding, "".join(lines[: spans[0][0] - 1]), tuple(rows), tail, _end(lines))


def _end(lines: Sequence[str]) -> str:
    return next((line[len(line.rstrip(ENDS)) :] for line in lines if line.rstrip(ENDS) != line), "\n")


def ended(row: Row, end: str) -> Row:
    """The row with its line ended, wherever it stands."""
    return row if row.own.endswith(tuple(ENDS)) else replace(row, own=row.own + end)


def _counting(export: TextExport, more: int) -> str:
    """The tail where its trailer says how many rows there are, with so many more (below 0 fewer)."""
    pattern = export.layout.trailer
    if pattern is None or not more:
        return export.tail
    lines = LINE.findall(export.tail)
    for place, line in enumerate(lines):
        found = re.search(pattern, line.rstrip(ENDS))
        if found is not None and "rows" in found.groupdict() and found["rows"]:
            told = int(re.sub(r"\D", "", found["rows"])) + more
            lines[place] = line[: found.start("rows")] + str(told) + line[found.end("rows") :]
            break
    return "".join(lines)
