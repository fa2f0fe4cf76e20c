"""A proposal as the text of a contract, with a word beside what is worth a look. Headers and counts, never a cell."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from etl.draft.columns import Column, Seen
from etl.draft.layout import Laid
from etl.draft.redcap import CHOICE, TICKS
from etl.draft.rules import NATIONAL, WHICH, Rule
from etl.draft.times import hint
from etl.draft.trial import Tried, persons
from schemas.contract import PERSON

PLAIN = re.compile(r"^[A-Za-z][A-Za-z0-9_]*$")
CHECKBOX = re.compile(r"___\d+$")
OTHER_TUMOUR = "; of another tumour of the same person: where one comes, write a rule as those above"
WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
DEFAULTS: dict[str, object] = {"encoding": "utf-8", "delimiter": ",", "quote": '"', "preamble_rows": 0, "header_rows": 1}


def text(contract: str, source: str, patterns: Sequence[str], table: Seen, tried: Tried) -> str:
    """The whole file."""
    lines = [
        f"# Proposed by `oncomart draft` from {table.n_rows:,} rows. Read every line before you use it: what is left out, or taken for",
        "# something else than it is, only somebody who knows the source can tell. What can be written: docs/contracts.md.",
        f"contract: {contract}",
        "contract_version: 1",
        f"title: {_value(contract.replace('_', ' ') + ': say what one row is')}",
        f"source: {source}",
        f"files: {json.dumps(list(patterns), ensure_ascii=False)}",
        "delivery: snapshot",
        f"format: {_flow(_format(table.laid))}{_footer(table.laid)}",
        "columns: open",
        *([f"codes: {tried.proposal.codes}  # by the headers; it says what the numbers mean"] if tried.proposal.codes else []),
        *_zone(tried),
        *_fields(tried, table.laid),
        *_records(tried, table.n_rows),
        *_unused(tried),
    ]
    return "\n".join(lines) + "\n"


def _zone(tried: Tried) -> Iterator[str]:
    """A word on instants: only the source knows where their days are meant."""
    if tried.zoneless:
        yield f"# zone: Europe/Berlin  # write where the days are meant: instants by UTC (2014-10-02T22:00Z) in {tried.zoneless}"


def _format(laid: Laid) -> Mapping[str, object]:
    usual = DEFAULTS | ({"header_rows": 0} if laid.places else {})
    return {key: value for key, value in laid.said.items() if key == "kind" or usual.get(key, object()) != value}


def _footer(laid: Laid) -> str:
    said = ["the file ends with a shorter row: a footer, or it is cut off"] if "footer_rows" in laid.said else []
    said += ["the encoding is that under which most headers are known: look at the letters of the others"] if laid.by_headers else []
    return f"  # {'; '.join(said)}" if said else ""


def _value(value: object) -> str:
    if isinstance(value, dict):
        return _flow(value)
    is_plain = isinstance(value, str) and PLAIN.match(value) and value.lower() not in WORDS
    return str(value) if is_plain else json.dumps(value, ensure_ascii=False)


def _flow(said: Mapping[str, object]) -> str:
    return "{" + ", ".join(f"{key}: {_value(value)}" for key, value in said.items()) + "}"


def _fields(tried: Tried, laid: Laid) -> Iterator[str]:
    """The fields in the order of the columns. An item of XML that no record has is not there: only the person's is required."""
    named = {str(rule.set[PERSON]) for rule in tried.proposal.rules}
    none = " {}  # no column is known by its header: name those that you use, `patient_id: {header: PatNo, identifier: hospital_number}`"
    yield "fields:" + ("" if tried.proposal.fields else none)
    for column in tried.columns:
        for name in _called(column, tried):
            required = {"required": True} if laid.said["kind"] != "naaccr_xml" or name in named else {}
            said = {"header": column.header, **required, **tried.proposal.fields[name]}
            yield f"  {name}: {_flow(said)}{_remark(column, name, tried)}"


def _called(column: Column, tried: Tried) -> list[str]:
    """The fields that read a column: its own, and those of another name."""
    others = [name for name, header in tried.proposal.headers.items() if header == column.header and name != column.name]
    return [name for name in (column.name, *others) if name in tried.proposal.fields]


def _remark(column: Column, name: str, tried: Tried) -> str:
    """What is worth a look at one column; nothing where all is well."""
    said = []
    if column.name in tried.by_cells:
        said.append("taken so by its cells, not by its header")
    if tried.long is None and (unread := tried.unread.get(column.header, 0)) > 0:
        said.append(f"{unread:,} of {column.filled:,} cells are not read")
    if column.differs:
        said.append(f"not every source means {column.meaning} by this header: leave it out where yours does not")
    if column.national and tried.proposal.fields[name].get("identifier") == "hospital_number":
        said.append("its cells look like national numbers: write `identifier: nric` if they are")
    said += _zeros(column, tried.proposal.fields[name].get("identifier"))
    said += _dates(column, _order(tried.columns))
    said += _all_dead(column, tried)
    if column.marked and "grammar" in tried.proposal.fields[name]:
        said.append(f"{column.marked:,} cells end with a mark: say under `marks` what it means")
    return f"  # {'; '.join(said)}" if said else ""


