"""What the tests of the warehouse share: studies are published without their pictures being drawn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from warehouse import study_figures
from warehouse.survival.figure_layout import KaplanMeierFigure


def _framed(picture: KaplanMeierFigure, stem: Path) -> None:
    """The files of a figure without what is drawn in them, which takes longer than all numbers of a small study."""
    for suffix in (".svg", ".png"):
        stem.with_suffix(suffix).write_text(picture.title, encoding="utf-8")


@pytest.fixture(autouse=True, scope="module")
def _no_pictures() -> Iterator[None]:
    """What is drawn is held in test_figure.py, and in the releases of the bundled registries (tests.same_release)."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(study_figures, "write_figure", _framed)
        yield
