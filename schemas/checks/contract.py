"""Checks of one contract that its models alone cannot make: names of columns, codes, sources, fields and conditions."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from zoneinfo import available_timezones

import polars as pl
from sqlglot import exp

from schemas import items
from schemas.checks.codes import check_code, check_constant, check_mapped
from schemas.checks.fields import check_fields
from schemas.checks.issuers import check_issuers
from schemas.code_sets import check_code_sets
from schemas.conditions import Columns, Conditions
from schemas.contract import GRAMMAR_TARGETS, KEY_DEFAULTS, PERSON, Contract, Mapping, Record
from schemas.core.date_zones import is_zone
from schemas.core.duration_text import parse_durations
from schemas.core.errors import did_you_mean
from schemas.core.interval import ISO_DATE, NO_DATE, format_pattern, parse_dates
from schemas.courses import EXAMPLE, FORM, blocks
from schemas.domains import OF_DRUG, Codes, code_list
from schemas.file_patterns import matches_nothing
from schemas.items import Column
from schemas.staging import PSEUDONYM
from schemas.units import known_units, units_of
from schemas.vocabularies.code_list import domains
from schemas.yaml_lines import Path, Source

TREATMENT = "treatment"
DATE_PARTS = ("formats", "order", "pivot", "calendar", "zone", "serials", "flag", "month", "day", "bound", "duration")
# Anchors beside the kinds of event: days are counted from these dates of the patient or the tumour.
ANCHORS = frozenset({"birth", "diagnosis", "treatment_start", "enrolment", "randomisation"})


def check_contract(source: Source, contract: Contract, codes: Codes | None, sources: Collection[str] | None) -> dict[Path, exp.Expr]:
    """Report every mistake of one contract; `sources` are those of registry.yml, None where that cannot be read.

    Returns the conditions of its rules as they were read, by their places.
    """
    if sources is not None and contract.source not in sources:
        hint = did_you_mean(contract.source, sources) or "name it under 'sources'"
        source.report(("source",), f"registry.yml has no source '{contract.source}'", hint)
    for number, pattern in enumerate(contract.files):
        if pattern.startswith("/") or ".." in pattern.split("/"):
            source.report(("files", number), "a file pattern is a path below the exports folder")
        if matches_nothing(pattern):
            source.report(("files", number), "a file pattern that no name can match")
    _zone(source, ("zone",), contract.zone)
    check_fields(source, contract)
    check_issuers(source, contract, sources)
    check_code_sets(source, contract)
    _grammar_words(source, contract, codes)
    _courses(source, contract, codes)
    for number in repeated(record.rule for record in contract.records):
        source.report(("records", number, "rule"), f"two rules are named '{contract.records[number].rule}'")
    conditions = Conditions(source, Columns(dict.fromkeys(contract.source_columns, pl.String)))
    for number, record in enumerate(contract.records):
        _record(source, contract, record, ("records", number), codes)
        conditions.add(("records", number, "when"), record.when)
    conditions.finish()
    return conditions.trees


def repeated(names: Iterable[str]) -> list[int]:
    """Positions of the names that were given before."""
    listed = list(names)
    return [number for number, name in enumerate(listed) if name in listed[:number]]


def _grammar_words(source: Source, contract: Contract, codes: Codes | None) -> None:
    """Codes of the grammar fields, and the columns that the marks fill in."""
    targets = {column.name: column for column in items.columns("treatment", "staging")}
    for name, field in contract.fields.items():
        for domain, code in (("modality", field.modality), ("setting", field.setting)):
            if code is not None:
                check_code(source, ("fields", name, domain), domain, code, codes)
    for mark, values in contract.marks.items():
        for column, value in values.items():
            path = ("marks", mark, column)
            if column not in targets:
                source.report(path, f"'treatment' has no column '{column}'", did_you_mean(column, targets))
            else:
                check_constant(source, path, targets[column], value, codes)


def _courses(source: Source, contract: Contract, codes: Codes | None) -> None:
    """Courses that the notation names: blocks of known drugs and regimens, and the regimen that they are."""
    for text, regimen in contract.courses.items():
        path = ("courses", text)
        check_code(source, path, "regimen", regimen, codes)
        try:
            named = [block.name for block in blocks(text)]
        except ValueError:
            source.report(path, f"'{text[:40]}' is no course", f"{FORM}, {EXAMPLE}")
            continue
        known = codes.codes("drug") | codes.codes("regimen") if codes is not None else frozenset(named)
        for name in named:
            if name not in known:
                source.report(path, f"'{name[:40]}' is no code of 'drug' or 'regimen'", did_you_mean(name, known))


def _record(source: Source, contract: Contract, record: Record, path: Path, codes: Codes | None) -> None:
    wrong = {path[1] for path in source.broken if path[0] == "fields" and path[-1] == "grammar"}
    grammars = [name for name, field in contract.fields.items() if field.grammar is not None or name in wrong]
    if record.each is not None and record.each not in grammars:
        hint = did_you_mean(record.each, grammars) or "'each' names a field with a 'grammar'"
        source.report((*path, "each"), f"'{record.each}' is no field with a grammar", hint)
    if record.each is not None and record.record != "treatment":
        source.report((*path, "each"), "'each' delivers treatments only")
    _of_one_block(source, record, path)
    _complete(source, record, path)
    targets = {column.item.column: column for column in items.columns(record.record, "staging") if column.name != PSEUDONYM}
    for target, part in record.set.items():
        here = (*path, "set", target)
        _itself(source, record, target, part, here)
        _origins(source, contract, part, here, targets)
        if target == PERSON:
            _only(source, part, here, ("from_",))
        elif target in targets:
            _target(source, targets[target], part, here, codes)
        else:
            hint = f"the raw identifier is '{PERSON}'" if target == PSEUDONYM else did_you_mean(target, [*targets, PERSON])
            source.report(here, f"'{record.record}' has no column '{target}'", hint)


def _of_one_block(source: Source, record: Record, path: Path) -> None:
    """A number of cycles beside a cell that may have several blocks would be said of each of them."""
    one = f"{record.each}_components = '1'"
    if record.each is not None and "cycles" in record.set and one not in (record.when or ""):
        message = f"one number of cycles beside 'each: {record.each}' would be that of every block of a cell"
        advice = f"give the cells of one block a rule of their own, `when: {one}`, and the others one without 'cycles'"
        source.report((*path, "set", "cycles"), message, advice)


def _complete(source: Source, record: Record, path: Path) -> None:
    """Every column that a record cannot do without is set, has a default, or comes from the grammar."""
    given = {*record.set, *KEY_DEFAULTS, PSEUDONYM, *(GRAMMAR_TARGETS if record.each is not None else ())}
    needed = [column.name for column in items.columns(record.record, "staging") if not column.nullable]
    for column in (PERSON, *needed):
        if column not in given:
            source.report((*path, "set"), f"the rule '{record.rule}' does not set '{column}'")


def _origins(source: Source, contract: Contract, part: Mapping, path: Path, targets: Collection[str]) -> None:
    """The columns that a mapping reads exist; `targets` are those of the record it belongs to."""
    for key, column in part.reads():
        if column not in contract.source_columns:
            message = f"no field makes the column '{column}'"
            source.report(_below(source, path, key), message, did_you_mean(column, contract.source_columns))
    if part.same is not None and part.same not in targets:
        source.report((*path, "same"), f"the record has no column '{part.same}'", did_you_mean(part.same, targets))


def _target(source: Source, column: Column, part: Mapping, path: Path, codes: Codes | None) -> None:
    """The mapping gives what the column can hold."""
    if column.item.type == "interval":
        _date(source, part, path, codes)
        return
    _only(source, part, path, tuple(key for key in Mapping.model_fields if key not in (*DATE_PARTS, "after", "before")))
    if part.vocabulary is not None and part.vocabulary not in domains():
        source.report((*path, "vocabulary"), f"there is no vocabulary '{part.vocabulary}'", did_you_mean(part.vocabulary, domains()))
        return
    if part.vocabulary is not None and column.item.type != "text":
        source.report((*path, "vocabulary"), f"'{column.name}' holds no code")
        return
    _foreign(source, column, part, path, codes)
    if part.value is not None:
        check_constant(source, (*path, "value"), column, part.value, codes, domain=part.vocabulary)
    for key, code in part.map.items():
        check_mapped(source, (*path, "map", key), column, code, codes, domain=part.vocabulary)
    _unit(source, column, part, path)
    _only_where_it_belongs(source, column, part, path)


def _foreign(source: Source, column: Column, part: Mapping, path: Path, codes: Codes | None) -> None:
    """A vocabulary gives codes of the column's own list; that of drugs also the kind of treatment."""
    own = code_list(column)
    if codes is None or own is None or part.vocabulary in (None, own) or (column.name, part.vocabulary) == OF_DRUG:
        return
    if not codes.codes(part.vocabulary or "") <= codes.codes(own):
        source.report((*path, "vocabulary"), f"'{part.vocabulary}' has codes that '{column.name}' cannot hold (its list is '{own}')")


