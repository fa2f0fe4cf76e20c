"""Cells as values: what is understood, and what becomes null with a finding."""

import polars as pl
import pytest
from tiny_exports import TUMOUR, contract, normalised, noted, tumour

from schemas.vocabulary import load


@pytest.mark.parametrize(
    ("column", "cells", "values"),
    [
        ("laterality_code", ["left", "L", "RIGHT", None], ["left", "left", "right", None]),
        ("menopausal_status_code", ["post", "Premenopausal"], ["postmenopausal", "premenopausal"]),
        ("age_at_diagnosis_years", ["70", "0", "120", "48.0"], [70, 0, 120, 48]),
        ("tumour_size_mm", ["21", "2.5", ".5"], [21.0, 2.5, 0.5]),
    ],
)
def test_reads_what_it_understands_without_a_finding(column, cells, values):
    read, found = tumour(column, "cell", *cells)
    assert read == values
    assert noted(found) == []


@pytest.mark.parametrize(
    ("column", "cell", "edit"),
    [
        ("laterality_code", "sideways", "NORM-UNMAPPED"),
        ("age_at_diagnosis_years", "48.5", "NORM-NUMBER"),
        ("age_at_diagnosis_years", "about 50", "NORM-NUMBER"),
        ("age_at_diagnosis_years", "121", "NORM-RANGE"),
        ("age_at_diagnosis_years", "-1", "NORM-RANGE"),
        ("age_at_diagnosis_years", "99999999999", "NORM-NUMBER"),
        ("nodes_positive", "94", "NORM-RANGE"),
        ("tumour_size_mm", "1,234", "NORM-NUMBER"),
    ],
)
def test_empties_what_it_does_not_understand_and_notes_the_cell(column, cell, edit):
    read, found = tumour(column, "cell", cell)
    assert read == [None]
    assert noted(found) == [(edit, "tumour", 2, "Cell")]


@pytest.mark.parametrize(
    ("cell", "edition"), [("AJCC 7", "7"), ("of 2010", "unknown"), ("not stated", "unknown"), ("k.A.", None), (None, None)]
)
def test_calls_an_edition_that_it_does_not_understand_unknown_so_that_no_date_replaces_it(cell, edition):
    read, found = tumour("tnm_edition_code", "cell", cell)
    assert read == [edition]
    assert noted(found) == ([("NORM-UNMAPPED", "tumour", 2, "Cell")] if cell == "of 2010" else [])


@pytest.mark.parametrize("cell", ["unknown", "不明", "NK", "-99", "-95", "nan"])
@pytest.mark.parametrize("column", ["tumour_size_mm", "nodes_positive", "age_at_diagnosis_years"])
def test_takes_a_word_for_not_known_for_no_number_without_a_finding(column, cell):
    read, found = tumour(column, "cell", cell)
    assert read == [None]
    assert noted(found) == []


def test_lets_the_map_of_the_contract_settle_what_m_means():
    rule = "{rule: woman, record: patient, set: {patient_id: id, sex_code: {from: cell, map: {M: female, H: male}}}}"
    found = normalised(contract("cell: {header: Cell}", rule), ("1", "M"), ("2", "H"))
    assert found.records["patient"]["sex_code"].to_list() == ["female", "male"]


@pytest.mark.parametrize(("unit", "cell"), [("Gy", "0"), ("cGy", "000000"), ("cGy", "0.0")])
def test_takes_a_dose_of_nothing_for_no_dose(unit, cell):
    rule = "{rule: rt, record: treatment, set: {patient_id: id, modality_code: {value: radiation}, dose_gy: {from: cell, unit: %s}}}"
    found = normalised(contract("cell: {header: Cell}", rule % unit), ("1", cell))
    assert found.records["treatment"]["dose_gy"].to_list() == [None]
    assert noted(found) == [("NORM-RANGE", "treatment", 2, "Cell")]


def test_lets_the_map_of_the_contract_go_before_the_vocabulary():
    read, _ = tumour("laterality_code", "{from: cell, map: {L: right}}", "L", "left")
    assert read == ["right", "left"]


def test_keeps_the_unknown_spelling_for_the_registrar_only():
    _, found = tumour("laterality_code", "cell", "lefft", "lefft", "left")
    assert found.unmapped.rows(named=True) == [
        {
            "domain": "laterality", "spelling": "lefft", "code": "left", "context": "", "suggestion": "left", "n": 2,
            "contract": "ward", "source_file": "ward.csv", "column": "Cell", "reason": "unknown", "words": "", "would_read": "",
        }
    ]  # fmt: skip
    assert "lefft" not in str(found.findings.rows())


