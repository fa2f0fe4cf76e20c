"""The published counts hold in the simulated truth for every size and seed, counted from its records alone.

Numbers are those of the seed paper: P005 to P020 of its claims.
"""

import datetime
import hashlib

import numpy as np
import polars as pl
import pytest

from etl.simulate.paper import CLOSE, WINDOW
from etl.simulate.times import Draws
from etl.simulate.truth import COLUMNS, make_truth
from schemas.core.errors import ConfigurationError

SYSTEMIC = {  # chemotherapy, trastuzumab, hormonal -> women
    (False, False, True): 71,
    (True, False, False): 51,
    (True, True, False): 24,
    (True, True, True): 21,
    (True, False, True): 47,
    (False, True, True): 2,
}
UNTREATED = {"unfit": 33, "died_before": 35, "declined": 20, "treated_elsewhere": 5}
FRAMES = tuple(COLUMNS)
PROMISED = [0.6865523030552644, 0.08680782340541482]


@pytest.fixture(scope="module", params=[(400, 0), (400, 77), (1500, 1), (5000, 20171006)], ids=lambda p: f"{p[0]}-{p[1]}")
def truth(request):
    return make_truth(*request.param)


def eligible(truth):
    """Women whose first distant recurrence lies in the window, by person_no."""
    first = truth.event.filter(event_type_code="distant_recurrence").group_by("person_no").agg(pl.col("event_date").min())
    inside = first.filter(pl.col("event_date").is_between(*WINDOW))
    return inside.join(truth.person.filter(sex_code="female"), on="person_no", how="semi")


def after_recurrence(truth):
    """One row per eligible woman: what was given after the recurrence, the reason why nothing was, and whether she was operated."""
    setting = pl.col("setting_code").is_in(["after_recurrence", "after_metastasectomy", "after_progression"])
    given = truth.treatment.filter(setting).group_by("person_no").agg(
        chemotherapy=(pl.col("is_given") & (pl.col("modality_code") == "chemotherapy")).any(),
        trastuzumab=(pl.col("is_given") & (pl.col("drug_code") == "trastuzumab")).any(),
        hormonal=(pl.col("is_given") & (pl.col("modality_code") == "hormonal")).any(),
        is_given=pl.col("is_given").any(),
        reasons=pl.col("not_given_reason_code").drop_nulls(),
    )  # fmt: skip
    operated = truth.event.filter(event_type_code="metastasectomy").select("person_no", is_operated=True).unique()
    joined = eligible(truth).join(given, on="person_no", how="left").join(operated, on="person_no", how="left")
    return joined.with_columns(pl.col("is_operated").fill_null(False))


def test_has_322_women_with_a_first_distant_recurrence_in_the_window(truth):
    assert eligible(truth).height == 322


def test_counts_no_man_among_recurrences_in_the_window(truth):
    first = truth.event.filter(event_type_code="distant_recurrence").group_by("person_no").agg(pl.col("event_date").min())
    inside = first.filter(pl.col("event_date").is_between(*WINDOW))
    assert inside.height == 322


def test_splits_them_into_13_operated_216_with_drugs_only_and_93_with_nothing(truth):
    women = after_recurrence(truth)
    operated = women.filter("is_operated")
    drugs = women.filter(~pl.col("is_operated") & pl.col("is_given"))
    nothing = women.filter(~pl.col("is_operated") & ~pl.col("is_given"))
    assert (operated.height, drugs.height, nothing.height) == (13, 216, 93)


def test_gives_the_216_women_disjoint_combinations_of_drugs(truth):
    drugs = after_recurrence(truth).filter(~pl.col("is_operated") & pl.col("is_given"))
    found = {row[:3]: row[3] for row in drugs.group_by("chemotherapy", "trastuzumab", "hormonal").len().iter_rows()}
    assert found == SYSTEMIC


def test_gives_each_of_the_93_women_one_reason(truth):
    nothing = after_recurrence(truth).filter(~pl.col("is_operated") & ~pl.col("is_given"))
    assert nothing["reasons"].list.len().to_list() == [1] * 93
    assert dict(nothing["reasons"].list.first().value_counts().iter_rows()) == UNTREATED


def test_says_in_the_cohort_what_the_records_say(truth):
    arms = dict(truth.cohort["arm"].value_counts().iter_rows())
    assert {arm: n for arm, n in arms.items() if arm != "outside"} == {"metastasectomy": 13, "systemic_only": 216, "untreated": 93}
    study = truth.cohort.filter(pl.col("arm") != "outside")
    assert set(study["person_no"]) == set(eligible(truth)["person_no"])


