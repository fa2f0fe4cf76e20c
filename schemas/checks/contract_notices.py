"""What is no mistake in a contract, but worth a second look: `check` says it and nothing stops."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from sqlglot import exp

from schemas import items
from schemas.checks.never import Limits, never
from schemas.contract import PERSON, Contract, Identifier, Record
from schemas.core.date_shapes import DateRules
from schemas.core.errors import Mistake, few
from schemas.file_patterns import is_plain
from schemas.yaml_lines import Path, Source

# What was read of the conditions of a contract, by their places.
Conditions = Mapping[Path, exp.Expr]


def notices(source: Source, contract: Contract, conditions: Conditions) -> list[Mistake]:
    """Each notice once, in the order of the file's parts."""
    return list(
        dict.fromkeys(
            [
                *_one_name(source, contract),
                *_found_out(source, contract),
                *_unproved_orders(source, contract),
                *_births(source, contract),
                *_numberless(source, contract),
                *_half_numbered(source, contract),
                *_settingless(source, contract),
                *_overlaps(source, contract),
                *_mapped_away(source, contract, conditions),
                *_unmet(source, contract, conditions),
                *_one_number(source, contract),
                *_unused(source, contract, conditions),
            ]
        )
    )


def _one_name(source: Source, contract: Contract) -> Iterator[Mistake]:
    """Files that are to count together, and a name of which only one can: every delivery would take the place of the one before."""
    for number, name in enumerate(contract.files):
        if contract.delivery != "snapshot" and is_plain(name):
            message = (
                f"'{name}' is one name: with `delivery: {contract.delivery}` each delivery takes the place of the one before under its name"
            )
            hint = "give each delivery a name of its own (a date in it) and write `*` there; an export that holds everything is a snapshot"
            yield Mistake(source.file, source.line(("files", number)), message, hint)


def _found_out(source: Source, contract: Contract) -> Iterator[Mistake]:
    """What is decided from the bytes of each file: right tonight is no proof for tomorrow's file."""
    for key in contract.format.found_out:
        message = f"'{key}: auto' is decided anew from the bytes of each file"
        hint = "the report says what was found (READ-FOUND-OUT): write it here"
        yield Mistake(source.file, source.line(("format", key)), message, hint)


def _unproved_orders(source: Source, contract: Contract) -> Iterator[Mistake]:
    """Dates whose order of day and month nothing declares, all of a file in one notice: not wrong, but 03/04/2009 may stay two days."""
    open_: list[tuple[int | None, str]] = []
    short: list[tuple[int | None, str]] = []
    for number, record in enumerate(contract.records if contract.format.kind != "naaccr_xml" else ()):  # its dates are YYYYMMDD
        for target in items.intervals(record.record):
            part = record.set.get(target)
            if part is None or part.duration is not None:
                continue
            line = source.line(("records", number, "set", target))
            if DateRules(part.formats, part.order).is_open and part.month is None:
                open_.append((line, part.from_ or target))
            if part.pivot is None and any("%y" in text for text in part.formats):
                short.append((line, part.from_ or target))
    if open_:
        message = (
            f"nothing says whether day or month comes first in {_named(open_)}; of 03/04/2009 both days stay unless the file proves one"
        )
        hint = "declare `order: dmy` or `formats`; where the year stands first (2009-03-14) `formats: ['%Y-%m-%d']` says so"
        yield Mistake(source.file, open_[0][0], message, hint)
    if short:
        message = f"nothing says in which century the years of two digits in {_named(short)} lie; such dates stay ambiguous"
        yield Mistake(source.file, short[0][0], message, "declare `pivot: 1930` for 1930 to 2029")


def _named(columns: list[tuple[int | None, str]]) -> str:
    """The columns, each once."""
    return ", ".join(few(dict.fromkeys(f"'{name}'" for _, name in columns)))


def _births(source: Source, contract: Contract) -> Iterator[Mistake]:
    """A birth that identifies is compared only where a record of the patient holds it."""
    told = any(record.record == "patient" and "birth" in record.set for record in contract.records)
    for name, field in contract.fields.items():
        if isinstance(field.identifier, Identifier) and field.identifier.kind == "birth" and not told:
            message = f"no rule sets the birth of the patient from '{name}': linkage has no birth to compare for this file"
            yield Mistake(source.file, source.line(("fields", name)), message, "add a record `patient` that sets `birth`")


