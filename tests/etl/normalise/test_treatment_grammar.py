"""The notation of treatment cells, cell by cell. Expected values are read off the footnotes of Table 2 of Chan et al. 2017."""

from pathlib import Path

import polars as pl
import pytest

from etl.normalise.treatment_grammar import Context, parse_cell, parse_cells
from etl.normalise.treatment_lexicons import by_modality, words_of_treatment
from etl.normalise.treatment_tokens import NotUnderstoodError
from etl.normalise.treatment_words import course_of
from schemas.vocabulary import load

MARKS = {
    "**": {"completion_code": "stopped_early"},
    "†": {"completion_code": "completed", "duration_years": 5},
    "a": {"not_given_reason_code": "er_negative"},
    "b": {"not_given_reason_code": "relapsed_before"},
    "c": {"not_given_reason_code": "presumed_er_negative"},
    "d": {},
}
CHEMOTHERAPY = Context("chemotherapy", "adjuvant", MARKS)
HORMONAL = Context("hormonal", "adjuvant", MARKS)
RADIATION = Context("radiation", "adjuvant", MARKS)
LATER = Context(None, "after_metastasectomy", MARKS)
TABLE_2 = Path(__file__).parents[3] / "etl/examples/published/exports/table2.csv"


@pytest.fixture(scope="module")
def words():
    return words_of_treatment(load())


@pytest.fixture(scope="module")
def words_of_any():
    return by_modality(load())(None)


def parsed(cell, context, words):
    return parse_cell(cell, context, words)[0]


def blocks(components):
    """Name, cycles and days between cycles of each component of chemotherapy."""
    chemotherapy = [c for c in components if c["modality_code"] == "chemotherapy"]
    return [(c.get("regimen_code") or c.get("drug_code"), c.get("cycles"), c.get("interval_days")) for c in chemotherapy]


def stopped(components):
    return [c.get("regimen_code") or c.get("drug_code") for c in components if c.get("completion_code") == "stopped_early"]


@pytest.mark.parametrize(
    ("cell", "neoadjuvant", "expected", "trastuzumab", "early"),
    [
        ("ACx4; Tx12", False, [("AC", 4, None), ("paclitaxel", 12, None)], False, []),
        ("Neoadjuvant ACx4; Tx12", True, [("AC", 4, None), ("paclitaxel", 12, None)], False, []),
        ("Neoadjuvant ACx4; Ixabepilone x4 Trastuzumab**", True, [("AC", 4, None), ("ixabepilone", 4, None)], True, ["trastuzumab"]),
        ("Neoadjuvant ACx4; Tx12 Trastuzumab", True, [("AC", 4, None), ("paclitaxel", 12, None)], True, []),
        ("Neoadjuvant ACx4; Tx4", True, [("AC", 4, None), ("paclitaxel", 4, None)], False, []),
        ("ACx4; Tx4 Trastuzumab", False, [("AC", 4, None), ("paclitaxel", 4, None)], True, []),
        ("Neoadjuvant CMFx6", True, [("CMF", 6, None)], False, []),
        ("Neoadjuvant ACx4; Tx12 Trastuzumab**", True, [("AC", 4, None), ("paclitaxel", 12, None)], True, ["trastuzumab"]),
        ("Neoadjuvant TCx4", True, [("TC", 4, None)], False, []),
        ("Neoadjuvant FACx6", True, [("FAC", 6, None)], False, []),
        ("ACx4; Tx12 Trastuzumab", False, [("AC", 4, None), ("paclitaxel", 12, None)], True, []),
        ("TCx1**", False, [("TC", 1, None)], False, ["TC"]),
    ],
)
def test_reads_the_blocks_of_a_chemotherapy_cell(*, cell, neoadjuvant, expected, trastuzumab, early, words):
    components = parsed(cell, CHEMOTHERAPY, words)
    chemotherapy = [c for c in components if c["modality_code"] == "chemotherapy"]
    assert blocks(components) == expected
    assert {c["setting_code"] for c in chemotherapy} == {"neoadjuvant" if neoadjuvant else "adjuvant"}
    assert [c["modality_code"] for c in components if c.get("drug_code") == "trastuzumab"] == ["targeted"] * trastuzumab
    assert stopped(components) == early
    assert [c["component_no"] for c in components] == list(range(1, len(components) + 1))
    assert all(c["is_given"] for c in components)


