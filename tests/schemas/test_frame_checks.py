from __future__ import annotations

import traceback
from datetime import date

import polars as pl
import pytest

from schemas import items
from schemas.core.errors import RefusedError
from schemas.frame_checks import failures, in_order, validate
from schemas.staging import PROVENANCE, check_staging
from schemas.star import ordered_dates, star_model

SENTINEL = "Sentinel, Vera"


class Lists:
    """Two short lists; every other list is open."""

    def codes(self, domain: str) -> frozenset[str]:
        return frozenset({"stage": ("I", "IIIA"), "sex": ("female", "male")}.get(domain, ()))


def table(name: str, *rows: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame(
        [{column: row.get(column) for column in items.polars_schema(name)} for row in rows], schema=items.polars_schema(name)
    )


def tumour(**values: object) -> dict[str, object]:
    return {"tumour_key": 1, "patient_key": 1, "tumour_no": 1} | values


def said(name: str, *rows: dict[str, object]) -> dict[str, int]:
    return dict(failures(star_model(name, Lists()), table(name, *rows)))


def test_passes_rows_that_say_nothing_but_their_keys() -> None:
    assert said("dim_tumour", tumour()) == {}


@pytest.mark.parametrize("name", [table for layer in ("star", "mart") for table in items.tables(layer)])
def test_has_a_model_for_every_table(name: str) -> None:
    assert list(star_model(name, Lists()).columns) == [column.name for column in items.columns(name)]


@pytest.mark.parametrize(
    ("row", "failure"),
    [
        ({"stage_code": "IV"}, "dim_tumour.stage_code: must be a code of stage"),
        ({"nodes_positive": 91}, "dim_tumour.nodes_positive: must be within 0..90"),
        ({"nodes_positive": -1}, "dim_tumour.nodes_positive: must be within 0..90"),
        ({"patient_key": None}, "dim_tumour.patient_key: must not be empty"),
        ({"diagnosis_precision": "week"}, "dim_tumour.diagnosis_precision: must be a precision"),
        (
            {"diagnosis_earliest_date": date(2009, 4, 3), "diagnosis_latest_date": date(2009, 3, 4)},
            "dim_tumour: diagnosis: earliest date must not be after latest",
        ),
        (
            {"diagnosis_earliest_offset_days": 2, "diagnosis_latest_offset_days": 1, "diagnosis_anchor": "birth"},
            "dim_tumour: diagnosis: earliest day must not be after latest",
        ),
        ({"diagnosis_latest_offset_days": 1}, "dim_tumour: diagnosis: days must name their anchor"),
    ],
)
def test_names_table_column_and_check(row: dict[str, object], failure: str) -> None:
    assert said("dim_tumour", tumour(**row), tumour()) == {failure: 1}


@pytest.mark.parametrize(
    "row",
    [
        {"nodes_positive": 0}, {"nodes_positive": 90}, {"diagnosis_latest_date": date(2009, 3, 4)},
        {"diagnosis_earliest_date": date(2009, 3, 4), "diagnosis_latest_date": date(2009, 3, 4)},
    ],
)  # fmt: skip
def test_allows_the_edges_of_a_range_and_open_intervals(row: dict[str, object]) -> None:
    assert said("dim_tumour", tumour(**row)) == {}


def test_counts_every_row_that_fails() -> None:
    assert said("dim_tumour", *[tumour(stage_code="IV")] * 5, tumour(stage_code="I")) == {
        "dim_tumour.stage_code: must be a code of stage": 5
    }


@pytest.mark.parametrize(("death", "fails"), [(date(2010, 5, 1), False), (date(2010, 4, 30), True), (None, False)])
def test_holds_dates_of_one_row_in_the_order_that_is_an_error_to_break(death: date | None, fails: bool) -> None:
    assert ("contact", "death") in ordered_dates("fact_follow_up")
    contact = {f"contact_{end}_date": date(2010, 5, 1) for end in ("earliest", "latest")}
    row = {
        "follow_up_key": 1,
        "patient_key": 1,
        "follow_up_no": 1,
        **contact,
        **{f"death_{end}_date": death for end in ("earliest", "latest")},
    }
    assert bool(said("fact_follow_up", row)) is fails


def test_expects_no_order_of_dates_in_tables_that_hold_no_record() -> None:
    assert ordered_dates("dim_stage") == ordered_dates("mart_candidate") == []


@pytest.mark.parametrize(
    ("a", "b", "anchors", "ordered"),
    [
        ((None, 10), (11, 11), ("birth", "birth"), True),
        ((12, None), (11, 11), ("birth", "birth"), False),
        ((12, 13), (11, 12), ("birth", "birth"), True),  # both may be 12
        ((12, 13), (11, 11), ("birth", "enrolment"), True),  # no common axis: not judgeable
        ((None, None), (11, 11), (None, "birth"), True),
    ],
)
def test_breaks_an_order_only_where_it_is_certain(
    a: tuple[int | None, int | None], b: tuple[int | None, int | None], anchors: tuple[str | None, str | None], ordered: bool
) -> None:
    row: dict[str, object] = {}
    for name, days, anchor in (("a", a, anchors[0]), ("b", b, anchors[1])):
        row |= {f"{name}_earliest_offset_days": days[0], f"{name}_latest_offset_days": days[1], f"{name}_anchor": anchor}
        row |= {f"{name}_earliest_date": None, f"{name}_latest_date": None}
    types = {name: pl.Int32 if name.endswith("days") else pl.String if name.endswith("anchor") else pl.Date for name in row}
    assert pl.DataFrame([row], schema=types).select(in_order("a", "b")).item() is ordered


def staged(**changes: object) -> dict[str, pl.DataFrame]:
    row = {"patient_pseudonym": "aa", "sex_code": "female"} | changes
    provenance: dict[str, object] = {name: "a.csv" if kind == pl.String else 1 for name, kind in PROVENANCE.items()}
    return {
        "patient": table("patient", row).with_columns(pl.lit(value, PROVENANCE[name]).alias(name) for name, value in provenance.items())
    }


def test_passes_a_record_as_it_is_linked() -> None:
    check_staging(staged(), Lists())


def test_passes_codes_and_files_that_come_as_categories() -> None:
    check_staging({"patient": staged()["patient"].with_columns(pl.col("sex_code", "source_file").cast(pl.Categorical))}, Lists())


def test_asks_of_a_frame_without_rows_its_columns_and_types_alone() -> None:
    made = staged()["patient"].clear()
    check_staging({"patient": made}, Lists())
    with pytest.raises(RefusedError, match=r"^patient\.source_row_id: must be of type Int64 \(1 failed\)$"):
        check_staging({"patient": made.with_columns(pl.col("source_row_id").cast(pl.String))}, Lists())


def test_refuses_a_record_that_has_lost_its_source_row() -> None:
    made = staged()["patient"]
    with pytest.raises(RefusedError, match=r"^patient\.source_row_id: is missing \(1 failed\)$"):
        check_staging({"patient": made.drop("source_row_id")}, Lists())
    with pytest.raises(RefusedError, match=r"^patient\.source_row_id: must not be empty \(1 failed\)$"):
        check_staging({"patient": made.with_columns(source_row_id=pl.lit(None, pl.Int64))}, Lists())


def test_refuses_a_natural_key_that_stands_there_twice() -> None:
    made = staged()["patient"]
    with pytest.raises(RefusedError, match="natural key must be unique"):
        check_staging({"patient": pl.concat([made, made])}, Lists())


def test_checks_codes_that_come_as_categories() -> None:
    made = staged()["patient"].with_columns(pl.col("sex_code").cast(pl.Categorical))
    check_staging({"patient": made}, Lists())
    wrong = made.with_columns(sex_code=pl.lit("femail", pl.Categorical))
    with pytest.raises(RefusedError, match=r"^patient\.sex_code: must be a code of sex \(1 failed\)$"):
        check_staging({"patient": wrong}, Lists())
    with pytest.raises(RefusedError, match=r"^patient\.patient_pseudonym: must not be empty \(1 failed\)$"):
        check_staging({"patient": made.with_columns(patient_pseudonym=pl.lit(None, pl.Categorical))}, Lists())


def test_refuses_a_column_of_another_type() -> None:
    made = staged()["patient"].with_columns(record_key=pl.lit("1"))
    with pytest.raises(RefusedError, match=r"^patient\.record_key: must be of type Int64"):
        check_staging({"patient": made}, Lists())


def test_prints_no_value_in_message_or_traceback() -> None:
    made = staged(sex_code=SENTINEL, patient_pseudonym=SENTINEL)["patient"]
    with pytest.raises(RefusedError) as caught:
        check_staging({"patient": pl.concat([made, made])}, Lists())
    assert "patient.sex_code: must be a code of sex (2 failed)" in str(caught.value)
    assert SENTINEL not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(("variable", "value"), [("PANDERA_VALIDATION_DEPTH", "SCHEMA_ONLY"), ("PANDERA_VALIDATION_ENABLED", "False")])
def test_looks_at_the_data_whatever_pandera_is_set_to(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    from pandera.config import CONFIG, ValidationDepth

    monkeypatch.setenv(variable, value)
    monkeypatch.setattr(CONFIG, "validation_depth", ValidationDepth.SCHEMA_ONLY)
    monkeypatch.setattr(CONFIG, "validation_enabled", False)
    with pytest.raises(RefusedError):
        validate(star_model("dim_tumour", Lists()), table("dim_tumour", tumour(stage_code="IV")))
