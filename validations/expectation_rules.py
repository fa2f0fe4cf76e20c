"""The rules of the expectation suite: the hand-kept file, and what the data dictionary makes by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML

from schemas.core.errors import ConfigurationError, Mistake, did_you_mean
from schemas.items import columns, tables
from validations.report.measures import TABLES, measured_items

Kind = Literal["rows", "rows_against_previous", "known", "share", "fresh", "columns", "required", "known_against_previous"]
# A field may lose a fifth of the rows that knew it before it is called emptied: below that, sources come and go.
MAX_LOSS = 0.2
OVERRIDABLE = ("min", "max", "critical")


class Rule(BaseModel):
    """One expectation: what it is called, what it looks at, from where on it fails, and why it is there."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    name: str
    kind: Kind
    table: str
    column: str | None = None
    where: str | None = None
    of: str = "true"
    minimum: float | None = Field(default=None, alias="min")
    maximum: float | None = Field(default=None, alias="max")
    critical: bool = False
    reason: str

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needs = {"known": "column", "fresh": "column", "required": "column", "known_against_previous": "column", "share": "where"}
        lacking = needs.get(self.kind)
        if lacking and getattr(self, lacking) is None:
            raise ValueError(f"{self.kind} needs {lacking}")
        if self.kind not in ("columns", "required") and self.minimum is None and self.maximum is None:
            raise ValueError("needs min or max")
        return self

    @property
    def subject(self) -> str:
        """Table, or table and column, that the expectation is about."""
        return f"{self.table}.{self.column}" if self.column else self.table


def rules(thresholds: Mapping[str, Mapping[str, Any]]) -> tuple[Rule, ...]:
    """All rules in order: the hand-kept ones with the registry's thresholds, then the generated ones.

    Raises ConfigurationError naming every threshold that fits no hand-kept expectation.
    """
    return (*_hand_kept(thresholds), *_generated())


def _hand_kept(thresholds: Mapping[str, Mapping[str, Any]]) -> tuple[Rule, ...]:
    entries = YAML(typ="safe").load(files("validations").joinpath("expectations.yml").read_text(encoding="utf-8"))
    names = [entry["name"] for entry in entries]
    mistakes = list(_threshold_mistakes(thresholds, names))
    found: list[Rule] = []
    for entry in entries:
        try:
            found.append(Rule.model_validate({**entry, **thresholds.get(entry["name"], {})}))
        except ValidationError as error:
            mistakes.append(Mistake("registry.yml", None, f"thresholds: {entry['name']}: {error.errors()[0]['msg']}"))
    if mistakes:
        raise ConfigurationError(mistakes)
    return tuple(found)


def _threshold_mistakes(thresholds: Mapping[str, Mapping[str, Any]], names: list[str]) -> Iterator[Mistake]:
    for name, values in thresholds.items():
        if name not in names:
            yield Mistake("registry.yml", None, f"thresholds: no expectation is named {name!r}", did_you_mean(name, names))
        for key in set(values) - set(OVERRIDABLE):
            yield Mistake("registry.yml", None, f"thresholds: {name}: {key!r} cannot be set", did_you_mean(key, OVERRIDABLE))


def _generated() -> Iterator[Rule]:
    for table in tables("star"):
        yield Rule(
            name=f"{table}_columns", kind="columns", table=table, critical=True, reason="The data dictionary declares these columns."
        )
    for table in TABLES:
        for column in columns(table, "star"):
            if not column.nullable:
                yield Rule(
                    name=f"{table}_{column.name}_required",
                    kind="required",
                    table=table,
                    column=column.name,
                    critical=True,
                    reason="The data dictionary declares the column as never empty.",
                )
        for item in measured_items(table):
            yield Rule(
                name=f"{table}_{item.column}_kept",
                kind="known_against_previous",
                table=table,
                column=item.column,
                min=1 - MAX_LOSS,
                reason="A field that empties from one release to the next was dropped or renamed at the source.",
            )
