"""Tumours whose contract gives no `tumour_no`: what cannot be one is numbered by diagnosis, and what belongs to it follows."""

import itertools
from datetime import timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from link_pieces import after, day, delivered, link, noted, window
from test_link_own_numbers import LOCAL, hospital, on

LOOSE = {"tumour_unnumbered": True}
LEFT, RIGHT = ({"laterality_code": side, **LOOSE} for side in ("left", "right"))


def at(number, **facts):
    """A piece of a tumour in one physical row of its file."""
    return {**LOOSE, **facts, "source_row_id": (1 << 32) + number}


def tumours(linked):
    """Number, side and first day of the diagnosis of each tumour."""
    return linked.records["tumour"].sort("tumour_no").select("tumour_no", "laterality_code", "diagnosis_earliest_date").rows()


def linked_tumours(*pieces, linkage=None, **records):
    parts = [delivered(0, patient=[{}], tumour=list(pieces), **records)]
    return link(parts) if linkage is None else link(parts, linkage)


@pytest.mark.parametrize(
    ("one", "other", "numbers"),
    [
        (LEFT, RIGHT, [1, 2]),
        (LEFT, {"laterality_code": "bilateral", **LOOSE}, [1]),
        (LEFT, {"laterality_code": "unknown", **LOOSE}, [1]),
        (LEFT, LOOSE, [1]),
        ({**LOOSE, "topography_code": "C50.1"}, {**LOOSE, "topography_code": "C50.4"}, [1]),
        ({**LOOSE, "topography_code": "C50.1"}, {**LOOSE, "topography_code": "C34.1"}, [1, 2]),
        ({**LOOSE, **on(day(2009, 1, 1))}, {**LOOSE, **on(day(2009, 3, 2))}, [1]),  # 60 days
        ({**LOOSE, **on(day(2009, 1, 1))}, {**LOOSE, **on(day(2009, 3, 3))}, [1, 2]),  # 61 days
        ({**LOOSE, **on(day(2009, 1, 1))}, {**LOOSE, **window("diagnosis", day(2009), day(2009, 12, 31), "year")}, [1]),
        ({**LOOSE, **on(day(2009, 1, 1))}, {**LOOSE, **window("diagnosis", None, day(2015))}, [1]),
        ({**LOOSE, **after("diagnosis", "birth", 100)}, {**LOOSE, **after("diagnosis", "birth", 160)}, [1]),
        ({**LOOSE, **after("diagnosis", "birth", 100)}, {**LOOSE, **after("diagnosis", "birth", 161)}, [1, 2]),
        ({**LOOSE, **after("diagnosis", "birth", 100)}, {**LOOSE, **after("diagnosis", "enrolment", 900)}, [1]),
        ({"laterality_code": "left"}, {"laterality_code": "right"}, [1]),  # both have the number 1
    ],
)
def test_decides_whether_two_without_a_number_are_one(one, other, numbers):
    assert [number for number, *_ in tumours(linked_tumours(one, other))] == numbers


def test_numbers_them_by_diagnosis_whatever_the_order_of_rows():
    pieces = [{**LEFT, **on(day(2015))}, {**RIGHT, **on(day(2009))}, {**RIGHT, **on(day(2009, 1, 20)), "grade_code": "2"}]
    expected = [(1, "right", day(2009)), (2, "left", day(2015))]
    for order in itertools.permutations(pieces):
        found = tumours(linked_tumours(*order))
        assert [(number, side) for number, side, _ in found] == [(number, side) for number, side, _ in expected]


def test_tells_of_each_that_is_not_the_first_and_by_what_it_differs():
    linked = linked_tumours({**LEFT, **on(day(2009))}, {**RIGHT, **on(day(2015))})
    told = linked.linkage.select("record", "outcome", "from_number", "to_number", "evidence", "source_row").rows()
    assert told == [("tumour", "renumbered", "1", "2", "date laterality_code", 2)]
    assert noted(linked) == []


