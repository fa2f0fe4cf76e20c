"""What a published number stands on: from the number to columns of mart_candidate, and from those to columns of the star.

The first step is read off the studies and stored with the release; the second is read off `mart_candidate.sql` itself, so
that neither can drift from what is computed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl
from sqlglot import exp
from sqlglot.lineage import Node, lineage

from schemas import items
from schemas.study import Endpoint, Study
from warehouse.audit import LOADED
from warehouse.mart import text
from warehouse.study_inputs import CANDIDATE, named_columns

# One row per study, output and name that rows of the output begin with or contain: a variable, a step, an endpoint.
# `columns`: columns and clinical dates of mart_candidate, separated by blanks.
NUMBER_SOURCES = {"study": pl.String, "output": pl.String, "name": pl.String, "columns": pl.String}
# Outputs whose rows are named by an endpoint.
OF_ENDPOINT = ("survival", "km", "at_risk", "logrank", "cox", "cuminc")
# Parts of a clinical date that are made of the same record as its other four columns.
UNTRACED = ("_precision", "_anchor")
# Columns that say which kind of record a star row is: a condition on them narrows the rows that a number stands on.
KINDS = frozenset({"event_type_code", "marker_code", "specimen_code", "modality_code", "setting_code"})


@dataclass(frozen=True)
class StarSource:
    """What one column of mart_candidate reads of one star table.

    `columns`: its items; `kinds`: for columns that name a kind of record the values that the rows meant have.
    """

    table: str
    columns: frozenset[str]
    kinds: Mapping[str, frozenset[str]]


def number_sources(studies: Iterable[Study]) -> pl.DataFrame:
    """One row per study, output and variable, step or endpoint, with the columns of mart_candidate it reads."""
    rows = [(study.study, output, slug(name), " ".join(columns)) for study in studies for output, name, columns in _named(study)]
    return pl.DataFrame(rows, schema=NUMBER_SOURCES, orient="row")


def mart_columns(sources: pl.DataFrame, study: str, output: str, row: str) -> list[str]:
    """Columns of mart_candidate behind one row of one output; the longest name that the row contains decides, none gives none."""
    place = f"_{slug(row)}_"
    found = [(name, columns) for s, o, name, columns in sources.rows() if (s, o) == (study, output) and f"_{name}_" in place]
    return max(found, key=lambda pair: len(pair[0]))[1].split() if found else []


def slug(name: str) -> str:
    """A name as it stands in a number_id."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower())


def star_sources(columns: Iterable[str]) -> list[StarSource]:
    """The star columns that these columns and dates of mart_candidate are made of; one entry per column and table."""
    return [source for column in columns for source in _sources(column)]


def _sources(column: str) -> list[StarSource]:
    physical = [c.name for c in items.columns(CANDIDATE) if c.item.column == column and not c.name.endswith(UNTRACED)]
    nodes = [node for name in physical for node in lineage(name, text(CANDIDATE), schema=_star_schema(), dialect="duckdb").walk()]
    compared = [pair for node in nodes for place in _places(node) for pair in _compared(place)]
    return [_source(table, leaves, compared) for table, leaves in sorted(_leaves(nodes).items())]


def _source(table: str, leaves: set[str], compared: Sequence[tuple[str, set[str]]]) -> StarSource:
    columns = {column.name: column.item.column for column in items.columns(table)}
    kinds: dict[str, frozenset[str]] = {}
    for name, values in compared:
        if name in KINDS & columns.keys():
            kinds[name] = kinds.get(name, frozenset()) | values
    return StarSource(table, frozenset(columns[leaf] for leaf in leaves) | kinds.keys(), kinds)


def _named(study: Study) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for variable in study.table_1:
        yield "table_1", variable.variable, named_columns(variable.value, variable.level, variable.of)
    everything = named_columns(*(step.keep for step in study.steps), *(arm.when for arm in study.arms))
    for step in study.steps:
        yield "cohort_counts", step.step, named_columns(step.keep)
    yield "cohort_counts", "analysed", everything
    for group in study.subgroups:
        yield "cohort_counts", f"{group.arm}.{group.subgroup}", named_columns(group.when)
    for endpoint in study.endpoints:
        for output in OF_ENDPOINT:
            yield output, endpoint.endpoint, _of_endpoint(endpoint)


def _of_endpoint(endpoint: Endpoint) -> tuple[str, ...]:
    return tuple(dict.fromkeys((endpoint.origin, *endpoint.end, *named_columns(endpoint.event, endpoint.among))))


def _leaves(nodes: Iterable[Node]) -> dict[str, set[str]]:
    """Columns at the end of a lineage, by star table; look-up tables are left out, since no file delivers them."""
    found: dict[str, set[str]] = {}
    for node in nodes:
        table = node.source.name if isinstance(node.source, exp.Table) else ""
        if table in LOADED:
            found.setdefault(table, set()).add(node.name.rpartition(".")[2])
    return found


def _places(node: Node) -> list[exp.Expr]:
    """What a step of the lineage computes, and the condition on its rows."""
    where = node.source.args.get("where") if isinstance(node.source, exp.Select) else None
    return [place for place in (node.expression, where) if place is not None and not isinstance(place, exp.Table)]


def _compared(place: exp.Expr) -> Iterator[tuple[str, set[str]]]:
    for test in place.find_all(exp.EQ, exp.In):
        literals = [test.expression] if isinstance(test, exp.EQ) else test.expressions
        if isinstance(test.this, exp.Column) and literals and all(isinstance(value, exp.Literal) for value in literals):
            yield test.this.name, {value.name for value in literals}


def _star_schema() -> dict[str, dict[str, str]]:
    return {table: {column.name: column.duckdb for column in items.columns(table)} for table in items.tables("star")}
