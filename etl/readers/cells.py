"""The cells of one file as the text columns of its contract's fields: trimmed, null where nothing is said, checked for form."""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from etl.readers.headers import Columns
from etl.readers.parsed import CellNotice, Parsed, typed
from schemas.checks.codes import NO, YES
from schemas.contract import CHOICE, PERSON, TYPED, Contract, Field, Identifier

# What an export of checkboxes has beside the words of yes_no.csv.
TICKED, UNTICKED = (*YES, "checked", "x"), (*NO, "unchecked")
# What Excel makes of a long number: its digits are gone.
SCIENTIFIC = r"^[+-]?\d+(?:[.,]\d+)?[eE][+]?\d+$"
AT_ONCE = 2  # columns that are trimmed together
GROUPED = r"^\d+(?:[\s-]\d+)+$"
ANYTHING = r"(?s:.*)"
WHOLE, ZERO_TAIL = r"^\d+(?:[.,]0+)?$", r"[.,]0+$"


@dataclass
class Read:
    """`rows`: `source_row`, one String column per field, the columns of checkboxes, and `<field>__typed` where cells are real dates.

    `noticed`: what was met in single cells, by header.
    """

    rows: pl.DataFrame
    noticed: list[tuple[str, CellNotice]]


def fields(whole: pl.DataFrame, parsed: Parsed, contract: Contract, columns: Columns) -> Read:
    """The fields of all whole rows; `whole` loses the columns that are read, for both together take too much memory."""
    read = Read(_texts(whole, contract, columns), [])
    place_of = {place: name for name, place in columns.places.items() if place is not None}
    rows = set(whole["source_row"].to_list()) if parsed.cells else set()
    for notice in parsed.cells:
        field = contract.fields.get(place_of.get(notice.place, ""))
        if field is not None and field.identifier is not True and rows.issuperset(notice.rows):
            read.noticed.append((columns.headers[notice.place], notice))
    for name, field in contract.fields.items():
        place = columns.places[name]
        if field.checkbox:
            _checkbox(read, whole, name, field, columns.choices[name])
        elif place is not None and field.identifier is not True:
            if _is_numbered(contract, name):
                _not_dated(read, name, columns.headers[place], place)
            beside = _forms_beside(contract, columns, name)
            where = (columns.headers[place], place)
            _with_form(read, name, field, where, beside, names_person=_names_person(contract, name))
    # In one piece each, for whatever meets pieces of different lengths cuts them anew, every time.
    for number, column in enumerate(read.rows.get_columns()):
        read.rows.replace_column(number, column.rechunk())
    return read


def _texts(whole: pl.DataFrame, contract: Contract, columns: Columns) -> pl.DataFrame:
    """`Read.rows` before their form is looked at: some columns at a time, or all cells would be in memory three times."""
    trimmed, said = _trimmed(whole, contract, columns), _said(contract, columns)
    names, found = list(trimmed), [whole["source_row"]]
    reads = {name: _place(name.removesuffix(TYPED), contract, columns) for name in names}
    for some in (names[place : place + AT_ONCE] for place in range(0, len(names), AT_ONCE)):
        cells = whole.lazy().select("source_row", **{name: trimmed[name] for name in some})  # in a step of its own: each cell once
        read = cells.with_columns(said[name].alias(name) for name in some if name in said).collect()
        found += [read[name].rechunk() for name in some]
        done = {reads.pop(name) for name in some} - {*reads.values(), None}
        for place in done:
            whole.drop_in_place(str(place))
    return pl.DataFrame(found)


def _trimmed(whole: pl.DataFrame, contract: Contract, columns: Columns) -> dict[str, pl.Expr]:
    """One text column per field, trimmed outside, unchanged inside (`identifier: true`: null), and whether its cells are real dates."""
    cells: dict[str, pl.Expr] = {}
    for name in contract.fields:
        place = _place(name, contract, columns)
        cells[name] = pl.lit(None, pl.String) if place is None else pl.col(str(place)).str.strip_chars()
        if place is not None and typed(place) in whole.columns:
            cells[f"{name}{TYPED}"] = pl.col(typed(place)).cast(pl.Boolean)
    return cells


