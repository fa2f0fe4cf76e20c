"""What survives of a person's follow-up when sources tell it at different times."""

import pytest
from link_pieces import after, dates, day, delivered, link, noted, one, window

from schemas.linkage import Linkage


def contact(date):
    return window("contact", date, date)


def follow_up(*pieces, rules=None):
    """The follow-up linked from these pieces, the first the most trusted."""
    parts = [delivered(trust, patient=[{}], follow_up=[piece]) for trust, piece in enumerate(pieces)]
    linked = link(parts, Linkage(), rules) if rules is not None else link(parts)
    return one(linked, "follow_up"), noted(linked)


def test_lets_the_latest_contact_win_and_calls_the_earlier_no_contradiction():
    row, notes = follow_up(contact(day(2010, 1, 1)), contact(day(2012, 5, 6)))
    assert dates(row, "contact")[:3] == (day(2012, 5, 6), day(2012, 5, 6), "day")
    assert notes == []


def test_lets_the_trusted_contact_win_where_the_registry_says_so():
    row, notes = follow_up(contact(day(2010, 1, 1)), contact(day(2012, 5, 6)), rules={})
    assert dates(row, "contact")[0] == day(2010, 1, 1)
    assert notes == [("LINK-CONFLICT", "follow_up", 1, "contact(file_0.csv:1)")]


def test_notes_whose_word_was_not_kept():
    pieces = ({"vital_status_code": "alive", **contact(day(2010))}, {"vital_status_code": "dead", **contact(day(2012))}, contact(day(2012)))
    linked = link([delivered(trust, patient=[{}], follow_up=[piece]) for trust, piece in enumerate(pieces)])
    assert linked.earlier.select("record", "source_row", "columns").rows() == [("follow_up", 1, "vital_status_code contact")]
    assert linked.earlier["record_key"].to_list() == linked.records["follow_up"]["record_key"].to_list()


def test_narrows_a_contact_that_both_may_mean():
    row, _ = follow_up(contact(day(2010, 5, 6)), window("contact", day(2010), day(2010, 12, 31), "year"))
    assert dates(row, "contact")[:3] == (day(2010, 5, 6), day(2010, 5, 6), "day")


def test_takes_the_later_of_two_contacts_counted_in_days():
    row, _ = follow_up(after("contact", "treatment_start", 100), after("contact", "treatment_start", 900))
    assert dates(row, "contact")[3:] == (900, 900, "treatment_start")


@pytest.mark.parametrize("order", [("alive", "dead"), ("dead", "alive")])
def test_lets_a_death_beat_an_alive_whoever_says_it(order):
    row, notes = follow_up(*({"vital_status_code": code} for code in order))
    assert row["vital_status_code"] == "dead"
    assert notes == []


def test_keeps_a_contact_after_the_death_for_the_edits_to_judge():
    dead = {"vital_status_code": "dead", **window("death", day(2011), day(2011))}
    row, _ = follow_up(dead, {"vital_status_code": "alive", **contact(day(2012))})
    assert (row["death_latest_date"], row["contact_earliest_date"], row["vital_status_code"]) == (day(2011), day(2012), "dead")


def test_takes_the_performance_status_of_the_latest_contact():
    row, _ = follow_up({"performance_status_code": "0", **contact(day(2010))}, {"performance_status_code": "2", **contact(day(2012))})
    assert row["performance_status_code"] == "2"


def test_notes_an_alive_of_a_day_after_that_of_an_undated_death():
    dead, alive = {"vital_status_code": "dead", **contact(day(2011))}, {"vital_status_code": "alive", **contact(day(2012))}
    row, notes = follow_up(dead, alive)
    assert (row["vital_status_code"], notes) == ("dead", [("LINK-CONFLICT", "follow_up", 1, "vital_status_code(file_0.csv:1)")])
    assert follow_up(dead, {**alive, **contact(day(2011))})[1] == []  # on the same day
    assert follow_up({**dead, **window("death", day(2011), day(2011))}, alive)[1] == []  # DATE-019 finds that


def test_notes_two_performance_statuses_of_one_contact():
    told, other = {"performance_status_code": "0", **contact(day(2012))}, {"performance_status_code": "2", **contact(day(2012))}
    assert follow_up(told, other)[1] == [("LINK-CONFLICT", "follow_up", 1, "performance_status_code(file_0.csv:1)")]
    within = {"performance_status_code": "2", **window("contact", day(2012), day(2012, 12, 31), "year")}
    assert follow_up(told, within)[1] == [("LINK-CONFLICT", "follow_up", 1, "performance_status_code(file_1.csv:1)")]
    assert follow_up(told, {"performance_status_code": "2", **contact(day(2011))})[1] == []
