"""Operations coded in ICD-10-PCS, OPCS-4 and OPS, as hospitals bill them."""

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
        ("B27.4", "mastectomy"),
        ("b274", "mastectomy"),
        ("T85.2", "axillary_clearance"),
        ("5-870.a1", "wide_local_excision"),
        ("5-401.11", "sentinel_node_biopsy"),
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
        "T87.3",  # an excision or a biopsy
        "5-870",  # a part of the breast, or its destruction
        "85.41",  # ICD-9-CM, or a number
    ],
)
def test_a_code_of_a_part_or_of_several_operations_is_not(text: str) -> None:
    assert code("procedure", text) is None
