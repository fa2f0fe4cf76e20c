"""The records that columns of known meaning deliver, as the `fields` and `records` of a contract."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field

from etl.draft.columns import Column
from etl.draft.event_rules import events
from etl.draft.meant import Meant
from etl.draft.rules import WHICH, Rule, Setting, any_filled, by_each_number, columns_of
from etl.draft.treatment_rules import treatments
from etl.draft.tumour_rules import markers, tumours
from schemas.code_sets import MANY_ITEMS, set_of
from schemas.contract import PERSON

NAMES = ("name", "family_name", "given_name")


@dataclass
class Proposal:
    """`fields`: what is said of each field. `left`: columns of a meaning that is not used, and why. `codes`: the code set of the file.

    `headers`: of fields that are not called as their column is.
    """

    fields: dict[str, dict[str, object]] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)
    codes: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def names_nobody(self) -> bool:
        """Whether no column is known to name the person: WHICH stands in its place."""
        return any(rule.set[PERSON] == WHICH for rule in self.rules)


def proposal_of(columns: Sequence[Column], n_rows: int, items: int = MANY_ITEMS, *, of_kinds: bool = False) -> Proposal:
    """All rules that the columns of a table of so many rows deliver, and the fields that they read; the person is named by WHICH where no
    column is known to. `items`, `of_kinds`: as in Meant."""
    meant = Meant(columns, n_rows, items, of_kinds=of_kinds)
    _identifiers(meant)
    rules = [*_patient(meant), *tumours(meant), *markers(meant), *_follow_up(meant), *treatments(meant), *events(meant)]
    own, national = (meant.by.get(f"person.{kind}") for kind in ("hospital_number", "nric"))
    rules = [*by_each_number(rules, own, national, n_rows)]
    _read(meant, rules)
    codes = set_of([column.header for column in meant.by.values() if column.name in meant.fields], items)
    return Proposal(meant.fields, rules, meant.left, codes)


def _read(meant: Meant, rules: Sequence[Rule]) -> None:
    """Adds the fields that the rules read and of which nothing is said yet."""
    read = {column for rule in rules for part in rule.set.values() for column in columns_of(part)}
    read |= {rule.each for rule in rules if rule.each}
    for column in (*meant.by.values(), *meant.several.values()):
        if column.source in read:
            meant.fields.setdefault(column.name, {} if column.part is None else {"pattern": column.part.pattern})
    for name in (*meant.flags.values(), *(name for said in meant.parts.values() for name in said.values())):
        if name in read:
            meant.fields.setdefault(name, {})


def _identifiers(meant: Meant) -> None:
    """Says which fields name the person, and how."""
    kinds = {kind: meant.by.get(f"person.{kind}") for kind in ("hospital_number", "nric", *NAMES, "postcode")}
    for kind, column in kinds.items():
        if column is not None:
            named = _named(kind, {name for name in NAMES if kinds[name] is not None})
            said = {"kind": named, "digits": column.padded} if kind == "hospital_number" and column.unpadded else named
            meant.fields[column.name] = {"identifier": said} if column.form is None else dict(column.form)
    if (birth := meant.by.get("patient.birth")) is not None and birth.name not in meant.parts:  # a year alone names nobody
        meant.fields[birth.name] = {"identifier": "birth"}


def _patient(meant: Meant) -> Iterator[Rule]:
    said = meant.plain("patient")
    if said:
        yield Rule("person", "patient", meant.hers(tumour=False) | said, meant.filled(said))


def _follow_up(meant: Meant) -> Iterator[Rule]:
    said = meant.plain("follow_up")
    if not said:
        return
    person = meant.by.get("person.hospital_number") or meant.by.get("person.nric")
    number: Setting = {"follow_up_no": {"value": 1}} if person is not None and person.distinct == meant.n_rows else {}
    when = any_filled(column for part in said.values() for column in columns_of(part))
    yield Rule("last_contact", "follow_up", meant.hers(tumour=False) | number | said, when)


def _named(kind: str, there: Set[str]) -> str:
    """What a column of names holds beside the others: `Name` beside `Vorname` the family's, `Nombre` or `Nom` alone the whole name."""
    if kind == "name" and there == {"name", "given_name"}:
        return "family_name"
    return "name" if kind in NAMES and len(there) == 1 else kind
