"""`oncomart diff` on two nights of the published registry: what it tells, and what cannot be compared."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from etl.differing import diff_releases as compare
from etl.options import RunOptions
from etl.pipeline import run
from etl.progress import Progress
from schemas.core.errors import ConfigurationError
from tests.commands import oncomart
from tests.compared_once import compared_once
from tests.expectations_met import expectations_met
from tests.made_once import after_one_night
from warehouse.publish import current

EXAMPLE = Path(__file__).parent.parent / "etl" / "examples" / "published"
# Patient 4 with another stage; patient 1 is taken out, so that whoever stands below her is a line further up.
OTHER_STAGE = ("4,IIIA,Neoadjuvant", "4,IIB,Neoadjuvant")
TAKEN_OUT = "1,I,ACx4; Tx12,"
STUDY = "metastasectomy"


@pytest.fixture(scope="module")
def out(bundled_out: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output folder after two nights (read only): the first is that of the bundled registry."""
    folder = tmp_path_factory.mktemp("nights")
    project = Path(shutil.copytree(EXAMPLE, folder / "project"))
    table = project / "exports" / "table2.csv"
    lines = table.read_text(encoding="utf-8").replace(*OTHER_STAGE).splitlines(keepends=True)
    table.write_text("".join(line for line in lines if not line.startswith(TAKEN_OUT)), encoding="utf-8")
    kept = after_one_night(bundled_out, folder / "out")
    with expectations_met():
        outcome = run(project, kept, RunOptions(), Progress(quiet=True))
    assert outcome.outcome == "published", outcome.reason
    return kept


@pytest.fixture(autouse=True, scope="module")
def _compared_once() -> Iterator[None]:
    with compared_once():
        yield


@pytest.fixture(scope="module")
def said(out: Path) -> str:
    """All that is told of the two nights."""
    return diff_releases(out, None, None, every=True)


@pytest.fixture(scope="module")
def shortened(out: Path) -> str:
    """The same as it is told unless all is asked for."""
    return diff_releases(out, None, None)


@pytest.fixture
def nights(out: Path, tmp_path: Path) -> Path:
    """A copy to spoil."""
    return Path(shutil.copytree(out, tmp_path / "out", symlinks=True))


def diff_releases(*names: object, **options: bool) -> str:
    return compare(*names, **options).text  # type: ignore[arg-type]


def place(out: Path) -> Path:
    release = current(out)
    assert release is not None
    return release


def previous(out: Path) -> str:
    return str(json.loads((place(out) / "run.json").read_text(encoding="utf-8"))["previous_release"])


def refusal(out: Path, *names: str | None) -> str:
    with pytest.raises(ConfigurationError) as raised:
        diff_releases(out, *(*names, None, None)[:2])
    return str(raised.value)


def block(said: str, title: str) -> list[str]:
    """The lines below one title."""
    return said.split(f"\n{title}\n")[1].split("\n\n", maxsplit=1)[0].splitlines()


def test_tells_the_inputs_the_rows_and_the_findings_that_differ(out: Path, said: str) -> None:
    assert said.startswith(f"release {previous(out)} -> {place(out).name}\n")
    assert block(said, "inputs:") == ["  file changed: table2.csv"]
    # her row is not read any more
    assert [line.split() for line in block(said, "rows by fate:") if " read " in line] == [
        ["table_2", "read", "row", "goes_on", "13", "12"]
    ]
    assert block(said, "findings by edit:")[0].split() == ["edit", "before", "after", "new", "gone"]


def test_tells_old_and_new_value_of_a_number_and_who_left_it(said: str) -> None:
    assert f"    {STUDY}.cohort_counts.analysed.n.all: 13 -> 12 (-1)  [1 left]" in said
    assert f"{STUDY}.cohort_counts.delivered.n.all" not in said, "the running text still tells of her"
    assert f"    {STUDY}.table_1.stage_iiia.n.metastasectomy: 3 -> 2 (-1)  [1 left]" in said
    assert f"    {STUDY}.table_1.stage_iib.n.metastasectomy: 2 -> 3 (+1)  [1 entered]" in said


def test_leads_who_moved_to_the_files_and_rows_that_did_it(said: str) -> None:
    changed = next(part for part in said.split("\n\n") if re.search(rf"entered .*{STUDY}\.table_1\.stage_iib\.n\.", part))
    assert re.search(rf"left .*{STUDY}\.table_1\.stage_iiia\.n\.", changed)
    lines = changed.splitlines()
    row = next(n for n, line in enumerate(lines) if line.startswith("  dim_tumour ") and "changed: stage_code" in line)
    # patient 4 stood on line 10, below five comments, the header and three others; now on line 9
    assert lines[row + 1 : row + 3] == ["    before: table2.csv line 10", "    after: table2.csv line 9"]
    assert f"  {STUDY}.table_2.3.row.metastasectomy: row changed (stage)" in lines


def test_says_nobody_s_row_of_table_2_changed_only_because_it_moved_up(said: str) -> None:
    told = [line.split(": ")[1] for line in said.splitlines() if ".table_2." in line and ": row " in line]
    assert told == ["row gone", "row changed (stage)"]


