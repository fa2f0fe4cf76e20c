"""docs/mappings.md: where each column of star and mart goes in other standards (`mappings.csv`, and NAACCR items of items.csv)."""

from __future__ import annotations

from collections.abc import Iterator

from schemas import items
from schemas.facts import comments, shipped

COLUMNS = ("table", "column", "standard", "element", "certainty", "note")
STANDARDS = {"mcode": "mCODE (HL7 FHIR)", "omop": "OMOP CDM", "adam": "CDISC ADaM"}
LAYERS = ("star", "mart")
INTRODUCTION = """
For the data engineer who hands a release on. One row per column that has a place elsewhere; columns without a row have none
that fits. K: confirm before relying on it.

Dates are intervals here, and elsewhere a single date. NAACCR (from version 23) and FHIR take a date known in part as it is.
OMOP asks for full dates: whoever exports chooses a day between earliest and latest and keeps both in `*_source_value` or a
note. ADaM flags what was imputed (`*DTF`). Of a date on a relative axis only differences can be handed on.
"""


def mappings() -> str:
    """Text of docs/mappings.md below its first line."""
    lines = ["# Mappings to other standards", INTRODUCTION, *(f"- {line}" for line in comments("mappings.csv")), ""]
    lines += ["| table | column | NAACCR | " + " | ".join(STANDARDS.values()) + " |", "|---|---|---|" + "---|" * len(STANDARDS)]
    return "\n".join([*lines, *_rows()]).rstrip() + "\n"


def _rows() -> Iterator[str]:
    by_place: dict[tuple[str, str], dict[str, str]] = {}
    for row in shipped("mappings.csv", *COLUMNS):
        by_place.setdefault((row["table"], row["column"]), {})[row["standard"]] = _told(row["element"], row["certainty"], row["note"])
    numbers = {(table, item.column): item.naaccr for layer in LAYERS for table in items.tables(layer) for item in items.items(table)}
    for (table, column), cells in by_place.items():
        number = numbers[table, column]
        shown = [cells.get(name, "") for name in STANDARDS]
        yield f"| `{table}` | `{column}` | {number or ''} | " + " | ".join(shown) + " |"


def _told(element: str, certainty: str, note: str) -> str:
    more = ", ".join(part for part in ("K" if certainty == "K" else "", note) if part)
    return f"{element} ({more})" if more else element
