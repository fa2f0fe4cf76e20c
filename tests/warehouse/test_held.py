"""Where women would stand of whom an error edit keeps records back: counted by arm, and said where it cannot be decided."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl
import pytest
from small_registry import Woman, records, registry, rows, study

from schemas.core import frames
from schemas.study import Study
from warehouse import held
from warehouse.cohort import Cohort, count_cohort
from warehouse.mart import build_mart
from warehouse.numbers import Numbers
from warehouse.studies import publish_studies

STEPS = (
    {"step": "delivered", "label": "Delivered", "keep": "true"},
    {"step": "women", "label": "Women", "keep": "sex_code = 'female'"},
    {"step": "in_window", "label": "In the window", "keep": "not before(distant_recurrence, date '2005-01-01')"},
)
MADE = study(steps=STEPS)


def recurred(day: str, *more: str, **columns: object) -> Woman:
    """A woman with a distant recurrence, and with the events named."""
    events = [{"event_type_code": kind, "event": day, "event_no": 1} for kind in ("distant_recurrence", *more)]
    return {"events": events, **columns}


LOADED = (recurred("2006-01-01"), recurred("2007-01-01"), recurred("2008-01-01", "metastasectomy"))


def error(woman: int, record: str, columns: str, edit: str = "DATE-001") -> dict[str, object]:
    """A certain error of the woman of this number, found on one of her records."""
    key = records([{"person": f"h{woman}"}])["patient"]["patient_key"][0]
    said = {"edit": edit, "severity": "error", "outcome": "violated", "record": record, "record_key": 1, "columns": columns}
    return {"patient_key": key, **said}


def kept_back(*women: Woman) -> dict[str, pl.DataFrame]:
    """All that was delivered of women of whom nothing is loaded: h1, h2, …"""
    return records([{"person": f"h{number}", **woman} for number, woman in enumerate(women, start=1)])


def con_of(folder: Path, errors: list[dict[str, object]]) -> duckdb.DuckDBPyConnection:
    found = pl.DataFrame([{name: row.get(name) for name in frames.FINDINGS} for row in errors], schema=frames.FINDINGS)
    return registry(folder, *LOADED, findings=found)


def counted(con: duckdb.DuckDBPyConnection, behind: dict[str, pl.DataFrame], made: Study = MADE) -> Cohort:
    held.fill(con, [made], behind)
    build_mart(con, [made])
    numbers = Numbers(made.study)
    cohort = count_cohort(con, made, numbers)
    for number, n in cohort.counts.select("number_id", "n").iter_rows():
        (query,) = numbers.frame().filter(pl.col("number_id") == number)["subjects_sql"]
        assert len(con.sql(query).fetchall()) == n, number  # every count lists whom it counts
    return cohort


def test_counts_each_woman_in_the_arm_she_would_be_in(tmp_path: Path) -> None:
    women = [recurred("2006-05-01", "metastasectomy"), recurred("2006-05-01"), recurred("2006-05-01"), recurred("2004-05-01"), {}]
    errors = [error(number, "follow_up", "contact tumour.diagnosis") for number in range(1, 6)]
    cohort = counted(con_of(tmp_path, errors), kept_back(*women))
    said = cohort.counts.filter(pl.col("step").str.starts_with("held")).select("step", "parent", "arm", "n").rows()
    assert said == [
        ("held", "delivered", "all", 5),
        ("held", "delivered", "operated", 1),
        ("held", "delivered", "rest", 3),  # of the fifth no recurrence is known: that she is not in the window is not certain
        ("held.left", "held", "all", 1),
    ]
    assert cohort.held_share == pytest.approx(4 / 7)
    assert cohort.held_shares == {"operated": pytest.approx(1 / 2), "rest": pytest.approx(3 / 5)}


def test_does_not_guess_an_arm_that_what_is_in_doubt_decides(tmp_path: Path) -> None:
    errors = [error(1, "event", "event_type_code event tumour.diagnosis"), error(2, "tumour", "event.event_type_code diagnosis")]
    cohort = counted(con_of(tmp_path, errors), kept_back(LOADED[2], LOADED[0]))
    said = cohort.counts.filter(pl.col("step").str.starts_with("held")).select("step", "arm", "n").rows()
    assert said == [("held", "all", 2), ("held.undetermined", "all", 2)]
    assert cohort.held_shares == {}


def test_lets_no_step_exclude_for_what_is_in_doubt(tmp_path: Path) -> None:
    """Her recurrence lies before the window, if its day is right; and that is what is in doubt."""
    early = recurred("2004-05-01")
    behind = kept_back(early, early, {"sex_code": "male", **early})
    errors = [error(1, "event", "event tumour.diagnosis"), error(2, "tumour", "diagnosis"), error(3, "event", "event tumour.diagnosis")]
    cohort = counted(con_of(tmp_path, errors), behind)
    assert (cohort.n("held"), cohort.n("held", "rest"), cohort.n("held.left")) == (3, 1, 2)  # nobody doubts that the third is a man


def test_what_follows_from_a_column_in_doubt_is_in_doubt(tmp_path: Path) -> None:
    arms = ({"arm": "early", "label": "Early", "when": "stage_derived_code = 'I'"}, {"arm": "rest", "label": "Rest", "residual": True})
    woman = {"stage_derived_code": "I", **recurred("2006-01-01")}
    errors = [error(1, "tumour", "t_code tumour_size_mm"), error(2, "tumour", "laterality_code")]
    cohort = counted(con_of(tmp_path, errors), kept_back(woman, woman), study(steps=STEPS, arms=arms))
    assert (cohort.n("held.undetermined"), cohort.n("held", "early")) == (1, 1)


def test_who_was_delivered_without_a_tumour_is_not_eligible(tmp_path: Path) -> None:
    behind = kept_back({})
    behind["tumour"] = behind["tumour"].clear()
    cohort = counted(con_of(tmp_path, [error(1, "patient", "birth")]), behind)
    assert (cohort.n("held.left"), cohort.held_share) == (1, 0.0)


def test_changes_nothing_of_the_women_who_are_loaded(tmp_path: Path) -> None:
    tables = ("dim_date", "dim_patient", "fact_event", "mart_candidate", "mart_subject", "mart_subject_variable")
    variable = {"variable": "stage", "label": "Stage", "level": "stage_code"}
    made, found = study(steps=STEPS, table_1=(variable,)), []
    for name, behind in (("with", kept_back(recurred("1999-05-01"))), ("without", {})):
        (folder := tmp_path / name).mkdir()
        con = con_of(folder, [error(1, "follow_up", "contact")])
        counted(con, behind, made)
        found.append([sorted(rows(con, f"select * from main.{table}"), key=str) for table in tables])  # names of ours
        temporary = "select table_name from duckdb_tables() where temporary union all select view_name from duckdb_views() where temporary"
        assert not {name for (name,) in rows(con, temporary)} & {*tables, "dim_tumour", "v_stage", "patient_behind"}
    assert found[0] == found[1]


def test_who_may_be_eligible_counts_towards_the_greatest_share(tmp_path: Path) -> None:
    refused = []
    for name, day in (("may_be", "2006-05-01"), ("not", "2004-05-01")):
        (folder := tmp_path / name).mkdir()
        con = con_of(folder, [error(1, "follow_up", "contact")])
        made = study(steps=STEPS, max_held_share=0.2)
        (result,) = publish_studies(con, [made], folder, folder, is_simulated=False, behind=kept_back(recurred(day)))
        refused.append((bool(result.refusal), result.held_arms))
        counts = pl.read_csv(folder / "studies" / made.study / "cohort_counts.csv")
        said = counts.filter(pl.col("n").is_not_null())["step"].str.split(".").list.first()
        assert (set(said) == {"held"}) == bool(result.refusal)
    assert refused == [(True, {"The rest": pytest.approx(1 / 3)}), (False, {})]


def test_agrees_with_what_a_study_says_of_women_who_are_loaded(tmp_path: Path) -> None:
    """The same women once loaded and once kept back, with nothing in doubt: the same arm, the same step."""
    women = [*LOADED, recurred("2004-05-01"), recurred("2004-05-01", sex_code="male"), {"sex_code": "male"}]
    con = registry(tmp_path, *women, findings=pl.DataFrame(schema=frames.FINDINGS))
    held.fill(con, [MADE], records(women))
    build_mart(con, [MADE])
    both = (
        "select b.excluded_step, b.arm, s.excluded_step, s.arm, s.is_undetermined from mart_held b join mart_subject s using (patient_key)"
    )
    found = rows(con, both)
    assert len(found) == len(women)
    for step_beside, arm_beside, step, arm, is_undetermined in found:
        assert (step_beside, arm_beside) == (("held", arm) if step is None or is_undetermined else (step, None))


def test_is_not_certain_that_a_woman_whose_site_is_in_doubt_has_no_tumour_of_the_organ(tmp_path: Path) -> None:
    colon = recurred("2006-05-01", topography_code="C18")
    errors = [error(1, "tumour", "topography_code"), error(2, "tumour", "laterality_code")]
    cohort = counted(con_of(tmp_path, errors), kept_back(colon, colon))
    assert (cohort.n("held"), cohort.n("held.undetermined"), cohort.n("held.left")) == (2, 1, 1)


def test_columns_that_only_tables_ask_for_may_read_dates_that_nothing_else_asks_for(tmp_path: Path) -> None:
    after_diagnosis = {"column": "late", "label": "A year or later", "list": "event", "where": "days_between(diagnosis, event) >= 365"}
    made = study(steps=STEPS, columns=(after_diagnosis,), table_1=({"variable": "late", "label": "Late", "level": "late"},))
    counts = counted(con_of(tmp_path, [error(1, "follow_up", "contact")]), kept_back(recurred("2006-05-01")), made).counts
    assert counts.filter(pl.col("step") == "held", pl.col("arm") == "all")["n"].to_list() == [1]
