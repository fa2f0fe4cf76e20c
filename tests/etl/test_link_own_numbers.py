"""Tumours, events and treatments that two hospitals number each for itself: what is one, what is not, and which numbers they get."""

from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from link_pieces import day, delivered, link, noted, window

from schemas.linkage import Linkage

LOCAL = Linkage.model_validate({"tumours": {"numbers": "local", "same_within_days": 30}})
LEFT = {"laterality_code": "left", "topography_code": "C50.4"}
RIGHT = {"laterality_code": "right", "topography_code": "C50.4"}


def on(date, name="diagnosis"):
    return window(name, date, date)


def hospital(source, trust, **records):
    return replace(delivered(trust, f"{source}.csv", patient=[{}], **records), source=source)


def numbers(linked):
    """Number and side of each tumour."""
    return linked.records["tumour"].sort("tumour_no").select("tumour_no", "laterality_code").rows()


@pytest.mark.parametrize(
    ("a", "b", "are_one"),
    [
        ({**LEFT, **on(day(2009, 3, 1))}, {**LEFT, **on(day(2009, 3, 1))}, True),
        ({**LEFT, **on(day(2009, 3, 1))}, {**LEFT, **on(day(2009, 3, 31))}, True),
        ({**LEFT, **on(day(2009, 3, 1))}, {**LEFT, **on(day(2009, 4, 1))}, False),
        ({**LEFT, **on(day(2009, 3, 1))}, {**RIGHT, **on(day(2009, 3, 1))}, False),
        ({**LEFT, **on(day(2009, 3, 1))}, {**LEFT, **window("diagnosis", day(2009), day(2009, 12, 31), "year")}, True),
        ({**LEFT, **on(day(2009, 3, 1))}, {**LEFT}, True),
        ({**LEFT, **on(day(2009, 3, 1))}, {"laterality_code": "unknown", **on(day(2009, 3, 2))}, True),
        ({**LEFT, **on(day(2009, 3, 1))}, {"laterality_code": "left", "topography_code": "C34.1", **on(day(2009, 3, 1))}, False),
        ({**LEFT}, {}, True),
    ],
)
def test_decides_whether_the_tumours_of_two_hospitals_are_one(a, b, are_one):
    linked = link([hospital("a", 0, tumour=[a]), hospital("b", 1, tumour=[{**b, "tumour_no": 7}])], LOCAL)
    assert [number for number, _ in numbers(linked)] == ([1] if are_one else [1, 2])


def test_keeps_the_numbers_of_the_trusted_hospital_and_puts_others_after_them():
    a = [{**RIGHT, **on(day(2012)), "tumour_no": 1}, {**LEFT, **on(day(2009)), "tumour_no": 2}]
    b = [{**LEFT, **on(day(2009)), "tumour_no": 1}, {**LEFT, **on(day(2015)), "tumour_no": 2}]
    linked = link([hospital("b", 1, tumour=b), hospital("a", 0, tumour=a)], LOCAL)
    assert numbers(linked) == [(1, "right"), (2, "left"), (3, "left")]


def test_takes_treatments_and_events_along_with_their_tumour():
    event = {"event_type_code": "distant_recurrence", "tumour_no": 1, **on(day(2011), "event")}
    a = hospital("a", 0, tumour=[{**RIGHT, **on(day(2012))}])
    b = hospital("b", 1, tumour=[{**LEFT, **on(day(2009))}], event=[event], biomarker=[{"marker_code": "er", "tumour_no": 1}])
    linked = link([a, b], LOCAL)
    left = linked.records["tumour"].filter(pl.col("laterality_code") == "left")
    assert linked.records["event"]["tumour_key"].to_list() == left["record_key"].to_list()
    assert linked.records["biomarker"]["tumour_no"].to_list() == left["tumour_no"].to_list() == [2]


def test_does_not_choose_between_two_tumours_and_names_the_third():
    a = [{**LEFT, **on(day(2009)), "tumour_no": 1}, {**LEFT, **on(day(2009, 1, 5)), "tumour_no": 2}]
    linked = link([hospital("a", 0, tumour=a), hospital("b", 1, tumour=[{**LEFT, **on(day(2009, 1, 3))}])], LOCAL)
    assert [number for number, _ in numbers(linked)] == [1, 2, 3]
    assert [note[0] for note in noted(linked)] == ["LINK-TUMOUR"]


def test_never_brings_two_tumours_of_one_hospital_together():
    a = [{**LEFT, **on(day(2009)), "tumour_no": 1}, {**LEFT, **on(day(2009)), "tumour_no": 2}]
    assert [number for number, _ in numbers(link([hospital("a", 0, tumour=a)], LOCAL))] == [1, 2]


def test_leaves_numbers_that_all_sources_share_alone():
    a, b = hospital("a", 0, tumour=[{**LEFT, **on(day(2009))}]), hospital("b", 1, tumour=[{**RIGHT, **on(day(2012))}])
    linked = link([a, b])
    assert [number for number, _ in numbers(linked)] == [1]


