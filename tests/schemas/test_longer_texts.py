"""What a longer text names and does not say: denials in eight languages, other diseases, other drugs, words that mean it alone only."""

from __future__ import annotations

import polars as pl
import pytest

from tests.schemas.vocabulary_outcome import BUILT_IN, code, outcome

UNREAD = (None, "rejected", "unknown_spelling")
SEVERAL = (None, "rejected", "ambiguous_spelling")


@pytest.mark.parametrize(
    ("domain", "raw"),
    [
        ("site", "sospetta metastasi ossea"),
        ("site", "nessuna metastasi polmonare"),
        ("site", "metástasis óseas descartadas"),
        ("site", "absence de métastases hépatiques"),
        ("site", "Leber unauffällig"),
        ("site", "liver: negative"),
        ("site", "ovarian cyst"),
        ("site", "肺転移 なし"),
        ("site", "骨転移 疑い"),
        ("site", "肝转移 排除"),
        ("site", "无 肺转移"),
        ("site", "肺転移（－）"),
        ("vital_status", "사망 아님"),
        ("procedure", "senza mastectomia"),
        ("procedure", "mastectomy declined"),
        ("modality", "chemo refused"),
        ("modality", "hormone receptor positive"),
        ("drug", "tamoxifen abgelehnt"),
        ("drug", "allergic to paclitaxel"),
        ("drug", "tamoxifen or placebo"),
        ("cause_of_death", "family history of breast cancer"),
        ("vital_status", "presumed dead"),
        ("event_type", "axillary metastasis"),  # regional, perhaps
        ("node_status", "LN+?"),
        ("event_type", "1/14 positive for metastasis"),  # nodes
        ("site", "0 of 3 nodes involved by carcinoma"),
        ("site", "lymph nodes 0/12"),
        ("grade", "moderately to poorly differentiated"),
        ("grade", "poorly to moderately differentiated"),
        ("grade", "well/moderately differentiated"),
        ("laterality", "left the clinic"),
        ("t_category", ">T2"),
        ("n_category", "pN1biii"),  # of the fifth edition, other nodes than N1b since
        ("m_category", "no M1"),
        ("stage", "at least IIIA"),
        ("stage", "FIGO stage IIIC"),  # of another organ
        ("stage", "prognostic stage IIA"),
        ("grade", "grade 3 neutropenia"),
        ("site", "liver: none"),
        ("procedure", "mastectomy abandoned"),
        ("histology", "DCIS with microinvasion"),
        ("histology", "ductal carcinoma of pancreas"),
        ("marker_result", "formerly positive"),
        ("marker_result", "margin positive"),
    ],
)
def test_takes_nothing_from_a_text_that_denies_doubts_or_means_another_thing(domain: str, raw: str) -> None:
    assert outcome(domain, raw, within_text=True) == UNREAD


@pytest.mark.parametrize(
    ("domain", "alone", "meaning", "longer"),
    [
        ("cause_of_death", "disease", "breast_cancer", "chronic kidney disease"),
        ("cause_of_death", "Liver", "other_cancer", "liver failure"),  # a word of SEER for cancer of the liver
        ("menopausal_status", "post", "postmenopausal", "post hysterectomy"),
        ("menopausal_status", "menopausia", "postmenopausal", "antes de la menopausia"),
        ("vital_status", "tot", "dead", "laatste controle tot 2012"),
        ("stop_reason", "lost", "lost_to_follow_up", "lost weight"),
        ("procedure", "前哨淋巴结", "sentinel_node_biopsy", "前哨淋巴结 1/3 转移"),
    ],
)
def test_reads_some_words_as_a_whole_cell_only(domain: str, alone: str, meaning: str, longer: str) -> None:
    assert code(domain, alone, within_text=True) == meaning
    assert outcome(domain, longer, within_text=True) == SEVERAL


def test_still_reads_the_longer_spelling_that_such_a_word_stands_in() -> None:
    assert code("cause_of_death", "ischaemic heart disease", within_text=True) == "cardiovascular"
    assert code("menopausal_status", "she is pre menopausa", within_text=True) == "premenopausal"


