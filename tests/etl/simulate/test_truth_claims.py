"""Each claim of the seed paper about its thirteen women, recomputed from the simulated records (identifiers P… of its claims).

Months are 30 days, rounded half up to two decimals, as everywhere in the paper. Claims that contradict Table 2 (P072, P073, P098,
P105 to P107 and others) cannot hold and are not here; P125 (median follow-up 108.10 months) follows from nothing that is printed.
"""

import datetime
from decimal import ROUND_HALF_UP, Decimal
from statistics import median

import polars as pl
import pytest

from etl.simulate.paper import fates
from etl.simulate.truth import make_truth

# Table 2: stage, months to recurrence, months from operation to progression, months of survival.
TABLE_2 = {
    1: ("I", "14.10", "4.63", "52.97"), 2: ("IIB", "20.50", None, "37.40"), 3: ("IIB", "25.67", None, "56.63"),
    4: ("IIIA", "29.00", "33.67", "110.70"), 5: ("IIIA", "30.43", "28.67", "74.70"), 6: ("IIIA", "22.97", "5.63", "89.10"),
    7: ("IIIB", "65.80", "20.00", "96.30"), 8: ("IIIB", "15.63", "4.47", "40.63"), 9: ("IIIC", "7.60", "24.27", "67.63"),
    10: ("IIIC", "117.93", None, "173.93"), 11: ("IIIC", "78.03", "3.43", "97.50"), 12: ("IIIC", "3.80", None, "32.07"),
    13: (None, "303.17", None, "336.80"),
}  # fmt: skip
SITES = {
    1: ("sternum", None, "curettage_bone_graft"), 2: ("node_mediastinal", None, "mediastinal_node_excision_vats"),
    3: ("brain_temporoparietal", "left", "craniotomy_excision"), 4: ("lung_upper_lobe", "left", "lung_wedge_vats"),
    5: ("hip", "left", "pelvic_resection_reconstruction"), 6: ("brain_temporal", "right", "craniotomy_excision"),
    7: ("brain_frontotemporal", "right", "craniotomy_excision"), 8: ("brain_frontal", "right", "awake_craniotomy_excision"),
    9: ("node_axillary_contralateral", "left", "axillary_clearance"), 10: ("node_cervical", "left", "radical_neck_dissection"),
    11: ("brachial_plexus", "left", "brachial_plexus_excision"), 12: ("brain_parietal", "left", "craniotomy_excision"),
    13: ("lung_lower_lobe", "right", "lung_lobectomy_robotic"),
}  # fmt: skip


@pytest.fixture(scope="module", params=[1, 94])
def women(request):
    """One row per woman of Table 2 with everything the claims need, by her number."""
    truth = make_truth(400, request.param)
    kinds = {"distant_recurrence": "recurrence", "metastasectomy": "operation", "progression": "progression", "local_recurrence": "local"}
    frame = truth.cohort.filter(pl.col("table2_no").is_not_null()).select("person_no", no="table2_no")
    for kind, name in kinds.items():
        dates = truth.event.filter(event_type_code=kind).select("person_no", pl.col("event_date").alias(name))
        frame = frame.join(dates, on="person_no", how="left")
    person = truth.person.select("person_no", "birth_date", "ethnicity_code", "hospital")
    follow_up = truth.follow_up.select("person_no", "contact_date", "vital_status_code", "death_date")
    joined = frame.join(person, on="person_no").join(follow_up, on="person_no").join(truth.tumour, on="person_no").sort("no")
    return truth, joined


def days(frame, start, end):
    return frame.select((pl.col(end) - pl.col(start)).dt.total_days()).to_series().to_list()


def months(number_of_days):
    return str((Decimal(number_of_days) / 30).quantize(Decimal("0.01"), ROUND_HALF_UP))


def summary(values):
    """Median and range in months, from days."""
    return months(Decimal(str(median(values)))), months(min(values)), months(max(values))


def tally(frame, column):
    return dict(frame[column].value_counts().iter_rows())


def test_carries_stage_intervals_and_survival_of_table_2(women):
    _, frame = women
    recurrence, survival = days(frame, "treatment_start_date", "recurrence"), days(frame, "treatment_start_date", "contact_date")
    progression = days(frame, "operation", "progression")
    found = {
        no: (stage, months(a), None if b is None else months(b), months(c))
        for no, stage, a, b, c in zip(frame["no"], frame["stage_code"], recurrence, progression, survival, strict=True)
    }
    assert found == TABLE_2


