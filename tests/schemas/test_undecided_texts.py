"""A site, a stage or a histology that is called equivocal, and a stage before staging is done, are not known."""

from __future__ import annotations

import pytest

from tests.schemas.vocabulary_outcome import code as read


@pytest.mark.parametrize(
    ("domain", "text", "code"),
    [
        ("site", "equivocal liver", None), ("site", "liver (equivocal)", None), ("site", "equivocal liver lesion", None),
        ("site", "borderline liver", None), ("histology", "equivocal IDC", None), ("histology", "IDC, HER2 equivocal", "8500/3"),
        ("stage", "equivocal IIA", None), ("grade", "equivocal grade 2", None),
        ("stage", "IIA pending CT", None), ("stage", "IIA (CT pending)", None), ("stage", "IIA awaiting staging", None),
        ("stage", "IIA awaiting surgery", "IIA"), ("stage", "IIA, chemo pending", "IIA"), ("site", "liver", "liver"),
    ],
)  # fmt: skip
def test_reads_nothing_that_is_undecided(domain: str, text: str, code: str | None) -> None:
    assert read(domain, text, within_text=True) == code
