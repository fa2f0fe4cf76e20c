"""`oncomart draft` writes contracts: under which names, never over another one, and what it says where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest
from drafts import WARD, export

from etl.check import check_project
from etl.draft.drafting import draft_files, drafted, place_of
from schemas.core.errors import ConfigurationError
from tests.commands import oncomart


def test_never_writes_over_a_contract(project: Path) -> None:
    file = export(project, WARD)
    draft_files([file], project, None, show=False)
    with pytest.raises(ConfigurationError, match=r"contracts/ward\.yml: would be written over"):
        draft_files([file], project, None, show=False)


@pytest.mark.slow
def test_two_files_of_one_name_are_not_written_over_each_other(project: Path) -> None:
    files = [export(project, WARD, f"{folder}/ward.csv") for folder in ("a", "b")]
    with pytest.raises(ConfigurationError, match=r"contracts/ward\.yml: would be written over"):
        draft_files(files, project, None, show=False)
    assert not list((project / "contracts").iterdir())


def test_drafts_the_others_where_one_file_cannot_be_read(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [export(project, WARD), export(project, "", "empty.csv")]
    assert draft_files(files, project, None, show=False) == 3
    assert (project / "contracts" / "ward.yml").is_file()
    assert "no draft: empty.csv: the file is empty" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_a_wrong_call(project: Path) -> None:
    done = oncomart("draft", "--project", str(project), "nowhere.csv")
    assert (done.returncode, done.stderr) == (2, "nowhere.csv: there is no such file (name an export)\n")


def test_shows_no_cell_of_the_file(project: Path) -> None:
    planted = "Zyzzyva-4711"
    rows = "\n".join(f"{planted}{n},{planted},{planted},{planted},{planted}" for n in range(30))
    file = export(project, f"PID,Name,Stage,Date of birth,Remarks\n{rows}\n")
    done = oncomart("draft", "--project", str(project), "--print", str(file))
    assert done.returncode == 0
    assert "remarks" in done.stdout.lower()
    assert planted not in done.stdout + done.stderr


def test_writes_no_contract_for_a_file_of_which_it_knows_no_column(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [export(project, "Shoe,Hat\na,b\nc,d\n", "hats.csv"), export(project, WARD)]
    assert draft_files(files, project, "clinic", show=False) == 3
    assert [path.name for path in (project / "contracts").iterdir()] == ["ward.yml"]
    assert capsys.readouterr().err.startswith("no draft: hats: 2 columns, 0 used; records: none yet")
    assert draft_files(files[:1], project, "clinic", show=True) == 0
    assert "`patient_id: {header: PatNo, identifier: hospital_number}`" in capsys.readouterr().out


@pytest.mark.slow
def test_says_what_a_contract_without_fields_needs(project: Path) -> None:
    draft_files([export(project, WARD)], project, "clinic", show=False)
    path = project / "contracts" / "ward.yml"
    text = path.read_text("utf-8")
    path.write_text(text[: text.index("fields:")] + "fields: {}\nrecords: []\n", "utf-8")
    with pytest.raises(ConfigurationError) as found:
        check_project(project)
    told = {mistake.message: mistake.hint for mistake in found.value.mistakes}
    assert told["'fields': has too few entries"].startswith("name each column that is used: `patient_id: {header: ")
    assert told["'records': has too few entries"].startswith("say what a row delivers: `- {rule: person, record: patient, set: ")


@pytest.mark.slow
def test_keeps_the_number_in_the_name_where_two_files_differ_in_it_alone(project: Path) -> None:
    files = [export(project, WARD, f"{name}.csv") for name in ("rhc_c50", "rhc_c61", "ward_2019")]
    assert draft_files(files, project, None, show=False) == 0
    assert sorted(path.name for path in (project / "contracts").iterdir()) == ["rhc_c50.yml", "rhc_c61.yml", "ward.yml"]
    assert 'files: ["rhc_c50*.csv"]' in (project / "contracts" / "rhc_c50.yml").read_text("utf-8")


@pytest.mark.slow
def test_the_other_site_of_a_name_is_drafted_alone_another_night(project: Path) -> None:
    for name in ("rhc_c50", "rhc_c61"):  # the pattern `rhc_c*` would read both, and the later take the place of the earlier
        assert draft_files([export(project, WARD, f"{name}.csv")], project, None, show=False) == 0
    assert sorted(path.name for path in (project / "contracts").iterdir()) == ["rhc_c50.yml", "rhc_c61.yml"]


@pytest.mark.slow
def test_keeps_the_number_where_the_contract_of_the_name_reads_other_files(project: Path) -> None:
    draft_files([export(project, WARD, "ward_2019.csv")], project, None, show=False)
    path = project / "contracts" / "ward.yml"
    path.write_text(path.read_text("utf-8").replace('"ward*.csv"', '"ward_2019*.csv"'), "utf-8")
    assert draft_files([export(project, WARD, "ward_2020.csv")], project, None, show=False) == 0
    assert sorted(path.name for path in (project / "contracts").iterdir()) == ["ward.yml", "ward_2020.yml"]


def test_says_how_a_time_instead_of_a_date_is_used(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "PID;Stage;OS_MONTHS;Survival months flag\nA1;IIA;14.5;complete\nA2;IIB;80.1;complete\n"
    draft_files([export(project, text)], project, None, show=True)
    said = capsys.readouterr().out
    assert "contact: {from: os_months, duration: months, days_per_month: 30, after: diagnosis}" in said
    assert "from: survival_months_flag" not in said


@pytest.mark.slow
@pytest.mark.parametrize(
    ("folders", "sources"),
    [
        (("north", "south"), ["north", "south"]),  # two hospitals, of which registry.yml names none yet
        (("north/2024", "south/2024"), ["north", "south"]),
        (("2023", "2024"), ["ward", "ward"]),
        (("north",), ["ward"]),
        ((".",), ["ward"]),
    ],
)
def test_files_in_several_folders_are_of_several_sources(project: Path, folders: tuple[str, ...], sources: list[str]) -> None:
    (project / "registry.yml").write_text("sources:\n  ward: {required: true}\n", "utf-8")
    files = [export(project, WARD, f"{folder}/list_{letter}.csv") for folder, letter in zip(folders, "ab", strict=False)]
    assert [draft.source for draft in drafted(files, place_of(project)).drafts] == sources
