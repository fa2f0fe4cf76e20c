"""Laws of appended and upserted deliveries: whatever came in which night, what counts is what a run from nothing makes of the last good
file of each name; and of an upsert, what one snapshot with the last state of each row would say.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import strategies as st
from landing_project import contract, project

from etl.delivering import Delivered
from etl.delivering import deliver as read_all
from etl.landing.carry_forward import published
from etl.landing.land import land
from schemas.project import Project
from schemas.vocabulary import Vocabularies, load
from tests.searched import searched

HEAD, BROKEN = "id,no,stage\n", "who,no,stage\n1,1,I\n"
Row = tuple[int, str]  # the woman and the stage of her one tumour
Night = dict[int, list[Row] | None]  # by number of the file its rows; None: a file that cannot be read
STAGES = st.sampled_from(["odd", "I", "IIA"])
ROWS = st.lists(st.tuples(st.sampled_from([1, 2]), STAGES), min_size=1, max_size=2, unique_by=lambda row: row[0])
NIGHTS = st.lists(st.dictionaries(st.sampled_from([1, 2, 10]), ROWS | st.none(), min_size=1, max_size=2), min_size=2, max_size=4)


@pytest.fixture(scope="module")
def words() -> Vocabularies:
    return load(None)


def text(number: int, rows: Sequence[Row] | None) -> str:
    """A file with a woman of its own, so that no two files have the same bytes."""
    return BROKEN if rows is None else HEAD + f"{100 + number},1,I\n" + "".join(f"{woman},1,{stage}\n" for woman, stage in rows)


def ward(folder: Path, delivery: str, words: Vocabularies) -> Project:
    more: dict[str, Any] = {"delivery": "upsert", "key": ("id", "no")} if delivery == "upsert" else {"delivery": delivery}
    rule = {"rule": "primary", "record": "tumour", "set": {"patient_id": "id", "tumour_no": "no", "stage_code": "stage"}}
    fields = {"id": {"required": True}, "no": {}, "stage": {}}
    known = project(folder, contract("ward", "ward*.csv", **more, fields=fields, records=(rule,)), required=())
    object.__setattr__(known, "vocabularies", words)
    return known


def one_night(mine: Project, day: int, files: dict[int, str]) -> Delivered:
    """The exports folder holds these files only; what is made of them is published."""
    for path in mine.exports.iterdir():
        path.unlink()
    for number, content in files.items():
        (mine.exports / f"ward_{number}.csv").write_text(content, encoding="utf-8")
    out = mine.folder / "out"
    found = read_all(mine, out, land(mine, out, f"2026-01-0{day}T00:00:00"), b"k" * 32)
    published(out, found.landing)
    return found


def told(found: Delivered, *columns: str) -> tuple[list[object], list[object], list[object]]:
    """The tumours that count, the cells that were not understood, and how often each spelling is one."""
    who = {key: name for part in found.parts for key, name in part.persons.select("patient_key", "patient_pseudonym").rows()}
    frames = (part.records["tumour"].select("patient_key", "stage_code", *columns) for part in found.parts)
    rows = [(who[key], *row) for frame in frames for key, *row in frame.rows()]
    odd = found.findings.filter(edit="NORM-UNMAPPED").select("edit", "outcome", *(["source_row"] if columns else []))
    return sorted(rows, key=repr), sorted(odd.rows()), found.unmapped.group_by("spelling").agg(pl.col("n").sum()).sort("spelling").rows()


@pytest.mark.slow
@searched(8, 200, fixtures=("tmp_path_factory", "words"), delivery=st.sampled_from(["append", "upsert"]), nights=NIGHTS)
def test_any_nights_make_what_a_run_from_nothing_makes(
    tmp_path_factory: pytest.TempPathFactory, words: Vocabularies, delivery: str, nights: list[Night]
) -> None:
    folder = tmp_path_factory.mktemp("nights")
    mine = ward(folder / "nights", delivery, words)
    good: dict[int, list[Row]] = {}
    for day, night in enumerate(nights, start=1):
        found = one_night(mine, day, {number: text(number, rows) for number, rows in night.items()})
        good |= {number: rows for number, rows in night.items() if rows is not None}
    nothing = one_night(ward(folder / "nothing", delivery, words), 1, {number: text(number, rows) for number, rows in good.items()})
    assert [(f.name, f.sha256) for f in found.landing.files] == [(f.name, f.sha256) for f in nothing.landing.files]
    assert told(found, "source_file", "source_row_id") == told(nothing, "source_file", "source_row_id")
    if delivery == "upsert":
        last = {row[0]: row[1] for number in sorted(good) for row in (*good[number], (100 + number, "I"))}
        one = {1: HEAD + "".join(f"{woman},1,{stage}\n" for woman, stage in last.items())}
        assert told(found) == told(one_night(ward(folder / "one", "snapshot", words), 1, one if good else {}))


@pytest.mark.parametrize("delivery", ["append", "upsert"])
def test_a_file_with_its_header_alone_counts_but_does_not_take_rows_back(tmp_path: Path, words: Vocabularies, delivery: str) -> None:
    mine = ward(tmp_path, delivery, words)
    one_night(mine, 1, {1: text(1, [(1, "I")])})
    found = one_night(mine, 2, {2: HEAD})
    assert (len(found.landing.files), found.landing.refusals) == (2, ())
    for day, named in ((3, ["no_rows"]), (4, ["not_delivered"])):  # its bytes are those of a good file: nothing of it is missing
        found = one_night(mine, day, {1: HEAD} if day == 3 else {})
        assert [refusal.reason for refusal in found.landing.refusals] == named
        assert len(told(found)[0]) == 2


def test_a_file_without_a_good_row_is_refused_of_an_appended_delivery_too(tmp_path: Path, words: Vocabularies) -> None:
    found = one_night(ward(tmp_path, "append", words), 1, {1: text(1, [(1, "I")]), 2: HEAD + "1\n2,1,I,seen\n"})
    assert [(refusal.source_file, refusal.reason) for refusal in found.landing.refusals] == [("ward_2.csv", "ragged")]