def test_names_no_value_of_a_woman(said: str) -> None:
    for value in ("Tamoxifen", "Sternum", "IIIA ", "IIB ", "52.97", "Curettage", "2009-"):
        assert value not in said, value


@pytest.mark.slow
def test_is_the_other_way_round_where_the_releases_are(out: Path) -> None:
    said = diff_releases(out, place(out).name, previous(out), every=True)
    assert f"    {STUDY}.table_1.stage_iiia.n.metastasectomy: 2 -> 3 (+1)  [1 entered]" in said


def told(out: Path, *names: str | None, **options: bool) -> dict[str, Any]:
    found = json.loads(compare(out, *(*names, None, None)[:2], form="json", **options).text)
    assert isinstance(found, dict)
    return found


@pytest.mark.slow
def test_is_the_mirror_of_itself_where_the_releases_are_the_other_way_round(out: Path) -> None:
    way = {"new": "gone", "gone": "new", "entered": "left", "left": "entered", "before": "after", "after": "before"}
    there, back = told(out, every=True), told(out, place(out).name, previous(out), every=True)

    def mirrored(found: Any) -> Any:
        if isinstance(found, dict):
            return {way.get(name, name): mirrored(value) for name, value in found.items()}
        return [mirrored(one) for one in found] if isinstance(found, list) else way.get(found, found) if isinstance(found, str) else found

    def by_number(found: dict[str, Any]) -> list[Any]:
        names = ("output", "number_id", "before", "after", "entered", "left", "stayed")
        return sorted([str(number[name]) for name in names] for number in found["numbers"])

    assert len(there["numbers"]) > 10 and by_number(mirrored(there)) == by_number(back)
    assert mirrored(there)["rows"] == back["rows"] and [*map(str, mirrored(there)["ledger"])] != []
    assert [person["pseudonym"] for person in there["subjects"]] == [person["pseudonym"] for person in back["subjects"]]
    for person, other in zip(mirrored(there)["subjects"], back["subjects"], strict=True):
        assert (person["numbers"], person["rows"]) == (other["numbers"], other["rows"])


def test_says_of_one_release_twice_that_nothing_changed(out: Path) -> None:
    said = diff_releases(out, place(out).name, place(out).name[:8])
    assert "one release, compared with itself: nothing changed" in said and "no number changed" in said
    assert told(out, place(out).name, place(out).name)["is_same"] is True


def test_tells_a_program_every_number_and_whom_the_text_names(out: Path) -> None:
    found = told(out, every=True)
    lines = compare(out, None, None, every=True, form="csv").text.splitlines()
    assert lines[0] == "study,output,number_id,number_id_before,before,after,difference,entered,left,stayed"
    assert len(lines) - 1 == len(found["numbers"]) > 10
    assert f"{STUDY},table_1,{STUDY}.table_1.stage_iib.n.metastasectomy,{STUDY}.table_1.stage_iib.n.metastasectomy,2,3,1.0,1,0,0" in lines
    changed = next(row for person in found["subjects"] for row in person["rows"] if row["columns"] == ["stage_code"])
    assert (changed["kind"], changed["before"]) == ("changed", [{"file": "table2.csv", "line": 10, "is_in_both": False}])


def test_tells_a_program_of_nobody_where_it_is_to_be_shared(out: Path) -> None:
    found = told(out, every=True, is_shared=True)
    assert not {"subjects", "rows", "movers", "others", "curves"} & {*found}
    assert {number[way] for number in found["numbers"] for way in ("entered", "left", "stayed")} == {None}
    assert found["edits"]
    assert all({*edit} == {"edit", "before", "after"} and edit["before"] != edit["after"] for edit in found["edits"])


def test_ends_with_3_where_a_number_changed_and_that_is_asked(out: Path) -> None:
    assert oncomart("diff", "--out", str(out), "--exit-code").returncode == 3
    assert oncomart("diff", place(out).name, place(out).name, "--out", str(out), "--exit-code").returncode == 0
    done = oncomart("diff", "--out", str(out), "--format", "xml")
    assert done.returncode == 2 and "--format: is not one of text, json, csv" in done.stderr


def test_takes_the_beginning_of_a_run_id(out: Path, shortened: str) -> None:
    assert diff_releases(out, previous(out)[:6], place(out).name[:6]) == shortened


def test_names_and_counts_nobody_where_it_is_to_be_shared(out: Path) -> None:
    said = diff_releases(out, None, None, every=True, is_shared=True)
    assert f"    {STUDY}.table_1.stage_iiia.n.metastasectomy: 3 -> 2 (-1)\n" in said
    assert "pseudonym" not in said and " left" not in said and "entered" not in said and "row changed" not in said


def test_shows_the_first_of_a_long_list_and_counts_the_rest(shortened: str) -> None:
    lines = block(shortened, f"published numbers of study {STUDY}:")
    table = [line for line in lines if line.startswith(f"    {STUDY}.table_1.")]
    assert len(table) == 10
    assert any(line.startswith("    … and ") and line.endswith(" more (--all shows them)") for line in lines)


