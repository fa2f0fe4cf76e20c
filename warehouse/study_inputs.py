"""What the mart files read of one study: small parameter tables, and every condition of the study judged for every tumour.

A condition is an expression of the project; it is parsed against the allow-list and rewritten into two (certain, possible) by
`schemas.core.three_valued`. The SELECTs are built as expressions, so no text of a study is ever pasted into SQL.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files

import duckdb
import polars as pl
from sqlglot import exp

from schemas.candidate import CANDIDATE, Own, known
from schemas.items import RECORD_OF
from schemas.primary_site import prefixes
from schemas.study import EVENT, Endpoint, Study
from warehouse import ddl, own_reads
from warehouse.analysis_inputs import analysis_tables, late_dates

MAY_ENTER = "may_enter"
TRUE = "true"
# Number of the dates of censoring among the causes of an endpoint.
CENSORING = -1


def register_study(con: duckdb.DuckDBPyConnection, study: Study) -> None:
    """Makes the temporary tables that `warehouse/mart/*.sql` read beside the star, for this study only: its parameters, who leaves.

    `judged_step`: one row per tumour and step that does not certainly keep it; `possible`: whether it may (null: cannot be judged).
    """
    _parameters(con, study)
    parts = []
    for number, step in enumerate(study.steps):
        certain, possible = condition(step.keep, study.columns)
        stays = exp.Coalesce(this=certain, expressions=[exp.false()])
        part = _select(CANDIDATE, {"step_no": number}, {"patient_key": exp.column("patient_key"), "possible": possible})
        parts.append(part.where(exp.Not(this=stays), copy=False))
    store(con, "judged_step", parts, {"tumour_key": "BIGINT", "step_no": "INTEGER", "patient_key": "BIGINT", "possible": "BOOLEAN"})


def register_arms(con: duckdb.DuckDBPyConnection, study: Study) -> None:
    """The temporary tables of who is in which arm and group, for the tumours that no step certainly takes out (`list_out`)."""
    _may_enter(con, study)
    arms = [((number,), arm.when) for number, arm in enumerate(study.arms) if arm.when is not None]
    _judge(con, study, "judged_arm", ("arm_no",), arms)
    groups = [((group.arm, number), group.when) for number, group in enumerate(study.subgroups)]
    _judge(con, study, "judged_subgroup", ("arm", "subgroup_no"), groups)


def _may_enter(con: duckdb.DuckDBPyConnection, study: Study) -> None:
    """The rows of mart_candidate of these tumours, with the columns that arms and groups read: most are not in the study."""
    read = named_columns(study.columns, *(arm.when for arm in study.arms), *(group.when for group in study.subgroups))
    chosen = [ddl.field(column.name) for column in known(study.columns).carried if column.item.column in ("tumour_key", *read)]
    out = exp.select("tumour_key").from_("list_out")
    rows = exp.select(*chosen).from_(ddl.named(CANDIDATE)).where(exp.column("tumour_key").isin(query=out).not_())
    con.execute(ddl.temporary(MAY_ENTER, rows)).fetchall()


def register_outcomes(con: duckdb.DuckDBPyConnection, study: Study) -> None:
    """The temporary tables of what a study says of its women: variables and endpoints, for every row of mart_candidate as it stands."""
    _variables(con, study)
    _endpoints(con, study)


def condition(text: str, own: Own) -> tuple[exp.Expr, exp.Expr]:
    """A condition over mart_candidate as two expressions: certainly true, possibly true (null: cannot be judged).

    `own`: the columns that the study makes beside it.
    """
    pair = known(own).judged(text)
    return pair.certain, pair.possible


def scalar(text: str, own: Own) -> exp.Expr:
    """A text, number or flag over mart_candidate; a flag that asks for dates is true where it is certain."""
    return known(own).judged(text).certain


def named_columns(own: Own, *texts: str | None) -> tuple[str, ...]:
    """The columns and dates of mart_candidate and of the study that expressions name, sorted: what a number stands on."""
    return tuple(sorted(frozenset().union(*(_named(text, own) for text in texts if text))))


@cache
def _named(text: str, own: Own) -> frozenset[str]:
    """Kept: of each expression of a study it is asked at a dozen places."""
    return known(own).named(text)


def temporary(con: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame) -> None:
    """Makes a frame readable under `name` on this connection."""
    con.register(name, frame.to_arrow())


def _parameters(con: duckdb.DuckDBPyConnection, study: Study) -> None:
    choice = {
        "study": study.study,
        "tumour_choice": study.tumour,
        "days_per_month": float(study.days_per_month),
        "date_convention": study.date_convention,
        "takes_middle": study.takes_middle,
        "max_width_days": study.max_width_days,
        "death_date": study.death_date,
        "data_cut_off": study.data_cut_off,
    }
    temporary(con, "study_parameter", pl.DataFrame([choice], schema_overrides={"data_cut_off": pl.Date}))
    temporary(con, "study_site", pl.DataFrame({"prefix": prefixes(study.primary_site)}))
    steps = [(number, step.step, step.step in study.assume_met) for number, step in enumerate(study.steps)]
    temporary(con, "study_step", _frame(steps, {"step_no": pl.Int32, "step": pl.String, "is_assumed": pl.Boolean}))
    arms = [(number, arm.arm, arm.residual) for number, arm in enumerate(study.arms)]
    temporary(con, "study_arm", _frame(arms, {"arm_no": pl.Int32, "arm": pl.String, "is_residual": pl.Boolean}))
    groups = [(group.arm, number, group.subgroup) for number, group in enumerate(study.subgroups)]
    temporary(con, "study_subgroup", _frame(groups, {"arm": pl.String, "subgroup_no": pl.Int32, "subgroup": pl.String}))

    needs = [(part, number, record) for part, number, records in _needs(study) for record in sorted(records)]
    temporary(con, "study_need", _frame(needs, {"part": pl.String, "step_no": pl.Int32, "record": pl.String}))


def _needs(study: Study) -> Iterator[tuple[str, int | None, set[str]]]:
    """Kinds of record that each step, the arms and the study as a whole read; the tumour with whatever hangs on it."""
    own = study.columns
    arms = records_of(own, named_columns(own, *(arm.when for arm in study.arms))) | {"tumour"}
    groups, variables = (group.when for group in study.subgroups), (v for v in study.table_1)
    read = [*groups, *(text for variable in variables for text in (variable.value, variable.level, variable.of))]
    read += [text for endpoint in study.endpoints for text in endpoint.conditions]
    named = (*named_columns(own, *read), *(name for e in study.endpoints for name in (e.origin, *e.dates)), *late_dates(study))
    whole = records_of(own, named) | arms | {"patient"}
    if study.table_2 is not None:
        over_candidate = named_columns(own, *(column.text for column in study.table_2.columns if column.list is None))
        whole |= records_of(own, over_candidate) | {column.list for column in study.table_2.columns if column.list is not None}
    for number, step in enumerate(study.steps):
        records = records_of(own, named_columns(own, step.keep))
        records |= {"tumour"} if records - {"patient"} else set()
        whole |= records
        yield "step", number, records
    yield "arm", None, arms
    yield "study", None, whole


def records_read(study: Study) -> set[str]:
    """Kinds of staging record that a study reads anywhere, the person and the tumour among them."""
    return next(records for part, _, records in _needs(study) if part == "study")


@cache
def _column_sources() -> dict[str, frozenset[str]]:
    text = files("warehouse").joinpath("mart", "column_sources.csv").read_bytes()
    return {column: frozenset(sources.split()) for column, sources in pl.read_csv(text, comment_prefix="#").iter_rows()}


def sources_of(own: Own, *texts: str | None) -> list[str]:
    """Items of the star (`table.item`) that conditions over mart_candidate are made of, sorted."""
    return sorted(_sources(own, named_columns(own, *texts)))


def records_of(own: Own, columns: Iterable[str]) -> set[str]:
    """Kinds of staging record that columns and dates of mart_candidate and of the study are made of."""
    tables = {source.partition(".")[0] for source in _sources(own, columns)}
    return {RECORD_OF[table] for table in tables & RECORD_OF.keys()}


def _sources(own: Own, columns: Iterable[str]) -> frozenset[str]:
    """Items of the star behind columns: those of the study are made of records, and of other columns beside them."""
    names = set(columns)
    made = own_reads.needed(own, names)
    of_records = {source for column in made for source in own_reads.sources(own)[column.column]}
    beside = (names | own_reads.read_of_candidate(made)) - {column.column for column in own}
    return frozenset(of_records).union(*(_column_sources()[name] for name in beside))


def _frame(rows: Sequence[tuple[object, ...]], schema: Mapping[str, type[pl.DataType]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict(schema), orient="row")


def _judge(
    con: duckdb.DuckDBPyConnection, study: Study, table: str, keys: Sequence[str], rows: Iterable[tuple[Sequence[str | int], str]]
) -> None:
    """A temporary table with one row per tumour of MAY_ENTER and condition: the keys that name the condition, `certain`, `possible`."""
    parts = []
    for values, text in rows:
        certain, possible = condition(text, study.columns)
        parts.append(_select(MAY_ENTER, dict(zip(keys, values, strict=True)), {"certain": certain, "possible": possible}))
    types = {key: "VARCHAR" if key == "arm" else "INTEGER" for key in keys}
    store(con, table, parts, {"tumour_key": "BIGINT", **types, "certain": "BOOLEAN", "possible": "BOOLEAN"})


def _select(table: str, labels: Mapping[str, str | int | bool], values: Mapping[str, exp.Expr]) -> exp.Select:
    made: list[exp.Expr] = [exp.column("tumour_key")]
    made += [exp.alias_(exp.convert(value), name, quoted=True) for name, value in labels.items()]
    made += [exp.alias_(value, name, quoted=True) for name, value in values.items()]
    return exp.select(*made).from_(ddl.named(table))


def store(con: duckdb.DuckDBPyConnection, table: str, parts: Sequence[exp.Select], types: Mapping[str, str]) -> None:
    """Fills a new temporary table with the rows of the SELECTs, one after another."""
    fields = [exp.ColumnDef(this=ddl.identifier(name), kind=exp.DataType.build(kind, dialect="duckdb")) for name, kind in types.items()]
    made = exp.Create(this=exp.Schema(this=ddl.named(table), expressions=fields), kind="TABLE", replace=True, properties=ddl.only_here())
    con.execute(made.sql("duckdb")).fetchall()
    if parts:
        con.execute(exp.insert(ddl.stacked(parts), ddl.named(table), copy=False).sql("duckdb", copy=False)).fetchall()


def _variables(con: duckdb.DuckDBPyConnection, study: Study) -> None:
    parts = []
    every = [scalar(variable.level or variable.value or TRUE, study.columns) for variable in study.table_1]
    for variable, shown, is_flag in zip(study.table_1, every, _are_flags(con, every), strict=True):
        certain, possible = condition(variable.of or TRUE, study.columns)
        level = exp.cast(shown.copy(), "varchar") if variable.level else exp.cast(exp.null(), "varchar")
        value = exp.cast(shown.copy(), "double") if variable.value else exp.cast(exp.null(), "double")
        labels: dict[str, str | int | bool] = {
            "variable": variable.variable,
            "is_flag": is_flag,
            "is_restricted": variable.of is not None,
        }
        parts.append(_select(CANDIDATE, labels, {"certain": certain, "possible": possible, "level": level, "value": value}))
    types = {"tumour_key": "BIGINT", "variable": "VARCHAR", "is_flag": "BOOLEAN", "is_restricted": "BOOLEAN"}
    store(con, "judged_variable", parts, {**types, "certain": "BOOLEAN", "possible": "BOOLEAN", "level": "VARCHAR", "value": "DOUBLE"})


def _are_flags(con: duckdb.DuckDBPyConnection, values: Sequence[exp.Expr]) -> list[bool]:
    """Which of the values are true or false: asked of all at once, for the view behind them is planned anew by each query."""
    if not values:
        return []
    named = [exp.alias_(value, f"value_{place}") for place, value in enumerate(values)]  # a copy of each
    query = exp.select(*named).from_(ddl.named(CANDIDATE)).limit(0)
    return [str(kind) == "BOOLEAN" for kind in con.sql(query.sql("duckdb")).types]


def _endpoints(con: duckdb.DuckDBPyConnection, study: Study) -> None:
    """Origins, causes (number 0 is the event, those that compete follow), the dates of each (those of censoring have -1), who had which."""
    named = [(endpoint.endpoint, endpoint.origin) for endpoint in study.endpoints]
    temporary(con, "endpoint_parameter", _frame(named, {"endpoint": pl.String, "origin": pl.String}))
    for table, frame in analysis_tables(study).items():
        temporary(con, table, frame)
    causes = [(e.endpoint, number, name) for e in study.endpoints for number, (name, _, _) in enumerate(causes_of(e))]
    temporary(con, "endpoint_cause", _frame(causes, {"endpoint": pl.String, "cause_no": pl.Int32, "cause": pl.String}))
    ends = [(e.endpoint, number, name) for e in study.endpoints for number, (_, _, names) in enumerate(causes_of(e)) for name in names]
    ends += [(e.endpoint, CENSORING, name) for e in study.endpoints for name in e.censoring_dates]
    temporary(con, "endpoint_end", _frame(ends, {"endpoint": pl.String, "cause_no": pl.Int32, "date_name": pl.String}))
    types = {"tumour_key": "BIGINT", "endpoint": "VARCHAR", "cause_no": "INTEGER", "certain": "BOOLEAN", "possible": "BOOLEAN"}
    parts = [_caused(study, e, number, event) for e in study.endpoints for number, (_, event, _) in enumerate(causes_of(e))]
    store(con, "judged_endpoint", parts, {**types, "among_certain": "BOOLEAN", "among_possible": "BOOLEAN"})


def causes_of(endpoint: Endpoint) -> list[tuple[str, str, tuple[str, ...]]]:
    """What may end a time: name, condition and dates of the event and of each event that competes with it."""
    return [(EVENT, endpoint.event, endpoint.event_dates), *((other.competing, other.event, other.end) for other in endpoint.competing)]


def _caused(study: Study, endpoint: Endpoint, number: int, event: str) -> exp.Select:
    certain, possible = condition(event, study.columns)
    among_certain, among_possible = condition(endpoint.among or TRUE, study.columns)
    judged = {"certain": certain, "possible": possible, "among_certain": among_certain, "among_possible": among_possible}
    return _select(CANDIDATE, {"endpoint": endpoint.endpoint, "cause_no": number}, judged)
