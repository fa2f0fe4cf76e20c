"""Which records a study's own column was made of: what `explain` says beside each record, part by part of the condition.

The queries are stored with the release (`own_columns.csv`), because `explain` reads no project.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import duckdb
import polars as pl
from sqlglot import exp

from schemas.candidate import CANDIDATE, of_rows
from schemas.core.three_valued import ThreeValued, three_valued
from schemas.study import Study
from schemas.study_column import ORDERED, SOURCES, StudyColumn
from warehouse import ddl
from warehouse.own_columns import RECORD_KEY, after, ranked_of, records, relations
from warehouse.own_reads import named, needed

# One row per study and own column. `records_sql`: one row per record of the tumours in `wanted_tumour`.
OWN_COLUMNS = {"study": pl.String, "column": pl.String, "table": pl.String, "records_sql": pl.String}
# How a number source says that a number reads a column that its study makes (`number_sources.csv`).
OWN = "own."
WANTED, OTHER = "wanted_base", "wanted_record"
STATES = ("counted", "open, not known: ", "not counted, does not hold: ")
Record = tuple[str, int]  # table of the star and key of its row


def own_columns(studies: Iterable[Study]) -> pl.DataFrame:
    """One row per study and column that it makes itself, with the query over its records."""
    rows = [
        (study.study, column.column, SOURCES[column.list].table, _listed(study, column).sql("duckdb"))
        for study in studies
        for column in study.columns
    ]
    return pl.DataFrame(rows, schema=OWN_COLUMNS, orient="row")


def judged(con: duckdb.DuckDBPyConnection, stored: pl.DataFrame, study: str, names: Sequence[str]) -> Mapping[Record, tuple[str, ...]]:
    """By record, a line for each of these columns of the study: whether the record was counted, and what does not hold of it.

    Leaves the keys of all of them on the connection, as `wanted_record`.
    """
    found: dict[Record, list[str]] = {}
    for name, table, sql in stored.filter(study=study).select("column", "table", "records_sql").iter_rows():
        if name in names:
            for key, line in _lines(name, con.sql(sql).fetchall()):
                found.setdefault((table, key), []).append(line)
    keys = pl.DataFrame({RECORD_KEY: [key for _, key in found]}, schema={RECORD_KEY: pl.Int64})
    con.register(OTHER, keys.unique().to_arrow())
    return {record: tuple(dict.fromkeys(lines)) for record, lines in found.items()}


def _lines(column: str, rows: Iterable[tuple[int, list[str], list[bool | None], list[bool | None]]]) -> Iterator[tuple[int, str]]:
    """One line per record: of a component with several drugs the best row stands for it, since one of them is enough."""
    best: dict[int, tuple[int, str]] = {}
    for key, conditions, certain, possible in rows:
        state, why = _state(conditions, certain, possible)
        best[key] = min(best.get(key, (len(STATES), "")), (state, why))
    for key, (state, why) in best.items():
        yield key, f"{column}: {STATES[state]}{why}"


def _state(conditions: Sequence[str], certain: Sequence[bool | None], possible: Sequence[bool | None]) -> tuple[int, str]:
    """Place in STATES, and the parts of the condition that are to blame."""
    out = [part for part, may in zip(conditions, possible, strict=True) if may is False]
    doubted = [part for part, does in zip(conditions, certain, strict=True) if not does]
    return (2, " and ".join(out)) if out else (1, " and ".join(doubted)) if doubted else (0, "")


def _listed(study: Study, column: StudyColumn) -> exp.Query:
    """The query of one column: `record_key`, the parts of its condition, which hold for certain and which may."""
    above = study.columns[: study.columns.index(column)]
    before = needed(above, named(above, column))
    made = relations(WANTED, (*before, column))
    key, pairs = ddl.field(SOURCES[column.list].key), dict(_parts(column, above))
    if column.take in ORDERED:
        pairs |= {f"the {column.take} of them": _order(key, ranked_of(len(before)), column.take)}
    if SOURCES[column.list].is_open:
        pairs["its cell was understood, and it was given" if column.list == "drug" else "its cell was understood"] = _understood()
    lists = {
        "conditions": [exp.convert(text) for text in pairs],
        "certain": [pair.certain for pair in pairs.values()],
        "possible": [pair.possible for pair in pairs.values()],
    }
    shown = [exp.alias_(exp.Array(expressions=parts), name) for name, parts in lists.items()]
    query = exp.select(exp.alias_(key, RECORD_KEY), *shown).from_(records(WANTED, before, column))
    wanted = exp.select("*").from_(CANDIDATE).where(ddl.field("tumour_key").isin(query=exp.select("tumour_key").from_("wanted_tumour")))
    return after([(WANTED, wanted), *made], query)


def _understood() -> ThreeValued:
    """Whether a row stands for more than a cell that was not understood."""
    return ThreeValued(ddl.field("is_open").not_(), exp.true())


def _parts(column: StudyColumn, above: tuple[StudyColumn, ...]) -> Iterator[tuple[str, ThreeValued]]:
    """What the condition asks, one by one, as it is written."""
    over = of_rows(above, column)
    tree = over.parsed(column.where).unnest()
    for part in tree.flatten() if isinstance(tree, exp.And) else [tree]:
        yield _written(part), three_valued(part, over.dates)


def _written(part: exp.Expr) -> str:
    bare = part.transform(lambda node: exp.to_identifier(node.name) if isinstance(node, exp.Identifier) else node)
    return bare.sql("duckdb", normalize_functions="lower")


def _order(key: exp.Expr, ranked: str, take: str) -> ThreeValued:
    """Whether a record that may meet the condition may be the first, or the last, of those that do."""
    later = exp.select(RECORD_KEY).from_(ddl.named(ranked)).where(ddl.field(f"may_be_{take}").not_())
    may = key.isin(query=later).not_()
    return ThreeValued(may, may)
