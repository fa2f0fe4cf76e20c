"""Records without a number of their own: one per distinct statement, in the order of their dates."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from etl.linking.occurrences import numbered
from etl.normalise.result import delivered_schema

SCHEMA = {**delivered_schema("follow_up"), "delivery": pl.Int32}
EVENTS = {**delivered_schema("event"), "delivery": pl.Int32}


def contacts(*rows: dict[str, Any]) -> pl.DataFrame:
    given = [{"patient_key": 7, "follow_up_no": 1, "unnumbered": True, "rule": "r", "delivery": 0, **row} for row in rows]
    filled = [{"source_row_id": number, **row} for number, row in enumerate(given)]
    [made] = numbered("follow_up", [pl.DataFrame(filled, schema=SCHEMA)])
    return made


def on(day: date, status: str = "alive") -> dict[str, Any]:
    return {"contact_earliest_date": day, "contact_latest_date": day, "vital_status_code": status}


def numbers(frame: pl.DataFrame) -> list[int]:
    return frame.sort("source_row_id")["follow_up_no"].to_list()


def test_it_counts_contacts_in_the_order_of_their_dates() -> None:
    made = contacts(on(date(2018, 5, 1), "dead"), on(date(2014, 1, 1)), on(date(2016, 1, 1)))
    assert numbers(made) == [3, 1, 2]


def test_it_takes_the_same_statement_twice_for_one_contact() -> None:
    assert numbers(contacts(on(date(2014, 1, 1)), on(date(2014, 1, 1)), on(date(2016, 1, 1)))) == [1, 1, 2]


def test_it_counts_contacts_of_two_rules_together() -> None:
    made = contacts({**on(date(2014, 1, 1)), "rule": "hospital"}, {**on(date(2018, 1, 1), "dead"), "rule": "register"})
    assert numbers(made) == [1, 2]


def test_it_leaves_a_contact_that_the_contract_numbers_alone() -> None:
    own = {**on(date(2018, 1, 1)), "unnumbered": False, "follow_up_no": 7}
    assert numbers(contacts(own, on(date(2014, 1, 1)), on(date(2016, 1, 1)))) == [7, 1, 2]


def test_it_puts_contacts_without_a_date_last() -> None:
    assert numbers(contacts({"vital_status_code": "alive"}, on(date(2016, 1, 1)))) == [2, 1]


def test_it_counts_events_within_their_rule_so_that_two_rules_complete_one_event() -> None:
    base = {
        "patient_key": 7,
        "tumour_no": 1,
        "event_type_code": "distant_recurrence",
        "event_no": 1,
        "unnumbered": True,
        "delivery": 0,
    }
    rows = [
        {**base, "rule": "date", "event_earliest_date": date(2012, 1, 1), "event_latest_date": date(2012, 1, 1), "source_row_id": 1},
        {**base, "rule": "date", "event_earliest_date": date(2010, 1, 1), "event_latest_date": date(2010, 1, 1), "source_row_id": 2},
        {**base, "rule": "site", "site_code": "liver", "source_row_id": 3},
    ]
    [events] = numbered("event", [pl.DataFrame(rows, schema=EVENTS)])
    made = events.sort("source_row_id")
    assert made["event_no"].to_list() == [2, 1, 1]


def test_it_numbers_contacts_of_one_day_in_the_order_of_their_files() -> None:
    same_day = [{**on(date(2014, 1, 1), status), "delivery": place} for place, status in enumerate(("dead", "alive") * 10)]
    rows = [{**row, "patient_key": number // 2} for number, row in enumerate(same_day)]
    assert {tuple(numbers(contacts(*rows))) for _ in range(5)} == {(1, 2) * 10}