def test_keeps_a_text_ambiguous_that_is_listed_so_whatever_words_it_holds() -> None:
    assert outcome("site", "parasternal node", within_text=True) == SEVERAL  # an internal mammary or a mediastinal one


@pytest.mark.parametrize(
    ("raw", "code_"),
    [
        ("Unspecified type of carcinoma in situ of left breast", "8010/2"),
        ("Intraductal carcinoma in situ of right breast", "8500/2"),
        ("Lobular carcinoma in situ of left breast", "8520/2"),
        ("Other specified type of carcinoma in situ of right breast", None),
        ("Malignant neoplasm of unspecified site of right female breast", "8000/3"),
        ("Personal history of malignant neoplasm of breast", None),  # Z85.3
        ("Secondary malignant neoplasm of breast", None),  # C79.81
        ("adenocarcinoma in situ", None),
        ("lobular hyperplasia", None),
        ("intraductal papilloma", None),
    ],
)
def test_reads_the_name_of_a_diagnosis_no_further_than_it_goes(raw: str, code_: str | None) -> None:
    assert code("histology", raw, within_text=True) == code_


@pytest.mark.parametrize(
    ("raw", "code_"),
    [
        ("datopotamab deruxtecan", None),
        ("trastuzumab duocarmazine", None),
        ("fam-trastuzumab", "trastuzumab_deruxtecan"),
        ("PEG filgrastim 6 mg", "pegfilgrastim"),
        ("paclitaxel, nab", "nab_paclitaxel"),
        ("liposomal doxorubicin (Myocet)", None),
        ("irinotecan liposomal", None),
        ("fluorouracil 50 MG/ML Topical Cream [Efudex]", None),
        ("estrogens, conjugated (USP) 0.625 MG / medroxyprogesterone acetate 2.5 MG Oral Tablet [Prempro]", None),
        ("L-PAM", None),  # melphalan
        ("Kisqali Femara Co-Pack", None),
        ("hyaluronidase-oysk 2000 UNT/ML / trastuzumab 120 MG/ML Injection [Herceptin Hylecta]", "trastuzumab"),
        ("pertuzumab, trastuzumab, and hyaluronidase-zzxf", "pertuzumab_and_trastuzumab"),
    ],
)
def test_takes_no_other_drug_for_the_one_whose_name_it_holds(raw: str, code_: str | None) -> None:
    assert code("drug", raw, within_text=True) == code_


@pytest.mark.parametrize(("raw", "code_"), [("trastuzumab-dkst", "trastuzumab"), ("pertuzumab-dkst", None), ("trastuzumab-nxki", None)])
def test_takes_the_suffix_of_a_biosimilar_from_its_own_drug_only(raw: str, code_: str | None) -> None:
    assert code("drug", raw) == code_


@pytest.mark.parametrize(
    ("domain", "raw", "code_"),
    [
        ("laterality", "C50.911", "right"),
        ("laterality", "C50.022", "left"),
        ("laterality", "D05.11", "right"),
        ("laterality", "C50.711", None),  # no such code
        ("laterality", "Z90.11", None),
        ("site", "Secondary malignant neoplasm of right lung", "lung"),
        ("site", "Secondary malignant neoplasm of breast", None),
        ("site", "liver segment IVb/V", "liver"),
        ("site", "liver segment VI, excluded", None),
        ("cause_of_death", "C76.1", None),  # ill-defined: of the thorax
        ("radiation_volume", "cavity", None),
        ("procedure", "SND", None),
        ("histology", "IBC", None),
        ("topography", "C50¹", None),  # C50 with the mark of a footnote
    ],
)
def test_reads_a_whole_cell_only_where_it_means_one_thing(domain: str, raw: str, code_: str | None) -> None:
    assert code(domain, raw) == code_


