"""The contract of one export: which files, how to read them, which staging records they deliver (docs/contracts.md).

One model per mapping of the YAML file. Models are frozen and refuse unknown keys; what one file alone cannot tell
(columns of the dictionary, codes, sources) is checked in `schemas.contract_checks`.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import polars as pl
from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic import Field as Option

Scalar = str | bool | int | float
RecordName = Literal["patient", "tumour", "treatment", "event", "follow_up", "biomarker"]
Name = Annotated[str, Option(pattern=r"^[a-z][a-z0-9_]*$")]
Anchor = str
# What each kind of composite field makes of its one header: suffix of the source column.
GRAMMAR_COLUMNS = ("drugs", "marks", "given", "components")
# A key column that a contract need not set, and what it is then.
KEY_DEFAULTS = {"tumour_no": 1, "event_no": 1, "follow_up_no": 1, "component_no": 0}
# What the grammar fills in for each component of a treatment cell.
GRAMMAR_TARGETS = ("component_no", "modality_code")
PERSON = "patient_id"


def condition(value: Any) -> Any:
    """A condition as text: YAML reads an unquoted `true` as a boolean."""
    return str(value).lower() if isinstance(value, bool) else value


Condition = Annotated[str, BeforeValidator(condition), Option(min_length=1)]


class Model(BaseModel):
    """Base of all configuration: frozen, no unknown keys, no silent conversion."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=True, hide_input_in_errors=True)

    def problems(self) -> Iterator[str]:
        """Sentences about keys that do not go together. Kept out of validation, so that one does not hide the next mistake."""
        return iter(())


def pattern_problems(pattern: str) -> Iterator[str]:
    """Why the text is no regular expression that takes a cell apart; look-around and back-references are not known to polars."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            groups = re.compile(pattern).groupindex
        if not groups:
            yield "the pattern names no group: write (?P<name>…)"
        pl.Series([""]).str.contains(pattern)
    except re.error as error:
        yield f"not a regular expression: {error.msg} at position {error.pos}"
    except Warning:
        yield "the pattern has a set [...] that engines read differently: write a backslash before its [, &, -, | or ~"
    except pl.exceptions.ComputeError:
        yield "the pattern uses what its engine does not know: look-around (?=…) or back-references \\1"


class Format(Model):
    """How the bytes of a file become rows and cells."""

    kind: Literal["csv"] = "csv"
    encoding: str = "utf-8"
    delimiter: Annotated[str, Option(min_length=1, max_length=1)] = ","
    quote: Annotated[str, Option(min_length=1, max_length=1)] | None = '"'
    comment: Annotated[str, Option(min_length=1)] | None = None
    preamble_rows: Annotated[int, Option(ge=0)] = 0
    header_rows: Annotated[int, Option(ge=1, le=9)] = 1
    footer_rows: Annotated[int, Option(ge=0)] = 0

    def problems(self) -> Iterator[str]:
        """An encoding that Python knows; characters that do not stand for two things."""
        try:
            io.TextIOWrapper(io.BytesIO(), encoding=self.encoding)
        except (LookupError, ValueError):  # `base64` and the like are codecs, but no encodings of text
            yield "'encoding' is no encoding of text that Python knows"
        if self.delimiter == self.quote or self.delimiter in "\r\n" or (self.quote or "") in ("\r", "\n"):
            yield "'delimiter' and 'quote' must be two different characters and no line end"


class Field(Model):
    """One column of the export, and the names under which its parts can be used."""

    header: str | None = None
    aliases: tuple[str, ...] = ()
    required: bool = False
    null_tokens: tuple[str, ...] = ()
    map: dict[str, str] = {}
    pattern: str | None = None
    grammar: Literal["treatment"] | None = None
    modality: str | None = None
    setting: str | None = None
    identifier: bool = False

    def problems(self) -> Iterator[str]:
        """One way to take a cell apart; a regular expression that is one."""
        if self.pattern is not None and self.grammar is not None:
            yield "'pattern' and 'grammar' exclude each other"
        if self.grammar is None and (self.modality or self.setting):
            yield "'modality' and 'setting' belong to a field with a 'grammar'"
        if self.identifier and (self.pattern or self.grammar or self.map):
            yield "'identifier' excludes 'pattern', 'grammar' and 'map': such a column is never read"
        if self.pattern is not None:
            yield from pattern_problems(self.pattern)

    def headers(self, name: str) -> tuple[str, ...]:
        """Headers under which the column may come, the usual one first."""
        return (self.header or name, *self.aliases)

    def columns(self, name: str) -> tuple[str, ...]:
        """Text columns this field makes: itself, then one per named group or per part of the grammar; none of an identifier."""
        if self.identifier:
            return ()
        if self.grammar is not None:
            return (name, *(f"{name}_{part}" for part in GRAMMAR_COLUMNS))
        return (name, *(f"{name}_{group}" for group in self.groups()))

    def groups(self) -> tuple[str, ...]:
        """Named groups of the pattern, none where there is no pattern or it is not a regular expression."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return tuple(re.compile(self.pattern).groupindex) if self.pattern is not None else ()
        except re.error:
            return ()


class Mapping(Model):
    """What one target column of a record is made of: a source column, a constant, or the value another record has."""

    from_: str | None = Option(default=None, alias="from")
    value: Scalar | None = None
    same: str | None = None
    map: dict[str, Scalar] = {}
    vocabulary: str | None = None
    formats: tuple[str, ...] = ()
    order: Literal["dmy", "mdy"] | None = None
    bound: Literal["earliest", "latest"] | None = None
    duration: Literal["days", "weeks", "months", "years"] | None = None
    days_per_month: Annotated[float, Option(gt=27, lt=32)] | None = None
    after: Anchor | None = None
    before: Anchor | None = None
    rounded_to: Annotated[float, Option(gt=0, le=1000)] | None = None
    within_text: bool = False
    at_site: str | None = None
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
        if self.duration is not None and (self.formats or self.order):
            yield "'duration' excludes 'formats' and 'order'"


def mapping(value: Any) -> Any:
    """A bare source column stands for `{from: column}`."""
    return {"from": value} if isinstance(value, str) else value


class Record(Model):
    """One rule: the staging record that each row (or each component of a cell) delivers."""

    rule: Name
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
    format: Format = Format()
    columns: Literal["exact", "open"] = "open"
    null_tokens: tuple[str, ...] = ()
    marks: dict[str, dict[str, Scalar]] = {}
    fields: Annotated[dict[Name, Field], Option(min_length=1)]
    records: Annotated[tuple[Record, ...], Option(min_length=1)]

    @property
    def source_columns(self) -> tuple[str, ...]:
        """Text columns that `when`, `set` and `at_site` may name, in the order of the fields."""
        return tuple(column for name, field in self.fields.items() for column in field.columns(name))
