"""A data cut-off: what happened or was seen after it does not count, what may lie on either side is refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from small_registry import SURVIVAL, Woman, registry, rows, study

from schemas.study import Study
from warehouse import mart
from warehouse.studies import StudyResult, publish_studies

LAST = date(2016, 12, 31)
# 2016 is a leap year: the last day of it is day 365 after its first.
START = "2016-01-01"


def cut(**parts: Any) -> Study:
    return study(**({"endpoints": (SURVIVAL,), "data_cut_off": LAST} | parts))


def followed(day: object, *, dead: bool = False, start: object = START, **more: object) -> Woman:
    contact = {"contact": day, "vital_status_code": "dead" if dead else "alive"} | ({"death": day} if dead else {})
    return {"treatment_start": start, "contacts": [contact], **more}


def times(tmp_path: Path, made: Study, *women: Woman) -> list[tuple[Any, ...]]:
    """Earliest, point and latest day, whether there was an event, and the place to the cut-off, woman by woman."""
    con = registry(tmp_path, *women)
    mart.build_mart(con, [made])
    read = "select earliest_days, point_days, latest_days, is_event, cut_off_state from mart_time_to_event"
    return rows(con, f"{read} join mart_subject using (patient_key) order by subject_label")


def test_counts_an_event_up_to_the_day_itself(tmp_path: Path) -> None:
    days = ("2016-12-30", "2016-12-31", "2017-01-01")
    found = times(tmp_path, cut(), *(followed(day, dead=True) for day in days))
    assert [row[1:2] + row[3:] for row in found] == [(364, True, "counted"), (365, True, "counted"), (365, False, "cut")]


def test_censors_whoever_was_seen_later_on_the_day_of_the_cut_off(tmp_path: Path) -> None:
    days = ("2016-12-30", "2016-12-31", "2018-05-05")
    found = times(tmp_path, cut(), *(followed(day) for day in days))
    assert [row[1:2] + row[3:] for row in found] == [(364, False, "counted"), (365, False, "counted"), (365, False, "cut")]


def test_says_nothing_of_a_cut_off_where_the_study_has_none(tmp_path: Path) -> None:
    assert times(tmp_path, cut(data_cut_off=None), followed("2018-01-01", dead=True)) == [(731, 731, 731, True, None)]


@pytest.mark.parametrize(
    ("convention", "given"),
    [
        (
            "refuse",
            [
                (("2016-12-20", "2017-01-01"), (354, None, 365, None, "open")),
                (("2016-12-01", "2016-12-31"), (335, None, 365, True, "counted")),  # by the cut-off, on a day not certain
                (("2017-01-01", "2017-12-31"), (365, 365, 365, False, "cut")),
            ],
        ),
        (
            "midpoint",
            [
                (("2016-12-20", "2017-01-01"), (354, 360, 366, True, "counted")),  # its middle is 26 December
                (("2016-12-30", "2017-01-10"), (365, 365, 365, False, "cut")),  # its middle is 4 January
            ],
        ),
    ],
    ids=["refuse", "midpoint"],
)
def test_does_not_guess_on_which_side_an_event_lies(
    tmp_path: Path, convention: str, given: list[tuple[tuple[str, str], tuple[object, ...]]]
) -> None:
    found = times(tmp_path, cut(date_convention=convention), *(followed(days, dead=True) for days, _ in given))
    assert found == [expected for _, expected in given]


@pytest.mark.parametrize(("last", "events"), [(LAST, None), (None, 1)])
def test_counts_no_event_on_a_day_not_delivered_that_may_be_after_the_cut_off(
    last: date | None, events: int | None, tmp_path: Path
) -> None:
    dead = {"treatment_start": "2016-01-01", "contacts": [{"contact": "2018-01-01", "vital_status_code": "dead"}]}
    _, found = published(tmp_path, cut(data_cut_off=last), dead)
    told = found.filter(pl.col("arm") == "all", pl.col("estimator") == "kaplan_meier").row(0, named=True)
    assert told["events"] == events
    assert told["reason"].startswith("the event happened on a day not delivered for 1 of 1 women; ")


def test_needs_no_better_day_of_a_last_contact_that_is_not_before_the_cut_off(tmp_path: Path) -> None:
    found = times(tmp_path, cut(), followed(("2016-12-31", "2017-03-01")), followed(("2016-12-30", "2017-03-01")))
    assert found == [(365, 365, 365, False, "cut"), (364, None, 365, False, "open")]


@pytest.mark.parametrize(("convention", "point"), [("refuse", None), ("midpoint", 360)])
def test_subtracts_a_start_that_is_not_certain_from_the_cut_off_too(tmp_path: Path, convention: str, point: int | None) -> None:
    woman = followed("2018-01-01", start=("2016-01-01", "2016-01-11"))
    assert times(tmp_path, cut(date_convention=convention), woman) == [(355, point, 365, False, "cut")]


def test_takes_out_of_the_estimate_whose_time_begins_later(tmp_path: Path) -> None:
    starts = ("2016-12-31", "2017-01-01", ("2016-12-01", "2017-01-31"))  # of the last it is not known
    found = times(tmp_path, cut(), *(followed("2018-01-01", start=start) for start in starts), followed(500, start=0))
    assert found[:2] == [(0, 0, 0, False, "cut"), (None, None, None, False, "not_begun")]
    assert found[2][4] == "open"
    assert (found[3][1], found[3][4]) == (None, "no_calendar"), "no calendar date, no cut-off"


def test_knows_that_a_death_of_unknown_cause_after_it_is_no_event(tmp_path: Path) -> None:
    of_cancer = SURVIVAL | {"event": "cause_of_death_code = 'breast_cancer'", "end": ("death",), "censored": ("death", "contact")}
    later = followed("2017-05-05", dead=True)
    assert times(tmp_path, cut(endpoints=(of_cancer,)), later) == [(365, 365, 365, False, "cut")]


def test_keeps_the_first_event_where_only_another_comes_later(tmp_path: Path) -> None:
    either = SURVIVAL | {"event": "has_recurrence or vital_status_code = 'dead'", "end": ("recurrence", "death"), "censored": ("contact",)}
    event = {"event_type_code": "distant_recurrence", "event": "2016-06-01"}
    assert times(tmp_path, cut(endpoints=(either,)), followed("2017-05-05", dead=True, events=[event])) == [
        (152, 152, 152, True, "counted")
    ]


def published(tmp_path: Path, made: Study, *women: Woman) -> tuple[StudyResult, pl.DataFrame]:
    """What is said, and survival.csv."""
    return published_in(registry(tmp_path, *women), tmp_path, made)


def published_in(con: duckdb.DuckDBPyConnection, tmp_path: Path, made: Study) -> tuple[StudyResult, pl.DataFrame]:
    (result,) = publish_studies(con, [made], tmp_path / "share", tmp_path / "internal", is_simulated=False)
    return result, pl.read_csv(tmp_path / "share" / "studies" / "small" / "survival.csv", infer_schema_length=None)


WOMEN = [
    followed("2018-01-01"),
    followed("2016-05-05", dead=True),
    followed("2017-02-02", dead=True),
    followed("2018-01-01", start="2017-01-01"),
]


def test_counts_who_is_cut_and_who_has_not_begun_and_lists_the_women_behind_the_counts(tmp_path: Path) -> None:
    con = registry(tmp_path, *WOMEN)
    result, survival = published_in(con, tmp_path, cut())
    row = survival.filter(pl.col("arm") == "all").row(0, named=True)
    assert {name: row[name] for name in ("n", "events", "cut_off_censored", "cut_off_not_begun")} == {
        "n": 3, "events": 1, "cut_off_censored": 2, "cut_off_not_begun": 1
    }  # fmt: skip
    assert result.women["all"] == 4  # she stays in the study
    (said,) = result.reasons
    assert said == (
        "survival: the time begins after the data cut-off 2016-12-31 for 1 of 4 women, who are in no estimate; to leave them out of the "
        "study, write a step with keep: \"not before(date '2016-12-31', treatment_start)\""
    )
    flow = (tmp_path / "share" / "studies" / "small" / "cohort_counts.svg").read_text(encoding="utf-8")
    assert "Data cut-off 2016-12-31: times end there." in flow
    assert "Survival: begins after it for 1 of the analysed" in flow
    for column in ("n", "events", "cut_off_censored", "cut_off_not_begun"):
        name = f"small.survival.as_published_survival_kaplan_meier.{column}.all"
        ((value, query),) = rows(con, f"select value, subjects_sql from mart_number where number_id = '{name}'")
        assert len(rows(con, query)) == value


def test_names_a_step_that_mends_what_may_lie_on_either_side(tmp_path: Path) -> None:
    women = [*WOMEN[:3], followed(("2016-12-01", "2017-01-31"), dead=True)]
    result, survival = published(tmp_path, cut(), *women)
    assert (
        "whether the time ends by the data cut-off 2016-12-31 is not certain for 1 of 4 women (date_convention refuse)" in result.reasons[0]
    )
    keep = survival["reason"].str.extract(r'keep: "(.*)"').drop_nulls()[0]
    (tmp_path / "again").mkdir()
    again, _ = published(tmp_path / "again", cut(steps=({"step": "sure", "label": "Sure", "keep": keep},)), *women)
    assert (again.reasons, again.women["all"]) == ((), 3)


def test_refuses_a_registry_without_calendar_dates_with_a_reason(tmp_path: Path) -> None:
    result, survival = published(tmp_path, cut(), followed(500, start=0), followed(70, start=0, dead=True))
    assert survival["median_days"].null_count() == survival.height
    assert result.reasons == (
        "survival, kaplan_meier: the data cut-off 2016-12-31 cannot be applied for 2 of 2 women: 'treatment_start' has no calendar date; "
        "take 'data_cut_off' out",
    )


def test_shares_no_count_of_women_behind_a_small_cell(tmp_path: Path) -> None:
    result, survival = published(tmp_path, cut(min_cell=5, min_cell_reason=None), *WOMEN)
    assert survival["cut_off_censored"].null_count() == survival["cut_off_not_begun"].null_count() == survival.height
    assert "for some of the women" in result.reasons[0]
    flow = (tmp_path / "share" / "studies" / "small" / "cohort_counts.svg").read_text(encoding="utf-8")
    assert "begins after it" not in flow


def test_gives_the_same_as_an_export_of_that_day(tmp_path: Path) -> None:
    # what an export of 31 December 2016 would have held of each woman: the dead of later are alive, the last contact is that day
    later = [followed(f"201{year}-0{month}-15", dead=month % 2 == 0) for year in (6, 7, 8) for month in range(2, 9)]
    then = [
        followed(day, dead=woman["contacts"][0]["vital_status_code"] == "dead" and day != str(LAST))
        for woman in later
        for day in (min(woman["contacts"][0]["contact"], str(LAST)),)
    ]
    (tmp_path / "then").mkdir()
    asked = ("n", "events", "median_days", "lower_days", "min_days", "max_days", "follow_up_median_days")
    assert (
        published(tmp_path, cut(), *later)[1]
        .select(asked)
        .equals(published(tmp_path / "then", cut(data_cut_off=None), *then)[1].select(asked))
    )