@pytest.mark.parametrize(
    ("marker", "raw", "result"),
    [
        ("her2", "（＋）", None),  # 1+ in Chinese reports, so negative
        ("her2", "(++)", "borderline"),
        ("her2", "弱阳性", None),
        ("er", "（＋）", "positive"),
        ("pr", "弱陽性", "positive"),
    ],
)
def test_lets_the_marker_decide_what_a_plus_in_brackets_means(marker: str, raw: str, result: str | None) -> None:
    assert code("marker_result", raw, marker) == result


@pytest.mark.parametrize(
    ("domain", "raw"),
    [
        ("stage", "IIA/B"),
        ("stage", "II/III"),
        ("stage", "was IIA now IV"),
        ("stage", "Stage II A breast cancer"),
        ("stage", "left IIA, right I"),
        ("performance_status", "ECOG 0-1"),
        ("ethnicity", "Am. Indian"),
        ("ethnicity", "Indo-Chinese"),
        ("site", "liver cirrhosis"),
        ("node_status", "LN+/-"),
    ],
)
def test_takes_no_code_from_a_text_that_may_name_a_second_one(domain: str, raw: str) -> None:
    assert outcome(domain, raw, within_text=True) == SEVERAL


def test_keeps_a_stage_beside_a_grade_in_roman_numerals() -> None:
    assert code("stage", "stage IIIA, grade II", within_text=True) == "IIIA"


@pytest.mark.parametrize(
    ("domain", "raw"),
    [
        ("vital_status", "nu mai este în viață"),
        ("vital_status", "passed on to another clinic"),
        ("site", "fără ficat"),
        ("site", "ficat: nu"),
        ("histology", "nem invazív ductalis carcinoma"),
        ("histology", "DCIS cu microinvazie"),
        ("histology", "DCIS, invazív komponens"),
        ("histology", "adenocarcinoom long"),
        ("laterality", "mammella sx e dx"),
        ("laterality", "bal és jobb emlő"),
        ("topography", "C50.4 upper inner quadrant"),
        ("cause_of_death", "mammaca in anamnese"),
        ("grade", "2 poorly differentiated"),
        ("grade", "grade 3 (well differentiated)"),
        ("drug", "tamoxifen elutasította"),
        ("drug", "tamoxifen recomandat"),
        ("procedure", "mastectomie gepland"),
        ("site", "ficat liber"),
        ("histology", "családi anamnézis: invazív ductalis carcinoma"),
    ],
)
def test_takes_nothing_that_a_text_of_the_newer_languages_denies_or_joins(domain: str, raw: str) -> None:
    assert code(domain, raw, within_text=True) is None


@pytest.mark.parametrize(
    ("domain", "raw", "code_"),
    [
        ("vital_status", "overleden (?)", None),
        ("vital_status", "deceduto (no)", None),
        ("vital_status", "verstorben an ?", None),
        ("vital_status", "overleden (12-3-2012)", "dead"),
        ("vital_status", "overleden (borstkanker)", "dead"),
        ("topography", "C50.4 upper inner quadrant", None),
        ("topography", "C50.1 nipple", None),
        ("topography", "C50.4 Upper-outer quadrant of breast", "C50.4"),
        ("topography", "C50.9 breast, NOS", "C50.9"),
    ],
)
def test_reads_a_code_or_a_death_only_where_what_stands_behind_it_agrees(domain: str, raw: str, code_: str | None) -> None:
    assert code(domain, raw) == code_


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("5 ML fulvestrant 50 MG/ML Prefilled Syringe [Faslodex]", "fulvestrant"),
        ("10 ML doxorubicin hydrochloride 2 MG/ML Injection", "doxorubicin"),
        ("doxorubicin hydrochloride liposome 2 MG/ML Injectable Suspension [Doxil]", "pegylated_liposomal_doxorubicin"),
        ("pegylated liposomal doxorubicin 2 MG/ML", "pegylated_liposomal_doxorubicin"),
        ("doxorubicin liposomal 2 MG/ML", "liposomal_doxorubicin"),  # pegylated or not is not said
        ("paclitaxel 6 MG/ML Injectable Solution", "paclitaxel"),
        ("paclitaxel protein-bound particles 100 MG Injection", "nab_paclitaxel"),
        ("paclitaxel 100 MG Injection [Abraxane]", "nab_paclitaxel"),
        ("hyaluronidase / trastuzumab", "trastuzumab"),
        ("pertuzumab / trastuzumab / hyaluronidase [Phesgo]", "pertuzumab_and_trastuzumab"),
        ("pertuzumab 30 MG/ML and trastuzumab 150 MG", None),  # two drugs
        ("Acetaminophen 325 MG Oral Tablet", None),
    ],
)
def test_finds_the_drug_that_a_clinical_name_of_rxnorm_means(text: str, code: str | None) -> None:
    assert BUILT_IN.normalise("drug", pl.Series([text]), within_text=True)["code"].to_list() == [code]


