"""`oncomart check`: mistakes of project, edits and thresholds together, and nothing heavy to wait for."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from etl.check import check_project
from schemas.core.errors import ConfigurationError

EXAMPLES = Path(__file__).parents[2] / "etl" / "examples"


@pytest.mark.parametrize(("name", "says"), [("published", "2 contracts, 1 study"), ("trial_days", "1 contract, 1 study")])
def test_finds_no_mistake_in(name: str, says: str) -> None:
    assert says in check_project(EXAMPLES / name)


def test_reports_edits_and_project_in_one_go(tmp_path: Path) -> None:
    (tmp_path / "registry.yml").write_text("registry: r\n", encoding="utf-8")
    (tmp_path / "edits.yml").write_text("edits:\n  - edit: MINE-1\n", encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        check_project(tmp_path)
    assert {mistake.file for mistake in caught.value.mistakes} >= {"registry.yml", "edits.yml", "contracts"}


OWN_EDIT = """\
edits:
  - {edit: OURS-001, title: t, severity: notice, record: tumour, violated: nodes_examined < 10, reason: r, action: a}
"""
OWN_CASES = """\
edit: OURS-001
cases:
  - {case: nine, outcome: violated, tumour: {nodes_examined: 9}}
  - {case: ten, outcome: satisfied, tumour: {nodes_examined: 10}}
"""


def test_holds_own_edits_to_their_cases(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(EXAMPLES / "published", tmp_path / "project"))
    folder.joinpath("edits.yml").write_text(OWN_EDIT, encoding="utf-8")
    folder.joinpath("edit_cases").mkdir()
    cases = folder / "edit_cases" / "OURS-001.yml"
    cases.write_text(OWN_CASES, encoding="utf-8")
    assert "edits of its own" in check_project(folder)
    cases.write_text(OWN_CASES.replace("nodes_examined: 9}", "nodes_examined: 10}"), encoding="utf-8")
    cases.with_name("OURS-002.yml").write_text(OWN_CASES, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        check_project(folder)
    assert [str(mistake) for mistake in caught.value.mistakes] == [
        "edit_cases/OURS-001.yml:3: the case 'nine' gives satisfied, not violated",
        "edit_cases/OURS-002.yml: there is no edit OURS-002 in edits.yml (did you mean OURS-001?)",
    ]


def test_cases_of_another_edit_than_their_file_says_are_a_mistake(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(EXAMPLES / "published", tmp_path / "project"))
    folder.joinpath("edits.yml").write_text(OWN_EDIT, encoding="utf-8")
    folder.joinpath("edit_cases").mkdir()
    folder.joinpath("edit_cases", "OURS-001.yml").write_text(OWN_CASES.replace("OURS-001", "OURS-011"), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"edit_cases/OURS-001\.yml:1: 'edit' is not the code that the file is named after"):
        check_project(folder)


def test_names_the_line_of_a_threshold_that_fits_nothing(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(EXAMPLES / "published", tmp_path / "project"))
    registry = folder / "registry.yml"
    text = registry.read_text(encoding="utf-8").rstrip() + "\n"
    wrong = "  women_loadet: {min: 1}\n  stage_known:\n    mn: 0.5\n    critical: 1\n    min: true\n"
    registry.write_text(text + wrong, encoding="utf-8")
    line = text.count("\n") + 1
    with pytest.raises(ConfigurationError) as caught:
        check_project(folder)
    assert [str(mistake) for mistake in caught.value.mistakes] == [
        f"registry.yml:{line}: thresholds: no expectation is named 'women_loadet' (did you mean women_loaded or women_at_most?)",
        f"registry.yml:{line + 2}: thresholds: stage_known: 'mn' cannot be set (did you mean min?)",
        f"registry.yml:{line + 3}: thresholds: stage_known: 'critical' must be true or false",
        f"registry.yml:{line + 4}: thresholds: stage_known: 'min' must be a number",
    ]


def test_tells_two_mistakes_of_one_accepted_line_with_those_of_the_thresholds(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(EXAMPLES / "published", tmp_path / "project"))
    registry = folder / "registry.yml"
    text = registry.read_text(encoding="utf-8").rstrip() + "\n"
    registry.write_text(text + "  women_loadet: {min: 1}\naccepted:\n  stage_share: 123\n", encoding="utf-8")
    line = text.count("\n") + 3
    with pytest.raises(ConfigurationError) as caught:
        check_project(folder)
    told = [str(mistake) for mistake in caught.value.mistakes]
    assert [one.split(":")[1] for one in told] == [str(line - 2), str(line), str(line)]
    assert told[1].startswith(f"registry.yml:{line}: accepted: 'stage_share' compares with no earlier release (did you mean stage_shares")
    assert told[2].startswith(f"registry.yml:{line}: accepted: stage_share: what it names is no run_id: 12 hexadecimal digits in quotes")


def test_tells_thresholds_and_mistakes_of_a_study_in_one_go(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(EXAMPLES / "published", tmp_path / "project"))
    registry, study = folder / "registry.yml", folder / "studies" / "metastasectomy.yml"
    registry.write_text(registry.read_text(encoding="utf-8").rstrip() + "\n  women_loadet: {min: 1}\n", encoding="utf-8")
    study.write_text(study.read_text(encoding="utf-8") + "nonsense: 1\n", encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        check_project(folder)
    assert [mistake.message for mistake in caught.value.mistakes] == [
        "thresholds: no expectation is named 'women_loadet'",
        "unknown key 'nonsense'",
    ]


def test_says_which_fields_no_record_reads(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(EXAMPLES / "published", tmp_path / "project"))
    contract = folder / "contracts" / "table_2.yml"
    text = contract.read_text(encoding="utf-8")
    contract.write_text(text.replace("fields:\n", "fields:\n  ward: {}\n", 1), encoding="utf-8")
    assert "no record reads the fields ward" in check_project(folder)


def test_names_the_line_of_a_group_that_is_not_here(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(EXAMPLES / "published", tmp_path / "project"))
    registry = folder / "registry.yml"
    registry.write_text("group: no_such_group_here\n" + registry.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"registry\.yml:1: there is no group 'no_such_group_here'"):
        check_project(folder)


def test_imports_nothing_heavy() -> None:
    code = "import sys, etl.check; print(*sys.modules)"
    imported = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"pandas", "scipy", "lifelines", "matplotlib", "great_expectations", "pandera"} & set(imported)


def test_tells_of_an_over_ride_of_no_edit(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(EXAMPLES / "published", tmp_path / "project"))
    head = "edit,record,record_key,fingerprint,reason,author,date,expires\n"
    folder.joinpath("overrides.csv").write_text(f"{head}DATE-O10,tumour,7,v27fc318fa20,seen,AB,2019-12-01,\n", encoding="utf-8")
    said = check_project(folder).splitlines()
    assert any(
        line.startswith("worth a second look: overrides.csv:2: there is no such edit (any more) (did you mean DATE-010") for line in said
    )


def test_tells_of_own_edits_without_cases(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(EXAMPLES / "published", tmp_path / "project"))
    folder.joinpath("edits.yml").write_text(OWN_EDIT, encoding="utf-8")
    assert "worth a second look: edits.yml:2: OURS-001 has no cases (edit_cases/OURS-001.yml)" in check_project(folder)
