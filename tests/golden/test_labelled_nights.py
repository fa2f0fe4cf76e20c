"""Small registries in which every check while reading fires that can find nothing in the bundled one, each finding with its label.

What breaks off a file, numbers no tumour, counts in months, comes as XML or answers an earlier night stands in tests/etl/labelled; one
of them is run for a second night, for what compares two. Their counts are kept for the catalogue of edits (docs/edits.md); `make golden`
writes them anew.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest

from etl.options import RunOptions
from etl.pipeline import run
from etl.progress import Progress
from schemas.reading_edits import reading_edits
from tests.expectations_met import expectations_met
from tests.filled_worklist import fill_in
from validations.edit_counts import NIGHTS, reading_counts

WARDS = Path(__file__).parents[1] / "etl" / "labelled"
NAMES = sorted(folder.name for folder in WARDS.iterdir() if (folder / "registry.yml").is_file())
AGAIN = Path("centre") / "second_night"
KEPT = Path(__file__).parent / NIGHTS / "edits.csv"
COUNTS = ("violated", "possible", "satisfied", "not_applicable", "not_judgeable")
PLACE = ["edit", "file", "row", "columns"]


def labels(name: str) -> pl.DataFrame:
    return pl.read_csv(WARDS / name / "labels.csv", infer_schema=False).select(PLACE).fill_null("").sort(PLACE)


def counted(place: Path) -> pl.DataFrame:
    """The counts of the checks while reading in one release."""
    found = pl.read_csv(place / "share/quality/edits.csv", infer_schema=False)
    return found.filter(pl.col("edit").is_in(list(reading_edits()))).select("edit", pl.col(COUNTS).cast(pl.Int64))


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The release of each small registry, and of the second night of one: its answer is in, its file came anew without the sides."""
    with expectations_met():
        outs = {name: tmp_path_factory.mktemp(name) for name in NAMES}
        made = {name: run(WARDS / name, outs[name], RunOptions(), Progress(quiet=True)) for name in NAMES}
        mine = shutil.copytree(WARDS / AGAIN.parent, tmp_path_factory.mktemp("again") / "project")
        fill_in(outs[AGAIN.parent.name], mine / "worklist" / "january.xlsx", "TUM-002", centre_4=("fixed at source", ""))
        made[str(AGAIN)] = run(mine, outs[AGAIN.parent.name], RunOptions(exports=mine / AGAIN.name / "exports"), Progress(quiet=True))
    assert {name: outcome.outcome for name, outcome in made.items()} == dict.fromkeys([*NAMES, str(AGAIN)], "published")
    return {name: outcome.place for name, outcome in made.items() if outcome.place is not None}


@pytest.mark.parametrize("name", [*NAMES, str(AGAIN)])
def test_says_what_is_labelled_and_nothing_else(name: str, nights: dict[str, Path]) -> None:
    found = pl.read_csv(nights[name] / "internal/findings.csv", infer_schema=False).filter(pl.col("edit").is_in(list(reading_edits())))
    said = found.select("edit", file="source_file", row="source_row", columns="columns").fill_null("").sort(PLACE)
    assert said.rows() == labels(name).rows()


def listened(before: Path, now: Path) -> pl.DataFrame:
    """The same of LOAD-SILENT, which is history and has no line of its own: the edits that judged the night before, and those it names."""
    earlier = pl.read_csv(before / "share/quality/edits.csv")
    heard = earlier.filter(pl.sum_horizontal("violated", "possible", "satisfied") > 0).height
    fell = pl.read_csv(now / "internal/findings.csv", infer_schema=False).filter(edit="LOAD-SILENT").height
    return pl.DataFrame([("LOAD-SILENT", fell, 0, heard - fell, 0, 0)], schema=["edit", *COUNTS], orient="row")


def test_keeps_how_often_each_fired(nights: dict[str, Path], request: pytest.FixtureRequest) -> None:
    counts = [*(counted(place) for place in nights.values()), listened(nights[AGAIN.parent.name], nights[str(AGAIN)])]
    made = pl.concat(counts).group_by("edit").sum().sort("edit").write_csv()
    if request.config.getoption("--golden"):
        KEPT.parent.mkdir(exist_ok=True)
        KEPT.write_text(made, encoding="utf-8")
    assert made == KEPT.read_text(encoding="utf-8")


def test_every_check_while_reading_fires_on_labelled_data() -> None:
    """On the bundled registry as a kind of defect (tests/benchmarks/defects.py), or in one of the small ones."""
    defects = pl.read_csv(Path(__file__).parents[2] / "etl/examples/registry/truth/defects.csv", infer_schema=False)
    named = set(defects["expected"].str.extract(r" ([A-Z]+-[A-Z0-9-]+)$", 1).drop_nulls())
    named |= {edit for name in [*NAMES, str(AGAIN)] for edit in labels(name)["edit"]}
    assert set(reading_edits()) - named == set()
    assert {row.edit for row in reading_counts() if row.has_fired} == set(reading_edits())
