"""mappings.csv names columns that are there, once for each standard, and no code that needs a licence."""

from __future__ import annotations

import re

from schemas import items
from schemas.facts import shipped
from schemas.mapping_page import COLUMNS, LAYERS, STANDARDS, mappings

ROWS = shipped("mappings.csv", *COLUMNS)


def test_each_row_names_a_column_of_the_star_or_the_mart_and_a_standard() -> None:
    known = {(table, item.column) for layer in LAYERS for table in items.tables(layer) for item in items.items(table)}
    places = [(row["table"], row["column"]) for row in ROWS]
    assert [place for place in places if place not in known] == []
    assert {row["standard"] for row in ROWS} == set(STANDARDS)
    assert {row["certainty"] for row in ROWS} == {"V", "K"}


def test_each_column_has_one_place_in_a_standard() -> None:
    keys = [(row["table"], row["column"], row["standard"]) for row in ROWS]
    assert len(keys) == len(set(keys)) == 121


def test_no_code_of_snomed_ct_or_loinc_stands_there() -> None:
    assert [row.line for row in ROWS if re.search(r"\d{5}-\d|\d{8,}", f"{row['element']} {row['note']}")] == []


def test_the_page_shows_each_column_with_its_naaccr_item() -> None:
    page = mappings()
    expected = "| `dim_patient` | `sex_code` | 220 | CancerPatient.gender | PERSON.gender_concept_id | ADSL.SEX |"
    assert expected in page.splitlines()
