"""Texts of SEER*Stat, NAACCR, TCGA, METABRIC and OMOP, written down before the program was run. None: nothing is known, or refused."""

from __future__ import annotations

import pytest
from vocabulary_outcome import outcome

NOT_KNOWN, REFUSED = "canonical", "rejected"


@pytest.mark.parametrize(
    ("domain", "text", "code", "bin_"),
    [
        ("topography", "Primary malignant neoplasm of female breast", "C50.9", "fixed"),
        ("topography", "Malignant neoplasm of upper-outer quadrant of female breast", "C50.4", "fixed"),
        ("topography", "Malignant neoplasm of lower inner quadrant of left female breast", "C50.3", "fixed"),
        ("topography", "Secondary malignant neoplasm of female breast", None, REFUSED),  # a metastasis in the breast
        ("topography", "Family history of malignant neoplasm of breast", None, REFUSED),
        ("topography", "Suspected malignant neoplasm of breast", None, REFUSED),
        ("cause_of_death", "Primary malignant neoplasm of female breast", "breast_cancer", "fixed"),
        ("cause_of_death", "Secondary malignant neoplasm of bone", None, REFUSED),
        ("cause_of_death", "Died of Disease", "breast_cancer", "fixed"),
        ("cause_of_death", "Died of Other Causes", "other", "fixed"),
        ("stage", "[Not Available]", None, NOT_KNOWN),
        ("stage", "[Discrepancy]", None, NOT_KNOWN),
        ("menopausal_status", "Indeterminate (neither Pre or Postmenopausal)", None, NOT_KNOWN),
        ("cause_of_death", "No/Unknown", None, NOT_KNOWN),
    ],
)
def test_reads_what_public_registries_write(domain: str, text: str, code: str | None, bin_: str) -> None:
    assert outcome(domain, text)[:2] == (code, bin_)


@pytest.mark.parametrize("text", ["Negative (0 or 1+)", "Negative (0/1+)"])
def test_takes_two_scores_of_one_meaning_for_a_result(text: str) -> None:
    assert outcome("marker_result", text, "her2", within_text=True)[0] == "negative"
