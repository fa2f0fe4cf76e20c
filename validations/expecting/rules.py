"""The rules of the expectation suite: the hand-kept file, and what the data dictionary makes by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from ruamel.yaml import YAML

from schemas.items import columns, tables
from validations.report.measures import TABLES, measured_items

Kind = Literal[
    "rows", "rows_against_previous", "known", "share", "fresh", "drift", "columns", "required", "known_against_previous",
    "judged_against_previous", "drift_by_source", "since_anchor", "kept_by_source", "rows_by_source",
]  # fmt: skip
# Judged on the counts of the edits, not on the warehouse (validations/silence.py).
OF_EDITS = "judged_against_previous"
# The same shares of each source (source_shares.py); all that compares, against an older release (anchor.py).
OF_SOURCES, SINCE_ANCHOR = "drift_by_source", "since_anchor"
BESIDE = (OF_EDITS, OF_SOURCES, SINCE_ANCHOR)
# Of one source: the rows that know a field (NAME_kept.SOURCE) or are fresh (fresh_contacts.SOURCE), as a share of those it concerns.
KEPT_BY_SOURCE = "kept_by_source"
# Rows of a table, of all and of one source (a row counts for each source that told of it).
VOLUME, ROWS_BY_SOURCE = "rows_against_previous", "rows_by_source"
# Kinds of which each source has a part of its own (NAME.SOURCE), and the kind of that part.
BY_SOURCE = {"drift": "drift", "known_against_previous": KEPT_BY_SOURCE, "fresh": KEPT_BY_SOURCE, VOLUME: ROWS_BY_SOURCE}
# Judged by comparing with an earlier release, and those that look at one (baseline.py): what is known is held to a limit
# of its own, and the release before only tells a field that nobody delivers.
COMPARING = (VOLUME, "known_against_previous", "drift", OF_EDITS, KEPT_BY_SOURCE, ROWS_BY_SOURCE)
AGAINST_EARLIER = (*COMPARING, "known")
# What is not met against its anchor alone is told as NAME.since_anchor; what is so against the release before, as NAME.since_last.
SINCE, SINCE_LAST = "since_anchor", "since_last"
# Of the files of one contract, judged where they are read (etl/nights/volume.py): NAME.CONTRACT.
DELIVERED_ROWS = "delivered_rows"
# Why a volume that lost half since the last release is told although it meets the last one that was a measure.
LOST_SINCE_LAST = (
    "The release before has more rows than the last one that met this, and nobody accepted it. Where it was wrong (sent or read twice) "
    "this one mends it and nothing is to be done; where it was right this one is cut off: accept the release before and run again."
)
# Under `accepted`: everything that the release counted.
WHOLE = "release"
# A field may lose a fifth of the rows that knew it before it is called emptied: below that, sources come and go.
MAX_LOSS = 0.2


class Rule(BaseModel):
    """One expectation: what it is called, what it looks at, from where on it fails, and why it is there."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    name: str
    kind: Kind
    table: str
    column: str | None = None
    where: str | None = None
    of: str = "true"
    means: str = ""
    minimum: float | None = Field(default=None, alias="min")
    maximum: float | None = Field(default=None, alias="max")
    few: float = 0
    fewest: float = 0
    days: float = 0
    critical: bool = False
    reason: str

    @model_validator(mode="after")
    def _complete(self) -> Self:
        by_column = dict.fromkeys(("known", "fresh", "required", "known_against_previous", "drift"), "column")
        lacking = {**by_column, "share": "where"}.get(self.kind)
        if lacking and getattr(self, lacking) is None:
            raise ValueError(f"{self.kind} needs {lacking}")
        if self.kind not in ("columns", "required", OF_SOURCES) and self.minimum is None and self.maximum is None:
            raise ValueError("needs min or max")
        return self

    def enough(self, now: float, then: float) -> bool:
        """Whether so many rows say anything: those before, and against an anchor (`days`) those of either, for what grows by and by past
        `few` was few once.
        """
        return (max(now, then) if self.days else then) >= self.few

    @property
    def subject(self) -> str:
        """Table, or table and column, that the expectation is about."""
        return f"{self.table}.{self.column}" if self.column else self.table


