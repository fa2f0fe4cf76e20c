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
        ("stage", "IIA now IV"),
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
