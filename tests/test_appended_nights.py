"""Nights of appended and upserted exports of which each brings only what is new: the release is the one that a run from nothing makes of
all the files; and a night that is killed loses no row of its file, or says which file is missing.
"""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from etl.nights import history
from etl.options import RunOptions
from etl.outcome import Outcome
from etl.pipeline import run
from etl.progress import Progress
from tests.etl.erase.test_forget_killed import KILLED
from tests.same_release import differences
from tests.test_crash import HISTORY

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("without_great_expectations")]

REGISTRY = """\
registry: nights
title: Exports that bring what is new
is_simulated: true
as_of: 2020-01-01
key: public_example
sources: {ward: {required: true}, clinic: {}}
trust: [ward, clinic]
linkage: {deterministic: [patient_id]}
studies: []
"""
WARD = """\
contract: ward
contract_version: 1
title: Ward, corrected rows take the place of earlier ones
source: ward
files: ["ward_*.csv"]
delivery: upsert
key: [no]
fields: {no: {required: true}, side: {}, diagnosed: {}, stage: {}}
records:
  - {rule: woman, record: patient, set: {patient_id: no, sex_code: {value: female}}}
  - rule: primary
    record: tumour
    set:
      patient_id: no
      tumour_no: {value: 1}
      laterality_code: side
      stage_code: stage
      diagnosis: {from: diagnosed, formats: ["%Y-%m-%d"]}
"""
SEEN = """\
contract: {name}
contract_version: 1
title: {name}, one row per contact
source: clinic
files: ["{name}_*.{ending}"]
delivery: append
format: {form}
fields: {{no: {{required: true}}, seen: {{}}, state: {{}}}}
records:
  - rule: contact
    record: follow_up
    set: {{patient_id: no, follow_up_no: {{value: 1}}, vital_status_code: state, contact: {{from: seen, formats: ["%Y-%m-%d"]}}}}
"""
LAYOUT = "field,start,width\nno,1,4\nseen,5,10\nstate,15,5\n"
DAYS = ["2012-03-04", "2013-05-06", "2014-07-08"]
KILLS = (
    "etl.pipeline:link",  # everything is landed and read, nothing is written
    "etl.loading:write_quality",  # half a release
    "etl.pipeline:published",  # a whole release that is not current
    "warehouse.publish:_swap",  # its name is there, the link is not
    "warehouse.publish:_prune",  # it is current
)


def ward(women: range, stage: str = "IIA") -> str:
    rows = (f"{1000 + n},{'left' if n % 3 else 'right'},{DAYS[n % 3]},{stage}" for n in women)
    return "\n".join(("no,side,diagnosed,stage", *rows)) + "\n"


def seen(women: range, day: str = "2018-01-01") -> str:
    return "\n".join(("no,seen,state", *(f"{1000 + n},{day},alive" for n in women))) + "\n"


def wide(women: range, day: str = "2019-01-01") -> str:
    return "".join(f"{1000 + n}{day}alive\n" for n in women)


# What the exports folder holds each night; of a name that came before the last good file counts.
NIGHTS: list[dict[str, str]] = [
    {"ward_1.csv": ward(range(30)), "seen_1.csv": seen(range(20)), "wide_1.txt": wide(range(10))},
    {"ward_2.csv": ward(range(30, 34)), "seen_2.csv": seen(range(20, 25))},
    {"ward_10.csv": ward(range(5), "odd"), "wide_2.txt": wide(range(10, 14))},  # a stage that nobody knows ...
    {"ward_3.csv": ward(range(3, 6), "IIIA"), "seen_3.csv": seen(range(25, 28)) + "1028,2018-0"},  # too late for three; cut off
    {"ward_11.csv": ward(range(5), "IIB"), "seen_3.csv": seen(range(25, 30))},  # ... is mended, and the file comes whole
    {},
    {"seen_2.csv": seen(range(20, 26), "2018-02-02"), "wide_3.txt": wide(range(14, 18))},  # a file anew under its name
]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "contracts").mkdir(parents=True)
    contracts = {
        "ward.yml": WARD,
        "seen.yml": SEEN.format(name="seen", ending="csv", form="{kind: csv}"),
        "wide.yml": SEEN.format(name="wide", ending="txt", form="{kind: fixed, layout: layout.csv}"),
        "layout.csv": LAYOUT,
    }
    (folder / "registry.yml").write_text(REGISTRY, encoding="utf-8")
    for name, text in contracts.items():
        (folder / "contracts" / name).write_text(text, encoding="utf-8")
    return folder


