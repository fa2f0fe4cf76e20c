"""Cells that say several things, each read by the columns that it fills, and results that two cells tell together."""

from functools import cache

import pytest
from tiny_exports import contract, normalised, noted

TUMOUR = "{rule: primary, record: tumour, set: {patient_id: id, %s}}"
TNM = "t_code: {from: cell, within_text: true}, n_code: {from: cell, within_text: true}, m_code: {from: cell, within_text: true}"


@pytest.mark.parametrize(
    ("cell", "t", "n", "m"),
    [
        ("T2N2M0", "T2", "N2", "M0"), ("pT1c pN0", "p T1c", "p N0", None), ("pT2N1M0", "p T2", "p N1", "M0"),
        ("cT4d N2 MX", "c T4d", "c N2", "MX"), ("cT2 pN1a(sn) M0", "c T2", "p N1a", "M0"), ("ypT1 ypN0", "yp T1", "yp N0", None),
        ("T1cN0", "T1c", "N0", None), ("T2 pN1", "T2", "p N1", None), ("pTO NO MO", "p T0", "p N0", "M0"),
        ("pTis N0", "p Tis", "p N0", None),
        ("yT1 yN0", "y T1", "y N0", None), ("Unknown", None, None, None),
    ],
)  # fmt: skip
def test_takes_categories_and_prefixes_from_one_cell(cell, t, n, m):
    found = normalised(contract("cell: {}", TUMOUR % TNM), ("1", cell))
    row = found.records["tumour"].row(0, named=True)
    said = [" ".join(filter(None, (row[f"{part}_basis_code"], row[f"{part}_code"]))) or None for part in ("t", "n")]
    assert (*said, row["m_code"]) == (t, n, m)
    assert noted(found) == []


# An m of None: the cell is told of, for something of it is not understood. An empty one: nothing is, and there is no M.
BESIDE_CATEGORIES = [
    ("referred to surgery", None, None, None), ("pt on chemo", None, None, None), ("pt is stable", None, None, None),
    ("tissue biopsy", None, None, None), ("pt 2 weeks post op", None, None, None), ("at 3 months", None, None, None),
    ("T 2 cm", None, None, None), ("CT 1 node", None, None, None), ("size 2 cm 1 node", None, None, None),
    ("pTic NO G3", None, None, None), ("no 1", None, None, None), ("pT1 pN0 pM0", "T1", "N0", None),
    ("pT1b L0 V0 Pn1", "T1b", None, ""), ("pT2 pN1 Pn0", "T2", "N1", ""), ("Pn0, pT2, pN1", "T2", "N1", ""),
    ("pT1c L0 V0 pN0 (0/3)", "T1c", "N0", ""), ("pN1a (sn 1/14)", None, "N1a", ""), ("T2 spread to nodes", "T2", None, ""),
    ("Tissue expander T2N0", "T2", "N0", ""), ("TO NX", "T0", "NX", ""), ("N 2 cM 0", None, "N2", "M0"),
    ("pT2 (2 cm) pN0", "T2", "N0", ""), ("pTO", "T0", None, ""),
    ("TisN1-2", "Tis", None, None), ("pT1 N1 (sn 1-2)", "T1", "N1", ""), ("T2 2 cm 1 node", "T2", None, None),
    ("pt is 45", None, None, None), ("T 2 x 3 cm", None, None, None), ("T2-weighted MRI", None, None, None),
    ("up to N1", None, None, None), ("TNM: TO NO MO", "T0", "N0", "M0"), ("L0 V0 Pn0 R0", None, None, None),
    ("PT1 L0 V0 PN0", "T1", None, None),
]  # fmt: skip


@cache
def read_together():
    """The cells of BESIDE_CATEGORIES, each of a woman of her own."""
    return normalised(contract("cell: {header: TNM}", TUMOUR % TNM), *((str(n), row[0]) for n, row in enumerate(BESIDE_CATEGORIES, 1)))


@pytest.mark.parametrize("at", range(len(BESIDE_CATEGORIES)), ids=lambda at: BESIDE_CATEGORIES[at][0])
def test_takes_no_category_from_words_sizes_and_nerves(at):
    found, (_, t, n, m) = read_together(), BESIDE_CATEGORIES[at]
    row = found.records["tumour"].row(at, named=True)
    assert (row["t_code"], row["n_code"], row["m_code"]) == (t, n, m or None)
    line = at + 2
    assert [one for one in noted(found) if one[2] == line] == ([("NORM-UNMAPPED", "tumour", line, "TNM")] if m is None else [])


def test_notes_a_cell_of_categories_that_has_none():
    found = normalised(contract("cell: {header: TNM}", TUMOUR % TNM), ("1", "two nodes"))
    assert noted(found) == [("NORM-UNMAPPED", "tumour", 2, "TNM")]


def test_reads_numbers_of_a_receptor_that_the_contract_says_are_per_cent():
    er = "{rule: er, record: biomarker, set: {patient_id: id, marker_code: {value: er}, specimen_code: {value: primary}, result_code: %s}}"
    cells = [("1", "60,0"), ("2", "0"), ("3", "1"), ("4", "<1"), ("5", "90%"), ("6", "positive"), ("7", "150")]
    found = normalised(contract("cell: {}", er % "{from: cell, unit: percent}"), *cells)
    assert found.records["biomarker"].select("result_code", "result_value").rows() == [
        ("positive", 60.0), ("negative", 0.0), ("positive", 1.0), ("negative", None), ("positive", 90.0), ("positive", None), (None, None),
    ]  # fmt: skip
    assert noted(found) == [("NORM-UNMAPPED", "biomarker", 8, "cell")]
    bare = normalised(contract("cell: {}", er % "cell"), *cells[:1])
    assert bare.records["biomarker"]["result_code"].to_list() == [None]


HER2 = (
    "{rule: her2, record: biomarker, set: {patient_id: id, marker_code: {value: her2}, specimen_code: {value: primary}, "
    "result_code: {from: ihc, beside: fish}%s}}"
)
RESULT = ("result_code", "result_value", "result_unit_code", "reason_code")


def test_decides_her2_by_two_cells():
    rows = [("1", "2+", "amplified"), ("2", "2+", None), ("3", "3+", None), ("4", "1+", "amplified"), ("5", None, None)]
    found = normalised(contract("ihc: {header: IHC}, fish: {}", HER2 % ""), *rows)
    assert found.records["biomarker"].select(RESULT).rows() == [
        ("positive", 2.0, "ihc_score", "ish"), ("borderline", 2.0, "ihc_score", "ihc"), ("positive", 3.0, "ihc_score", "ihc"),
        (None, None, None, None), (None, None, None, None),
    ]  # fmt: skip
    assert noted(found) == [("NORM-UNMAPPED", "biomarker", 5, "IHC")]


def test_leaves_beside_a_result_what_the_contract_says_itself():
    found = normalised(contract("ihc: {}, fish: {}", HER2 % ", reason_code: {value: delivered}"), ("1", "2+", "ratio 2.4"))
    assert found.records["biomarker"].select(RESULT).rows() == [("positive", 2.4, "ish_ratio", "delivered")]


@pytest.mark.parametrize(("cell", "said"), [("pIS", ("Tis", "p")), ("ypis", ("Tis", "yp")), ("p1C", ("T1c", "p")), ("IS", ("Tis", None))])
def test_reads_the_direct_codes_of_naaccr_with_their_prefix(cell, said):
    found = normalised(contract("cell: {}", TUMOUR % "t_code: cell"), ("1", cell))
    assert found.records["tumour"].select("t_code", "t_basis_code").row(0) == said
