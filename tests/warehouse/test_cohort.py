"""Cohort counts and their flow diagram."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as Xml

import polars as pl
import pytest
from small_registry import Woman, held, registry, study

from schemas.core.errors import RefusedError
from schemas.core.ids import keyed
from schemas.study import Study
from warehouse.cohort import Cohort, count_cohort
from warehouse.flow import _lines, flow_svg
from warehouse.mart import build_mart
from warehouse.numbers import Numbers, analysed, delivered, held_as, number_id, over_kept, without_tumour

STEPS = (
    {"step": "delivered", "label": "Delivered", "keep": "true"},
    {"step": "recurred", "label": "Recurred", "keep": "has_distant_recurrence"},
    {"step": "in_window", "label": "In the window", "keep": "not before(distant_recurrence, date '2005-01-01')"},
)
GROUPS = ({"arm": "rest", "subgroup": "early", "label": "Early", "when": "stage_code = 'I'"},)
MADE = study(steps=STEPS, subgroups=GROUPS)


def recurred(day: object, **more: object) -> Woman:
    return {"events": [{"event_type_code": "distant_recurrence", "event": day}], **more}


WOMEN = ({}, recurred("2006-01-01", stage_code="I"), recurred("2006-01-01"), recurred("2004-01-01"), recurred(("2004-12-01", "2005-01-02")))


def counted(tmp_path: Path, *women: Woman) -> Cohort:
    con = registry(tmp_path, *women)
    build_mart(con, [MADE])
    return count_cohort(con, MADE, Numbers("small"))


def test_counts_who_is_left_after_each_step_and_who_could_not_be_judged(tmp_path: Path) -> None:
    rows = counted(tmp_path, *WOMEN).counts.select("step", "parent", "arm", "n").rows()
    assert rows == [
        ("delivered", "", "all", 5),
        ("recurred", "delivered", "all", 4),
        ("recurred.left", "delivered", "all", 1),
        ("in_window", "recurred", "all", 2),
        ("in_window.left", "recurred", "all", 2),
        ("in_window.undetermined", "in_window.left", "all", 1),
        ("analysed", "in_window", "all", 2),
        ("analysed", "in_window", "operated", 0),
        ("analysed", "in_window", "rest", 2),
        ("rest.early", "analysed", "rest", 1),
    ]


def test_names_the_arms_with_women(tmp_path: Path) -> None:
    assert counted(tmp_path, *WOMEN).arms == ("rest",)


def key(*parts: object, names: tuple[str, ...] = ("patient_pseudonym",)) -> int:
    """The key of a record that was not loaded."""
    frame = pl.DataFrame({name: [part] for name, part in zip(names, parts, strict=True)})
    return int(keyed(frame, "made", names)["made"][0])


def taken(record: str, patient_key: int, record_key: int = 7) -> pl.DataFrame:
    """A finding of an error on a record that was not loaded."""
    return held(patient_key).with_columns(record=pl.lit(record), record_key=pl.lit(record_key, pl.Int64))


def held_of(tmp_path: Path, made: Study, *women: Woman, findings: pl.DataFrame) -> Cohort:
    con = registry(tmp_path, *women, findings=findings)
    build_mart(con, [made])
    numbers = Numbers("small")
    cohort = count_cohort(con, made, numbers)
    for number, n in cohort.counts.select("number_id", "n").iter_rows():
        (query,) = numbers.frame().filter(pl.col("number_id") == number)["subjects_sql"]
        assert len(con.sql(query).fetchall()) == n, number  # every count lists whom it counts
    return cohort


FULL = recurred("2006-01-01")


def test_counts_persons_of_whom_nothing_was_loaded(tmp_path: Path) -> None:
    cohort = held_of(tmp_path, MADE, FULL, FULL, FULL, findings=held(42))
    assert (cohort.n("delivered"), cohort.n("held"), cohort.n("recurred"), cohort.n("analysed")) == (4, 1, 3, 3)
    assert cohort.held_share == pytest.approx(1 / 4)


def test_counts_over_the_kept_list_as_over_the_query_that_stands_with_the_number(tmp_path: Path) -> None:
    con = registry(tmp_path, recurred("2005-01-01"), {}, findings=held(99))
    build_mart(con, [MADE])
    for query in (delivered(), held_as(MADE.study), without_tumour(MADE.study)):
        kept = over_kept(query)
        assert "list_taken" in kept.sql("duckdb")
        assert "fact_finding" not in kept.sql("duckdb")
        found = [sorted(con.sql(text.sql("duckdb")).fetchall(), key=str) for text in (query, kept)]
        assert found[0] == found[1]


def test_counts_a_woman_whose_only_tumour_was_taken_away(tmp_path: Path) -> None:
    con = registry(tmp_path, FULL, FULL, findings=taken("tumour", key("w001")))
    con.sql("delete from fact_event where patient_key = (select patient_key from dim_patient where subject_label = '1')")
    con.sql("delete from dim_tumour where patient_key = (select patient_key from dim_patient where subject_label = '1')")
    build_mart(con, [MADE])
    cohort = count_cohort(con, MADE, Numbers("small"))
    assert (cohort.n("delivered"), cohort.n("held"), cohort.n("no_tumour"), cohort.n("analysed")) == (2, 1, 0, 1)


def test_counts_a_woman_whose_event_was_taken_away_without_an_arm_where_events_make_it(tmp_path: Path) -> None:
    cohort = held_of(tmp_path, MADE, FULL, FULL, findings=taken("event", key("w001")))
    assert cohort.counts.filter(pl.col("step") == "held").select("arm", "n").rows() == [("all", 1)]
    assert cohort.n("analysed") == 1


def test_counts_held_women_by_arm_where_what_is_missing_cannot_change_it(tmp_path: Path) -> None:
    endpoint = {"endpoint": "s", "label": "S", "origin": "diagnosis", "end": ("contact",), "event": "true", "estimators": ("kaplan_meier",)}
    made = study(steps=STEPS, endpoints=(endpoint,))
    cohort = held_of(tmp_path, made, FULL, FULL, findings=taken("follow_up", key("w001")))
    assert cohort.counts.filter(pl.col("step") == "held").select("arm", "n").rows() == [("all", 1), ("rest", 1)]


def test_does_not_hold_for_a_kind_of_record_that_the_study_does_not_read(tmp_path: Path) -> None:
    assert held_of(tmp_path, MADE, FULL, FULL, findings=taken("biomarker", key("w001"))).n("held") == 0


def test_lets_a_step_that_reads_nothing_of_what_was_taken_away_exclude_her(tmp_path: Path) -> None:
    steps = (STEPS[0], {"step": "women", "label": "Women", "keep": "sex_code = 'female'"}, STEPS[1])
    cohort = held_of(tmp_path, study(steps=steps), {"sex_code": "male"}, FULL, findings=taken("event", key("w001")))
    assert (cohort.n("held"), cohort.n("women.left"), cohort.held_share) == (0, 1, 0.0)


def test_counts_a_person_without_a_tumour(tmp_path: Path) -> None:
    con = registry(tmp_path, {}, {})
    con.sql("delete from dim_tumour where patient_key = (select patient_key from dim_patient where subject_label = '1')")
    build_mart(con, [MADE])
    cohort = count_cohort(con, MADE, Numbers("small"))
    assert (cohort.n("delivered"), cohort.n("no_tumour"), cohort.n("recurred.left")) == (2, 1, 1)


def test_adds_up_from_delivered_to_analysed(tmp_path: Path) -> None:
    counts = held_of(tmp_path, MADE, *WOMEN, findings=pl.concat([held(42), taken("event", key("w002"))])).counts
    left = counts.filter(pl.col("arm") == "all", pl.col("step").str.ends_with(".left") | (pl.col("step") == "held"))["n"].sum()
    n = dict(counts.filter(pl.col("arm") == "all").select("step", "n").iter_rows())
    assert n["delivered"] == 6
    assert n["delivered"] - left == n["analysed"]


def test_counts_everyone_delivered_where_no_step_does(tmp_path: Path) -> None:
    made = study(steps=STEPS[1:], subjects="patients")
    first = held_of(tmp_path, made, *WOMEN, findings=held(42)).counts.row(0, named=True)
    assert (first["step"], first["label"], first["n"]) == ("delivered", "Patients delivered", 6)


def test_has_a_box_for_those_held(tmp_path: Path) -> None:
    drawn = flow_svg(held_of(tmp_path, MADE, *WOMEN, findings=held(42)).counts, "T")
    texts = [element.text for element in Xml.fromstring(drawn).iter() if element.tag.endswith("text")]  # made by us
    at = texts.index("Held until the source is")
    assert texts[at + 1 : at + 3] == ["mended", "n = 1"]


def test_draws_the_same_diagram_twice_with_each_number_in_it(tmp_path: Path) -> None:
    counts = counted(tmp_path, *WOMEN).counts
    drawn = flow_svg(counts, "A <study> & more")
    assert drawn == flow_svg(counts, "A <study> & more")
    texts = [element.text for element in Xml.fromstring(drawn).iter() if element.tag.endswith("text")]  # made by us
    for words in ("n = 5", "n = 4", "n = 2", "Not: Recurred", "n = 1", "Cannot be judged: 1", "Early: 1"):
        assert words in texts


@pytest.mark.parametrize(("label", "first"), [("A" * 40, "A" * 35), ("乳" * 40, "乳" * 17), ("유방암 " * 10, "유방암 " * 4 + "유방암")])
def test_keeps_long_labels_in_their_box(label: str, first: str) -> None:
    # 35 letters, of Chinese, Japanese and Korean ones half as many
    assert _lines(label, 35)[0] == first


def test_writes_number_ids_in_small_letters() -> None:
    assert number_id("S", "table_1", "stage_IIIA", "n", "A-b c") == "s.table_1.stage_iiia.n.a_b_c"


def test_refuses_two_numbers_of_one_name() -> None:
    numbers = Numbers("small")
    numbers.number("table_1", "t_T+", "n", "all", value=1, subjects=analysed("small", "all"))
    with pytest.raises(RefusedError, match=r"small\.table_1\.t_t_\.n\.all"):
        numbers.number("table_1", "t_T-", "n", "all", value=1, subjects=analysed("small", "all"))
