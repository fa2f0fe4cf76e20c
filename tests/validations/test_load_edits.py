"""Local edits are written like the built-in ones, and all their mistakes are named at once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from edit_cases import AS_OF, records_of

from schemas import vocabulary
from schemas.core.errors import ConfigurationError
from validations import load, pages
from validations.choice import alike, without_choice_notices
from validations.judge import judge
from validations.load import built_in_edits, load_edits, retired, retired_codes, subjects
from validations.mutate import main as certify
from validations.pages import catalogue

GOOD = """\
edits:
  - edit: OURS-001
    title: Grade 3 in a clinic that sees none
    severity: warning
    record: tumour
    violated: grade_code = '3'
    reason: A reason.
    action: An action.
"""


def local(folder: Path, text: str) -> Path:
    path = folder / "edits.yml"
    path.write_text(text, encoding="utf-8")
    return path


def said(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        load_edits(local(folder, text), vocabulary.load(None))
    return [str(mistake) for mistake in caught.value.mistakes]


def test_adds_local_edits_to_the_built_in_ones(tmp_path: Path) -> None:
    edits = load_edits(local(tmp_path, GOOD), vocabulary.load(None))
    assert len(edits) == len(built_in_edits()) + 1
    assert [edit.edit for edit in edits] == sorted(edit.edit for edit in edits)
    counts = judge(records_of({"one": {"tumour": {"grade_code": "3"}}}), edits, AS_OF).counts
    assert counts.filter(counts["edit"] == "OURS-001")["violated"].item() == 1


@pytest.mark.parametrize(
    ("applies", "violated", "says"),
    [
        ("true", "true", "every record alike: no column decides"),
        ("true", "1 = 1 or grade_code = '3'", "every record alike: no column decides"),
        ("true", "grade_code is null or grade_code is not null", "every record alike: no column decides"),
        ("true", "1 > 2", "no record: no column decides"),
        ("grade_code is null", "grade_code is not null", "no record: no column decides"),
        (
            "grade_code = '1'",
            "laterality_code = 'left' and (grade_code <> '3' and '2' = grade_code)",
            "no record: grade_code cannot be two things",
        ),
        ("grade_code = '1'", "true", ""),
        ("grade_code = '1' or grade_code = '2'", "grade_code = '2'", ""),
        ("true", "grade_code = '1' and grade_code <> '2' or days_between(diagnosis, treatment_start) > 3", ""),
    ],
)
def test_an_error_that_no_column_decides_is_a_mistake(tmp_path: Path, applies: str, violated: str, says: str) -> None:
    text = GOOD.replace("violated: grade_code = '3'", f"applies: {applies}\n    violated: {violated}").replace("warning", "error")
    if says:
        [told] = said(tmp_path, text)
        assert told.startswith("edits.yml:7: OURS-001 finds " + says)
    else:
        assert load_edits(local(tmp_path, text), vocabulary.load(None))


@pytest.mark.parametrize(
    ("applies", "violated", "says"),
    [
        ("true", "tumour_no = tumour_no", "finds every record whose columns are filled"),
        ("true", "tumour_no <> tumour_no", "finds no record"),
        ("tumour_no > 3", "tumour_no < 2", "finds no record"),
        ("true", "tumour_no > 3 or tumour_no <= 3", "finds every record"),
        ("grade_code = '1'", "grade_code in ('2', '3')", "finds no record"),
        ("true", "nodes_positive > nodes_examined and nodes_examined > nodes_positive", "finds no record"),
        ("tumour_no > 3", "tumour_no > 2", ""),  # every one it applies to, and it applies to some
        ("true", "nodes_positive > nodes_examined", ""),
        ("true", "tumour_no is null", ""),
        ("true", "tumour_size_mm between 1.2 and 1.3", ""),
        ("true", "not (tumour_no > 3 and grade_code = '1')", ""),
    ],
)
def test_tells_of_an_edit_that_finds_the_same_on_every_record(tmp_path: Path, applies: str, violated: str, says: str) -> None:
    text = GOOD.replace("violated: grade_code = '3'", f"applies: {applies}\n    violated: {violated}")
    edits = set(load_edits(local(tmp_path, text), vocabulary.load(None))) - set(built_in_edits())
    told = [f"{notice.message}" for notice in without_choice_notices(edits)]
    assert [message.startswith(f"OURS-001 {says}") for message in told] == ([True] if says else [])
    as_error = text.replace("warning", "error")
    if says:
        assert says in said(tmp_path, as_error)[0]
    else:
        assert load_edits(local(tmp_path, as_error), vocabulary.load(None))


@pytest.mark.parametrize(
    ("violated", "says"),
    [
        ("age_at_diagnosis_years > 200", ["finds no record: no value of age_at_diagnosis_years fits"]),
        ("before(diagnosis, date '0201-01-01')", ["finds no record: no value of diagnosis fits"]),
        ("before(diagnosis, treatment_start) and before(treatment_start, diagnosis)", []),  # both are possible of wide dates
        ("age_at_diagnosis_years > 105", []),
    ],
)
def test_tells_of_an_edit_that_asks_for_what_no_column_holds(tmp_path: Path, violated: str, says: list[str]) -> None:
    text = GOOD.replace("grade_code = '3'", violated)
    edits = set(load_edits(local(tmp_path, text), vocabulary.load(None))) - set(built_in_edits())
    assert [notice.message for notice in without_choice_notices(edits)] == [f"OURS-001 {why}" for why in says]
    assert without_choice_notices(built_in_edits()) == []


def test_no_built_in_edit_finds_the_same_on_every_record() -> None:
    assert [edit.edit for edit in built_in_edits() if alike(edit)] == []


def test_has_built_in_edits_only_without_a_local_file() -> None:
    assert load_edits(None) == built_in_edits()


def test_runs_the_documented_example(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edits, cases = re.findall(r"```yaml\n(.*?)```", catalogue(), re.DOTALL)[:2]
    assert "OURS-001" in {edit.edit for edit in load_edits(local(tmp_path, edits), vocabulary.load(None))}
    tmp_path.joinpath("edit_cases").mkdir()
    tmp_path.joinpath("edit_cases", "OURS-001.yml").write_text(cases, encoding="utf-8")
    assert certify(["--project", str(tmp_path)]) == 0, capsys.readouterr().out


def test_names_all_mistakes_at_once_with_their_lines(tmp_path: Path) -> None:
    text = """\