def _said(contract: Contract, columns: Columns) -> dict[str, pl.Expr]:
    """The trimmed texts of `_trimmed` of which blank and null tokens are null."""
    cells: dict[str, pl.Expr] = {}
    for name, field in contract.fields.items():
        if _place(name, contract, columns) is None:
            continue
        text, tokens = pl.col(name), [*contract.null_tokens, *field.null_tokens]
        is_said = (text != "") & text.is_in(tokens).not_() if tokens else text != ""
        cells[name] = pl.when(is_said).then(text)
    return cells


def _place(name: str, contract: Contract, columns: Columns) -> int | None:
    """Where the cells of a field stand; None where they are not read as they are."""
    field = contract.fields[name]
    return None if field.identifier is True or field.checkbox else columns.places[name]


def _names_person(contract: Contract, name: str) -> bool:
    """Whether records are told apart by this field: then a rounded number would bring strangers together."""
    return _is_numbered(contract, name) or name in contract.key or bool(contract.fields[name].identifier)


def _is_numbered(contract: Contract, name: str) -> bool:
    """Whether the field is the number of a person."""
    identifier = contract.fields[name].identifier
    is_number = isinstance(identifier, Identifier) and identifier.kind in ("nric", "hospital_number")
    return is_number or any(rule.set[PERSON].from_ == name for rule in contract.records if PERSON in rule.set)


def _not_dated(read: Read, name: str, header: str, place: int) -> None:
    """Empty the cells of a person's number of which a spreadsheet has made dates: 12-3 is 12 March then, of the year of typing."""
    dated = read.rows.get_column(f"{name}{TYPED}", default=None)
    if dated is not None and dated.any():
        text = _emptied(read, read.rows[name], dated, ("READ-LOST-DIGITS", header, place))
        read.rows = read.rows.with_columns(text)


def _forms_beside(contract: Contract, columns: Columns, name: str) -> str | None:
    """What cells of a column look like that are those of another field of it; None where no other field has a form.

    What none of the fields takes is told by the first of them: for the others every cell but their own is another's.
    """
    named = [other for other, field in contract.fields.items() if field.form is not None and columns.places[other] == columns.places[name]]
    if len(named) < 2 or name not in named:
        return None
    return "|".join(_taken(contract.fields[other]) for other in named[1:]) if name == named[0] else ANYTHING


def _taken(field: Field) -> str:
    """What a field with a form takes: cells in that form, and with `digits` shorter numbers too, to which zeros are put back."""
    shorter = rf"|\d(?:[\s-]?\d){{0,{field.digits - 1}}}(?:[.,]0+)?" if field.digits is not None else ""
    return f"(?:{field.form}){shorter}"


def _with_form(read: Read, name: str, field: Field, where: tuple[str, int], beside: str | None, *, names_person: bool) -> None:
    """Numbers without their lost digits, lost leading zeros put back, other texts than the form allows emptied; each noticed."""
    if not names_person and field.digits is None and field.form is None:
        return
    if field.form is not None or field.digits is None:
        _put_right(read, name, field, where, beside)
        return
    text = read.rows[name]
    # most have all their digits and nothing else: only the others are looked at
    odd = (~text.str.contains(f"^[0-9]{{{field.digits}}}$")).fill_null(value=False).arg_true()
    part = Read(read.rows.select("source_row", name)[odd], [])
    _put_right(part, name, field, where, None)
    read.noticed += [(header, replace(notice, judged=len(text))) for header, notice in part.noticed]
    if len(odd):
        read.rows = read.rows.with_columns(text.scatter(odd, part.rows[name]))


