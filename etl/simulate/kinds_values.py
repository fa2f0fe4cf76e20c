"""Defects of codes, numbers, treatment lines and identifiers within one cell."""

from __future__ import annotations

import polars as pl

from etl.simulate.defects import Cell
from etl.simulate.kinds_dates import CONTACTS, DEATHS, ITEMS, PATIENTS, RECURRENCES, REGISTRY, SHEET, TUMOURS
from etl.simulate.kinds_spellings import in_turn

MISSING = ("n/a", "unknown", "-", ".", "NK", "not recorded", "?", "#N/A", "null", "ND")
NON_BREAKING = "\u00a0"


CATEGORY_SIZE = pl.col("f_t_code").is_in(["T2", "T3"]) & pl.col("f_prefix").fill_null("c").is_in(["c", "p"]) & (pl.col("f_hospital") == "a")
IS_CODED = pl.col("f_stage_code").is_not_null() & pl.col("f_t_code").is_not_null() & pl.col("f_prefix").fill_null("c").is_in(["c", "p"])
NODES = r"^(\d+)/(\d+)$"
NOT_B = pl.col("f_hospital") == "a"
# Where a row is lost, no second recurrence may take the place of the first and bring the woman into the window.
ONE_DISTANT = pl.col("f_distant") <= 1
ONLY_B = pl.col("f_hospital") == "b"