@pytest.mark.parametrize(
    ("cell", "regimen"),
    [
        ("ACx4; Tx12", "AC-T"),
        ("ACx4; Tx4", None),
        ("ACx4; Ixabepilone x4", "AC-Ixa"),
        ("TCx4", "TC"),
        ("ACx4", "AC"),
        ("ACx4; Tx8", None),
    ],
)
def test_names_the_course_by_its_counts(cell, regimen, words):
    components = parsed(cell, CHEMOTHERAPY, words)
    assert {c.get("course_regimen_code") for c in components} == {regimen}


def test_a_contract_names_the_courses_of_its_own_notation(words):
    of_the_paper = Context("chemotherapy", "adjuvant", MARKS, (course_of("AC x4; paclitaxel x4", "ddAC-T"),))
    named = [
        {c.get("course_regimen_code") for c in parsed(cell, of_the_paper, words) if c["modality_code"] == "chemotherapy"}
        for cell in ("ACx4; Tx4", "ACx4; Tx4 Trastuzumab", "ACx4; Tx12", "ACx4 -> Tx4 q3w")
    ]
    assert named == [{"ddAC-T"}, {"ddAC-T"}, {"AC-T"}, {"AC-T q3w"}]


def test_leaves_the_count_of_trastuzumab_open(words):
    trastuzumab = parsed("ACx4; Tx12 Trastuzumab", CHEMOTHERAPY, words)[2]
    assert (trastuzumab.get("cycles"), trastuzumab["setting_code"]) == (None, "adjuvant")


def test_knows_given_without_knowing_the_regimen(words):
    assert parsed("Yes, regimen unknown", CHEMOTHERAPY, words) == [
        {"component_no": 1, "modality_code": "chemotherapy", "is_given": True, "setting_code": None}
    ]


@pytest.mark.parametrize(
    ("cell", "dose", "boost", "fields", "early"),
    [
        ("50+10Gy; 3 fields", 50, 10, 3, False),
        ("50Gy; 4 fields", 50, None, 4, False),
        ("14Gy; 4 fields**", 14, None, 4, True),
        ("5000cGy; 3 fields", 50, None, 3, False),
    ],
)
def test_reads_dose_boost_and_fields(*, cell, dose, boost, fields, early, words):
    [course] = parsed(cell, RADIATION, words)
    assert (course["dose_gy"], course["boost_gy"], course["fields"]) == (dose, boost, fields)
    assert (course.get("completion_code") == "stopped_early") is early
    assert "fractions" not in course, "fractions are never worked out from the dose"


def test_takes_fractions_where_they_are_stated(words):
    [course] = parsed("50 Gy/25#", RADIATION, words)
    assert (course["dose_gy"], course["fractions"]) == (50, 25)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [("No <sup>a</sup>", "er_negative"), ("No <sup>b</sup>", "relapsed_before"), ("No c", "presumed_er_negative"), ("No", None)],
)
def test_gives_the_reason_of_a_treatment_not_given(cell, reason, words):
    [component] = parsed(cell, HORMONAL, words)
    assert (component["component_no"], component["is_given"], component["modality_code"]) == (0, False, "hormonal")
    assert component.get("not_given_reason_code") == reason


@pytest.mark.parametrize("cell", ["Tamoxifen <sup>†</sup>", "Tamoxifen †", "tamoxifen†"])
def test_reads_the_dagger_in_every_form(cell, words):
    [component] = parsed(cell, HORMONAL, words)
    assert (component["drug_code"], component["completion_code"], component["duration_years"]) == ("tamoxifen", "completed", 5)


