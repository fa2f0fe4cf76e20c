"""One run of the published registry of a project with several oddities at once, each of which leaves its own trace and stops nothing."""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path

import pytest

from etl.bundled import bundled
from etl.options import RunOptions
from etl.outcome import Outcome
from etl.pipeline import run
from etl.progress import Progress
from etl.summary import show
from tests.expectations_met import expectations_met
from validations.pages import catalogue

pytestmark = pytest.mark.slow  # a whole night for three sentences

EVERY_WOMAN = """\
  - {edit: OURS-002, title: A woman with one tumour, severity: notice, record: patient, violated: n_tumours = 1, reason: r, action: Look.}
"""
COUNTS = ("violated", "possible", "satisfied", "not_applicable", "not_judgeable")


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """A file of no contract, a cell that is no treatment, and edits of the project's own, of which one is the documented example."""
    folder = tmp_path_factory.mktemp("odd")
    (source,) = (each for each in bundled() if each.name == "published")
    project = Path(shutil.copytree(source, folder / "project"))
    (project / "exports" / "stray.txt").write_text("x", encoding="utf-8")
    table = project / "exports" / "table2.csv"
    text = table.read_text(encoding="utf-8")
    assert "\n12,IIIC,TCx1**," in text
    table.write_text(text.replace("\n12,IIIC,TCx1**,", "\n12,IIIC,half a bottle of something,"), encoding="utf-8")
    example = re.findall(r"```yaml\n(.*?)```", catalogue(), re.DOTALL)[0]
    (project / "edits.yml").write_text(example + EVERY_WOMAN, encoding="utf-8")
    with expectations_met():
        return run(project, folder / "out", RunOptions(strict=True), Progress(quiet=True))


def release(odd: Outcome) -> Path:
    assert odd.outcome == "published", odd.reason
    assert odd.place is not None
    return odd.place


def read(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines()))


def test_notices_a_stray_file_and_publishes(odd: Outcome, capsys: pytest.CaptureFixture[str]) -> None:
    place = release(odd)
    assert odd.refusals == ()
    assert "stray.txt,land,file,refused,no_contract,1" in (place / "ledger.csv").read_text(encoding="utf-8")
    report = (place / "share/quality/index.html").read_text(encoding="utf-8")
    assert "stray.txt" in report and "not used as delivered" not in report
    show([odd], Progress(verbose=True))
    assert "notice: stray.txt: no contract reads this file" in capsys.readouterr().out


def test_a_cell_that_the_grammar_cannot_parse_is_a_finding_and_the_woman_stays(odd: Outcome) -> None:
    place = release(odd)
    assert odd.rows["dim_patient"] == 13
    found = [row for row in read(place / "internal/findings.csv") if row["edit"] == "NORM-GRAMMAR"]
    assert [(row["source_file"], row["source_row"], row["columns"]) for row in found] == [("table2.csv", "18", "chemotherapy_trastuzumab")]
    assert "half a bottle" in (place / "internal/unmapped.csv").read_text(encoding="utf-8")
    assert (place / "internal/unlisted_words.csv").read_text(encoding="utf-8").startswith("domain,spelling,code,context,words,n,")
    assert (place / "internal/own_words.csv").read_text(encoding="utf-8").startswith("domain,word,cells,so_far,")
    bins = (place / "share/quality/vocabularies.csv").read_text(encoding="utf-8")
    assert "table_2,table2.csv,chemotherapy_trastuzumab,treatment cell,rejected,unknown word,1,1\n" in bins
    assert "half a bottle" not in bins


def test_judges_and_reports_the_documented_example_of_an_edit_of_ones_own(odd: Outcome) -> None:
    place = release(odd)
    rows = {row["edit"]: row for row in read(place / "share" / "quality" / "edits.csv")}
    assert rows["OURS-001"]["title"] == "Fewer than ten nodes examined after a mastectomy"
    assert [int(rows["OURS-001"][word]) for word in COUNTS] == [0, 0, 0, 13, 0]
    assert [int(rows["OURS-002"][word]) for word in COUNTS] == [13, 0, 0, 0, 0]
    found = [row for row in read(place / "internal" / "findings.csv") if row["edit"] == "OURS-002"]
    assert len(found) == 13 and {row["severity"] for row in found} == {"notice"}
    assert "OURS-002" in place.joinpath("share", "quality", "index.html").read_text(encoding="utf-8")
