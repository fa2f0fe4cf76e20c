"""Defects that only an edit finds: each value is one that the column may have, and the others of the record contradict it.

Follow-up, tumours and nodes. The kinds of treatment and of events stand in `kinds_edits_treated`.
"""

from __future__ import annotations

import polars as pl

from etl.simulate.defects import Cell
from etl.simulate.kinds_dates import CONTACTS, DEATHS, DIAGNOSIS, ITEMS, PATIENTS, RECURRENCES, REGISTRY, TREATED, TUMOURS
from etl.simulate.kinds_order import ALIVE, BORN, ENTERED, IN_A, IN_B, ONE_TUMOUR, SEEN, moved

STARTED, FUTURE = pl.col(TREATED), "2071"
IS_P, N, COUNT = pl.col("f_prefix") == "p", pl.col("f_n_code"), pl.col("f_nodes_positive")
FIRST_EVENT = pl.col("f_first_event")
STAGE, VALUE, ITEM, STATUS = pl.col("stage_group"), pl.col("VALUE"), pl.col("ITEM"), pl.col("Node Status")
OTHER_STATUS = STATUS.replace_strict({"Node negative": "Node positive", "Node positive": "Node negative"}, default=None)

FOLLOWED = (
    Cell("dead_without_date", PATIENTS, "Status", pl.lit("Dead"), "edit FUP-001", IN_A & ALIVE),
    Cell(
        "alive_with_date_of_death", PATIENTS, "Died", moved(SEEN, "0d", "%d.%m.%Y"), "edit FUP-002",
        IN_A & ALIVE & SEEN.is_not_null(), holds=True, fills=True,
    ),
    Cell("alive_with_cause_of_death", PATIENTS, "Cause", pl.lit("Breast cancer"), "edit FUP-004", IN_A & ALIVE, fills=True),
    Cell(
        "contact_before_diagnosis", CONTACTS, "contact_date", moved(DIAGNOSIS, "-200d", "%Y-%m-%d"), "edit DATE-011",
        IN_B & ALIVE, holds=True,
    ),
    Cell(
        "contact_before_treatment", CONTACTS, "contact_date", moved(STARTED, "-1d", "%Y-%m-%d"), "edit DATE-013",
        IN_B & ALIVE & ONE_TUMOUR & ((STARTED - DIAGNOSIS).dt.total_days() > 2), holds=True,
    ),
    Cell(
        "contact_before_recurrence", PATIENTS, "Last Contact", moved(FIRST_EVENT, "-10d", "%d.%m.%Y"), "edit DATE-020",
        IN_A & ALIVE & ONE_TUMOUR & ENTERED.is_null() & (STARTED + pl.duration(days=60) < FIRST_EVENT),
    ),
    Cell("trial_entry_after_last_contact", TUMOURS, "Trial Entry", moved(SEEN, "100d", "%d/%m/%Y"), "edit DATE-014", IN_A, holds=True),
    Cell("trial_entry_before_diagnosis", TUMOURS, "Trial Entry", moved(DIAGNOSIS, "-100d", "%d/%m/%Y"), "edit DATE-015", IN_A),
    Cell(
        "diagnosis_in_future", REGISTRY, "date_of_diagnosis", FUTURE + pl.col("date_of_diagnosis").str.slice(4), "edit DATE-023",
        IN_B & ALIVE & ONE_TUMOUR, holds=True,
    ),
    Cell("event_in_future", RECURRENCES, "Date", pl.col("Date").str.replace(r"\d{4}$", FUTURE), "edit DATE-024", IN_A & ALIVE, holds=True),
    Cell(
        "death_in_future", DEATHS, "DATE_OF_DEATH", FUTURE + pl.col("DATE_OF_DEATH").str.slice(4), "edit DATE-026",
        IN_A | IN_B, holds=True,
    ),
)  # fmt: skip