@pytest.mark.parametrize(
    ("domain", "raw"),
    [
        ("t_category", "tx for ca"),  # treatment, as everywhere below
        ("t_category", "awaiting tx"),
        ("t_category", "Tx: FEC x6"),
        ("t_category", "s/p tx at NCCS"),
        ("t_category", "tx planned"),
        ("t_category", "tx not tolerated"),
        ("t_category", "AC x4 then T x12"),  # paclitaxel
        ("t_category", "Txt 75 mg/m2"),  # docetaxel
        ("t_category", "T4 vertebra mets"),
        ("t_category", "free T4 normal"),
        ("t_category", "DM T2, on metformin"),
        ("n_category", "N2 gas"),
        ("m_category", "left MCA M1 occlusion"),
        ("m_category", "r/o M1"),
        ("m_category", "M1 vs M0"),
        ("stage", "CN III palsy"),
        ("stage", "grade III"),
        ("stage", "level III axillary clearance"),
        ("stage", "phase III trial"),
        ("stage", "lymphoedema stage II"),
        ("grade", "Grade 1 lymphoedema"),
        ("grade", "prob grade 2"),
        ("histology", "IDC prob"),
        ("histology", "IDC vs ILC"),
        ("histology", "father had IDC"),
        ("site", "susp liver mets"),
        ("site", "liver lesion, r/o mets"),
        ("site", "prob. bone mets"),
        ("site", "father died of lung ca"),
        ("site", "liver bx planned"),
        ("drug", "to start tamoxifen"),
        ("drug", "plan: tamoxifen"),
        ("drug", "for tamoxifen"),
        ("drug", "will need tamoxifen"),
        ("drug", "previous tamoxifen"),
        ("drug", "h/o tamoxifen use"),
        ("drug", "intolerant of tamoxifen"),
        ("regimen", "plan FEC x6"),
        ("regimen", "to have FEC"),
        ("procedure", "for WLE"),
        ("procedure", "advised mastectomy"),
        ("modality", "to start chemo"),
        ("event_type", "susp local recurrence"),
        ("event_type", "r/o recurrence"),
        ("event_type", "risk of local recurrence discussed"),
        ("event_type", "fear of recurrence"),
        ("laterality", "left message"),
        ("marker_result", "prob pos"),
        ("marker_result", "HR positive"),  # one of two receptors, or both
        ("marker_result", "hormone receptor positive"),
        ("marker_result", "seen with chest pain, troponin neg"),
        ("marker_result", "AR positive"),  # another stain, as below
        ("marker_result", "E-cadherin positive"),
        ("marker_result", "PD-L1 positive"),
        ("marker_result", "LVI positive"),
        ("marker_result", "biopsy positive for carcinoma"),
        ("event_type", "Oncotype recurrence score 18"),
        ("event_type", "chance of recurrence 20%"),
        ("event_type", "descartar recidiva"),
        ("site", "métastases osseuses probables"),
        ("drug", "MDT recommends tamoxifen"),
        ("drug", "tamoxifeno a valorar"),
        ("drug", "iniciará tamoxifeno"),
        ("drug", "zal starten met tamoxifen"),
        ("drug", "tamoxifen if ER pos"),
        ("procedure", "listed for mastectomy"),
        ("procedure", "pendiente de mastectomía"),
        ("modality", "chemo-naive"),
        ("modality", "pre-chemo bloods"),
        ("grade", "G3 P2"),  # births
        ("grade", "low grade pyrexia"),
        ("grade", "grade II diastolic dysfunction"),
        ("stage", "COPD stage II"),
        ("stage", "stage III bedsore"),
        ("t_category", "on T4 50 mcg"),
        ("vital_status", "baby died"),
        ("laterality", "left hand dominant"),
        ("grade", "grade 2, lymphoedema"),
        ("grade", "IDC; lymphoedema grade II"),
        ("t_category", "mother T2, sister T1"),
        ("t_category", "tx cannot be given"),
    ],
)
def test_takes_nothing_from_a_text_that_doubts_in_short_only_plans_or_means_another_thing(domain, raw):
    assert code(domain, raw, within_text=True) is None


