"""Partial records brought together: trust, windows, duplicates, components, parents, and the ledger of all that."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from link_pieces import dates, day, delivered, fates, link, noted, one, parents, window

from schemas.core.ids import ROW_BITS

DIAGNOSIS_2005 = window("diagnosis", day(2005), day(2005, 12, 31), "year")
MARCH_2005 = window("diagnosis", day(2005, 3), day(2005, 3, 31), "month")


def tumour(*pieces, **more):
    """The tumour linked from these pieces, the first the most trusted."""
    linked = link([delivered(trust, patient=[{}], tumour=[piece], **more) for trust, piece in enumerate(pieces)])
    return one(linked, "tumour"), linked


def test_takes_each_column_from_the_most_trusted_source_that_gives_it():
    row, linked = tumour({"laterality_code": "left"}, {"laterality_code": "left", "grade_code": "2"})
    assert (row["laterality_code"], row["grade_code"], row["source_file"], row["source_row_id"] % (1 << ROW_BITS)) == (
        "left",
        "2",
        "file_0.csv",
        1,
    )
    assert noted(linked) == []


def test_keeps_the_trusted_value_and_notes_the_row_that_contradicts_it():
    row, linked = tumour({"laterality_code": "left"}, {"laterality_code": "right", "grade_code": "2"})
    assert (row["laterality_code"], row["grade_code"]) == ("left", "2")
    assert noted(linked) == [("LINK-CONFLICT", "tumour", 1, "laterality_code(file_0.csv:1)")]
    assert linked.findings["record_key"].to_list() == [row["record_key"]]


def test_lets_a_stated_unknown_give_way_to_a_known_value_of_less_trust():
    unknown = {"marker_code": "er", "result_code": "unknown", "reason_code": "footnote_c"}
    positive = {"marker_code": "er", "result_code": "positive", "reason_code": "running_text"}
    linked = link([delivered(trust, **parents(), biomarker=[piece]) for trust, piece in enumerate([unknown, positive])])
    row = one(linked, "biomarker")
    assert (row["result_code"], row["reason_code"]) == ("positive", "running_text")
    assert noted(linked) == []


@pytest.mark.parametrize(
    ("trusted", "other", "kept"),
    [
        (("T2", None), ("T0", "yp"), ("T2", None)),  # the prefix of another T says nothing of this one
        (("T2", "c"), ("T0", "yp"), ("T2", "c")),
        (("T0", "yp"), ("T2", "c"), ("T0", "yp")),
        (("T2", None), ("T2", "p"), ("T2", "p")),
        (("T2", None), (None, "p"), ("T2", "p")),  # delivered in a row of its own
        ((None, None), ("T2", "p"), ("T2", "p")),
    ],
)
def test_takes_a_prefix_from_where_the_category_comes(trusted, other, kept):
    row, _ = tumour(*({"t_code": code, "t_basis_code": basis} for code, basis in (trusted, other)))
    assert (row["t_code"], row["t_basis_code"]) == kept


def test_keeps_unknown_where_no_source_knows():
    er = {"marker_code": "er", "result_code": "unknown"}
    linked = link([delivered(trust, **parents(), biomarker=[er]) for trust in (0, 1)])
    assert one(linked, "biomarker")["result_code"] == "unknown"


def test_takes_the_reason_from_where_the_result_comes_and_calls_another_reason_no_conflict():
    er = {"marker_code": "er", "result_code": "positive"}
    pieces = [{**er, "reason_code": "hormonal_drug_named"}, {**er, "reason_code": "running_text"}]
    linked = link([delivered(trust, **parents(), biomarker=[piece]) for trust, piece in enumerate(pieces)])
    assert one(linked, "biomarker")["reason_code"] == "hormonal_drug_named"
    assert noted(linked) == []


def test_makes_one_window_of_its_two_sides():
    row, _ = tumour(window("diagnosis", day(2005), None), window("diagnosis", None, day(2016, 12, 31)))
    assert dates(row, "diagnosis")[:3] == (day(2005), day(2016, 12, 31), "ambiguous")


def test_narrows_a_year_by_a_month_and_keeps_the_precision_of_the_month():
    row, linked = tumour(DIAGNOSIS_2005, MARCH_2005)
    assert dates(row, "diagnosis")[:3] == (day(2005, 3), day(2005, 3, 31), "month")
    assert noted(linked) == []


def test_calls_a_window_of_one_day_a_day():
    row, _ = tumour(window("diagnosis", day(2005, 3, 7), None), window("diagnosis", None, day(2005, 3, 7)))
    assert dates(row, "diagnosis")[:3] == (day(2005, 3, 7), day(2005, 3, 7), "day")


def test_keeps_the_trusted_date_where_two_cannot_both_be_true():
    row, linked = tumour(MARCH_2005, window("diagnosis", day(2005, 4), day(2005, 4)))
    assert dates(row, "diagnosis")[:3] == (day(2005, 3), day(2005, 3, 31), "month")
    assert noted(linked) == [("LINK-CONFLICT", "tumour", 1, "diagnosis(file_0.csv:1)")]


def test_lets_the_file_delivered_last_win_among_equally_trusted_ones():
    first = delivered(0, "a.csv", patient=[{}], tumour=[{"grade_code": "1"}])
    last = delivered(0, "b.csv", tumour=[{"grade_code": "2"}])
    assert one(link([first, last]), "tumour")["grade_code"] == "2"
    assert one(link([last, first]), "tumour")["grade_code"] == "1"


def test_counts_an_equal_row_as_duplicate_and_a_partial_one_as_merged():
    linked = link([delivered(patient=[{}], tumour=[{"grade_code": "2"}, {"grade_code": "2"}, {"laterality_code": "left"}])])
    assert {fate: n for (_, _, fate), n in fates(linked).items()} == {"goes_on": 2, "duplicate": 1, "merged": 1}


def test_traces_every_piece_to_its_row():
    row, linked = tumour({"grade_code": "2"}, {"laterality_code": "left"})
    mine = linked.lineage.filter(record="tumour").select("record_key", "source_row_id", "step", "rule").rows()
    assert mine == [(row["record_key"], (1 << 32) + 1, "delivered", "rule"), (row["record_key"], (2 << 32) + 1, "merged", "rule")]


AC = {"component_no": 1, "modality_code": "chemotherapy", "regimen_code": "AC", "is_given": True}
PACLITAXEL = {"component_no": 2, "modality_code": "chemotherapy", "drug_code": "paclitaxel", "is_given": True}
RADIATION = {"component_no": 3, "modality_code": "radiation", "is_given": True}
STOPPED = {"same_by": "modality_code", "modality_code": "chemotherapy", "stop_reason_code": "toxicity"}


def treatments(known, asking):
    linked = link([delivered(0, **parents(), treatment=known), delivered(1, treatment=asking)])
    rows = linked.records["treatment"].sort("component_no").select("component_no", "modality_code", "stop_reason_code").rows()
    return rows, linked


def test_joins_the_one_component_of_the_same_modality():
    rows, linked = treatments([AC, RADIATION], [STOPPED])
    assert rows == [(1, "chemotherapy", "toxicity"), (3, "radiation", None)]
    assert noted(linked) == []


def test_makes_a_component_of_its_own_where_the_course_has_none_like_it():
    rows, _ = treatments([RADIATION], [STOPPED])
    assert rows == [(3, "radiation", None), (4, "chemotherapy", "toxicity")]


def test_makes_a_component_of_its_own_and_notes_it_where_several_fit():
    rows, linked = treatments([AC, PACLITAXEL], [STOPPED])
    assert rows == [(1, "chemotherapy", None), (2, "chemotherapy", None), (3, "chemotherapy", "toxicity")]
    assert [edit for edit, *_ in noted(linked)] == ["LINK-COMPONENT"]


def test_starts_a_course_that_only_asking_rows_deliver():
    rows, _ = treatments([], [STOPPED, {**STOPPED, "stop_reason_code": None}])
    assert rows == [(1, "chemotherapy", "toxicity")]


def test_makes_the_missing_parents_of_a_record_and_says_so():
    linked = link([delivered(treatment=[AC])])
    assert one(linked, "patient")["patient_pseudonym"] == "p"
    assert one(linked, "tumour")["tumour_no"] == 1
    assert [(edit, record, row) for edit, record, row, _ in noted(linked)] == [("LINK-PARENT", "patient", 1), ("LINK-PARENT", "tumour", 1)]


def test_opens_the_account_of_the_parents_it_makes():
    linked = link([delivered(treatment=[AC, PACLITAXEL])])
    assert fates(linked) == {("file_0.csv", "normalise", "goes_on"): 2, ("file_0.csv", "link", "goes_on"): 4}


def test_names_patient_and_tumour_of_every_record():
    linked = link([delivered(**parents(), treatment=[AC], follow_up=[{}])])
    patient, tumour_ = one(linked, "patient")["record_key"], one(linked, "tumour")["record_key"]
    assert one(linked, "treatment")["patient_key"] == patient
    assert one(linked, "treatment")["tumour_key"] == one(linked, "tumour")["tumour_key"] == tumour_
    assert "tumour_key" not in linked.records["follow_up"].columns


@pytest.mark.parametrize(
    ("diagnosis", "edition", "derived"),
    [
        (window("diagnosis", day(2012, 5, 4), day(2012, 5, 4)), "7", "IA"),
        (window("diagnosis", day(2002, 12, 31), day(2002, 12, 31)), "unknown", None),
        (window("diagnosis", day(2009, 12, 31), day(2010)), "unknown", None),  # one day on either side of a change of edition
        ({}, "unknown", None),
    ],
)
def test_stages_by_the_edition_of_the_whole_diagnosis_interval(diagnosis, edition, derived):
    row, _ = tumour({"t_code": "T1c", "stage_code": "I"}, {"n_code": "N0", "m_code": "M0", **diagnosis})
    assert (row["tnm_edition_code"], row["stage_derived_code"], row["stage_code"]) == (edition, derived, "I")


def test_lets_the_delivered_edition_win():
    row, _ = tumour({"t_code": "T1c", "tnm_edition_code": "6", **DIAGNOSIS_2005})
    assert row["tnm_edition_code"] == "6"


def test_gives_no_edition_to_a_tumour_without_a_stage():
    assert tumour(DIAGNOSIS_2005)[0]["tnm_edition_code"] is None


PIECE = st.fixed_dictionaries(
    {
        "laterality_code": st.sampled_from([None, "left", "right"]),
        "grade_code": st.sampled_from([None, "1", "2"]),
        "tumour_no": st.sampled_from([1, 2]),
    }
)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.lists(PIECE, max_size=3), min_size=1, max_size=3), st.randoms(use_true_random=False))
@pytest.mark.slow
def test_does_not_depend_on_the_order_of_files_and_accounts_for_every_piece(files, random):
    parts = [delivered(trust, patient=[{}], tumour=pieces) for trust, pieces in enumerate(files)]
    straight = link(parts)
    random.shuffle(parts)
    shuffled = link(parts)
    for kind, frame in straight.records.items():
        assert frame.sort("record_key").equals(shuffled.records[kind].sort("record_key"))
    assert straight.ledger.equals(shuffled.ledger)
    assert straight.ledger["n"].sum() == sum(frame.height for part in parts for frame in part.records.values())


def test_drops_the_pieces_on_the_way_where_it_may():
    part = delivered(patient=[{"sex_code": "female"}], tumour=[{}])
    kept = link([part])
    spent = link([part], spend=True)
    assert part.records.n_records == 0
    assert all(spent.records[name].equals(frame) for name, frame in kept.records.items())
