"""What became of the pieces of a record: their fate, what contradicts what was kept, and what was compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from etl.linking.dates import CALENDAR, OFFSETS, interval_names
from etl.linking.groups import begins, firsts
from etl.linking.pieces import EXPLAINS, GROUP, UNKNOWN, given_columns, natural_key, plain_columns
from etl.linking.survivorship import CONTACT
from schemas.core.ids import ROW_BITS, SEPARATOR
from schemas.items import WINDOW_PARTS, intervals, polars_schema
from schemas.linkage import Rule

# What contradicts what was kept, and the columns in which a rule of survivorship kept another's word.
NOTES = ("conflicts", "earlier")
NOTHING = pl.Series("compared", [], dtype=pl.String)
DEATH = "death"
FATES = pl.Enum(["goes_on", "duplicate", "merged"])


def judged(
    record: str, groups: pl.DataFrame, united: pl.DataFrame, rules: Mapping[str, Rule]
) -> tuple[pl.Series, dict[str, pl.Series], pl.Series]:
    """The fate of the pieces, NOTES about them, and what was compared (Merged.compared).

    `conflicts` of NOTES: the columns in which a piece contradicts what was kept, blank-separated (null: none), each followed by the place
    of the row that delivered what was kept. Where a rule of survivorship decides, an earlier state is no contradiction: its columns are
    listed under `earlier`, unless it is certainly no earlier state (`_no_earlier`).
    """
    given = given_columns(groups)
    said = [name for name in polars_schema(record) if name in given and name not in natural_key(record)]
    # where no two pieces of a record have a value in a column, none contradicts another
    once = {c for c in given if c in united.columns and groups[c].null_count() - united[c].null_count() == groups.height - united.height}
    plain = [c for c in plain_columns(record) if c in given - once and c not in EXPLAINS.get(record, {})]
    every = {c: _differs(c, groups.schema[c]) for c in plain}
    every |= {name: test for name in intervals(record) if (test := _apart(name, given)) is not None}
    parts = {c: [part for part in _parts(c, (*CALENDAR, *OFFSETS), plain) if part in said] for c in every}
    # one after the other: what was kept, for every piece, is as much as the pieces
    found = {c: _true(test, groups, united, parts[c]).alias(c) for c, test in every.items()}
    late = {c: found[c] & later for c in plain if c in rules and (later := _no_earlier(c, rules[c], groups, united)) is not None}
    late = {c: told for c, told in late.items() if told.any()}
    named = pl.DataFrame([late.get(c, told) for c, told in found.items() if c not in rules or c in late])
    ruled = pl.DataFrame([told & ~late[c] if c in late else told for c, told in found.items() if c in rules])
    says = {c: _says(c, groups.schema[c]) if c in plain else _has_date(c, given) for c in named.columns}
    kept = [united[c].gather(groups[GROUP]).alias(f"kept_{c}") for c in late]
    notes = {
        "conflicts": _words(named, groups.with_columns(kept), says | {c: pl.col(c) == pl.col(f"kept_{c}") for c in late}),
        "earlier": _earlier(ruled, groups.height),
    }
    return _fate(groups, said), notes, _compared(named, groups, united[said], {c: _parts(c, WINDOW_PARTS, plain) for c in named.columns})


def _no_earlier(column: str, rule: Rule, groups: pl.DataFrame, united: pl.DataFrame) -> pl.Series | None:
    """Which pieces cannot be an earlier state of what a rule kept, where they differ from it; null where no day tells.

    That is an `alive` on a day after she was reported dead (where no day of death is known, for then an edit compares the two), and under
    `with_latest` a state whose day is not before that of the kept one.
    """
    days = interval_names(CONTACT, ("earliest_date", "latest_date"))
    if rule not in ("dead_wins", "with_latest") or not {column, *days} <= {*groups.columns} & {*united.columns}:
        return None
    death = [name for name in interval_names(DEATH, (*CALENDAR[:2], *OFFSETS[:2])) if name in united.columns and name in groups.columns]
    early, late = (pl.col(day) for day in days)
    is_kept = pl.col(column) == pl.col(f"kept_{column}")
    if rule == "dead_wins":
        undated = pl.all_horizontal(pl.lit(value=True), *(pl.col(f"kept_{name}").is_null() for name in death))
        test = undated & (early > late.filter(is_kept).min().over(GROUP))
    else:
        test = late >= early.filter(is_kept).max().over(GROUP)
    return _true(test, groups, united, [column, GROUP, *days, *death])


def _parts(column: str, parts: Sequence[str], plain: Sequence[str]) -> list[str]:
    """The columns in which a plain column, or these parts of a date, stand."""
    return [column] if column in plain else interval_names(column, parts)


def _true(test: pl.Expr, groups: pl.DataFrame, united: pl.DataFrame, columns: Sequence[str]) -> pl.Series:
    """In which rows a test is true that looks at these columns of the pieces and at what was kept of them (`kept_`)."""
    kept = [united[name].gather(groups[GROUP]).alias(f"kept_{name}") for name in columns]
    return pl.DataFrame([*groups[columns].get_columns(), *kept]).select(test.fill_null(value=False)).to_series()


def _earlier(ruled: pl.DataFrame, n: int) -> pl.Series:
    """The names of the columns that are true in each of `n` rows; null where none is."""
    if not ruled.width:
        return pl.repeat(None, n, dtype=pl.String, eager=True)
    words = [pl.when(name).then(pl.lit(name)) for name in ruled.columns]
    return ruled.select(pl.concat_str(words, separator=" ", ignore_nulls=True).replace("", None)).to_series()


def _words(tests: pl.DataFrame, groups: pl.DataFrame, says: Mapping[str, pl.Expr]) -> pl.Series:
    """The names of the columns that are true in each row, `column(file:row)` with the row whose word was kept; null where none is.

    `says` tells of each column whether a piece has a value in it.
    """
    if not tests.width:
        return pl.Series("conflicts", [None] * groups.height, dtype=pl.String)
    is_any = tests.select(pl.any_horizontal(pl.all())).to_series()
    held = groups.with_columns(tests.rename(lambda name: f"not {name}")).with_row_index("row").with_columns(is_any=is_any)
    held = held.filter(pl.col(GROUP).is_in(groups[GROUP].filter(is_any).unique().implode()))
    place = pl.format("{}:{}", pl.col("source_file").cast(pl.String), pl.col("source_row_id") % (1 << ROW_BITS))
    kept = {name: place.filter(~pl.col(f"not {name}") & has).first().over(GROUP) for name, has in says.items()}
    words = [pl.when(f"not {c}").then(pl.coalesce(pl.format("{}({})", pl.lit(c), kept[c]), pl.lit(c))) for c in tests.columns]
    few = held.select("row", "is_any", conflicts=pl.concat_str(words, separator=" ", ignore_nulls=True)).filter("is_any").drop("is_any")
    rows = pl.DataFrame({"row": pl.int_range(groups.height, dtype=pl.get_index_type(), eager=True)})
    return rows.join(few, on="row", how="left", maintain_order="left")["conflicts"]


def _compared(tests: pl.DataFrame, groups: pl.DataFrame, united: pl.DataFrame, parts: Mapping[str, Sequence[str]]) -> pl.Series:
    """One text per row in which a test is true, in the order of the rows: for each such column the value of the piece and the kept one.

    `united`: the columns in which any piece has a value. `parts`: for each test its columns. Only these few rows are looked at.
    """
    if not tests.width:
        return NOTHING
    at = tests.select(pl.any_horizontal(pl.all())).to_series().arg_true()
    if at.is_empty():
        return NOTHING
    some, texts = tests[at], []
    group = groups[GROUP].gather(at)
    for name in (name for name in tests.columns if some[name].any()):
        sides = []
        for part in parts[name]:
            sides += [groups[part].gather(at)] if part in groups.columns else []
            sides += [united[part].gather(group).alias(f"kept_{part}")] if part in united.columns else []
        says = pl.DataFrame(sides).select(pl.all().cast(pl.String).fill_null(""))
        text = says.select(pl.concat_str(pl.lit(name), pl.all(), separator=SEPARATOR)).to_series()
        texts.append(pl.DataFrame({"is_so": some[name], name: text}).select(pl.when("is_so").then(name).alias(name)).to_series())
    return pl.DataFrame(texts).select(compared=pl.concat_str(pl.all(), separator=SEPARATOR, ignore_nulls=True)).to_series()


def _says(column: str, kind: pl.DataType) -> pl.Expr:
    says = pl.col(column).is_not_null()
    return says & (pl.col(column) != UNKNOWN) if kind in (pl.String, pl.Categorical) else says


def _has_date(interval: str, given: set[str]) -> pl.Expr:
    """Whether a piece has that date, on either axis."""
    return pl.any_horizontal(pl.col(name).is_not_null() for part in (*CALENDAR, *OFFSETS) if (name := f"{interval}_{part}") in given)


def _fate(groups: pl.DataFrame, said: list[str]) -> pl.Series:
    """The first piece goes on; one that says exactly what an earlier one said is a duplicate; the others are merged."""
    goes_on, duplicate, merged = (pl.lit(fate, FATES) for fate in FATES.categories)
    fate = pl.when(begins(groups[GROUP])).then(goes_on).when(_repeats(groups, said)).then(duplicate).otherwise(merged)
    return groups.select(fate.alias("fate")).to_series()


def _repeats(groups: pl.DataFrame, said: list[str]) -> pl.Series:
    """Which pieces say exactly what an earlier one of their group said."""
    same = groups.select(GROUP, pl.col(said).to_physical())  # of two equal codes the numbers are equal, and quicker to hash
    hashes = same.hash_rows()
    starts = begins(groups[GROUP])
    repeats = ~begins(hashes)  # of two pieces, which nearly all groups have, one look at the row before is enough
    third = (~starts & ~starts.shift(fill_value=True)).arg_true()
    if third.is_empty():
        return repeats
    many = groups[GROUP].is_in(groups[GROUP].gather(third).implode())
    return repeats.scatter(many.arg_true(), ~firsts(hashes.filter(many)))


def _differs(column: str, kind: pl.DataType) -> pl.Expr:
    differs = pl.col(column) != pl.col(f"kept_{column}")
    return differs & (pl.col(column) != UNKNOWN) if kind in (pl.String, pl.Categorical) else differs


def _apart(interval: str, given: set[str]) -> pl.Expr | None:
    """The piece and what was kept cannot both be true, or its anchor was not used; null where no piece has that date."""
    name = {part: f"{interval}_{part}" for part in (*CALENDAR, *OFFSETS)}
    has = {part for part in name if name[part] in given}
    tests = [pl.col(name["anchor"]) != pl.col(f"kept_{name['anchor']}")] if "anchor" in has else []
    for low, high in (("earliest_date", "latest_date"), ("earliest_offset_days", "latest_offset_days")):
        if {low, high} <= has:
            tests += [pl.col(name[low]) > pl.col(f"kept_{name[high]}"), pl.col(name[high]) < pl.col(f"kept_{name[low]}")]
    return pl.any_horizontal(test.fill_null(value=False) for test in tests) if tests else None
