"""Since when a file is there with its bytes, and which sources are told as not delivered anew."""

from __future__ import annotations

import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from etl.landing.landed import LandedFile
from etl.nights.delivered_anew import Known, known, not_anew, since, went_back, write_seen
from schemas.project import SourceRule
from validations.report.not_met import warned

FIRST, NOW = datetime.date(2020, 1, 31), datetime.date(2020, 8, 31)


def file(name: str, sha256: str, source: str = "north", *, delivery: str = "snapshot", fate: str = "goes_on") -> LandedFile:
    contract = SimpleNamespace(contract=f"{source}_a", source=source, delivery=delivery)
    return cast("LandedFile", SimpleNamespace(name=name, sha256=sha256, contract=contract, fate=fate))


def before(*landed: dict[str, Any]) -> Known:
    """What a release of an older version knows, which kept no list of files."""
    return known(Path("none"), {"as_of": "2020-05-31", "inputs": {"landed": list(landed)}})


def test_a_first_release_begins_today() -> None:
    assert since([file("a.csv", "1")], {}, NOW) == {"a.csv": NOW}


def test_the_same_bytes_keep_their_day_under_another_name_too() -> None:
    earlier = before({"contract": "north_a", "sha256": "1", "since": "2020-01-31"})
    assert since([file("b.csv", "1"), file("c.csv", "2")], earlier, NOW) == {"b.csv": FIRST, "c.csv": NOW}


def test_a_release_that_does_not_say_since_counts_from_its_own_day() -> None:
    assert since([file("a.csv", "1")], before({"contract": "north_a", "sha256": "1"}), NOW) == {"a.csv": datetime.date(2020, 5, 31)}


def test_old_bytes_that_come_back_have_the_day_on_which_they_first_came(tmp_path: Path) -> None:
    (tmp_path / "internal").mkdir()
    told: Known = {}
    for month, sha256 in ((1, "1"), (2, "2"), (3, "1")):
        day = datetime.date(2020, month, 28)
        days = since([file("a.csv", sha256)], told, day)
        write_seen(tmp_path, [file("a.csv", sha256)], days, told)
        told = known(tmp_path, {})
    assert days == {"a.csv": datetime.date(2020, 1, 28)}
    assert since([file("b.csv", "2")], told, NOW) == {"b.csv": datetime.date(2020, 2, 28)}
    assert since([file("c.csv", "1", "south")], told, NOW) == {"c.csv": NOW}, "another contract reads it for the first time"


def test_the_terminal_says_of_each_source_since_when() -> None:
    files = [file("a.csv", "1"), file("b.csv", "2", "south")]
    told = not_anew(files, {"a.csv": FIRST, "b.csv": datetime.date(2020, 2, 29)}, {"north": SourceRule(), "south": SourceRule()}, NOW)
    [said] = warned(told)
    assert said.endswith("; also delivered_anew.south (nothing new since the release as of 2020-02-29)")


def test_tells_the_sources_of_which_every_file_is_old() -> None:
    files = [file("a.csv", "1"), file("b.csv", "2"), file("c.csv", "3", "south"), file("d.csv", "4", "west")]
    days = {"a.csv": FIRST, "b.csv": NOW, "c.csv": FIRST, "d.csv": FIRST}
    rules = {"north": SourceRule(), "south": SourceRule(), "west": SourceRule(new_within_days=213)}
    told = not_anew(files, days, rules, NOW)
    assert told.select("name", "critical", "success").rows() == [("delivered_anew.south", False, False)]
    assert told["detail"][0] == "nothing new since the release as of 2020-01-31, 213 days before this one, expected within 92 days"


@pytest.mark.parametrize(
    ("now", "is_told"),
    [
        (file("a.csv", "1"), True),
        (file("a.csv", "2"), False),  # what the last release read
        (file("a.csv", "3"), False),  # nobody knows it
        (file("a.csv", "1", delivery="append"), False),
        (file("a.csv", "1", delivery="upsert"), False),
        (file("a.csv", "1", fate="carried_forward"), False),  # a refusal tells why
        (file("a.csv", "1", "south"), False),  # the last release read nothing by that contract, so nothing came since
    ],
)
def test_tells_of_a_snapshot_that_stood_before_the_last_one(now: LandedFile, is_told: bool) -> None:
    last = {"as_of": "2020-08-31", "run_id": "abc", "inputs": {"landed": [{"contract": "north_a", "sha256": "2"}]}}
    told = went_back([now], last, {("north_a", "1"): FIRST, ("south_a", "1"): FIRST, ("north_a", "2"): NOW}, NOW)
    says = "a.csv is byte for byte what the release as of 2020-01-31 read, and another came since, expected a newer one"
    assert told.select("name", "critical", "detail").rows() == ([("file_goes_on.north_a", False, says)] if is_told else [])


@pytest.mark.parametrize(("last", "told"), [("2020-08-31", []), ("2020-08-30", []), (None, []), ("2020-09-01", ["as_of_goes_on"])])
def test_tells_of_a_day_before_that_of_the_last_release(last: str | None, told: list[str]) -> None:
    assert went_back([], {"as_of": last} if last else {}, {}, NOW)["name"].to_list() == told
