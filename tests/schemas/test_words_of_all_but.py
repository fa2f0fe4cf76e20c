"""Words that leave a value open in every field: not quite, all but, one of two, called off; and those of one field alone."""

from __future__ import annotations

import pytest

from tests.schemas.vocabulary_outcome import code


@pytest.mark.parametrize(
    ("domain", "raw"),
    [
        ("resection_margin", "margins clear except DCIS"),
        ("resection_margin", "frei bis auf DCIS"),
        ("completion", "almost completed"),
        ("completion", "complete response"),  # of the tumour
        ("completion", "finished 4/6"),
        ("completion", "partially completed"),
        ("drug", "evtl. tamoxifen"),
        ("drug", "statt tamoxifen"),
        ("procedure", "mastectomy cancelled"),
        ("menopausal_status", "casi posmenopáusica"),
        ("vital_status", "lebt oder verzogen"),
        ("cause_of_death", "tout sauf breast cancer"),
        ("laterality", "contralateral: left"),
        ("laterality", "links (Gegenseite)"),
        ("modality", "surgery & RT"),
        ("modality", "chemo + tam"),
        ("n_category", "pN0 (3/14)"),
        ("n_category", "N0 3/12, G2"),
        ("n_category", "pN1 (0/14)"),
    ],
)
def test_takes_nothing_where_a_word_leaves_it_open(domain: str, raw: str) -> None:
    assert code(domain, raw, within_text=True) is None


@pytest.mark.parametrize(
    ("domain", "raw", "meaning"),
    [
        ("resection_margin", "margins clear", "r0"),
        ("completion", "completed as planned", "completed"),
        ("laterality", "left breast, upper outer quadrant", "left"),
        ("drug", "tamoxifen 20 mg daily", "tamoxifen"),
        ("modality", "chemo (CTx)", "chemotherapy"),
        ("n_category", "pN0 (0/14)", "N0"),
        ("n_category", "pN1a (3/14)", "N1a"),
        ("n_category", "cN0 (3/14)", "N0"),  # before the operation
    ],
)
def test_reads_the_same_text_without_it(domain: str, raw: str, meaning: str) -> None:
    assert code(domain, raw, within_text=True) == meaning