def test_carries_sites_and_operations_of_table_2(women):
    truth, frame = women
    for kind in ("distant_recurrence", "metastasectomy"):
        events = truth.event.filter(event_type_code=kind).join(frame.select("person_no", "no"), on="person_no")
        found = {row["no"]: (row["site_code"], row["laterality_code"]) for row in events.iter_rows(named=True)}
        assert found == {no: site[:2] for no, site in SITES.items()}
        if kind == "metastasectomy":
            assert dict(events.select("no", "procedure_code").iter_rows()) == {no: site[2] for no, site in SITES.items()}


def test_p024_ages_have_median_50_from_36_to_67(women):
    _, frame = women
    ages = [
        diagnosis.year - birth.year - ((diagnosis.month, diagnosis.day) < (birth.month, birth.day))
        for birth, diagnosis in frame.select("birth_date", "diagnosis_date").iter_rows()
    ]
    assert (median(ages), min(ages), max(ages)) == (50, 36, 67)


def test_p025_to_p042_margins_of_table_1(women):
    _, frame = women
    assert tally(frame, "ethnicity_code") == {"chinese": 11, "malay": 1, "others": 1}
    assert tally(frame, "stage_code") == {"I": 1, "IIB": 2, "IIIA": 3, "IIIB": 2, "IIIC": 4, None: 1}
    assert tally(frame.with_columns(pl.col("n_code").str.slice(0, 2)), "n_code") == {"N0": 1, "N1": 6, "N2": 1, "N3": 4, None: 1}
    assert tally(frame, "histology_code") == {"8500/3": 11, "8520/3": 1, None: 1}
    assert tally(frame, "er_code") == {"positive": 6, "negative": 6, "unknown": 1}
    assert tally(frame, "her2_code") == {"positive": 6, "negative": 4, "unknown": 3}


def test_p037_positive_nodes_have_median_5_from_1_to_42_without_contradicting_n(women):
    _, frame = women
    nodes = frame["nodes_positive"].drop_nulls().to_list()
    assert (median(nodes), min(nodes), max(nodes)) == (5, 1, 42)
    # All six N1 women had neoadjuvant treatment: their N is clinical, so a count above 3 says nothing against it.
    assert frame.filter(pl.col("n_code").str.starts_with("N1"))["prefix"].to_list() == ["c"] * 6
    assert frame.filter(no=1)["nodes_positive"].to_list() == [None]


def test_p039_grade_has_median_2_from_1_to_3(women):
    _, frame = women
    grades = [int(grade) for grade in frame["grade_code"].drop_nulls()]
    assert (median(grades), min(grades), max(grades)) == (2, 1, 3)


def test_p041_pr_is_printed_for_nine_and_has_no_result_for_the_other_four(women):
    _, frame = women
    assert tally(frame, "pr_code") == {"positive": 3, "negative": 3, "unknown": 3, None: 4}


def test_p040_and_p050_er_and_her2_belong_to_the_women_of_the_footnotes(women):
    _, frame = women
    assert frame.filter(er_code="positive")["no"].to_list() == [1, 3, 5, 7, 9, 11]
    assert frame.filter(her2_code="positive")["no"].to_list() == [1, 3, 4, 6, 8, 11]


def test_p043_to_p068_treatment_of_the_primary(women):
    truth, frame = women
    treatment = truth.treatment.join(frame.select("person_no", "no"), on="person_no")
    given = treatment.filter("is_given")

    def numbers(**found):
        return sorted(set(given.filter(**found)["no"]))

    assert numbers(course_code="primary_systemic", modality_code="chemotherapy") == list(range(1, 14))
    assert numbers(setting_code="neoadjuvant") == [2, 3, 4, 5, 7, 8, 9, 10]
    assert numbers(course_code="primary_systemic", drug_code="trastuzumab") == [3, 4, 6, 8, 11]
    assert numbers(course_code="primary_hormonal") == [1, 3, 5, 7, 11]
    assert numbers(course_code="primary_hormonal", completion_code="completed") == [7, 11]
    assert numbers(course_code="primary_radiation") == list(range(2, 13))
    assert numbers(course_code="primary_radiation", fields=4) == [5, 9, 10, 12]
    assert numbers(procedure_code="wide_local_excision") == [2]
    assert numbers(procedure_code="mastectomy") == [no for no in range(1, 14) if no != 2]
    assert treatment.filter(course_code="primary_trastuzumab", is_given=False, not_given_reason_code="declined")["no"].to_list() == [1]