@pytest.mark.parametrize(
    ("cell", "items"),
    [
        ("Cisplatin /Gemcitabine", ["cisplatin", "gemcitabine"]),
        ("RT Gemcitabine Trastuzumab", ["radiation", "gemcitabine", "trastuzumab"]),
        ("Whole brain RT Chemotherapy <sup>d</sup> Letrozole", ["whole_brain", "chemotherapy", "letrozole"]),
        ("Axillary RT Anastrozole", ["axilla", "anastrozole"]),
        ("Lapatinib Aromasin", ["lapatinib", "exemestane"]),
        ("Xeloda", ["capecitabine"]),
        ("Xeloda Trastuzumab Tamoxifen", ["capecitabine", "trastuzumab", "tamoxifen"]),
        ("Tx12 Trastuzumab", ["paclitaxel", "trastuzumab"]),
        ("Chemotherapy d", ["chemotherapy"]),
    ],
)
def test_takes_the_items_of_a_later_cell_apart(cell, items, words):
    components = parsed(cell, LATER, words)
    assert [c.get("drug_code") or c.get("volume_code") or c["modality_code"] for c in components] == items
    assert {c["setting_code"] for c in components} == {"after_metastasectomy"}


def test_reads_t_alone_as_weekly_paclitaxel_only_with_twelve_cycles(words):
    assert blocks(parsed("Tx12 Trastuzumab", LATER, words)) == [("paclitaxel", 12, None)]
    with pytest.raises(NotUnderstoodError, match="several drugs"):
        parsed("Tx6", LATER, words)


def test_says_of_no_without_a_modality_that_nothing_was_given(words):
    [component] = parsed("No", LATER, words)
    assert (component["modality_code"], component["is_given"]) == ("any", False)


@pytest.mark.parametrize("cell", ["AC x 4", "AC×4", "ACX4", "4 x AC", "AC 4#", "AC*4", "AC (4)", "AC 4 cycles"])
def test_reads_every_usual_way_to_write_a_count(cell, words):
    assert blocks(parsed(cell, CHEMOTHERAPY, words)) == [("AC", 4, None)]


@pytest.mark.parametrize("cell", ["ACx4 -> Tx12", "ACx4 → Tx12", "ACx4 then Tx12", "ACx4 followed by Tx12", "ACx4 f/b Tx12"])
def test_reads_every_usual_way_to_write_a_sequence(cell, words):
    assert blocks(parsed(cell, CHEMOTHERAPY, words)) == [("AC", 4, None), ("paclitaxel", 12, None)]


@pytest.mark.parametrize(
    ("cell", "same"),
    [
        ("AC x4\nTx12", "AC x4; Tx12"), ("AC x4\r\n\r\nTx12\n", "AC x4; Tx12"), ("AC x4;\nTx12", "AC x4; Tx12"),
        ("AC x4\n-> Tx12", "AC x4 -> Tx12"),
        ("AC weekly\nT", "AC weekly; T"), ("Neoadjuvant\nAC x4", "Neoadjuvant AC x4"), ("FEC x6\nstopped", "FEC x6, stopped"),
        ("MRM\nAC x4\nTx12", "MRM; AC x4; Tx12"), ("AC x4\nRT", "AC x4; RT"), ("RT breast\n50 Gy", "RT breast 50 Gy"),
    ],
)  # fmt: skip
def test_reads_a_line_break_as_a_blank_or_else_between_treatments(cell, same, words_of_any):
    assert parsed(cell, LATER, words_of_any) == parsed(same, LATER, words_of_any)


@pytest.mark.parametrize(
    "cell",
    [
        "RT breast\n50Gy + SCF",
        "50 Gy\n(20 x 2 Gy)",
        "50Gy\n10Gy",  # or its boost
        "MRM\nRt",
        "AC x4\nZymurgol",
        "AC x4,\n;Tx12",
        "AC x4\nx4",
        "1 AC\n2 Taxol",
        "Chemo\nAC x4",
    ],
)
def test_refuses_lines_that_may_be_parts_of_one_treatment(cell, words_of_any):
    with pytest.raises(NotUnderstoodError):
        parsed(cell, LATER, words_of_any)


