"""Cells as values: what is understood, and what becomes null with a finding."""

import pytest
from tiny_exports import contract, normalised, noted

TUMOUR = "{rule: primary, record: tumour, set: {patient_id: id, %s}}"


def tumour(column, mapping, *cells):
    """The values of one tumour column made from the field `cell`, and the findings."""
    found = normalised(contract("cell: {header: Cell}", TUMOUR % f"{column}: {mapping}"), *[(str(i), cell) for i, cell in enumerate(cells)])
    return found.records["tumour"][column].to_list(), found


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
        ("nodes_positive", "95", "NORM-RANGE"),
        ("tumour_size_mm", "1,234", "NORM-NUMBER"),
        ("tumour_size_mm", "nan", "NORM-NUMBER"),
    ],
)
def test_empties_what_it_does_not_understand_and_notes_the_cell(column, cell, edit):
    read, found = tumour(column, "cell", cell)
    assert read == [None]
    assert noted(found) == [(edit, "tumour", 2, "Cell")]


def test_lets_the_map_of_the_contract_go_before_the_vocabulary():
    read, _ = tumour("laterality_code", "{from: cell, map: {L: right}}", "L", "left")
    assert read == ["right", "left"]


def test_keeps_the_unknown_spelling_for_the_registrar_only():
    _, found = tumour("laterality_code", "cell", "lefft", "lefft", "left")
    assert found.unmapped.rows() == [("ward", "ward.csv", "Cell", "lefft", 2, "left")]
    assert "lefft" not in str(found.findings.rows())


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


GIVEN = "{rule: r, record: treatment, set: {patient_id: id, course_code: {value: c}, modality_code: {value: hormonal}, is_given: %s}}"


@pytest.mark.parametrize(("cell", "value"), [("yes", True), ("N", False), ("1", True), ("0", False), (None, None), ("perhaps", None)])
def test_reads_yes_and_no(cell, value):
    found = normalised(contract("cell: {}", GIVEN % "cell"), ("1", cell))
    assert found.records["treatment"]["is_given"].to_list() == [value]
    assert bool(noted(found)) == (cell == "perhaps")


def test_reads_yes_and_no_in_words_of_the_contract():
    found = normalised(contract("cell: {}", GIVEN % "{from: cell, map: {taken: true, left: false}}"), ("1", "taken"), ("2", "left"))
    assert found.records["treatment"]["is_given"].to_list() == [True, False]
