"""Every edit is certified: each small mistake that could be in it changes the outcome of one of its cases."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import sqlglot
from edit_cases import FOLDER

from schemas import vocabulary
from validations.certified import EQUIVALENT, equivalent
from validations.edit import Edit
from validations.load import built_in_edits
from validations.mutants import mutants
from validations.mutate import VIEW_CASES, certified, main
from validations.views.certify import VIEWS, certified_views, read_by, unmet_by_view
from validations.views.mutants import view_mutants
from validations.views.text import statement

EDIT = """\
edits:
  - edit: OURS-001
    title: More nodes positive than 20
    severity: warning
    record: tumour
    applies: node_status_code in ('positive')
    violated: {violated}
    reason: A reason.
    action: An action.
"""
CASES = """\
edit: OURS-001
cases:
  - {case: twenty, outcome: satisfied, tumour: {node_status_code: positive, nodes_positive: 20}}
  - {case: twenty-one, outcome: violated, tumour: {node_status_code: positive, nodes_positive: 21}}
  - {case: negative, outcome: not_applicable, tumour: {node_status_code: negative, nodes_positive: 21}}
  - {case: status not known, outcome: not_judgeable, tumour: {nodes_positive: 21}}
"""


def edit(**parts: str) -> Edit:
    given = {"edit": "OURS-001", "title": "t", "severity": "warning", "record": "tumour", "reason": "r", "action": "a"} | parts
    return Edit.model_validate(given)


def texts(part: str, **parts: str) -> set[str]:
    return {mutant.text for mutant in mutants(edit(**parts), vocabulary.load(None)) if mutant.part == part}


def project(folder: Path, violated: str = "nodes_positive > 20", cases: str | None = CASES) -> Path:
    folder.joinpath("edits.yml").write_text(EDIT.format(violated=violated), encoding="utf-8")
    folder.joinpath("edit_cases").mkdir()
    if cases is not None:
        folder.joinpath("edit_cases", "OURS-001.yml").write_text(cases, encoding="utf-8")
    return folder


@pytest.mark.slow
def test_leaves_no_mutant_of_a_built_in_edit_alive() -> None:
    verdicts = list(certified(built_in_edits(), FOLDER, vocabulary.load(None)))
    assert [verdict for verdict in verdicts if not verdict.is_certified] == []
    assert min(verdict.n_mutants for verdict in verdicts) >= 5


@pytest.mark.slow
def test_leaves_no_mutant_of_an_edit_view_alive() -> None:
    verdicts = list(certified_views(VIEWS, VIEW_CASES, vocabulary.load(None)))
    assert [verdict for verdict in verdicts if not verdict.is_certified] == []
    assert sum(verdict.n_mutants for verdict in verdicts) > 900


@pytest.mark.parametrize("folder", [FOLDER, VIEW_CASES])
def test_lists_equivalent_mutants_with_a_reason_and_in_order(folder: Path) -> None:
    listed = equivalent(folder / EQUIVALENT)
    names = [name for name, _, _ in listed]
    assert all(listed.values())
    assert names == (sorted(names) if folder == FOLDER else sorted(names, key=VIEWS.index))


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("person_contact", "max(contact_earliest_date)", "min(contact_earliest_date)"),
        ("person_contact", "case when count(contact_latest_date) = count(*) then max(contact_latest_date) end", "max(contact_latest_date)"),
        ("person_tumour", "min(diagnosis_latest_date)", "max(diagnosis_latest_date)"),
    ],
)
def test_holds_a_view_to_its_cases(monkeypatch: pytest.MonkeyPatch, name: str, old: str, new: str) -> None:
    wrong = sqlglot.parse_one(statement(name).sql("duckdb").lower().replace(old, new, 1), read="duckdb")
    assert wrong != statement(name)
    monkeypatch.setattr("validations.views.certify.statement", lambda _: wrong)
    assert unmet_by_view([name], VIEW_CASES, vocabulary.load(None))[name] != ()


def test_makes_the_rows_of_every_case_of_the_views() -> None:
    assert unmet_by_view(VIEWS, VIEW_CASES, vocabulary.load(None)) == dict.fromkeys(VIEWS, ())


def test_reads_what_an_edit_reads() -> None:
    assert read_by({"patient"}) == ("person_contact", "person_death", "person_tumour", "person_context", "patient")


def view_texts(name: str) -> set[str]:
    tree = statement(name)
    types = {"follow_up": {"contact_earliest_date": "Date", "contact_latest_date": "Date", "contact_precision": "String"}}
    return {f"{mutant.part}: {mutant.text}" for mutant in view_mutants(tree, types, vocabulary.load(None))}


def test_takes_the_least_for_the_greatest_and_drops_conditions() -> None:
    made = view_texts("person_contact")
    assert {
        "contact_earliest_date: MAX(contact_earliest_date) -> MIN(contact_earliest_date)",
        "contact_earliest_date: contact_earliest_date -> contact_latest_date",
        "contact_latest_date: COUNT(contact_latest_date) -> COUNT(*)",
    } <= made
    assert any(
        text.startswith("contact_latest_date: CASE WHEN COUNT(") and text.endswith(" END -> MAX(contact_latest_date)") for text in made
    )
    assert any(text.startswith("select: without WHERE") for text in made)


def test_leaves_out_branches_defaults_partners_and_keys() -> None:
    made = view_texts("event_place") | view_texts("distant_organ")
    assert {"is_organ_recurred: FALSE -> NULL", "is_organ_recurred: NULL -> FALSE", "select: without the key event.laterality_code"} <= made
    assert any(text.startswith("join: LEFT JOIN site") and "-> JOIN site" in text for text in made)
    assert "organ: COALESCE(event.organ_code, site.organ_code) -> COALESCE(site.organ_code, event.organ_code)" in made


def test_flips_comparisons_and_counts_one_more_or_less() -> None:
    assert {"nodes_positive >= 20", "nodes_positive <= 20", "nodes_positive > 21", "nodes_positive > 19"} <= texts(
        "violated", violated="nodes_positive > 20"
    )


def test_drops_each_part_and_each_not() -> None:
    made = texts("violated", violated="nodes_positive > 3 and not (grade_code = '3' or nodes_examined is null)")
    assert "nodes_positive > 3" in made
    assert "nodes_positive > 3 AND (grade_code = '3' OR nodes_examined IS NULL)" in made
    assert "nodes_positive > 3 AND NOT (grade_code = '3')" in made
    assert "nodes_positive > 3 AND NOT (grade_code = '3' AND nodes_examined IS NULL)" in made


def test_leaves_out_each_code_and_takes_each_for_its_neighbour() -> None:
    made = texts("violated", violated="laterality_code in ('right', 'midline')")
    assert {"laterality_code IN ('midline')", "laterality_code IN ('right')"} <= made
    assert {"laterality_code IN ('left', 'midline')", "laterality_code IN ('right', 'not_paired')"} <= made


def test_exchanges_dates_and_moves_days() -> None:
    made = texts("violated", violated="before(diagnosis, date '2003-01-01') or days_between(birth, diagnosis) < 7")
    assert any("BEFORE(date '2003-01-01', diagnosis)" in text for text in made)
    assert any("date '2002-12-31'" in text for text in made) and any("date '2003-01-02'" in text for text in made)
    assert any("DAYS_BETWEEN(diagnosis, birth) < 7" in text for text in made)
    assert any("BEFORE(treatment_start, date '2003-01-01')" in text for text in made)


def test_makes_no_mutant_that_is_only_another_order() -> None:
    assert "stage_derived_code <> stage_code" not in texts("violated", violated="stage_code <> stage_derived_code")


def test_certifies_the_edits_of_a_project(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--project", str(project(tmp_path))]) == 0
    assert "1 edits:" in capsys.readouterr().out


def test_names_a_survivor_as_sql(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    without_edge = CASES.replace("nodes_positive: 20", "nodes_positive: 3")
    assert main(["--project", str(project(tmp_path, cases=without_edge)), "OURS-001"]) == 1
    assert "  survives: violated: nodes_positive >= 20\n" in capsys.readouterr().out


def test_holds_a_listed_mutant_to_be_a_survivor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = project(tmp_path, cases=CASES.replace("nodes_positive: 20", "nodes_positive: 3"))
    rows = [
        ("edit", "part", "mutant", "reason"),
        ("OURS-001", "violated", "nodes_positive >= 20", "x"),
        ("OURS-001", "violated", "FALSE", "x"),
    ]
    with folder.joinpath("edit_cases", EQUIVALENT).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    assert main(["--project", str(folder)]) == 1
    said = capsys.readouterr().out
    assert "survives: violated: nodes_positive >= 20\n" not in said
    assert "listed in equivalent.csv and no survivor: violated: FALSE" in said


def test_names_a_case_that_the_edit_does_not_meet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--project", str(project(tmp_path, violated="nodes_positive >= 20"))]) == 1
    assert "the case 'twenty' has another outcome" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("outcome: satisfied", "outcome: satisfid", "OURS-001.yml:3: 'outcome' knows no word 'satisfid' (did you mean satisfied?)"),
        ("nodes_positive: 20", "nodes_positiv: 20", "tumour has no column nodes_positiv (did you mean nodes_positive"),
        ("nodes_positive: 20", "diagnosis: soon", "diagnosis is no date (such as 2009-03-04"),
        ("tumour: {node_status_code: positive, nodes_positive: 20}", "tumour: [{}, {}]", "two records of tumour with one key"),
        ("case: twenty,", "name: twenty,", "unknown key 'name'"),
    ],
)
def test_names_mistakes_in_cases_with_their_line(tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, said: str) -> None:
    assert main(["--project", str(project(tmp_path, cases=CASES.replace(old, new, 1)))]) == 2
    assert said in capsys.readouterr().err


def test_asks_for_cases_and_known_codes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = project(tmp_path, cases=None)
    assert main(["--project", str(folder)]) == 2
    assert "edit_cases/OURS-001.yml: OURS-001 has no cases" in capsys.readouterr().err
    assert main(["--project", str(folder), "OURS-010"]) == 2
    assert "OURS-010: there is no such edit here (did you mean OURS-001?)" in capsys.readouterr().err
    folder.joinpath("edits.yml").unlink()
    assert main(["--project", str(folder)]) == 2
    assert "there is no edits.yml" in capsys.readouterr().err
