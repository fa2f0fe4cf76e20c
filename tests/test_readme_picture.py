"""The picture that the README shows is the figure as it is drawn."""

from __future__ import annotations

from pathlib import Path

from tests.readme_picture import PICTURE, drawn


def test_the_figure_of_the_readme_is_drawn_as_figures_are_now(bundled_out: Path, tmp_path: Path) -> None:
    """Where it is not: python -m tests.readme_picture RELEASE, and look at it."""
    assert drawn(bundled_out / "trial_days" / "current", tmp_path / "figures") == PICTURE.read_bytes()
