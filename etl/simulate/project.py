"""A whole simulated project folder: the configuration of the bundled registry with exports and truth of another seed or size."""

from __future__ import annotations

import shutil
from importlib.resources import files
from pathlib import Path

import polars as pl

from etl.simulate.exports import prepared, write_exports
from etl.simulate.truth import make_truth
from etl.simulate.truth_files import write_truth
from schemas.core.errors import ConfigurationError, Mistake

# What a project folder is beside its data; copied as it stands in the bundled registry.
CONFIGURATION = ("registry.yml", "contracts/*", "vocabularies/*.csv", "studies/*.yml", "edits.yml", "corrections.csv")
WORKBOOKS = "hospital_a/treatment*.xlsx"
# The bundled registry is what these numbers make (tests hold it to that).
WOMEN, SEED = 1500, 20170101


def bundled_registry() -> Path:
    """Folder of the bundled simulated registry."""
    return Path(str(files("etl"))) / "examples" / "registry"


def simulate(folder: Path, women: int, seed: int, *, clean: bool) -> pl.DataFrame:
    """Write the project folder; returns the labels of the defects, one row each.

    ConfigurationError where the folder holds anything already (nothing is ever overwritten), or `women` are too few.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfigurationError([Mistake(str(folder), None, "is not an empty folder", "name a folder that does not exist yet")])
    # nothing here holds on to the truth: of a million women it is as large as all that follows, and goes as it is used up
    made = prepared(write_truth(make_truth(women, seed), folder / "truth"))
    copy_configuration(bundled_registry(), folder)
    defects = write_exports(made, folder, seed, clean)
    _read_all_workbooks(folder)
    return defects


def _read_all_workbooks(folder: Path) -> None:
    """Where the treatment sheet goes on in a second workbook, its contract reads every file, not the last alone."""
    if len(list((folder / "exports").glob(WORKBOOKS))) > 1:
        contract = folder / "contracts" / "a_treatment.yml"
        contract.write_text(contract.read_text("utf-8").replace("delivery: snapshot", "delivery: append"), "utf-8")


def copy_configuration(source: Path, folder: Path) -> None:
    """Copy the files of the configuration, not the data."""
    for pattern in CONFIGURATION:
        for path in sorted(source.glob(pattern)):
            target = folder / path.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