CELLS = (
    Cell("stage_unknown_spelling", TUMOURS, "Stage", in_turn("IIID", "early", "advanced"), "finding", where=NOT_B),
    Cell(
        "tnm_spelling",
        TUMOURS,
        "TNM",
        in_turn(pl.col("TNM").str.replace_all(" ", "", literal=True), pl.col("TNM").str.to_lowercase()),
        "restored",
        restorable=True,
    ),
    Cell("tnm_typo", TUMOURS, "TNM", pl.col("TNM").str.replace(r"T\d", "T7"), "finding", where=NOT_B & pl.col("TNM").str.contains(r"T\d")),
    Cell("receptor_unknown_spelling", TUMOURS, "PR", in_turn("weak?", "pending review", "pls see"), "finding", where=NOT_B),
    Cell(
        "histology_typo",
        TUMOURS,
        "Histology",
        pl.col("Histology").str.replace("carcinoma", "carconima", literal=True),
        "finding|restored",
        where=NOT_B & pl.col("Histology").str.contains("carcinoma", literal=True),
    ),
    Cell("grade_unknown_spelling", TUMOURS, "Grade", in_turn("bad", "2-3", "very high"), "finding", where=NOT_B),
    Cell(
        "ethnicity_typo",
        PATIENTS,
        "Ethnic Group",
        pl.col("Ethnic Group").str.replace("n", "m"),
        "finding",
        where=NOT_B & pl.col("Ethnic Group").str.contains("n"),
    ),
    Cell("regimen_unknown", SHEET, "Chemotherapy Regimen", in_turn("ABVDQ x6", "as per trial", "see chart"), "finding", where=NOT_B),
    Cell("regimen_ambiguous", SHEET, "Chemotherapy Regimen", in_turn("FEC-T", "T", "D"), "finding", where=NOT_B),
    Cell("code_not_in_list", REGISTRY, "laterality", pl.lit("7"), "finding", where=ONLY_B),
    Cell("missing_in_ten_spellings", TUMOURS, "Grade", in_turn(*MISSING), "null", where=NOT_B),
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
    Cell("size_with_unit", TUMOURS, "Size mm", pl.col("Size mm") + " mm", "restored|finding", where=NOT_B),
    Cell("number_as_word", TUMOURS, "Size mm", in_turn("two cm", "large", "12 or 15"), "finding", where=NOT_B),
    Cell("number_out_of_range", RECURRENCES, "Lesions", pl.lit("500"), "finding"),
    Cell(
        "nodes_exchanged",
        TUMOURS,
        "Nodes",
        pl.col("Nodes").str.replace(NODES, "$2/$1"),
        "finding|edit NOD-001",
        where=NOT_B
        & ~pl.col("Nodes").str.contains(r"^0/0$")
        & (pl.col("Nodes").str.extract(NODES, 1).cast(pl.Int64) < pl.col("Nodes").str.extract(NODES, 2).cast(pl.Int64)),
    ),
    Cell("nodes_turned_into_date", TUMOURS, "Nodes", in_turn("15-Mar", "12-Jan", "Feb-14"), "finding", where=NOT_B),
    Cell(
        "receptor_percent_contradicts",
        TUMOURS,
        "ER",
        pl.col("ER").str.replace(r"^\d+%$", "250%"),
        "finding",
        where=NOT_B & pl.col("ER").str.contains("%", literal=True),
    ),
    Cell(
        "her2_tests_contradict",
        TUMOURS,
        "HER2 FISH",
        pl.lit("not amplified"),
        "finding",
        where=NOT_B & (pl.col("HER2 IHC") == "3+"),
        fills=True,
    ),
    Cell(
        "er_negative_with_aromatase_inhibitor",
        TUMOURS,
        "ER",
        pl.lit("0%"),
        "edit REC-001",
        where=NOT_B & (pl.col("f_er_code") == "positive") & (pl.col("f_pr_code") != "positive") & pl.col("f_has_hormonal"),
    ),
    Cell(
        "her2_positive_without_trastuzumab",
        TUMOURS,
        "HER2 IHC",
        pl.lit("3+"),
        "edit REC-004",
        where=NOT_B & (pl.col("f_her2_code") == "negative") & pl.col("HER2 FISH").is_null() & ~pl.col("f_has_trastuzumab"),
    ),
    Cell(
        "boost_after_mastectomy",
        SHEET,
        "Radiation Treatment",
        pl.col("Radiation Treatment").str.replace("50Gy", "50+10Gy", literal=True),
        "edit RAD-001",
        where=NOT_B & pl.col("f_has_mastectomy") & pl.col("Radiation Treatment").str.starts_with("50Gy"),
    ),
    Cell(
        "stage_contradicts_tnm",
        TUMOURS,
        "Stage",
        pl.when(pl.col("Stage") == "IIIC").then(pl.lit("IIA")).otherwise(pl.lit("IIIC")),
        "edit STG-001|edit STG-002",
        where=NOT_B
        & IS_CODED
        & pl.col("f_stage_code").is_in(["I", "IA", "IIA", "IIB"])
        & (pl.col("f_diagnosis_date") >= pl.date(2003, 1, 1)),
    ),
    Cell(
        "side_contradicts_other_hospital",
        REGISTRY,
        "laterality",
        pl.when(pl.col("laterality") == "1").then(pl.lit("2")).otherwise(pl.lit("1")),
        "edit LINK-CONFLICT",
        where=(pl.col("f_hospital") == "both") & pl.col("f_is_nric_known_b"),
    ),
    Cell(
        "stage_contradicts_other_hospital",
        REGISTRY,
        "stage_group",
        pl.when(pl.col("stage_group") == "IV").then(pl.lit("IIA")).otherwise(pl.lit("IV")),
        "edit LINK-CONFLICT",
        where=(pl.col("f_hospital") == "both") & pl.col("f_is_nric_known_b"),
    ),
    Cell("alive_in_hospital_dead_in_registry", PATIENTS, "Status", pl.lit("Alive"), "restored", where=pl.col("f_death_date").is_not_null()),
    Cell(
        "leading_zeros_lost",
        CONTACTS,
        "record_id",
        pl.col("record_id").str.strip_chars_start("0"),
        "restored",
        where=ONLY_B,
        restorable=True,
    ),
    Cell(
        "leading_zeros_lost_in_long_file",
        ITEMS,
        "PATNR",
        pl.col("PATNR").str.strip_chars_start("0"),
        "restored",
        where=ONLY_B,
        restorable=True,
    ),
    Cell(
        "id_in_scientific_notation",
        CONTACTS,
        "record_id",
        pl.col("record_id").str.replace(r"^0*(\d)(\d\d)\d*$", "$1.${2}E+07"),
        "finding",
        where=ONLY_B,
    ),
    Cell("id_small_letters", RECURRENCES, "PID", pl.col("PID").str.to_lowercase(), "restored|finding|refused", where=ONE_DISTANT),
    Cell("id_missing", RECURRENCES, "PID", pl.lit(None, pl.String), "finding|refused", where=ONE_DISTANT),
    Cell(
        "id_digit_transposed",
        DEATHS,
        "NRIC",
        pl.col("NRIC").str.replace(r"^(.\d\d)(\d)(\d)", "$1$3$2"),
        "merged|edit LINK-PARENT",
        where=pl.col("NRIC").str.slice(3, 1) != pl.col("NRIC").str.slice(4, 1),
    ),
    Cell(
        "name_typo",
        REGISTRY,
        "name",
        pl.col("name").str.replace(r"^(.)(.)", "$2$1"),
        "merged",
        where=(pl.col("f_hospital") == "both") & pl.col("f_is_nric_known_b"),
    ),
    Cell(
        "duplicate_between_hospitals",
        REGISTRY,
        "nric",
        pl.lit(None, pl.String),
        "merged",
        where=(pl.col("f_hospital") == "both") & pl.col("f_is_nric_known_b") & (pl.col("f_tumours") == 1),
    ),
    Cell("trailing_blanks", TUMOURS, "Side", pl.col("Side") + "   ", "restored", restorable=True),
    Cell("non_breaking_space", TUMOURS, "Side", NON_BREAKING + pl.col("Side") + NON_BREAKING, "restored", restorable=True),
    Cell(
        "line_break_in_cell",
        TUMOURS,
        "Histology",
        pl.col("Histology").str.replace(" ", "\n", literal=True),
        "restored|finding",
        where=NOT_B,
    ),
    Cell("mojibake", TUMOURS, "Side", pl.col("Side") + "Â\u00a0", "restored|finding", where=NOT_B),
    Cell("stray_quote", RECURRENCES, "Site", pl.col("Site") + '"', "restored|finding"),
)