def test_what_fits_several_stands_apart_and_is_a_finding():
    linked = linked_tumours({**LEFT, **on(day(2009))}, {**LEFT, **on(day(2015))}, {**LEFT, "grade_code": "3"})
    assert [number for number, *_ in tumours(linked)] == [1, 2, 3]
    assert noted(linked) == [("LINK-TUMOUR", "tumour", 3, "")]
    assert linked.records["tumour"].sort("tumour_no")["grade_code"].to_list() == [None, None, "3"]


def test_what_lies_between_two_goes_to_the_one_it_fits():
    """Day 50 fits day 0 and day 100, day 100 fits day 50 and day 150: neither of them is certain to be one with the other."""
    days = [on(day(2009, 1, 1)), on(day(2009, 2, 20)), on(day(2009, 4, 11)), on(day(2009, 5, 31))]
    linked = linked_tumours(*({**LOOSE, **one} for one in days))
    assert [number for number, *_ in tumours(linked)] == [1, 2]


def test_rules_that_read_one_row_tell_of_one_tumour_unless_they_contradict_each_other():
    together = linked_tumours(at(1, **LEFT), at(1, **on(day(2009))), at(2, **RIGHT), at(2, **on(day(2015))))
    assert tumours(together) == [(1, "left", day(2009)), (2, "right", day(2015))]
    apart = linked_tumours(at(1, **LEFT), at(1, **RIGHT))
    assert [side for _, side, _ in tumours(apart)] in (["left", "right"], ["right", "left"])


def test_joins_the_numbered_tumour_that_it_fits_and_follows_the_others():
    numbered = delivered(0, "a.csv", patient=[{}], tumour=[{"laterality_code": "left", **on(day(2015)), "tumour_no": 4}])
    loose = delivered(1, "b.csv", tumour=[{**LEFT, **on(day(2015, 1, 3)), "grade_code": "2"}, {**RIGHT, **on(day(2009))}])
    linked = link([numbered, loose])
    assert [(number, side) for number, side, _ in tumours(linked)] == [(4, "left"), (5, "right")]
    assert linked.records["tumour"].sort("tumour_no")["grade_code"].to_list() == ["2", None]


def test_does_so_within_each_source_that_counts_for_itself():
    a = hospital("a", 0, tumour=[{**LEFT, **on(day(2009))}, {**RIGHT, **on(day(2015))}])
    b = hospital("b", 1, tumour=[{**RIGHT, **on(day(2015, 1, 9))}, {**LEFT, **on(day(2009, 1, 9))}])
    assert [(number, side) for number, side, _ in tumours(link([b, a], LOCAL))] == [(1, "left"), (2, "right")]


def test_children_go_with_the_tumour_of_their_row():
    pieces = [at(1, **LEFT, **on(day(2009))), at(2, **RIGHT, **on(day(2015)))]
    markers = [at(1, marker_code="er", result_code="positive"), at(2, marker_code="er", result_code="negative")]
    linked = linked_tumours(*pieces, biomarker=markers)
    assert linked.records["biomarker"].sort("tumour_no").select("tumour_no", "result_code").rows() == [(1, "positive"), (2, "negative")]
    assert noted(linked) == []


def test_children_go_with_the_only_tumour_whatever_its_number():
    event = {"event_type_code": "progression", "event_no": 1, **at(2)}
    linked = link([delivered(0, patient=[{}], tumour=[{"tumour_no": 2, "source_row_id": (1 << 32) + 2}], event=[event])])
    assert linked.records["event"]["tumour_no"].to_list() == [2]
    assert linked.records["tumour"]["tumour_no"].to_list() == [2]  # no tumour 1 is made for it


def recurrence(date, row):
    return at(row, event_type_code="distant_recurrence", unnumbered=True, **on(date, "event"))


def test_a_recurrence_long_before_the_second_tumour_is_of_the_first():
    pieces = [at(1, **LEFT, **on(day(2009))), at(2, **RIGHT, **on(day(2015)))]
    linked = linked_tumours(*pieces, event=[recurrence(day(2011), 7)])
    assert linked.records["event"]["tumour_no"].to_list() == [1]
    assert noted(linked) == []