def test_counts_women_as_asked_and_one_man_per_hundred(truth):
    assert dict(truth.person["sex_code"].value_counts().iter_rows()) == {"female": truth.women, "male": truth.women // 100}


def test_puts_nothing_after_the_last_day_and_nothing_after_death(truth):
    days = {
        "event": "event_date", "treatment": "treatment_date", "tumour": "diagnosis_date", "follow_up": "contact_date",
    }  # fmt: skip
    death = truth.follow_up.select("person_no", "death_date")
    for name, column in days.items():
        frame = getattr(truth, name)
        dated = frame if "death_date" in frame.columns else frame.join(death, on="person_no")
        assert dated[column].max() <= CLOSE
        assert dated.filter(pl.col(column) > pl.col("death_date")).is_empty()


def test_keeps_who_died_before_treatment_from_outliving_three_months(truth):
    died = truth.cohort.filter(subgroup="died_before_treatment").select("person_no")
    recurred = truth.event.filter(event_type_code="distant_recurrence", event_no=1).select("person_no", "event_date")
    days = (
        died.join(truth.follow_up, on="person_no")
        .join(recurred, on="person_no")
        .select((pl.col("death_date") - pl.col("event_date")).dt.total_days())
    )
    assert days.to_series().is_between(1, 90).all()


def test_makes_every_person_number_nric_and_number_b_once(truth):
    assert truth.person["person_no"].to_list() == list(range(1, truth.person.height + 1))
    assert truth.person["nric"].is_unique().all()
    assert truth.person["nric"].str.contains(r"^X\d{7}[A-Z]$").all()
    in_b = truth.person.filter(pl.col("hospital") != "a")["number_b"]
    assert in_b.is_unique().all() and in_b.str.contains(r"^0\d{7}$").all()
    assert truth.person.filter(hospital="a")["number_b"].null_count() == truth.person.filter(hospital="a").height


def test_has_each_record_once(truth):
    keys = {
        "person": 1, "tumour": 2, "treatment": 4, "event": 4, "follow_up": 1, "cohort": 1,
    }  # fmt: skip
    for name, n in keys.items():
        frame = getattr(truth, name)
        key = [
            column
            for column in COLUMNS[name]
            if column in {"person_no", "tumour_no", "course_code", "component_no", "event_type_code", "event_no"}
        ][:n]
        assert frame.select(key).is_unique().all(), name


def test_has_second_tumours_of_the_other_breast_lost_contacts_and_two_hospitals(truth):
    sides = truth.tumour.group_by("person_no").agg(pl.len(), pl.col("laterality_code").n_unique().alias("sides")).filter(pl.col("len") > 1)
    assert sides.height > 0 and sides["sides"].to_list() == [2] * sides.height
    assert set(truth.person["hospital"]) == {"a", "b", "both"}
    if truth.women > 1000:
        assert truth.follow_up["contact_date"].null_count() > 0
    study = truth.cohort.filter(pl.col("arm") != "outside")
    assert truth.follow_up.join(study, on="person_no", how="semi")["contact_date"].null_count() == 0


def digest(truth):
    """One hash of all records, from their text."""
    parts = [getattr(truth, name).write_csv().encode() for name in FRAMES]
    return hashlib.sha256(b"".join(parts)).hexdigest()


def test_gives_the_same_records_for_the_same_seed_and_others_for_another():
    assert digest(make_truth(400, 7)) == digest(make_truth(400, 7))
    assert digest(make_truth(400, 7)) != digest(make_truth(400, 8))


def test_gives_one_column_the_same_numbers_whatever_else_is_drawn():
    alone = Draws(5, "table", 4).uniform("a")
    draws = Draws(5, "table", 4)
    draws.uniform("new")
    assert np.array_equal(draws.uniform("a"), alone)
    assert not np.array_equal(draws.uniform("b"), alone)
    assert not np.array_equal(Draws(6, "table", 4).uniform("a"), alone)


def test_draws_the_numbers_that_the_generator_promises():
    # PCG64 seeded with [5, first eight bytes of the hash of "table/a"]; the same on every machine and numpy from 1.17 on.
    assert Draws(5, "table", 2).uniform("a").tolist() == PROMISED


@pytest.mark.parametrize(("women", "seed"), [(399, 1), (0, 1), (400, -1)])
def test_refuses_too_few_women_and_a_negative_seed(women, seed):
    with pytest.raises(ConfigurationError, match="400 women or more"):
        make_truth(women, seed)


def test_knows_no_day_but_calendar_days(truth):
    assert truth.person["birth_date"].min() > datetime.date(1875, 1, 1)
    assert truth.tumour["diagnosis_date"].null_count() == 0
