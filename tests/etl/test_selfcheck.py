"""The laws of `oncomart selfcheck`: they hold on a small ward, and each is told to be broken where the line breaks it."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from small_ward import WOMEN, ward

from etl import pipeline
from etl.options import RunOptions
from etl.pipeline import run
from etl.progress import Progress
from etl.readers import text
from etl.selfcheck import certain
from etl.selfcheck.checking import BROKEN, HELD, NOT_APPLICABLE, Checked, Trial, Verdict, render, verdict
from etl.selfcheck.laws import COLUMN, LAWS, NotApplicableError, _rows_longer, people_left
from etl.selfcheck.sample import Sample, sampled
from etl.selfcheck.tried import EXTRA, TOLD, Differences, Scratch, tried
from schemas.contract_format import Format
from schemas.project import load_project
from tests.commands import oncomart
from tests.expectations_met import expectations_met
from warehouse.differing.rows import Differing
from warehouse.publish import current

BY_NAME = {law.law: law for law in LAWS}
pytestmark = pytest.mark.usefixtures("without_great_expectations")


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output folder of one run of the ward, whose project folder stands beside it (read only)."""
    folder = tmp_path_factory.mktemp("ward")
    with expectations_met():
        outcome = run(ward(folder / "project"), folder / "out", RunOptions(), Progress(quiet=True))
    assert outcome.outcome == "published", outcome.reason
    return folder / "out"


@pytest.fixture(scope="module")
def trial(out: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Scratch, Trial]:
    """What the laws are tried on: the whole ward."""
    project, release = out.parent / "project", current(out)
    assert release is not None
    scratch = Scratch(tmp_path_factory.mktemp("scratch"), project, date(2020, 1, 1))
    sample = whole(out)
    sample.write(scratch.folder / "exports")
    (contract,) = load_project(project).contracts
    with expectations_met():
        return scratch, Trial(sample, tried(scratch, "out", scratch.folder / "exports"), {"ward.csv": contract}, 1)


def whole(out: Path, women: int = WOMEN) -> Sample:
    from etl.selfcheck.checking import _landed
    from warehouse.runs import stored_run

    release = current(out)
    assert release is not None
    files = stored_run(release)["inputs"]["landed"]
    return sampled(release, _landed(load_project(out.parent / "project"), out, files), women, 1)


OF_THE_COMMAND = "column_more"  # which the command is tried with below
FIRST_TRIED = ("days_forgotten",)  # the others run the line once more each: `.ci/run` tries them


@pytest.mark.parametrize(
    "law", [law if law.law in FIRST_TRIED else pytest.param(law, marks=pytest.mark.slow) for law in LAWS], ids=lambda law: law.law
)
def test_holds_on_a_ward(law: Any, trial: tuple[Scratch, Trial]) -> None:
    found = verdict(law, *trial)
    told = {
        "persons_removed": "3 persons changed, 24 rows of the star and 48 numbers",
        "days_forgotten": r"18 days forgotten, [\d,]+ outcomes of edits",
        "dates_earlier": "1 file changed, 12 times and 21 numbers",
    }  # fmt: skip
    assert found.verdict == HELD
    assert re.fullmatch(told.get(law.law, "1 file changed, 24 rows of the star and 48 numbers") + " compared", found.told[0]), found.told


def test_tries_no_row_that_another_file_replaces(out: Path, tmp_path: Path) -> None:
    """Taken out with the row that replaces it, it would be in force again; it tells of nobody, so nobody has it."""
    from etl.selfcheck.checking import _landed
    from warehouse.runs import stored_run

    release = current(out)
    assert release is not None
    [file] = _landed(load_project(out.parent / "project"), out, stored_run(release)["inputs"]["landed"])
    *lines, last, total = file.path.read_text(encoding="utf-8").splitlines(keepends=True)
    longer = tmp_path / file.path.name
    longer.write_text("".join((*lines, last, last, re.sub("[0-9]+", lambda n: str(int(n[0]) + 1), total))), encoding="utf-8")
    again = replace(file, path=longer, sha256=hashlib.sha256(longer.read_bytes()).hexdigest())
    rows = {}
    for how in ("append", "upsert"):
        contract = file.contract.model_copy(update={"delivery": how})
        rows[how] = len(sampled(release, [replace(again, contract=contract)], WOMEN, 1).texts[0].rows)
    assert rows["append"] == rows["upsert"] + 1


def stages_unknown(where: Callable[[Any], pl.Expr]) -> Callable[..., Any]:
    """The stage of linking with a bug: it forgets the stage of the tumours of which `where` is true: of none as the files are."""
    link = pipeline.link

    def forgetful(*args: Any, **more: Any) -> Any:
        linked = link(*args, **more)
        tumours = linked.records["tumour"]
        stage = pl.when(where(linked)).then(None).otherwise("stage_code").alias("stage_code")
        linked.records["tumour"] = tumours.with_columns(stage.cast(tumours.schema["stage_code"]))
        return linked

    return forgetful