@pytest.mark.parametrize(
    "cell",
    [
        "ACx4; Zymurgol x4", "ACx4;", "; ACx4", "ACx4;; Tx12", "ACx0", "x4", "ACx4x4", "No Tamoxifen", "Tamoxifen No", "Neoadjuvant",
        "Neoadjuvant Tamoxifen", "Tamoxifen <sup>z</sup>", "<sup>a</sup>", "** ACx4", "d", "Tamoxifen d", "3 fields", "Yes; No",
        "Tamoxifen x", "RT x4", "4 x", "Tx4", "FEC-T",
    ],
)  # fmt: skip
def test_refuses_the_whole_cell_rather_than_guess(cell, words):
    with pytest.raises(NotUnderstoodError):
        parsed(cell, HORMONAL, words)


def test_keeps_a_refused_cell_with_its_reason_and_no_component(words):
    found = parse_cells(["Tamoxifen", "Tamoxifen and something"], HORMONAL, words)
    assert found.components["cell"].to_list() == ["Tamoxifen"]
    summaries = found.cells.select("drugs", "given", "components", "reason").rows()
    assert summaries == [("tamoxifen", "yes", "1", None), (None, None, None, "unknown word")]


@pytest.mark.parametrize(
    ("column", "context", "cells", "components"),
    [
        ("chemotherapy_trastuzumab", CHEMOTHERAPY, 13, 26),
        ("hormonal_therapy", HORMONAL, 7, 7),
        ("radiation", RADIATION, 6, 6),
        ("treatment_after_metastasectomy", LATER, 11, 21),
        ("treatment_after_progression", LATER, 8, 15),
    ],
)
def test_understands_every_treatment_cell_of_table_2(column, context, cells, components, words):
    table = pl.read_csv(TABLE_2, comment_prefix="# ", infer_schema=False)
    found = parse_cells(table[column].drop_nulls().unique(maintain_order=True), context, words)
    assert found.cells["reason"].null_count() == found.cells.height == cells
    assert found.components.height == components


def test_lets_a_drug_win_over_the_regimen_that_is_spelt_like_it(words):
    assert blocks(parsed("Gemcitabine Trastuzumab", LATER, words)) == [("gemcitabine", None, None)]
    assert blocks(parsed("Taxotere", LATER, words)) == [("docetaxel", None, None)]


def test_uses_only_codes_that_the_vocabularies_have(words):
    known = load()
    for course in words.courses:
        assert course.regimen in known.codes("regimen")
        assert {block.name for block in course.blocks} <= known.codes("regimen") | known.codes("drug")
    for word in words.words.values():
        for values in (word.values, *word.blocks):
            assert values.get("modality_code", "any") in known.codes("modality")
            assert values.get("volume_code", "bone") in known.codes("radiation_volume")
            assert values.get("regimen_code", "AC") in known.codes("regimen")
            assert values.get("drug_code", "tamoxifen") in known.codes("drug")
            assert values.get("not_given_reason_code", "declined") in known.codes("not_given_reason")
    for meaning in (meaning for meanings in words.meanings.values() for meaning in meanings):
        assert set(meaning.drugs) <= known.codes("drug")
        assert meaning.regimen is None or meaning.regimen in known.codes("regimen")
        assert meaning.settings <= known.codes("setting")


def test_follows_a_project_that_says_what_an_abbreviation_means(tmp_path):
    tmp_path.joinpath("ours.csv").write_text("domain,spelling,code\nregimen,TCH,TCbH\ndrug,D,docetaxel\n", encoding="utf-8")
    words = words_of_treatment(load(tmp_path))
    assert blocks(parsed("TCH x4", CHEMOTHERAPY, words)) == [("TCbH", 4, None)]
    assert blocks(parsed("D x4", CHEMOTHERAPY, words)) == [("docetaxel", 4, None)]
    with pytest.raises(NotUnderstoodError):
        parsed("T x4", CHEMOTHERAPY, words)