@pytest.mark.parametrize(("apart", "allowed", "are_one"), [(0, 0, True), (1, 0, False), (3, 3, True), (4, 3, False)])
def test_merges_one_operation_that_both_hospitals_tell(apart, allowed, are_one):
    said = Linkage.model_validate({"tumours": {"numbers": "local"}, "events": {"same_within_days": allowed}})
    tumour = {**LEFT, **on(day(2009))}
    first = {"event_type_code": "metastasectomy", "organ_code": "lung", **on(day(2011, 5, 2), "event")}
    second = {"event_type_code": "metastasectomy", "lesion_count": 1, **on(day(2011, 5, 2) + timedelta(days=apart), "event")}
    linked = link([hospital("a", 0, tumour=[tumour], event=[first]), hospital("b", 1, tumour=[tumour], event=[second])], said)
    assert linked.records["event"].height == (1 if are_one else 2)
    assert linked.lineage.filter(record="event").height == 2


def test_numbers_the_recurrences_of_two_hospitals_by_their_dates():
    tumour = {**LEFT, **on(day(2009))}
    late = {"event_type_code": "distant_recurrence", "organ_code": "bone", **on(day(2013), "event")}
    early = {"event_type_code": "distant_recurrence", "organ_code": "lung", **on(day(2011), "event")}
    linked = link([hospital("a", 0, tumour=[tumour], event=[late]), hospital("b", 1, tumour=[tumour], event=[early])], LOCAL)
    assert linked.records["event"].sort("event_no").select("event_no", "organ_code").rows() == [(1, "lung"), (2, "bone")]


def test_gives_a_treatment_of_its_own_the_next_free_number_of_the_course():
    tumour = {**LEFT, **on(day(2009))}
    ac = {
        "modality_code": "chemotherapy",
        "course_code": "primary",
        "component_no": 1,
        "regimen_code": "ac",
        **on(day(2009, 2), "treatment"),
    }
    other = {**ac, "regimen_code": "tc", **on(day(2010, 2), "treatment")}
    linked = link(
        [
            hospital("a", 0, tumour=[tumour], treatment=[ac]),
            hospital(
                "b",
                1,
                tumour=[tumour],
                treatment=[
                    other,
                ],
            ),
        ],
        LOCAL,
    )
    assert linked.records["treatment"].sort("component_no").select("component_no", "regimen_code").rows() == [(1, "ac"), (2, "tc")]
    same = link(
        [hospital("a", 0, tumour=[tumour], treatment=[ac]), hospital("b", 1, tumour=[tumour], treatment=[{**ac, "cycles": 4}])], LOCAL
    )
    assert same.records["treatment"].select("component_no", "cycles").rows() == [(1, 4)]


def test_calls_a_row_that_comes_twice_a_duplicate_and_counts_it():
    twice = {**LEFT, **on(day(2009))}
    linked = link([hospital("a", 0, tumour=[twice, twice]), hospital("b", 1, tumour=[twice])], LOCAL)
    fates = dict(linked.ledger.filter(stage="link").group_by("fate").agg(pl.col("n").sum()).iter_rows())
    assert fates == {"goes_on": 2, "duplicate": 3}


TUMOUR = st.fixed_dictionaries(
    {"tumour_no": st.integers(1, 3), "year": st.sampled_from([2009, 2010, 2015])},
    optional={"laterality_code": st.sampled_from(["left", "right"])},
)
EVENT = st.fixed_dictionaries(
    {"tumour_no": st.integers(1, 3), "event_no": st.integers(1, 2), "year": st.sampled_from([2011, 2012])},
    optional={"organ_code": st.sampled_from(["lung", "bone"])},
)
FILES = st.lists(st.tuples(st.lists(TUMOUR, max_size=3), st.lists(EVENT, max_size=3)), min_size=1, max_size=3)


def files(drawn):
    found = []
    for trust, (tumours, events) in enumerate(drawn):
        own = [{k: v for k, v in one.items() if k != "year"} | on(day(one["year"])) for one in tumours]
        hers = [
            {k: v for k, v in one.items() if k != "year"} | on(day(one["year"]), "event") | {"event_type_code": "distant_recurrence"}
            for one in events
        ]
        found.append(hospital("abc"[trust], trust, tumour=own, event=hers))
    return found


@settings(max_examples=10, deadline=None)
@given(drawn=FILES, order=st.randoms(use_true_random=False))
@pytest.mark.slow
def test_links_the_same_whatever_hospital_comes_first_and_loses_no_record(drawn, order):
    parts = files(drawn)
    one, other = link(parts, LOCAL), link(order.sample(parts, len(parts)), LOCAL)
    for record in ("tumour", "event", "patient"):
        assert one.records[record].sort("record_key").equals(other.records[record].sort("record_key"))
    given_ = sum(frame.height for part in parts for frame in part.records.values())
    implied = one.ledger.filter(stage="normalise")["n"].sum()
    assert one.ledger.filter(stage="link")["n"].sum() == given_ + implied
    assert one.lineage.filter(pl.col("step") != "corrected").height == given_ + implied