def put(project: Path, files: dict[str, str]) -> None:
    shutil.rmtree(project / "exports", ignore_errors=True)
    (project / "exports").mkdir()
    for name, text in files.items():
        (project / "exports" / name).write_text(text, encoding="utf-8")


def night(project: Path, out: Path, files: dict[str, str]) -> Outcome:
    put(project, files)
    return run(project, out, RunOptions(), Progress(quiet=True))


def good(nights: list[dict[str, str]]) -> dict[str, str]:
    """The last file of each name that can be read."""
    return {name: text for files in nights for name, text in files.items() if text.endswith("\n")}


def not_history(found: list[str]) -> list[str]:
    """What differs beside what compares with earlier releases."""
    names = (*HISTORY, history.ANCHORED)
    return [line for line in found if not any(line.endswith(f"{name} differs") for name in names)]


def test_nights_of_new_files_make_the_release_that_all_files_make_from_nothing(project: Path, tmp_path: Path) -> None:
    ends = [night(project, tmp_path / "out", files) for files in NIGHTS]
    assert [(end.exit_code, sorted(r.reason for r in end.refusals if r.reason != "not_delivered")) for end in ends] == [
        (0, []), (0, []), (0, []), (0, ["truncated"]), (0, []), (0, []), (0, []),
    ]  # fmt: skip
    night(project, tmp_path / "out", good(NIGHTS))
    night(project, tmp_path / "nothing", good(NIGHTS))
    assert not_history(differences(tmp_path / "out", tmp_path / "nothing")) == []


@pytest.mark.parametrize("step", KILLS)
def test_a_killed_night_loses_no_row_of_its_file(step: str, project: Path, tmp_path: Path) -> None:
    out, again = tmp_path / "out", tmp_path / "again"
    night(project, out, NIGHTS[0])
    put(project, NIGHTS[1])
    words = [sys.executable, "-c", KILLED, step, "run", "--quiet", "--project", str(project), "--out", str(out)]
    assert subprocess.run(words, check=False, stdout=subprocess.DEVNULL).returncode == -signal.SIGKILL
    shutil.copytree(out, again, symlinks=True)
    night(project, again, NIGHTS[1])  # the files are still there
    unbroken = tmp_path / "unbroken"
    for files in NIGHTS[:2]:
        night(project, unbroken, files)
    assert not_history(differences(unbroken, again)) == []
    gone = night(project, out, NIGHTS[2])  # the exports folder holds the next night's files only
    told = {refusal.source_file for refusal in gone.refusals if refusal.reason == "never_used"}
    there = {one["name"] for one in json.loads((out / "current/run.json").read_text(encoding="utf-8"))["inputs"]["landed"]}
    assert told | there == {*NIGHTS[0], *NIGHTS[1], *NIGHTS[2]}
    assert not told & there
    lines = [json.loads(line) for line in (out / "runs.jsonl").read_text(encoding="utf-8").splitlines()]
    current = {one["run_id"] for one in lines if one["outcome"].startswith("published") or one["reason"].endswith("is current")}
    assert {path.name for path in (out / "releases").iterdir()} == current, "none is kept that nobody could read"
    assert [bool(one["run_id"]) for one in lines if one["outcome"] == "died"] == [step != "etl.pipeline:link"]
