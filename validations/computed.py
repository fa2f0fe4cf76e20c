"""What the edit views compute beside the columns of the data dictionary (views/computed.csv)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from schemas.core.errors import ConfigurationError, Mistake, did_you_mean
from schemas.facts import Row, parse
from schemas.items import RECORDS, intervals, items

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
    found = {row["column"]: _of_row(row) for row in rows}
    known = {f"{record}.{item.column}" for record in RECORDS for item in items(record, "staging")}
    unknown = ((one, name) for one in found.values() for name in one.reads if name not in known)
    return found, [*mistakes, *(one.row.mistake(f"'reads' names no column '{name}'", did_you_mean(name, known)) for one, name in unknown)]


def no_dates(found: Mapping[str, Computed], dates: Collection[str]) -> Iterator[Mistake]:
    """Each clinical date (`dates`) that is made of what is none: whether it may have an anchor is asked of the dates it reads."""
    known = {f"{record}.{date}" for record in RECORDS for date in intervals(record)}
    for one in (found[name] for name in dates if name in found):
        for name in one.reads:
            if name not in known:
                yield one.row.mistake(f"the date '{one.column}' reads '{name}', which is no date", "name the dates that it is made of")


def _of_row(row: Row) -> Computed:
    return Computed(row["column"], row["domain"], tuple(row["reads"].split()), row["label"], row["siblings"] == "yes", row["of"], row)
