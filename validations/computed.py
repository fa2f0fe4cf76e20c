"""What the edit views compute beside the columns of the data dictionary (views/computed.csv)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from schemas.core.errors import ConfigurationError, Mistake, did_you_mean
from schemas.facts import Row, parse
from schemas.items import RECORDS, intervals, items
from schemas.vocabularies.code_list import domains, labels

FILE = "validations/views/computed.csv"
COLUMNS = ("column", "domain", "reads", "siblings", "of", "label")


@dataclass(frozen=True)
class Computed:
    """One line of views/computed.csv: a column that no dictionary column is."""

    column: str
    domain: str
    reads: tuple[str, ...]
    label: str
    of_siblings: bool
    of: str
    row: Row


@cache
def computed() -> Mapping[str, Computed]:
    """The computed columns by name, in the order of the file; raises ConfigurationError where one reads what the dictionary has not."""
    found, mistakes = read_computed(files("validations").joinpath("views", "computed.csv").read_text(encoding="utf-8"))
    if mistakes:
        raise ConfigurationError(mistakes)
    return found


def read_computed(text: str) -> tuple[dict[str, Computed], list[Mistake]]:
    """The lines of the file by column, and what is wrong with them."""
    rows, mistakes = parse(text, FILE, COLUMNS)
    return {row["column"]: _of_row(row) for row in rows}, [*mistakes, *_twice(rows), *(wrong for row in rows for wrong in _wrong(row))]


def _twice(rows: Iterable[Row]) -> Iterator[Mistake]:
    """The rows of a column that another row above has: only one of them would count."""
    seen: set[str] = set()
    for row in rows:
        if row["column"] in seen:
            yield row.mistake(f"'{row['column']}' is given twice")
        seen.add(row["column"])


def _wrong(row: Row) -> Iterator[Mistake]:
    """Words of one row that mean nothing: each would be passed over in silence."""
    known = {f"{record}.{item.column}" for record in RECORDS for item in items(record, "staging")}
    for name in row["reads"].split():
        if name not in known:
            yield row.mistake(f"'reads' names no column '{name}'", did_you_mean(name, known))
    if row["siblings"] not in ("", "yes"):
        yield row.mistake("'siblings' is yes or empty")
    kinds = (*labels("event_type"), *labels("marker"))
    for column, words in (("domain", domains()), ("of", kinds)):
        if row[column] and row[column] not in words:
            yield row.mistake(f"'{column}' knows no word '{row[column]}'", did_you_mean(row[column], words))
    for column in ("column", "label"):
        if not row[column]:
            yield row.mistake(f"'{column}' is empty")


def no_dates(found: Mapping[str, Computed], dates: Collection[str]) -> Iterator[Mistake]:
    """Each clinical date (`dates`) that is made of what is none: whether it may have an anchor is asked of the dates it reads."""
    known = {f"{record}.{date}" for record in RECORDS for date in intervals(record)}
    for one in (found[name] for name in dates if name in found):
        for name in one.reads:
            if name not in known:
                yield one.row.mistake(f"the date '{one.column}' reads '{name}', which is no date", "name the dates that it is made of")


def _of_row(row: Row) -> Computed:
    return Computed(row["column"], row["domain"], tuple(row["reads"].split()), row["label"], row["siblings"] == "yes", row["of"], row)