def test_says_what_cannot_be_compared(nights: Path) -> None:
    old, new = previous(nights), place(nights).name
    assert refusal(nights, "ffffffffffff").endswith(f"release ffffffffffff is not kept here (kept: {', '.join(sorted((old, new)))})")
    assert "give at least 4 characters of a run_id" in refusal(nights, old[:3], new)
    assert "is not kept here" in refusal(nights, "", new)
    assert "is not kept here" in refusal(nights, "../x", new)
    assert f"release {old} follows no other" in refusal(nights, None, old)
    (nights / "refused" / "abcdef012345").mkdir(parents=True)
    assert "run abcdef0 was refused, so it published nothing" in refusal(nights, "abcdef0")
    shutil.copytree(nights / "releases" / old, nights / "releases" / f"{old[:6]}000000")
    assert f"several releases begin with {old[:6]}: " in refusal(nights, old[:6])
    shutil.rmtree(nights / "releases" / old)
    assert f"release {old}, which {new} follows, is not kept any more" in refusal(nights)
    assert "; `releases_kept` in registry.yml says how many are" in refusal(nights)
    (nights / "landing" / "withheld.json").write_text("{}", encoding="utf-8")
    assert "; `oncomart forget` takes those away that were made with rows of the person, and else `releases_kept`" in refusal(nights)
    (nights / "current").unlink()
    assert "nothing is published here" in refusal(nights)


def test_says_that_another_version_wrote_a_release(nights: Path) -> None:
    warehouse = nights / "releases" / previous(nights) / "warehouse.duckdb"
    with duckdb.connect(str(warehouse)) as con:
        con.execute("alter table mart_subject drop column arm").fetchall()
        con.execute("drop table mart_number").fetchall()
    said = refusal(nights)
    assert (
        said.startswith(f"{previous(nights)}: was written by another version (")
        and "it lacks mart_number, mart_subject.arm (compare it with" in said
    )
    warehouse.write_text("not a database", encoding="utf-8")
    assert "it lacks a warehouse that opens here" in refusal(nights)
    (warehouse.parent / "column_map.csv").write_text("contract,rule\n", encoding="utf-8")
    assert "it lacks column_map.csv as this version writes it" in refusal(nights)
    (warehouse.parent / "column_map.csv").unlink()
    assert "it lacks column_map.csv" in refusal(nights)
    (warehouse.parent / "run.json").write_text('{"versions": {}}', encoding="utf-8")
    assert "was written by another version: it lacks inputs, as_of" in refusal(nights)


def cut(path: Path, size: int) -> None:
    path.write_bytes(path.read_bytes()[:size])


@pytest.mark.parametrize("name", ["run.json", f"share/studies/{STUDY}/table_1.csv", "ledger.csv", "number_sources.csv"])
def test_names_the_file_of_a_release_that_was_cut_off(name: str, nights: Path) -> None:
    path = place(nights) / name
    cut(path, path.stat().st_size - 5)
    assert f"{place(nights).name}: its {name} cannot be read (it was cut off" in refusal(nights)


def test_names_the_warehouse_that_was_cut_off(nights: Path) -> None:
    warehouse = place(nights) / "warehouse.duckdb"
    cut(warehouse, warehouse.stat().st_size // 2)
    assert "warehouse" in refusal(nights)


def test_says_which_table_is_missing_and_compares_the_others(nights: Path) -> None:
    (place(nights) / "share" / "studies" / STUDY / "table_1.csv").unlink()
    said = diff_releases(nights, None, None)
    assert f"study {STUDY}: table_1.csv is missing in release {place(nights).name}, so its numbers are not compared" in said
    assert "table_1:" not in said and "cohort_counts:" in said


def test_compares_the_columns_that_both_have_and_names_the_others(nights: Path) -> None:
    with duckdb.connect(str(nights / "releases" / previous(nights) / "warehouse.duckdb")) as con:
        con.execute("alter table dim_tumour drop column menopausal_status_code").fetchall()
    said = diff_releases(nights, None, None)
    assert "only one of the two releases has these columns, so they are not compared: dim_tumour.menopausal_status_code" in said
    assert "changed: stage_code" in said


def test_finds_nobody_again_under_another_key(nights: Path) -> None:
    path = nights / "releases" / previous(nights) / "run.json"
    told = json.loads(path.read_text(encoding="utf-8")) | {"key_fingerprint": "0" * 16}
    path.write_text(json.dumps(told), encoding="utf-8")
    said = diff_releases(nights, None, None)
    assert "were made with different keys: nobody can be found again" in said and "pseudonym " not in said


def test_the_command_prints_it_and_ends_with_2_where_it_cannot(out: Path, shortened: str) -> None:
    done = oncomart("diff", "--out", str(out), "--project", "nowhere")
    assert (done.returncode, done.stdout) == (0, shortened + "\n")
    done = oncomart("diff", "nonsense", "--out", str(out))
    assert done.returncode == 2 and "release nonsense is not kept here" in done.stderr
    assert oncomart("diff", "--out", str(out / "nowhere")).returncode == 2