def test_lists_unknown_spellings_as_a_local_vocabulary_takes_them(tmp_path):
    _, found = tumour("laterality_code", "cell", "lefft", "upwards")
    accepted = found.unmapped.filter(pl.col("code") != "")  # a registrar keeps the suggestions that are right
    accepted.write_csv(tmp_path / "ours.csv")
    assert load(tmp_path).normalise("laterality", pl.Series(["lefft", "upwards"]))["code"].to_list() == ["left", None]


def test_offers_nothing_for_a_spelling_that_means_two_things_or_of_two_letters():
    rule = "{rule: rt, record: treatment, set: {patient_id: id, modality_code: {value: chemotherapy}, drug_code: cell}}"
    found = normalised(contract("cell: {header: Cell}", rule), ("1", "Zol"), ("2", "TC"), ("3", "letrozol3"))
    assert found.unmapped.select("spelling", "code").rows() == [("TC", ""), ("Zol", ""), ("letrozol3", "letrozole")]


def test_lists_no_line_without_a_text():
    rule = "{rule: cell, record: treatment, set: {patient_id: id, modality_code: cell, drug_code: cell}}"
    found = normalised(contract("cell: {header: Cell}", rule), ("1", "abracadabra"))
    assert ("NORM-KEY", "treatment", 2, "Cell") in noted(found)
    assert found.unmapped.filter(pl.col("spelling") == "").is_empty()
    assert set(found.unmapped["domain"]) == {"modality", "drug"}


def test_counts_every_cell_as_understood_not_understood_or_empty():
    _, found = tumour("laterality_code", "cell", "left", "sideways", None, "R", "upwards")
    counts = {row[0]: row[2:] for row in found.counts.rows()}
    # violated, possible, satisfied, not_applicable, not_judgeable
    assert counts["NORM-UNMAPPED"] == (2, 0, 2, 1, 0)


@pytest.mark.parametrize(("text", "t", "n"), [("T1cN0", "T1c", "N0"), ("pT2 pN1a M0", "T2", "N1a"), ("not staged", None, None)])
def test_finds_the_categories_within_a_text(text, t, n):
    both = "t_code: {from: cell, within_text: true}, n_code: {from: cell, within_text: true}"
    row = normalised(contract("cell: {}", TUMOUR % both), ("1", text)).records["tumour"]
    assert (row["t_code"][0], row["n_code"][0]) == (t, n)


@pytest.mark.parametrize(("cell", "basis"), [("pT1c", "p"), ("cT2", "c"), ("ypT0", "yp"), ("T3", None), ("p2", "p")])
def test_takes_the_delivered_prefix_of_a_category(cell, basis):
    _, found = tumour("t_code", "cell", cell)
    assert found.records["tumour"]["t_basis_code"].to_list() == [basis]


@pytest.mark.parametrize(
    ("cell", "stage", "basis"), [("pIIA", "IIA", "p"), ("IIIC", "IIIC", None), ("cI", "I", "c"), ("Stage IIB", "IIB", None)]
)
def test_takes_the_delivered_prefix_of_a_stage(cell, stage, basis):
    read, found = tumour("stage_code", "cell", cell)
    assert (read, found.records["tumour"]["stage_basis_code"].to_list()) == ([stage], [basis])


EVENT = "{rule: operation, record: event, set: {patient_id: id, event_type_code: {value: metastasectomy}, %s}}"


def test_fills_organ_and_topography_of_a_site():
    found = normalised(contract("site: {}", EVENT % "site_code: site"), ("1", "Right frontal lobe"), ("2", "the moon"))
    assert found.records["event"].select("site_code", "organ_code", "topography_code").rows() == [
        ("brain_frontal", "brain", "C71.1"), (None, None, None),
    ]  # fmt: skip


def test_decides_an_operation_by_the_organ_of_its_site():
    both = EVENT % "procedure_code: {from: done, at_site: site}"
    done = "VATS metastatectomy"
    found = normalised(contract("site: {}, done: {}", both), ("1", "Mediastinal node", done), ("2", "left upper lobe", done))
    assert found.records["event"]["procedure_code"].to_list() == ["mediastinal_node_excision_vats", "lung_wedge_vats"]


MARKER = "{rule: her2, record: biomarker, set: {patient_id: id, marker_code: marker, specimen_code: {value: primary}, result_code: cell}}"