def _numberless(source: Source, contract: Contract) -> Iterator[Mistake]:
    """Tumours that nothing numbers: a second primary is told from the first by side, site and diagnosis alone."""
    for number, record in enumerate(contract.records):
        if record.record == "tumour" and "tumour_no" not in record.set:
            message = f"the rule '{record.rule}' sets no 'tumour_no': tumours are told apart by side, site and date of diagnosis alone"
            hint = "set it from the export, or to `{value: 1}` where every person has one tumour (docs/linkage.md)"
            yield Mistake(source.file, source.line(("records", number, "set")), message, hint)
            return


def _half_numbered(source: Source, contract: Contract) -> Iterator[Mistake]:
    """Records of a numbered tumour that do not say its number: the tumour they belong to is then found by their person alone."""
    numbers = {rule.set["tumour_no"].from_ for rule in contract.records if rule.record == "tumour" and "tumour_no" in rule.set}
    named = sorted(number for number in numbers if number is not None)
    for place, rule in enumerate(contract.records):
        if named and "tumour_no" in items.identity(rule.record) and "tumour_no" not in rule.set:
            message = f"the rule '{rule.rule}' sets no 'tumour_no', though the tumours of this file have the number in '{named[0]}'"
            hint = f"`tumour_no: {named[0]}`, if the row is about that tumour; else its records go to the only tumour, or to the first"
            yield Mistake(source.file, source.line(("records", place, "set")), message, hint)


def _settingless(source: Source, contract: Contract) -> Iterator[Mistake]:
    """Treatments of no setting, all of a file in one notice: what a study asks of the primary treatment does not count them."""
    rules = [(place, rule) for place, rule in enumerate(contract.records) if rule.record == "treatment"]
    said = [rule for _, rule in rules if _has_setting(rule, contract)]
    found = [(place, rule) for place, rule in rules if rule not in said and not _is_piece(rule, said)]
    if found:
        message = f"nothing says in which setting the treatments of {_named([(None, rule.rule) for _, rule in found])} were given"
        hint = (
            "`setting: adjuvant` in a field with a grammar, else `setting_code`; `primary` for the operation of the primary: "
            "without it 'operation', 'has_primary_chemotherapy' and the like are empty"
        )
        yield Mistake(source.file, source.line(("records", found[0][0])), f"{message}, unless their cells say it", hint)


def _has_setting(rule: Record, contract: Contract) -> bool:
    """Whether a rule, or the field of its grammar, says the setting."""
    field = contract.fields.get(rule.each or "")
    return "setting_code" in rule.set or (field is not None and field.setting is not None)


def _is_piece(rule: Record, others: list[Record]) -> bool:
    """Whether a rule adds to a component of another rule, which says the setting: one it finds, or one of the same course."""
    component, course = rule.set.get("component_no"), rule.set.get("course_code")
    return component is not None and (component.same is not None or any(course == other.set.get("course_code") for other in others))


def _overlaps(source: Source, contract: Contract) -> Iterator[Mistake]:
    """Columns of a layout that share characters: mostly a slip in `start` or `width`, now and then a part of a date."""
    places = sorted(contract.layout, key=lambda place: (place.start, place.end))
    for one, other in pairwise(places):
        if other.start <= one.end:
            message = f"'{one.header}' and '{other.header}' of the layout share the characters {other.start} to {min(one.end, other.end)}"
            yield Mistake(source.file, source.line(("format", "layout")), message, "compare 'start' and 'width' with the record layout")


def _mapped_away(source: Source, contract: Contract, conditions: Conditions) -> Iterator[Mistake]:
    """Conditions on a text that the field's own map has turned into another before: they never hold."""
    for rule, path, tree in _with_condition(contract, conditions):
        for name, text in _compared(tree):
            turned = contract.fields[name].map if name in contract.fields else {}
            if text in turned and text not in turned.values():
                message = f"the rule '{rule.rule}' compares '{name}' with '{text}', which the map of the field turns into '{turned[text]}'"
                hint = "compare it with what the map makes, or leave the map to the columns of 'set'"
                yield Mistake(source.file, source.line(path), message, hint)


