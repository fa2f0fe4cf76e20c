"""Cases of edit views (tests/views/VIEW.yml): the records of one person, and the rows that the view makes of them.

Records are written as in the cases of edits. A row names columns of the view, or clinical dates (`contact: 2009-03`, six columns;
null: all six empty); what another row of the case names and it does not is empty. Rows may come in any order.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas.core.errors import ConfigurationError
from schemas.items import INTERVAL_PARTS
from schemas.model import Model
from schemas.shapes import shaped
from schemas.yaml_lines import read_yaml
from validations.cases import WrittenPerson, given_records, interval, record_mistakes

PARTS = tuple(part for part, _, _ in INTERVAL_PARTS)


class WrittenViewCase(WrittenPerson):
    """One case as its file has it."""

    case: str
    rows: tuple[Any, ...]


class ViewCaseFile(Model):
    """One file of cases."""

    view: str
    cases: tuple[WrittenViewCase, ...]


@dataclass(frozen=True)
class ViewCase:
    """One case: what it says, the records given, and the rows of the view as written."""

    case: str
    given: Mapping[str, Any]
    rows: tuple[Mapping[str, Any], ...]

    def expected(self, columns: Collection[str]) -> list[dict[str, Any]]:
        """The rows with the columns of the view in the place of dates, each with all columns that the case names."""
        rows = [_physical(row, columns) for row in self.rows]
        named = list(dict.fromkeys(name for row in rows for name in row))
        return [{name: row.get(name) for name in named} for row in rows]


def view_cases_of(path: Path) -> list[ViewCase]:
    """The cases of one file. Raises ConfigurationError with every mistake in the records given."""
    source = read_yaml(path.name, path.read_bytes())
    shape = shaped(source, ViewCaseFile)
    for number, case in enumerate(shape.cases if shape else ()):
        record_mistakes(source, ("cases", number), case)
    if source.mistakes or shape is None:
        raise ConfigurationError(source.mistakes)
    return [ViewCase(one.case, given_records(one), one.rows) for one in shape.cases]


def _physical(row: Mapping[str, Any], columns: Collection[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in row.items():
        parts = [f"{name}_{part}" for part in PARTS if f"{name}_{part}" in columns]
        if name in columns or not parts:
            found[name] = value
        else:
            found |= dict.fromkeys(parts) | ({} if value is None else interval(name, value))
    return found