@pytest.mark.parametrize(
    ("domain", "raw", "found"),
    [
        ("t_category", "Tx N0 M0", "TX"),
        ("t_category", "TxNxMx", "TX"),
        ("t_category", "pTx pN1 M0", "TX"),
        ("t_category", "Tx - cannot be assessed", "TX"),
        ("t_category", "TX (primary tumour cannot be assessed)", "TX"),
        ("t_category", "T2 N1 M0, mother had breast cancer", "T2"),
        ("grade", "IDC grade 2, lymphoedema left arm", "2"),
        ("grade", "IDC G3; hypertension", "3"),
        ("t_category", "T2N1M1, mets in the spine", "T2"),
        ("stage", "stage IIA, grade 3, level III clearance", "IIA"),
        ("drug", "tamoxifen for 5 years", "tamoxifen"),
        ("site", "CT: liver mets", "liver"),
        ("site", "liver mets, chemo planned", "liver"),
        ("stage", "stage IV (liver)", "IV"),
        ("stage", "stage IIA, surgery done", "IIA"),
        ("marker_result", "positive on core biopsy", "positive"),
        ("marker_result", "primary tumour positive", "positive"),
    ],
)
def test_still_reads_what_is_plain_beside_such_words(domain, raw, found):
    assert code(domain, raw, within_text=True) == found


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ("85003_Infiltrating duct carcinoma", "8500/3"),
        ("85203 Lobular carcinoma", "8520/3"),
        ("8500/3 IDC", "8500/3"),
        ("IDC (8500/3)", "8500/3"),
        ("DCIS 85002", "8500/2"),
        ("8500/3 Adenocarcinoma", "8500/3"),  # names no type
        ("8500/3: ductal", "8500/3"),
        ("8500/2: non-invasive ductal carcinoma", "8500/2"),
        ("8500/2 Intraductal carcinoma, noninfiltrating, NOS", "8500/2"),
        ("8543/3 Paget disease and intraductal carcinoma", "8543/3"),
        ("8500/3 Intraductal and infiltrating duct carcinoma", "8500/3"),
        ("85003_Lobular carcinoma", None),
        ("8500/3 Paget disease", None),
        ("8504/3 Intracystic carcinoma", None),  # the list lacks the label, and a carcinoma alone is another code
        ("8500/3 DCIS", None),
        ("8500/2 Infiltrating duct carcinoma", None),
        ("8520/3 - Invasive ductal", None),
        ("8500/3 with lobular features", None),
        ("ILC (8500/3)", None),
        ("8500/2 carcinoma", None),  # which behaviour is meant?
        ("8720/3 adenocarcinoma", None),  # the code of a melanoma
        ("9680/3 carcinoma of the breast", None),
        ("8500/4 IDC", None),
    ],
)
def test_reads_a_code_with_its_label_where_both_say_the_same(raw, found):
    assert code("histology", raw) == found
    assert code("histology", raw, within_text=True) == found


def test_takes_the_number_of_a_specimen_for_no_code():
    assert code("histology", "12345: invasive ductal carcinoma", within_text=True) == "8500/3"