edits:
  - edit: OURS-001
    title: One
    severity: warnign
    record: tumour
    violated: grade_cod = '3'
    reason: A reason.
    action: An action.
  - edit: ours1
    title: Two
    severity: notice
    record: event
    scope: patient
    violated: event_type_code = 'progresion'
    reason: A reason.
    action: An action.
    colour: red
"""
    found = said(tmp_path, text)
    assert [re.sub(r":.*", "", line.split(":", 1)[1]) for line in found] == ["4", "6", "9", "13", "14", "17"]
    assert all(line.startswith("edits.yml:") for line in found)
    assert "did you mean warning?" in found[0]
    assert "did you mean grade_code" in found[1]
    assert "did you mean progression?" in found[4]


@pytest.mark.parametrize("code", ["TUM-001", "DATE-001", "EVT-010"])
def test_refuses_the_code_of_a_built_in_edit(tmp_path: Path, code: str) -> None:
    (line,) = said(tmp_path, GOOD.replace("OURS-001", code))
    assert line.startswith(f"edits.yml:2: {code} is the code of a built-in edit")


def test_refuses_a_code_given_twice(tmp_path: Path) -> None:
    (line,) = said(tmp_path, GOOD + GOOD.removeprefix("edits:\n"))
    assert line == "edits.yml:9: OURS-001 is given twice"


def test_refuses_a_retired_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "retired_codes", lambda: frozenset({"OURS-001"}))
    (line,) = said(tmp_path, GOOD)
    assert line.startswith("edits.yml:2")


def test_reports_a_file_that_is_no_yaml(tmp_path: Path) -> None:
    assert said(tmp_path, "edits: [")[0].startswith("edits.yml:")


def test_never_gives_a_retired_code_again() -> None:
    assert not retired_codes() & {edit.edit for edit in built_in_edits()}
    assert len(retired_codes()) == len(retired())


def test_retires_a_code_instead_of_losing_it() -> None:
    """Numbers have no gaps: an edit that is taken out leaves one, unless its code is retired."""
    known = {edit.edit for edit in built_in_edits()} | retired_codes()
    last = {code[:-4]: max(other for other in known if other.startswith(code[:-3])) for code in known}
    assert {f"{prefix}-{number:03}" for prefix, code in last.items() for number in range(1, int(code[-3:]) + 1)} == known


def test_refuses_a_built_in_edit_with_a_retired_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "retired_codes", lambda: frozenset({"TUM-009"}))
    built_in_edits.cache_clear()
    with pytest.raises(ConfigurationError, match="TUM-009 is given twice or retired"):
        built_in_edits()
    built_in_edits.cache_clear()


def test_lists_retired_codes_in_the_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    row = {"edit": "OLD-001", "title": "An old one", "retired": "0.2.0", "reason": "It found nothing."}
    monkeypatch.setattr(pages, "retired", lambda: (row,))
    assert "| OLD-001 | An old one | 0.2.0 | It found nothing. |" in catalogue()


def test_knows_the_subject_of_every_edit() -> None:
    assert subjects().keys() == {edit.edit for edit in built_in_edits()}


@pytest.mark.parametrize("edit", built_in_edits(), ids=lambda edit: edit.edit)
def test_says_where_an_edit_comes_from_and_what_to_do(edit: load.Edit) -> None:
    assert edit.since
    assert edit.source != "local"
    assert edit.reason.endswith(".")
    assert edit.action.endswith(".")


def test_a_statement_must_be_something_that_the_edit_reads(tmp_path: Path) -> None:
    said_ = said(tmp_path, GOOD.replace("    reason:", "    between: [grade_code, tumour.stage_code]\n    reason:"))
    assert said_ == ["edits.yml:7: 'tumour.stage_code' is nothing that the edit reads (its columns, of another record as record.column)"]