def test_p086_to_p089_treatment_after_the_metastasectomy(women):
    truth, frame = women
    after = truth.treatment.join(frame.select("person_no", "no"), on="person_no").filter("is_given", course_code="after_metastasectomy")
    assert sorted(set(after.filter(volume_code="whole_brain")["no"])) == [3, 6, 7, 8, 12]
    assert sorted(set(after.filter(pl.col("modality_code").is_in(["chemotherapy", "targeted", "hormonal"]))["no"])) == [
        1,
        2,
        3,
        4,
        5,
        7,
        9,
        10,
        11,
    ]


def test_p069_to_p071_diagnosis_to_treatment(women):
    _, frame = women
    waited = days(frame, "diagnosis_date", "treatment_start_date")
    assert months(median(waited)) == "0.87"
    assert {no: months(d) for no, d in zip(frame["no"], waited, strict=True) if d > 30} == {2: "5.97"}


def test_p126_and_p127_follow_up_from_diagnosis_ranges_from_33_07_to_337_80_months(women):
    _, frame = women
    assert summary(days(frame, "diagnosis_date", "contact_date"))[1:] == ("33.07", "337.80")


def test_p090_to_p095_eight_progressed_after_a_median_of_12_82_months(women):
    _, frame = women
    progressed = frame.filter(pl.col("progression").is_not_null())
    assert progressed["no"].to_list() == [1, 4, 5, 6, 7, 8, 9, 11]
    assert summary(days(progressed, "operation", "progression")) == ("12.82", "3.43", "33.67")


def test_p100_and_p101_seven_died_six_of_them_after_progression(women):
    _, frame = women
    dead = frame.filter(vital_status_code="dead")
    assert dead.height == 7
    assert dead["progression"].null_count() == 1
    assert dead["death_date"].to_list() == dead["contact_date"].to_list()


def test_p102_to_p104_progression_to_death(women):
    _, frame = women
    dead = frame.filter(pl.col("progression").is_not_null(), vital_status_code="dead")
    assert summary(days(dead, "progression", "death_date")) == ("26.48", "8.67", "59.33")


def test_p113_to_p115_overall_survival(women):
    _, frame = women
    assert summary(days(frame, "treatment_start_date", "contact_date")) == ("74.70", "32.07", "336.80")


def test_p120_to_p122_survival_after_metastasectomy(women):
    _, frame = women
    assert summary(days(frame, "operation", "contact_date")) == ("30.57", "16.60", "80.40")


def test_operates_between_recurrence_and_last_contact(women):
    _, frame = women
    assert min(days(frame, "recurrence", "operation")) >= 0
    assert min(days(frame, "operation", "contact_date")) > 0
    assert days(frame, "recurrence", "operation") == list(fates().delays.values())


def test_p082_dates_the_local_recurrence_six_months_before_the_distant_one(women):
    _, frame = women
    local = frame.filter(pl.col("local").is_not_null())
    assert local["no"].to_list() == [9]
    assert days(local, "local", "recurrence") == [180]


def test_keeps_recurrence_and_last_contact_inside_the_calendar_windows(women):
    _, frame = women
    assert frame["recurrence"].is_between(datetime.date(2005, 1, 1), datetime.date(2016, 12, 31)).all()
    assert frame["contact_date"].max() <= datetime.date(2017, 10, 6)
    start = dict(frame.select("no", "treatment_start_date").iter_rows())
    assert datetime.date(1995, 4, 26) <= start[10] <= datetime.date(2003, 6, 24)
    assert datetime.date(1980, 2, 7) <= start[13] <= datetime.date(1990, 2, 6)


def test_p136_gives_no_trastuzumab_for_a_primary_before_2006(women):
    truth, frame = women
    given = truth.treatment.join(frame.select("person_no"), on="person_no").filter("is_given", drug_code="trastuzumab")
    assert given["treatment_date"].min() >= datetime.date(2006, 1, 1)
