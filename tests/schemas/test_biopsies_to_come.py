"""A site of which a biopsy is yet to come, or was refused, is not known; one that was biopsied is."""

from __future__ import annotations

import pytest

from tests.schemas.vocabulary_outcome import code as read


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("biopsy liver planned", None), ("biopsy of liver pending", None), ("biopsy of the liver awaited", None),
        ("liver biopsy pending", None),
        ("biopsy liver refused", None), ("liver (biopsy pending)", None), ("biopsy of left lung declined", None),
        ("Biopsie foie prévue", None), ("Biopsie Leber geplant", None), ("biopsia hígado pendiente", None),
        ("biopsy liver", "liver"), ("liver, biopsy proven", "liver"), ("bone, biopsy confirmed", "bone"), ("Leber (Biopsie)", "liver"),
        ("liver resection planned", "liver"),  # the metastasis is known, the operation is to come
    ],
)  # fmt: skip
def test_reads_a_site_only_where_no_biopsy_is_to_come(text: str, code: str | None) -> None:
    assert read("site", text, within_text=True) == code
