"""Some rows of a file tell of other women than those of before under their numbers: a part of it came from another hospital.

An upsert of twenty rows that was meant for another registry finds twenty of our numbers and writes other women over ours, and no share of
all records tells of it; so does half of a snapshot (same_numbers.py asks of all of it). But a woman keeps her birth, her diagnosis and the
size of her tumour: where a row has a birth of another year, and another year of diagnosis or size beside it, it is somebody else's. The
file is refused alone, and its last good delivery stands in (DESIGN 2.9).
"""

from __future__ import annotations

import polars as pl

from etl.nights.recoded import FIRST_YEAR, FORMS
from etl.nights.record_by_record import BEFORE, SameRecords
from etl.readers import RawTable
from schemas.contract import Contract
from schemas.core.errors import UnreadableError
from schemas.items import items

# So many rows are somebody else's, and so large a share of those compared (of an upsert: of those that say something new).
ARE_OTHERS = ((3, 0.5), (5, 0.25), (20, 0.1))
YEAR = 366  # days: a day, a month or the order of both may be put right, and a day stand for a month or a year
LIKE = 0.8  # of the greater of two sizes: a size of less is another tumour's
TWO = 2  # things that differ; one is a correction
STAYS = {"patient": ("date",), "tumour": ("date", "measure")}  # of which records what is asked for does not change by itself


def check_some_other_women(raw: RawTable, held: SameRecords | None) -> None:
    """Raises UnreadableError where some rows of a snapshot or an upsert tell of others than those of the last release.

    `held`: its records beside those of before; those of an upsert beside all that counted.
    """
    if held is None or raw.contract.delivery == "append" or not raw.contract.expected_rows.of_last or held.is_accepted(raw.contract):
        return
    rows = held.rows.select(is_other=_is_other(raw.contract, held), is_new=_is_new(held))
    n, of = int(rows["is_other"].sum()), rows.height if raw.contract.delivery == "snapshot" else int(rows["is_new"].sum())
    if any(n >= fewest and n >= share * of for fewest, share in ARE_OTHERS):
        said = (
            f"{n:,} of {of:,} rows compared tell of other women than those of the last release under their numbers (birth, diagnosis, size)"
        )
        why = "a part of it is another source's, or some columns moved by a row"
        raise UnreadableError("other_women", f"{raw.file.name}: {said}: {why} (if it is right, {held.accepting})")


def _is_other(contract: Contract, held: SameRecords) -> pl.Expr:
    """Whether the birth of a row, where there is one, is another, and TWO and most of what can be compared with it.

    Cells that hold one another's values are the same woman's (exchanged_upsert.py).
    """
    births, others = (_differ(contract, held, record) for record in STAYS)
    every = births | others
    if len(every) < TWO:
        return pl.lit(value=False)
    n, of = (pl.sum_horizontal(way(one).cast(pl.Int32) for one in every.values()) for way in (_certainly, pl.Expr.is_not_null))
    is_hers = [(~one).fill_null(value=False) for one in births.values()]
    is_hers += [pl.col(a).eq(pl.col(f"{b}{BEFORE}")).fill_null(value=False) for a in births for b in others]
    return (n >= TWO) & (2 * n > of) & ~(pl.any_horizontal(is_hers) if is_hers else pl.lit(value=False))


def _certainly(differs: pl.Expr) -> pl.Expr:
    return differs.fill_null(value=False)


def _differ(contract: Contract, held: SameRecords, record: str) -> dict[str, pl.Expr]:
    """By field, of each day and size of a kind of record whether it differs; null where one of both is not known."""
    found: dict[str, pl.Expr] = {}
    for rule in (one for one in contract.records if one.record == record):
        roles = {item.column: item.role for item in items(record, "staging")}
        for column, said in rule.set.items():
            name = contract.field_of(said.from_) if said.from_ else None
            if name is not None and roles.get(column) in STAYS[record] and said.duration is None:
                fields = [one for one in held.read_by(rule, name) if one in held.fields]
                found |= {one: _days_apart(held, one) if roles[column] == "date" else _unlike(one) for one in fields}
    return found


def _days_apart(held: SameRecords, name: str) -> pl.Expr:
    """Whether two days are more than a YEAR apart, in whichever of the usual forms most can be read."""
    forms = [[pl.col(side).str.to_date(form, strict=False) for side in (name, f"{name}{BEFORE}")] for form in FORMS]
    read = held.rows.select((now.is_not_null() & was.is_not_null()).sum().alias(str(n)) for n, (now, was) in enumerate(forms)).row(0)
    now, was = forms[read.index(max(read))]
    are_days = (now.dt.year() >= FIRST_YEAR) & (was.dt.year() >= FIRST_YEAR)
    return pl.when(are_days).then((now - was).dt.total_days().abs() > YEAR)


def _unlike(name: str) -> pl.Expr:
    now, was = (pl.col(side).str.replace(",", ".", literal=True).cast(pl.Float64, strict=False) for side in (name, f"{name}{BEFORE}"))
    return pl.min_horizontal(now, was) < LIKE * pl.max_horizontal(now, was)


def _is_new(held: SameRecords) -> pl.Expr:
    return (
        pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}{BEFORE}")) for name in held.fields)
        if held.fields
        else pl.lit(value=False)
    )
