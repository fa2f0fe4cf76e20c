"""No expression of a project reaches out: wherever SQL may stand, `oncomart check` refuses it with file and line, and runs nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from small_project import CONTRACT, STUDY, written

from etl.check import check_project
from etl.options import RunOptions
from etl.pipeline import run
from etl.progress import Progress
from schemas.core.errors import ConfigurationError, OncomartError

EDITS = """\
edits:
  - edit: OURS-001
    title: A title
    severity: warning
    record: tumour
    applies: stage_code is not null
    violated: grade_code = '3'
    reason: A reason.
    action: An action.
"""
# Each place of a project where SQL may stand: the line as it is written, with the expression in brackets of its own.
PLACES = {
    "contracts/ward.yml": ["    when: <stage is not null>"],
    "studies/outcome.yml": [
        "  - {step: of_age, label: Of age, keep: <age_years >= 18>}",
        "  - {arm: relapsed, label: Relapsed, when: <has_recurrence>}",
        "  - {arm: relapsed, subgroup: brain, label: Brain, when: <recurrence_organ_code = 'brain'>}",
        "  - {variable: age_years, label: Age, value: <age_years>, statistics: [median]}",
        "  - {variable: er, label: ER, level: <er_code>, levels: [positive, negative]}",
        '  - {variable: progression, label: Progression, level: has_progression, levels: ["yes", "no"], of: <has_recurrence>}',
        "  order_by: <subject_label>",
        "    - {column: patient, label: Patient, text: <subject_label>}",
        "    - {column: sites, label: Sites, list: event, where: <event_no = 1>, text: site_text, separator: '; '}",
        "    - {column: dates, label: Dates, list: event, where: 'event_no = 1', separator: '; ', text: <site_text>}",
        "    event: <vital_status_code = 'dead'>",
        "    among: <has_recurrence>",
        "      - {competing: other, label: Other, end: [death], event: <vital_status_code = 'dead'>}",
    ],
    "edits.yml": ["    applies: <stage_code is not null>", "    violated: <grade_code = '3'>"],
}
COMPETING = """\
  - endpoint: relapse
    label: Relapse
    origin: diagnosis
    end: [recurrence]
    estimators: [aalen_johansen]
    "event": has_recurrence
    competing:
"""
SECRET = "{folder}/secret.csv"
ATTACKS = {
    "reads a file": f"exists (select * from read_csv('{SECRET}'))",
    "reads a file by its name": f"1 in (select 1 from '{SECRET}')",
    "calls read_csv": f"read_csv('{SECRET}') is null",
    "calls read_text": f"read_text('{SECRET}') is null",
    "lists files": "glob('/*') is null",
    "attaches a database": "attach '{folder}/made.db'",
    "calls getenv": "getenv('HOME') = 'x'",
    "asks a setting": "current_setting('home_directory') = 'x'",
    "copies out": "copy (select 1) to '{folder}/made.csv'",
    "loads an extension": "install httpfs",
    "sets an option": "set enable_external_access = true",
    "has several statements": "true; copy (select 1) to '{folder}/made.csv'",
    "has several statements, the second first": "select 1; select true",
    "has a sub-select": "(select 1) = 1",
    "hides the rest in a comment": "true -- and more",
    "calls a function that is not listed": "regexp_matches('x', 'x')",
}


def project(folder: Path, fill: str | None = None) -> Path:
    """The small project with an expression in each place, or `fill` in all of them."""
    study = STUDY.replace("arms:\n", f"{PLACES['studies/outcome.yml'][0]}\narms:\n", 1)
    study = study.replace("    - {column: sites", f"{PLACES['studies/outcome.yml'][9]}\n    - {{column: sites", 1)
    study = study.replace("    estimators:", f"{PLACES['studies/outcome.yml'][11]}\n    estimators:", 1)
    study = study.replace("comparisons:\n", f"{COMPETING}{PLACES['studies/outcome.yml'][12]}\ncomparisons:\n", 1)
    texts = {"contracts/ward.yml": CONTRACT, "studies/outcome.yml": study, "edits.yml": EDITS}
    lines = {file: [line.split("<", 1)[0] for line in places] for file, places in PLACES.items()}
    for file, places in PLACES.items():
        found = [places[starts[0]] if (starts := _places(lines[file], line)) else line for line in texts[file].splitlines()]
        texts[file] = "\n".join(_filled(line, fill) for line in found) + "\n"
    return written(folder, texts)


def _places(starts: list[str], line: str) -> list[int]:
    return [n for n, start in enumerate(starts) if line.startswith(start)]


def _filled(line: str, fill: str | None) -> str:
    if "<" not in line or not line.partition("<")[0].endswith(": "):
        return line
    before, _, rest = line.partition("<")
    own, _, after = rest.rpartition(">")
    return before + json.dumps(own if fill is None else fill) + after


def places(folder: Path) -> set[tuple[str, int]]:
    """File and line of every expression of the project."""
    starts = {file: [line.split("<", 1)[0] for line in lines] for file, lines in PLACES.items()}
    texts = {file: (folder / file).read_text(encoding="utf-8").splitlines() for file in PLACES}
    return {(file, n) for file, text in texts.items() for n, line in enumerate(text, 1) if _places(starts[file], line)}


def test_finds_no_mistake_in_the_project_itself(tmp_path: Path) -> None:
    folder = project(tmp_path)
    assert check_project(folder).endswith("No mistakes.")
    assert len(places(folder)) == sum(map(len, PLACES.values())) == 16


@pytest.mark.parametrize("attack", ATTACKS)
def test_refuses_in_every_place_an_expression_that(tmp_path: Path, attack: str) -> None:
    (tmp_path / "secret.csv").write_text("secret\nMILLER\n", encoding="utf-8")
    text = ATTACKS[attack].replace("{folder}", str(tmp_path))
    folder = project(tmp_path / "project", text)
    with pytest.raises(ConfigurationError) as caught:
        check_project(folder)
    assert {(mistake.file, mistake.line) for mistake in caught.value.mistakes} == places(folder)
    assert "MILLER" not in str(caught.value)
    with pytest.raises(OncomartError) as refused:
        run(folder, tmp_path / "out", RunOptions(), Progress(quiet=True))
    assert refused.value.exit_code == 2
    assert not (tmp_path / "out" / "landing").exists()
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "out") == ["project", "secret.csv"]
