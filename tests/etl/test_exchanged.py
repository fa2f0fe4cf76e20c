"""Two columns that exchange their contents overnight under the same headers: the file is refused alone; corrections of a few are not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from landing_project import NOW, contract, deliver, project

from etl.explaining import write_contracts
from etl.landing.land import land
from etl.nights.compared_rows import check_same_records
from etl.nights.legible_before import LastReadings
from etl.readers import read
from schemas.core.errors import UnreadableError

HEADER = ["id", "no", "er", "pr", "her2", "birth", "seen"]
Row = list[str]
FIELDS: dict[str, Any] = {name: {} for name in HEADER}
PRIMARY = {"rule": "primary", "record": "tumour", "set": {"patient_id": "id", "tumour_no": "no"}}
# Sixty women; the two receptors differ in a third of them, the third one is known of a few.
WARD: list[Row] = [
    [f"W{n:02d}", "1", "-+"[n % 2], "-+"[n % 3 > 0], "" if n % 5 else "0", f"19{n + 10}-03-01", f"20{n % 9 + 10}-05-06"] for n in range(60)
]


def swapped(rows: list[Row], a: str, b: str, most: int = 60) -> list[Row]:
    """The rows, with two cells of the first so many that tell them apart exchanged."""
    i, j = HEADER.index(a), HEADER.index(b)
    told = [row for row in rows if row[i] != row[j]][:most]
    return [[row[j] if k == i else row[i] if k == j else cell for k, cell in enumerate(row)] if row in told else row for row in rows]


def moved(rows: list[Row], *names: str) -> list[Row]:
    """Each column holds what the next one held, the last what the first held."""
    places = {HEADER.index(name): HEADER.index(after) for name, after in zip(names, (*names[1:], names[0]), strict=True)}
    return [[row[places.get(k, k)] for k in range(len(row))] for row in rows]


def busy(rows: list[Row]) -> list[Row]:
    """The same in another order, with ten women less, ten new ones, and other results in every fourth."""
    new = [[f"N{n}", *row[1:]] for n, row in enumerate(rows[:10])]
    mended = [[row[0], row[1], "+", "+", *row[4:]] if n % 4 == 0 else row for n, row in enumerate(rows[10:])]
    return [*reversed(mended), *new]


def text(rows: list[Row], header: list[str] = HEADER) -> str:
    return "\n".join(",".join(row) for row in [header, *rows]) + "\n"


def tonight(folder: Path, before: list[Row], now: list[Row], fields: dict[str, Any] | None = None, **more: Any) -> None:
    """One night that became a release, the next night's file read by the contract as it is then."""
    out = folder / "out"
    first = project(folder, contract("ward", "ward.csv", fields=FIELDS, records=(PRIMARY,)))
    deliver(first, ward__csv=text(before))
    [file] = land(first, out, NOW).files
    (out / "releases" / "abc" / "internal").mkdir(parents=True)
    (out / "current").symlink_to("releases/abc")
    told = {"contract": "ward", "name": file.name, "sha256": file.sha256}
    (out / "releases" / "abc" / "run.json").write_text(json.dumps({"inputs": {"landed": [told]}}), encoding="utf-8")
    write_contracts(out / "releases" / "abc" / "internal", first.contracts)
    then = project(folder, contract("ward", "ward.csv", fields=fields or FIELDS, records=(PRIMARY,), **more))
    deliver(then, ward__csv=text(now))
    [file] = land(then, out, NOW).files
    check_same_records(read(file, file.contract), LastReadings(out))


