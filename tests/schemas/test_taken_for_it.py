"""What somebody took a tumour for, what waits, what was looked at: none of these says the stage, the grade or the site of it."""

from __future__ import annotations

import pytest

from tests.schemas.vocabulary_outcome import code as read


@pytest.mark.parametrize(
    ("domain", "text", "code"),
    [
        ("stage", "IIA equivocal", None), ("stage", "stage equivocal IIA", None), ("stage", "IIA, HER2 equivocal", "IIA"),
        ("stage", "IIA to follow", None), ("stage", "IIA, chemo to follow", "IIA"),
        ("stage", "referred as stage II", None), ("stage", "treated as IIA", None), ("stage", "treated for stage III", None),
        ("stage", "classified as IIA", "IIA"),
        ("grade", "grade 2 to follow", None), ("grade", "grade 2 equivocal", None),
        # the grade of the nuclei is another one (L, M, H), and none of the tumour beside it
        ("grade", "nuclear grade 3", "H"), ("grade", "Kerngrad 2", "M"), ("grade", "grade 3 (nuclear)", None),
        ("grade", "grade 2, nuclear grade 3", "2"), ("grade", "nuclear grade 3, Nottingham grade 2", "2"),
        ("grade", "high-grade DCIS", "H"), ("grade", "DCIS, low grade", "L"), ("grade", "DCIS, high grade, excised", None),
        ("grade", "G3 (DCIS)", None), ("grade", "LCIS grade 2", None), ("grade", "DCIS component grade 3", None),
        ("grade", "DCIS, grade 2 IDC", "2"),
        ("site", "other breast lump", None), ("stage", "classified as IIA (downstaged)", None),
        ("menopausal_status", "menopause attained after chemo", None), ("resection_margin", "margins -ve for invasive, +ve for DCIS", None),
        ("t_category", "T4 deposit", None), ("t_category", "T4/5", None), ("grade", "grade 3 nuclear pleomorphism", None),
        ("grade", "DCIS grade 3", "H"), ("grade", "nuclear grade 2-3", None), ("grade", "grade II/III", None), ("grade", "NG 3", "H"),
        ("n_category", "N1 (TB lymphadenitis)", None), ("site", "breast lump", None),
        ("site", "US axilla", None), ("laterality", "Lt MRM", "left"), ("m_category", "no evidence of mets", "M0"),
        ("grade", "mitotic grade 3", None), ("grade", "grade 2 (provisional)", None),
        ("site", "opposite breast", "breast_contralateral"), ("m_category", "no distant mets", "M0"),
        ("site", "US liver", None), ("site", "MRI brain", None), ("site", "échographie hépatique", None), ("site", "liver", "liver"),
        ("site", "bone (patient refused biopsy)", None), ("site", "liver planned", None), ("site", "liver awaiting", None),
        ("site", "bone, chemo refused", "bone"),
        ("t_category", "T3 N1 vertebral body met", None), ("t_category", "T4 N1 M1 spine mets", "T4"),  # a vertebra, a category
        ("histology", "IDC and ILC mixed", "8522/3"), ("histology", "mixed ductal/lobular", "8522/3"), ("histology", "IDC mixed", "8523/3"),
        # of the last contact: NAACCR calls both alive, and so does a register that counts who was lost among the living
        ("vital_status", "alive when last seen", "alive"), ("vital_status", "lost to follow up", "alive"), ("vital_status", "lost", None),
    ],
)  # fmt: skip
def test_reads_what_is_said_of_the_tumour(domain: str, text: str, code: str | None) -> None:
    assert read(domain, text, within_text=True) == code
