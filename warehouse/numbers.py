"""Every published number: its id, its value and the query that lists the women behind it (`mart_number`).

`number_id` = study.output.row.column.arm in lower case, every run of other characters a `_`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from importlib.resources import files

import duckdb
import polars as pl
import sqlglot
from sqlglot import exp

from schemas import items
from schemas.core.errors import RefusedError
from schemas.study import id_part
from warehouse import ddl
from warehouse.digits import given

ALL = "all"
HELD = "held"
# What follows the name of a step for those who left at it, and for those of them who cannot be judged.
LEFT, UNDETERMINED = ".left", ".undetermined"
# What the query of `list_taken` is called where it is written out.
TAKEN = "taken"
# Stands for a day in a query `by_day`; no name has its sign.
DAY = exp.Placeholder(this="day")


def number_id(study: str, output: str, row: str, column: str, arm: str) -> str:
    """The id of one published number."""
    return ".".join(id_part(part) for part in (study, output, row, column, arm))


class Numbers:
    """The numbers of one study, registered as they are made and stored once all are there."""

    def __init__(self, study: str) -> None:
        self.study = study
        self._rows: dict[str, tuple[object, ...]] = {}

    def number(self, output: str, row: str, column: str, arm: str, *, value: float | None, subjects: exp.Expr | str) -> str:
        """Registers one number and gives its id; `subjects`, written out or not, selects the `patient_key` of each woman behind it.

        Raises RefusedError where another number of the study has the same id (two levels that differ in signs only).
        """
        name = number_id(self.study, output, row, column, arm)
        if name in self._rows:
            raise RefusedError(f"study {self.study}: two numbers would be called {name}: name their rows apart")
        sql = subjects if isinstance(subjects, str) else subjects.sql("duckdb", copy=False)
        self._rows[name] = (name, self.study, output, row, column, arm, given(value), sql)
        return name

    def withhold(self, nobody: exp.Expr) -> None:
        """Leaves the numbers of those held as they are; of all others only the id stays, without a value and with `nobody` behind it.

        A row of Table 2 is a woman, so it does not stay at all.
        """
        sql = nobody.sql("duckdb", copy=False)
        kept = {name: row for name, row in self._rows.items() if row[2] != "table_2"}
        self._rows = {name: row if _is_of_held(row) else (*row[:-2], None, sql) for name, row in kept.items()}

    def frame(self) -> pl.DataFrame:
        """One row per number, identified by number_id, sorted by it."""
        return pl.DataFrame(list(self._rows.values()), schema=items.polars_schema("mart_number"), orient="row").sort("number_id")

    def values(self) -> dict[str, float | None]:
        """The value of each number so far, by its id without the name of the study."""
        return {name.partition(".")[2]: row[-2] for name, row in self._rows.items()}  # type: ignore[misc]

    def store(self, con: duckdb.DuckDBPyConnection) -> None:
        """Writes the numbers into mart_number."""
        con.register("numbers_made", self.frame().to_arrow())
        names = [ddl.field(column.name) for column in items.columns("mart_number")]
        made = exp.insert(exp.select(*names).from_(ddl.named("numbers_made")), ddl.named("mart_number"))
        con.execute(made.sql("duckdb")).fetchall()
        con.unregister("numbers_made")


def _is_of_held(row: tuple[object, ...]) -> bool:
    """Whether a row of mart_number counts those who are held."""
    return row[2] == "cohort_counts" and str(row[3]).split(".")[0] == HELD


def subjects(table: str, study: str, arm: str, **equal: str | bool) -> exp.Select:
    """The women of a mart table of this study and arm (`all`: every arm), where the named columns have these values."""
    of_arm: dict[str, str | bool] = {} if arm == ALL else {"arm": arm}
    wanted = {"study": study, **of_arm, **equal}
    query = exp.select(exp.column("patient_key")).from_(exp.table_(table), copy=False)
    tests = [exp.EQ(this=exp.column(name), expression=exp.convert(value)) for name, value in wanted.items()]
    return query.where(*tests, copy=False)  # copies of hundreds of small queries cost more than they


def by_day(query: exp.Expr) -> Callable[[float], str]:
    """Gives a query over `DAY` for a day: those of the hundreds of steps of a curve differ in nothing else, so it is written out once."""
    written, sign = query.sql("duckdb", copy=False), DAY.sql("duckdb")
    return lambda day: written.replace(sign, str(day))


def analysed(study: str, arm: str) -> exp.Select:
    """The analysed women of an arm."""
    return subjects("mart_subject", study, arm, is_analysed=True)


def still_in(study: str, later_steps: Sequence[str]) -> exp.Select:
    """The women whom no step up to one has taken out: analysed, or taken out by a later step."""
    stays: exp.Expr = exp.column("is_analysed").is_(exp.true())
    if later_steps:
        stays = exp.or_(stays, exp.column("excluded_step").isin(*later_steps))
    return subjects("mart_subject", study, ALL).where(stays, copy=False)


def taken(study: str) -> exp.Select:
    """Persons without a row in mart_subject whose person or tumour record an error edit took away."""
    here = exp.column("patient_key")
    placed = exp.select(here).from_("mart_subject").where(exp.column("study").eq(study))
    of_kind = exp.column("record", quoted=True).isin("patient", "tumour")
    return exp.select(here).distinct().from_(_taken()).where(of_kind, here.isin(query=placed).not_())


def delivered() -> exp.Expr:
    """Everyone delivered: loaded, or taken away by an error edit."""
    return exp.union(exp.select("patient_key").from_("dim_patient"), exp.select("patient_key").from_(_taken()))


def held(study: str) -> exp.Union:
    """Everyone who is held: with a tumour that was loaded, or without."""
    return exp.union(subjects("mart_subject", study, ALL, excluded_step=HELD), taken(study))


@cache
def held_as(study: str) -> exp.Select:
    """Everyone who is held: `patient_key`, and `state`: her arm, `.left` where a step certainly excludes her, else `.undetermined`.

    Who has a tumour that was loaded keeps the arm that mart_subject gives her; else all that was delivered of her decides (mart_held).
    It is kept, one for each study: who changes it copies it before.
    """
    own, of_study = exp.column("arm", table="subject"), exp.column("study")
    subject = exp.select("patient_key", "arm").from_("mart_subject").where(of_study.eq(study)).subquery("subject")
    beside = exp.select("patient_key", "arm", "excluded_step").from_("mart_held").where(of_study.eq(study)).subquery("beside")
    left = exp.column("excluded_step", table="beside").neq(HELD)
    state = exp.case().when(own.is_(exp.null()).not_(), own).when(left, exp.convert(LEFT))
    state = state.else_(exp.func("coalesce", exp.column("arm", table="beside"), exp.convert(UNDETERMINED)))
    who = exp.select(exp.column("patient_key", table="held"), exp.alias_(state, "state"))
    who = who.from_(exp.alias_(held(study).subquery(), "held", table=True))
    for table in (subject, beside):
        on = exp.column("patient_key", table=table.alias).eq(exp.column("patient_key", table="held"))
        who = who.join(table, on=on, join_type="left")
    return who


def held_in(study: str, state: str) -> exp.Select:
    """The held women of one state (`held_as`)."""
    return exp.select("patient_key").from_(held_as(study).subquery("held_as")).where(exp.column("state").eq(state))


def without_tumour(study: str) -> exp.Select:
    """Persons that were loaded, of whom no tumour was delivered that the study may choose (`primary_site`)."""
    here = exp.column("patient_key")
    placed = exp.select(here).from_("mart_subject").where(exp.column("study").eq(study))
    gone = exp.select(here).from_(exp.alias_(taken(study).subquery(), "held", table=True))
    return exp.select(here).from_("dim_patient").where(here.isin(query=placed).not_(), here.isin(query=gone).not_())


def _taken() -> exp.Expr:
    """`list_taken` written out: a query of a published number stands on its own."""
    return _list_taken().subquery(TAKEN)


@cache
def _list_taken() -> exp.Select:
    text = files("warehouse").joinpath("mart", "list_taken.sql").read_text(encoding="utf-8")
    tree = sqlglot.parse_one(text, dialect="duckdb")
    assert isinstance(tree, exp.Select)
    return tree


def over_kept(query: exp.Expr) -> exp.Expr:
    """The same query over `list_taken` as it is kept while the numbers of a study are made: written out it reads every loaded record."""

    def kept(node: exp.Expr) -> exp.Expr:
        return exp.to_table("list_taken") if isinstance(node, exp.Subquery) and node.alias == TAKEN else node

    return query.transform(kept)


def with_time(study: str, endpoint: str, arm: str, *conditions: exp.Expr) -> exp.Select:
    """The women of an arm whom an endpoint is about, whose time has begun by the data cut-off, for whom further conditions hold."""
    begun = exp.func("coalesce", exp.column("cut_off_state"), exp.convert("")).neq("not_begun")
    return subjects("mart_time_to_event", study, arm, endpoint=endpoint).where(exp.column("is_among"), begun, *conditions, copy=False)
