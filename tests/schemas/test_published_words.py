"""What the words of the published tables and running text mean."""

from __future__ import annotations

import csv
from importlib.resources import files

import polars as pl
import pytest
from vocabulary_outcome import BUILT_IN, code

EXPORTS = files("etl").joinpath("examples", "published", "exports")


# patient, printed site, site, organ, side
RECURRENCES = [
    (1, "Sternum", "sternum", "bone", None),
    (2, "Mediastinal node", "node_mediastinal", "lymph_node", None),
    (3, "Left temporo - parietal lobe", "brain_temporoparietal", "brain", "left"),
    (4, "Lung, left upper lobe", "lung_upper_lobe", "lung", "left"),
    (5, "Left Hip", "hip", "bone", "left"),
    (6, "Right temporal lobe", "brain_temporal", "brain", "right"),
    (7, "Right fronto - temoporal lobe", "brain_frontotemporal", "brain", "right"),
    (8, "Right frontal lobe", "brain_frontal", "brain", "right"),
    (9, "Contralateral axilla node", "node_axillary_contralateral", "lymph_node", None),
    (10, "Left cervical node", "node_cervical", "lymph_node", "left"),
    (11, "Left branchial plexus", "brachial_plexus", "lymph_node", "left"),
    (12, "Left parietal lobe", "brain_parietal", "brain", "left"),
    (13, "Lung, right lower lobe", "lung_lower_lobe", "lung", "right"),
]
PROGRESSIONS = [
    (1, "Sternum", "sternum"),
    (4, "Mediastinal and hilar nodes", "node_mediastinal_hilar"),
    (5, "Lungs", "lung"),
    (6, "Cervical nodes", "node_cervical"),
    (7, "Brain", "brain"),
    (8, "Bone", "bone"),
    (9, "Mediastinal nodes", "node_mediastinal"),
    (11, "Brachial plexus", "brachial_plexus"),
]
OPERATIONS = [
    (1, "Curettage with bone grafting", "bone", "curettage_bone_graft"),
    (2, "VATS metastatectomy", "lymph_node", "mediastinal_node_excision_vats"),
    (3, "Craniotomy and excision", "brain", "craniotomy_excision"),
    (4, "VATS metastatectomy", "lung", "lung_wedge_vats"),
    (5, "Tumour resection and reconstruction of left pelvis", "bone", "pelvic_resection_reconstruction"),
    (6, "Craniotomy and excision of tumour", "brain", "craniotomy_excision"),
    (7, "Craniotomy and excision of tumour", "brain", "craniotomy_excision"),
    (8, "Awake craniotomy and excision of tumour", "brain", "awake_craniotomy_excision"),
    (9, "Left axillary clearance", "lymph_node", "axillary_clearance"),
    (10, "Radical neck dissection", "lymph_node", "radical_neck_dissection"),
    (
        11,
        "Clavicular oestomy, brachial plexus exploration, neurolysis and excision of metastatic mass",
        "lymph_node",
        "brachial_plexus_excision",
    ),
    (12, "Craniotomy and excision of brain tumour", "brain", "craniotomy_excision"),
    (13, "Robotic assisted lower lobectomy and lymph node dissection", "lung", "lung_lobectomy_robotic"),
]
# value, presentation, detection
PRESENTATIONS = [
    ("central chest pain", "chest_pain", "symptoms"),
    ("none; found on PET/CT", "none", "imaging"),
    ("headache, slurred speech or seizure", "neurological", "symptoms"),
    ("chronic cough", "cough", "symptoms"),
    ("left hip pain", "bone_pain", "symptoms"),
    ("palpable axillary node found by the clinician", "palpable_node", "clinical_examination"),
    ("self-detected cervical node", "palpable_node", "self_examination"),
    ("left upper arm pain and numbness", "arm_pain_numbness", "symptoms"),
    ("weight loss", "weight_loss", "symptoms"),
]


def printed(name: str) -> list[dict[str, str]]:
    text = EXPORTS.joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


def cell(row: dict[str, str], column: str) -> str:
    return row[column].rpartition(" (")[0]


@pytest.mark.parametrize(("patient", "raw", "site", "organ", "side"), RECURRENCES)
def test_reads_the_thirteen_sites_of_recurrence(patient: int, raw: str, site: str, organ: str, side: str | None) -> None:
    assert code("site", raw) == site
    assert BUILT_IN.table("site").row(by_predicate=pl.col("site_code") == site, named=True)["organ_code"] == organ
    assert code("laterality", raw, within_text=True) == side


@pytest.mark.parametrize(("patient", "raw", "site"), PROGRESSIONS)
def test_reads_the_eight_sites_of_progression(patient: int, raw: str, site: str) -> None:
    assert code("site", raw) == site


@pytest.mark.parametrize(("patient", "raw", "organ", "procedure"), OPERATIONS)
def test_reads_the_thirteen_operations_with_the_organ_of_the_site(patient: int, raw: str, organ: str, procedure: str) -> None:
    assert code("procedure", raw, organ) == procedure
    assert BUILT_IN.table("procedure").row(by_predicate=pl.col("procedure_code") == procedure, named=True)["is_metastasectomy"]


def test_lists_the_sites_and_operations_as_the_export_prints_them() -> None:
    rows = printed("table2.csv")
    assert [(p, raw) for p, raw, *_ in RECURRENCES] == [(int(r["patient"]), cell(r, "site_of_distant_recurrence_ttdr")) for r in rows]
    assert [(p, raw) for p, raw, _, _ in OPERATIONS] == [(int(r["patient"]), r["metastasectomy_done"]) for r in rows]
    progressed = [(int(r["patient"]), cell(r, "progression_after_metastasectomy_ttp")) for r in rows]
    assert [(p, raw) for p, raw, _ in PROGRESSIONS] == [row for row in progressed if row[1]]


@pytest.mark.parametrize(("raw", "presentation", "detection"), PRESENTATIONS)
def test_reads_how_a_recurrence_presented_and_was_found(raw: str, presentation: str, detection: str) -> None:
    assert code("presentation", raw) == presentation
    assert code("detection", raw) == detection


@pytest.mark.parametrize(
    ("item", "domain", "codes"),
    [
        ("chemotherapy_stopped_reason", "stop_reason", {"toxicity"}),
        ("radiation_stopped_reason", "stop_reason", {"progression"}),
        ("operation", "procedure", {"mastectomy", "wide_local_excision"}),
        ("node_status", "node_status", {"negative", "positive", None}),
        ("local_recurrence_site", "site", {"chest_wall"}),
        ("er", "marker_result", {"positive"}),
        ("her2", "marker_result", {"positive"}),
        ("presentation_of_recurrence", "presentation", {p for _, p, _ in PRESENTATIONS}),
        ("presentation_of_recurrence", "detection", {d for _, _, d in PRESENTATIONS}),
    ],
)
def test_knows_every_value_of_the_running_text(item: str, domain: str, codes: set[str | None]) -> None:
    values = pl.Series(list(dict.fromkeys(r["value"] for r in printed("text_facts.csv") if r["item"] == item)))
    found = BUILT_IN.normalise(domain, values)
    assert set(found["code"]) == codes
    assert "rejected" not in found["bin"].to_list()
