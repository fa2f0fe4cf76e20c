"""Stage groups from T, N and M: known combinations of each edition, and the whole table against its form by class."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from schemas.replaced_facts import built_in
from schemas.stage import derive_edition, derive_stage
from schemas.vocabulary import load

CATEGORIES = Path(__file__).parent / "data" / "stage_by_category.csv"
CLASSES = Path(__file__).parent / "data" / "stage_by_class.csv"
PARTS = {"tnm_edition_code": pl.String, "t_code": pl.String, "n_code": pl.String, "m_code": pl.String}


def tumours(*rows: tuple[str | None, ...]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=PARTS, orient="row")


@pytest.mark.parametrize(
    ("edition", "t", "n", "m", "stage"),
    [
        ("6", "T1c", "N0", "M0", "I"),  # edition 6 has no IA
        ("7", "T1c", "N0", "M0", "IA"),
        ("8", "T1c", "N0", "M0", "IA"),
        ("6", "T1", "N1mi", "M0", "IIA"),
        ("7", "T1", "N1mi", "M0", "IB"),  # micrometastases moved from IIA to IB
        ("8", "T0", "N1mi", "M0", "IB"),
        ("6", "T2", "N0", "M0", "IIA"),
        ("6", "T2", "N1", "M0", "IIB"),
        ("7", "T3", "N0(i+)", "M0", "IIB"),
        ("7", "T3", "N1a", "M0", "IIIA"),
        ("8", "T4d", "N2a", "M0", "IIIB"),
        ("6", "T2", "N3c", "M0", "IIIC"),
        ("8", "TX", "N3", "M0", "IIIC"),
        ("7", "T4", "NX", "M0", "III"),  # the letter stays open
        ("6", "Tis", "N0", "M0", "0"),
        ("7", "T1a", "N0", "M0(i+)", "IA"),
        ("8", "T1", "N3", "M1", "IV"),
    ],
)
def test_groups_known_combinations(edition: str, t: str, n: str, m: str, stage: str) -> None:
    assert derive_stage(tumours((edition, t, n, m)))["stage_derived_code"].to_list() == [stage]


def test_takes_an_empty_m_as_m0_from_edition_7_on_and_as_mx_in_edition_6() -> None:
    found = derive_stage(tumours(("7", "T2", "N1", None), ("8", "T2", "N1", "MX"), ("6", "T2", "N1", None), ("6", "T2", "N1", "M0")))
    assert found["stage_derived_code"].to_list() == ["IIB", "IIB", None, "IIB"]
    assert found["stage_finding"].to_list() == [None, None, "not_grouped", None]


def test_leaves_the_stage_null_where_a_part_or_the_edition_is_not_known() -> None:
    found = derive_stage(tumours((None, "T1", "N0", "M0"), ("unknown", "T1", "N0", "M0"), ("5", "T1", "N0", "M0"), ("7", None, "N0", "M0")))
    assert found["stage_derived_code"].to_list() == [None] * 4
    assert found["stage_finding"].to_list() == [None] * 4


def test_calls_parts_that_contradict_each_other_impossible() -> None:
    found = derive_stage(tumours(("7", "Tis", "N1", "M0"), ("7", "T0", "N0", "M0"), ("7", "Tis", "N0", "M1")))
    assert found["stage_derived_code"].to_list() == [None] * 3
    assert found["stage_finding"].to_list() == ["impossible"] * 3


def test_derives_no_stage_at_diagnosis_from_categories_after_treatment_or_at_a_recurrence() -> None:
    asked = tumours(*[("7", "T1", "N0", "M0")] * 4)
    asked = asked.with_columns(t_basis_code=pl.Series([None, "y", "c", "r"]), n_basis_code=pl.Series(["p", "p", "yc", "r"]))
    assert derive_stage(asked)["stage_derived_code"].to_list() == ["IA", None, None, None]


def test_keeps_rows_in_their_order_and_columns() -> None:
    asked = tumours(("8", "T2", "N0", "M0"), ("6", "T1", "N0", "M0"), ("8", "T2", "N0", "M0"))
    found = derive_stage(asked)
    assert found.select(PARTS.keys()).equals(asked)
    assert found.columns == [*PARTS, "stage_derived_code", "stage_finding"]


def test_agrees_with_the_table_by_class_in_every_row() -> None:
    def classed(column: str, pattern: str) -> pl.Expr:
        return pl.col(column).str.extract(pattern, 1)

    by_class = pl.read_csv(CLASSES, comment_prefix="#", infer_schema=False)
    # T1mi T1a … are T1, N0(i+) … are N0; N1mi is a class of its own; edition 6's MX is not in the table by class
    full = (
        built_in("stage_groups")
        .filter(pl.col("m_code") != "MX")
        .with_columns(t=classed("t_code", r"^(Tis|T.)"), n=classed("n_code", r"^(N1mi|N.)"), m=classed("m_code", r"^(M.)"))
    )
    both = full.join(by_class, left_on=["tnm_edition_code", "t", "n", "m"], right_on=["edition", "t", "n", "m"], how="left")
    said = pl.col("stage_group").replace({"IIINOS": "III", "UNK": None, "INVALID": None})
    finding = pl.col("stage_group").replace_strict({"UNK": "not_grouped", "INVALID": "impossible"}, default=None)
    assert both.height == full.height and both["stage_group"].null_count() == 0
    assert both.filter(pl.col("stage_code").ne_missing(said) | pl.col("finding").ne_missing(finding)).height == 0
    assert both.select("tnm_edition_code", "t", "n", "m").n_unique() == by_class.height


def test_names_only_categories_of_the_code_lists() -> None:
    vocabularies = load()
    for column, domain in {
        "tnm_edition_code": "tnm_edition",
        "t_code": "t_category",
        "n_code": "n_category",
        "m_code": "m_category",
    }.items():
        assert set(built_in("stage_groups")[column]) <= vocabularies.codes(domain)
    assert set(built_in("stage_groups")["stage_code"].drop_nulls()) <= vocabularies.codes("stage")
    assert built_in("stage_groups").select(PARTS.keys()).is_duplicated().sum() == 0


def test_bounds_the_positive_nodes_of_a_pathological_n() -> None:
    counts = {(e, n): (low, high) for e, n, low, high in built_in("node_counts").rows()}
    assert counts["7", "N1a"] == (1, 3)
    assert counts["7", "N2a"] == (4, 9)
    assert counts["8", "N3a"] == (10, None)
    assert counts["6", "N0(i+)"] == (0, 0)


@pytest.mark.parametrize(
    ("delivered", "earliest", "latest", "edition"),
    [
        ("7", "2005-01-01", "2005-01-01", "7"),  # delivered wins over the date
        (None, "2002-12-31", "2002-12-31", "unknown"),
        (None, "2003-01-01", "2003-01-01", "6"),
        (None, "2009-12-31", "2009-12-31", "6"),
        (None, "2010-01-01", "2017-12-31", "7"),
        (None, "2018-01-01", "2018-01-01", "8"),
        (None, "2009-12-01", "2010-01-31", None),  # crosses a change of edition
        (None, None, "2009-01-01", None),  # open to one side
        (None, None, None, None),
    ],
)
def test_takes_the_edition_in_use_over_the_whole_diagnosis(delivered: str | None, earliest: str, latest: str, edition: str | None) -> None:
    day = {name: dt.date.fromisoformat(text) if text else None for name, text in (("earliest", earliest), ("latest", latest))}
    schema = {"tnm_edition_code": pl.String, "diagnosis_earliest_date": pl.Date, "diagnosis_latest_date": pl.Date}
    asked = pl.DataFrame([(delivered, day["earliest"], day["latest"])], schema=schema, orient="row")
    assert derive_edition(asked)["tnm_edition_code"].to_list() == [edition]


@pytest.mark.parametrize("edition", ["6", "7", "8"])
def test_proves_every_row_of_the_shipped_table_against_the_sources(edition: str) -> None:
    said = pl.read_csv(CATEGORIES, comment_prefix="#", infer_schema=False).filter(edition=edition)
    group = pl.col("stage_group")
    stage = pl.when(group == "IIINOS").then(pl.lit("III")).when(~group.is_in(["UNK", "INVALID"])).then(group)
    finding = pl.when(group == "UNK").then(pl.lit("not_grouped")).when(group == "INVALID").then(pl.lit("impossible"))
    expected = said.select(t_code="t", n_code="n", m_code="m", stage_code=stage, finding=finding)
    shipped = built_in("stage_groups").filter(tnm_edition_code=edition).select(expected.columns)
    assert shipped.height == expected.height > 700
    assert set(shipped.rows()) == set(expected.rows())
    assert shipped.select("t_code", "n_code", "m_code").is_unique().all()
