"""A finding about a tumour or a record without a key keeps its name and its answer wherever its row stands, and gives them to no other."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from answered_wards import ran
from link_pieces import day, delivered, window

from etl.link import link
from schemas.findings import identified
from schemas.linkage import Linkage
from tests.filled_worklist import fill_in

KEY = b"k" * 32
CLINIC = Path(__file__).parent / "labelled" / "clinic"
FILES = pl.DataFrame({"source_key": [1, 2], "source_file": ["a.csv", "b.csv"], "contract": ["a", "b"]})


def dated(woman: str, side: str, year: int | None, **more: object) -> dict[str, object]:
    """A tumour without a number; without a year, without a date."""
    said = window("diagnosis", day(year), day(year)) if year else {}
    return {"patient_pseudonym": woman, "laterality_code": side, "tumour_unnumbered": True, **said, **more}


def names(
    tumours: Sequence[dict[str, object]], key: bytes | None = KEY, **others: list[dict[str, object]]
) -> dict[tuple[str, str], list[str]]:
    """The ids of the findings by edit and woman."""
    women = [{"patient_pseudonym": woman} for woman in ("p", "q")]
    linked = link([delivered(patient=women, tumour=list(tumours), **others)], key=key)
    found = identified(linked.findings, FILES, said_of_records=linked.said)
    who = dict(linked.records["patient"].select("patient_key", "patient_pseudonym").iter_rows())
    told: dict[tuple[str, str], list[str]] = {}
    for edit, woman, name in found.select("edit", "patient_key", "finding_id").sort("finding_id").iter_rows():
        told.setdefault((edit, who[woman]), []).append(name)
    return told


OF_P = [dated("p", "left", 2001), dated("p", "left", 2009), dated("p", "left", None)]
OF_Q = [dated("q", "left", 2003), dated("q", "left", 2010), dated("q", "left", None)]


@pytest.mark.parametrize(
    "rows",
    [[*OF_Q, *OF_P], [*OF_P, *OF_Q][::-1], [OF_Q[2], *OF_P, *OF_Q[:2]], [dated("p", "left", 2015), *OF_P, *OF_Q]],
    ids=["another woman first", "reversed", "a row in front", "another tumour of hers"],
)
def test_a_tumour_that_fits_several_is_told_by_her_and_by_what_it_says(rows: list[dict[str, object]]) -> None:
    first = names([*OF_P, *OF_Q])
    assert first.keys() == {("LINK-TUMOUR", "p"), ("LINK-TUMOUR", "q")}
    assert names(rows) == first
    assert first["LINK-TUMOUR", "p"] != first["LINK-TUMOUR", "q"]


def test_another_day_of_it_is_another_finding_and_another_cell_is_not() -> None:
    [hers] = names(OF_P)["LINK-TUMOUR", "p"]
    wide = window("diagnosis", day(2000), day(2010))
    assert names([*OF_P[:2], {**OF_P[2], **wide}])["LINK-TUMOUR", "p"] != [hers]
    assert names([*OF_P[:2], {**OF_P[2], "grade_code": "2"}])["LINK-TUMOUR", "p"] == [hers]


def test_of_two_alike_one_keeps_the_name_and_the_other_adds_what_it_says() -> None:
    graded = [dated("p", "left", None, grade_code=grade) for grade in ("2", "3")]
    both = names([*OF_P[:2], *graded])["LINK-TUMOUR", "p"]
    assert len(set(both)) == 2
    assert names([*graded[::-1], *OF_P[:2]])["LINK-TUMOUR", "p"] == both


def test_nobody_without_the_key_can_try_out_what_a_row_says() -> None:
    assert names(OF_P) != names(OF_P, key=b"q" * 32)


# In a file of their own rows: a row that tells of one tumour names it.
EVENTS = [
    {
        "source_row_id": (1 << 32) + line,
        "patient_pseudonym": woman,
        "event_type_code": "distant_recurrence",
        "tumour_unnumbered": True,
        **window("event", day(2011), day(2011)),
    }
    for line, woman in ((7, "p"), (8, "q"))
]


def test_a_record_that_names_no_tumour_is_told_by_its_own_numbers_and_day() -> None:
    first = names([*OF_P[:2], *OF_Q[:2]], event=EVENTS)
    assert first.keys() == {("LINK-BELONGS", "p"), ("LINK-BELONGS", "q")}
    moved = [{**one, "source_row_id": (1 << 32) + line} for line, one in enumerate(EVENTS[::-1], start=9)]
    assert names([*OF_Q[:2], *OF_P[:2]], event=moved) == first
    later = {**EVENTS[0], **window("event", day(2012), day(2012))}
    assert names([*OF_P[:2], *OF_Q[:2]], event=[later, EVENTS[1]])["LINK-BELONGS", "p"] != first["LINK-BELONGS", "p"]


LOCAL = Linkage.model_validate({"tumours": {"numbers": "local", "same_within_days": 30}})


def across(rows: list[dict[str, object]]) -> dict[str, list[str]]:
    """The ids by woman of tumours of one hospital that fit two of another, where each counts for itself."""
    theirs = [tumour("x", woman, number, day(2009, 1, number)) for woman in ("p", "q") for number in (1, 5)]
    women = [{"patient_pseudonym": woman} for woman in ("p", "q")]
    parts = [
        replace(delivered(trust, f"{source}.csv", patient=women, tumour=told), source=source)
        for source, trust, told in (("a", 0, theirs), ("b", 1, rows))
    ]
    linked = link(parts, LOCAL, key=KEY)
    found = identified(linked.findings, FILES, said_of_records=linked.said).filter(edit="LINK-TUMOUR")
    who = linked.records["patient"].select("patient_key", "patient_pseudonym")
    return dict(
        found.join(who, on="patient_key").group_by("patient_pseudonym").agg(pl.col("finding_id").sort()).sort("patient_pseudonym").rows()
    )


def tumour(rule: str, woman: str, number: int, diagnosed: date) -> dict[str, object]:
    said = {"patient_pseudonym": woman, "tumour_no": number, "laterality_code": "left", "topography_code": "C50.4", "rule": rule}
    return {**said, **window("diagnosis", diagnosed, diagnosed)}


@pytest.mark.slow
def test_where_each_source_counts_for_itself_neither_lines_nor_the_numbers_of_others_are_part_of_it() -> None:
    hers, others = [tumour("y", "p", 1, day(2009, 1, 3))], [tumour("y", "q", 1, day(2009, 1, 3))]
    first = across([*hers, *others])
    assert [len(ids) for ids in first.values()] == [1, 1] and first["p"] != first["q"]
    assert across([*others, *hers]) == first
    assert across([tumour("y", "p", 2, day(2015)), *hers, *others]) == first
    twins = [tumour("y", "p", number, day(2009, 1, 3)) for number in (1, 7)]
    assert across([*twins, *others]) == across([*others, *twins[::-1]])


ROWS = [
    "K01;left;2005-03-04;2005-03-20", "K01;left;2009-05-06;2009-05-20", "K01;left;;",
    "K02;left;2004-02-03;2004-02-20", "K02;left;2010-07-08;2010-07-20", "K02;left;;",
    "K03;right;2006-01-02;2006-01-20", "K04;left;2007-10-11;2007-10-20", "K05;right;2008-11-12;2008-11-20",
    "K06;left;2003-09-10;2003-09-20", "K07;right;2002-03-04;2002-03-20",
]  # fmt: skip
NIGHTS = {
    "her row is another woman's": [*ROWS[3:6], *ROWS[:3], *ROWS[6:]],
    "reversed": ROWS[::-1],
    "a row in front": [ROWS[6], *ROWS[:6], *ROWS[7:]],
}


def told(mine: Path, out: Path) -> dict[tuple[str, str], tuple[str, str, str]]:
    """Id, status and first_seen of each finding, by edit and woman: whose number begins the row that it names."""
    found = pl.read_csv(out / "current" / "internal" / "findings.csv", infer_schema=False)
    hers = found.filter(pl.col("edit").is_in(["LINK-TUMOUR", "LINK-BELONGS"]))
    lines = {file: (mine / "exports" / file).read_text(encoding="utf-8").splitlines() for file in hers["source_file"].unique()}
    rows = hers.select("edit", "source_file", "source_row", "finding_id", "status", "first_seen").iter_rows()
    return {(edit, lines[file][int(row) - 1][:3]): (name, status, seen) for edit, file, row, name, status, seen in rows}


@pytest.mark.slow
def test_an_answer_stays_with_her_whose_row_it_was_given_on(tmp_path: Path) -> None:
    mine, out = tmp_path / "clinic", tmp_path / "out"
    shutil.copytree(CLINIC, mine)
    women, relapses = mine / "exports" / "women.csv", mine / "exports" / "relapses.csv"

    def deliver(rows: Sequence[str], order: int) -> None:
        women.write_text("id;side;diagnosed;treated\n" + "".join(f"{row}\n" for row in rows), encoding="utf-8")
        head, *lines = relapses.read_text(encoding="utf-8").splitlines()
        relapses.write_text("".join(f"{line}\n" for line in (head, *lines[::order])), encoding="utf-8")

    deliver(ROWS, 1)
    assert ran(mine, out).outcome.startswith("published")
    first = told(mine, out)
    assert len(first) == 3 and {status for _, status, _ in first.values()} == {"open"}
    for edit, row in (("LINK-TUMOUR", "clinic_4"), ("LINK-BELONGS", "clinic_2")):
        fill_in(out, mine / "worklist" / f"{edit}.xlsx", edit, **{row: ("cannot tell", "")})
    assert ran(mine, out).outcome.startswith("published")
    answered = told(mine, out)
    assert sorted(status for _, status, _ in answered.values()) == ["cannot_tell", "cannot_tell", "open"]
    assert {name: seen for name, _, seen in answered.values()} == {name: seen for name, _, seen in first.values()}
    for rows in NIGHTS.values():
        deliver(rows, -1)
        assert ran(mine, out).outcome.startswith("published")
        assert told(mine, out) == answered