TUMOUR_EDITS = (
    Cell(
        "treatment_days_before_diagnosis", REGISTRY, "date_of_first_treatment", moved(DIAGNOSIS, "-10d", "%Y%m%d"), "edit DATE-003",
        IN_B & STARTED.is_not_null(),
    ),
    Cell(
        "first_treatment_long_after_diagnosis", TUMOURS, "First Treatment", moved(DIAGNOSIS, "400d", "%d/%m/%Y"), "edit TUM-010",
        IN_A & ONE_TUMOUR & ENTERED.is_null() & FIRST_EVENT.is_null() & STARTED.is_not_null() & (DIAGNOSIS + pl.duration(days=400) < SEEN),
    ),
    Cell("age_off_by_ten", REGISTRY, "age_at_diagnosis", (pl.col("age_at_diagnosis").cast(pl.Int32) + 10).cast(pl.String).str.zfill(3),
         "edit TUM-003", IN_B & (pl.col("age_at_diagnosis").cast(pl.Int32) < 80)),
    Cell("age_digit_lost", REGISTRY, "age_at_diagnosis", "00" + pl.col("age_at_diagnosis").str.slice(2), "edit TUM-004", IN_B),
    Cell(
        "birth_a_century_early", PATIENTS, "Birth", moved(BORN, "-100y", "%d.%m.%Y"), "edit TUM-011",
        IN_A & ALIVE & ONE_TUMOUR & (BORN.dt.year() > 1950),
    ),
    Cell("metastasis_as_primary", REGISTRY, "primary_site", pl.lit("C341"), "edit TUM-005", IN_B),
    Cell("both_sides_in_one_tumour", REGISTRY, "laterality", pl.lit("4"), "edit TUM-006", IN_B),
    Cell(
        "sex_of_somebody_else", REGISTRY, "sex", pl.lit("1"), "edit TUM-007",
        IN_B & ONE_TUMOUR & (pl.col("sex") == "2") & pl.col("menopausal_status").is_not_null(),
    ),
    Cell(
        "treated_on_death_certificate_only", REGISTRY, "diagnostic_confirmation", pl.lit("0"), "edit TUM-008",
        IN_B & STARTED.is_not_null(),
    ),
    Cell(
        "aromatase_inhibitor_before_menopause", REGISTRY, "menopausal_status", pl.lit("Premenopausal"), "edit REC-006",
        IN_B & pl.col("f_has_aromatase"),
    ),
    Cell(
        "receptor_word_contradicts_percent", TUMOURS, "PR", pl.lit("Negative"), "edit REC-005",
        IN_A & (pl.col("PR") == "Positive") & (pl.col("PR Percent").cast(pl.Int32) >= 10),
    ),
    Cell(
        "stage_of_later_edition", REGISTRY, "stage_group", pl.lit("IIIC"), "edit STG-002",
        IN_B & (STAGE == "IIIA") & (DIAGNOSIS.dt.year() < 2003),
    ),
    Cell(
        "stage_ia_before_edition_7", REGISTRY, "stage_group", pl.lit("IA"), "edit STG-003",
        IN_B & (STAGE == "I") & (DIAGNOSIS.dt.year() < 2010),
    ),
    Cell(
        "edition_not_yet_published", TUMOURS, "TNM", pl.col("TNM") + " (AJCC 7)", "edit STG-008",
        IN_A & (DIAGNOSIS.dt.year() < 2009) & (pl.col("Stage") != "I"),  # which edition 7 calls IA
    ),
    Cell(
        "behaviour_in_situ_of_invasive", REGISTRY, "histology_behaviour", pl.lit("85002"), "edit STG-004",
        IN_B & (pl.col("histology_behaviour") == "85003") & STAGE.is_not_null(),
    ),
    Cell("behaviour_invasive_of_in_situ", REGISTRY, "histology_behaviour", pl.lit("85003"), "edit STG-005", IN_B & (STAGE == "0")),
    Cell(
        "stage_changed_after_recurrence", REGISTRY, "stage_group", pl.lit("IV"), "edit STG-006",
        IN_B & (pl.col("m_category") == "M0") & STAGE.is_in(["I", "IA", "IIA", "IIB", "IIIA"]),
    ),
)  # fmt: skip

NODES = (
    Cell("more_nodes_positive_than_examined", ITEMS, "VALUE", pl.lit("1"), "edit NOD-001", IN_B & (ITEM == "NODES_EXAM") & (COUNT > 1)),
    Cell(
        "positive_nodes_with_n0", ITEMS, "VALUE", pl.lit("1"), "edit NOD-002",
        IN_B & (ITEM == "NODES_POS") & (VALUE == "0") & IS_P & N.str.starts_with("N0"),
    ),
    Cell(
        "fewer_nodes_than_n_says", ITEMS, "VALUE", pl.lit("1"), "edit NOD-003",
        IN_B & (ITEM == "NODES_POS") & IS_P & N.is_in(["N2a", "N3a"]) & (DIAGNOSIS.dt.year() >= 2003),
    ),
    Cell("node_status_contradicts_count", TUMOURS, "Node Status", OTHER_STATUS, "edit NOD-004", IN_A & pl.col("Nodes").is_not_null()),
    Cell(
        "node_status_contradicts_n", TUMOURS, "Node Status", OTHER_STATUS, "edit NOD-005",
        IN_A & pl.col("Nodes").is_null() & N.is_not_null(),
    ),
)  # fmt: skip

CELLS = (*FOLLOWED, *TUMOUR_EDITS, *NODES)
