"""Columns that follow from others are declared once, and are what normalising and linking make."""

from __future__ import annotations

from etl.link_stage import MADE, READ
from etl.normalise.follow import SITE_COLUMNS
from schemas.derived import made_from, of_cells
from schemas.items import RECORDS, items


def test_every_column_named_is_one_of_its_record() -> None:
    for record in RECORDS:
        known = {item.column for item in items(record, "staging")}
        for column, parts in made_from(record).items():
            assert {column, *parts} <= known and column not in parts


def test_they_are_what_linking_and_normalising_make() -> None:
    assert set(made_from("tumour")) <= set(MADE)
    assert set(made_from("tumour")["stage_derived_code"]) <= {*READ, *MADE}
    assert set(made_from("event")) == set(SITE_COLUMNS)


def test_says_behind_which_cells_a_column_stands() -> None:
    assert of_cells("tumour", "stage_derived_code") == ("t_code", "n_code", "m_code", "tnm_edition_code")
    assert of_cells("event", "organ_code") == ("organ_code", "site_code")
    assert of_cells("tumour", "stage_code") == ("stage_code",)
