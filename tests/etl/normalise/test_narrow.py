"""Narrow frames: what nobody fills costs nothing and comes back; persons are hashed once and told once."""

from __future__ import annotations

import polars as pl
import pytest
from tiny_exports import KEY

from etl.normalise.distinct import Runs
from etl.normalise.narrow import filled, having, narrow_schema, narrowed, widened
from etl.normalise.people import People
from schemas.core.ids import pseudonym


def test_leaves_out_what_no_row_has_and_puts_it_back_empty() -> None:
    frame = pl.DataFrame({"a": [1, None], "b": [None, None], "c": [None, None]}, schema=dict.fromkeys("abc", pl.Int32))
    assert filled(frame, ["c"]).columns == ["a", "c"]
    assert having(filled(frame), dict(frame.schema)).equals(frame)


def test_keeps_codes_as_categories_and_texts_as_texts() -> None:
    kinds = narrow_schema("patient")
    assert (kinds["sex_code"], kinds["subject_label"]) == (pl.Categorical, pl.String)
    frame = pl.DataFrame({"sex_code": ["female", None], "subject_label": ["1", "2"]})
    assert narrowed(frame).dtypes == [pl.Categorical, pl.String]
    assert widened(narrowed(frame)).equals(frame)


def test_tells_each_person_of_a_run_once() -> None:
    people = People(KEY)
    first = people.keys(pl.Series(["a", None, "b", "a"]))
    assert (
        people.met()
        .sort("patient_key")
        .equals(
            pl.DataFrame({"patient_key": [first[0], first[2]], "patient_pseudonym": [pseudonym(KEY, "a"), pseudonym(KEY, "b")]}).sort(
                "patient_key"
            )
        )
    )
    people.taken()
    again = people.keys(pl.Series(["b", "c"]))
    assert (first[1], again[0]) == (None, first[2])
    assert people.met()["patient_key"].to_list() == [again[1]]
    assert people.met()["patient_key"].to_list() == [again[1]]  # its file was refused: the next one tells of her


@pytest.mark.parametrize("texts", [["a", "a", "b", "b", "b", None, None, "a"], [None, None, None], ["a", "b", None, "c"], []])
def test_asks_once_for_neighbours_that_are_alike(texts: list[str | None]) -> None:
    rows = pl.Series("text", texts, dtype=pl.String)
    runs = Runs.of(rows)
    assert runs.spread(runs.each(rows)).equals(rows)
    assert len(runs.each(rows)) == (4 if len(texts) == 8 else 1 if len(texts) == 3 else len(texts))
