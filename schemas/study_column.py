"""Columns that a study makes itself of the records of a woman: `mart_candidate` has the usual ones, a study says what else it means.

One such column says of which records it is made (`list`, `where`), and what is taken of them (`take`, `value`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field as Option

from schemas import items
from schemas.model import Condition, Model, Name

Rows = Literal["treatment", "drug", "event", "biomarker", "follow_up", "other_tumour"]
Take = Literal["any", "count", "first", "last", "min", "max", "sum", "only"]
# Takes that count records; all others take a value of them.
COUNTING = ("any", "count")
# Takes that go by the days of the records.
ORDERED = ("first", "last")
NUMBERS = ("min", "max", "sum")
KEYS = frozenset({"key", "parent", "provenance"})


class StudyColumn(Model):
    """One column of a study: what is taken of the records of a woman that meet a condition."""

    column: Name
    label: Annotated[str, Option(min_length=1)]
    list: Rows
    where: Condition = "true"
    take: Take = "any"
    value: Condition | None = None

    @property
    def taken(self) -> str:
        """The value as it is compared with names; empty where records are counted."""
        return (self.value or "").strip()

    def problems(self) -> Iterator[str]:
        """A value where one is taken, none where records are counted."""
        if self.take in COUNTING and self.value is not None:
            yield f"'take: {self.take}' takes no 'value': it asks how many records there are"
        if self.take not in COUNTING and self.value is None:
            yield f"'take: {self.take}' needs 'value': the column of the records, or the expression over them, that is taken"


@dataclass(frozen=True)
class RowSource:
    """The rows of one `list`: its relation in the database, the table of the star whose columns it has, the date that orders them.

    `key`: which row of that table it is. `is_open`: whether the relation says of a row that it may be none (its column `is_open`).
    `more`: columns beside those of the table, with the items of the star that they are made of.
    """

    relation: str
    table: str
    key: str
    date: str
    more: Mapping[str, str]
    is_open: bool = False

    @property
    def record(self) -> str:
        """The kind of staging record that its rows are made of."""
        return items.RECORD_OF[self.table]

    @property
    def items(self) -> tuple[items.Item, ...]:
        """Its columns and clinical dates; those of `more` go before a column of the table that has the same name."""
        beside = tuple(_of_drug(name) for name in self.more)
        return (*beside, *(item for item in items.items(self.table) if item.role not in KEYS and item.column not in self.more))


# What a drug of a regimen is: its own columns, which no component that names the regimen alone would have.
DRUGS = ("drug_code", "drug_class", "atc_code")
OF_DRUG = "fact_treatment.drug_code fact_treatment.regimen_code"
SOURCES: dict[str, RowSource] = {
    "treatment": RowSource("list_component", "fact_treatment", "treatment_key", "treatment", {}, is_open=True),
    "drug": RowSource("list_drug", "fact_treatment", "treatment_key", "treatment", dict.fromkeys(DRUGS, OF_DRUG), is_open=True),
    "event": RowSource("fact_event", "fact_event", "event_key", "event", {}),
    "biomarker": RowSource("fact_biomarker", "fact_biomarker", "biomarker_key", "tested", {}),
    "follow_up": RowSource("list_contact", "fact_follow_up", "follow_up_key", "contact", {}),
    "other_tumour": RowSource("list_other_tumour", "dim_tumour", "other_tumour_key", "diagnosis", {}),
}


def _of_drug(name: str) -> items.Item:
    return next(item for item in items.items("dim_drug") if item.column == name)