@pytest.mark.parametrize("flag", [True, None])
def test_a_record_that_may_be_of_either_stays_with_the_first_and_is_a_finding(flag):
    """Whether the tumours have numbers of their own or not."""
    left, right = (at(n, **{**facts, "tumour_unnumbered": flag}) for n, facts in ((1, LEFT | on(day(2009))), (2, RIGHT | on(day(2015)))))
    linked = linked_tumours({**left, "tumour_no": 1}, {**right, "tumour_no": 1 if flag else 2}, event=[recurrence(day(2016), 7)])
    assert linked.records["event"]["tumour_no"].to_list() == [1]
    assert noted(linked) == [("LINK-BELONGS", "event", 7, "tumour_no")]
    [counted] = linked.counts.filter(edit="LINK-BELONGS").select("violated", "satisfied").rows()
    assert counted == (1, 0)


def test_one_record_with_two_certain_days_names_the_fields_and_both_rows():
    pieces = [at(1, **LEFT, **on(day(2009, 1, 1))), at(2, **LEFT, **on(day(2009, 1, 20)))]
    linked = linked_tumours(*pieces)
    assert noted(linked) == [("LINK-CONFLICT", "tumour", 2, "diagnosis(file_0.csv:1)")]


def test_names_the_row_whose_word_was_kept_and_not_merely_the_first():
    pieces = [at(1, **LEFT), at(2, **LEFT, **on(day(2009, 1, 1))), at(3, **LEFT, **on(day(2009, 1, 20)))]
    assert noted(linked_tumours(*pieces)) == [("LINK-CONFLICT", "tumour", 3, "diagnosis(file_0.csv:2)")]


SIDES = st.sampled_from([None, "left", "right", "unknown"])
DAYS = st.none() | st.integers(0, 8).map(lambda n: day(2009) + timedelta(days=25 * n))
PIECES = st.lists(st.tuples(SIDES, st.sampled_from([None, "C50.1", "C34.1"]), DAYS, st.sampled_from([0, 30])), min_size=1, max_size=6)


def piece(side, site, first, width):
    span = window("diagnosis", first, first + timedelta(days=width)) if first else {}
    return {**LOOSE, "laterality_code": side, "topography_code": site, **span}


def cannot_be_one(a, b):
    """The rule in plain words, over two pieces."""
    if {a[0], b[0]} == {"left", "right"} or (a[1] and b[1] and a[1][:3] != b[1][:3]):
        return True
    return bool(a[2] and b[2]) and (a[2] > b[2] + timedelta(days=b[3] + 60) or b[2] > a[2] + timedelta(days=a[3] + 60))


@pytest.mark.parametrize("examples", [5, pytest.param(250, marks=pytest.mark.slow)])
def test_never_merges_what_cannot_be_one_and_loses_nothing(examples):
    settings(max_examples=examples, deadline=None)(given(PIECES, st.randoms(use_true_random=False))(never_merges_and_loses_nothing))()


def never_merges_and_loses_nothing(said, random):
    linked = linked_tumours(*(piece(*one) for one in said))
    told = linked.lineage.filter(pl.col("record") == "tumour")
    number = {row & 0xFFFFFFFF: key for row, key in told.select("source_row_id", "record_key").rows()}
    assert len(number) == len(said)
    for (i, a), (j, b) in itertools.combinations(enumerate(said, start=1), 2):
        assert number[i] != number[j] or not cannot_be_one(a, b)
    if not any(cannot_be_one(a, b) for a, b in itertools.combinations(said, 2)):
        assert len(set(number.values())) == 1
    shuffled = random.sample(said, len(said))
    again = linked_tumours(*(piece(*one) for one in shuffled))
    columns = ["tumour_no", "diagnosis_earliest_date"]
    assert again.records["tumour"].height == linked.records["tumour"].height
    assert again.records["tumour"].select(columns[0]).sort(columns[0]).equals(linked.records["tumour"].select(columns[0]).sort(columns[0]))