def _put_right(read: Read, name: str, field: Field, where: tuple[str, int], beside: str | None) -> None:
    """The cells of one field in their form; those that another field of the same column takes are none of its own."""
    text = read.rows[name]
    if beside is not None:
        theirs = text.str.contains(f"^(?:{beside})$") & ~text.str.contains(f"^(?:{_taken(field)})$")
        text = text.set(theirs.fill_null(value=False), None)
    rounded = text.str.contains(SCIENTIFIC).fill_null(value=False)
    text = _emptied(read, text, rounded, ("READ-LOST-DIGITS", *where))
    if field.digits is not None:
        text = _together(text, field.digits)
        whole = text.str.contains(WHOLE).fill_null(value=False)
        plain = text.to_frame().select(pl.when(whole).then(pl.col(name).str.replace(ZERO_TAIL, "")).otherwise(pl.col(name))).to_series()
        too_short = whole & (plain.str.len_chars() < field.digits).fill_null(value=False)
        _note(read, too_short, ("READ-LEADING-ZEROS", *where))
        filled = plain.to_frame().select(pl.when(too_short).then(pl.col(name).str.zfill(field.digits)).otherwise(pl.col(name))).to_series()
        fits = whole & (filled.str.len_chars() == field.digits)
        text = _emptied(read, filled, ~fits.fill_null(value=True) & filled.is_not_null(), ("READ-FORM", *where))
    if field.form is not None:
        fits = text.str.contains(f"^(?:{field.form})$").fill_null(value=True)
        text = _emptied(read, text, ~fits, ("READ-FORM", *where))
    read.rows = read.rows.with_columns(text.alias(name))


def _together(text: pl.Series, digits: int) -> pl.Series:
    """Numbers written in groups (943 476 5919) as one, where the groups make the length: they are no other number's spelling."""
    joined = pl.col(text.name).str.replace_all(r"[\s-]", "")
    grouped = pl.col(text.name).str.contains(GROUPED) & (joined.str.len_chars() == digits)
    return text.to_frame().select(pl.when(grouped).then(joined).otherwise(pl.col(text.name))).to_series()


def _emptied(read: Read, text: pl.Series, wrong: pl.Series, about: tuple[str, str, int]) -> pl.Series:
    _note(read, wrong, about)
    return text.set(wrong, None) if wrong.any() else text


def _note(read: Read, wrong: pl.Series, about: tuple[str, str, int]) -> None:
    edit, header, place = about
    read.noticed.append((header, CellNotice(edit, place, read.rows["source_row"].filter(wrong).to_list(), len(wrong))))


def _ticked(cells: pl.Series) -> tuple[pl.Expr, pl.Expr]:
    """Whether cells are ticked, and whether they say neither yes nor no: asked of the distinct texts, of which there are few."""
    said = cells.unique().drop_nulls()
    plain = said.str.strip_chars().str.to_lowercase()
    is_known = plain.is_in(["", *TICKED, *UNTICKED])
    told = (said.filter(plain.is_in(TICKED)), said.filter(~is_known))
    ticked, neither = (pl.col(cells.name).is_in(texts.implode()).fill_null(value=False) for texts in told)
    return ticked, neither


def _checkbox(read: Read, whole: pl.DataFrame, name: str, field: Field, choices: dict[str, int]) -> None:
    """The text of the choice that is ticked; of several only where the contract says how they are joined."""
    header = field.headers(name)[0]
    made: dict[str, pl.Expr] = {}
    ticks: list[pl.Expr] = []
    bad = pl.lit(value=False)
    for choice, text in field.checkbox.items():
        if choice not in choices:
            column = pl.lit(None, pl.String)
        else:
            is_ticked, is_neither = _ticked(whole[str(choices[choice])])
            bad |= is_neither
            ticks.append(pl.when(is_ticked).then(pl.lit(text)))
            column = pl.when(is_ticked).then(pl.lit("yes"))
        if CHOICE.match(choice):
            made[f"{name}_{choice}"] = column
    joined = pl.concat_str(ticks, separator=field.separator or " ", ignore_nulls=True) if ticks else pl.lit(None, pl.String)
    n = pl.sum_horizontal(tick.is_not_null() for tick in ticks) if ticks else pl.lit(0)
    bad |= (n > 1) if field.separator is None else pl.lit(value=False)
    made |= {name: pl.when((n > 0) & ~bad).then(joined), "bad": bad}
    found = whole.lazy().with_columns(**made).select(*made).collect()  # a choice that was not delivered says the same in every row
    _note(read, found["bad"], ("READ-CHECKBOX", header, next(iter(choices.values()), 0)))
    read.rows = read.rows.with_columns(column for column in found.get_columns() if column.name != "bad")
