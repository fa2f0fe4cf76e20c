"""The analyses of a study's times: whose times they are, from when, and the women behind a number of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import duckdb
import polars as pl
from sqlglot import exp

from schemas.checks.analyses import curves, decided_later, is_in
from schemas.study import AS_PUBLISHED, CURVES, DELAYED_ENTRY, LANDMARK, Endpoint, Study
from warehouse import ddl, mart
from warehouse.numbers import ALL, DAY, by_day, subjects, with_time

TABLE = "mart_time_in_analysis"
MEMBER = "list_member"
# Of risk_state: in the analysis, or not because her time begins after the data cut-off, is wider than the study allows, or because it is
# not known whether the endpoint is about her.
AT_RISK, NOT_BEGUN, TOO_WIDE, AMONG_UNKNOWN = "at_risk", "not_begun", "too_wide", "among_unknown"
# What both marts say of a time; the groups of women that share it are counted.
COMMON = ("arm", "entry_days", "earliest_days", "point_days", "latest_days", "is_event", "cause", "cut_off_state")
# Between the parts of a standing, and between standings: no name has either sign.
BETWEEN, APART = "|", ";"
# What of a row of a woman decides of which counts she is a member.
STOOD = ("analysis", "arm", "risk_state", "entry_days", "point_days", "is_event", "cause")
# How a time ended.
HOW = ("point_days", "is_event", "cause", "cut_off_state")
OWN = ("entry_earliest_days", "entry_latest_days", "is_arm_certain", "risk_state")


@dataclass(frozen=True)
class Analysis:
    """One endpoint in one analysis. `endpoint`: its horizon counted from where its time begins, `begins` days after the origin."""

    name: str
    study: Study
    endpoint: Endpoint
    begins: int = 0

    @property
    def estimators(self) -> tuple[str, ...]:
        """A plain median of observed times knows no late entry: only what is published has it."""
        return tuple(name for name in self.endpoint.estimators if self.name == AS_PUBLISHED or name in CURVES)

    def counted(self, con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
        """The times of every arm and of all, counted: columns COMMON (of which `arm` may be `all`), OWN and n."""
        if self.name == AS_PUBLISHED:
            every = mart.frame(con, _grouped("mart_time_to_event", COMMON, self._equal(), _risk_state(self.study)))
            own = {"entry_days": 0, "entry_earliest_days": 0, "entry_latest_days": 0}
            whole = every.with_columns(arm=pl.lit(ALL))
            return pl.concat([every, whole]).with_columns(
                *(pl.lit(days, pl.Int32).alias(name) for name, days in own.items()), is_arm_certain=pl.lit(True)
            )  # fmt: skip
        return mart.frame(con, _grouped(TABLE, (*COMMON, *OWN), self._equal()))

    def bounded(self, con: duckdb.DuckDBPyConnection, every: pl.DataFrame) -> pl.DataFrame:
        """What an envelope is over: the rows of `counted`, and `is_certain`; of a landmark each woman in every arm that she may be in."""
        if self.name != LANDMARK:
            return every.with_columns(is_certain=pl.lit(True))
        whole = exp.and_(*(exp.column(name, "time").eq(value) for name, value in (self._equal() | {"arm": ALL}).items()))
        open_ = mart.frame(con, _members(whole)).with_columns(is_arm_certain=pl.lit(True)).select(*every.columns, "is_certain")
        return pl.concat([every.filter(pl.col("arm") == ALL).with_columns(is_certain=pl.lit(True)), open_])

    def times(self, rows: pl.DataFrame) -> pl.DataFrame:
        """What is estimated from: arm, entry_days, days, is_event, cause and n of those at risk, counted from where the time begins."""
        entry = (pl.col("entry_days") - self.begins).alias("entry_days")
        return rows.select("arm", entry, (pl.col("point_days") - self.begins).alias("days"), "is_event", "cause", "n")

    def women(self, arm: str, *conditions: exp.Expr) -> exp.Select:
        """The women of an arm for whom conditions over the mart hold, left out or not; as published those whose time has begun."""
        if self.name == AS_PUBLISHED:
            return with_time(self.study.study, self.endpoint.endpoint, arm, *conditions)
        return self.of_arms((arm,), *conditions)

    def of_arms(self, arms: tuple[str, ...], *conditions: exp.Expr) -> exp.Select:
        """The women of several arms."""
        if self.name == AS_PUBLISHED:
            return with_time(self.study.study, self.endpoint.endpoint, ALL, exp.column("arm").isin(*arms), *conditions)
        tests = [exp.EQ(this=exp.column(name), expression=exp.convert(value)) for name, value in self._equal().items()]
        one = exp.column("arm").eq(arms[0]) if len(arms) == 1 else exp.column("arm").isin(*arms)
        return exp.select(exp.column("patient_key")).from_(exp.table_(TABLE), copy=False).where(*tests, one, *conditions, copy=False)

    def included(self, arm: str, *conditions: exp.Expr) -> exp.Select:
        """Those of them who are not left out."""
        return self.women(arm, *self.own, *conditions)

    @property
    def own(self) -> tuple[exp.Expr, ...]:
        """The condition over the mart under which a woman is not left out."""
        if self.name != AS_PUBLISHED:
            return (exp.column("risk_state").eq(AT_RISK),)
        return _is_narrow(self.study)

    def left_out(self, arm: str) -> exp.Select:
        """Those who are left out, of those whom `women` lists."""
        return self.women(arm, exp.not_(exp.paren(exp.and_(exp.true(), *self.own))))

    def not_begun(self, arm: str) -> exp.Select:
        """Those whose time begins after the data cut-off."""
        if self.name == AS_PUBLISHED:
            begun = subjects("mart_time_to_event", self.study.study, arm, endpoint=self.endpoint.endpoint, cut_off_state=NOT_BEGUN)
            return begun.where(exp.column("is_among"))
        return self.women(arm, exp.column("risk_state").eq(NOT_BEGUN))

    def among_unknown(self, arm: str) -> exp.Select:
        """Those of whom it is not known whether the endpoint is about them."""
        if self.name == AS_PUBLISHED:
            every = subjects("mart_time_to_event", self.study.study, arm, endpoint=self.endpoint.endpoint)
            return every.where(exp.column("is_among").is_(exp.null()))
        return self.women(arm, exp.column("risk_state").eq(AMONG_UNKNOWN))

    def at_risk(self, arm: str) -> Callable[[float], str]:
        """Gives the query of the women at risk on a day of this analysis."""
        leaves, enters = exp.column("point_days") >= DAY, exp.column("entry_days")
        if self.name == AS_PUBLISHED:
            still = by_day(self.women(arm, leaves))
            return lambda days: still(days + self.begins)
        first, later = (by_day(self.included(arm, leaves, entered)) for entered in (enters <= DAY, enters < DAY))
        return lambda days: (later if days else first)(days + self.begins)

    def _equal(self) -> dict[str, str]:
        own = {} if self.name == AS_PUBLISHED else {"analysis": self.name}
        return {"study": self.study.study, **own, "endpoint": self.endpoint.endpoint}


def _is_narrow(study: Study) -> tuple[exp.Expr, ...]:
    """The condition that a time of mart_time_to_event is no wider than the study allows; none where no middle is taken."""
    width = exp.func("coalesce", exp.column("latest_days") - exp.column("earliest_days"), exp.convert(0))
    return (width <= study.max_width_days,) if study.takes_middle else ()


def _risk_state(study: Study) -> exp.Expr:
    """The risk_state of a time of mart_time_to_event, which says it for the other analyses alone."""
    hers = exp.Case().when(exp.column("is_among").is_(exp.null()), exp.convert(AMONG_UNKNOWN))
    begins = hers.when(exp.column("cut_off_state").eq(NOT_BEGUN), exp.convert(NOT_BEGUN))
    is_wide = [exp.not_(exp.paren(test)) for test in _is_narrow(study)]
    made = begins.when(is_wide[0], exp.convert(TOO_WIDE)) if is_wide else begins
    return exp.alias_(made.else_(exp.convert(AT_RISK)), "risk_state")


def analyses(study: Study) -> Iterator[Analysis]:
    """Each analysis with each endpoint that is estimated in it, as published first."""
    yield from (Analysis(AS_PUBLISHED, study, one) for one in study.endpoints)
    for name in study.analyses:
        for _, one in curves(study) if name != AS_PUBLISHED else ():
            if found := analysis(study, name, one):
                yield found


def analysis(study: Study, name: str, endpoint: Endpoint) -> Analysis | None:
    """One endpoint in one analysis; None where it is not estimated in it."""
    if not is_in(study, name, endpoint):
        return None
    begins = endpoint.landmark_days
    if name != LANDMARK or begins is None:
        return Analysis(name, study, endpoint)
    horizon = None if endpoint.horizon_days is None else endpoint.horizon_days - begins
    return Analysis(name, study, endpoint.model_copy(update={"horizon_days": horizon}), begins)


def cautions(one: Analysis, arm: str) -> tuple[str, ...]:
    """What the times of an arm leave out of account, as words: `delayed_entry`, `immortal_time` (docs/studies.md)."""
    if one.name != AS_PUBLISHED or not one.endpoint.is_curve:
        return ()
    late = (DELAYED_ENTRY,) if one.endpoint.entry is not None else ()
    return (*late, "immortal_time") if arm in decided_later(one.study, one.endpoint) else late


def _grouped(table: str, columns: tuple[str, ...], equal: dict[str, str], *more: exp.Expr) -> exp.Select:
    """The rows of a table counted by these columns, and by expressions with a name."""
    keys = [*(ddl.field(name) for name in columns), *(one.this for one in more)]
    count = exp.alias_(exp.cast(exp.Count(this=exp.Star()), "bigint"), "n")
    return _chosen(table, columns, equal).select(*more, count).group_by(*keys)


def _members(whole: exp.Expr) -> exp.Select:
    """The women of an endpoint at its landmark, counted by the arms that the dates leave open: columns COMMON, OWN, is_certain and n."""
    names = [name for name in (*COMMON, *OWN) if name not in ("arm", "is_arm_certain")]
    keys = [*(exp.column(name, "time") for name in names), exp.column("arm", "member"), exp.column("is_certain", "member")]
    count = exp.alias_(exp.cast(exp.Count(this=exp.Star()), "bigint"), "n")
    same = exp.and_(*(exp.column(name, "member").eq(exp.column(name, "time")) for name in ("endpoint", "patient_key")))
    joined = exp.select(*keys, count).from_(exp.to_table(TABLE, alias="time")).join(exp.to_table(MEMBER, alias="member"), on=same)
    return joined.where(whole).group_by(*keys)


def together(con: duckdb.DuckDBPyConnection, study: Study, endpoint: str, published: pl.DataFrame) -> pl.DataFrame:
    """The women of an endpoint, counted by where they stand in all analyses: arm, HOW, `published_state`, `standing`, n.

    `published`: their `published_times`. `standing`: the columns STOOD of each of her rows in mart_time_in_analysis, as one text
    (`standings`).
    """
    equal = {"study": study.study, "endpoint": endpoint}
    base = published.rename({"risk_state": "published_state"})
    every = mart.frame(con, _chosen(TABLE, ("patient_key", *STOOD), equal))
    parts = [pl.col(name).cast(pl.String).fill_null("") for name in STOOD]
    stood = every.with_columns(standing=pl.concat_str(parts, separator=BETWEEN)).group_by("patient_key").agg(
        pl.col("standing").sort().str.join(APART)
    )  # fmt: skip
    joined = base.join(stood, on="patient_key", how="left").with_columns(pl.col("standing").fill_null(""))
    return joined.group_by("arm", *HOW, "published_state", "standing").agg(n=pl.len().cast(pl.Int64))


def published_times(con: duckdb.DuckDBPyConnection, study: Study, endpoint: str) -> pl.DataFrame:
    """One row per woman with this endpoint: patient_key, arm, HOW and `risk_state` as published."""
    equal = {"study": study.study, "endpoint": endpoint}
    return mart.frame(con, _chosen("mart_time_to_event", ("patient_key", "arm", *HOW), equal).select(_risk_state(study)))


@dataclass(frozen=True)
class Standing:
    """Where one woman stands in one arm of one analysis; days from the origin. `state`: risk_state of the mart."""

    analysis: str
    arm: str
    state: str
    entry: int | None
    point: int | None
    is_event: bool
    cause: str | None


def standings(text: str) -> list[Standing]:
    """One for each row of a woman."""
    return [_standing(part.split(BETWEEN)) for part in text.split(APART) if part]


def _standing(parts: list[str]) -> Standing:
    name, arm, state, entry, point, is_event, cause = parts
    return Standing(name, arm, state, int(entry) if entry else None, int(point) if point else None, is_event == "true", cause or None)


def _chosen(table: str, columns: tuple[str, ...], equal: dict[str, str]) -> exp.Select:
    tests = [ddl.field(name).eq(value) for name, value in equal.items()]
    return exp.select(*(ddl.field(name) for name in columns)).from_(ddl.named(table)).where(*tests)
