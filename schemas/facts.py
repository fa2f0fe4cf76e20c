"""Reading one CSV of facts: comment lines first, then a header and rows, each with the line where it stands.

The facts that ship with the package say where they come from (`# source:`, `# licence:`, `# certainty:`);
a project's own vocabularies need not.
"""

from __future__ import annotations

import csv
import datetime
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from schemas.core.errors import ConfigurationError, Mistake, as_one
from schemas.core.text_file import text_of

PROVENANCE = ("# source:", "# licence:", "# certainty:")
SEPARATOR = " | "


@dataclass(frozen=True)
class Row:
    """One row of a file of facts: its cells by column (stripped when asked for by name), and where it stands."""

    file: str
    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "").strip()

    def day(self, column: str) -> datetime.date | None:
        """The day in ISO form that a cell holds, None where it is empty; ValueError where it is none."""
        return datetime.date.fromisoformat(self[column]) if self[column] else None

    def mistake(self, message: str, hint: str = "") -> Mistake:
        """A mistake at this row."""
        return Mistake(self.file, self.line, message, hint)


def parse(text: str, file: str, required: Collection[str]) -> tuple[list[Row], list[Mistake]]:
    """The rows of one file and what is wrong with its shape (missing columns, rows of another length); rows without a text are none."""
    if (lacking := missing_columns(text, file, required)) is not None:
        return [], [lacking]
    lines = text.splitlines()
    skipped = _before_header(lines)
    records = _records(lines[skipped:], _between(lines[skipped:], required))
    header = [name.strip() for name in next(records, (0, None, 0))[1] or []]
    rows, mistakes = [], []
    for number, cells, span in records:
        line = skipped + number
        if cells is None:
            mistakes.append(Mistake(file, line, "a cell that does not end", "a quote that is not closed"))
        elif not any(cell.strip() for cell in cells):  # what a spreadsheet leaves of a row whose cells were emptied
            continue
        elif len(cells) == len(header):
            rows.append(Row(file, line, dict(zip(header, cells, strict=True))))
        else:
            swallowed = f"a quote that is not closed: it swallows the {span - 1} lines that follow" if span > 1 else ""
            hint = "comment lines stand above the header" if cells[0].startswith("#") else swallowed
            mistakes.append(Mistake(file, line, f"{len(cells)} cells where the header has {len(header)}", hint))
    return rows, mistakes


def read_rows(path: Path, file: str, required: Collection[str]) -> tuple[list[Row], list[Mistake]]:
    """`parse` of a file that people write; `file` is the name to report."""
    text, mistakes = text_of(path, file)
    return ([], mistakes) if text is None else parse(text, file, required)


def _records(lines: Sequence[str], sign: str) -> Iterator[tuple[int, list[str] | None, int]]:
    """Of each record the line where it begins, its cells and how many lines it has; None in the place of cells that nobody can take apart,
    which end the file: more characters than a cell may have."""
    reader = csv.reader(lines, delimiter=sign)
    begins = 0
    try:
        for cells in reader:
            yield begins + 1, cells, reader.line_num - begins
            begins = reader.line_num
    except csv.Error:
        yield begins + 1, None, 1


def reviewed(
    text: str, file: str, required: Collection[str], wrong: Callable[[Row], Iterable[Mistake]]
) -> tuple[list[Row], tuple[Mistake, ...]]:
    """The rows of a file that people write in which nothing is `wrong`, in order, and one mistake for each of the others, sorted."""
    rows, mistakes = parse(text, file, required)
    found = [(row, list(wrong(row))) for row in rows]
    return [row for row, bad in found if not bad], tuple(sorted([*mistakes, *(as_one(bad) for _, bad in found if bad)]))


def missing_columns(text: str, file: str, required: Collection[str]) -> Mistake | None:
    """What the header of one file lacks, so that none of its rows can be read; None where it lacks nothing."""
    lines = text.splitlines()
    skipped = _before_header(lines)
    header = _header(lines[skipped:], _between(lines[skipped:], required))
    missing = [name for name in required if name not in header]
    hint = "write the names of the columns in small letters" if {*required} <= {name.lower() for name in header} else ""
    return Mistake(file, skipped + 1, f"column {' and '.join(missing)} is missing", hint) if missing else None


def _between(lines: Sequence[str], required: Collection[str]) -> str:
    """What stands between the cells: a comma, or the semicolon or tab of a spreadsheet where so the header has more of the columns."""
    return max(",;\t", key=lambda sign: len({*required} & {name.lower() for name in _header(lines, sign)}))


def _header(lines: Sequence[str], sign: str) -> list[str]:
    return [name.strip() for name in next(_records(lines, sign), (0, None, 0))[1] or []]


def plain(text: str) -> tuple[dict[str, str], ...]:
    """The rows of a CSV of our own by column, `#` opens a comment line: for what no user writes and a test holds to its form."""
    return tuple(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


def own_rows(package: str, *path: str) -> tuple[dict[str, str], ...]:
    """`plain` of a file that ships with one of the four packages."""
    return plain(files(package).joinpath(*path).read_text(encoding="utf-8"))


def _before_header(lines: Sequence[str]) -> int:
    return next((i for i, line in enumerate(lines) if line.strip() and not line.startswith("#")), len(lines))


def day_mistakes(row: Row) -> Iterator[Mistake]:
    """What a reviewed line says wrongly of its days: `date` and `expires` are days or empty, and in this order."""
    read: dict[str, datetime.date | None] = {}
    for name in ("date", "expires"):
        try:
            read[name] = row.day(name)
        except ValueError:
            yield row.mistake(f"'{name}' is no date", "write YYYY-MM-DD")
    date, expires = read.get("date"), read.get("expires")
    if date is not None and expires is not None and expires < date:
        yield row.mistake("'expires' is before 'date'")


def provenance(text: str, file: str) -> list[Mistake]:
    """What the comment lines of a shipped file leave unsaid."""
    head = [line for line in text.splitlines() if line.startswith("#")]
    return [Mistake(file, 1, f"no line {mark!r}") for mark in PROVENANCE if not any(line.startswith(mark) for line in head)]


@cache
def shipped(name: str, *required: str) -> tuple[Row, ...]:
    """The rows of one shipped file of facts, in order; raises ConfigurationError with every mistake of its shape."""
    text = files("schemas").joinpath(name).read_text(encoding="utf-8")
    rows, mistakes = parse(text, f"schemas/{name}", required)
    mistakes += provenance(text, f"schemas/{name}")
    if mistakes:
        raise ConfigurationError(mistakes)
    return tuple(rows)


def comments(name: str) -> list[str]:
    """What one shipped file says of itself, line by line: grain, source, licence, certainty."""
    text = files("schemas").joinpath(name).read_text(encoding="utf-8")
    return [line.removeprefix("#").strip() for line in text.splitlines() if line.startswith("#")]
