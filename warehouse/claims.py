"""Recomputes what a publication says of a study: who counts for each number of a claim, and the number (claims.csv, docs/claims.md).

Every query stands on its own, over the star and the mart of the release, so that `explain` can ask it again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import duckdb
import polars as pl
from sqlglot import exp

from schemas import items
from schemas.candidate import CANDIDATE, of_record
from schemas.candidate import known as known_columns
from schemas.claims import COUNT, OF_ARM, PERCENT, Claim, Part, outcome_columns, published_numbers, reported_numbers
from schemas.core.expression import parse
from schemas.core.three_valued import ThreeValued, valued
from schemas.study import Study
from warehouse import ddl, mart, own_columns, own_reads
from warehouse.numbers import ALL
from warehouse.summary import summarise

# What one row per woman is called in a query, and while the claims of a study are measured: some hundred queries ask it.
WOMAN, KEPT, CLAIMED = "woman", "claim_woman", "claimed"
LABEL = "subject_label"
TRUE = "true"


@dataclass(frozen=True)
class Measured:
    """One number of a claim as recomputed. `value`: None where nothing can be said; `most`: the count if everyone unclear counted too;
    `asked`: women in question; `unknown`: those of whom the study does not know it; `reason`: why there is no value.
    """

    value: float | None
    most: float | None = None
    asked: int = 0
    unknown: int = 0
    reason: str = ""


@dataclass(frozen=True)
class Recomputed:
    """Everything recomputed of one claim: its numbers, the query that lists who is behind them, what arithmetic gives."""

    parts: tuple[Measured, ...] = ()
    subjects: exp.Expr | None = None
    arithmetic: tuple[float | None, ...] = ()
    lacking: tuple[str, ...] = ()


def measure(con: duckdb.DuckDBPyConnection, study: Study, claims: Sequence[Claim]) -> dict[str, Recomputed]:
    """By claim, what the women say; while `mart.filled` lasts, since it reads the analysed women only."""
    if not claims:
        return {}
    known = _Known(con, study)
    return {claim.claim: _of_women(known, claim) for claim in claims if claim.is_counted}


def with_arithmetic(
    con: duckdb.DuckDBPyConnection, claims: Sequence[Claim], found: Mapping[str, Recomputed], published: Mapping[str, float | None]
) -> dict[str, Recomputed]:
    """All claims by name with what their arithmetic gives; `published`: values by number_id without the name of the study."""
    reported = reported_numbers(claims)
    made = {}
    for claim in claims:
        of_women = found.get(claim.claim, Recomputed())
        names = [name for text in claim.arithmetic for name in published_numbers(text)]
        values = tuple(_computed(con, text, {**published, **reported}) for text in claim.arithmetic)
        lacking = tuple(name for name in dict.fromkeys(names) if published.get(name) is None)
        made[claim.claim] = Recomputed(of_women.parts, of_women.subjects, values, lacking)
    return made


class _Known:
    """What the claims of one study are asked of: the women per arm, their labels, the connection."""

    def __init__(self, con: duckdb.DuckDBPyConnection, study: Study) -> None:
        self.con, self.study = con, study
        self.extra = outcome_columns([endpoint.endpoint for endpoint in study.endpoints])
        who = exp.select(*map(ddl.field, ("arm", LABEL))).from_("mart_subject")
        women = mart.frame(con, who.where(ddl.field("study").eq(study.study), ddl.field("is_analysed")))
        self.women = {ALL: women.height, **dict(women.group_by("arm").len().iter_rows())}
        self.labels = set(women[LABEL])
        rows = exp.select("*").from_(_woman(self, ALL, frozenset(self.extra)))
        con.execute(ddl.temporary(KEPT, rows)).fetchall()
        self._trees: dict[str, exp.Expr] = {}
        self._judged: dict[str, ThreeValued] = {}

    def tree(self, text: str) -> exp.Expr:
        if text not in self._trees:  # many numbers are of the same women
            may = known_columns(self.study.columns)
            self._trees[text] = parse(text or TRUE, (*may.plain, *OF_ARM, *self.extra), may.dates)
        return self._trees[text]

    def judged(self, text: str) -> ThreeValued:
        if text not in self._judged:
            may = known_columns(self.study.columns)
            self._judged[text] = valued(may.with_unread(self.tree(text)), may.dates)
        return self._judged[text]


def _of_women(known: _Known, claim: Claim) -> Recomputed:
    parts = [(_measured(known, claim, part), part) for part in claim.parts]
    queries = [_counted(known, claim, part) for measured, part in parts if measured.value is not None]
    subjects = exp.select("patient_key").distinct().from_(exp.union(*queries).subquery("counted")) if len(queries) > 1 else None
    return Recomputed(tuple(measured for measured, _ in parts), subjects or (queries[0] if queries else None))


def _measured(known: _Known, claim: Claim, part: Part) -> Measured:
    """One number of a claim; nothing is counted of an arm nobody is in, or of a woman nobody delivered."""
    if not known.women.get(claim.arm):
        return Measured(None, reason="nobody of this arm was delivered")
    if missing := _labels(known.tree(part.who)) - known.labels:
        return Measured(None, reason=f"{len(missing)} of the {known.study.subjects} named were not delivered")
    who = known.judged(part.who)
    chosen = {"certain": who.certain, "possible": who.possible, "has": _has(part), "value": known.judged(part.value).certain}
    query = exp.select(*(exp.alias_(tree, name, quoted=True) for name, tree in chosen.items())).from_(ddl.named(KEPT))
    query = query if claim.arm == ALL else query.where(ddl.field("arm").eq(claim.arm))
    return _summed(part, mart.frame(known.con, query))


def _summed(part: Part, rows: pl.DataFrame) -> Measured:
    """The number over one row per woman; a record that does not say whether it is meant is not meant."""
    judged = rows.filter(pl.col("certain").is_not_null() | pl.col("possible").is_not_null()).height
    if not judged:
        return Measured(None, asked=rows.height, unknown=rows.height, reason="nothing of this was delivered")
    has, certain = pl.col("has").fill_null(False), pl.col("certain").fill_null(False)
    if part.statistic in ("", COUNT):
        least = rows.filter(certain & has).height
        most = rows.filter(pl.col("possible").fill_null(True) & has).height
        return Measured(float(least), float(most), rows.height, most - least)
    meant = rows.filter(certain)
    if part.statistic == PERCENT:
        is_one = has if part.record else pl.col("value").cast(pl.Boolean)
        known = meant.filter(is_one.is_not_null())
        share = 100 * known.filter(is_one).height / known.height if known.height else None
        return _of_known(share, meant.height, meant.height - known.height)
    values = meant.filter(has)["value"].cast(pl.Float64)
    rising = values.drop_nulls().sort().to_list()
    return _of_known(summarise(rising, [1] * len(rising), part.statistic), values.len(), values.null_count())


def _of_known(value: float | None, asked: int, unknown: int) -> Measured:
    return Measured(value, value, asked, unknown, "" if value is not None else "nothing of this was delivered")


def _counted(known: _Known, claim: Claim, part: Part) -> exp.Select:
    """The women behind one number: those who certainly count, for a share all who are meant."""
    named = {column.name for text in (part.who, part.value) for column in known.tree(text).find_all(exp.Column)}
    women = _woman(known, claim.arm, named, _candidate(known.study, named))
    query = exp.select("patient_key").from_(women).where(known.judged(part.who).certain)
    return query if part.statistic == PERCENT else query.where(_has(part))


def _has(part: Part) -> exp.Expr:
    """Whether she has a record that meets `where`, and none that meets `unless`."""
    if not part.record:
        return exp.true()
    table = items.TABLE_OF[part.record]
    key = ddl.field("patient_key" if part.record == "follow_up" else "tumour_key")
    meeting = {
        text: exp.select(key).from_(ddl.named(table)).where(_of_record(part.record, text)) for text in (part.where, part.unless) if text
    }
    has: exp.Expr = key.isin(query=meeting[part.where]) if part.where else exp.true()
    return exp.and_(has, key.isin(query=meeting[part.unless]).not_()) if part.unless else has


def _of_record(record: str, text: str) -> exp.Expr:
    return of_record(record).judged(text).certain


def _labels(tree: exp.Expr) -> set[str]:
    """The published labels of single women that a condition names."""
    tests = [node for node in tree.find_all(exp.EQ, exp.In) if isinstance(node.this, exp.Column) and node.this.name == LABEL]
    values = [value for test in tests for value in (test.expressions or [test.args.get("expression")])]
    return {value.name for value in values if isinstance(value, exp.Literal)}


def _candidate(study: Study, named: Collection[str]) -> exp.Expr:
    """mart_candidate; where columns are named that the study makes itself, of its women and with those: the release keeps none of them."""
    own = own_reads.needed(study.columns, named)
    if not own:
        return ddl.named(CANDIDATE)
    women = exp.select("tumour_key").from_("mart_subject").where(ddl.field("study").eq(study.study), ddl.field("is_analysed"))
    rows = exp.select("*").from_(CANDIDATE).where(ddl.field("tumour_key").isin(query=women))
    return own_columns.with_own(CLAIMED, own, rows).subquery()


def _woman(known: _Known, arm: str, named: Collection[str], rows: exp.Expr | None = None) -> exp.Subquery:
    """One row per analysed woman of the arm: her row of `rows`, her arm and group, and those of her times that `named` asks for."""
    subject, candidate = "subject", "candidate"
    query = exp.select(
        exp.Column(this=exp.Star(), table=exp.to_identifier(candidate)),
        exp.column("arm", table=subject),
        exp.column("subgroup", table=subject),
    )
    query = query.from_(exp.alias_(exp.table_("mart_subject"), subject, table=True))
    query = query.join(exp.alias_(rows or ddl.named(CANDIDATE), candidate, table=True), on=_same("tumour_key", candidate))
    for endpoint in known.study.endpoints:
        own = {name: column for name, column in outcome_columns([endpoint.endpoint]).items() if name in named}
        if own:
            times, is_study = endpoint.endpoint, exp.column("study", table=endpoint.endpoint).eq(known.study.study)
            is_hers = exp.column("endpoint", table=times).eq(times), exp.column("is_among", table=times)
            on = exp.and_(_same("patient_key", times), is_study, *is_hers)
            query = query.join(exp.alias_(exp.table_("mart_time_to_event"), times, table=True), on=on, join_type="left")
            shown = [exp.alias_(exp.column(column, table=times), name, quoted=True) for name, column in own.items()]
            query = query.select(*shown)
    tests = [exp.column("study", table=subject).eq(known.study.study), exp.column("is_analysed", table=subject)]
    tests += [exp.column("arm", table=subject).eq(arm)] if arm != ALL else []
    return query.where(*tests).subquery(WOMAN)


def _same(key: str, table: str) -> exp.Expr:
    return exp.column(key, table=table).eq(exp.column(key, table="subject"))


def _computed(con: duckdb.DuckDBPyConnection, text: str, values: Mapping[str, float | None]) -> float | None:
    """What an expression over named numbers gives; None where one of them is not known."""
    tree = parse(text, [*values, *published_numbers(text)])
    number = {name.name: values.get(name.name) for name in tree.find_all(exp.Column)}
    filled = tree.transform(lambda node: _literal(number[node.name]) if isinstance(node, exp.Column) else node)
    found = con.sql(exp.select(exp.cast(filled, "double")).sql("duckdb")).fetchall()[0][0]
    return None if found is None else float(found)


def _literal(value: float | None) -> exp.Expr:
    return exp.cast(exp.null() if value is None else exp.Literal.number(repr(value)), "double")
