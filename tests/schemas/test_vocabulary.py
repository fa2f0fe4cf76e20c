"""What raw texts mean: three bins, texts inside longer ones, suggestions, and the laws of normalising."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import strategies as st
from vocabulary_outcome import BUILT_IN, code, outcome

from tests.searched import searched


@pytest.mark.parametrize("raw", ["I", "IIB", "IIIA", "IIIB", "IIIC"])
def test_keeps_the_printed_stages(raw: str) -> None:
    assert outcome("stage", raw) == (raw, "canonical", "")


@pytest.mark.parametrize(
    ("domain", "raw", "expected"),
    [
        ("grade", "II", "2"),
        ("grade", "Grade 1: 3-5 points", "1"),  # CAP
        ("grade", "špatně diferencovaný", "3"),
        ("stage", "evre ıııa", "IIIA"),
        ("stage", "Στάδιο ΙΙ", "II"),  # in Greek letters
        ("stage", "Στάδιο ΙΙΙΒ", "IIIB"),
        ("stage", "Στάδιο ΙΙ-ΙΙΙ", None),
        ("stage", "المرحلة ٢", "II"),
        ("stage", "IIB (T3N1M0)", "IIB"),  # as delivered; T, N and M give another
        ("histology", "8500/3-C50.4", "8500/3"),  # ICDO3 of OMOP
        ("topography", "8500/3-C50.4", "C50.4"),
        ("laterality", "pierś lewa", "left"),
        ("site", "мтс в печень", "liver"),
        ("cause_of_death", "congestive heart failure", "cardiovascular"),
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
        ("topography", "C50", "C50.9"),
        ("topography", "D05.1", "C50.9"),  # in situ (ICD-10): the behaviour is the histology
        ("topography", "D0512", "C50.9"),
        ("histology", "D05.1", "8500/2"),
        ("topography", "C18.7", "C18"),
        ("topography", "C187", "C18"),
        ("topography", "C18.7 G", "C18"),
        ("topography", "C34", "C34"),
        ("topography", "C34.11", "C34.1"),  # ICD-10-CM: with the side
        ("topography", "C56", "C56.9"),  # ICD-10 has three characters where ICD-O has .9
        ("topography", "C561", "C56.9"),
        ("topography", "c73", "C73.9"),
        ("topography", "C44.501", "C44.5"),
        ("topography", "C83.3", "C83"),
        ("topography", "C78.0", "C78"),
        ("topography", "sigmoid colon", "C18"),
        ("topography", "C16.7", None),  # no such code
        ("topography", "C50.7", None),
        ("topography", "C97", None),
        ("topography", "C18.7/C50.9", None),
        ("topography", "skin of breast", None),  # C44.5, or C50
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
        ("regimen", "ACx4 -> Tx4 q3w", "AC-T q3w"),
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
        # a spelling inside a longer one and once more beside it
        ("site", "bone marrow biopsy", ("bone_marrow", "fixed", "within_text")),
        ("site", "bone and bone marrow", (None, "rejected", "ambiguous_spelling")),
        ("histology", "ductal carcinoma and ductal carcinoma in situ", (None, "rejected", "ambiguous_spelling")),
        # what is left beside the words makes another thing of them
        ("histology", "papillary adenocarcinoma in situ", (None, "rejected", "unknown_spelling")),
        ("histology", "carcinoma in situ of breast", ("8010/2", "fixed", "within_text")),
        ("histology", "ductal carcinoma, noninvasive", ("8500/2", "fixed", "within_text")),
        ("histology", "intraductal papilloma", (None, "rejected", "unknown_spelling")),
        ("histology", "small cell carcinoma", (None, "rejected", "ambiguous_spelling")),
        ("histology", "infiltrating duct and lobular carcinoma of breast", ("8522/3", "fixed", "rule")),
        ("histology", "lobular carcinoma, NOS, of breast, NOS", ("8520/3", "fixed", "within_text")),
        ("site", "liver cyst", (None, "rejected", "unknown_spelling")),
        ("site", "lung nodule, stable", (None, "rejected", "unknown_spelling")),
        ("site", "indeterminate lung nodule", (None, "rejected", "unknown_spelling")),
        ("site", "nódulo pulmonar estable", (None, "rejected", "unknown_spelling")),
        ("site", "Z.n. Metastase der Leber", (None, "rejected", "unknown_spelling")),
        ("site", "podejrzenie: wątroba", (None, "rejected", "unknown_spelling")),
        ("site", "karaciğer metastazı yok", (None, "rejected", "unknown_spelling")),
        ("site", "suspeita de metástase hepática", (None, "rejected", "unknown_spelling")),
        ("vital_status", "ex smoker", (None, "canonical", "not_in_text")),  # Ex alone is dead in Turkish
        ("site", "bone scan negative", (None, "rejected", "unknown_spelling")),
        ("site", "contra-lateral axillary LN", ("node_axillary_contralateral", "fixed", "within_text")),
        ("site", "node of the contralateral breast", (None, "rejected", "ambiguous_spelling")),
        ("site", "path fracture of the femur", ("long_bone_leg", "fixed", "within_text")),
        ("site", "long standing liver metastases", ("liver", "fixed", "within_text")),  # long is the lung in Dutch
        ("site", "long standing pain, liver", (None, "rejected", "unknown_spelling")),  # a complaint
        ("site", "long standing pain, liver mets", ("liver", "fixed", "within_text")),  # long is the lung in Dutch
        ("cause_of_death", "liver failure", (None, "rejected", "ambiguous_spelling")),
        ("cause_of_death", "liver failure due to metastases", (None, "rejected", "ambiguous_spelling")),
        ("cause_of_death", "Alzheimer disease", (None, "rejected", "ambiguous_spelling")),  # "disease" alone is that of the registry
        ("cause_of_death", "disease", ("breast_cancer", "fixed", "spelling")),
        ("cause_of_death", "advanced metastatic breast cancer", ("breast_cancer", "fixed", "within_text")),
        ("drug", "fluorouracil 50 MG/ML Topical Cream", (None, "rejected", "unknown_spelling")),
        ("procedure", "breast reconstruction after mastectomy", (None, "rejected", "unknown_spelling")),
        ("vital_status", "husband died 2010", (None, "rejected", "unknown_spelling")),
        ("stage", "pT1cN0M0 (IA)", ("IA", "fixed", "within_text")),
        ("stage", "stage I-II", (None, "rejected", "unknown_spelling")),
        ("stage", "UICC II/III", (None, "rejected", "ambiguous_spelling")),
        ("stage", "T1N0M0, estadio I a II", (None, "rejected", "unknown_spelling")),
        ("stage", "stage II?", (None, "rejected", "unknown_spelling")),
        ("stage", "pT1c(m) pN1mi M0 IB", ("IB", "fixed", "within_text")),
        ("basis_of_diagnosis", "liver biopsy", (None, "rejected", "unknown_spelling")),
        ("ethnicity", "American Indian, Navajo", ("others", "fixed", "within_text")),
        ("laterality", "lost at the left hospital", (None, "rejected", "unknown_spelling")),
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


@searched(
    30,
    120,
    domain=st.sampled_from(sorted(BUILT_IN.domains)),
    raw=st.lists(st.text(max_size=12), max_size=5, unique=True),
    within_text=st.booleans(),
)
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


def test_lists_the_spellings_of_a_domain() -> None:
    spelt = dict(BUILT_IN.spellings("drug").iter_rows())
    assert spelt["xeloda"] == spelt["capecitabine"] == "capecitabine"
    assert "t" not in spelt  # ambiguous, so no spelling
    assert "vats metastatectomy" not in dict(BUILT_IN.spellings("procedure").iter_rows())


def test_refuses_a_domain_the_dictionary_does_not_name() -> None:
    with pytest.raises(KeyError):
        BUILT_IN.normalise("colour", pl.Series(["red"]))


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