def _only_where_it_belongs(source: Source, column: Column, part: Mapping, path: Path) -> None:
    """Keys that have a meaning for some columns only."""
    if part.same is not None and column.name != "component_no":
        source.report((*path, "same"), "only 'component_no' can be found by what another record has")
    if part.beside is not None and column.item.domain not in ("marker_result", "histology"):
        source.report((*path, "beside"), f"'{column.name}' is no result of a receptor and no histology")
    if part.same in (*items.identity(TREATMENT), *items.intervals(TREATMENT)):
        source.report((*path, "same"), f"a component cannot be found by '{part.same}'", "name a column with a code, such as modality_code")
    if part.at_site is not None and column.item.domain != "procedure":
        source.report((*path, "at_site"), f"'{column.name}' is no operation")
    if part.within_text and code_list(column) is None:
        source.report((*path, "within_text"), f"'{column.name}' has no code list to look for within the text")
    if column.name == "subject_label" and not part.published:
        source.report(path, "a 'subject_label' is shown in reports", "write `published: true`, and only where it is no identifier")
    if column.name != "subject_label" and part.published:
        source.report((*path, "published"), "'published' belongs to 'subject_label'")


def _unit(source: Source, column: Column, part: Mapping, path: Path) -> None:
    """A unit that can be turned into the column's own; an unknown one was reported before."""
    if part.unit is None or part.unit not in known_units() or part.unit in (may_be := units_of(column.item.unit, column.item.domain)):
        return
    known = ", ".join(may_be)
    message = f"'{part.unit}' cannot be turned into the unit of '{column.name}'" if known else f"'{column.name}' is no measure with a unit"
    source.report((*path, "unit"), message, f"known: {known}" if known else "")


