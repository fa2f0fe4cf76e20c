"""A study whose numbers are refused because too many are held: nothing of it can be counted but those, in no file and no table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from small_registry import SURVIVAL as SMALL
from small_registry import Woman, registry, rows, study
from test_held import error, kept_back
from test_studies import PARTS, WOMEN

from schemas.core import frames
from warehouse.explain import explained, subjects
from warehouse.explaining.explanation import render
from warehouse.numbers import HELD
from warehouse.studies import StudyResult, publish_studies
from warehouse.suppressing.analyses import Shown
from warehouse.suppressing.survival import suppress_survival
from warehouse.survival.comparisons import LOGRANK
from warehouse.survival.estimate import AT_RISK, KM, SURVIVAL

STEPS = (
    {"step": "delivered", "label": "Delivered", "keep": "true"},
    {"step": "staged", "label": "With a stage", "keep": "stage_code is not null"},
)
BARE: Woman = {"contacts": [{"contact": 30}], "person": "h5"}  # leaves at the step; a marker is kept back, which the study does not read
# The thirteenth woman is loaded without a contact that is kept back; of three others nothing is loaded.
LOADED = (*WOMEN, {**WOMEN[0], "person": "h1"}, BARE)
MARTS = ("mart_subject", "mart_subject_variable", "mart_time_to_event")


def published(folder: Path, **parts: Any) -> tuple[duckdb.DuckDBPyConnection, StudyResult]:
    women: list[Woman] = [WOMEN[0], WOMEN[4], {}, {**BARE, "person": "h4"}, BARE]
    told = ("follow_up", "contact"), ("patient", "birth"), ("tumour", "diagnosis"), ("patient", "birth"), ("biomarker", "result_code")
    errors = [error(number, *of) for number, of in enumerate(told, start=1)]
    found = pl.DataFrame([{name: row.get(name) for name in frames.FINDINGS} for row in errors], schema=frames.FINDINGS)
    con = registry(folder, *LOADED, findings=found)
    made = study(
        **PARTS | {"steps": STEPS, "subgroups": ({"subgroup": "one", "label": "I", "arm": "rest", "when": "stage_code = 'I'"},)} | parts
    )
    (result,) = publish_studies(con, [made], folder / "share", folder / "internal", is_simulated=False, behind=kept_back(*women))
    return con, result


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> tuple[duckdb.DuckDBPyConnection, StudyResult]:
    return published(tmp_path_factory.mktemp("refused"), max_held_share=0)


@pytest.fixture(scope="module")
def both(
    tmp_path_factory: pytest.TempPathFactory, refused: tuple[duckdb.DuckDBPyConnection, StudyResult]
) -> tuple[duckdb.DuckDBPyConnection, duckdb.DuckDBPyConnection]:
    """The same women twice: the numbers published, and refused."""
    return published(tmp_path_factory.mktemp("given"), max_held_share=1)[0], refused[0]


def test_leaves_no_value_and_nobody_behind_a_number_but_those_held(both: tuple[duckdb.DuckDBPyConnection, ...]) -> None:
    told = []
    for con in both:
        found = rows(con, "select number_id, output, split_part(\"row\", '.', 1), value from mart_number")
        told.append(
            {name: (value, len(subjects(con, name))) for name, output, row, value in found if (output, row) == ("cohort_counts", HELD)}
        )
        others = [(value, len(subjects(con, name))) for name, output, row, value in found if (output, row) != ("cohort_counts", HELD)]
        assert (set(others) == {(None, 0)}) == (con is both[1])
    assert told[0] == told[1]
    assert len(told[0]) > 2
    assert all(value == n for value, n in told[0].values())


def test_leaves_nothing_countable_in_any_table_of_the_mart(both: tuple[duckdb.DuckDBPyConnection, ...]) -> None:
    given, refused = both
    assert all(rows(given, f"select * from {table}") for table in MARTS)  # names of ours
    assert not rows(refused, "select * from mart_subject_variable union all by name select * from mart_time_to_event")
    held = "select * from mart_subject where excluded_step = 'held' order by patient_key"
    assert rows(given, held) == rows(refused, held) != []
    said = "select distinct is_analysed, excluded_step, is_undetermined, arm, subgroup from mart_subject where excluded_step <> 'held'"
    assert rows(refused, said) == [(False, "refused", False, None, None)]
    count = "select count(*) from mart_subject"
    assert rows(given, count) == rows(refused, count)
    beside = "select excluded_step, arm from mart_held order by patient_key"
    pairs = [*zip(rows(given, beside), rows(refused, beside), strict=True)]
    assert [after == before for before, after in pairs] == [after != ("refused", None) for _, after in pairs]
    assert {after for _, after in pairs} > {("refused", None)}


def test_says_that_a_number_is_refused_where_it_is_to_be_explained(
    refused: tuple[duckdb.DuckDBPyConnection, StudyResult], tmp_path: Path
) -> None:
    assert render(explained(refused[0], tmp_path, "small.cohort_counts.analysed.n.rest")) == (
        "small.cohort_counts.analysed.n.rest: the numbers of study small are refused (its methods.md says why); "
        "of those held alone there are numbers (cohort_counts.held…)"
    )


def test_has_no_row_of_table_2_and_no_analysed_woman_in_what_is_told(refused: tuple[duckdb.DuckDBPyConnection, StudyResult]) -> None:
    _, result = refused
    assert result.women == {}
    (path,) = (path for path in result.files if path.name == "table_2.csv")
    assert path.read_text(encoding="utf-8") == "patient,number_id\n"


def test_heads_table_1_by_its_arms_and_says_why_it_is_empty(tmp_path: Path) -> None:
    published(tmp_path, max_held_share=0, min_cell=5, min_cell_reason=None)
    for side in ("share", "internal"):
        folder = tmp_path / side / "studies" / "small"
        page = (folder / "table_1.html").read_text(encoding="utf-8")
        assert "suppressed" not in page
        assert "n\u00a0=" not in page
        assert "not given. The numbers of this study are refused" in page
        flow = (folder / "cohort_counts.svg").read_text(encoding="utf-8")
        assert "n = not given" in flow
        assert "suppressed" not in flow


@pytest.mark.parametrize(
    ("reason", "shared"),
    [
        ("refused: more than 5.0% of the women who may be eligible are held", None),  # nothing of it is hidden, for it has no numbers
        ("no event in any of the arms", "suppressed: an arm has few women or events"),  # the true reason would tell a count
    ],
)
def test_a_comparison_that_is_refused_says_so_in_what_is_shared(reason: str, shared: str | None) -> None:
    made = study(min_cell=5, min_cell_reason=None, endpoints=(SMALL,), comparisons=())
    of = {"analysis": "as_published", "endpoint": "survival", "arms": "operated, rest", "reason": reason}
    schemas = {"km": KM, "survival": SURVIVAL, "at_risk": AT_RISK, "logrank": LOGRANK}
    tables = {name: pl.DataFrame([of] if name == "logrank" else [], schema=schema) for name, schema in schemas.items()}
    none = {("as_published", "survival"): Shown(frozenset(), (0.0,))}
    assert suppress_survival(tables, made, (), none)["logrank"]["reason"].to_list() == [shared or reason]
