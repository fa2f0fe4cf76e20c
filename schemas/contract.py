"""The contract of one export: which files, how to read them, which staging records they deliver (docs/contracts.md).

One model per mapping of the YAML file. Models are frozen and refuse unknown keys; what one file alone cannot tell
(columns of the dictionary, codes, sources) is checked in `schemas.checks.contract`.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, PrivateAttr
from pydantic import Field as Option

from schemas.contract_format import Format
from schemas.identifier import NAMEABLE, Identifier, Issuer, identifier_word
from schemas.layout import Place
from schemas.model import Condition, Hash, Model, Name, Scalar, expression_problems
from schemas.units import known_units

__all__ = ["Contract", "Field", "Format", "Identifier", "Issuer", "Mapping", "Model", "Name", "Record", "Scalar"]
RecordName = Literal["patient", "tumour", "treatment", "event", "follow_up", "biomarker"]
Anchor = str
# What each kind of composite field makes of its one header: suffix of the source column.
GRAMMAR_COLUMNS = ("drugs", "marks", "given", "components")
# A key column that a contract need not set, and what it is then.
KEY_DEFAULTS = {"tumour_no": 1, "event_no": 1, "follow_up_no": 1, "component_no": 0}
# What the grammar fills in for each component of a treatment cell.
GRAMMAR_TARGETS = ("component_no", "modality_code")
PERSON = "patient_id"
# Choices of a checkbox that have a column of their own: what a condition can name.
CHOICE = re.compile(r"^[a-z0-9_]+$")
# Beside a column of a spreadsheet that holds real dates: which cells do. No field can have two underscores in its name.
TYPED = "__typed"


class Field(Model):
    """One column of the export, and the names under which its parts can be used."""

    header: str | None = None
    aliases: tuple[str, ...] = ()
    required: bool = False
    null_tokens: tuple[str, ...] = ()
    map: dict[str, str] = Option(default={})
    codes: str | None = None
    pattern: str | None = None
    grammar: Literal["treatment"] | None = None
    modality: str | None = None
    setting: str | None = None
    identifier: Annotated[bool | Identifier, BeforeValidator(identifier_word)] = False
    decimal: Literal[".", ","] | None = None
    digits: Annotated[int, Option(ge=1, le=30)] | None = None
    form: str | None = None
    checkbox: dict[str, str] = Option(default={})
    separator: Annotated[str, Option(min_length=1)] | None = None

    def problems(self) -> Iterator[str]:
        """One way to take a cell apart; a regular expression that is one."""
        if self.pattern is not None and self.grammar is not None:
            yield "'pattern' and 'grammar' exclude each other"
        if self.grammar is None and (self.modality or self.setting):
            yield "'modality' and 'setting' belong to a field with a 'grammar'"
        if self.identifier and (self.pattern or self.grammar or self.map or self.codes):
            yield "'identifier' excludes 'pattern', 'grammar', 'map' and 'codes': such a column is never taken apart"
        if self.checkbox and (self.pattern or self.grammar or self.map or self.identifier or self.digits or self.form):
            yield "'checkbox' excludes 'pattern', 'grammar', 'map', 'identifier', 'digits' and 'form'"
        if self.separator is not None and not self.checkbox:
            yield "'separator' belongs to a 'checkbox'"
        if self.form is not None:
            yield from (f"'form': {says}" for says in expression_problems(self.form))
        if self.pattern is not None:
            yield from expression_problems(self.pattern, group="")

    def headers(self, name: str) -> tuple[str, ...]:
        """Headers under which the column may come, the usual one first."""
        return (self.header or name, *self.aliases)

    def columns(self, name: str) -> tuple[str, ...]:
        """Text columns this field makes: itself, then one per named group or part of the grammar; none that only the vault may hold."""
        if self.identifier is True or (isinstance(self.identifier, Identifier) and self.identifier.kind not in NAMEABLE):
            return ()
        if self.grammar is not None:
            return (name, *(f"{name}_{part}" for part in GRAMMAR_COLUMNS))
        if self.checkbox:
            return (name, *(f"{name}_{choice}" for choice in self.checkbox if CHOICE.match(choice)))
        return (name, *(f"{name}_{group}" for group in self.groups()))

    def groups(self) -> tuple[str, ...]:
        """Named groups of the pattern, none where there is no pattern or it is not a regular expression."""
        if self.pattern is None:
            return ()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return tuple(re.compile(self.pattern).groupindex)
        except re.error:
            return ()


class Mapping(Model):
    """What one target column of a record is made of: a source column, a constant, or the value another record has."""

    from_: str | None = Option(default=None, alias="from")
    value: Scalar | None = None
    same: str | None = None
    map: dict[str, Scalar] = Option(default={})
    unit: str | None = None
    vocabulary: str | None = None
    formats: tuple[str, ...] = ()
    order: Literal["dmy", "mdy"] | None = None
    pivot: Annotated[int, Option(ge=1800, le=2000)] | None = None
    calendar: Literal["minguo", "buddhist"] | None = None
    zone: str | None = None
    serials: Literal[1900, 1904] | None = None
    flag: str | None = None
    month: str | None = None
    day: str | None = None
    bound: Literal["earliest", "latest"] | None = None
    duration: Literal["days", "weeks", "months", "years"] | None = None
    days_per_month: Annotated[float, Option(gt=27, lt=32)] | None = None
    after: Anchor | None = None
    before: Anchor | None = None
    rounded_to: Annotated[float, Option(gt=0, le=1000)] | None = None
    within_text: bool = False
    at_site: str | None = None
    beside: str | None = None
    published: bool = False

    def problems(self) -> Iterator[str]:
        """One origin of the value; the parts of a duration together."""
        if sum(part is not None for part in (self.from_, self.value, self.same)) != 1:
            yield "give exactly one of 'from', 'value' and 'same'"
        if (self.duration is None) == (self.after is not None or self.before is not None):
            yield "'duration' and its anchor ('after' or 'before') belong together"
        if self.after is not None and self.before is not None:
            yield "'after' and 'before' exclude each other"
        if self.duration == "months" and self.days_per_month is None:
            yield "'duration: months' needs 'days_per_month'"
        if self.days_per_month is not None and self.duration not in ("months", "years"):
            yield "'days_per_month' belongs to 'duration: months' or 'duration: years'"
        if self.duration is None and self.rounded_to is not None:
            yield "'rounded_to' belongs to a 'duration'"
        if self.unit is not None and self.unit not in known_units():
            yield f"'unit': no unit '{self.unit}' is known; known are {', '.join(known_units())}"
        if self.duration is not None and any((self.formats, self.order, self.pivot, self.calendar, self.zone, self.serials, self.flag)):
            yield "'duration' excludes 'formats', 'order', 'pivot', 'calendar', 'zone', 'serials' and 'flag'"
        if self.day is not None and self.month is None:
            yield "'day' needs 'month'"
        if self.month is not None and (self.from_ is None or self.duration or self.formats or self.order or self.pivot or self.serials):
            yield "'month' and 'day' stand beside the year in 'from', and exclude 'duration', 'formats', 'order', 'pivot' and 'serials'"

    def reads(self) -> Iterator[tuple[str, str]]:
        """Each key that names a source column, with the column."""
        keys = {"from": self.from_, "at_site": self.at_site, "beside": self.beside, "flag": self.flag, "month": self.month, "day": self.day}
        yield from ((key, column) for key, column in keys.items() if column is not None)


def mapping(value: Any) -> Any:
    """A bare source column stands for `{from: column}`."""
    return {"from": value} if isinstance(value, str) else value


class Repeat(Model):
    """Numbers that stand, one after the other, for `{name}` in a rule and in the fields it reads (schemas.repeats)."""

    name: Name
    from_: Annotated[int, Option(ge=0, le=999)] = Option(default=1, alias="from")
    to: Annotated[int, Option(ge=0, le=999)]

    def problems(self) -> Iterator[str]:
        """Counted upwards."""
        if self.from_ > self.to:
            yield "'to' is below 'from'"


class RowCount(Model):
    """How many data rows a file of this contract has; of a snapshot also as a share of the last good one and of the most rows so far."""

    min: Annotated[int, Option(ge=0)] = 0
    max: Annotated[int, Option(ge=0)] | None = None
    of_last: Annotated[float, Option(ge=0, le=1)] = 0.5
    told_below: Annotated[float, Option(ge=0, le=1)] = 0.95

    def problems(self) -> Iterator[str]:
        """A range."""
        if self.max is not None and self.max < self.min:
            yield "'max' is below 'min'"


class Record(Model):
    """One rule: the staging record that each row (or each component of a cell) delivers."""

    rule: Name
    repeat: Repeat | None = None
    record: RecordName
    each: str | None = None
    when: Condition | None = None
    set: dict[str, Annotated[Mapping, BeforeValidator(mapping)]]


class Contract(Model):
    """One export as its contract describes it."""

    contract: Name
    contract_version: Annotated[int, Option(ge=1)]
    title: str
    source: Name
    files: Annotated[tuple[str, ...], Option(min_length=1)]
    delivery: Literal["snapshot", "append", "upsert"] = "snapshot"
    # Whether studies lack something as long as nothing of it ever came, where its source is required.
    required: bool = True
    key: tuple[str, ...] = ()
    format: Format = Format()
    columns: Literal["exact", "open"] = "open"
    headers: Literal["exact", "loose"] = "exact"
    expected_rows: RowCount = RowCount()
    max_unread: Annotated[float, Option(gt=0, le=1)] = 0.5
    exchanged_after: Hash | None = None
    null_tokens: tuple[str, ...] = ()
    codes: str | None = None
    zone: str | None = None
    marks: dict[str, dict[str, Scalar]] = Option(default={})
    courses: dict[str, str] = Option(default={})
    fields: Annotated[dict[Name, Field], Option(min_length=1)]
    records: Annotated[tuple[Record, ...], Option(min_length=1)]
    # Columns of a fixed-width file, read from the file that `format.layout` names.
    _layout: tuple[Place, ...] = PrivateAttr(default=())

    @property
    def layout(self) -> tuple[Place, ...]:
        """The columns of a fixed-width file, in the order of the layout."""
        return self._layout

    def with_layout(self, layout: tuple[Place, ...]) -> Contract:
        """The same contract with the columns of its fixed-width file."""
        self._layout = layout
        return self

    def problems(self) -> Iterator[str]:
        """A key where later rows replace earlier ones, and only there."""
        if self.delivery == "upsert" and not self.key:
            yield "'delivery' by upsert needs a 'key': the fields that say which earlier row a later one replaces"
        if self.key and self.delivery != "upsert":
            yield "'key' belongs to 'delivery: upsert'"
        if self.exchanged_after is not None and not re.fullmatch(r"[0-9a-f]{12,64}", self.exchanged_after):
            yield "'exchanged_after' is the beginning of a SHA-256, quoted, as the refusal prints it"

    def field_of(self, column: str) -> str | None:
        """Name of the field that makes a source column."""
        return next((name for name, field in self.fields.items() if column in field.columns(name)), None)

    def decimal_of(self, column: str) -> str:
        """How numbers of a source column are written: with a point or a comma."""
        name = self.field_of(column)
        own = self.fields[name].decimal if name is not None else None
        return own or self.format.decimal

    @property
    def person_fields(self) -> tuple[str, ...]:
        """The fields that name the person of a row, in the order of the contract."""
        named = {rule.set[PERSON].from_ for rule in self.records if PERSON in rule.set}
        return tuple(name for name, field in self.fields.items() if not named.isdisjoint(field.columns(name)))

    @property
    def issuer_fields(self) -> tuple[str, ...]:
        """The fields that tell whose the numbers of persons are, in the order of the contract."""
        named = {
            said.issuer.from_
            for said in (field.identifier for field in self.fields.values())
            if isinstance(said, Identifier) and said.issuer is not None
        }
        return tuple(name for name in self.fields if name in named)

    @property
    def issuers(self) -> tuple[str, ...]:
        """The sources whose numbers `issuer` says the fields hold, each once."""
        kinds = [field.identifier for field in self.fields.values() if isinstance(field.identifier, Identifier)]
        return tuple(dict.fromkeys(name for said in kinds if said.issuer is not None for name in said.issuer.sources))

    @property
    def numbers_of(self) -> frozenset[str]:
        """The sources whose hospital numbers the file has: its own, unless `issuer` says otherwise of each such field."""
        kinds = [field.identifier for field in self.fields.values() if isinstance(field.identifier, Identifier)]
        own = any(said.kind == "hospital_number" and said.issuer is None for said in kinds)
        return frozenset((*self.issuers, *([self.source] if own else [])))

    @property
    def source_columns(self) -> tuple[str, ...]:
        """Text columns that `when`, `set` and `at_site` may name, in the order of the fields."""
        return tuple(column for name, field in self.fields.items() for column in field.columns(name))
