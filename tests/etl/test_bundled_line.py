"""The bundled registries from their exports through reading, normalising and linking: what the published numbers stand on.

Counts are those of Chan et al. 2017 (Table 2, running text, line of paper in standards) and of the GBSG-2 trial.
"""

from pathlib import Path

import polars as pl
import pytest

from etl.landing.land import land
from etl.link import link
from etl.normalise import normalise
from etl.readers import read
from schemas.project import load_project
from schemas.staging import check_staging

EXAMPLES = Path(__file__).parents[2] / "etl/examples"


def line(name, out):
    """The parts and the linked records of one bundled registry."""
    project = load_project(EXAMPLES / name)
    parts = [
        normalise(read(file, file.contract), project.vocabularies, b"public", project.registry.trust_rank(file.contract.source))
        for file in land(project, out, "2018-01-12T00:00:00").files
    ]
    linked = link(parts)
    check_staging(linked.records, project.vocabularies)
    return parts, linked


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    return line("published", tmp_path_factory.mktemp("published"))


@pytest.fixture(scope="module")
def trial_days(tmp_path_factory):
    return line("trial_days", tmp_path_factory.mktemp("trial_days"))


def tally(frame, column):
    return dict(frame[column].drop_nulls().value_counts().iter_rows())


def of_woman(linked, kind, label):
    """The records of one woman by her number in Table 2."""
    patient = linked.records["patient"].filter(subject_label=label)
    return linked.records[kind].join(patient.select("patient_key"), on="patient_key")


@pytest.mark.parametrize("registry", ["published", "trial_days"])
def test_understands_every_cell_and_finds_no_contradiction(registry, request):
    parts, linked = request.getfixturevalue(registry)
    assert [part.findings.height for part in parts] == [0] * len(parts)
    assert [part.unmapped.height for part in parts] == [0] * len(parts)
    assert linked.findings.is_empty()


@pytest.mark.parametrize("registry", ["published", "trial_days"])
def test_accounts_for_every_row_and_record(registry, request):
    parts, linked = request.getfixturevalue(registry)
    delivered = pl.concat([part.ledger for part in parts]).filter(unit="record")["n"].sum()
    assert linked.ledger["n"].sum() == delivered == linked.lineage.height
    assert linked.ledger.filter(fate="goes_on")["n"].sum() == sum(frame.height for frame in linked.records.values())
    # one line of each record is `delivered`: sources are counted by it (validations/report/told_rows.sql)
    firsts = linked.lineage.filter(pl.col("step") == "delivered").select("record", "record_key").rows()
    keys = [(kind, key) for kind, frame in linked.records.items() for key in frame["record_key"]]
    assert sorted(firsts) == sorted(keys)


def test_brings_thirteen_women_together(published):
    _, linked = published
    assert sorted(linked.records["patient"]["subject_label"], key=int) == [str(number) for number in range(1, 14)]
    assert linked.records["tumour"].height == 13


def test_reads_stages_as_printed(published):
    _, linked = published
    assert tally(linked.records["tumour"], "stage_code") == {"I": 1, "IIB": 2, "IIIA": 3, "IIIB": 2, "IIIC": 4}
    assert tally(linked.records["tumour"], "node_status_code") == {"negative": 1, "positive": 11}


def test_reads_receptors_from_drugs_and_footnotes(published):
    _, linked = published
    markers = linked.records["biomarker"]
    assert tally(markers.filter(marker_code="er"), "result_code") == {"positive": 6, "negative": 6, "unknown": 1}
    assert tally(markers.filter(marker_code="her2"), "result_code") == {"positive": 6}
    reasons = {"hormonal_drug_named": 5, "footnote_b": 1, "footnote_a": 6, "footnote_c": 1}
    assert tally(markers.filter(marker_code="er"), "reason_code") == reasons


