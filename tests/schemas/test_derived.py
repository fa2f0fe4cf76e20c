"""Columns that follow from others are declared once, and are what normalising and linking make."""

from __future__ import annotations

import polars as pl
import pytest

from etl.linking.tumour_stage import MADE, READ, staged, with_known_parts
from etl.normalise.follow import SITE_COLUMNS
from schemas.derived import made_from, of_cells
from schemas.items import RECORDS, items, polars_schema
from schemas.unread import CELLS, texts


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


@pytest.mark.parametrize(("site", "stage"), [("C50.9", "IIIA"), (None, "IIIA"), ("C80.9", "IIIA"), ("C18", None), ("C56.9", None)])
def test_derives_no_stage_of_the_breast_for_another_organ(site: str | None, stage: str | None) -> None:
    kinds = polars_schema("tumour")
    said = {"topography_code": site, "tnm_edition_code": "7", "t_code": "T3", "n_code": "N1", "m_code": "M0"}
    found = staged(pl.DataFrame([{column: said.get(column) for column in kinds}], schema=kinds))
    assert found["stage_derived_code"].to_list() == [stage]


def with_parts(said: dict[str, str | None], not_understood: str = "", event: str | None = None) -> str | None:
    """The group that is left of IIIA."""
    row = {"patient_key": 1, "stage_derived_code": "IIIA", "topography_code": "C50.9", "m_code": "M0", **said}
    columns = ("patient_key", "topography_code", "stage_code", "stage_derived_code", "t_basis_code", "n_basis_code", "m_code")
    tumours = pl.DataFrame(
        [{name: row.get(name) for name in columns}], schema=dict.fromkeys(columns, pl.String) | {"patient_key": pl.Int64}
    )
    unread = texts(pl.DataFrame([(1, *name.split(".")) for name in not_understood.split()], schema=CELLS, orient="row"))
    events = pl.DataFrame([(1, event)], schema={"patient_key": pl.Int64, "event_type_code": pl.String}, orient="row")
    return with_known_parts(tumours, unread, events)["stage_derived_code"].item()


@pytest.mark.parametrize(
    ("site", "not_understood", "stage"),
    [
        (None, "tumour.topography_code", None),  # Colon/rectum, which no list knows
        ("C80.9", "tumour.topography_code", None),
        ("C50.9", "tumour.topography_code", "IIIA"),  # another source says it
        (None, "tumour.grade_code", "IIIA"),  # no site came: a registry of the breast
        ("C50.9", "tumour.n_basis_code", None),  # "after chemotherapy" in a column of its own
        ("C50.9", "tumour.n_basis_code tumour.n_code", "IIIA"),  # of the cell of another tumour: here both would be empty
        ("C50.9", "tumour.t_basis_code", "IIIA"),  # the T of this one has its basis
    ],
)
def test_derives_no_stage_where_a_part_was_not_understood(site: str | None, not_understood: str, stage: str | None) -> None:
    said = {"topography_code": site, "t_basis_code": "p"}
    assert with_parts(said, not_understood) == stage
    assert with_parts(said) == "IIIA"


@pytest.mark.parametrize(
    ("m", "given", "not_understood", "event", "stage"),
    [
        (None, None, "", None, "IIIA"),  # no evidence of a metastasis: M0 from edition 7 on
        (None, None, "tumour.m_code", None, None),  # M1a at the breast, "M1?"
        ("MX", None, "tumour.m_code", None, None),
        ("M0", None, "tumour.m_code", None, "IIIA"),  # another source says it
        (None, None, "tumour.stage_code", None, None),  # IVA at the breast
        (None, "IIIA", "tumour.stage_code", None, "IIIA"),
        (None, None, "", "metastasis_at_diagnosis", None),
        ("M0", None, "", "metastasis_at_diagnosis", "IIIA"),  # said as it is; a contradiction of the source
        (None, None, "", "distant_recurrence", "IIIA"),
    ],
)
def test_takes_no_empty_m_for_m0_where_something_may_say_m1(
    m: str | None, given: str | None, not_understood: str, event: str | None, stage: str | None
) -> None:
    assert with_parts({"m_code": m, "stage_code": given}, not_understood, event) == stage
