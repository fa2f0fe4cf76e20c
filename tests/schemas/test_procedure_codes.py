"""Operations coded in ICD-10-PCS, as hospitals bill them."""

from __future__ import annotations

import pytest
from vocabulary_outcome import code


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0HTT0ZZ", "mastectomy"),
        ("0htu0zz", "mastectomy"),
        ("0HBT0ZZ", "wide_local_excision"),
        ("07T50ZZ", "axillary_clearance"),
        ("0BTC4ZZ", "lung_lobectomy_vats"),
        ("00B70ZZ", "craniotomy_excision"),
        ("00B70ZX", "biopsy"),  # the last sign says: diagnostic
        ("0FB10ZZ", "liver_resection"),
    ],
)
def test_a_code_of_one_operation_is_read(text: str, expected: str) -> None:
    assert code("procedure", text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "0BBG4ZZ",  # a wedge or a segment
        "07B20ZZ",  # a cervical node or a supraclavicular one
        "01N30ZZ",  # the release of a nerve is a part of an operation
        "0HTT0Z",  # a sign is missing
        "OHTT0ZZ",  # the letter O for the number 0
        "85.41",  # ICD-9-CM, or a number
    ],
)
def test_a_code_of_a_part_or_of_several_operations_is_not(text: str) -> None:
    assert code("procedure", text) is None
