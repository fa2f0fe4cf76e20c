"""What raw texts mean: the cells of the published table and text, local spellings, and the laws of normalising."""

from __future__ import annotations

import csv
from importlib.resources import files
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.core.errors import ConfigurationError
from schemas.stage import derive_stage
from schemas.vocabulary import Vocabularies, load

BUILT_IN = load()
EXPORTS = files("etl").joinpath("examples", "published", "exports")


def code(domain: str, raw: str, context: str | None = None, *, within_text: bool = False) -> str | None:
    return outcome(domain, raw, context, within_text=within_text)[0]


def outcome(domain: str, raw: str | None, context: str | None = None, *, within_text: bool = False) -> tuple[str | None, str, str]:
    beside = None if context is None else pl.Series([context])
    found = BUILT_IN.normalise(domain, pl.Series([raw], dtype=pl.String), beside, within_text=within_text)
    return found.row(0)[1:]


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


@pytest.mark.parametrize("raw", ["I", "IIB", "IIIA", "IIIB", "IIIC"])
def test_keeps_the_printed_stages(raw: str) -> None:
    assert outcome("stage", raw) == (raw, "canonical", "")


@pytest.mark.parametrize(
    ("domain", "raw", "expected"),
    [
        ("grade", "II", "2"),
        ("grade", "3.0", "3"),  # as a spreadsheet writes it
        ("grade", "Grade  iii ", "3"),
        ("stage", "Stage 3a", "IIIA"),
        ("stage", "Ⅱ A", "IIA"),
        ("stage", "pT2", None),
        ("t_category", "pT1c(m)", "T1c"),
        ("t_category", "p4D", "T4d"),
        ("n_category", "pN1mi(sn)", "N1mi"),
        ("n_category", "pNO", "N0"),
        ("m_category", "cM0", "M0"),
        ("histology", "85003", "8500/3"),
        ("histology", "IDC", "8500/3"),
        ("topography", "C504", "C50.4"),
        ("sex", "f", "female"),
        ("ethnicity", "Indians", "indian"),
        ("drug", "Xeloda", "capecitabine"),
        ("drug", "Aromasin", "exemestane"),
        ("drug", "Ixabepilone", "ixabepilone"),
        ("drug", "tamoxifin", "tamoxifen"),
        ("regimen", "AC x 4", "AC"),
        ("regimen", "tc", "TC"),
        ("regimen", "ACx4; Tx12", "AC-T"),
        ("regimen", "AC→T", "AC-T"),
        ("regimen", "ACx4 -> Tx4", "ddAC-T"),
        ("radiation_volume", "Whole brain RT", "whole_brain"),
        ("radiation_volume", "Axillary RT", "axilla"),
        ("vital_status", "Demised", "dead"),
        ("marker_result", "-", "negative"),  # elsewhere a hyphen is an empty cell
    ],
)
def test_reads_common_spellings(domain: str, raw: str, expected: str | None) -> None:
    assert code(domain, raw) == expected


@pytest.mark.parametrize(
    ("domain", "raw", "expected"),
    [
        ("stage", "Unknown", (None, "canonical", "unknown_token")),
        ("stage", "99", (None, "canonical", "unknown_token")),
        ("sex", "-", (None, "canonical", "unknown_token")),
        ("marker_result", "Unknown", ("unknown", "fixed", "spelling")),  # a result of its own, DESIGN 5 footnote c
        ("regimen", "Yes, regimen unknown", (None, "canonical", "unknown_token")),
        ("sex", "  ", (None, "canonical", "blank")),
        ("sex", None, (None, "canonical", "blank")),
        ("sex", "female", ("female", "canonical", "")),
        ("sex", "Female", ("female", "fixed", "spelling")),
        ("stage", "Stg II-B", ("IIB", "fixed", "rule")),
        ("stage", "IIID", (None, "rejected", "unknown_spelling")),
        ("site", "BM", (None, "rejected", "ambiguous_spelling")),
        ("drug", "T", (None, "rejected", "ambiguous_spelling")),
        ("vital_status", "1", (None, "rejected", "ambiguous_spelling")),
        ("procedure", "VATS metastatectomy", (None, "rejected", "needs_context")),
        ("marker_result", "2+", (None, "rejected", "needs_context")),
    ],
)
def test_puts_every_text_into_one_of_three_bins(domain: str, raw: str | None, expected: tuple[str | None, str, str]) -> None:
    assert outcome(domain, raw) == expected


def test_lets_the_marker_decide_what_plus_signs_mean() -> None:
    found = BUILT_IN.normalise("marker_result", pl.Series(["++", "++", "+"]), pl.Series(["er", "her2", "pr"]))
    assert found["code"].to_list() == ["positive", "borderline", "positive"]