def _date(source: Source, part: Mapping, path: Path, codes: Codes | None) -> None:
    _only(source, part, path, ("from_", "value", "map", *DATE_PARTS, "days_per_month", "after", "before", "rounded_to"))
    for key, anchor in (("after", part.after), ("before", part.before)):
        _anchor(source, (*path, key), anchor, codes)
    _zone(source, (*path, "zone"), part.zone)
    for number, text in enumerate(part.formats):
        _format(source, (*path, "formats", number), text)
    for word, said in part.map.items():
        _said_date(source, part, (*path, "map", word), str(said))
    if part.value is not None:
        _said_date(source, part, (*path, "value"), str(part.value))


def _said_date(source: Source, part: Mapping, path: Path, text: str) -> None:
    """A date that the contract itself says can be read: a constant in one way only, what a map gives as a cell would be."""
    if part.duration is not None:
        if not parse_durations(pl.Series([text]), part.duration)["reason"].is_null().all():
            source.report(path, f"'{text[:40]}' is no number of {part.duration}")
        return
    reason = parse_dates(pl.Series([text]), part.formats, part.order)["reason"].item()
    if reason in NO_DATE or (part.value is not None and not ISO_DATE.match(text)):
        source.report(path, f"'{text[:40]}' is no date", "write YYYY-MM-DD, YYYY-MM or YYYY" if part.value is not None else "")


def _zone(source: Source, path: Path, zone: str | None) -> None:
    if zone is not None and not is_zone(zone):
        hint = did_you_mean(zone, available_timezones()) or "write the zone of the hospital, such as Europe/Berlin"
        source.report(path, f"the time zone database has no zone '{zone[:40]}'", hint)


def _format(source: Source, path: Path, text: str) -> None:
    try:
        format_pattern(text)
    except ValueError as error:
        source.report(path, str(error))


def _anchor(source: Source, path: Path, anchor: str | None, codes: Codes | None) -> None:
    if anchor is None or codes is None:
        return
    known = ANCHORS | codes.codes("event_type")
    if anchor not in known:
        source.report(path, f"'{anchor}' is no anchor", did_you_mean(anchor, known) or f"anchors: {', '.join(sorted(known))}")


def _itself(source: Source, record: Record, target: str, part: Mapping, path: Path) -> None:
    """No date counts from itself; a second event may count from the first of its kind."""
    kind, number = record.set.get("event_type_code"), record.set.get("event_no")
    is_first = number is None or str(number.value) == "1"
    own = kind.value if target == "event" and kind is not None and is_first else target
    for key in ("after", "before"):
        if getattr(part, key) is not None and getattr(part, key) == own:
            hint = "name another anchor, or leave it out: what others count from is day 0 by itself"
            source.report((*path, key), f"'{target}' cannot count from itself", hint)


def _only(source: Source, part: Mapping, path: Path, allowed: tuple[str, ...]) -> None:
    for key in sorted(part.model_fields_set):
        if key not in allowed:
            source.report(_below(source, path, key), f"'{key.rstrip('_')}' has no meaning for '{path[-1]}'")


def _below(source: Source, path: Path, key: str) -> Path:
    """Path of the key, or of the mapping itself where it is written as a bare text."""
    below = (*path, key.rstrip("_"))
    return below if below in source.lines else path
