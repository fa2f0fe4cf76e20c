"""An export in which the codes of a column mean something else overnight (1 and 2 turned round, counted from 0), its numbers have another
unit, or its days are all the same number of days off (an export that turned them into another zone).

Every cell is still a code that the contract knows, so nothing is unmapped, and with 0 and 1 for 1 and 2 half of them say the contrary. So
records are held against themselves in the file that the last release read: where those of one code nearly all have the code of others
now, and those others another, the codes have moved; where every number is the same times as large, its unit has. Spellings that come new
(`F` for `2`) are none of this: they are read or told. The file is refused alone, and its last good delivery stands in (DESIGN 2.9).
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from etl.nights.record_by_record import BEFORE, SameRecords
from etl.readers import RawTable
from schemas.contract import Contract
from schemas.core.errors import UnreadableError, few
from schemas.items import items

FEWEST, NEARLY = 3, 0.9  # records of a code, and the share of them that has gone over to one other
MANY, HALF = 20, 0.5  # records in all that say something else; half of a column that came to one other code
CODES = 100  # more different texts are no codes
UNLIKE, ROUNDED = 1.5, 0.1  # times as large that no mending explains, and how far whole numbers are from it
GROWS, GROWN = ("cycles", "fractions", "duration_years"), 10  # what goes on while a treatment does, and as much it does not
FORMS = ("%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y%m%d", "%d-%b-%Y")
NOT_KNOWN = ("", "unknown", "not known", "not stated", "not recorded")  # what a `map` says of a code that is no category
FIRST_YEAR = 1800  # a year of two digits is none of the first century
WHOLE = r"^[0-9]+(?:[.,][0-9]+)?$"


def check_recoded(raw: RawTable, held: SameRecords) -> None:
    """Raises UnreadableError where the codes of a column have moved, or its numbers have another unit, since the last release."""
    if held.is_accepted(raw.contract):
        return
    coded, numbers, days, going_on = kinds(raw.contract, held)
    found = [*_codes(raw.contract, held, coded), *_units(raw.contract, held, numbers), *_days(raw.contract, held, days, going_on)]
    if found:
        moved = "where the new codes or unit stay, change the `map`, `codes` or `unit` of the contract; where not, have it sent again"
        accept = f"where it is right and the earlier one was not, {held.accepting}"
        raise UnreadableError("recoded", f"{raw.file.name}: {'; '.join(few(found))}: {moved}; {accept}")


def kinds(contract: Contract, held: SameRecords, leaving_out: str = "") -> tuple[set[str], set[str], set[str], set[str]]:
    """The fields that are read as codes, as measures, and as days; and those days that go on by themselves (contacts). `leaving_out`: a
    record of which none are wanted.
    """
    roles: dict[str, set[str]] = {"code": set(), "measure": set(), "date": set(), "contact": set()}
    for rule in (one for one in contract.records if one.record != leaving_out):
        known = {item.column: item.role for item in items(rule.record, "staging")}
        for column, said in rule.set.items():
            name = contract.field_of(said.from_) if said.from_ else None
            if name is not None and column in known:
                role = {"flag": "code"}.get(known[column], known[column])
                role = "contact" if rule.record == "follow_up" and role == "date" else role
                roles.setdefault(role, set()).update(held.read_by(rule, name))
    coded, going_on = roles["code"], roles["contact"]
    return coded, roles["measure"] - coded, (roles["date"] | going_on) - coded, going_on


def _codes(contract: Contract, held: SameRecords, coded: set[str]) -> Iterator[str]:
    for name in held.fields:
        if name in coded and (n := _moved(contract, held, name)):
            of = f"{n:,} of {held.rows.height:,} records compared with the last release"
            yield f"column {held.told(contract, name)}: in {of} one code stands for another"


def _moved(contract: Contract, held: SameRecords, name: str) -> int:
    """How many records have a code that others had before, who have another one now; 0 where these are few."""
    was = pl.col(f"{name}{BEFORE}")
    both = held.rows.lazy().filter(pl.col(name).is_not_null(), was.is_not_null())
    counted = both.group_by(before=was, now=pl.col(name)).len().collect()
    of = counted.group_by("before").agg(pl.col("len").sum())
    if not 1 <= of.height <= CODES or (counted["before"] == counted["now"]).all():
        return 0
    n = dict(of.iter_rows())
    kept = {code: count for code, new, count in counted.iter_rows() if code == new}
    went = {code: (new, count) for code, new, count in counted.iter_rows() if new != code and count >= max(FEWEST, NEARLY * n[code])}
    left = {code for code in n if kept.get(code, 0) <= (1 - NEARLY) * n[code]}
    taken = sum(count for new, count in went.values() if n.get(new, 0) >= FEWEST and new in left)
    if taken >= MANY or (taken and sum(count for _, count in went.values()) >= max(FEWEST, HALF * sum(n.values()))):
        return sum(count for _, count in went.values())
    means = contract.fields[held.of(name)].map
    other = sum(count for code, (new, count) in went.items() if {code, new} <= means.keys() and _says_else(means[code], means[new]))
    return other if other >= max(MANY, HALF * sum(n.values())) else 0


def _says_else(before: str, now: str) -> bool:
    """Whether a known category became another one; what was not known may be known of all after a linkage."""
    return before != now and before.casefold() not in NOT_KNOWN


def _units(contract: Contract, held: SameRecords, numbers: set[str]) -> Iterator[str]:
    for name in held.fields:
        if name in numbers and (found := _times(contract, held, name)) is not None:
            times, n = found
            yield f"column {held.told(contract, name)}: {n:,} numbers are about {times:.3g} times as large as in the last release"


def _times(contract: Contract, held: SameRecords, name: str) -> tuple[float, int] | None:
    """How many times as large nearly all numbers are, and how many; None where they are not."""
    comma = contract.decimal_of(held.of(name)) == ","
    cells = held.rows.lazy().select(now=_number(pl.col(name), comma=comma), was=_number(pl.col(f"{name}{BEFORE}"), comma=comma))
    both = cells.filter(pl.col("now") > 0, pl.col("was") > 0).select(times=pl.col("now") / pl.col("was")).collect()["times"]
    middle = both.median()
    most = GROWN if _grows(contract, held, name) else UNLIKE
    if len(both) < MANY or not isinstance(middle, float) or 1 / UNLIKE < middle < most:
        return None
    like = int(((both / middle - 1).abs() <= ROUNDED).sum())
    return (middle, like) if like >= NEARLY * len(both) else None


def _grows(contract: Contract, held: SameRecords, name: str) -> bool:
    return any(
        said.from_ and contract.field_of(said.from_) == held.of(name) and name in held.read_by(rule, held.of(name))
        for rule in contract.records
        for one, said in rule.set.items()
        if one in GROWS
    )


def _number(cell: pl.Expr, *, comma: bool) -> pl.Expr:
    plain = pl.when(cell.str.contains(WHOLE)).then(cell)
    return (plain.str.replace(",", ".", literal=True) if comma else plain).cast(pl.Float64, strict=False)


def _days(contract: Contract, held: SameRecords, days: set[str], going_on: set[str]) -> Iterator[str]:
    for name in held.fields:
        if name in days and (found := _off(held.rows, name)) is not None and not (name in going_on and found[0] > 0):
            by, n = found
            way = "later" if by > 0 else "earlier"
            yield f"column {held.told(contract, name)}: {n:,} days are {abs(by):,} {way} than in the last release, all by as many"


def _is_custom(moved: pl.DataFrame, by: int) -> bool:
    """Whether these days never were days that differ: that of the export, which comes later with it (the end of what goes on), or the day
    that stands for a month or a year (1 January, now 1 July). One day more or less within it is no custom.
    """
    was = moved["was"]
    if by > 0 and was.n_unique() == 1:
        return True
    return abs(by) > 1 and was.dt.day().n_unique() == 1 and bool((was.dt.year() == moved["now"].dt.year()).all())


def _off(rows: pl.DataFrame, name: str) -> tuple[int, int] | None:
    """By how many days half of the days of a column or more are off, and how many; None where they are not.

    In whichever of the usual forms most can be read; in the order of day and month that is not theirs they are not off by as many.
    """
    changed = rows.select(now=pl.col(name), was=pl.col(f"{name}{BEFORE}")).drop_nulls()
    if changed.height < MANY or 2 * changed.filter(pl.col("now") != pl.col("was")).height < changed.height:
        return None
    for form in FORMS:
        both = changed.select(pl.all().str.to_date(form, strict=False)).filter(pl.all_horizontal(pl.all().dt.year() >= FIRST_YEAR))
        if both.height >= NEARLY * changed.height:
            off = both.with_columns(by=(pl.col("now") - pl.col("was")).dt.total_days())
            by, n = off.group_by("by").len().sort("len", "by").row(-1)
            is_told = by and n >= max(MANY, HALF * both.height) and not _is_custom(off.filter(pl.col("by") == by), by)
            return (by, n) if is_told else None
    return None