@pytest.mark.parametrize(
    ("raw", "t", "n", "m", "prefix"),
    [
        ("T1cN0", "T1c", "N0", None, None),  # the c belongs to T
        ("pT2pN1a(sn)M0", "T2", "N1a", "M0", "p"),
        ("cT4b N2 M1", "T4b", "N2", "M1", "c"),
        ("ypTis (DCIS), ypN0(i+)", "Tis", "N0(i+)", None, "yp"),
        ("no staging given", None, None, None, None),
    ],
)
def test_takes_a_tnm_text_apart(raw: str, t: str | None, n: str | None, m: str | None, prefix: str | None) -> None:
    domains = ("t_category", "n_category", "m_category", "stage_basis")
    assert tuple(code(domain, raw, within_text=True) for domain in domains) == (t, n, m, prefix)


def test_rejects_two_prefixes_in_one_text() -> None:
    assert outcome("stage_basis", "cT2 pN1", within_text=True) == (None, "rejected", "ambiguous_spelling")


@pytest.mark.parametrize(
    ("domain", "raw", "expected"),
    [
        ("laterality", "Sternum", (None, "canonical", "not_in_text")),
        ("laterality", "bright spot, R breast", ("right", "fixed", "within_text")),
        ("laterality", "left breast and right breast", (None, "rejected", "ambiguous_spelling")),
        ("laterality", "left and right breast", ("bilateral", "fixed", "rule")),
        ("laterality", "nodes of left and right axilla", ("bilateral", "fixed", "within_text")),  # the longer spelling counts
        ("laterality", "RT to chest wall, 2 cm, L1", (None, "canonical", "not_in_text")),  # neither right nor left
        ("laterality", "not seen on the left", (None, "rejected", "unknown_spelling")),
        ("grade", "IDC G2, 3 cm", ("2", "fixed", "within_text")),
        ("grade", "3 cm tumour, low ER", (None, "canonical", "not_in_text")),
        ("grade", "IDC grade 2-3", (None, "rejected", "unknown_spelling")),
        ("site", "no lung metastasis", (None, "rejected", "unknown_spelling")),
        ("site", "possible liver metastasis", (None, "rejected", "unknown_spelling")),
        ("histology", "no malignancy", (None, "rejected", "unknown_spelling")),
        ("vital_status", "not dead", (None, "rejected", "unknown_spelling")),
        ("site", "large metastasis to mediastinal and hilar nodes", ("node_mediastinal_hilar", "fixed", "within_text")),
        ("site", "brain and liver", (None, "rejected", "ambiguous_spelling")),
        ("site", "Left Hip", ("hip", "fixed", "rule")),
    ],
)
def test_finds_the_one_code_named_inside_a_text(domain: str, raw: str, expected: tuple[str | None, str, str]) -> None:
    assert outcome(domain, raw, within_text=True) == expected


def test_answers_in_the_order_of_the_values() -> None:
    values = pl.Series(["lungs", "no such place", "BRAIN", None, "Left hip"])
    found = BUILT_IN.normalise("site", values)
    assert found["raw"].to_list() == values.to_list()
    assert found["code"].to_list() == ["lung", None, "brain", None, "hip"]


def test_answers_an_empty_column_with_no_row() -> None:
    for within_text in (False, True):
        found = BUILT_IN.normalise("t_category", pl.Series([], dtype=pl.String), within_text=within_text)
        assert found.schema == {"raw": pl.String, "code": pl.String, "bin": pl.String, "reason": pl.String}
        assert found.height == 0


@given(st.sampled_from(sorted(BUILT_IN.domains)), st.lists(st.text(max_size=12), max_size=5, unique=True), st.booleans())
@settings(max_examples=60, deadline=None)
def test_gives_every_value_one_bin_and_a_code_of_the_domain_or_none(domain: str, raw: list[str], within_text: bool) -> None:
    found = BUILT_IN.normalise(domain, pl.Series(raw, dtype=pl.String), within_text=within_text)
    assert found["raw"].to_list() == raw
    assert set(found["bin"]) <= {"canonical", "fixed", "rejected"}
    assert set(found["code"].drop_nulls()) <= BUILT_IN.codes(domain)
    assert found.filter((pl.col("bin") == "fixed") & pl.col("code").is_null()).height == 0
    assert found.filter((pl.col("bin") == "rejected") & pl.col("code").is_not_null()).height == 0


@pytest.mark.parametrize("domain", sorted(BUILT_IN.domains))
def test_normalises_a_code_to_itself(domain: str) -> None:
    codes = list(BUILT_IN.labels(domain))
    found = BUILT_IN.normalise(domain, pl.Series(codes))
    assert found["code"].to_list() == codes
    assert set(found["bin"]) == {"canonical"}


