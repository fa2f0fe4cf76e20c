"""What a published number stands on: from the number to columns of mart_candidate, and from those to columns of the star.

The first step is read off the studies and stored with the release; the second is read off `mart_candidate.sql` itself, so
that neither can drift from what is computed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import polars as pl
from sqlglot import exp
from sqlglot.lineage import Node, lineage
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope

from schemas import items
from schemas.candidate import CANDIDATE, Own, known, of_record
from schemas.claims import OF_ARM, Claim, Part, outcome_columns
from schemas.core.expression import parse
from schemas.study import LIST_COLUMNS, Endpoint, ListColumn, Study, Table2, id_part
from warehouse import own_reads
from warehouse.analysis_inputs import late_dates
from warehouse.audit import LOADED
from warehouse.mart import model
from warehouse.numbers import ALL
from warehouse.own_records import OWN
from warehouse.study_inputs import named_columns

# One row per study, output and name that rows of the output begin with or contain: a variable, a step, an endpoint; an empty
# name stands for every row. `columns`: columns and clinical dates of mart_candidate, or `record.column` of a list view of
# Table 2, separated by blanks; `own.column` for one that the study makes itself, beside what it is made of.
NUMBER_SOURCES = {"study": pl.String, "output": pl.String, "name": pl.String, "columns": pl.String}
# Outputs whose rows are named by an endpoint.
OF_ENDPOINT = ("survival", "km", "at_risk", "logrank", "cox", "cuminc", "envelope")
# Parts of a clinical date that are made of the same record as its other four columns.
UNTRACED = ("_precision", "_anchor")
# Columns that say which kind of record a star row is: a condition on them narrows the rows that a number stands on.
# Text columns of the list views that are counted from a clinical date: the date of their record, and where counting begins.
MONTHS = "months_text"
COUNTED = {"treatment": "treatment", "event": "event", "follow_up": "contact"}
BEGINS = {"treatment": ("treatment_start",), "event": ("treatment_start", "metastasectomy"), "follow_up": ("treatment_start",)}
# Keys of persons and tumours join everything; a column does not stand on them.
QUOTE = '"'
JOINS = frozenset({"patient_key", "tumour_key"})
KINDS = frozenset({"event_type_code", "marker_code", "specimen_code", "modality_code", "setting_code"})


@dataclass(frozen=True)
class StarSource:
    """What one column of mart_candidate reads of one star table.

    `columns`: its items; `kinds`: for columns that name a kind of record the values that the rows meant have.
    """

    table: str
    columns: frozenset[str]
    kinds: Mapping[str, frozenset[str]]


def number_sources(studies: Iterable[Study], said: Mapping[str, Sequence[Claim]] | None = None) -> pl.DataFrame:
    """One row per study, output and variable, step, endpoint or claim, with the columns of mart_candidate it reads."""
    rows = [
        (study.study, output, id_part(name), " ".join(columns)) for study in studies for output, name, columns in _all(study, said or {})
    ]
    return pl.DataFrame(rows, schema=NUMBER_SOURCES, orient="row")


def mart_columns(sources: pl.DataFrame, study: str, output: str, row: str) -> list[str]:
    """Columns of mart_candidate behind one row of one output; the longest name that the row contains decides, none gives none."""
    place = f"_{id_part(row)}_"
    mine = ((name, columns) for s, o, name, columns in sources.rows() if (s, o) == (study, output))
    found = [(name, columns) for name, columns in mine if not name or f"_{name}_" in place]
    return max(found, key=lambda pair: len(pair[0]))[1].split() if found else []


def star_sources(columns: Iterable[str]) -> list[StarSource]:
    """The star columns that these columns and dates of the mart are made of; one entry per column and table."""
    return [source for column in columns for source in _sources(column)]


@cache
def _sources(column: str) -> tuple[StarSource, ...]:
    record, _, name = column.rpartition(".")
    if column.startswith(OWN):  # what it is made of stands beside it
        return ()
    if record == "tumour":  # of another tumour of hers: a study made a column of it
        return (StarSource("dim_tumour", frozenset({name}), {}),)
    if name == MONTHS and record in COUNTED:
        return (StarSource(f"fact_{record}", frozenset({COUNTED[record]}), {}),)
    view, known = (f"list_{record}", items.columns(record, "staging")) if record else (CANDIDATE, items.columns(CANDIDATE))
    query = model(view)
    made = query.named_selects if isinstance(query, exp.Query) else []
    physical = [c.name for c in known if c.item.column == name and c.name in made and not c.name.endswith(UNTRACED)]
    physical = physical or [name for name in (name,) if name in made]
    nodes = [
        node
        for part in physical
        for node in lineage(part, _scope(view).expression, scope=_scope(view), schema={}, dialect="duckdb", copy=False).walk()
    ]
    # a list view tells kinds apart only to write them differently: none of them is left out
    compared = [] if record else [pair for node in nodes for place in _places(node) for pair in _compared(place)]
    return tuple(_source(table, leaves, compared) for table, leaves in sorted(_leaves(nodes).items()))


@cache
def _scope(view: str) -> Scope:
    """The SELECT of a mart table or list view with every column traced to its table, made once for all its columns."""
    qualified = qualify(model(view), dialect="duckdb", schema=_star_schema(), validate_qualify_columns=False, identify=False)
    scope = build_scope(qualified)
    assert scope is not None
    return scope


def _source(table: str, leaves: set[str], compared: Sequence[tuple[str, set[str]]]) -> StarSource:
    columns = {column.name: column.item.column for column in items.columns(table)}
    # a key of a look-up table stands for the code that was delivered
    leaves = {code if (code := re.sub("_key$", "_code", leaf)) in columns else leaf for leaf in leaves - JOINS}
    kinds: dict[str, frozenset[str]] = {}
    for name, values in compared:
        if name in KINDS & columns.keys():
            kinds[name] = kinds.get(name, frozenset()) | values
    return StarSource(table, frozenset(columns[leaf] for leaf in leaves) | kinds.keys(), kinds)


def _named(study: Study) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    def named(*texts: str | None) -> tuple[str, ...]:
        return _read(study.columns, *named_columns(study.columns, *texts))

    for variable in study.table_1:
        read = named(variable.value, variable.level, variable.of)
        yield "table_1", variable.variable, read
        if study.table_1_p_values:
            yield "table_1_tests", variable.variable, read
    everything = named(*(step.keep for step in study.steps), *(arm.when for arm in study.arms))
    for place, step in enumerate(study.steps, start=1):  # whoever is left at a step has met those before it too
        yield "cohort_counts", step.step, named(*(before.keep for before in study.steps[:place]))
    yield "cohort_counts", "analysed", everything
    yield "cohort_counts", "arm", everything
    for group in study.subgroups:
        yield "cohort_counts", f"{group.arm}.{group.subgroup}", named(group.when)
    if study.table_2 is not None:
        yield "table_2", "", _of_table_2(study, study.table_2)
    for endpoint in study.endpoints:
        for output in OF_ENDPOINT:
            yield output, endpoint.endpoint, _of_endpoint(study, endpoint)
            for analysis in study.analyses[1:]:
                yield output, f"{analysis}_{endpoint.endpoint}", _of_analysis(study, endpoint)


def _all(study: Study, said: Mapping[str, Sequence[Claim]]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    yield from _named(study)
    for claim in said.get(study.study, ()):
        yield "claims", claim.claim, _of_claim(study, claim)


def _of_claim(study: Study, claim: Claim) -> tuple[str, ...]:
    """Columns that say who counts, what the times in them are made of, columns of the records she must have."""
    endpoints = {name: endpoint for endpoint in study.endpoints for name in outcome_columns([endpoint.endpoint])}
    own = study.columns
    may, dates = (*known(own).plain, *OF_ARM, *endpoints), known(own).dates
    arms, groups = (named_columns(own, *(one.when for one in some)) for some in (study.arms, study.subgroups))
    found = [*_read(own, *arms)] if claim.is_counted and claim.arm != ALL else []
    for part in claim.parts:
        named = [one.name for text in (part.who, part.value) if text for one in parse(text, may, dates).find_all(exp.Column)]
        found += _read(own, *(name for name in named if name not in endpoints and name not in OF_ARM))
        found += _read(own, *groups) if "subgroup" in named else ()
        found += [column for name in named if name in endpoints for column in _of_endpoint(study, endpoints[name])]
        found += _of_records(part) if part.record else ()
    return tuple(dict.fromkeys(found))


def _of_records(part: Part) -> Iterator[str]:
    yield from sorted(f"{part.record}.{name}" for name in of_record(part.record).named(part.where, part.unless))


def _of_table_2(study: Study, table: Table2) -> tuple[str, ...]:
    """Columns behind every cell of a row, in the order of the columns of the table."""
    return tuple(dict.fromkeys(name for column in table.columns for name in _of_list(study, column)))


def _of_list(study: Study, column: ListColumn) -> tuple[str, ...]:
    if column.list is None:
        return _read(study.columns, *named_columns(study.columns, column.text))
    named = sorted(of_record(column.list, *LIST_COLUMNS[column.list]).named(column.where, column.text))
    begins = BEGINS.get(column.list, ()) if MONTHS in named else ()
    return (*(f"{column.list}.{name}" for name in named), *begins)


def _of_endpoint(study: Study, endpoint: Endpoint) -> tuple[str, ...]:
    own = study.columns
    return _read(own, endpoint.origin, *endpoint.dates, *named_columns(own, *endpoint.conditions))


def _of_analysis(study: Study, endpoint: Endpoint) -> tuple[str, ...]:
    """As of the endpoint; then the dates on which its women enter late, and what their arms are made of."""
    own = study.columns
    arms = named_columns(own, *(arm.when for arm in study.arms if arm.decided is not None))
    return tuple(dict.fromkeys((*_of_endpoint(study, endpoint), *_read(own, *late_dates(study), *arms))))


def _read(own: Own, *names: str) -> tuple[str, ...]:
    """These columns; for those that the study makes itself what they are made of, each once."""
    found: list[str] = []
    for name in names:
        made = own_reads.needed(own, (name,))
        found += [*own_reads.behind(made), *(f"{OWN}{column.column}" for column in made)] if made else [name]
    return tuple(dict.fromkeys(found))


def _leaves(nodes: Iterable[Node]) -> dict[str, set[str]]:
    """Columns at the end of a lineage, by star table. No file delivers a look-up table: the columns that join it stand for it."""
    found: dict[str, set[str]] = {}
    for node in nodes:
        places = [(node.source.name, node.name.rpartition(".")[2].strip(QUOTE))] if isinstance(node.source, exp.Table) else _joining(node)
        for table, column in places:
            if table in LOADED:
                found.setdefault(table, set()).add(column)
    return found


def _joining(node: Node) -> Iterator[tuple[str, str]]:
    """Table and column on which what this step of the lineage computes was joined from elsewhere."""
    if not isinstance(node.source, exp.Select):
        return
    used = {column.table for column in node.expression.find_all(exp.Column)}
    joins = node.source.args.get("joins") or []
    tables = {table.alias_or_name: table.name for table in node.source.find_all(exp.Table)}
    for join in joins:
        if join.alias_or_name in used and tables.get(join.alias_or_name) not in LOADED:
            for column in join.args["on"].find_all(exp.Column) if join.args.get("on") else ():
                if column.name not in JOINS and column.table in tables:
                    yield tables[column.table], column.name


def _places(node: Node) -> list[exp.Expr]:
    """What a step of the lineage computes, and the condition on its rows."""
    where = node.source.args.get("where") if isinstance(node.source, exp.Select) else None
    return [place for place in (node.expression, where) if place is not None and not isinstance(place, exp.Table)]


def _compared(place: exp.Expr) -> Iterator[tuple[str, set[str]]]:
    for test in place.find_all(exp.EQ, exp.In):
        literals = [test.expression] if isinstance(test, exp.EQ) else test.expressions
        if isinstance(test.this, exp.Column) and literals and all(isinstance(value, exp.Literal) for value in literals):
            yield test.this.name, {value.name for value in literals}


def _star_schema() -> dict[str, object]:
    days = {"record": "VARCHAR", "record_key": "BIGINT", "tumour_key": "BIGINT", MONTHS: "VARCHAR"}
    star: dict[str, object] = {table: {column.name: column.duckdb for column in items.columns(table)} for table in items.tables("star")}
    return star | {"list_days": days}
