"""Checks of the fields of one contract: headers, the columns they make, the layout of a fixed-width file, the key of a row."""

from __future__ import annotations

import re
from collections import Counter

from schemas.contract import TYPED, Contract, Field
from schemas.core.errors import did_you_mean
from schemas.headings import loosely
from schemas.yaml_lines import Source

# Items of NAACCR XML: letters and digits, such as primarySite; an item that a writer has only numbered goes by its number.
Apart = tuple[str | None, str | None, str | None]
NAACCR_ID = re.compile(r"[A-Za-z][A-Za-z0-9]*|[0-9]+")


def ticked(header: str, choice: str) -> list[str]:
    """How the column is called in which REDCap says whether a choice is ticked; the minus of a code (-77) may be a low line there."""
    return list(dict.fromkeys(f"{header}___{code}" for code in (choice, choice.replace("-", "_"))))


def check_fields(source: Source, contract: Contract) -> None:
    """Report what is wrong with the fields as a whole."""
    _headers(source, contract)
    _columns(source, contract)
    _in_layout(source, contract)
    _naaccr_ids(source, contract)
    _key(source, contract)
    for name, field in contract.fields.items():
        if field.decimal is not None and contract.format.kind == "excel":
            source.report(("fields", name, "decimal"), "of a spreadsheet say 'decimal' once, under 'format'")


def read_headers(name: str, field: Field) -> list[str]:
    """Headers of the file that one field reads: of a checkbox one per choice."""
    headers = field.headers(name)
    return [column for header in headers for choice in field.checkbox for column in ticked(header, choice)] or list(headers)


def _apart(field: Field) -> Apart:
    """How a field takes its cells apart; all that do not are alike."""
    return (field.grammar, field.modality, field.setting) if field.grammar is not None else (field.pattern, field.form, None)


def _headers(source: Source, contract: Contract) -> None:
    """Two fields must not come from one header, unless they take its cells apart in ways of their own."""
    known: dict[tuple[str, Apart], str] = {}
    for name, field in contract.fields.items():
        for header in read_headers(name, field):
            plain = (loosely(header) if contract.headers == "loose" else header), _apart(field)
            if known.get(plain, name) != name:
                message = f"the fields '{known[plain]}' and '{name}' both read the header '{header}'"
                source.report(
                    ("fields", name),
                    message,
                    "one field is enough, 'records' may use it many times; two differ in pattern, form or grammar",
                )
            elif plain in known and contract.headers == "exact":
                source.report(("fields", name), f"the field '{name}' names the header '{header}' twice")
            known.setdefault(plain, name)


def _columns(source: Source, contract: Contract) -> None:
    """Two fields must not make one column, nor one that marks real dates of a spreadsheet."""
    known: dict[str, str] = {}
    for name, field in contract.fields.items():
        for column in field.columns(name):
            if known.get(column, name) != name:
                source.report(("fields", name), f"the fields '{known[column]}' and '{name}' both make the column '{column}'")
            elif column in known:
                source.report(("fields", name), f"the field '{name}' makes the column '{column}' twice")
            known.setdefault(column, name)
            if column.endswith(TYPED):
                source.report(("fields", name), f"a column must not end in '{TYPED}': those mark the real dates of a spreadsheet")


def _in_layout(source: Source, contract: Contract) -> None:
    """Each field of a fixed-width file is a column of its layout, and no line is too short for it."""
    if not contract.layout:
        return
    there = [place.header for place in contract.layout]
    plain = {loosely(header) for header in there} if contract.headers == "loose" else set(there)
    for name, field in contract.fields.items():
        for header in read_headers(name, field)[:1]:
            if not plain & {loosely(h) if contract.headers == "loose" else h for h in read_headers(name, field)}:
                source.report(("fields", name), f"the layout has no column '{header}'", did_you_mean(header, there))
    ends = max(place.end for place in contract.layout)
    if contract.format.line_length is not None and contract.format.line_length < ends:
        source.report(("format", "line_length"), f"the layout's last column ends at character {ends}, beyond 'line_length'")
    clashing = [header for header, n in Counter(map(loosely, there)).items() if n > 1] if contract.headers == "loose" else []
    if clashing:
        source.report(("headers",), "with 'headers: loose' two columns of the layout have the same name")


def _naaccr_ids(source: Source, contract: Contract) -> None:
    """Each field of a NAACCR XML file names an item that can be there."""
    if contract.format.kind != "naaccr_xml":
        return
    for name, field in contract.fields.items():
        for header in read_headers(name, field):
            if contract.headers == "exact" and NAACCR_ID.fullmatch(header) is None:
                hint = "write it under 'header', with letters and digits only, such as primarySite"
                source.report(("fields", name), f"'{header}' is no naaccrId", hint)


def _key(source: Source, contract: Contract) -> None:
    """The key of a row is made of fields that are read."""
    for number, name in enumerate(contract.key):
        field = contract.fields.get(name)
        if field is None:
            source.report(("key", number), f"no field is named '{name}'", did_you_mean(name, contract.fields))
        elif name not in field.columns(name):
            source.report(("key", number), f"the field '{name}' is never read: it cannot be part of the key")
