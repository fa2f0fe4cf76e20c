"""The figure of the README: `python -m tests.readme_picture RELEASE` draws docs/images/kaplan_meier.png from a release of trial_days.

It is drawn from the files of the study as every figure is, but names no release and no version: those change with each line of code, the
picture only where the figure, its numbers or the drawing library do. Then `tests/test_readme_picture.py` asks for it anew.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from etl.bundled import bundled
from schemas.project import load_project
from warehouse.study_figures import write_figures
from warehouse.survival.comparisons import LOGRANK
from warehouse.survival.estimate import AT_RISK, KM, SURVIVAL

PICTURE = Path(__file__).resolve().parent.parent / "docs" / "images" / "kaplan_meier.png"
FILES: dict[str, Mapping[str, type[pl.DataType]]] = {"km": KM, "survival": SURVIVAL, "at_risk": AT_RISK, "logrank": LOGRANK}
STAMP = "Study hormonal, registry trial_days, data as of 2020-01-01"


def drawn(release: Path, folder: Path) -> bytes:
    """The picture from the study's files in a release of trial_days; `folder` takes what is drawn."""
    of = release / "share" / "studies" / "hormonal"
    frames = {name: pl.read_csv(of / f"{name}.csv", schema_overrides=dict(schema)) for name, schema in FILES.items()}
    project = load_project(next(each for each in bundled() if each.name == "trial_days"))
    study = next(each for each in project.studies if each.study == "hormonal")
    written = write_figures(study, frames, folder, "", is_exact=True, is_simulated=False, stamp=STAMP)
    return next(path for path in written if path.suffix == ".png").read_bytes()


def main(words: list[str]) -> int:
    """Writes the picture."""
    with tempfile.TemporaryDirectory() as folder:
        PICTURE.write_bytes(drawn(Path(words[0]), Path(folder) / "figures"))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
