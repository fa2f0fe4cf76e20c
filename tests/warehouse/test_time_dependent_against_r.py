"""The time-dependent analysis against R's package survival: from the dates of the women to the estimates (script in tests/warehouse/r/)."""

from __future__ import annotations

from typing import Any

import pandas as pd
import polars as pl
import pytest
from against_r import GBSG2, HERE, agree
from small_registry import SURVIVAL, Woman, registry, study
from test_analyses import ARMS, woman

from warehouse import mart
from warehouse.numbers import Numbers
from warehouse.survival.cox import hazard_ratios
from warehouse.survival.estimate import Estimates, estimate
from warehouse.survival.late_logrank import logrank_late

RATIOS = pl.read_csv(HERE / "r" / "time_dependent_cox.csv")
TESTS = pl.read_csv(HERE / "r" / "time_dependent_tests.csv")
CURVES = pl.read_csv(HERE / "r" / "time_dependent_curves.csv", infer_schema_length=None)
OPERATED, REST = ARMS
THIRD = {"arm": "third", "label": "Grade III", "when": "grade_code = '3'"}
NAMES = {"operated": "hormonal", "rest": "none", "third": "third"}
CASES = RATIOS["case"].unique(maintain_order=True).to_list()


def women(case: str) -> list[Woman]:
    """Everyone in GBSG2, with the days that the script gives her."""
    read = pl.read_csv(GBSG2, comment_prefix="# ").with_row_index("row", offset=1)
    made = []
    for row, time, is_event, treated, grade in read.select("row", "time", "cens", "horTh", "tgrade").iter_rows():
        days, decided = time, 37 * (row % 15 - 1) if treated == "yes" else None
        if case == "few":
            decided = 37 * row if row <= 30 else None
        if case == "ties":
            days, decided = 100 * -(-time // 100), None if decided is None else 100 * decided // 37
        if case == "untied":
            days, decided = 1000 * time + row, None if decided is None else 1000 * decided
        made.append(woman(days, "dead" if is_event else "alive", decided, grade_code="3" if grade == "III" else "1"))
    return made


@pytest.fixture(scope="module")
def estimated(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Estimates]:
    """The estimates of a case, made when it is asked for first."""
    found: dict[str, Estimates] = {}

    class Made(dict[str, Estimates]):
        def __missing__(self, case: str) -> Estimates:
            arms: Any = (OPERATED, THIRD, REST) if case == "three" else ARMS
            con = registry(tmp_path_factory.mktemp(case), *women(case))
            compared = ({"endpoint": "survival", "arms": tuple(arm["arm"] for arm in arms)},)
            made = study(arms=arms, endpoints=(SURVIVAL,), analyses=("as_published", "time_dependent"), comparisons=compared)
            mart.build_mart(con, [made])
            self[case] = estimate(con, made, Numbers(made.study))
            return self[case]

    return Made(found)


def times(made: Estimates) -> pl.DataFrame:
    return pl.concat([frame for (analysis, _, arm), frame in made.times.items() if analysis == "time_dependent" and arm != "all"])


@pytest.mark.parametrize("case", CASES)
def test_gives_the_hazard_ratios_of_coxph(estimated: dict[str, Estimates], case: str) -> None:
    mine = estimated[case].frames()["cox"]
    theirs = RATIOS.filter(pl.col("case") == case)
    assert mine["arm"].replace_strict(NAMES).to_list() == theirs["arm"].to_list()
    for column in ("coefficient", "se", "hazard_ratio", "lower", "upper", "p"):
        agree(mine[column], theirs[column])


@pytest.mark.parametrize("case", TESTS["case"].to_list())
def test_is_the_test_of_mantel_and_byar_with_ties_too(estimated: dict[str, Estimates], case: str) -> None:
    mine, theirs = estimated[case].frames()["logrank"].row(-1, named=True), TESTS.row(by_predicate=pl.col("case") == case, named=True)
    assert (mine["analysis"], mine["df"], mine["chi_square"]) == (
        "time_dependent",
        theirs["df"],
        pytest.approx(theirs["chi_square"], rel=1e-9),
    )
    assert mine["method"] != "chi-square" or mine["p"] == pytest.approx(theirs["p"], rel=1e-9)
    assert mine["method"] == "chi-square" or case == "few"


@pytest.mark.parametrize(("case", "arm"), CURVES.select("case", "arm").unique(maintain_order=True).rows())
def test_draws_the_curve_of_simon_and_makuch(estimated: dict[str, Estimates], case: str, arm: str) -> None:
    made = estimated[case].frames()["km"]
    mine = made.filter(pl.col("analysis") == "time_dependent", pl.col("arm").replace(NAMES) == arm)[1:]  # R has no row on day 0
    theirs = CURVES.filter(pl.col("case") == case, pl.col("arm") == arm)
    for column in ("days", "at_risk", "events", "survival", "se", "lower", "upper"):
        agree(mine[column].cast(pl.Float64), theirs[column].cast(pl.Float64))


@pytest.mark.parametrize("case", ["two", "ties"])
def test_agrees_with_lifelines_on_one_row_per_woman(estimated: dict[str, Estimates], case: str) -> None:
    from lifelines import CoxTimeVaryingFitter

    every = times(estimated[case])
    # A woman in two arms has two rows, which share nothing but her: an id for each row changes no set at risk.
    rows = (
        every.select(pl.all().repeat_by("n"))
        .explode(pl.all())
        .with_row_index("id")
        .with_columns(treated=(pl.col("arm") == "operated").cast(pl.Int64))
    )
    frame = pd.DataFrame({name: rows[name].to_list() for name in ("id", "entry_days", "days", "is_event", "treated")})
    fitted = CoxTimeVaryingFitter().fit(
        frame, id_col="id", start_col="entry_days", stop_col="days", event_col="is_event", fit_options={"precision": 1e-12}
    )
    found = hazard_ratios(every, ("operated", "rest"))
    assert not isinstance(found, str)
    assert found["operated"].coefficient == pytest.approx(float(fitted.params_["treated"]), rel=1e-6)


def test_tests_and_regresses_on_the_same_sets_at_risk(estimated: dict[str, Estimates]) -> None:
    """The score test and Wald's say the same where there are hundreds of events."""
    every = times(estimated["two"])
    test, found = logrank_late(every), hazard_ratios(every, ("operated", "rest"))
    assert test is not None and not isinstance(found, str)
    assert found["operated"].p == pytest.approx(test.p, rel=0.05)
