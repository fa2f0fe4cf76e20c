"""What a publication says of a study, recomputed from a few women, and the verdict on it."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from small_registry import SURVIVAL, Woman, registry, rows, study

from schemas.claims import COLUMNS, Claim
from schemas.facts import Row
from warehouse.claim_files import verdicts
from warehouse.claim_verdict import judge
from warehouse.claims import Measured, Recomputed
from warehouse.number_sources import mart_columns, number_sources
from warehouse.studies import publish_studies


def claim(name: str = "P1", **cells: str) -> Claim:
    given = {"claim": name, "kind": "cohort", "text": "A sentence", "reported": "2", **cells}
    assert given.keys() <= set(COLUMNS)
    return Claim(Row("claims/small.csv", 2, given))


def verdict(said: Claim, *parts: Measured, arithmetic: tuple[float | None, ...] = (), **more: Any) -> tuple[str, str]:
    found = judge(said, Recomputed(parts, None, arithmetic), days_per_month=30, is_simulated=more.get("simulated", False), **_refusal(more))
    return found.verdict, found.recomputed


def _refusal(more: dict[str, Any]) -> dict[str, Any]:
    return {"refusal": more["refusal"]} if "refusal" in more else {}


COUNT: dict[str, str] = {"statistic": "n"}


@pytest.mark.parametrize(
    ("reported", "least", "most", "expected"),
    [
        ("2", 2, 2, ("agrees", "2")),
        ("2", 3, 3, ("contradicts", "3")),
        ("2", 2, 4, ("bound_only", "2 to 4")),  # two more are not known: it may be four
        ("3", 2, 4, ("bound_only", "2 to 4")),
        ("4", 2, 4, ("bound_only", "2 to 4")),
        ("5", 2, 4, ("contradicts", "2 to 4")),
        ("> 2", 3, 4, ("agrees", "3 to 4")),
        ("> 2", 2, 4, ("bound_only", "2 to 4")),
        ("> 2", 2, 2, ("contradicts", "2")),
    ],
)
def test_a_count_is_held_against_what_is_certain_and_what_is_possible(
    reported: str, least: int, most: int, expected: tuple[str, str]
) -> None:
    assert verdict(claim(reported=reported, **COUNT), Measured(least, most, 9, most - least)) == expected


@pytest.mark.parametrize(
    ("reported", "expected"), [(">= 44.35", "agrees"), ("<= 44.35", "agrees"), ("> 44.35", "contradicts"), ("< 44.35", "contradicts")]
)
def test_a_side_is_held_against_the_published_number(reported: str, expected: str) -> None:
    value = 44.349999999999994  # the mean of 36.9 and 51.8 as a computer has it; 44.35 is published
    assert verdict(claim(reported=reported, value="age_years", statistic="mean"), Measured(value, value, 2, 0))[0] == expected


MONTHS: dict[str, str] = {"value": "survival_days", "statistic": "median", "unit": "months"}


@pytest.mark.parametrize(
    ("reported", "days", "expected"),
    [
        ("12.82", 384.5, ("agrees", "12.82")),  # 384.5 / 30 = 12.8166...
        ("12.8", 384.5, ("agrees", "12.82")),  # held to the decimals that are printed
        ("12.81", 384.5, ("contradicts", "12.82")),
        ("0.25", 7.35, ("agrees", "0.25")),  # 0.245, half up
        ("29", 860, ("agrees", "28.67")),
    ],
)
def test_months_are_days_over_those_of_the_study_rounded_half_up(reported: str, days: float, expected: tuple[str, str]) -> None:
    assert verdict(claim(reported=reported, **MONTHS), Measured(days, days, 2)) == expected


@pytest.mark.parametrize(("reported", "expected"), [("15.60", "bound_only"), ("15.61", "contradicts"), ("3", "bound_only")])
def test_a_bound_leaves_open_what_lies_within_and_refutes_what_lies_beyond(reported: str, expected: str) -> None:
    assert verdict(claim(reported=reported, bound="at_most", **MONTHS), Measured(468, 468, 1)) == (expected, "at most 15.60")


def test_a_lower_bound_refutes_what_lies_below_it() -> None:
    said = claim(reported="2", bound="at_least", **COUNT)
    assert [verdict(said, Measured(n, n, 9))[0] for n in (2, 3)] == ["bound_only", "contradicts"]


def test_what_holds_by_an_unusual_convention_only_is_said_to() -> None:
    said = claim(reported="12.82", convention="a plain median of all times", **MONTHS)
    found = judge(said, Recomputed((Measured(384.5, 384.5, 2),)), days_per_month=30, is_simulated=False)
    assert (found.verdict, found.note) == ("under_convention", "a plain median of all times")
    assert verdict(said, Measured(300.0, 300.0, 2))[0] == "contradicts"


@pytest.mark.parametrize(
    ("parts", "arithmetic", "expected"),
    [
        ((Measured(2, 2, 9),), (3.0,), ("contradicts", "2")),  # the publication contradicts itself
        ((Measured(1, 3, 9, 2),), (2.0,), ("agrees", "1 to 3")),
        ((Measured(None, reason="nobody of this arm was delivered"),), (2.0,), ("agrees", "2")),
        ((Measured(None, reason="nobody of this arm was delivered"),), (), ("not_derivable", "")),
        ((Measured(2, 2, 9),), (None,), ("agrees", "2")),
    ],
)
def test_women_and_arithmetic_are_weighed(
    parts: tuple[Measured, ...], arithmetic: tuple[float | None, ...], expected: tuple[str, str]
) -> None:
    assert verdict(claim(arithmetic="P2", **COUNT), *parts, arithmetic=arithmetic) == expected


def test_several_numbers_are_held_against_one_as_their_sum() -> None:
    said = claim(reported="3/3/3", expected="3; 3; 3", arithmetic="P2")
    assert [verdict(said, arithmetic=(total,))[0] for total in (13.0, 9.0)] == ["contradicts", "agrees"]


def test_one_wrong_number_of_several_is_enough_to_contradict() -> None:
    said = claim(reported="6/5", expected="6; 5", **COUNT)
    assert verdict(said, Measured(6, 6, 9), Measured(4, 4, 9)) == ("contradicts", "6; 4")


def test_outcomes_of_made_up_women_and_figures_of_others_are_not_judged() -> None:
    assert verdict(claim(kind="outcome", **COUNT), Measured(2, 2, 9), simulated=True) == ("not_applicable_simulated", "")
    assert verdict(claim(kind="cohort", **COUNT), Measured(2, 2, 9), simulated=True) == ("agrees", "2")
    assert verdict(claim(kind="external")) == ("external", "")


def test_nothing_is_said_of_a_study_whose_numbers_are_refused() -> None:
    assert verdict(claim(**COUNT), Measured(2, 2, 9), refusal="too many held") == ("not_derivable", "")


# Three were operated on: one is stage I, one III, of one it is not known. Two had chemotherapy, one of them stopped.
def operated(stage: str | None, days: int, *cycles: str | None) -> Woman:
    courses = [{"course_code": "first", "component_no": n, "completion_code": code} for n, code in enumerate(cycles, start=1)]
    events = [{"event_type_code": "metastasectomy", "event": 10}]
    contact = {"contact": days, "vital_status_code": "alive"}
    return {"treatment_start": 0, "stage_code": stage, "events": events, "contacts": [contact], "treatments": courses}


WOMEN = (operated("I", 300, None), operated("IIIA", 600, "completed", "stopped_early"), operated(None, 900))
STOPPED = "completion_code = 'stopped_early'"
# The second is made of the first.
OWN = (
    {"column": "stopped", "label": "Stopped", "list": "treatment", "where": STOPPED, "take": "count"},
    {"column": "resected", "label": "Resected", "list": "event", "where": "stopped = 0", "take": "first", "value": "event"},
)
# Whether the second endpoint is about her is not known of the third woman.
ENDPOINTS = (
    SURVIVAL | {"estimators": ("median_observed_time",)},
    SURVIVAL | {"endpoint": "early", "label": "Early", "among": "stage_code in ('I', 'IIIA')"},
)
SAID = (
    claim("counted", reported="1", who="stage_code = 'I'", arm="operated", statistic="n"),
    claim("known", reported="1", who="coalesce(stage_code = 'I', false)", arm="operated"),
    claim("record", reported="1", arm="operated", record="treatment", where="completion_code = 'stopped_early'"),
    claim("record_less", reported="2", arm="operated", record="treatment", unless="completion_code = 'stopped_early'"),
    claim("both", reported="1", arm="operated", record="treatment", where="is_given", unless="completion_code = 'stopped_early'"),
    claim("share", reported="50", unit="percent", value="stage_code = 'I'", statistic="percent"),
    claim("time", reported="20", unit="months", value="survival_days", statistic="median", arm="operated"),
    claim("her", reported="1", who="subject_label = '2' and survival_days > 500"),
    claim("hers", reported="2", who="not early_is_event and early_latest_days > 0"),
    claim("stranger", reported="1", who="subject_label = '77'"),
    claim("elsewhere", reported="1", arm="rest", statistic="n"),
    claim("sum", reported="3", arithmetic="counted + record_less"),
    claim("published", reported="3", arithmetic='"cohort_counts.analysed.n.operated"'),
    claim("own", reported="1", who="stopped = 1"),
    claim("own_date", reported="1", who="days_between(treatment_start, resected) = 10"),
    claim("own_value", reported="0.5", value="stopped", statistic="mean"),
    claim("silent", reported="1", who="er_code = 'positive'"),
)
# verdict, recomputed, and the labels of the women behind the number
EXPECTED = {
    "counted": ("bound_only", "1 to 2", ["1"]),
    "known": ("agrees", "1", ["1"]),
    "record": ("agrees", "1", ["2"]),
    "record_less": ("agrees", "2", ["1", "3"]),
    "both": ("agrees", "1", ["1"]),
    "share": ("agrees", "50", ["1", "2", "3"]),
    "time": ("agrees", "20", ["1", "2", "3"]),
    "her": ("agrees", "1", ["2"]),
    "hers": ("bound_only", "2 to 3", ["1", "2"]),
    "stranger": ("not_derivable", "", []),
    "elsewhere": ("not_derivable", "", []),
    "sum": ("agrees", "3", []),
    "published": ("agrees", "3", []),
    "own": ("bound_only", "1 to 2", ["2"]),
    "own_date": ("bound_only", "1 to 3", ["3"]),
    "own_value": ("agrees", "0.50", ["1", "2", "3"]),
    "silent": ("not_derivable", "", []),
}


def published(folder: Path, **parts: Any) -> tuple[list[dict[str, str]], Any]:
    con = registry(folder, *WOMEN)
    made = study(endpoints=ENDPOINTS, columns=OWN, **parts)
    publish_studies(con, [made], folder / "share", folder / "internal", is_simulated=False, said={"small": SAID})
    side = "share" if made.min_cell == 1 else "internal"
    with (folder / side / "studies" / "small" / "claims.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle)), con


def test_every_claim_is_recomputed_and_its_query_lists_who_is_behind_it(tmp_path: Path) -> None:
    found, con = published(tmp_path)
    label = dict(rows(con, "select patient_key, subject_label from dim_patient"))
    behind = {}
    for row in found:
        ((sql,),) = rows(con, f"select subjects_sql from mart_number where number_id = '{row['number_id']}'")
        behind[row["claim"]] = sorted(label[key] for (key,) in rows(con, sql))
    assert {row["claim"]: (row["verdict"], row["recomputed"], behind[row["claim"]]) for row in found} == EXPECTED


def test_claims_leave_the_closed_folder_only_where_small_numbers_may(tmp_path: Path) -> None:
    found, _ = published(tmp_path, min_cell=5, min_cell_reason=None)
    assert len(found) == len(SAID)
    assert not list((tmp_path / "share").rglob("claims.*"))  # that a claim of two agrees says that there are two
    assert (tmp_path / "internal" / "studies" / "small" / "claims.html").is_file()


def test_a_claim_stands_on_the_columns_of_its_conditions_times_and_records() -> None:
    sources = number_sources([study(endpoints=ENDPOINTS, columns=OWN)], {"small": SAID})
    assert mart_columns(sources, "small", "claims", "own_date") == [
        "treatment_start",
        "treatment.completion_code",
        "event.event",
        "own.stopped",
        "own.resected",
    ]
    assert mart_columns(sources, "small", "claims", "record") == ["has_metastasectomy", "treatment.completion_code"]
    assert mart_columns(sources, "small", "claims", "her") == [
        "subject_label",
        "treatment_start",
        "death",
        "contact",
        "vital_status_code",
    ]
    assert mart_columns(sources, "small", "claims", "sum") == []


def test_each_verdict_has_its_meaning() -> None:
    assert set(verdicts()) == {
        "agrees", "contradicts", "under_convention", "bound_only", "not_derivable", "external", "not_applicable_simulated",
    }  # fmt: skip
