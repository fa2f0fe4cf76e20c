"""Cells in which a longer text is searched: what nobody finds anything in is not understood, and said so."""

from __future__ import annotations

import pytest
from tiny_exports import contract, normalised, noted

EVENT = "{rule: %s, record: event, when: %s, set: {patient_id: id, event_type_code: {value: distant_recurrence}, %s}}"
SITE = "site_code: {from: cell, within_text: true}"
SIDE = "laterality_code: {from: cell, within_text: true}"
BOTH = f"{SITE}, {SIDE}"
WHOLE = f"site_code: cell, {SIDE}"
TREATED = (
    "{rule: drug, record: treatment, set: {patient_id: id, course_code: {value: c}, component_no: {value: 1}, "
    "modality_code: {value: chemotherapy}, drug_code: {from: cell, within_text: true}}}"
)


def of_event(parts, *cells):
    rows = [(str(number), cell) for number, cell in enumerate(cells, 1)]
    return normalised(contract("cell: {header: Cell}", EVENT % ("relapse", "true", parts)), *rows)


def test_lists_what_was_read_beside_words_that_no_list_knows():
    tumour = (
        "{rule: t, record: tumour, set: {patient_id: id, tumour_no: {value: 1}, menopausal_status_code: {from: cell, within_text: true}}}"
    )
    cells = ("postmenopausal per quux", "postmenopausal", "premenopausal, quux of Blorb", "postmenopausal per quux", "Quux")
    found = normalised(contract("cell: {header: Cell}", tumour), *((str(number), cell) for number, cell in enumerate(cells, 1)))
    assert found.unlisted.select("domain", "spelling", "code", "words", "n", "column").rows() == [
        ("menopausal_status", "postmenopausal per quux", "postmenopausal", "quux", 2, "Cell"),
        ("menopausal_status", "premenopausal, quux of Blorb", "premenopausal", "quux blorb", 1, "Cell"),
    ]
    assert found.unmapped["spelling"].to_list() == ["Quux"], "what is not read is told there"


@pytest.mark.parametrize(
    ("parts", "cell", "is_told"),
    [
        (SITE, "Lung, left upper lobe", False),
        (SITE, "Lesion beneath the spoon", True),
        (SITE, "Spoon", True),
        (SITE, "unknown", False),
        (SITE, "None", False),  # a word for nothing
        (SITE, "Keine", False),
        (SITE, None, False),
        (SIDE, "Sternum", True),  # of a column that is read for its side alone
        (BOTH, "Sternum", False),  # the organ is read
        (BOTH, "left upper side", False),  # the side is
        (BOTH, "left upper spoon", True),  # with a word that nobody knows it may be of another thing
        (BOTH, "upper spoon", True),
        (WHOLE, "Sternum", False),
        (WHOLE, "Spoon", True),  # by the site, as before
    ],
)
def test_tells_of_a_cell_in_which_nobody_finds_anything(parts, cell, is_told):
    found = of_event(parts, cell)
    assert noted(found) == ([("NORM-UNMAPPED", "event", 2, "Cell")] if is_told else [])
    assert found.unmapped.select("spelling", "n").rows() == ([(cell, 1)] if is_told else [])


def test_counts_such_cells_as_rejected_and_suggests_a_spelling():
    found = of_event(BOTH, "liverr", "liverr", "Sternum", "Left femur")
    assert found.unmapped.select("domain", "spelling", "n", "suggestion").rows() == [("site", "liverr", 2, "liver")]
    bins = {(domain, reason): n for domain, reason, n in found.bins.select("domain", "reason", "n").rows()}
    assert bins["site", "unknown_spelling"] == 2
    assert ("laterality", "unknown_spelling") not in bins
    assert bins["laterality", "not_in_text"] == 3


def test_judges_each_row_by_the_rules_that_read_it():
    # the same text: in the row of the organ it is read, in that of the side nobody understands it
    rules = ", ".join(EVENT % (item, f"item = '{item}'", parts) for item, parts in (("organ", SITE), ("side", SIDE)))
    found = normalised(contract("item: {}, cell: {header: Cell}", rules), ("1", "organ", "Sternum"), ("2", "side", "Sternum"))
    assert noted(found) == [("NORM-UNMAPPED", "event", 3, "Cell")]
    assert found.unmapped.select("domain", "n").rows() == [("laterality", 1)]


def test_tells_once_of_a_cell_that_several_records_search():
    rules = f"{EVENT % ('relapse', 'true', BOTH)}, {TREATED}"
    found = normalised(contract("cell: {header: Cell}", rules), ("1", "tamoxifen tablets"), ("2", "femur, left"), ("3", "a spoon"))
    assert noted(found) == [("NORM-UNMAPPED", "event", 4, "Cell")]
    assert found.unmapped.select("domain", "spelling").rows() == [("site", "a spoon")]


@pytest.mark.parametrize(("cell", "is_told"), [("pT2 pN1", False), ("pM1", False), ("a spoon", True)])
def test_takes_a_text_of_t_and_n_as_one_that_says_no_m(cell, is_told):
    rule = "{rule: primary, record: tumour, set: {patient_id: id, m_code: {from: cell, within_text: true}}}"
    assert bool(noted(normalised(contract("cell: {}", rule), ("1", cell)))) == is_told


def test_reads_the_number_of_a_result_in_a_column_that_is_searched():
    rule = "{rule: er, record: biomarker, set: {patient_id: id, marker_code: {value: er}, specimen_code: {value: primary}, %s}}"
    found = normalised(contract("cell: {}", rule % "result_code: {from: cell, within_text: true}"), ("1", "90%"), ("2", "a spoon"))
    assert found.records["biomarker"]["result_code"].to_list() == ["positive", None]
    assert noted(found) == [("NORM-UNMAPPED", "biomarker", 3, "cell")]