@pytest.mark.parametrize("domain", sorted(BUILT_IN.domains))
def test_reads_every_label(domain: str) -> None:
    labels = BUILT_IN.labels(domain)
    assert BUILT_IN.normalise(domain, pl.Series(list(labels.values())))["code"].to_list() == list(labels)


def test_suggests_the_nearest_spelling_without_applying_it() -> None:
    assert outcome("site", "medistinal node") == (None, "rejected", "unknown_spelling")
    assert BUILT_IN.suggest("site", "medistinal node")[0] == ("mediastinal node", "node_mediastinal")
    assert BUILT_IN.suggest("site", "qqqqqq") == []


def test_lists_the_spellings_of_a_domain() -> None:
    spelt = dict(BUILT_IN.spellings("drug").iter_rows())
    assert spelt["xeloda"] == spelt["capecitabine"] == "capecitabine"
    assert "t" not in spelt  # ambiguous, so no spelling
    assert "vats metastatectomy" not in dict(BUILT_IN.spellings("procedure").iter_rows())


def test_refuses_a_domain_the_dictionary_does_not_name() -> None:
    with pytest.raises(KeyError):
        BUILT_IN.normalise("colour", pl.Series(["red"]))


def local(tmp_path: Path, text: str) -> Vocabularies:
    folder = tmp_path / "vocabularies"
    folder.mkdir()
    folder.joinpath("ours.csv").write_text(text, encoding="utf-8")
    return load(folder)


def mistakes(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        local(tmp_path, text)
    return [str(mistake) for mistake in caught.value.mistakes]


def test_adds_the_spellings_of_a_project(tmp_path: Path) -> None:
    ours = local(tmp_path, "# agreed with the unit\ndomain,spelling,code\nsite,K-Niere,kidney\nethnicity,1,chinese\nregimen,TCH,TCbH\n")
    assert ours.normalise("site", pl.Series(["k-niere"]))["code"].to_list() == ["kidney"]
    # a project may say what its source means by a text that is ambiguous elsewhere
    assert ours.normalise("ethnicity", pl.Series(["1"]))["code"].to_list() == ["chinese"]
    assert ours.normalise("regimen", pl.Series(["TCH"]))["code"].to_list() == ["TCbH"]
    assert code("ethnicity", "1") is None


def test_adds_a_spelling_for_one_context_only(tmp_path: Path) -> None:
    ours = local(tmp_path, "domain,spelling,code,context\nprocedure,clearance,axillary_clearance,lymph_node\n")
    found = ours.normalise("procedure", pl.Series(["clearance", "clearance"]), pl.Series(["lymph_node", "lung"]))
    assert found["code"].to_list() == ["axillary_clearance", None]


def test_works_without_a_folder_of_local_spellings(tmp_path: Path) -> None:
    assert load(tmp_path / "vocabularies").codes("sex") == {"female", "male", "other"}


def test_names_every_local_mistake_with_file_and_line(tmp_path: Path) -> None:
    text = "domain,spelling,code\nsites,here,lung\nsite,there,lungs\nsite,,lung\nsex\n"
    assert mistakes(tmp_path, text) == [
        "vocabularies/ours.csv:2: unknown domain 'sites' (did you mean site or stage?)",
        "vocabularies/ours.csv:3: site has no code 'lungs' (did you mean lung?)",
        "vocabularies/ours.csv:4: the spelling is empty",
        "vocabularies/ours.csv:5: 1 cells where the header has 3",
    ]


def test_refuses_a_local_spelling_that_means_another_code_already(tmp_path: Path) -> None:
    text = "domain,spelling,code\nsite,LUNGS,liver\nsite,Ort,lung\nsite,ort,bone\n"
    assert mistakes(tmp_path, text)[:2] == [
        "vocabularies/ours.csv:2: site: 'lungs' means lung and liver",
        "vocabularies/ours.csv:2: site: 'lungs' means lung and liver after text_rules.csv",
    ]
    assert any(line.startswith("vocabularies/ours.csv:4: site: 'ort' means lung and bone") for line in mistakes_again(tmp_path))


def mistakes_again(tmp_path: Path) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path / "vocabularies")
    return [str(mistake) for mistake in caught.value.mistakes]


def test_refuses_a_local_file_without_its_columns(tmp_path: Path) -> None:
    assert mistakes(tmp_path, "domain,text\nsite,x\n") == ["vocabularies/ours.csv:1: column spelling and code is missing"]