def test_reads_the_treatment_of_the_primary(published):
    _, linked = published
    treatment = linked.records["treatment"]
    assert tally(treatment.filter(course_code="primary_surgery"), "procedure_code") == {"mastectomy": 12, "wide_local_excision": 1}
    systemic = treatment.filter(course_code="primary_systemic")
    assert systemic.filter(setting_code="neoadjuvant")["patient_key"].n_unique() == 8
    first = systemic.filter(component_no=1)
    assert tally(first, "course_regimen_code") == {"AC-T": 5, "ddAC-T": 2, "AC-Ixa": 1, "CMF": 1, "TC": 2, "FAC": 1}
    assert systemic.filter(drug_code="trastuzumab")["patient_key"].n_unique() == 5
    radiation = treatment.filter(course_code="primary_radiation")
    assert tally(radiation, "is_given") == {True: 11, False: 2}
    assert tally(radiation, "fields") == {3: 7, 4: 4}


def test_reads_the_events(published):
    _, linked = published
    events = linked.records["event"]
    assert tally(events, "event_type_code") == {"distant_recurrence": 13, "metastasectomy": 13, "progression": 8, "local_recurrence": 1}
    recurrence = events.filter(event_type_code="distant_recurrence")
    assert tally(recurrence, "organ_code") == {"brain": 5, "lymph_node": 4, "lung": 2, "bone": 2}
    assert sorted(recurrence["event_earliest_offset_days"]) == [114, 228, 423, 469, 615, 689, 770, 870, 913, 1974, 2341, 3538, 9095]
    assert recurrence["event_earliest_offset_days"].equals(recurrence["event_latest_offset_days"])
    assert events.filter(event_type_code="progression")["event_anchor"].unique().to_list() == ["metastasectomy"]


def test_decides_the_same_words_by_the_site(published):
    _, linked = published
    done = {label: of_woman(linked, "event", label).filter(event_type_code="metastasectomy")["procedure_code"][0] for label in ("2", "4")}
    assert done == {"2": "mediastinal_node_excision_vats", "4": "lung_wedge_vats"}


def test_joins_the_reasons_of_the_text_to_the_components_of_the_table(published):
    _, linked = published
    stopped = of_woman(linked, "treatment", "12").filter(course_code="primary_systemic")
    said = stopped.select("regimen_code", "cycles", "completion_code", "stop_reason_code")
    assert said.rows() == [("TC", 1, "stopped_early", "toxicity")]
    palliative = of_woman(linked, "treatment", "1").filter(course_code="after_progression", modality_code="radiation")
    assert palliative.select("volume_code", "intent_code").rows() == [("bone", "palliative")]


def test_dates_the_treatment_start_of_the_tenth_woman_by_logic_alone(published):
    _, linked = published
    [row] = of_woman(linked, "tumour", "10").select("treatment_start_earliest_date", "treatment_start_latest_date").rows()
    # recurrence on day 3,538 from 2005-01-01 on; last contact on day 5,218 until 2017-10-06
    assert [str(value) for value in row] == ["1995-04-26", "2003-06-24"]


def test_places_the_local_recurrence_and_the_diagnosis_on_treatment_start(published):
    _, linked = published
    local = of_woman(linked, "event", "9").filter(event_type_code="local_recurrence")
    assert local.select("event_earliest_offset_days", "event_latest_offset_days", "event_anchor").rows() == [(33, 63, "treatment_start")]
    assert of_woman(linked, "tumour", "2")["diagnosis_earliest_offset_days"].to_list() == [-179]


def test_knows_no_edition_where_the_diagnosis_may_lie_in_several(published):
    _, linked = published
    tumours = linked.records["tumour"]
    assert tally(tumours, "tnm_edition_code") == {"unknown": 12}
    assert tumours["stage_derived_code"].null_count() == 13


def test_reads_the_trial(trial_days):
    _, linked = trial_days
    assert {name: frame.height for name, frame in linked.records.items()} == {
        "patient": 686, "tumour": 686, "treatment": 686, "event": 299, "follow_up": 686, "biomarker": 1372,
    }  # fmt: skip
    assert tally(linked.records["treatment"], "is_given") == {True: 246, False: 440}
    assert linked.records["follow_up"]["contact_anchor"].unique().to_list() == ["randomisation"]
    assert linked.records["tumour"]["enrolment_latest_offset_days"].unique().to_list() == [0]
