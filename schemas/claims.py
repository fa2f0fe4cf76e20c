"""claims/STUDY.csv of a project: what a publication says of a study, and how each sentence is recomputed (docs/claims.md).

One row per claim, identified by `claim`. A cell of several parts separates them by semicolons; a cell of one part counts for all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from schemas.facts import Row
from schemas.study import Study

FOLDER = "claims"
# What a row must have; the others may be left out where no claim needs them.
NEEDED = ("claim", "kind", "text", "reported")
# The cells that may hold several parts, in the order in which a part has them.
OF_PART = ("expected", "who", "record", "where", "unless", "value", "statistic")
COLUMNS = (*NEEDED, *OF_PART, "section", "unit", "arm", "bound", "arithmetic", "convention", "note")
# cohort, characteristic, treatment: who the women are. outcome: what became of them, which made-up women say nothing of.
# method: a definition or a rule. external: a figure of another publication.
EXTERNAL, OUTCOME = "external", "outcome"
KINDS = ("cohort", "characteristic", "treatment", OUTCOME, "method", EXTERNAL)
COUNT, PERCENT = "n", "percent"
SUMMARIES = ("median", "min", "max", "q1", "q3", "mean", "sd")
STATISTICS = (COUNT, PERCENT, *SUMMARIES)
AT_MOST, AT_LEAST = "at_most", "at_least"
BOUNDS = (AT_MOST, AT_LEAST)
MONTHS = "months"
# Where the study puts her.
OF_ARM = ("arm", "subgroup")
PARTS = ";"
EXPECTED = re.compile(r"^(?P<sign>>=|<=|>|<)?\s*(?P<number>-?[0-9]+(\.[0-9]+)?)$")
# A published number within an expression: its id without the name of the study, in double quotes.
NUMBER = re.compile(r'"([^"]+)"')


class Expected(NamedTuple):
    """What a claim says of one number: the number as printed (its decimals count), or the side of it on which the truth lies."""

    sign: str
    number: Decimal


class Part(NamedTuple):
    """One number of a claim: what is expected, and of whom and what it is counted."""

    expected: Expected | None
    who: str
    record: str
    where: str
    unless: str
    value: str
    statistic: str

    @property
    def is_counted(self) -> bool:
        """Whether it is recomputed from the women of the study."""
        return bool(self.who or self.record or self.value or self.statistic)


@dataclass(frozen=True)
class Claim:
    """One sentence of a publication. `row` keeps the cells as written; see docs/claims.md for what each means."""

    row: Row

    def __getitem__(self, column: str) -> str:
        return self.row[column]

    @property
    def claim(self) -> str:
        """Its name, by which claims.csv and other claims call it."""
        return self.row["claim"]

    @property
    def arm(self) -> str:
        """Whose women are counted."""
        return self.row["arm"] or "all"

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """Its numbers, in order; one at least."""
        cells = [_split(self._cell(name)) for name in OF_PART]
        length = max(map(len, cells))
        spread = (cell * length if len(cell) == 1 else cell for cell in cells)
        return tuple(Part(expected(first), *rest) for first, *rest in zip(*spread, strict=True))

    @cached_property
    def arithmetic(self) -> tuple[str, ...]:
        """What it is held against beside the women: expressions over other claims and published numbers."""
        return tuple(text for text in _split(self.row["arithmetic"]) if text)

    @property
    def is_counted(self) -> bool:
        """Whether it is recomputed from the women of the study."""
        return any(part.is_counted for part in self.parts)

    @property
    def unequal(self) -> tuple[str, ...]:
        """The cells whose parts are neither one nor as many as the longest has."""
        lengths = {name: len(_split(self._cell(name))) for name in OF_PART}
        return tuple(name for name, length in lengths.items() if length not in (1, max(lengths.values())))

    def _cell(self, name: str) -> str:
        """Numbers that stand in `reported` as they are need not be said twice."""
        written = self.row[name]
        if name != "expected" or written:
            return written
        reported = self.row["reported"]
        return reported if all(map(EXPECTED.match, _split(reported))) else ""


def expected(text: str) -> Expected | None:
    """The number that a part of `expected` names, None where it names none."""
    match = EXPECTED.match(text)
    return Expected(match["sign"] or "", Decimal(match["number"])) if match else None


def published_numbers(text: str) -> tuple[str, ...]:
    """The published numbers that an expression names, without the name of their study."""
    return tuple(dict.fromkeys(NUMBER.findall(text)))


def reported_numbers(claims: Sequence[Claim]) -> Mapping[str, float]:
    """What each claim of one number reports, by its name: what arithmetic may use."""
    single = ((claim.claim, claim.parts[0].expected) for claim in claims if len(claim.parts) == 1)
    return {name: float(said.number) for name, said in single if said is not None}


def outcome_columns(endpoints: Sequence[str]) -> dict[str, str]:
    """The columns that each endpoint adds to a woman, and which column of mart_time_to_event each shows."""
    parts = {"days": "point_days", "earliest_days": "earliest_days", "latest_days": "latest_days", "is_event": "is_event"}
    return {f"{endpoint}_{name}": column for endpoint in endpoints for name, column in parts.items()}


def beside_candidate(study: Study) -> frozenset[str]:
    """What a claim may name of a woman beside her columns: no column of a study may be called so."""
    return frozenset({*OF_ARM, *outcome_columns([endpoint.endpoint for endpoint in study.endpoints])})


def _split(text: str) -> list[str]:
    """The parts of a cell; a semicolon within quotes separates nothing."""
    parts, quoted = [""], False
    for sign in text:
        quoted ^= sign == "'"
        if sign == PARTS and not quoted:
            parts.append("")
        else:
            parts[-1] += sign
    return [part.strip() for part in parts]
