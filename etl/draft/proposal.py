"""The records that columns of known meaning deliver, as the `fields` and `records` of a contract."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from itertools import pairwise

from etl.draft.columns import Column
from etl.draft.date_parts import parts
from etl.draft.families import passed_over
from etl.draft.instances import are_instances, instances, numbered, of_instance
from etl.draft.redcap import TICKS, ticked_treatment
from etl.draft.rules import WHICH, Rule, Setting, by_each_number
from schemas.code_sets import MANY_ITEMS, set_of, targets
from schemas.contract import PERSON
from schemas.header_words import without_marks
from schemas.items import intervals

MILLIMETRES = re.compile(r"(?:^|[^a-zа-я])(?:mm|мм)(?:[^a-zа-я]|$)|[a-z]Mm$", re.IGNORECASE)
TNM = ("t_code", "n_code", "m_code")
MODALITIES = ("surgery", "chemotherapy", "hormonal", "radiation", "targeted")
NAMES = ("name", "family_name", "given_name")
EVENTS = ("recurrence", "local_recurrence", "distant_recurrence", "metastasectomy", "progression")
KIND, SIDE, OPERATION = "event.event_type_code", "tumour.laterality_code", "treatment.surgery"
MARKERS = ("er", "pr", "her2", "ki67")
FLAGS = ("flag", "genauigkeit")  # behind the header of a date: NAACCR and CDISC, the registries of Germany
# Columns of a treatment that a code set fills, by what it calls them.
CODED = {"procedure": "procedure_code", "is_given": "is_given", "not_given_reason": "not_given_reason_code"}


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


class Maker:
    """Makes the rules from the columns by what they mean; of two of one meaning the surer header counts, then the fuller.

    `items`: how many headers that are items of a code set tell that the file follows it. `of_kinds`: rows are of several kinds, and a
    record is there only where one of its columns is filled.
    """

    def __init__(self, columns: Sequence[Column], n_rows: int, items: int = MANY_ITEMS, *, of_kinds: bool = False) -> None:
        self.by: dict[str, Column] = {}
        self.several: dict[tuple[str, int], Column] = {}
        self.made = Proposal()
        self.columns, self.n_rows, self.items = columns, n_rows, items
        self.of_kinds = of_kinds or are_instances(columns)
        self.code_set = set_of([column.header for column in columns], items)
        self.parts = parts(columns)
        self.flags = {column.name: flag.name for column, flag in _flags(columns)}
        self.made.left |= passed_over(columns)
        for column in columns:
            self._meant(column)

    def _meant(self, column: Column) -> None:
        if column.meaning is None or not column.filled or column.name in self.made.left:
            return
        if column.number is not None:
            self.several.setdefault((column.meaning, column.number), column)
            return
        other = self.by.get(column.meaning)
        kept, passed = (column, other) if other is None or _sure(column) > _sure(other) else (other, column)
        self.by[column.meaning] = kept
        if passed is not None:
            self.made.left[passed.name] = f"means the same as '{kept.header}', {_why(kept, passed)}"

    def proposal(self) -> Proposal:
        """All rules; the person is named by WHICH where no column is known to."""
        self._identifiers()
        rules = [*self._patient(), *self._tumours(), *self._markers(), *self._follow_up(), *self._treatments(), *self._events()]
        own, national = (self.by.get(f"person.{kind}") for kind in ("hospital_number", "nric"))
        self.made.rules = [*by_each_number(rules, own, national, self.n_rows)]
        read = {column for rule in self.made.rules for part in rule.set.values() for column in _columns(part)}
        read |= {rule.each for rule in self.made.rules if rule.each}
        for column in (*self.by.values(), *self.several.values()):
            if column.source in read:
                self.made.fields.setdefault(column.name, {} if column.part is None else {"pattern": column.part[1]})
        for name in (*self.flags.values(), *(name for said in self.parts.values() for name in said.values())):
            if name in read:
                self.made.fields.setdefault(name, {})
        self.made.codes = set_of([column.header for column in self.by.values() if column.name in self.made.fields], self.items)
        return self.made

    def _date(self, column: Column) -> object:
        """A date, with the order of day and month where the cells prove it, and its flag."""
        formats = column.packed if len(column.packed) == 1 else None
        calendar = "buddhist" if column.is_buddhist else None
        more = {
            "order": column.order, "formats": formats, "calendar": calendar, "flag": self.flags.get(column.name),
            **self.parts.get(column.name, {}),
        }  # fmt: skip
        said = {key: value for key, value in more.items() if value is not None}
        return {"from": column.name, **said} if said else column.name

    def _name(self, meaning: str) -> str | None:
        column = self.by.get(meaning)
        return column.name if column is not None else None

    def _identifiers(self) -> None:
        kinds = {kind: self.by.get(f"person.{kind}") for kind in ("hospital_number", "nric", *NAMES, "postcode")}
        for kind, column in kinds.items():
            if column is not None:
                named = _named(kind, {name for name in NAMES if kinds[name] is not None})
                said = {"kind": named, "digits": column.padded} if kind == "hospital_number" and column.unpadded else named
                self.made.fields[column.name] = {"identifier": said} if column.form is None else dict(column.form)
        if (birth := self.by.get("patient.birth")) is not None and birth.name not in self.parts:  # a year alone names nobody
            self.made.fields[birth.name] = {"identifier": "birth"}

    def _hers(self, *, tumour: bool = True) -> Setting:
        person = self._name("person.hospital_number") or self._name("person.nric") or WHICH
        number = self._name("tumour.tumour_no") if tumour else None
        hers: Setting = {PERSON: person}
        return hers | ({"tumour_no": number} if number else {})

    def _plain(self, record: str, *, but: Sequence[str] = ()) -> Setting:
        """The columns of one record whose meaning is its own column."""
        found: Setting = {}
        for meaning, column in self.by.items():
            name, _, target = meaning.partition(".")
            if name == record and target not in but:
                found[target] = self._date(column) if target in intervals(record) else column.source
        return found

    def _patient(self) -> Iterator[Rule]:
        said = self._plain("patient")
        if said:
            yield Rule("person", "patient", self._hers(tumour=False) | said, self._filled(said))

    def _tumours(self) -> Iterator[Rule]:
        """The tumour of a row, or each of those that have columns of their own."""
        if not are_instances(self.columns):
            yield from self._tumour()
            return
        yield from numbered(self._tumour(), 1)
        for number in instances(self.columns):
            other = Maker(of_instance(self.columns, number), self.n_rows, self.items, of_kinds=True)
            yield from numbered(other._tumour(), number + 1)

    def _tumour(self) -> Iterator[Rule]:
        of_event = ("laterality_code",) if self._has_side_of_event() else ()
        said = self._plain("tumour", but=("tumour_no", "tnm", "nodes", "nodes_positive", "behaviour", *of_event))
        tnm = self._name("tumour.tnm")
        if tnm:
            said |= {part: {"from": tnm, "within_text": True} for part in TNM if part not in said}
        behaviour = self.by.get("tumour.behaviour")
        if behaviour is not None and "histology_code" in said:
            said["histology_code"] = {"from": said["histology_code"], "beside": behaviour.name}
        both = self.by.get("tumour.nodes")
        positive = self.by.get("tumour.nodes_positive") or (both if both is not None and both.slashed else None)
        if positive is not None:
            said["nodes_positive"] = positive.name
            if positive.slashed and "nodes_examined" not in said:
                said["nodes_examined"] = positive.name
        if "tumour_size_cm" in said:
            said["tumour_size_mm"] = {"from": said.pop("tumour_size_cm"), "unit": "cm"}
        size = self.by.get("tumour.tumour_size_mm")
        if size is not None and size.fractions and MILLIMETRES.search(size.header):
            said["tumour_size_mm"] = {"from": size.name, "unit": "mm"}  # else sizes such as 2.8 are refused, for they may be centimetres
        if said:
            yield Rule("primary", "tumour", self._hers() | said, self._filled(said))

    def _filled(self, said: Setting) -> str | None:
        """That one of these columns is filled, where rows are of several kinds."""
        columns = dict.fromkeys(name for part in said.values() for name in _columns(part))
        return " or ".join(f"{name} is not null" for name in columns) if self.of_kinds else None

    def _markers(self) -> Iterator[Rule]:
        found = {marker: self._name(f"biomarker.{marker}") for marker in MARKERS}
        ihc, ish = self._name("biomarker.her2_ihc"), self._name("biomarker.her2_ish")
        result: dict[str, object] = {marker: name for marker, name in found.items() if name}
        if found["her2"] is None and ihc:
            result["her2"] = {"from": ihc, "beside": ish} if ish else ihc
        for marker, said in result.items():
            when = " or ".join(f"{column} is not null" for column in _columns(said))
            unit = self._percent(marker)
            result_of = "result_value" if marker == "ki67" else "result_code"  # a percentage has no code
            set_ = {
                "marker_code": {"value": marker},
                "specimen_code": {"value": "primary"},
                result_of: {"from": said, "unit": unit} if unit else said,
            }
            yield Rule(marker, "biomarker", self._hers() | set_, when)

    def _percent(self, marker: str) -> str | None:
        """The unit of a receptor whose header says per cent (`ER (%)`): without it a bare number is none."""
        column = self.by.get(f"biomarker.{marker}")
        return "percent" if column is not None and marker in ("er", "pr") and "%" in column.header else None

    def _follow_up(self) -> Iterator[Rule]:
        said = self._plain("follow_up")
        if not said:
            return
        person = self.by.get("person.hospital_number") or self.by.get("person.nric")
        number: Setting = {"follow_up_no": {"value": 1}} if person is not None and person.distinct == self.n_rows else {}
        when = " or ".join(f"{column} is not null" for part in said.values() for column in _columns(part))
        yield Rule("last_contact", "follow_up", self._hers(tumour=False) | number | said, when)

    def _treatments(self) -> Iterator[Rule]:
        """Those of each modality, and of each number where its columns come several times."""
        for modality in MODALITIES:
            if modality == "surgery" and self._is_of_event():
                continue
            parts = [f"{part}.{modality}" for part in ("treatment", "date", "end")]
            yield from self._treatment(modality, modality, *(self.by.get(part) for part in parts))
            for number in sorted({n for meaning, n in self.several if meaning in parts}):
                yield from self._treatment(f"{modality}_{number}", modality, *(self.several.get((part, number)) for part in parts))

        for column in self.columns:
            said = ticked_treatment(column.header) if column.filled else None
            if said is not None and not any(f"{part}.{said[0]}" in self.by for part in ("treatment", "date")):
                yield self._ticked(column, *said)

    def _ticked(self, column: Column, modality: str, setting: str | None) -> Rule:
        """A treatment that a tick says was given."""
        self.made.fields[column.name] = {}
        said: Setting = {"course_code": {"value": f"{modality}_ticked"}, "component_no": {"value": 1}}
        said |= {"setting_code": {"value": setting}} if setting else {}
        said |= {"modality_code": {"value": modality}, "is_given": {"value": True}}
        return Rule(f"{modality}_ticked", "treatment", self._hers() | said, f"{column.name} in {TICKS}")

    def _treatment(self, name: str, modality: str, cell: Column | None, day: Column | None, end: Column | None) -> Iterator[Rule]:
        course: Setting = self._hers() | {"course_code": {"value": name}}
        if cell is not None and (coded := self._coded(cell)):
            of_code = course | {"modality_code": {"value": modality}} | coded | self._days(modality, day, end)
            yield Rule(name, "treatment", of_code, f"{cell.name} is not null")
            return
        if cell is not None:
            self.made.fields[cell.name] = {"grammar": "treatment", "modality": modality}
            when = {"treatment": self._date(day)} if day is not None and modality == "surgery" else {}
            yield Rule(name, "treatment", course | when, each=cell.name)
        if day is None or (cell is not None and modality == "surgery"):
            return
        # a part of the first component of the cell: a day of a later block is not known from it
        said: Setting = {"component_no": {"value": 1}, "modality_code": {"value": modality}, "is_given": {"value": True}}
        # a day beside a No, or beside what is not understood (TRIAL, AC planned): of which treatment, and given?
        denied = f" and ({cell.name} is null or {cell.name}_given = 'yes')" if cell is not None else ""
        yield Rule(f"{name}_start", "treatment", course | said | self._days(modality, day, end), f"{day.name} is not null{denied}")

    def _coded(self, cell: Column) -> Setting:
        """What an item of the code set of the file says of a treatment: its code also says that none was given, whatever the day is."""
        filled = targets(self.code_set, cell.header) if self.code_set is not None else frozenset[str]()
        return {column: cell.name for target, column in CODED.items() if target in filled}

    def _days(self, modality: str, day: Column | None, end: Column | None) -> Setting:
        """The days of a treatment; the end of a chemotherapy is that of its last block, which is not known from here."""
        said: Setting = {"treatment": self._date(day)} if day is not None else {}
        if end is not None and modality != "chemotherapy":
            said["treatment_end"] = self._date(end)
        return said

    def _events(self) -> Iterator[Rule]:
        kind = self.by.get(KIND)
        if kind is not None:
            yield self._long_event(kind)
            return
        for event in EVENTS:
            day, place = self.by.get(f"first.{event}"), self.by.get(f"at.{event}")
            said: Setting = {"event_type_code": {"value": event}}
            said |= {"event": self._date(day)} if day is not None else {}
            said |= {"site_code": place.name} if place is not None else {}
            there = " or ".join(f"{column.name} is not null" for column in (day, place) if column is not None)
            if there:
                yield Rule(event, "event", self._hers() | said, there)

    def _long_event(self, kind: Column) -> Rule:
        """A row per event: what says nothing by itself (`Date`, `Side`) is said of the event."""
        said: Setting = {"event_type_code": kind.name}
        day, place = self._first("event.event", "first.recurrence", "context.date"), self._first("at.recurrence", "context.site")
        side, operation, number = (self.by.get(meaning) for meaning in (SIDE, OPERATION, "event.event_no"))
        operation = operation if self._is_of_event() else None
        side = side if self._has_side_of_event() else None
        said |= {"event": self._date(day)} if day is not None else {}
        said |= {"site_code": place.name} if place is not None else {}
        said |= {"laterality_code": side.name} if side is not None else {}
        if operation is not None:
            said["procedure_code"] = {"from": operation.name, "at_site": place.name} if place is not None else operation.name
        said |= {"event_no": number.name} if number is not None else {}
        return Rule("event", "event", self._hers() | said, f"{kind.name} is not null")

    def _is_of_event(self) -> bool:
        """Whether an operation is that of the event its row tells of; one with a day of its own beside it is that of the primary."""
        return KIND in self.by and "date.surgery" not in self.by

    def _has_side_of_event(self) -> bool:
        """Whether a side is that of the event its row tells of; beside other columns of the tumour it is that of the primary."""
        others = {meaning for meaning in self.by if meaning.startswith("tumour.")} - {SIDE, "tumour.tumour_no"}
        return KIND in self.by and not others

    def _first(self, *meanings: str) -> Column | None:
        """The first of these meanings that a column has."""
        return next((self.by[meaning] for meaning in meanings if meaning in self.by), None)


def _sure(column: Column) -> tuple[bool, int, int]:
    """How sure a column is of its meaning: by its header, then by its cells."""
    return not column.differs, *_told(column)


def _why(kept: Column, passed: Column) -> str:
    """What the one column has over the other of the same meaning."""
    if passed.differs != kept.differs:
        return "whose header means nothing else"
    if kept.filled != passed.filled:
        return "which fills more cells"
    return "whose cells say more" if _told(kept) != _told(passed) else "which stands before it"


def _told(column: Column) -> tuple[int, int]:
    """How many cells a column fills, then how much they say (C50.4 beside C50), but for numbers of a person: of those the one with fewer
    may be hers and the other of a stay."""
    return column.filled, 0 if (column.meaning or "").startswith("person.") else column.distinct


def _named(kind: str, there: Set[str]) -> str:
    """What a column of names holds beside the others: `Name` beside `Vorname` the family's, `Nombre` or `Nom` alone the whole name."""
    if kind == "name" and there == {"name", "given_name"}:
        return "family_name"
    return "name" if kind in NAMES and len(there) == 1 else kind


def _flags(columns: Sequence[Column]) -> Iterator[tuple[Column, Column]]:
    """The dates with the columns that say why there is none or what is estimated: `Diagnosedatum` and `Diagnosedatum_Genauigkeit`,
    or a column of `AAA`, `UUA` directly behind it."""
    by_header = {without_marks(column.header): column for column in columns}
    for header, column in by_header.items():
        flag = next((by_header[f"{header}{word}"] for word in FLAGS if f"{header}{word}" in by_header), None)
        if flag is not None:
            yield column, flag
    yield from ((before, flag) for before, flag in pairwise(columns) if flag.tells_accuracy)


def _columns(part: object) -> list[str]:
    """The source columns that a mapping reads."""
    if isinstance(part, str):
        return [part]
    return [str(part[key]) for key in ("from", "beside", "flag", "month", "day") if key in part] if isinstance(part, dict) else []