REFUSED: dict[str, tuple[list[Row], str]] = {
    "two receptors": (swapped(WARD, "er", "pr"), "columns 'er' and 'pr' hold one another's values of the last release in 30 of 30 records"),
    "two days": (swapped(WARD, "birth", "seen"), "'birth' and 'seen' .* 60 of 60"),
    "on a busy night": (busy(swapped(WARD, "birth", "seen")), "'birth' and 'seen' .* 50 of 50"),
    "receptors on a busy night": (busy(swapped(WARD, "er", "pr")), "'er' and 'pr' .* 1[0-9] of 25"),
    "a column that has little": (swapped(WARD, "er", "her2"), "'er' and 'her2' .* 60 of 60"),
    "twice two": (swapped(swapped(WARD, "birth", "seen"), "er", "pr"), "'er' and 'pr' .*; columns 'birth' and 'seen'"),
    "in a ring": (moved(WARD, "er", "birth", "seen"), "'er', 'birth' and 'seen' .* 60 of 60"),
    "in a third of the records": (swapped(WARD, "birth", "seen", 20), "'birth' and 'seen' .* 20 of 60"),
    "the number of the woman": (swapped(WARD, "id", "birth"), "'id' and 'birth' .* 60 of 60"),
    "the numbers of woman and tumour": (swapped(WARD, "id", "no"), "'id' and 'no' .* 60 of 60"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refuses_columns_that_hold_one_another_s_values(tmp_path: Path, case: str) -> None:
    now, says = REFUSED[case]
    with pytest.raises(UnreadableError, match=f"ward.csv: .*{says}") as refused:
        tonight(tmp_path, WARD, now)
    assert refused.value.reason == "exchanged"
    assert "W0" not in str(refused.value)


TAKEN: dict[str, list[Row]] = {
    "as it was": [*WARD, ["N", "1", "+", "-", "", "", ""]],
    "a busy night": busy(WARD),
    "five of thirty mended": swapped(WARD, "er", "pr", 5),
    "one column mended in all": [[*row[:2], "-" if row[2] == "+" else "+", *row[3:]] for row in WARD],
    "one column put into another that stays": [[*row[:5], row[6], row[6]] for row in WARD],
    "other numbers of all women": [[f"X{row[0]}", *row[1:]] for row in WARD],
    "nothing but new women": [[f"X{row[0]}", *row[1:]] for row in swapped(WARD, "er", "pr")],
}


@pytest.mark.parametrize("case", TAKEN)
def test_takes_what_is_no_exchange(tmp_path: Path, case: str) -> None:
    tonight(tmp_path, WARD, TAKEN[case])


HUNDRED = range(100)
FLAGS = [[f"W{n:02d}", "1", "01"[n % 5 > 0], "01"[n % 5 == 0], *[""] * 3] for n in HUNDRED]  # alive and dead: a fifth died
OPEN = [[f"W{n:02d}", "1", "10"[n % 3 > 0], "01"[n % 3 > 0], *[""] * 3] for n in HUNDRED]  # planned and done: two thirds are done
CODED = [[f"W{n:02d}", "1", "01"[n % 3 > 0], "10"[n % 2], *[""] * 3] for n in HUNDRED]
DAYS = [[f"W{n:02d}", "1", *[""] * 3, "2010-01-05", "2010-01-09" if n < 5 else "2010-01-05"] for n in HUNDRED]  # seen after in five
OTHER = {"0": "1", "1": "0"}
HAPPENED: dict[str, tuple[list[Row], list[Row]]] = {
    "women died: 1 and 0 became 0 and 1": (FLAGS, [[*row[:2], "0", "1", *row[4:]] if n % 5 < 3 else row for n, row in enumerate(FLAGS)]),
    "all of them were alive": (
        [[*row[:2], "1", "0", *row[4:]] for row in FLAGS],
        [[*row[:2], *(("0", "1") if n % 2 else ("1", "0")), *row[4:]] for n, row in enumerate(FLAGS)],
    ),
    "every open plan was carried out": (OPEN, [[*row[:2], "0", "1", *row[4:]] for row in OPEN]),
    "each column was turned round": (CODED, [[*row[:2], OTHER[row[2]], OTHER[row[3]], *row[4:]] for row in CODED]),
    "numbers were dealt anew": (CODED, [[row[0], *CODED[37 * n % 100][1:]] for n, row in enumerate(CODED)]),
    "numbers of two flags were dealt anew": (FLAGS, [[row[0], *FLAGS[(n + 1) % 100][1:]] for n, row in enumerate(FLAGS)]),
    "three of five orders were put right": (DAYS, [[*row[:5], row[6], row[5]] if n < 3 else row for n, row in enumerate(DAYS)]),
}  # fmt: skip


@pytest.mark.parametrize("case", HAPPENED)
def test_takes_what_happens_to_women_and_is_put_right(tmp_path: Path, case: str) -> None:
    tonight(tmp_path, *HAPPENED[case])


def test_refuses_two_flags_that_changed_places(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match=r"'er' and 'pr' .* 100 of 100"):
        tonight(tmp_path, FLAGS, swapped(FLAGS, "er", "pr", 100))


def test_takes_an_upsert_of_those_who_died(tmp_path: Path) -> None:
    alive = [[*row[:2], "1", "0", *row[4:]] for row in FLAGS]
    died = [[*row[:2], "0", "1", *row[4:]] for row in FLAGS[:30]]
    tonight(tmp_path, alive, died, delivery="upsert", key=("id",))


def test_holds_an_appended_file_against_the_one_of_its_name(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match=r"'birth' and 'seen' .* 60 of 60"):
        tonight(tmp_path, WARD, swapped(WARD, "birth", "seen"), delivery="append")


def test_takes_plans_that_were_carried_out(tmp_path: Path) -> None:
    planned = [[*row[:5], row[5] if n % 3 else "", ""] for n, row in enumerate(WARD)]
    done = [[*row[:5], "", row[5]] if n % 3 == 1 else row for n, row in enumerate(planned)]
    tonight(tmp_path, planned, done)


def test_takes_two_columns_that_differ_in_three_women_when_these_are_mended(tmp_path: Path) -> None:
    alike = [[f"W{n}", "1", "+", "-" if n < 3 else "+", "", "", ""] for n in range(400)]
    tonight(tmp_path, alike, swapped(alike, "er", "pr"))


@pytest.mark.parametrize("said", ["the sha256", "the headers"])
def test_takes_an_exchange_that_the_contract_says(tmp_path: Path, said: str) -> None:
    now = swapped(WARD, "er", "pr")
    if said == "the headers":
        tonight(tmp_path, WARD, now, FIELDS | {"er": {"header": "pr"}, "pr": {"header": "er"}})
        return
    with pytest.raises(UnreadableError) as refused:
        tonight(tmp_path / "once", WARD, now)
    [word] = [part for part in str(refused.value).split('"') if len(part) == 12]
    tonight(tmp_path / "again", WARD, now, exchanged_after=word)
    with pytest.raises(UnreadableError):  # it says so of that earlier file alone
        tonight(tmp_path / "later", busy(WARD), swapped(busy(WARD), "er", "pr"), exchanged_after=word)


@pytest.mark.parametrize(("word", "is_one"), [("fb58bcc1d622", True), (123456789012, False), ("fb58", False), ("", False)])
def test_asks_for_the_hash_as_the_refusal_prints_it(word: Any, is_one: bool) -> None:
    said = [*contract("ward", "ward.csv", exchanged_after=word).problems()]
    assert said == ([] if is_one else ["'exchanged_after' is the beginning of a SHA-256, quoted, as the refusal prints it"])


def test_reads_some_lines_of_a_long_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("etl.nights.record_by_record.SOME", 5)
    with pytest.raises(UnreadableError, match=r"'birth' and 'seen' .* [4-9] of [4-9] records"):
        tonight(tmp_path, WARD, swapped(WARD, "birth", "seen"))