def a_day_later_before_1990(*args: Any, **more: Any) -> Any:
    """The stage of linking with a bug: dates of another century are counted from another day."""
    linked = LINK(*args, **more)
    old = pl.col("diagnosis_earliest_date") < date(1990, 1, 1)
    days = [pl.col(f"treatment_start_{part}_date") for part in ("earliest", "latest")]
    linked.records["tumour"] = linked.records["tumour"].with_columns(
        pl.when(old).then(day + pl.duration(days=1)).otherwise(day) for day in days
    )
    return linked


def without_notice(*args: Any, **more: Any) -> Any:
    delivered = DELIVER(*args, **more)
    return replace(delivered, findings=delivered.findings.filter(pl.col("edit") != EXTRA))


def imputed(records: Any, *args: Any, **more: Any) -> Any:
    """Judging with a bug: it takes the first day of a month for the day."""
    first = {f"{name}_latest_date": pl.col(f"{name}_earliest_date") for name in ("diagnosis", "treatment_start")}
    return JUDGE({**records, "tumour": records["tumour"].with_columns(**first)}, *args, **more)


DELIVER, JUDGE, LINK = pipeline.deliver, certain.judge, pipeline.link
LINE = pl.col("source_row_id") % (1 << 32)
FIRST = (LINE.min() == LINE) & (pl.col("diagnosis_earliest_date") != date(2009, 3, 1))
# By law a bug that breaks it: where it is, what stands there instead, and what is told of it.
BUGS: dict[str, tuple[Any, str, Any, str]] = {
    "rows_in_another_order": (pipeline, "link", stages_unknown(lambda _: FIRST), "rows of the star differ: dim_tumour 1 changed"),
    "files_with_other_names": (
        pipeline, "link", stages_unknown(lambda linked: pl.lit(value="ward_b.csv" in linked.records["tumour"]["source_file"])),
        "published numbers differ: stages.table_1.",
    ),
    "written_otherwise": (text, "BOM", b"", "the line makes no release of it: "),
    "rows_delivered_twice": (
        pipeline, "link", stages_unknown(lambda linked: pl.lit(value="duplicate" in linked.ledger["fate"])),
        f"dim_tumour {WOMEN} changed",
    ),
    "column_more": (pipeline, "deliver", without_notice, "of 1 files with a column more 1 have no notice of it"),
    "persons_removed": (
        pipeline, "link", stages_unknown(lambda linked: pl.lit(value=linked.records["tumour"].height < WOMEN)),
        f"{WOMEN - 3} rows of the star differ that are not theirs, of {WOMEN - 3} persons",
    ),
    "dates_earlier": (pipeline, "link", a_day_later_before_1990, f"{WOMEN} times of {WOMEN} persons differ"),
    "days_forgotten": (certain, "judge", imputed, "certain with days forgotten, and otherwise with the days known: DATE-003 "),
}  # fmt: skip


QUICK = ("days_forgotten",)  # the others run the line as well to find what is wrong: `.ci/run` tries them


