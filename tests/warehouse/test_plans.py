"""No statement of a night multiplies rows by rows: what takes a moment in a small registry fills the disk of a large one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from plans import explained
from sqlglot import parse_one

from etl.options import RunOptions
from etl.pipeline import run
from etl.progress import Progress
from schemas.project import load_project
from validations.expecting.rules import rules
from validations.load import load_edits
from warehouse import mart
from warehouse.study_inputs import CANDIDATE

EXAMPLES = Path(__file__).parents[2] / "etl" / "examples"
MADE = (CANDIDATE, *mart.OF_ALL, mart.DATES, "mart_subject", "mart_held")


@pytest.mark.parametrize(
    ("given", "multiplies"),
    [
        ("select count(*) from a join b on a.n = b.n", False),
        ("select n - (select max(n) from b) from a", False),
        ("select count(*) from a, single", False),
        ("select count(*) from a where n in (select n from b)", False),
        ("select count(*) from a, b", True),
        ("select count(*) from a join b on a.n = b.n or a.m = b.m", True),
        ("select count(*) from a join b on a.n < b.n", True),
        ("select count(*) filter (n in (select b.n from b where b.m < a.m)) from a", True),
        ("create table c as select a.n from a, b", True),
        ("insert into a select a.n, b.m from a, b", True),
    ],
)
def test_a_plan_tells_whether_rows_are_held_against_rows(given: str, multiplies: bool) -> None:
    with duckdb.connect() as con:
        for table in ("a", "b"):
            con.execute(f"create table {table} as select range as n, range % 7 as m from range(100)").fetchall()
        con.execute("create table single as select 1 as k").fetchall()
        with explained() as found:
            con.execute(given).fetchall()
    assert bool(found[given]) is multiplies


@pytest.mark.slow  # `.ci/run` runs the three registries so
@pytest.mark.parametrize("example", ["trial_days", "published", "registry"])
@pytest.mark.usefixtures("without_great_expectations")
def test_no_statement_of_a_night_multiplies_rows(example: str, tmp_path: Path) -> None:
    with explained() as found:
        outcome = run(EXAMPLES / example, tmp_path / "out", RunOptions(), Progress(quiet=True))
    assert outcome.exit_code == 0, outcome.reason
    assert {statement: told for statement, told in found.items() if told} == {}
    assert not [part for part in _asked(EXAMPLES / example) if not any(part in statement for statement in found)], "not run: no plan seen"


def _asked(folder: Path) -> Iterator[str]:
    """A part of a statement for each file of the mart that is asked for, each edit (it names its outcome) and each hand-kept condition."""
    project = load_project(folder)
    asked = (name for study in project.studies for name in mart.of_women(study))
    yield from (f'"{name}"' for name in (*MADE, *asked))
    yield from (f'"{edit.edit}"' for edit in load_edits(project.local_edits, project.vocabularies))
    yield from (parse_one(rule.where, dialect="duckdb").sql("duckdb") for rule in rules({}) if rule.where)
