"""A histology written as its code with a label: read where both say the same."""

from __future__ import annotations

import pytest

from tests.schemas.vocabulary_outcome import code


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