def test_adds_codes_of_a_project_to_an_open_list(tmp_path: Path) -> None:
    text = (
        "domain,spelling,code,label,organ_code\nsite,SC joint,sternoclavicular_joint,Sternoclavicular joint,bone\n"
        "site,sternoclav,sternoclavicular_joint,,\n"
    )
    ours = local(tmp_path, text)
    found = ours.normalise("site", pl.Series(["SC joint", "sternoclav", "Sternoclavicular joint", "sternoclavicular_joint"]))
    assert set(found["code"]) == {"sternoclavicular_joint"}
    assert ours.label("site", "sternoclavicular_joint") == "Sternoclavicular joint"
    assert "sternoclavicular_joint" in ours.codes("site")
    assert "sternoclavicular_joint" not in BUILT_IN.codes("site")
    row = ours.table("site").filter(pl.col("site_code") == "sternoclavicular_joint").row(0, named=True)
    assert (row["label"], row["organ_code"]) == ("Sternoclavicular joint", "bone")
    assert ours.table("site").height == BUILT_IN.table("site").height + 1


@pytest.mark.parametrize(
    ("row", "mistake"),
    [
        ("sex,x1,divers,Diverse,", "vocabularies/ours.csv:2: sex has no code 'divers' (the list is closed)"),
        ("site,x1,knee_cap,,bone", "vocabularies/ours.csv:2: site has no code 'knee_cap' (a new code needs a label)"),
        ("site,x1,knee_cap,Knee cap,", "vocabularies/ours.csv:2: a new site needs organ_code"),
        ("site,x1,knee_cap,Knee cap,bones", "vocabularies/ours.csv:2: organ has no code 'bones' (did you mean bone?)"),
        ("site,x1,lung,Lungs of mine,lung", "vocabularies/ours.csv:2: site: the label of 'lung' is built in; leave it empty"),
    ],
)
def test_refuses_a_new_code_that_its_list_cannot_have(tmp_path: Path, row: str, mistake: str) -> None:
    assert mistakes(tmp_path, f"domain,spelling,code,label,organ_code\n{row}\n") == [mistake]


def with_table(tmp_path: Path, name: str, text: str) -> Vocabularies:
    folder = tmp_path / "vocabularies"
    folder.mkdir()
    folder.joinpath(f"{name}.csv").write_text(text, encoding="utf-8")
    return load(folder)


def test_puts_a_table_of_the_project_in_the_place_of_the_built_in_one(tmp_path: Path) -> None:
    ours = with_table(tmp_path, "stage_groups", "tnm_edition_code,t_code,n_code,m_code,stage_code,finding\n7,T2,N1,M0,IIIC,\n")
    assert ours.fact("stage_groups").rows() == [("7", "T2", "N1", "M0", "IIIC", None)]
    assert ours.fact("node_counts").equals(BUILT_IN.fact("node_counts"))
    tumours = pl.DataFrame({"tnm_edition_code": ["7"], "t_code": ["T2"], "n_code": ["N1"], "m_code": ["M0"]})
    assert derive_stage(tumours, ours.fact("stage_groups"))["stage_derived_code"].to_list() == ["IIIC"]


def test_names_every_mistake_of_such_a_table(tmp_path: Path) -> None:
    text = "tnm_edition_code,n_code,min_positive,max_positive\n7,N9,1,3\n7,N1,one,3\n7,N2,4,9\n7,N2,4,9\n"
    with pytest.raises(ConfigurationError) as caught:
        with_table(tmp_path, "node_counts", text)
    assert [str(mistake) for mistake in caught.value.mistakes] == [
        "vocabularies/node_counts.csv:2: n_category has no code 'N9'",
        "vocabularies/node_counts.csv:3: min_positive is not a whole number",
        "vocabularies/node_counts.csv:5: the same tnm_edition_code and n_code as line 4",
    ]


@pytest.mark.parametrize(
    ("raw", "stage"),
    [
        ("3A", "IIIA"), ("IIIa", "IIIA"), ("ⅢA", "IIIA"), ("Ⅲa", "IIIA"), ("Stage IIIA", "IIIA"), ("St 3 A", "IIIA"), ("III-A", "IIIA"),
        ("stage: iiia", "IIIA"), ("AJCC 7 IIIA", "IIIA"), ("AJCC 7th ed. Stage IIB", "IIB"), ("IIIA (T3N1M0)", "IIIA"), ("pIIA", "IIA"),
        ("clinical stage IIIA", "IIIA"), ("yp stage IIA", "IIA"), ("3.0", "III"), ("Stage 0", "0"), ("l", "I"),
        ("IIID", None), ("IVA", None), ("IIIA/IIIB", None), ("LABC", None), ("early", None),
    ],
)  # fmt: skip
def test_reads_a_stage_however_it_is_written(raw: str, stage: str | None) -> None:
    assert code("stage", raw) == stage


def test_suggests_for_many_texts_at_once() -> None:
    found = BUILT_IN.nearest("drug", pl.Series(["tamoxifenn", "zzzz", "Docetaxell"]))
    assert found.rows() == [("tamoxifenn", "tamoxifen", "tamoxifen"), ("Docetaxell", "docetaxel", "docetaxel")]
