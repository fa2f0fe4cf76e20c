"""How records of one person, one tumour and one event are found: the mappings `linkage` and `survivorship` of registry.yml."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator
from pydantic import Field as Option

from schemas.contract import Model

# What a person can be told by. `patient_id` is the number that carries her records; `birth` and `sex` come from her patient record.
Kind = Literal["patient_id", "nric", "hospital_number", "name", "postcode", "birth", "sex"]
NUMBERS = ("nric", "hospital_number")  # the kinds that are one number alone, given to one person
Rule = Literal["trust", "latest", "dead_wins", "with_latest"]
# Columns for which the order of trust is not the best rule: what is true of a person changes, and death does so once.
SURVIVORSHIP: dict[str, Rule] = {
    "follow_up.contact": "latest",
    "follow_up.vital_status_code": "dead_wins",
    "follow_up.performance_status_code": "with_latest",
}
# Rules that mean something for one kind of column only.
RULES: dict[str, tuple[Rule, ...]] = {
    "follow_up.contact": ("latest",),
    "follow_up.vital_status_code": ("dead_wins",),
    "follow_up.performance_status_code": ("with_latest",),
}


def _words(value: Any) -> Any:
    """A bare word is a list of one."""
    return tuple((one,) if isinstance(one, str) else one for one in value) if isinstance(value, tuple | list) else value


class Probabilistic(Model):
    """Persons whose identifiers disagree, weighed by Splink: merged from one probability on, noted from another."""

    compare: Annotated[tuple[Literal["name", "birth", "postcode", "sex"], ...], Option(min_length=2)]
    merge_from: Annotated[float, Option(ge=0.5, le=1)] = 0.99
    review_from: Annotated[float, Option(ge=0, le=1)] = 0.8
    seed: Annotated[int, Option(ge=0)] = 1

    def problems(self) -> Iterator[str]:
        """The two thresholds in order; the columns by which pairs are looked up."""
        if self.review_from > self.merge_from:
            yield "'review_from' is above 'merge_from'"
        if not {"name", "birth"} <= set(self.compare):
            yield "'compare' needs name and birth: by them the pairs to weigh are found"
        if len(set(self.compare)) < len(self.compare):
            yield "'compare' names a word twice"


class Tumours(Model):
    """Whether `tumour_no`, `event_no` and `component_no` mean the same in every source, or are each source's own."""

    numbers: Literal["shared", "local"] = "shared"
    same_within_days: Annotated[int, Option(ge=0, le=3650)] = 60


class Events(Model):
    """How far the dates of one operation, event or treatment may lie apart in two sources (with `numbers: local`)."""

    same_within_days: Annotated[int, Option(ge=0, le=365)] = 0


class Linkage(Model):
    """How records of one person are found."""

    deterministic: Annotated[tuple[tuple[Kind, ...], ...], BeforeValidator(_words)] = (("patient_id",),)
    cannot_link: tuple[Literal["nric", "birth", "sex"], ...] = ("nric",)
    nric_slips: Annotated[int, Option(ge=0, le=2)] = 0
    probabilistic: Probabilistic | None = None
    tumours: Tumours = Tumours()
    events: Events = Events()

    @property
    def keys(self) -> tuple[tuple[Kind, ...], ...]:
        """The sets of identifiers beyond the number itself, in the order in which they are tried."""
        return tuple(one for one in self.deterministic if one != ("patient_id",))

    @property
    def kinds(self) -> frozenset[str]:
        """Every kind of identifier that linkage looks at."""
        compared = self.probabilistic.compare if self.probabilistic is not None else ()
        beside = ("name", "birth", "born") if any(len(one) == 1 for one in self.keys) else ()  # what speaks against a number alone
        return frozenset(kind for one in self.keys for kind in one) | frozenset(compared) | frozenset(beside)

    @property
    def compared(self) -> frozenset[str]:
        """Every kind of identifier by which two persons are one, or cannot be."""
        return self.kinds | frozenset(self.cannot_link)

    def slips(self, kind: str) -> int:
        """How many slips of the pen two identifiers may lie apart that do not exclude each other."""
        return self.nric_slips if kind == "nric" else 0

    def problems(self) -> Iterator[str]:
        """The number first and alone; no set twice; no set that everyone shares."""
        if not self.deterministic or self.deterministic[0] != ("patient_id",):
            yield "'deterministic' begins with patient_id"
        if any("patient_id" in one and len(one) > 1 for one in self.deterministic):
            yield "'deterministic': patient_id stands alone"
        if self.nric_slips and "nric" not in self.cannot_link:
            yield "'nric_slips' means nothing where 'cannot_link' leaves nric out"
        if len(set(self.deterministic)) < len(self.deterministic):
            yield "'deterministic' names a set twice"
        for one in self.keys:
            if not one or set(one) <= {"birth", "sex", "postcode"}:
                yield f"'deterministic': [{', '.join(one)}] is shared by many persons; add a name or a number"


def survivorship_problems(rules: dict[str, str]) -> Iterator[str]:
    """Columns and rules that do not go together."""
    for column, rule in rules.items():
        allowed = RULES.get(column, ())
        if rule != "trust" and rule not in allowed:
            known = " or ".join(("trust", *allowed))
            yield f"'survivorship': {column} knows the rule {known}"
