"""Longer texts that doubt in short, only plan, or mean another thing: nothing is taken from them, and what is plain beside is read."""

from __future__ import annotations

import pytest

from tests.schemas.vocabulary_outcome import code


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
        ("site", "0 liver mets"),
        ("site", "liver met status unknown"),
        ("site", "path fracture risk, femur"),
        ("cause_of_death", "secondary malignant neoplasm of breast"),
        ("histology", "duktaalinen tai lobulaarinen karsinooma"),  # one of two, as below
        ("histology", "протокова або часточковий рак"),
        ("histology", "протоковый или протоковий рак"),
        ("vital_status", "жива чи померла"),
        ("vital_status", "มีชีวิตอยู่หรือตาย"),
        ("marker_result", "ลบ/บวก"),
        ("t_category", "T1 ili T2"),
        ("m_category", "M0 або M1"),
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
        ("laterality", "S upper outer"),  # a letter that the other cells of its column explain: superior, sinistra, sağ
        ("laterality", "breast E"),
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
        ("site", "10 liver mets", "liver"),
        ("site", "M0, 2012 liver mets", "liver"),
        ("site", "multiple liver mets on CT", "liver"),
        ("marker_result", "primary tumour positive", "positive"),
    ],
)
def test_still_reads_what_is_plain_beside_such_words(domain, raw, found):
    assert code(domain, raw, within_text=True) == found
