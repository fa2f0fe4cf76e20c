"""Rows as records: which rule delivers what, and what becomes of every row."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_exports import KEY, contract, fates, normalised, noted

from schemas.contract import Field
from schemas.core.ids import pseudonym

WOMAN = "{rule: woman, record: patient, set: {patient_id: id, sex_code: {value: female}}}"
PRIMARY = "{rule: primary, record: tumour, set: {patient_id: id, laterality_code: side}}"
HORMONAL = "hormonal: {grammar: treatment, modality: hormonal, setting: adjuvant}"
MARKS = "marks: {a: {not_given_reason_code: er_negative}, '†': {completion_code: completed}}, "
COURSE = "{rule: course, record: treatment, each: hormonal, set: {patient_id: id, course_code: {value: primary_hormonal}}}"
ER = (
    "{rule: er_by_drug, record: biomarker, when: hormonal_drugs is not null, set: &er {patient_id: id, marker_code: {value: er}, "
    "specimen_code: {value: primary}, result_code: {value: positive}}}, "
    "{rule: er_by_mark, record: biomarker, when: \"hormonal_marks = 'a'\", set: {<<: *er, result_code: {value: negative}}}"
)


def test_delivers_one_record_per_rule_and_row():
    found = normalised(contract("side: {}", f"{WOMAN}, {PRIMARY}"), ("7", "left"), ("8", "right"))
    assert {name: frame.height for name, frame in found.records.items() if frame.height} == {"patient": 2, "tumour": 2}
    assert fates(found) == [("row", "goes_on", "", 2), ("record", "goes_on", "", 4)]


def test_delivers_a_record_only_where_its_condition_is_true():
    rule = PRIMARY.replace("record: tumour,", "record: tumour, when: \"side = 'left'\",")
    found = normalised(contract("side: {}", rule), ("7", "left"), ("8", "right"), ("9", None))
    assert found.records["tumour"].height == 1
    assert fates(found) == [("row", "goes_on", "", 1), ("row", "no_record", "no_rule", 2), ("record", "goes_on", "", 1)]


def test_delivers_nothing_for_a_row_without_a_person():
    found = normalised(contract("side: {}", PRIMARY), (None, "left"), ("8", "right"))
    assert noted(found) == [("NORM-PERSON", "row", 2, "id")]
    assert fates(found) == [("row", "goes_on", "", 1), ("row", "no_record", "not_understood", 1), ("record", "goes_on", "", 1)]


NATIONAL = "{rule: national, record: tumour, when: id is not null, set: {patient_id: id, laterality_code: side}}"
LOCAL = "{rule: local, record: tumour, when: case_no is not null, set: {patient_id: case_no, laterality_code: side}}"


def test_asks_each_of_two_numbers_of_the_rows_of_its_own_rules_only():
    """A row that names her by one of two columns delivers its record: nothing is to be completed."""
    found = normalised(contract("side: {}, case_no: {}", f"{NATIONAL}, {LOCAL}"), ("N1", "left", None), (None, "right", "C2"))
    assert noted(found) == []
    assert fates(found) == [("row", "goes_on", "", 2), ("record", "goes_on", "", 2)]


def test_tells_of_a_row_that_names_nobody_by_any_of_two_numbers():
    found = normalised(
        contract("side: {}, case_no: {}", f"{NATIONAL}, {LOCAL}"), (None, "left", None), ("N1", "right", None), (None, "right", "C2")
    )
    assert noted(found) == [("NORM-PERSON", "row", 2, "case_no"), ("NORM-PERSON", "row", 2, "id")]


def test_tells_of_a_record_that_has_no_number_of_its_own_kind_beside_another():
    without_condition = NATIONAL.replace(" when: id is not null,", "")
    found = normalised(contract("side: {}, case_no: {}", f"{without_condition}, {LOCAL}"), (None, "left", "C2"))
    assert noted(found) == [("NORM-PERSON", "row", 2, "id")]


@pytest.mark.parametrize(
    "word",
    [
        "unbekannt",
        "Unknown",
        "N/A",
        "k.A.",
        "-",
        "?",
        "0",
        "000",
        "9999999",
        "xxx",
        "XX0",
        "Test",
        "test patient",
        "#####",
        "#VALUE!",
        "\u200b",
    ],
)
@pytest.mark.parametrize("kind", [{}, {"identifier": {"kind": "hospital_number"}}])
def test_takes_a_word_for_not_known_for_no_person(word, kind):
    """Two women of whom the source says that it does not know who they are were one."""
    read = contract("side: {}", PRIMARY).model_copy(update={"fields": {"id": Field.model_validate(kind), "side": Field()}})
    found = normalised(read, (word, "left"), ("ND7", "right"))
    assert ("NORM-PERSON", "row", 2, "id") in noted(found)
    assert fates(found) == [("row", "goes_on", "", 1), ("row", "no_record", "not_understood", 1), ("record", "goes_on", "", 1)]


@pytest.mark.parametrize("other", ["ND7\u200b", "\ufeffND7", "N\u00adD7", "ND7\u00a0"])
def test_sees_no_other_woman_in_a_mark_of_no_width(other):
    found = normalised(contract("side: {}", PRIMARY), ("ND7", "left"), (other, "right"))
    assert found.persons.height == 1


def test_replaces_the_identifier_by_one_pseudonym():
    found = normalised(contract("side: {}", f"{WOMAN}, {PRIMARY}"), ("S1234567D", "left"), ("S1234567D", "right"))
    keys = {*found.records["patient"]["patient_key"], *found.records["tumour"]["patient_key"]}
    [(key, name)] = found.persons.rows()
    assert keys == {key}
    assert name == pseudonym(KEY, "S1234567D")
    assert "S1234567D" not in str([frame.rows() for frame in found.records.values()])


def test_delivers_one_treatment_per_component_of_a_cell():
    found = normalised(contract(HORMONAL, COURSE, MARKS), ("1", "Tamoxifen Letrozole"), ("2", "No <sup>a</sup>"))
    assert found.records["treatment"].select("component_no", "drug_code", "is_given", "setting_code", "not_given_reason_code").rows() == [
        (1, "tamoxifen", True, "adjuvant", None), (2, "letrozole", True, "adjuvant", None), (0, None, False, "adjuvant", "er_negative"),
    ]  # fmt: skip


def test_delivers_of_a_cell_it_does_not_understand_that_it_is_not_known_what_was_given():
    found = normalised(contract(HORMONAL, COURSE, MARKS), ("1", "Tamoxifen or so"), ("2", None))
    told = found.records["treatment"].select("component_no", "modality_code", "setting_code", "is_given", "drug_code")
    assert told.rows() == [(0, "hormonal", "adjuvant", None, None)]
    assert noted(found) == [("NORM-GRAMMAR", "treatment", 2, "hormonal")]
    assert fates(found) == [("row", "goes_on", "", 1), ("row", "no_record", "no_rule", 1), ("record", "goes_on", "", 1)]


def test_knows_no_kind_of_a_cell_it_does_not_understand_where_several_rules_read_the_field():
    other = COURSE.replace("{rule: ", "{rule: other_", 1)
    found = normalised(contract(HORMONAL, f"{COURSE}, {other}", MARKS), ("1", "Tamoxifen or so"))
    assert found.records["treatment"]["modality_code"].to_list() == ["any", "any"]


def test_lets_conditions_ask_what_a_cell_says():
    found = normalised(contract(HORMONAL, ER, MARKS), ("1", "Tamoxifen †"), ("2", "No <sup>a</sup>"), ("3", "No"))
    assert found.records["biomarker"].select("result_code", "rule").rows() == [("positive", "er_by_drug"), ("negative", "er_by_mark")]


RECURRENCE = "cell: {header: Site (months), pattern: '^(?P<site>.+?) [(](?P<months>[0-9.]+)[)]$'}"
EVENT = (
    "{rule: recurrence, record: event, when: cell is not null, set: {patient_id: id, event_type_code: {value: distant_recurrence}, "
    "site_code: cell_site, event: {from: cell_months, duration: months, days_per_month: 30, after: treatment_start}}}"
)


def test_takes_a_cell_apart_by_its_pattern():
    found = normalised(contract(RECURRENCE, EVENT), ("1", "Lung, left upper lobe (29.00)"))
    assert found.records["event"].select("site_code", "event_earliest_offset_days").rows() == [("lung_upper_lobe", 870)]


def test_keeps_the_event_of_a_cell_that_does_not_fit_its_pattern():
    found = normalised(contract(RECURRENCE, EVENT), ("1", "Lung, 29 months"))
    assert found.records["event"].select("site_code", "event_earliest_offset_days").rows() == [(None, None)]
    assert noted(found) == [("NORM-PATTERN", "event", 2, "Site (months)")]


@pytest.mark.parametrize(
    ("when", "rows"),
    [("item = 'CHEMO'", [4]), ("item = 'CHEMO' and value is not null", [4]), ("value is not null", [2, 4]), (None, [2, 4])],
    ids=["its item", "its item, where it is filled", "wherever it is filled", "everywhere"],
)
def test_takes_a_cell_apart_only_in_the_rows_that_a_rule_reads(when: str | None, rows: list[int]) -> None:
    asked = f'when: "{when}", ' if when else ""
    chemo = f"{{rule: chemo, record: treatment, each: value, {asked}set: {{patient_id: id, course_code: {{value: adjuvant}}}}}}"
    cells = contract("item: {}, value: {grammar: treatment, modality: chemotherapy}", chemo)
    found = normalised(cells, ("1", "SIZE", "huge"), ("1", "CHEMO", "FEC x6"), ("1", "CHEMO", "blue"))
    assert [row for edit, _, row, _ in noted(found) if edit == "NORM-GRAMMAR"] == rows


def test_tells_of_no_pattern_in_a_row_whose_cell_no_rule_reads():
    event = EVENT.replace("when: cell is not null", "when: \"item = 'RECURRENCE'\"")
    cells = contract(f"item: {{}}, {RECURRENCE}", event)
    found = normalised(cells, ("1", "SIZE", "29 mm"), ("1", "RECURRENCE", "Lung (29.00)"), ("2", "RECURRENCE", "Lung, 29 months"))
    assert [row for edit, _, row, _ in noted(found) if edit == "NORM-PATTERN"] == [4]


def test_delivers_no_record_without_its_key():
    kind = "{rule: e, record: event, set: {patient_id: id, event_type_code: kind}}"
    found = normalised(contract("kind: {}", kind), ("1", "relapse"), ("2", None), ("3", "teatime"))
    assert found.records["event"]["event_type_code"].to_list() == ["recurrence"]
    assert noted(found) == [("NORM-KEY", "event", 3, "kind"), ("NORM-KEY", "event", 4, "kind"), ("NORM-UNMAPPED", "event", 4, "kind")]


def test_leaves_the_number_of_a_component_open_where_linking_must_find_it():
    same = "component_no: {same: modality_code}, modality_code: {value: radiation}"
    rule = f"{{rule: r, record: treatment, set: {{patient_id: id, course_code: {{value: c}}, {same}}}}}"
    row = normalised(contract("side: {}", rule), ("1", None)).records["treatment"].row(0, named=True)
    assert (row["component_no"], row["same_by"]) == (None, "modality_code")


def test_minds_no_field_that_is_called_like_a_word_of_its_own():
    fields = f"{HORMONAL}, reason: {{}}, n: {{}}"
    found = normalised(contract(fields, f"{COURSE}, {PRIMARY.replace('side', 'n')}", MARKS), ("1", "Tamoxifen", "because", "sideways"))
    assert found.records["treatment"].height == 1
    assert noted(found) == [("NORM-UNMAPPED", "tumour", 2, "n")]


def test_names_the_person_of_a_finding():
    found = normalised(contract("side: {}", f"{WOMAN}, {PRIMARY}"), ("7", "sideways"))
    assert found.findings["patient_key"].to_list() == found.records["patient"]["patient_key"].to_list()


CELLS = st.sampled_from([None, "left", "R", "sideways"])


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([None, "1", "2"]), CELLS), min_size=1, max_size=6))
def test_accounts_for_every_row_and_cell(rows):
    found = normalised(contract("side: {}", PRIMARY), *rows)
    ledger = {(unit, fate): 0 for unit, fate, _, _ in fates(found)}
    for unit, fate, _, n in fates(found):
        ledger[unit, fate] += n
    assert ledger.get(("row", "goes_on"), 0) + ledger.get(("row", "no_record"), 0) == len(rows)
    assert ledger.get(("record", "goes_on"), 0) == sum(frame.height for frame in found.records.values())
    for counts in found.counts.rows():
        assert sum(counts[2:]) == len(rows), "accepted + rejected + empty = input"


@pytest.mark.parametrize(
    ("conditions", "kinds", "told"),
    [
        (("kind = 'a'", "kind = 'b'"), "ab", []),
        (("kind = 'a'", "kind = 'B'"), "ab", ["r1"]),  # the rows of kind b deliver nothing
        (("kind = 'A'", "kind = 'B'"), "ab", ["r0 r1"]),
        (("kind = 'a'", "kind = 'b'"), "aa", []),  # no such row came, and every row delivers
        (("kind = 'a'", None), "bb", []),
    ],
)
def test_notes_a_rule_that_no_row_meets_beside_rows_that_deliver_nothing(conditions, kinds, told) -> None:
    rules = [
        f"{{rule: r{n}, record: tumour, {f'when: {chr(34)}{when}{chr(34)}, ' if when else ''}set: {{patient_id: id}}}}"
        for n, when in enumerate(conditions)
    ]
    found = normalised(contract("kind: {}", ", ".join(rules)), *((str(n), kind) for n, kind in enumerate(kinds)))
    assert [columns for edit, _, _, columns in noted(found) if edit == "NORM-RULE-SILENT"] == told


@pytest.mark.parametrize(
    ("cell", "is_given", "told"),
    [
        ("Unknown", [], []),
        ("n/a", [], []),
        ("not done", [False], []),  # said of the treatment, and not of what is known of it
        ("none given", [False], []),
        ("TRIAL", [None], ["NORM-GRAMMAR"]),  # whether anything was given is not known
    ],
)
def test_reads_a_treatment_of_which_nothing_is_known_as_an_empty_cell(cell, is_given, told):
    rule = "{rule: chemo, record: treatment, each: drugs, set: {patient_id: id, course_code: {value: chemo}}}"
    found = normalised(contract("drugs: {grammar: treatment, modality: chemotherapy}", rule), ("1", cell), ("2", "AC x4"))
    assert found.records["treatment"].filter(pl.col("regimen_code").is_null())["is_given"].to_list() == is_given
    assert [edit for edit, *_ in noted(found)] == told
