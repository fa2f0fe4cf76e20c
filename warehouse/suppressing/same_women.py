"""Which counts in two tables of a study are of the same women: a level of Table 1 and a subgroup, or whom an endpoint is `among`.

Each table divides the analysed women into cells. Where some cells of one table hold exactly the women of some cells of another, a
reader may know it, and what one table tells of them the other cannot hide. It is found in the women themselves and not in the
conditions, since the same thing can be said in many ways.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import duckdb
import polars as pl
from sqlglot import exp

from schemas.study import Endpoint, Study
from warehouse import ddl, mart
from warehouse.suppressing.analyses import grid_of
from warehouse.suppressing.cells import STATES, in_group
from warehouse.suppressing.endpoint import Cell, cell_of, outside
from warehouse.survival.analyses import AT_RISK

# The file, and the variable or endpoint in it.
Table = tuple[str, str]
COHORT: Table = ("cohort_counts", "")
ENDPOINT = "survival"
KEY = "patient_key"
# Rows of a table, of another, and the women of both.
Met = tuple[int, int, int]
# Rows that chance puts within others as seldom as this are held to be a part of them: of 48 rows in 12 variables two or three pairs
# are so by chance, and hide a little more than they must.
CHANCE = 0.001
# What two tables have in common is told in pairs.
MOST_IN_PAIRS = 2


class Group(NamedTuple):
    """A row of the cohort counts below the arms: a subgroup, or who is in none."""

    subgroup: str | None


# A group, a level (or state) of Table 1, or a cell of an endpoint without its arm.
Row = Group | str | Cell
AsRow = Callable[[Sequence[Any]], Row]
Told = tuple[Table, pl.DataFrame, AsRow]


class Same(NamedTuple):
    """Cells of two tables that hold the same women, or (`is_part`) of which the first hold a part of those of the others."""

    tables: tuple[Table, Table]
    cells: tuple[frozenset[Hashable], frozenset[Hashable]]
    is_part: bool = False


class _InSeveral(NamedTuple):
    """Women of one arm who are in the same of several endpoints, with one row there (`outside`: they are in none)."""

    arm: str
    of: tuple[bool, ...]
    row: Row


class Overlap(NamedTuple):
    """Three endpoints or more that know the same time of a woman whom two of them are about. `cells`: women by arm, by the endpoints they
    are in, and by their row there; `same`: by table the cells of it, and those of these that hold the same women."""

    tables: tuple[Table, ...]
    cells: Mapping[Hashable, int]
    same: tuple[tuple[Table, frozenset[Hashable], frozenset[Hashable]], ...]


@dataclass(frozen=True)
class Places:
    """Where each woman stands. `women`: one row per analysed woman, her arm and by table (its number in `rows`) the number of her row in
    that table, whatever her arm."""

    women: pl.DataFrame
    rows: dict[Table, list[Row]]

    def same(self, one: Table, other: Table) -> Iterator[Same]:
        """The smallest sets of cells of two tables that hold the same women, where those are not all.

        A condition is the same in every arm, so it must be so in all of them: in an arm of 13 many rows hold the same one by chance.
        A subgroup is of one arm.
        """
        for of, found in self._met(one, other, self.rows[one]):
            yield from self._pairs(one, other, of, found if len(found) > 1 else ())

    def parts(self, one: Table, other: Table) -> Iterator[Same]:
        """The smallest sets of cells of an endpoint whose women all have the same time in another, as deaths `among` some women have; and
        the rows of Table 1, or subgroups, whose women all stand in some rows of another table, as a distant recurrence is a recurrence.

        Of endpoints with different times all cells hang together, and nothing is said.
        """
        if ENDPOINT not in (one[0], other[0]):
            yield from self._within(one, other)
            return
        about = [row for row in self.rows[one] if row != outside("")]
        if one[0] != ENDPOINT or other[0] != ENDPOINT or len(about) == len(self.rows[one]):
            return
        for of, found in self._met(one, other, about):
            told = found if len(found) > 1 else ()
            yield from (pair._replace(is_part=True) for pair in self._pairs(one, other, of, told))

    def _within(self, one: Table, other: Table) -> Iterator[Same]:
        """Each row whose women stand in some rows of another table only, where chance would hardly have done it."""
        tables, arms = list(self.rows), self.women["arm"].unique().sort().to_list()
        left, right = str(tables.index(one)), str(tables.index(other))
        counted = self.women.group_by("arm", left, right).len().sort(pl.all())
        for of in [[arm] for arm in arms] if COHORT in (one, other) else [arms]:
            met = [*counted.filter(pl.col("arm").is_in(of)).drop("arm").iter_rows()]
            for row in sorted({row for row, _, _ in met}):
                those = {place for her, place, _ in met if her == row}
                whole, hers, outside_of = (sum(n for *_, n in some) for some in (met, _of_row(met, row), _beyond(met, those)))
                if outside_of and _by_chance(whole, hers, outside_of) < CHANCE:
                    yield from (pair._replace(is_part=True) for pair in self._pairs(one, other, of, [({row}, those)]))

    def overlaps(self) -> Iterator[Overlap]:
        """The endpoints of one time that are about women who overlap, three or more."""
        about = {table: sum(self.women[str(place)] != _outside(rows)) for place, (table, rows) in enumerate(self.rows.items())}
        sets: list[list[Table]] = []
        for table in sorted((table for table in self.rows if table[0] == ENDPOINT), key=lambda table: -about[table]):
            met = ((one, {self._has_one_time(table, other) for other in one}) for one in sets)
            found = next((one for one, said in met if said <= {True, None} and True in said), None)
            sets += [[table]] if found is None else []
            (found or []).append(table)
        yield from (self._overlap(tuple(one)) for one in sets if len(one) > MOST_IN_PAIRS)

    def _has_one_time(self, one: Table, other: Table) -> bool | None:
        """Whether each woman whom two endpoints are about has one row in both; None where there is no such woman."""
        tables, none = list(self.rows), outside("")
        met = self.women.select(str(tables.index(one)), str(tables.index(other))).unique()
        rows = [(self.rows[one][left], self.rows[other][right]) for left, right in met.iter_rows()]
        both = [pair for pair in rows if none not in pair]
        return all(left == right for left, right in both) if both else None

    def _overlap(self, tables: tuple[Table, ...]) -> Overlap:
        """What endpoints have in common; no woman is in endpoints, or has a time, that nobody of any arm has."""
        places, none = list(self.rows), outside("")
        counted = self.women.group_by("arm", *(str(places.index(table)) for table in tables)).len().sort(pl.all())
        women: dict[_InSeveral, int] = {}
        for arm, *stands, n in counted.iter_rows():
            rows = [self.rows[table][place] for table, place in zip(tables, stands, strict=True)]
            women[_InSeveral(arm, tuple(row != none for row in rows), next((row for row in rows if row != none), none))] = n
        arms, members, times = ({one.arm: 0 for one in women}, {one.of: 0 for one in women}, {one.row: 0 for one in women})
        every = [_InSeveral(arm, of, row) for arm in arms for of in members for row in times if any(of) == (row != none)]
        same = []
        for place, table in enumerate(tables):
            held: dict[Hashable, set[_InSeveral]] = {_cell(row, arm): set() for row in self.rows[table] for arm in arms}
            for one in every:
                held.setdefault(_cell(one.row if one.of[place] else none, one.arm), set()).add(one)
            same += [(table, frozenset({cell}), frozenset(those)) for cell, those in held.items()]
        return Overlap(tables, {one: women.get(one, 0) for one in every}, tuple(same))

    def _met(self, one: Table, other: Table, about: Collection[Row]) -> Iterator[tuple[list[str], list[tuple[set[int], set[int]]]]]:
        """What hangs together of the rows of two tables, of the first those that are asked for: in all arms, or in each."""
        tables, arms = list(self.rows), self.women["arm"].unique().sort().to_list()
        left, right = str(tables.index(one)), str(tables.index(other))
        met = self.women.select("arm", left, right).unique().sort(pl.all())
        met = met.filter(pl.col(left).is_in([place for place, row in enumerate(self.rows[one]) if row in about]))
        for of in [[arm] for arm in arms] if COHORT in (one, other) else [arms]:
            yield of, _joined(met.filter(pl.col("arm").is_in(of)).drop("arm").unique(maintain_order=True).iter_rows())

    def _pairs(self, one: Table, other: Table, of: Sequence[str], found: Iterable[tuple[set[int], set[int]]]) -> Iterator[Same]:
        for lefts, rights in found:
            for arm in of:
                yield Same((one, other), (self._cells(one, lefts, arm), self._cells(other, rights, arm)))

    def _cells(self, table: Table, rows: Iterable[int], arm: str) -> frozenset[Hashable]:
        return frozenset(_cell(self.rows[table][row], arm) for row in rows)


def _of_row(met: Iterable[Met], row: int) -> list[Met]:
    return [one for one in met if one[0] == row]


def _beyond(met: Iterable[Met], those: Collection[int]) -> list[Met]:
    return [one for one in met if one[1] not in those]


def _by_chance(whole: int, hers: int, outside_of: int) -> float:
    """How likely so many women, drawn from the whole, are none of those outside."""
    left, apart = whole - outside_of, whole - hers
    return math.exp(math.lgamma(left + 1) + math.lgamma(apart + 1) - math.lgamma(left - hers + 1) - math.lgamma(whole + 1))


def _outside(rows: Sequence[Row]) -> int:
    """The number of the row of those whom an endpoint is not about; one that no row has where it is about everyone."""
    return rows.index(outside("")) if outside("") in rows else len(rows)


def _cell(row: Row, arm: str) -> Hashable:
    """The cell of a table that a row is in an arm."""
    if isinstance(row, Cell):
        return row._replace(arm=f"{row.arm}{arm}")
    return in_group(arm, row.subgroup) if isinstance(row, Group) else (row, arm)


def _joined(met: Iterable[tuple[int, int]]) -> list[tuple[set[int], set[int]]]:
    """Cells of two tables that hang together, whichever way, because a woman stands in both."""
    found: list[tuple[set[int], set[int]]] = []
    for left, right in met:
        touching = [one for one in found if left in one[0] or right in one[1]]
        joined = {left}.union(*(one[0] for one in touching)), {right}.union(*(one[1] for one in touching))
        found = [*(one for one in found if one not in touching), joined]
    return found


def places(con: duckdb.DuckDBPyConnection, study: Study, published: Mapping[str, pl.DataFrame]) -> Places:
    """Where each analysed woman of a study, whose mart is filled, stands in its cohort counts, Table 1 and endpoints as published.

    `published`: by endpoint its `published_times`.
    """
    chosen = exp.select(KEY, "arm", "subgroup").from_("mart_subject").where(ddl.field("study").eq(study.study), ddl.field("is_analysed"))
    base = mart.frame(con, chosen).sort(KEY)
    women = base.select(KEY, "arm")
    rows: dict[Table, list[Row]] = {}
    groups = COHORT, base.select(KEY, "subgroup"), lambda said: Group(*said)
    for table, frame, row in (groups, *_of_variables(con, study), *_of_endpoints(study, women, published)):
        numbered, rows[table] = _numbered(frame, row, str(len(rows)))
        women = women.join(numbered, on=KEY, how="left", maintain_order="left")
    return Places(women.drop(KEY), rows)


def _numbered(frame: pl.DataFrame, row: AsRow, name: str) -> tuple[pl.DataFrame, list[Row]]:
    """The women of a table with the number of their row, worked out once for each distinct thing said; the rows in that order."""
    said = [column for column in frame.columns if column != KEY]
    distinct = frame.select(said).unique().sort(said)
    rows = [row(one) for one in distinct.iter_rows()]
    number = {one: place for place, one in enumerate(dict.fromkeys(rows))}
    distinct = distinct.with_columns(pl.Series(name, [number[one] for one in rows], dtype=pl.UInt32))
    return frame.join(distinct, on=said, how="left", nulls_equal=True).select(KEY, name), list(number)


def _of_variables(con: duckdb.DuckDBPyConnection, study: Study) -> Iterator[Told]:
    columns = (KEY, "variable", "level", "state")
    chosen = exp.select(*columns).from_("mart_subject_variable").where(ddl.field("study").eq(study.study))
    row = pl.when(pl.col("state").is_in(STATES)).then("state").otherwise("level").alias("row")
    found = mart.frame(con, chosen).select(KEY, "variable", row).partition_by("variable", as_dict=True, include_key=False)
    for variable in study.table_1:
        if (frame := found.get((variable.variable,))) is not None:
            yield ("table_1", variable.variable), frame, lambda said: str(said[0])


def _of_endpoints(study: Study, women: pl.DataFrame, published: Mapping[str, pl.DataFrame]) -> Iterator[Told]:
    for endpoint in study.endpoints:
        times = published[endpoint.endpoint].filter(pl.col("risk_state") == AT_RISK).with_columns(arm=pl.lit(""))
        frame = women.select(KEY).join(times, on=KEY, how="left")
        yield (ENDPOINT, endpoint.endpoint), frame.select(KEY, "arm", "point_days", "is_event", "cause"), _of_time(study, endpoint)


def _of_time(study: Study, endpoint: Endpoint) -> AsRow:
    grid = grid_of(study, endpoint)
    return lambda said: outside("") if said[0] is None else cell_of(endpoint, grid, (said[0], said[1], said[2], said[3]))
