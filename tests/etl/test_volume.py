"""What a snapshot is held to: the rows of the last good delivery, but not of one that was sent or read twice."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import polars as pl
import pytest

from etl.landing.landed import LandedFile
from etl.nights.last_told import FINDINGS
from etl.nights.volume import HELD_TO, NO_LINE_END, Measure, check_volume, measures, measures_frame, moved_on, no_measure, speaking_for
from etl.readers import RawTable
from schemas.contract import Contract, RowCount
from schemas.core.errors import ConfigurationError, RefusedError, UnreadableError
from validations.expecting.checks import Parts, check_registry

HEAD = "stage,unit,source_file,fate,n\n"


def contract(name: str) -> Contract:
    record = {"rule": "person", "record": "patient", "set": {"patient_id": "no"}}
    given = {
        "contract": name, "contract_version": 1, "title": name, "source": name, "files": (f"{name}.csv",), "delivery": "snapshot",
        "format": {"kind": "csv"}, "columns": "open", "fields": {"no": {"required": True}}, "records": (record,),
    }  # fmt: skip
    return Contract.model_validate(given)


CONTRACTS = (contract("south"), contract("north"))


class Registry:
    """An output folder as far as volumes look at it: each release hands its measures on, and of older ones `kept` stay."""

    def __init__(self, out: Path, kept: int = 1) -> None:
        self.out, self.kept, self.nights = out, kept, 0

    def night(self, accepted: dict[str, str] | None = None, *, handing_on: bool = True, **rows: int) -> dict[str, int]:
        """A release that read so many rows of each contract; gives what its files were held to."""
        held_to = measures(self.out, accepted or {}, CONTRACTS)
        self.nights += 1
        run_id, as_of = f"{self.nights:012x}", f"2020-01-{self.nights:02}"
        folder = self.out / "releases" / run_id
        (folder / "internal").mkdir(parents=True)
        landed = [{"name": f"{one}.csv", "contract": one} for one in rows]
        run = {"run_id": run_id, "as_of": as_of, "started": as_of, "inputs": {"landed": landed}}
        (folder / "run.json").write_text(json.dumps(run), encoding="utf-8")
        lines = [f"read,row,{one}.csv,goes_on,{n}\n" for one, n in rows.items()]
        (folder / "ledger.csv").write_text(HEAD + "".join(lines), encoding="utf-8")
        if handing_on:
            measures_frame(moved_on(held_to, rows, (run_id, as_of), CONTRACTS)).write_csv(folder / HELD_TO)
        (self.out / "current").unlink(missing_ok=True)
        (self.out / "current").symlink_to(Path("releases") / run_id)
        for old in sorted((self.out / "releases").iterdir())[: -self.kept]:
            shutil.rmtree(old)
        return {one: measure.n for one, measure in held_to.items()}

    def held_to(self, accepted: dict[str, str] | None = None) -> dict[str, int]:
        return {one: measure.n for one, measure in measures(self.out, accepted or {}, CONTRACTS).items()}


@pytest.mark.parametrize("kept", [1, 3, 10])
@pytest.mark.parametrize(
    ("nights", "held_to"),
    [
        ([1000], 1000),
        ([1000, 950], 950),
        ([1000, 900, 940], 1000),  # cut off, it may be: one that is whole again has 1,000
        ([1000, 900, 1100], 1100),
        ([40, 35], 35),  # a few rows may go
        ([40, 34], 40),
        ([1000, 1500], 1500),
        ([700, 1600], 700),  # sent twice: the one that mends it may have 700 again
        ([700, 1600, 1600, 1600, 1600, 1600], 700),  # whichever releases are kept
        ([700, 1600, 1600, 1600, 750], 750),  # and it is the measure again
        ([700, 900, 1200, 1600], 1600),  # it grows
        ([5, 40], 40),  # of few rows a share says nothing
    ],
)
def test_the_last_good_delivery_is_the_measure_unless_it_multiplied(tmp_path: Path, nights: list[int], held_to: int, kept: int) -> None:
    registry = Registry(tmp_path, kept)
    for rows in nights:
        registry.night(south=rows, north=10)
    assert registry.held_to() == {"south": held_to, "north": 10}


@pytest.mark.parametrize(
    ("line", "moved"),
    [
        ("women_at_most", {"south", "north"}),
        ("women_against_previous", {"south", "north"}),
        ("women_at_most.south", {"south"}),
        ("delivered_rows.south", {"south"}),
        ("women_at_most.south.since_anchor", {"south"}),
        ("release", {"south", "north"}),
        ("treatments_at_most", set()),  # which these files do not deliver
        ("stage_shares", set()),
    ],
)
def test_a_volume_that_is_accepted_moves_the_measure_of_the_files_that_deliver_it(tmp_path: Path, line: str, moved: set[str]) -> None:
    registry = Registry(tmp_path, 2)
    registry.night(south=100, north=100)
    registry.night(south=300, north=300)
    accepted = {line: f"{2:012x}"}
    assert registry.held_to() == {"south": 100, "north": 100}
    assert registry.held_to(accepted) == {one: 300 if one in moved else 100 for one in ("south", "north")}
    for _ in range(3):  # the line may stay, the release it names need not
        registry.night(accepted, south=290, north=290 if "north" in moved else 110)
    assert registry.held_to(accepted) == {"south": 290 if "south" in moved else 100, "north": 290 if "north" in moved else 110}


def test_a_line_counts_once(tmp_path: Path) -> None:
    registry = Registry(tmp_path, 10)
    accepted = {"release": f"{2:012x}"}
    registry.night(south=100)
    registry.night(south=300)
    registry.night(accepted, south=290)
    assert registry.held_to(accepted) == {"south": 290}
    assert registry.held_to({"release": "b" * 12}) == {"south": 290}, "of a release that is not kept nothing is known"


def test_nothing_is_known_before_the_first_release_and_one_of_an_older_version_stands_for_itself(tmp_path: Path) -> None:
    registry = Registry(tmp_path, 2)
    assert registry.held_to() == {}
    registry.night(south=400)
    registry.night(south=1600, handing_on=False)
    assert registry.held_to() == {"south": 1600}
    (tmp_path / "current/internal/baselines.csv").write_text(f"expectation,accepted\nwomen_at_most,{1:012x}\n", encoding="utf-8")
    assert registry.held_to({"release": f"{1:012x}"}) == {"south": 1600}, "a line that has counted for expectations is an old one"


def test_a_contract_of_which_nothing_is_in_force_keeps_its_measure() -> None:
    held_to = {"south": Measure(100, "a" * 12, "2020-01-01")}
    assert moved_on(held_to, {"north": 5}, ("b" * 12, "2020-01-02"))["south"] == held_to["south"]


def test_the_lines_that_speak_for_a_file() -> None:
    assert {"women_at_most", "women_at_most.south", "women_against_previous", "release"} < set(speaking_for(CONTRACTS[0]))


def test_a_file_that_lost_rows_is_named_until_it_is_accepted_or_the_contract_says_that_it_may() -> None:
    held_to = {"south": Measure(1000, "a" * 12, "2020-01-01")}
    mine = [SimpleNamespace(name="wards/south.csv", contract=CONTRACTS[0])]
    told = no_measure(held_to, {"south": 949}, CONTRACTS, mine)  # type: ignore[arg-type]
    assert told.select("name", "critical", "success", "detail").rows() == [
        (
            "delivered_rows.south",
            False,
            False,
            f"wards/south.csv: 949 rows now, 1,000 in release {'a' * 12} of 2020-01-01, expected at least 950",
        )
    ]
    assert no_measure(held_to, {"south": 950, "north": 1}, CONTRACTS).is_empty()
    may = CONTRACTS[0].model_copy(update={"expected_rows": RowCount(told_below=0.6)})
    assert no_measure(held_to, {"south": 600}, [may]).is_empty()
    appended = CONTRACTS[0].model_copy(update={"delivery": "append"})
    assert no_measure(held_to, {"south": 1}, [appended]).is_empty()
    assert no_measure(held_to, {}, CONTRACTS).is_empty(), "of nothing in force a refusal tells"


def test_a_file_that_is_no_measure_is_told_until_it_is_accepted(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    registry.night(south=100, north=100)
    for _ in range(5):
        registry.night(south=151, north=150)
    told = no_measure(measures(tmp_path, {}, CONTRACTS), {"south": 151, "north": 150}, CONTRACTS)
    assert told.select("name", "critical", "success", "detail").rows() == [
        ("delivered_rows.south", False, False, f"151 rows now, 100 in release {1:012x} of 2020-01-01, expected at most 150")
    ]
    accepted = {"delivered_rows.south": f"{6:012x}"}
    check_registry({}, accepted, parts=Parts(contracts=["south"]))
    assert no_measure(measures(tmp_path, accepted, CONTRACTS), {"south": 151}, CONTRACTS).is_empty()
    with pytest.raises(ConfigurationError, match="there is no contract 'west'"):
        check_registry({}, {"delivered_rows.west": "a" * 12}, parts=Parts(contracts=["south"]))


@pytest.mark.parametrize("kept", [1, 10])
def test_rows_that_go_little_by_little_are_told_until_they_are_accepted_or_come_back(tmp_path: Path, kept: int) -> None:
    def told(rows: int, accepted: dict[str, str] | None = None) -> list[str]:
        return no_measure(measures(tmp_path, accepted or {}, CONTRACTS), {"south": rows}, CONTRACTS)["detail"].to_list()

    registry = Registry(tmp_path, kept)
    registry.night(south=1000)
    registry.night(south=951)  # 4.9 % less than the night before, each night
    assert told(950) == []
    words = f"1,000 in release {1:012x} of 2020-01-01, expected at least 950"
    assert told(905) == [f"905 rows now, {words}"]
    registry.night(south=905)
    registry.night(south=861)
    assert registry.held_to() == {"south": 861}, "a part is told from the whole by the night before, which may have been right"
    assert told(861) == [f"861 rows now, {words}"]
    assert told(1000) == []
    accepted = {"delivered_rows.south.since_anchor": f"{4:012x}"}
    check_registry({}, accepted, parts=Parts(contracts=["south"]))
    assert told(819, accepted) == []
    registry.night(accepted, south=819)
    assert told(800, accepted) == [f"800 rows now, 861 in release {4:012x} of 2020-01-04, expected at least 818"]


def test_few_rows_that_go_night_after_night_are_told_of_a_small_file_too(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    for rows in (24, 19, 14):  # under FEWEST, of which a share says nothing
        registry.night(south=rows)
    told = no_measure(measures(tmp_path, {}, CONTRACTS), {"south": 14}, CONTRACTS)
    assert told["name"].to_list() == ["delivered_rows.south.since_anchor"]


def test_a_release_of_an_older_version_does_not_say_of_the_most_rows(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    registry.night(south=1000)
    path = tmp_path / "current" / HELD_TO
    path.write_text(f"contract,n,run_id,as_of,accepted\nsouth,960,{1:012x},2020-01-01,\n", encoding="utf-8")
    assert measures(tmp_path, {}, CONTRACTS) == {"south": Measure(960, f"{1:012x}", "2020-01-01")}


@pytest.mark.parametrize(
    "cut", [b"", b"\xff\x00", b"contract,n,run_id,as_of,accepted,most,most_run_id,most_as_of\nsouth,", b"contract,n\nsouth,9\n"]
)
def test_a_damaged_measure_is_named(tmp_path: Path, cut: bytes) -> None:
    registry = Registry(tmp_path)
    registry.night(south=1000)
    registry.night(south=2000)  # perhaps sent twice: its own rows are no measure, and nothing else says of the night before
    (tmp_path / "current" / HELD_TO).write_bytes(cut)
    with pytest.raises(RefusedError, match=r"delivered_rows\.csv is damaged: restore the release"):
        registry.held_to()


def unended(rows: int) -> RawTable:
    """A file of the south whose last line is not ended."""
    file = cast("LandedFile", SimpleNamespace(name="south.csv", rows_gone=0))
    told = pl.DataFrame({"edit": [NO_LINE_END]})
    return cast("RawTable", SimpleNamespace(file=file, contract=CONTRACTS[0], rows=pl.DataFrame({"no": range(rows)}), findings=told))


def test_a_file_whose_last_line_never_was_ended_may_lose_a_row(tmp_path: Path) -> None:
    Registry(tmp_path).night(south=1000)
    held_to = measures(tmp_path, {}, CONTRACTS)
    with pytest.raises(UnreadableError, match="the last line is not ended"):
        check_volume(unended(999), held_to, tmp_path)
    pl.DataFrame({"edit": [NO_LINE_END], "source_file": ["south.csv"]}).write_parquet(tmp_path / "current" / FINDINGS)
    check_volume(unended(999), held_to, tmp_path)
    with pytest.raises(UnreadableError, match="a part was sent for the whole"):
        check_volume(unended(400), held_to, tmp_path)
