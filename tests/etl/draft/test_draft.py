"""`oncomart init` and `oncomart draft`: from exports never seen before to a project that runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from drafts import WARD, draft_of, export

from etl.check import check_project
from etl.draft.columns import names
from etl.draft.drafting import draft_files, drafted, place_of
from etl.draft.starting import start
from etl.simulate.project import bundled_registry
from schemas.core.errors import ConfigurationError
from tests.commands import oncomart

DRAFTED = """\
contract: ward
contract_version: 1
title: "ward: say what one row is"
source: clinic
files: ["ward*.csv"]
delivery: snapshot
format: {kind: csv, delimiter: ";"}
columns: open
fields:
  pat_nr: {header: "Pat-Nr", required: true, identifier: hospital_number}
  geburtsdatum: {header: Geburtsdatum, required: true, identifier: birth}  # day first in 2 cells
  diagnosedatum: {header: Diagnosedatum, required: true}  # day first in 2 cells
  seite: {header: Seite, required: true}
  tnm: {header: TNM, required: true}
  stadium: {header: Stadium, required: true}
  er: {header: ER, required: true}
  letzter_kontakt: {header: "Letzter Kontakt", required: true}  # day first in 3 cells
  nodes: {header: Nodes, required: true}
records:
  - rule: person
    record: patient
    set:
      patient_id: pat_nr
      birth: {from: geburtsdatum, order: dmy}
  - rule: primary
    record: tumour
    set:
      patient_id: pat_nr
      diagnosis: {from: diagnosedatum, order: dmy}
      laterality_code: seite
      stage_code: stadium
      t_code: {from: tnm, within_text: true}
      n_code: {from: tnm, within_text: true}
      m_code: {from: tnm, within_text: true}
      nodes_positive: nodes
      nodes_examined: nodes
  - rule: er
    record: biomarker
    when: er is not null
    set:
      patient_id: pat_nr
      marker_code: {value: er}
      specimen_code: {value: primary}
      result_code: er
  - rule: last_contact
    record: follow_up
    when: letzter_kontakt is not null
    set:
      patient_id: pat_nr
      follow_up_no: {value: 1}
      contact: {from: letzter_kontakt, order: dmy}
