"""Some rows of a file tell of other women than those of before under their numbers: a part of it came from another hospital.

An upsert of twenty rows that was meant for another registry finds twenty of our numbers and writes other women over ours, and no share of
all records tells of it; so does half of a snapshot (same_numbers.py asks of all of it). But a woman keeps her birth, her diagnosis and the
size of her tumour: where a row has a birth of another year, and another year of diagnosis or size beside it, it is somebody else's (where
no birth comes, another year of diagnosis). What surgery finds, nodes and a size measured anew, is hers. The file is refused alone, and its
last good delivery stands in (DESIGN 2.9).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import polars as pl

from etl.nights.recoded import FORMS
from etl.nights.record_by_record import BEFORE, SameRecords
from etl.readers import RawTable
from schemas.contract import Contract
from schemas.core.errors import UnreadableError

# So many rows are somebody else's, and so large a share of those compared (of an upsert: of those that say something new).
ARE_OTHERS = ((3, 0.5), (5, 0.25), (20, 0.1))
YEAR = 366  # days: a day, a month or the order of both may be put right, and a day stand for a month or a year
LIKE = 0.8  # of the greater of two sizes: a size of less is another tumour's
TWO = 2  # things that differ; one is a correction
BIRTH, AGE = "birth", "age_at_diagnosis_years"  # one tells the other, so they are one thing
DAYS, SIZES = ("diagnosis", "treatment_start", "enrolment"), ("tumour_size_mm",)  # of a tumour what does not change by itself
FIRST, LAST, NO_DAY = date(1901, 1, 1), date(2100, 1, 1), date(1970, 1, 1)  # what stands for a day that is not known


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
    births, days = _differ(contract, held, (BIRTH,)), _differ(contract, held, DAYS)
    every = births | days | _differ(contract, held, SIZES if births else (*SIZES, AGE))
    if len(every) < TWO:
        return pl.lit(value=False)
    n, of = (pl.sum_horizontal(way(one).cast(pl.Int32) for one in every.values()) for way in (_certainly, pl.Expr.is_not_null))
    has_birth = _any(one.is_not_null() for one in births.values())
    is_hers = _any((~one).fill_null(value=False) for one in births.values())
    is_hers |= ~has_birth & _any((~one).fill_null(value=False) for one in days.values())
    is_hers |= _any(pl.col(a).eq(pl.col(f"{b}{BEFORE}")).fill_null(value=False) for a in births for b in every if b != a)
    return (n >= TWO) & (2 * n > of) & ~is_hers


def _any(those: Iterable[pl.Expr]) -> pl.Expr:
    return pl.any_horizontal(pl.lit(value=False), *those)


def _certainly(differs: pl.Expr) -> pl.Expr:
    return differs.fill_null(value=False)


def _differ(contract: Contract, held: SameRecords, columns: Sequence[str]) -> dict[str, pl.Expr]:
    """By field, of each of these days and numbers whether it differs; null where one of both is not known."""
    found: dict[str, pl.Expr] = {}
    for rule in contract.records:
        for column, said in ((one, rule.set[one]) for one in columns if one in rule.set):
            name = contract.field_of(said.from_) if said.from_ else None
            if name is not None and said.duration is None:
                fields = [one for one in held.read_by(rule, name) if one in held.fields]
                found |= {one: _days_apart(held, one) if column in (BIRTH, *DAYS) else _unlike(one) for one in fields}
    return found


def _days_apart(held: SameRecords, name: str) -> pl.Expr:
    """Whether two days are more than a YEAR apart, in whichever of the usual forms most can be read."""
    forms = [[pl.col(side).str.to_date(form, strict=False) for side in (name, f"{name}{BEFORE}")] for form in FORMS]
    read = held.rows.select((now.is_not_null() & was.is_not_null()).sum().alias(str(n)) for n, (now, was) in enumerate(forms)).row(0)
    now, was = forms[read.index(max(read))]
    are_days = pl.all_horizontal(one.is_between(FIRST, LAST) & (one != NO_DAY) for one in (now, was))
    return pl.when(are_days).then((now - was).dt.total_days().abs() > YEAR)


def _unlike(name: str) -> pl.Expr:
    now, was = (pl.col(side).str.replace(",", ".", literal=True).cast(pl.Float64, strict=False) for side in (name, f"{name}{BEFORE}"))
    return pl.min_horizontal(now, was) < LIKE * pl.max_horizontal(now, was)


def _is_new(held: SameRecords) -> pl.Expr:
    return _any(pl.col(name).ne_missing(pl.col(f"{name}{BEFORE}")) for name in held.fields)
