"""Counts of nodes, sizes and ages as cells write them."""

import pytest
from tiny_exports import TUMOUR, contract, normalised, noted, tumour

BOTH_NODES = "nodes_positive: cell, nodes_examined: cell"


@pytest.mark.parametrize(
    ("cell", "positive", "examined"),
    [
        ("3/15", 3, 15), ("0/12", 0, 12), ("3 of 15", 3, 15), ("0 de 2", 0, 2), ("(3/15)", 3, 15), ("2 out of 9", 2, 9), ("15/15", 15, 15),
        ("3N+/12", 3, 12), ("2N+/15N", 2, 15),
        ("(0/1 sn)", 0, 1), ("1/12 (mi)", 1, 12), ("0/2(sn)", 0, 2), ("2 von 14", 2, 14), ("1/3 itc", None, None),
        ("n1(2/14)", 2, 14), ("LK 3/17", 3, 17), ("N0 (0/9)", 0, 9),
        ("N0 (3/12)", None, None), ("N1 (0/12)", None, None), ("N(-) 3/12", None, None), ("N(+) 0/12", None, None),  # contradicted
        ("2 out of 12 axillary lymph nodes positive", 2, 12), ("2/12 LN+", 2, 12), ("2/12 LNs positive", 2, 12), ("N+ 2/12", 2, 12),
        ("12 nodes removed, 2 positive", 2, 12), ("12 LK entfernt, davon 2 befallen", 2, 12), ("2 positive out of 12", 2, 12),
        ("12 ganglions prélevés, 2 envahis", 2, 12), ("12 nodes removed, none positive", 0, 12),
        ("2 out of 12 axillary lymph nodes negative", None, None), ("2/12 LN-", None, None), ("N+ 0/12", None, None),
        ("12 nodes removed, 2 negative", None, None), ("2 nodes removed, 12 positive", None, None), ("2 positive in 12 months", None, None),
        ("15/3", None, None),  # more positive than examined
        ("3/98", None, None),  # from 90 on a code
        ("0/0", None, 0),  # none examined: nobody knows whether one was positive
        ("3", None, None), ("0", None, None), ("12 nodes", None, None),  # positive or examined: the cell does not say
    ],
)  # fmt: skip
def test_reads_positive_and_examined_nodes_from_one_cell(cell, positive, examined):
    found = normalised(contract("cell: {header: Nodes}", TUMOUR % BOTH_NODES), ("1", cell))
    assert found.records["tumour"].select("nodes_positive", "nodes_examined").row(0) == (positive, examined)
    assert {edit for edit, *_ in noted(found)} == (set() if positive is not None else {"NORM-NUMBER"})


@pytest.mark.parametrize(
    ("cell", "positive", "status"),
    [
        ("0", 0, None),
        ("12", 12, None),
        ("90", 90, None),
        ("95", None, "positive"),
        ("97", None, "positive"),
        ("98", None, None),
        ("099", None, None),
    ],
)
def test_takes_codes_of_naaccr_for_codes_and_no_counts(cell, positive, status):
    read, found = tumour("nodes_positive", "cell", cell)
    assert (read, found.records["tumour"]["node_status_code"].to_list()) == ([positive], [status])
    assert noted(found) == []


@pytest.mark.parametrize("column", ["fractions", "cycles"])
def test_takes_nines_of_a_course_for_not_known(column):
    rule = "{rule: rt, record: treatment, set: {patient_id: id, modality_code: {value: radiation}, %s: cell}}"
    found = normalised(contract("cell: {header: Cell}", rule % column), ("1", "25"), ("2", "99"))
    assert found.records["treatment"][column].to_list() == [25, None]
    assert noted(found) == []


@pytest.mark.parametrize(
    ("column", "cell", "value"),
    [
        ("tumour_size_mm", "25", 25), ("tumour_size_mm", "25mm", 25), ("tumour_size_mm", "25 mm", 25), ("tumour_size_mm", "2.5 cm", 25),
        ("tumour_size_mm", "2,5cm", 25), ("tumour_size_mm", "2.5 x 1.8 cm", 25), ("tumour_size_mm", "2,5x1,8 cm", 25),
        ("tumour_size_mm", "18 x 25 x 9 mm", 25), ("tumour_size_mm", "18×15", 18), ("nodes_examined", "12個", 12),
        ("tumour_size_mm", "5 cms", 50), ("tumour_size_mm", "2.5 x 2 cms", 25), ("tumour_size_mm", "5 cm by 4 cm", 50),
        ("tumour_size_mm", "5by4cm", 50), ("tumour_size_mm", "5 c.m.", 50),
        ("tumour_size_mm", "1.1 CM", 11), ("tumour_size_mm", "999", None), ("tumour_size_mm", "991", None),
        ("tumour_size_mm", "000", None), ("tumour_size_mm", "0", None), ("tumour_size_mm", "0.0 cm", None), ("tumour_size_mm", "005", 5),
        ("nodes_examined", "00", 0),
        ("age_at_diagnosis_years", "47 yrs", 47), ("nodes_examined", "12 nodes", 12),
    ],
)  # fmt: skip
def test_reads_a_number_with_the_unit_of_the_cell(column, cell, value):
    read, found = tumour(column, "cell", cell)
    assert read == [value]
    assert noted(found) == []


@pytest.mark.parametrize("cell", ["<1 cm", "20-25 mm", "2.5 x cm", "2.5 kg", "about 2 cm", "2 mm x 1 cm", "1,234 mm", "3/15"])
def test_does_not_take_for_a_size_what_is_none(cell):
    read, found = tumour("tumour_size_mm", "cell", cell)
    assert read == [None]
    assert [edit for edit, *_ in noted(found)] == ["NORM-NUMBER"]


@pytest.mark.parametrize(
    ("cells", "sizes"),
    [
        (("3.5 cm", "2 cm", "3"), [35, 20, None]),
        (("3.5 cm", "12", "14"), [35, 12, 14]),
        (("3.5 cm", "2 cm", "25 mm", "18 mm", "12"), [35, 20, 25, 18, 12]),
    ],
)
def test_does_not_take_a_number_alone_among_centimetres_for_millimetres(cells, sizes):
    read, _ = tumour("tumour_size_mm", "cell", *cells)
    assert read == sizes


def test_takes_a_number_alone_in_the_unit_of_the_contract():
    read, _ = tumour("tumour_size_mm", {"from": "cell", "unit": "cm"}, "3.5 cm", "2 cm", "3")
    assert read == [35, 20, 30]
