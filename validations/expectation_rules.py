"""The rules of the expectation suite: the hand-kept file, and what the data dictionary makes by itself."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cache
from importlib.resources import files
from math import isfinite
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from ruamel.yaml import YAML

from schemas.core.errors import ConfigurationError, Mistake, did_you_mean
from schemas.items import columns, tables
from schemas.yaml_lines import Source
from validations.report.measures import TABLES, measured_items

Kind = Literal[
    "rows", "rows_against_previous", "known", "share", "fresh", "drift", "columns", "required", "known_against_previous",
    "judged_against_previous",
]  # fmt: skip
# Judged on the counts of the edits, not on the warehouse (validations/silence.py).
OF_EDITS = "judged_against_previous"
# Judged against an earlier release (validations/baseline.py).
AGAINST_EARLIER = ("rows_against_previous", "known", "known_against_previous", "drift")
# A field may lose a fifth of the rows that knew it before it is called emptied: below that, sources come and go.
MAX_LOSS = 0.2
OVERRIDABLE = ("min", "max", "critical")
# Beside them, where the expectation has them: from how many rows (records judged) on it means anything.
FROM_HOW_MANY = ("few", "fewest")


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
    few: float = 0
    fewest: float = 0
    critical: bool = False
    reason: str

    @model_validator(mode="after")
    def _complete(self) -> Self:
        by_column = dict.fromkeys(("known", "fresh", "required", "known_against_previous", "drift"), "column")
        lacking = {**by_column, "share": "where"}.get(self.kind)
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
    """All rules of the warehouse in order: the hand-kept ones with the registry's thresholds, then the generated ones.

    Raises ConfigurationError naming every threshold that fits no hand-kept expectation.
    """
    return (*(rule for rule in _hand_kept(thresholds) if rule.kind != OF_EDITS), *_generated())


def silence_rule(thresholds: Mapping[str, Mapping[str, Any]], edit: str = "") -> Rule:
    """The rule of the silence alarm, with the registry's thresholds for all edits and for this one."""
    entry = next(entry for entry in entries() if entry["kind"] == OF_EDITS)
    name = entry["name"]
    return Rule.model_validate({**entry, **thresholds.get(name, {}), **thresholds.get(f"{name}.{edit}", {})})


def _hand_kept(thresholds: Mapping[str, Mapping[str, Any]]) -> tuple[Rule, ...]:
    check_thresholds(thresholds)
    return tuple(Rule.model_validate({**entry, **thresholds.get(entry["name"], {})}) for entry in entries())


@cache
def entries() -> tuple[dict[str, Any], ...]:
    """The hand-kept expectations as they stand in expectations.yml, in its order."""
    return tuple(YAML(typ="safe").load(files("validations").joinpath("expectations.yml").read_text(encoding="utf-8")))


def check_thresholds(
    thresholds: Mapping[str, Mapping[str, Any]], source: Source | None = None, edits: Collection[str] | None = None
) -> None:
    """Raises ConfigurationError naming every threshold that fits no hand-kept expectation, with its line in `source`.

    `edits` are the codes that the silence alarm knows; where they are not given, any code is taken.
    """
    registry = source or Source("registry.yml")
    found = tuple(_threshold_mistakes(thresholds, edits))
    lines = (registry.line(("thresholds", *path)) if source is not None else None for path, _, _ in found)
    mistakes = [Mistake(registry.file, line, f"thresholds: {says}", hint) for line, (_, says, hint) in zip(lines, found, strict=True)]
    if mistakes:
        raise ConfigurationError(mistakes)


def check_accepted(accepted: Mapping[str, str], source: Source | None = None, edits: Collection[str] | None = None) -> None:
    """Raises ConfigurationError naming everything under `accepted` of registry.yml that compares with no earlier release.

    `edits`: as in `check_thresholds`.
    """
    known, silence = [rule.name for rule in rules({}) if rule.kind in AGAINST_EARLIER], f"{silence_rule({}).name}."
    wrong = [
        name
        for name in accepted
        if name not in known and not (name.startswith(silence) and (edits is None or name.removeprefix(silence) in edits))
    ]
    mistakes = []
    for name in wrong:
        line = source.line(("accepted", name)) if source is not None else None
        hint = did_you_mean(name, known) or f"docs/expectations.md says which do; of an edit {silence}CODE"
        mistakes.append(Mistake("registry.yml", line, f"accepted: '{name}' compares with no earlier release", hint))
    if mistakes:
        raise ConfigurationError(mistakes)


def _threshold_mistakes(
    thresholds: Mapping[str, Mapping[str, Any]], edits: Collection[str] | None
) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Path below `thresholds`, what is wrong, a hint."""
    known = {entry["name"]: entry for entry in entries()}
    for name, values in thresholds.items():
        of, _, edit = name.partition(".")
        entry = known.get(of) if edit == "" or known.get(of, {}).get("kind") == OF_EDITS else None
        if entry is None:
            yield (name,), f"no expectation is named '{name}'", did_you_mean(name, known) or "docs/expectations.md lists them"
            continue
        if edit and edits is not None and edit not in edits:
            yield (name,), f"no edit has the code '{edit}'", did_you_mean(edit, edits) or "docs/edits.md lists them"
        for key, value in values.items():
            yield from _value_mistakes(name, key, value, (*OVERRIDABLE, *(extra for extra in FROM_HOW_MANY if extra in entry)))


def _value_mistakes(name: str, key: str, value: object, allowed: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str, str]]:
    if key not in allowed:
        yield (name, key), f"{name}: '{key}' cannot be set", did_you_mean(key, allowed) or f"{', '.join(allowed[:-1])} or {allowed[-1]} can"
    elif (key == "critical") != isinstance(value, bool):
        yield (name, key), f"{name}: '{key}' must be {'true or false' if key == 'critical' else 'a number'}", ""
    elif key != "critical" and not (isinstance(value, int | float) and isfinite(value)):
        yield (name, key), f"{name}: '{key}' must be a number", ""


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