def _all_dead(column: Column, tried: Tried) -> Iterator[str]:
    """A day of death in every row: in some registries it is the day of the last contact of who is alive (`deathdate` of a trial)."""
    if column.meaning == "follow_up.death" and column.filled > 1 and column.filled == max(each.filled for each in tried.columns):
        yield "in every row: where some are alive it is their last contact, and the column of the status says for whom it is a death"


def _zeros(column: Column, identifier: object) -> Iterator[str]:
    """Numbers of a person that zeros fill up: a spreadsheet takes them off, here or in another file, and then she is two persons."""
    if isinstance(identifier, dict) and "digits" in identifier:
        lost = f"{column.unpadded:,} of {column.filled:,} cells have lost zeros in front"
        yield f"{lost}; where another file has lost them all, write `digits` there too"
    elif identifier == "hospital_number" and column.padded > 1:
        digits = f"`identifier: {{kind: hospital_number, digits: {column.padded}}}`"
        yield f"zeros in front: where another file of this source has lost them, write {digits} in both"


def _dates(column: Column, order: str = "") -> Iterator[str]:
    """What the cells leave open about dates of three numbers; `order`: that of the other columns."""
    if column.order is not None:
        against = min(column.first, column.second)
        yield f"{'day' if column.order == 'dmy' else 'month'} first in {max(column.first, column.second):,} cells" + (
            f", not in {against:,}" if against else ""
        )
    elif column.first:
        yield f"the day stands first in {column.first:,} cells and second in {column.second:,}: ask the source"
    elif column.open:
        others = {"dmy": "; other dates of the file have the day first", "mdy": "; other dates of the file have the month first"}
        yield f"no cell tells whether day or month stands first: write `order: dmy` or `order: mdy` where it is used{others.get(order, '')}"
    if column.short:
        yield f"{column.short:,} years of two digits: write `pivot` where it is used"


def _order(columns: Sequence[Column]) -> str:
    """The one order that the cells of a file prove, empty where they prove none or both."""
    proved = {column.order for column in columns if column.order is not None}
    return proved.pop() if len(proved) == 1 else ""


def _records(tried: Tried, n_rows: int) -> Iterator[str]:
    yield "records:"
    if not tried.proposal.rules:
        yield "  []  # no record can be made of the known headers: name the fields above, and write the records in the place of [], as"
        yield "  # - {rule: person, record: patient, set: {patient_id: {from: patient_id}, sex_code: {from: sex}}}"
    if tried.proposal.names_nobody:
        found = [json.dumps(header, ensure_ascii=False) for header in persons(tried.columns, n_rows)]
        yield f"  # no header says which column names the person: give it a field, and write it for {WHICH}"
        yield f"  # {'it may be ' + ' or '.join(found) if found else 'no column has a cell of its own in each row'}"
    if any(rule.rule.endswith(NATIONAL) for rule in tried.proposal.rules):
        yield "  # rows have one number or the other, so each rule stands twice; that both are one person's is found where a row has both"
        yield "  # and registry.yml says `deterministic: [patient_id, nric, hospital_number]` (docs/linkage.md)"
    for rule in tried.proposal.rules:
        unread = tried.unread.get(rule.of, 0) if rule.of is not None else 0
        yield from _rule(rule, f"  # {unread:,} rows are not read" if unread else "")


def _rule(rule: Rule, remark: str) -> Iterator[str]:
    yield f"  - rule: {rule.rule}{remark}"
    yield f"    record: {rule.record}"
    if rule.each is not None:
        yield f"    each: {rule.each}"
    if rule.when is not None:
        yield f"    when: {rule.when}"
    yield "    set:"
    for name, part in rule.set.items():
        yield f"      {name}: {_value(part)}"


def _unused(tried: Tried) -> Iterator[str]:
    """The columns that nothing is made of, and why."""
    if tried.long is not None and tried.long.unknown[0]:
        others, rows = tried.long.unknown
        yield f"# No record is made of {others:,} other texts of {json.dumps(tried.long.by.header, ensure_ascii=False)}, in {rows:,} rows."
    unused = [column for column in tried.columns if not _called(column, tried)]
    if unused:
        yield "# Not used, and told of as READ-EXTRA-COLUMN by each run:"
    for column in unused:
        why = [tried.proposal.left[column.name], *_dates(column)] if column.name in tried.proposal.left else [_looks(column)]
        yield f"#   {json.dumps(column.header, ensure_ascii=False)}: {'; '.join(why)}"


def _looks(column: Column) -> str:
    """What the cells of a column of no known meaning are, by their number and form."""
    if not column.filled:
        return f"empty{OTHER_TUMOUR}" if column.is_instance else "empty"
    if CHOICE.match(column.header):
        ticked = f"write a rule for it, `when: {column.name} in {TICKS}`"
        return f"{column.filled:,} cells; one choice of a REDCap checkbox: {ticked}; one that is not ticked says nothing"
    if CHECKBOX.search(column.header):
        return f"{column.filled:,} cells; a checkbox of REDCap: name its choices under `checkbox`"
    if (time := hint(column)) is not None:
        return f"{column.filled:,} cells; {time}"
    if column.typed or column.first + column.second + column.open > column.filled / 2:
        return f"{column.filled:,} cells, dates"
    return f"{column.filled:,} cells, {column.distinct:,} different texts"
