"""Landing: the last good delivery in the place of one that did not come or cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest
from landing_project import contract, deliver, fates, landed, project

from etl.landing import manifest
from etl.landing.carry_forward import published
from etl.landing.land import mark, refuse
from etl.landing.landed import Landing
from etl.landing.manifest import manifest_path, read_manifest
from schemas.core.errors import RefusedError, UnreadableError
from schemas.project import Project

TEXT = "id,stage\n1,I\n"


def test_carries_the_last_good_file_forward_where_a_folder_took_its_place(tmp_path: Path) -> None:
    mine, out = project(tmp_path / "p"), tmp_path / "out"
    deliver(mine, ward__csv=TEXT)
    landed(mine, out)
    mark(out, ["ward.csv"], "good")
    deliver(mine, ward__csv="")
    (mine.exports / "ward.csv").mkdir()
    landing = landed(mine, out)
    assert [(file.name, file.fate) for file in landing.files] == [("ward.csv", "carried_forward")]
    assert landing.refusals[0].carried_forward == "ward.csv"


def test_carries_the_last_good_delivery_forward_where_none_came(tmp_path: Path) -> None:
    mine, out = project(tmp_path / "p"), tmp_path / "out"
    deliver(mine, ward__csv=TEXT, lab__csv="id\n5\n")
    landed(mine, out)
    mark(out, ["ward.csv", "lab.csv"], "good")
    deliver(mine, lab__csv="")
    landing = landed(mine, out)
    assert fates(landing) == [("lab.csv", "carried_forward", ""), ("ward.csv", "goes_on", "")]
    assert landing.refusals[0].reason == "not_delivered" and landing.refusals[0].carried_forward == "lab.csv"


def test_does_not_carry_forward_what_was_never_good(tmp_path: Path) -> None:
    mine, out = project(tmp_path / "p"), tmp_path / "out"
    deliver(mine, ward__csv=TEXT, lab__csv="id\n5\n")
    landed(mine, out)
    deliver(mine, lab__csv="")
    landing = landed(mine, out)
    assert [file.name for file in landing.files] == ["ward.csv"] and not landing.refusals


def test_notices_an_optional_contract_of_which_nothing_ever_came(tmp_path: Path) -> None:
    mine = project(tmp_path / "p")
    deliver(mine, ward__csv=TEXT)
    landing = landed(mine, tmp_path / "out")
    (notice,) = landing.notices
    assert (notice.contract, notice.reason, notice.message) == (
        "lab", "never_delivered", "contract lab: no file ever came (files: lab*.csv)",
    )  # fmt: skip
    assert not landing.refusals


def test_is_another_landing_for_the_release_once_a_file_is_carried_forward(tmp_path: Path) -> None:
    mine, out = project(tmp_path / "p"), tmp_path / "out"
    deliver(mine, ward__csv=TEXT, lab__csv="id\n5\n")
    first = landed(mine, out)
    mark(out, ["ward.csv", "lab.csv"], "good")
    deliver(mine, lab__csv="")
    second = landed(mine, out)
    assert first.parts != second.parts == landed(mine, out).parts
    deliver(mine, lab__csv="id\n5\n")
    assert landed(mine, out).parts == first.parts


def test_stops_where_a_required_source_has_no_good_delivery(tmp_path: Path) -> None:
    mine = project(tmp_path / "p")
    deliver(mine, lab__csv=TEXT)
    with pytest.raises(RefusedError, match="the required source ward has no good delivery") as caught:
        landed(mine, tmp_path / "out")
    assert "no file was delivered (files: ward*.csv)" in str(caught.value)


def of_the_second_night(tmp_path: Path) -> tuple[Project, Path, Landing]:
    """An appended delivery of which the first file, good last night, does not come again beside the second."""
    mine, out = project(tmp_path / "p", contract("ward", "ward*.csv", delivery="append")), tmp_path / "out"
    deliver(mine, ward_1__csv=TEXT)
    landed(mine, out)
    mark(out, ["ward_1.csv"], "good")
    deliver(mine, ward_1__csv="", ward_2__csv="id\n2\n")
    landing = landed(mine, out)
    return mine, out, landing


def test_carries_forward_earlier_files_of_an_appended_delivery(tmp_path: Path) -> None:
    *_, landing = of_the_second_night(tmp_path)
    assert fates(landing) == [("ward_1.csv", "carried_forward", ""), ("ward_2.csv", "goes_on", "")]
    assert not landing.refusals
    assert [file.name for file in landing.files] == ["ward_1.csv", "ward_2.csv"]  # of two that contradict each other the last wins


@pytest.mark.parametrize("options", [{"delivery": "append"}, {"delivery": "upsert", "key": ("id",)}])
def test_counts_a_content_once_whatever_name_it_had_the_night_before(tmp_path: Path, options: dict[str, object]) -> None:
    mine, out = project(tmp_path / "p", contract("ward", "ward*.csv", **options)), tmp_path / "out"

    def in_force() -> list[tuple[str, str]]:
        landing = landed(mine, out)
        published(out, landing)
        return [(file.name, file.fate) for file in landing.files]

    deliver(mine, ward_1__csv=TEXT, ward_99__csv=TEXT)  # a copy sent by mistake
    in_force()
    deliver(mine, ward_99__csv="")
    assert in_force() == [("ward_1.csv", "goes_on")], "as in a run from nothing"
    deliver(mine, ward_2__csv="id\n2\n")
    assert in_force() == [("ward_1.csv", "goes_on"), ("ward_2.csv", "goes_on")]
    deliver(mine, ward_1__csv="")
    assert in_force() == [("ward_1.csv", "carried_forward"), ("ward_2.csv", "goes_on")], "the name it had last"
    deliver(mine, ward_2__csv="", ward_3__csv="id\n2\n")
    assert in_force() == [("ward_1.csv", "carried_forward"), ("ward_3.csv", "goes_on")]


def test_counts_dates_in_the_names_of_an_appended_delivery_as_days(tmp_path: Path) -> None:
    mine = project(tmp_path / "p", contract("ward", "ward*.csv", delivery="append"))
    deliver(mine, ward_01__02__2026__csv="id\n1\n", ward_31__01__2026__csv="id\n2\n")
    assert [file.name for file in landed(mine, tmp_path / "out").files] == ["ward_31.01.2026.csv", "ward_01.02.2026.csv"]


def test_reads_what_stands_in_where_its_contract_stands(tmp_path: Path) -> None:
    mine, out = project(tmp_path / "p", contract("lab", "lab*.csv"), contract("ward", "ward*.csv")), tmp_path / "out"
    deliver(mine, lab__csv=TEXT, ward__csv=TEXT)
    landed(mine, out)
    mark(out, ["lab.csv", "ward.csv"], "good")
    deliver(mine, lab__csv="", ward__csv="id\n2\n")
    assert [(file.name, file.fate) for file in landed(mine, out).files] == [("lab.csv", "carried_forward"), ("ward.csv", "goes_on")]


def test_puts_the_last_good_delivery_in_the_place_of_one_that_cannot_be_read(tmp_path: Path) -> None:
    mine, out = project(tmp_path / "p"), tmp_path / "out"
    deliver(mine, ward__csv=TEXT)
    good = landed(mine, out).files[0]
    mark(out, ["ward.csv"], "good")
    deliver(mine, ward__csv="broken")
    for night in ("2026-01-02", "2026-01-03"):  # the same broken file night after night
        landing = landed(mine, out, night)
        after, (stand_in,) = refuse(mine, out, landing, [(landing.files[0], UnreadableError("ragged", "ward.csv: no"))])
        assert (stand_in.sha256, stand_in.fate) == (good.sha256, "carried_forward")
        assert after.files == (stand_in,)
        assert fates(after) == [("ward.csv", "carried_forward", ""), ("ward.csv", "refused", "ragged")]
        assert read_manifest(out)[-1].sha256 == good.sha256  # the version in force is the one that is read
    assert [entry.status for entry in read_manifest(out)] == ["refused", "good"]


def test_goes_back_to_an_older_delivery_where_the_last_good_one_no_longer_reads(tmp_path: Path) -> None:
    mine, out = project(tmp_path / "p"), tmp_path / "out"
    for text in ("id\n1\n", "id\n2\n", "id\n3\n"):
        deliver(mine, ward__csv=text)
        landing = landed(mine, out)
        mark(out, ["ward.csv"], "good")
    first, second = landing, UnreadableError("missing_header", "ward.csv: no")
    after, (stand_in,) = refuse(mine, out, first, [(first.files[0], second)])
    _, (older,) = refuse(mine, out, after, [(stand_in, second)])
    assert older.path.read_text(encoding="utf-8") == "id\n1\n"


def test_stops_where_the_only_delivery_of_a_required_source_cannot_be_read(tmp_path: Path) -> None:
    mine, out = project(tmp_path / "p"), tmp_path / "out"
    deliver(mine, ward__csv=TEXT)
    landing = landed(mine, out)
    with pytest.raises(RefusedError, match=r"ward\.csv, row 1: no"):
        refuse(mine, out, landing, [(landing.files[0], UnreadableError("ragged", "ward.csv, row 1: no"))])


def test_goes_on_without_an_optional_source_that_cannot_be_read(tmp_path: Path) -> None:
    mine, out = project(tmp_path / "p"), tmp_path / "out"
    deliver(mine, ward__csv=TEXT, lab__csv="x")
    landing = landed(mine, out)
    lab = next(file for file in landing.files if file.name == "lab.csv")
    after, stand_ins = refuse(mine, out, landing, [(lab, UnreadableError("empty", "lab.csv: empty"))])
    assert stand_ins == []
    assert [file.name for file in after.files] == ["ward.csv"]


def test_tries_an_earlier_file_of_an_appended_delivery_again_the_night_after(tmp_path: Path) -> None:
    mine, out, landing = of_the_second_night(tmp_path)
    after, stand_ins = refuse(mine, out, landing, [(landing.files[0], UnreadableError("missing_header", "ward_1.csv: no"))])
    assert not stand_ins and [file.name for file in after.files] == ["ward_2.csv"], "once a night"
    assert [file.name for file in landed(mine, out).files] == ["ward_1.csv", "ward_2.csv"], "by then the contract may be mended"


def test_carries_the_newest_again_where_one_night_could_not_read_it(tmp_path: Path) -> None:
    mine, out = project(tmp_path / "p", contract("ward", "ward*.csv", delivery="append")), tmp_path / "out"
    for text in ("id\n1\n", "id\n2\n"):
        deliver(mine, ward_1__csv=text)
        landed(mine, out)
        mark(out, ["ward_1.csv"], "good")
    deliver(mine, ward_1__csv="", ward_2__csv="id\n3\n")
    landing = landed(mine, out)
    _, (older,) = refuse(mine, out, landing, [(landing.files[0], UnreadableError("missing_header", "ward_1.csv: no"))])
    assert older.path.read_text(encoding="utf-8") == "id\n1\n"
    mark(out, ["ward_1.csv", "ward_2.csv"], "good")
    assert [file.path.read_text(encoding="utf-8") for file in landed(mine, out).files] == ["id\n2\n", "id\n3\n"]


def test_brings_nothing_back_that_came_anew_with_the_bytes_of_another_file(tmp_path: Path) -> None:
    mine, out = project(tmp_path / "p", contract("ward", "ward*.csv", delivery="append")), tmp_path / "out"
    for text in ("id\n2\n", "id\n1\n"):
        deliver(mine, ward_1__csv="id\n1\n", ward_2__csv=text)
        published(out, landed(mine, out))
    deliver(mine, ward_1__csv="", ward_2__csv="", ward_3__csv="id\n3\n")
    assert [(file.name, file.path.read_text(encoding="utf-8")) for file in landed(mine, out).files] == [
        ("ward_1.csv", "id\n1\n"), ("ward_3.csv", "id\n3\n"),
    ]  # fmt: skip


@pytest.mark.parametrize("options", [{"delivery": "append"}, {"delivery": "upsert", "key": ("id",)}])
def test_counts_a_copy_where_the_other_comes_with_new_bytes(tmp_path: Path, options: dict[str, object]) -> None:
    mine, out = project(tmp_path / "p", contract("ward", "ward*.csv", **options)), tmp_path / "out"
    deliver(mine, ward_1__csv="id\n1\n", ward_2__csv="id\n1\n")
    landing = landed(mine, out)
    published(out, landing)
    name = landing.files[0].name  # the other one leaves the folder
    deliver(mine, **{"ward_1__csv": "", "ward_2__csv": "", name.replace(".", "__"): "id\n3\n"})
    assert sorted(file.path.read_text(encoding="utf-8") for file in landed(mine, out).files) == ["id\n1\n", "id\n3\n"]


@pytest.mark.parametrize("options", [{"delivery": "append"}, {"delivery": "upsert", "key": ("id",)}])
def test_carries_the_one_of_two_copies_that_was_in_force(tmp_path: Path, options: dict[str, object]) -> None:
    mine, out = project(tmp_path / "p", contract("ward", "ward*.csv", **options)), tmp_path / "out"
    deliver(mine, ward_1__csv="id\n1\n", ward_2__csv="id\n2\n", ward_3__csv="id\n1\n")
    landing = landed(mine, out)
    published(out, landing)
    deliver(mine, ward_1__csv="", ward_2__csv="", ward_3__csv="", ward_4__csv="id\n4\n")
    assert [file.name for file in landed(mine, out).files] == [*(file.name for file in landing.files), "ward_4.csv"]


EMPTY = UnreadableError("empty", "north_ward.csv: the file is empty")


def test_puts_the_last_good_file_of_each_hospital_in_the_place_of_those_that_came_empty(tmp_path: Path) -> None:
    mine, out = project(tmp_path / "p", contract("ward", "*ward.csv", delivery="append")), tmp_path / "out"
    deliver(mine, north_ward__csv="id\n1\n", south_ward__csv="id\n2\n")
    landed(mine, out)
    mark(out, ["north_ward.csv", "south_ward.csv"], "good")
    deliver(mine, north_ward__csv=" ", south_ward__csv=" ")  # the same bytes, so the second is not read
    landing = landed(mine, out)
    after, stand_ins = refuse(mine, out, landing, [(landing.files[0], EMPTY)])
    assert [(file.name, file.fate) for file in stand_ins] == [("north_ward.csv", "carried_forward"), ("south_ward.csv", "carried_forward")]
    assert [refusal.message for refusal in after.refusals] == [
        "north_ward.csv: the file is empty", "south_ward.csv: has the same bytes as north_ward.csv, which cannot be read",
    ]  # fmt: skip
    assert [fate for _, fate, _ in fates(after)] == ["carried_forward", "refused"] * 2, "each delivery has one"
    assert [entry.status for entry in read_manifest(out)] == ["refused", "refused", "good", "good"]


def test_puts_both_in_its_place_where_its_name_and_its_bytes_were_good_apart(tmp_path: Path) -> None:
    mine, out = project(tmp_path / "p", contract("ward", "ward*.csv", delivery="append")), tmp_path / "out"
    deliver(mine, ward_1__csv="id\n1\n", ward_2__csv="id\n2\n")
    landed(mine, out)
    mark(out, ["ward_1.csv", "ward_2.csv"], "good")
    deliver(mine, ward_1__csv="", ward_2__csv="id\n1\n")  # and today's contract cannot read it
    landing = landed(mine, out)
    _, stand_ins = refuse(mine, out, landing, [(landing.files[0], UnreadableError("missing_header", "ward_2.csv: no"))])
    assert [(file.name, file.path.read_text(encoding="utf-8")) for file in stand_ins] == [
        ("ward_1.csv", "id\n1\n"),
        ("ward_2.csv", "id\n2\n"),
    ]


def test_says_that_a_manifest_that_is_damaged_or_gone_is_to_be_restored(tmp_path: Path) -> None:
    mine, out = project(tmp_path / "p"), tmp_path / "out"
    deliver(mine, ward__csv=TEXT)
    landed(mine, out)
    whole = manifest_path(out).read_bytes()
    for damaged in (whole[:-3], whole[:-30], b"\xff\x00" * 40):
        manifest_path(out).write_bytes(damaged)
        with pytest.raises(RefusedError, match=r"landing/manifest\.csv is damaged"):
            landed(mine, out)
    manifest_path(out).unlink()
    assert [file.name for file in landed(mine, out).files] == ["ward.csv"], "nothing was published yet"
    manifest_path(out).unlink()
    (out / "current").symlink_to("releases/0")
    with pytest.raises(RefusedError, match=r"landing/manifest\.csv is gone"):
        landed(mine, out)


def test_refuses_all_files_of_a_night_by_one_change_of_the_manifest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine, out = project(tmp_path / "p", contract("lab", "lab*.csv", delivery="append"), required=()), tmp_path / "out"
    deliver(mine, lab_1__csv="id\n1\n", lab_2__csv="id\n2\n", lab_3__csv="id\n3\n")
    landing = landed(mine, out)
    written: list[Path] = []
    kept = manifest.write_atomically
    monkeypatch.setattr(manifest, "write_atomically", lambda path, content: (written.append(path), kept(path, content)))
    after, stand_ins = refuse(mine, out, landing, [(file, EMPTY) for file in landing.files])
    assert ([refusal.source_file for refusal in after.refusals], stand_ins) == (["lab_1.csv", "lab_2.csv", "lab_3.csv"], [])
    assert {entry.status for entry in read_manifest(out)} == {"refused"} and len(written) == 1