def rules(thresholds: Mapping[str, Mapping[str, Any]]) -> tuple[Rule, ...]:
    """All rules of the warehouse in order: the hand-kept ones with the registry's thresholds (checked before: checks.py), then the
    generated ones.
    """
    return (*(rule for rule in _hand_kept(thresholds) if rule.kind not in BESIDE), *_generated())


def rule_of_kind(kind: str, thresholds: Mapping[str, Mapping[str, Any]]) -> Rule:
    """The one hand-kept rule of that kind, with the registry's thresholds."""
    entry = next(entry for entry in entries() if entry["kind"] == kind)
    return Rule.model_validate({**entry, **thresholds.get(entry["name"], {})})


def plain(name: str) -> str:
    """The name of an expectation, without the words that say with which release it was compared (`NAME.since_anchor`)."""
    return name.removesuffix(f".{SINCE}").removesuffix(f".{SINCE_LAST}")


def spellings(name: str) -> tuple[str, ...]:
    """A name as it may stand under `accepted`: plain, or as a notice prints it."""
    return (name, *(f"{name}.{since}" for since in (SINCE, SINCE_LAST)))


def silence_rule(thresholds: Mapping[str, Mapping[str, Any]], edit: str = "") -> Rule:
    """The rule of the silence alarm, with the registry's thresholds for all edits and for this one (then with its name)."""
    rule = rule_of_kind(OF_EDITS, thresholds)
    return part_of(rule, edit, thresholds) if edit else rule


def part_of(rule: Rule, part: str, thresholds: Mapping[str, Mapping[str, Any]], **more: object) -> Rule:
    """The rule for one edit or one source (`NAME.PART`); its own thresholds come before `more` and those of the whole."""
    name = f"{rule.name}.{part}"
    given = {**more, **thresholds.get(name, {}), "name": name}
    return Rule.model_validate({**rule.model_dump(by_alias=True), **given})


@cache
def kinds() -> dict[str, str]:
    """Kind of every expectation by its name, of the warehouse and beside it; parts (`NAME.PART`) have that of the whole."""
    return {**{rule.name: rule.kind for rule in _generated()}, **{entry["name"]: entry["kind"] for entry in entries()}}


def compared_rules(names: Iterable[str], thresholds: Mapping[str, Mapping[str, Any]] | None = None) -> tuple[Rule, ...]:
    """The rules of these names that compare with an earlier release; those of one source or edit are made from the whole."""
    given = thresholds or {}
    known = {rule.name: rule for rule in (*rules(given), silence_rule(given))}
    split = [(of, part) for of, _, part in (name.partition(".") for name in names) if of in known]
    found = (
        part_of(known[of], part, given, kind=BY_SOURCE.get(known[of].kind, known[of].kind)) if part else known[of]
        for of, part in split
        if bool(part) == (known[of].kind == OF_EDITS) or known[of].kind in BY_SOURCE
    )
    return tuple(rule for rule in found if rule.kind in AGAINST_EARLIER)


def _hand_kept(thresholds: Mapping[str, Mapping[str, Any]]) -> tuple[Rule, ...]:
    """Shares fall silent where a source does (`min`, `fewest` of shares_by_source), if no rule tells that the whole field is kept."""
    whole = rule_of_kind(OF_SOURCES, thresholds)
    silent = {"min": whole.minimum, "fewest": whole.fewest}
    given = (
        {**(silent if entry["kind"] == "drift" and "of" in entry else {}), **entry, **thresholds.get(entry["name"], {})}
        for entry in entries()
    )
    return tuple(Rule.model_validate(one) for one in given)


@cache
def entries() -> tuple[dict[str, Any], ...]:
    """The hand-kept expectations as they stand in expectations.yml, in its order."""
    return tuple(YAML(typ="safe").load(files("validations.expecting").joinpath("expectations.yml").read_text(encoding="utf-8")))


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