@pytest.mark.parametrize("name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in BUGS])
def test_tells_that_a_law_is_broken(name: str, trial: tuple[Scratch, Trial], monkeypatch: pytest.MonkeyPatch) -> None:
    place, what, bug, said = BUGS[name]
    monkeypatch.setattr(place, what, bug)
    found = verdict(BY_NAME[name], *trial)
    assert found.verdict == BROKEN
    assert any(said in line for line in found.told), found.told


def test_every_law_has_a_bug_that_breaks_it() -> None:
    assert set(BUGS) == set(BY_NAME)


def test_tells_that_others_stand_behind_a_number() -> None:
    numbers = [("a", frozenset({1, 2, 3}), frozenset({2, 3})), ("b", frozenset({2}), frozenset({2}))]
    assert [*people_left(numbers, frozenset({1}))] == []
    (said,) = people_left([*numbers, ("c", frozenset({1, 2}), frozenset({1}))], frozenset({1}))
    assert said == "behind 1 numbers stand others than before without those removed: c"


def test_lets_a_copy_have_the_findings_of_its_row_and_no_others() -> None:
    """Line 3 is copied, and its cell is told of twice; STAGE-001 has no business with it."""
    of_rows = pl.DataFrame([("NORM-UNMAPPED", "ward.csv", 3), ("NORM-DATE", "ward.csv", 4)], schema=TOLD, orient="row")
    found = Differences(Differing(), (), {"NORM-UNMAPPED": 1, "STAGE-001": 1}, {}, 0, of_rows=of_rows)
    assert found.without_copies_of({("ward.csv", 3)}).findings == {"STAGE-001": 1}
    assert found.without_copies_of({("ward.csv", 2)}).findings == found.findings
    assert found.without_copies_of({("ward.csv", 4)}).findings == {**found.findings, "NORM-DATE": -1}, "a copy is not found out"


def test_names_the_copied_row_by_its_line_in_the_exports(out: Path) -> None:
    (cut,) = whole(out, 5).texts
    lines = cut.text.splitlines(keepends=True)
    assert [row.line for row in cut.rows] != [cut.line_of(place) for place in range(5)], "others were cut out above it"
    assert all("".join(lines[cut.line_of(place) - 1 :]).startswith(row.own) for place, row in enumerate(cut.rows))


def test_takes_so_many_persons_with_all_their_rows_the_same_for_a_seed(out: Path) -> None:
    few, again = whole(out, 5), whole(out, 5)
    (cut,), (other,) = few.texts, again.texts
    assert (few.n, few.of, len(cut.rows)) == (5, WOMEN, 5)
    assert cut == other and cut.tail == "Total 5\n"


def test_leaves_a_file_as_it_is_where_everybody_is_taken(out: Path) -> None:
    sample = whole(out)
    (cut,) = sample.texts
    assert cut.content() == (out.parent / "project" / "exports" / "ward.csv").read_bytes()
    assert [row.own for row in cut.rows][3] == 'W004,female,right,IIA,2009-03-04,2009-03-06,"two ""lines""\nof one"\n'
    assert cut.rows[5].below == "# half of them\n", "a comment stays with the row above it"


def test_puts_the_column_at_the_end_of_the_header_and_of_each_row(out: Path) -> None:
    sample = whole(out)
    (contract,) = load_project(out.parent / "project").contracts
    law = BY_NAME["column_more"]
    assert law.made is not None
    (made,) = law.made(sample, {"ward.csv": contract}, random.Random(1)).texts
    lines = made.text.splitlines()
    assert lines[:3] == [
        "# written by hand",
        f"id,sex,side,stage,day,start,note,{COLUMN}",
        "W001,female,left,IIA,2009-03-01,2009-03-03,seen,x",
    ]
    assert 'of one",x' in lines and "# half of them" in lines and lines[-1] == f"Total {WOMEN}"


def test_gives_a_row_of_sums_its_cell_too_for_the_file_would_else_end_cut_off() -> None:
    layout = Format(kind="csv", delimiter=";")
    assert _rows_longer("Sum;150;\r\n", layout, "No;Name;Stage\r\n") == "Sum;150;;\r\n"
    assert _rows_longer("printed on Monday\n\n", layout, "No;Name;Stage\n") == "printed on Monday\n\n"


def test_is_not_applicable_where_there_is_nothing_to_try_it_on(out: Path) -> None:
    sample = replace(whole(out), texts=())
    for law in LAWS:
        if law.made is not None:
            with pytest.raises(NotApplicableError):
                law.made(sample, {}, random.Random(1))


def test_ends_with_3_where_a_law_is_broken() -> None:
    law = LAWS[0]
    held, none = Verdict(law, HELD, ["x"]), Verdict(law, NOT_APPLICABLE, ["y"])
    assert Checked((), (held, none)).exit_code == 0
    broken = Checked(("tried on all",), (held, Verdict(law, BROKEN, ["z"]), none))
    assert broken.exit_code == 3
    assert render(broken).splitlines()[-1] == "1 held, 1 broken, 1 not applicable"


@pytest.mark.slow
def test_the_command_leaves_the_output_folder_and_the_scratch_folder_as_they_were(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    words = ("--project", str(out.parent / "project"), "--out", str(out), "--women", "6", "--law", OF_THE_COMMAND, "--quiet")
    done = oncomart("selfcheck", *words)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"tried on 6 of {WOMEN} persons of the current release, 1 text export", "",
        "held            column_more: a column that no contract knows adds one notice and nothing else",
        "                1 file changed, 12 rows of the star and 48 numbers compared", "", "1 held, 0 broken, 0 not applicable",
    ]  # fmt: skip
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--law", "colum_more"), "--law: there is no law colum_more (did you mean column_more?)"),
        (("--women", "0"), "--women: is not a number of persons"),
    ],
)
def test_says_what_is_wrong_with_the_call(words: tuple[str, ...], said: str, out: Path) -> None:
    done = oncomart("selfcheck", *words, "--project", str(out.parent / "project"), "--out", str(out))
    assert done.returncode == 2 and said in done.stderr


def test_needs_a_release_to_take_the_delivery_from(out: Path, tmp_path: Path) -> None:
    done = oncomart("selfcheck", "--project", str(out.parent / "project"), "--out", str(tmp_path / "mistyped"))
    assert done.returncode == 2 and "nothing is published here" in done.stderr
    assert not (tmp_path / "mistyped").exists()
