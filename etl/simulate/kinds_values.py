"""Defects of codes, numbers and treatment lines within one cell."""

from __future__ import annotations

import polars as pl

from etl.simulate.defects import Cell
from etl.simulate.kinds_dates import PATIENTS, RECURRENCES, REGISTRY, SHEET, TREATED, TUMOURS
from etl.simulate.kinds_order import IN_A, IN_B, IN_BOTH
from etl.simulate.kinds_spellings import in_turn

MISSING = ("n/a", "unknown", "-", ".", "NK", "not recorded", "?", "#N/A", "null", "ND")
NON_BREAKING = "\u00a0"
CATEGORY_SIZE = pl.col("f_t_code").is_in(["T2", "T3"]) & pl.col("f_prefix").fill_null("c").is_in(["c", "p"]) & IN_A
IS_CODED = pl.col("f_stage_code").is_not_null() & pl.col("f_t_code").is_not_null() & pl.col("f_prefix").fill_null("c").is_in(["c", "p"])
NODES = r"^(\d+)/(\d+)$"


def _another(column: str, one: str, other: str) -> pl.Expr:
    """One code, or the other where it is that one already."""
    return pl.when(pl.col(column) == one).then(pl.lit(other)).otherwise(pl.lit(one))


CELLS = (
    Cell("stage_unknown_spelling", TUMOURS, "Stage", in_turn("IIID", "early", "advanced"), "finding NORM-UNMAPPED", where=IN_A),
    Cell(
        "tnm_spelling",
        TUMOURS,
        "TNM",
        in_turn(pl.col("TNM").str.replace_all(" ", "", literal=True), pl.col("TNM").str.to_lowercase()),
        "restored",
        restorable=True,
    ),
    Cell("tnm_typo", TUMOURS, "TNM", pl.col("TNM").str.replace(r"T\d", "T7"), "finding", where=IN_A & pl.col("TNM").str.contains(r"T\d")),
    Cell("receptor_unknown_spelling", TUMOURS, "PR", in_turn("weak?", "pending review", "pls see"), "finding NORM-UNMAPPED", where=IN_A),
    Cell(
        "histology_typo",
        TUMOURS,
        "Histology",
        pl.col("Histology").str.replace("carcinoma", "carconima", literal=True),
        "finding NORM-UNMAPPED",
        where=IN_A & pl.col("Histology").str.contains("carcinoma", literal=True),
    ),
    Cell("grade_unknown_spelling", TUMOURS, "Grade", in_turn("bad", "2-3", "very high"), "finding NORM-UNMAPPED", where=IN_A),
    Cell(
        "ethnicity_typo",
        PATIENTS,
        "Ethnic Group",
        pl.col("Ethnic Group").str.replace("n", "m"),
        "finding NORM-UNMAPPED",
        where=IN_A & pl.col("Ethnic Group").str.contains("n"),
    ),
    Cell(
        "regimen_unknown",
        SHEET,
        "Chemotherapy Regimen",
        in_turn("ABVDQ x6", "as per trial", "see chart"),
        "finding NORM-GRAMMAR",
        where=IN_A,
    ),
    Cell("regimen_ambiguous", SHEET, "Chemotherapy Regimen", in_turn("FEC-T", "T", "D"), "finding NORM-GRAMMAR", where=IN_A),
    Cell("code_not_in_list", REGISTRY, "laterality", in_turn("7", "8"), "finding NORM-UNMAPPED", where=IN_B),
    Cell("missing_in_ten_spellings", TUMOURS, "Grade", in_turn(*MISSING), "null", where=IN_A),
    Cell(
        "size_in_cm",
        TUMOURS,
        "Size mm",
        pl.col("Size mm").str.replace(r"^(\d+)(\d)$", "$1.$2"),
        "edit STG-007",
        where=CATEGORY_SIZE & pl.col("Size mm").str.contains(r"^\d\d+$"),
    ),
    Cell(
        "decimal_comma_lost",
        TUMOURS,
        "Size mm",
        pl.col("Size mm") + "0",
        "edit STG-007",
        where=CATEGORY_SIZE & (pl.col("f_t_code") == "T2") & pl.col("Size mm").str.contains(r"^\d\d$"),
    ),
    Cell("size_with_unit", TUMOURS, "Size mm", in_turn(pl.col("Size mm") + " mm", pl.col("Size mm") + "mm"), "restored", where=IN_A),
    Cell("number_as_word", TUMOURS, "Size mm", in_turn("two cm", "large", "12 or 15"), "finding NORM-NUMBER", where=IN_A),
    Cell("number_out_of_range", RECURRENCES, "Lesions", in_turn("500", "101"), "finding NORM-RANGE"),
    Cell(
        "nodes_exchanged",
        TUMOURS,
        "Nodes",
        pl.col("Nodes").str.replace(NODES, "$2/$1"),
        "finding NORM-NUMBER",
        where=IN_A
        & ~pl.col("Nodes").str.contains(r"^0/0$")
        & (pl.col("Nodes").str.extract(NODES, 1).cast(pl.Int64) < pl.col("Nodes").str.extract(NODES, 2).cast(pl.Int64)),
    ),
    Cell("nodes_turned_into_date", TUMOURS, "Nodes", in_turn("15-Mar", "12-Jan", "Feb-14"), "finding NORM-NUMBER", where=IN_A),
    Cell(
        "receptor_percent_contradicts",
        TUMOURS,
        "ER",
        pl.col("ER").str.replace(r"^\d+%$", "250%"),
        "finding NORM-UNMAPPED",
        where=IN_A & pl.col("ER").str.contains("%", literal=True),
    ),
    Cell(
        "her2_tests_contradict",
        TUMOURS,
        "HER2 FISH",
        pl.lit("not amplified"),
        "finding NORM-UNMAPPED",
        where=IN_A & (pl.col("HER2 IHC") == "3+"),
        fills=True,
    ),
    Cell(
        "er_negative_with_aromatase_inhibitor",
        TUMOURS,
        "ER",
        pl.lit("0%"),
        "edit REC-001",
        where=IN_A & (pl.col("f_er_code") == "positive") & (pl.col("f_pr_code") != "positive") & pl.col("f_has_hormonal"),
    ),
    Cell(
        "her2_positive_without_trastuzumab",
        TUMOURS,
        "HER2 IHC",
        pl.lit("3+"),
        "edit REC-004",
        where=IN_A
        & (pl.col("f_her2_code") == "negative")
        & pl.col("HER2 FISH").is_null()
        & ~pl.col("f_has_trastuzumab")
        & pl.col(TREATED).is_not_null(),
    ),
    Cell(
        "boost_after_mastectomy",
        SHEET,
        "Radiation Treatment",
        pl.col("Radiation Treatment").str.replace("50Gy", "50+10Gy", literal=True),
        "edit RAD-001",
        where=IN_A & pl.col("f_has_mastectomy") & pl.col("Radiation Treatment").str.starts_with("50Gy"),
    ),
    Cell(
        "stage_contradicts_tnm",
        TUMOURS,
        "Stage",
        _another("Stage", "IIIC", "IIA"),
        "edit STG-001",
        where=IN_A
        & IS_CODED
        & pl.col("f_stage_code").is_in(["I", "IA", "IIA", "IIB"])
        & (pl.col("f_diagnosis_date") >= pl.date(2003, 1, 1)),
    ),
    Cell(
        "side_contradicts_other_hospital",
        REGISTRY,
        "laterality",
        _another("laterality", "1", "2"),
        "edit LINK-CONFLICT",
        where=IN_BOTH & pl.col("f_is_nric_known_b"),
    ),
    Cell(
        "stage_contradicts_other_hospital",
        REGISTRY,
        "stage_group",
        _another("stage_group", "IV", "IIA"),
        "edit LINK-CONFLICT",
        where=IN_BOTH & pl.col("f_is_nric_known_b"),
    ),
    Cell("trailing_blanks", TUMOURS, "Side", pl.col("Side") + "   ", "restored", restorable=True),
    Cell("non_breaking_space", TUMOURS, "Side", NON_BREAKING + pl.col("Side") + NON_BREAKING, "restored", restorable=True),
    Cell(
        "line_break_in_cell",
        TUMOURS,
        "Histology",
        pl.col("Histology").str.replace(" ", "\n", literal=True),
        "restored",
        where=IN_A,
    ),
    Cell("mojibake", TUMOURS, "Side", pl.col("Side") + "Â\u00a0", "finding NORM-UNMAPPED", where=IN_A),
    Cell("stray_quote", RECURRENCES, "Site", pl.col("Site") + '"', "finding NORM-UNMAPPED"),
)