def _unmet(source: Source, contract: Contract, conditions: Conditions) -> Iterator[Mistake]:
    """Conditions that no row can meet; an empty cell is null, and no text."""
    limits = Limits(empty_is_null=not any("" in field.map.values() for field in contract.fields.values()))
    for rule, path, tree in _with_condition(contract, conditions):
        if not isinstance(tree, exp.Boolean) and (why := never([tree], limits)):
            message = f"no row can meet the condition of the rule '{rule.rule}': {why}"
            hint = "an empty cell is asked for by `is null`" if "''" in (rule.when or "") else ""
            yield Mistake(source.file, source.line(path), message, hint)


def _with_condition(contract: Contract, conditions: Conditions) -> Iterator[tuple[Record, Path, exp.Expr]]:
    """The rules that have a condition, each with its place and what was read of it."""
    places = ((rule, ("records", place, "when")) for place, rule in enumerate(contract.records))
    yield from ((rule, path, conditions[path]) for rule, path in places if path in conditions)


def _compared(tree: exp.Expr) -> Iterator[tuple[str, str]]:
    """Each source column and text that a condition compares."""
    for node in tree.find_all(exp.EQ, exp.NEQ, exp.In):
        sides = list(node.iter_expressions())
        texts = [side.name for side in sides if isinstance(side, exp.Literal) and side.is_string]
        yield from ((side.name, text) for side in sides if isinstance(side, exp.Column) for text in texts)


def _one_number(source: Source, contract: Contract) -> Iterator[Mistake]:
    """Rules of one kind of event without numbers of their own that say different things: what each delivers first becomes one event."""
    by_kind: dict[str, list[int]] = {}
    for place, rule in enumerate(contract.records):
        if rule.record == "event" and "event_type_code" in rule.set and "event_no" not in rule.set:
            by_kind.setdefault(repr(rule.set["event_type_code"]), []).append(place)
    for places in by_kind.values():
        rules = [contract.records[place] for place in places]
        if differ := _differ(rules):
            names, kind = few([rule.rule for rule in rules]), rules[0].set["event_type_code"].value
            message = (
                f"the rules {', '.join(names)} count their events{f' of the kind {kind}' if kind else ''} each from 1: the first of each "
                f"become one event, and of {', '.join(few(differ))} one word is kept"
            )
            hint = (
                "where they are events of their own, give each rule its number: `event_no: {value: 1}`, `event_no: {value: 2}`, in a rule "
                'with `repeat` `event_no: {value: "{n}"}`, of rows that are numbered `event_no: {from: instance, map: {"1": 11}}`'
            )
            yield Mistake(source.file, source.line(("records", places[1], "set")), message, hint)


def _differ(rules: list[Record]) -> list[str]:
    """The columns that two of the rules make of different things; parts of one event share none but its person, tumour and kind."""
    told: dict[str, set[str]] = {}
    for rule in rules:
        for target, part in rule.set.items():
            # windows and durations are intersected with what another rule says of the date
            if target not in (PERSON, "tumour_no", "event_type_code") and part.bound is None and part.duration is None:
                told.setdefault(target, set()).add(repr(part))
    return sorted(target for target, parts in told.items() if len(parts) > 1)


def _unused(source: Source, contract: Contract, conditions: Conditions) -> Iterator[Mistake]:
    """Fields that no record reads: not wrong, but their cells go nowhere."""
    # what tells which row a later one replaces, or whose a number is, though no record holds it
    used: set[str] = {*contract.key, *contract.issuer_fields}
    for record in contract.records:
        used |= {record.each or "", *(column for part in record.set.values() for _, column in part.reads())}
    used |= {column.name for tree in conditions.values() for column in tree.find_all(exp.Column)}
    idle = [name for name, field in contract.fields.items() if not field.identifier and not used & set(field.columns(name))]
    if idle:
        hint = "use them under 'records'" + ("" if contract.columns == "exact" else ", or leave them out")
        yield Mistake(source.file, source.line(("fields", idle[0])), f"no record reads the fields {', '.join(few(idle))}", hint)