def test_reads_a_result_by_its_marker():
    found = normalised(contract("marker: {}, cell: {}", MARKER), ("1", "HER2", "2+"), ("2", "ER", "++"))
    assert found.records["biomarker"]["result_code"].to_list() == ["borderline", "positive"]


@pytest.mark.parametrize(
    ("marker", "cell", "value"),
    [
        ("ki67", "Ki67 20%", 20.0),
        ("ki67", "MIB-1: 30", 30.0),
        ("ki67", "ki 67 = 5", 5.0),
        ("er", "Ki67 20%", None),
        ("ki67", "ER 20%", None),
        ("ki67", "12,5%", 12.5),
        ("ki67", "1,250%", None),
        ("ki67", "Ki675", None),
    ],
)
def test_reads_a_number_behind_the_name_of_its_own_marker(marker, cell, value):
    rule = (
        "{rule: r, record: biomarker, set: {patient_id: id, marker_code: {value: %s}, specimen_code: {value: primary}, result_value: cell}}"
    )
    found = normalised(contract("cell: {}", rule % marker), ("1", cell))
    assert found.records["biomarker"]["result_value"].to_list() == [value]


GIVEN = "{rule: r, record: treatment, set: {patient_id: id, course_code: {value: c}, modality_code: {value: hormonal}, is_given: %s}}"


@pytest.mark.parametrize(("cell", "value"), [("yes", True), ("N", False), ("1", True), ("0", False), (None, None), ("perhaps", None)])
def test_reads_yes_and_no(cell, value):
    found = normalised(contract("cell: {}", GIVEN % "cell"), ("1", cell))
    assert found.records["treatment"]["is_given"].to_list() == [value]
    assert bool(noted(found)) == (cell == "perhaps")


def test_reads_yes_and_no_in_words_of_the_contract():
    found = normalised(contract("cell: {}", GIVEN % "{from: cell, map: {taken: true, left: false}}"), ("1", "taken"), ("2", "left"))
    assert found.records["treatment"]["is_given"].to_list() == [True, False]


@pytest.mark.parametrize(
    ("code", "given", "why"),
    [
        ("00", False, None),
        ("02", True, None),
        ("82", False, "unfit"),
        ("85", False, "died_before"),
        ("87", False, "declined"),
        ("99", None, None),
    ],
)
def test_reads_the_treatment_summary_of_naaccr(code, given, why):
    rule = "{rule: r, record: treatment, set: {patient_id: id, course_code: {value: c}, modality_code: {value: chemotherapy}, %s}}"
    cells = "is_given: cell, not_given_reason_code: cell"
    found = normalised(contract("cell: {header: Cell, codes: naaccr.rxSummChemo}", rule % cells), ("1", code))
    assert found.records["treatment"].select("is_given", "not_given_reason_code").rows() == [(given, why)]
    assert noted(found) == []


def test_counts_the_texts_of_each_column_by_bin():
    _, found = tumour("laterality_code", "cell", "left", "L", "L", "Rt", "lefft", None, "unknown")
    assert found.bins.select("column", "domain", "bin", "reason", "distinct", "n").rows() == [
        ("Cell", "laterality", "canonical", "", 1, 1), ("Cell", "laterality", "canonical", "unknown_token", 1, 1),
        ("Cell", "laterality", "fixed", "spelling", 2, 3), ("Cell", "laterality", "rejected", "unknown_spelling", 1, 1),
    ]  # fmt: skip
    assert "lefft" not in str(found.bins.rows())


def test_takes_the_kind_of_treatment_from_the_drug_and_delivers_nothing_for_another_text():
    rule = (
        "{rule: drug, record: treatment, set: {patient_id: id, course_code: {value: drugs}, component_no: {value: 1}, "
        "drug_code: {from: cell, within_text: true}, modality_code: {from: cell, vocabulary: drug, within_text: true}}}"
    )
    cells = ("tamoxifen 20 MG Oral Tablet", "trastuzumab 150 MG Injection [Herceptin]", "ondansetron 4 MG Oral Tablet")
    found = normalised(contract("cell: {header: Cell}", rule), *[(str(i), cell) for i, cell in enumerate(cells, 1)])
    assert found.records["treatment"]["modality_code"].to_list() == ["hormonal", "targeted"]
    assert noted(found) == [("NORM-KEY", "treatment", 4, "Cell"), ("NORM-UNMAPPED", "treatment", 4, "Cell")]