# Not used, and told of as READ-EXTRA-COLUMN by each run:
#   "Knoten": 3 cells, 1 different texts
#   "Stage": its header says tumour.stage_code, but 3 of 3 cells cannot be read so
#   "Wohlbefinden": 3 cells, 2 different texts
"""


def test_drafts_a_contract_that_says_what_each_column_is(project: Path) -> None:
    text = draft_of(project, WARD)
    assert text.split("\n", 2)[2] == DRAFTED


@pytest.mark.usefixtures("without_great_expectations")
def test_what_it_drafts_passes_check_and_runs(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONCOMART_KEY_FILE", str(tmp_path / "key"))
    assert draft_files([export(project, WARD)], project, None, show=False) == 0
    assert "12 columns, 9 used; records: 3 patient, 3 tumour, 3 follow_up, 3 biomarker" in capsys.readouterr().out
    assert "No mistakes" in check_project(project)
    done = oncomart("run", "--project", str(project), "--out", str(tmp_path / "out"))
    assert "3 patients, 3 tumours" in done.stdout, done.stderr


@pytest.mark.parametrize("header", ["N", "count", "part", "rows", "cell"])
def test_drafts_a_file_whatever_its_columns_are_called(project: Path, header: str) -> None:
    assert "sex_code: sex" in draft_of(project, f"PID,Sex,{header}\nA1,f,N0\nA2,f,N1\n")


def test_leaves_out_a_column_whose_cells_are_not_what_its_header_says(project: Path) -> None:
    text = draft_of(project, "PID,Sex,Stage\nA1,f,red\nA2,m,blue\nA3,f,green\n")
    assert "stage_code:" not in text
    assert '"Stage": its header says tumour.stage_code, but 3 of 3 cells cannot be read so' in text


def test_tells_by_its_cells_what_a_column_of_no_known_header_is(project: Path) -> None:
    text = draft_of(project, "PID,Lifestate\nA1,alive\nA2,dead\nA3,alive\n")
    assert "lifestate: {header: Lifestate, required: true}  # taken so by its cells, not by its header" in text
    assert "vital_status_code: lifestate" in text


def test_takes_a_header_of_two_meanings_for_the_one_its_cells_have(project: Path) -> None:
    text = draft_of(project, "DNI,Sex,CT\n19520314-1234,f,FEC x6\n19520315-1235,f,AC x4\n19520316-1236,f,CMF x6\n")
    assert "dni: {header: DNI, required: true, identifier: hospital_number}" in text
    assert "ct: {header: CT, required: true, grammar: treatment, modality: chemotherapy}" in text


def test_reads_the_digits_of_other_scripts(project: Path) -> None:
    text = draft_of(project, "PID,Sex,Date of diagnosis\nA1,f,١٤/٠٣/٢٠١٩\nA2,f,٢٥/٠٤/٢٠١٩\n")
    assert "order: dmy" in text


def test_does_not_guess_what_numbers_are(project: Path) -> None:
    text = draft_of(project, "PID,Code,Sex\nA1,1,f\nA2,2,f\nA3,1,m\n")
    assert '"Code": 3 cells, 2 different texts' in text


@pytest.mark.parametrize(
    ("dates", "said"),
    [
        (["13/02/2009", "01/02/2010"], "order: dmy"),
        (["02/13/2009", "01/02/2010"], "order: mdy"),
        (["03/02/2009", "01/02/2010"], "no cell tells whether day or month stands first"),
        (["13/02/2009", "02/13/2009"], "the day stands first in 1 cells and second in 1: ask the source"),
        (["13/02/09", "01/02/10"], "2 years of two digits: write `pivot`"),
        (["2009-02-13", "2010-02-01"], "diagnosis: date_of_diagnosis\n"),
    ],
)
def test_says_of_dates_what_their_cells_prove(project: Path, dates: list[str], said: str) -> None:
    rows = "".join(f"A{n},{date}\n" for n, date in enumerate(dates))
    assert said in draft_of(project, f"PID,Date of diagnosis\n{rows}")


def test_names_the_columns_that_may_name_the_person_where_no_header_does(project: Path) -> None:
    text = draft_of(project, "Kennung,Sex,Stage\nzz1,f,red\nzz2,m,blue\nzz3,f,green\n")
    assert '"Stage": its header says tumour.stage_code, but 3 of 3 cells cannot be read so' in text
    assert "patient_id: WHICH_COLUMN" in text
    assert '# it may be "Kennung"' in text


def test_knows_a_file_of_a_code_set_by_its_headers(project: Path) -> None:
    text = draft_of(
        project, "patientIdNumber,sex,laterality,vitalStatus,histologicTypeIcdO3,behaviorCodeIcdO3\n1,2,1,1,8500,3\n2,2,2,0,8520,3\n"
    )
    assert "codes: naaccr  # by the headers" in text
    assert "histology_code: {from: histologic_type_icdo3, beside: behavior_code_icdo3}" in text
    assert "not read" not in text


def test_says_what_numbers_that_are_codes_need(project: Path) -> None:
    text = draft_of(project, "PID,Sex,Stage\nA1,1,IA\nA2,2,IIA\n")
    assert (
        '"Sex": its header says patient.sex_code, but 2 of 2 cells cannot be read so; numbers that are codes need `codes` or a `map`'
        in text
    )


def test_takes_what_says_nothing_by_itself_for_the_event_of_its_row(project: Path) -> None:
    text = draft_of(
        project, "PID,Event type,Date,Site\nA1,local recurrence,2009-02-13,Chest wall\nA2,distant recurrence,2010-03-04,Liver\n"
    )
    assert "event_type_code: event_type\n      event: date\n      site_code: site" in text


@pytest.mark.slow
def test_takes_no_column_for_items_where_each_column_says_something_of_its_own(project: Path) -> None:
    assert "when: remark" not in draft_of(
        project, WARD.replace("Wohlbefinden", "Remark").replace(";gut;", ";ER;").replace(";mittel;", ";PR;")
    )


def test_makes_a_rule_for_each_of_the_columns_that_come_several_times(project: Path) -> None:
    text = draft_of(project, "PID,Surgery 1 Date,Surgery 1 Type,Surgery 2 Date\nA1,2009-02-13,Mastectomy,2009-03-01\n")
    assert "- rule: surgery_1\n    record: treatment\n    each: surgery_1_type" in text
    assert "- rule: surgery_2_start" in text


def test_takes_a_short_last_row_for_a_footer_and_says_so(project: Path) -> None:
    text = draft_of(project, "PID,Sex,Stage\nA1,f,IA\nA2,f,IIA\nTotal,2\n")
    assert "footer_rows: 1}  # the file ends with a shorter row: a footer, or it is cut off" in text


def test_begins_a_project_and_writes_over_nothing(tmp_path: Path) -> None:
    start(tmp_path / "Ward 7", ["Hospital A", "deaths"])
    text = (tmp_path / "Ward 7" / "registry.yml").read_text("utf-8")
    assert "registry: ward_7\n" in text
    assert "  hospital_a: {required: true}\n  deaths: {required: true}\n" in text
    assert "trust: [hospital_a, deaths]" in text
    with pytest.raises(ConfigurationError, match="is there already"):
        start(tmp_path / "Ward 7", [])


def test_a_project_just_begun_lacks_nothing_but_its_contracts(project: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        check_project(project)
    assert [mistake.file for mistake in caught.value.mistakes] == ["contracts", "registry.yml"]
    assert "no contract delivers the source 'clinic'" in str(caught.value)


@pytest.mark.slow
def test_the_bundled_exports_are_drafted_without_a_column_of_no_name(tmp_path: Path) -> None:
    exports = sorted((bundled_registry() / "exports").glob("*/*.csv"))
    found = drafted(exports, place_of(tmp_path))
    assert not found.unreadable
    assert {draft.contract: draft.told.split("; records: ")[1] for draft in found.drafts if draft.contract != "read_me"} == {
        "contacts": "688 follow_up",
        "deaths": "555 patient, 555 follow_up",
        "items": "1,214 tumour, 2,743 treatment, 20 event, 1,996 biomarker",
        "patients": "983 patient, 978 follow_up",
        "tumours": "979 tumour, 2,684 biomarker",
    }


@pytest.mark.parametrize(
    ("headers", "kinds"),
    [
        ("Name,Vorname", ["family_name", "given_name"]),
        ("Nachname,Vorname", ["family_name", "given_name"]),
        ("Name", ["name"]),
        ("Nombre", ["name"]),
    ],
)
def test_tells_the_names_of_a_person_apart(project: Path, headers: str, kinds: list[str]) -> None:
    cells = ",".join("X" for _ in kinds)
    text = draft_of(project, f"PID,Sex,{headers}\nA1,f,{cells}\nA2,m,{cells}\n")
    assert re.findall(r"required: true, identifier: (\w+)}", text)[1:] == kinds


@pytest.mark.parametrize(
    ("headers", "fields"),
    [
        (["Pat-Nr", "Größe (mm)", "Größe  mm"], ["pat_nr", "grosse_mm", "grosse_mm_3"]),
        (["1st", "生年月日", "case"], ["column_1", "column_2", "column_3"]),
    ],
)
def test_names_fields_as_a_contract_may(headers: list[str], fields: list[str]) -> None:
    assert names(headers) == fields
