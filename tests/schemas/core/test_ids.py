"""Identifiers are functions of what they name, the same in every release."""

from __future__ import annotations

import polars as pl
import pytest

from schemas.core.ids import Pseudonyms, keyed, keys_within, pseudonym, source_key, source_row_id, text_key

NATURAL = pl.DataFrame({"patient": ["a", "b", None, "ä", ""], "number": [1, 2, 3, None, 12]})


@pytest.fixture(autouse=True, params=["in Python", "by DuckDB"])
def _hashed_either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few texts are hashed in Python, many by DuckDB: every test here is of both."""
    monkeypatch.setattr("schemas.core.ids.FEW", 500 if request.param == "in Python" else -1)


def test_keys_a_row_by_its_values_whatever_their_types() -> None:
    expected = [text_key("a", 1), text_key("b", 2), text_key("", 3), text_key("ä", ""), text_key("", 12)]
    assert keyed(NATURAL, "key", ["patient", "number"])["key"].to_list() == expected


def test_keeps_keys_from_release_to_release() -> None:
    assert [text_key("a", 1), text_key("patient"), text_key()] == [3942896695813115275, 6716430693360138939, 4549053946144276596]


def test_a_record_is_keyed_by_the_key_of_its_person() -> None:
    persons = keyed(NATURAL, "person", ["patient"])["person"]
    assert keys_within(persons, NATURAL, ["number"]).to_list() == keyed(NATURAL, "key", ["patient", "number"])["key"].to_list()


@pytest.mark.parametrize("kind", [pl.String, pl.Categorical, pl.Int64, pl.Int32])
def test_keys_few_and_many_values_alike(kind: type[pl.DataType]) -> None:
    frame = pl.DataFrame({"one": ["a"] * 40, "few": [None, *"1213212" * 5, *"1213"], "many": [str(n) for n in range(40)]})
    frame = frame.with_columns(pl.col("few", "many").cast(kind))
    expected = [text_key(one, "" if few is None else few, many) for one, few, many in frame.iter_rows()]
    assert keyed(frame, "key", ["one", "few", "many"])["key"].to_list() == expected


def test_keeps_rows_in_order_and_their_columns() -> None:
    frame = pl.DataFrame({"x": [3, 1, 2, 1, 3]})
    got = keyed(frame, "x_key", ["x"])
    assert got.columns == ["x", "x_key"]
    assert got["x"].to_list() == [3, 1, 2, 1, 3]
    assert got.schema["x_key"] == pl.Int64
    assert got["x_key"].n_unique() == 3


def test_keys_a_frame_without_rows() -> None:
    assert keyed(NATURAL.clear(), "key", ["patient"]).schema["key"] == pl.Int64


def test_does_not_confuse_where_one_part_ends() -> None:
    assert text_key("ab", "c") != text_key("a", "bc")


def test_fits_keys_into_63_bits() -> None:
    keys = [text_key(number, *others) for number in range(2_000) for others in ((), (1,), (2,), (1, "first"), (1, "first", 2))]
    assert all(0 <= key < 2**63 for key in keys)
    assert len(set(keys)) == 10_000


def test_reads_file_and_row_back_from_a_source_row_id() -> None:
    key = source_key("exports/a.csv", "00ff")
    assert 0 <= key < 2**31
    made = source_row_id(key, 4_000_000_000)
    assert made < 2**63
    assert (made >> 32, made & (2**32 - 1)) == (key, 4_000_000_000)


def test_tells_two_deliveries_of_one_name_apart() -> None:
    assert source_key("a.csv", "00") != source_key("a.csv", "01")


def test_gives_one_person_one_pseudonym_under_one_key() -> None:
    assert pseudonym(b"public_example", "4711") == "f434c1274d93b3bd1d5d"  # HMAC-SHA-256, its first 80 bits
    assert pseudonym(b"public_example", "4712") != pseudonym(b"public_example", "4711") != pseudonym(b"other", "4711")


@pytest.mark.parametrize("key", [b"", b"public_example", b"k" * 64, b"k" * 65, bytes(range(256))])
def test_gives_many_identifiers_the_pseudonyms_it_gives_each(key: bytes) -> None:
    texts = ["", "4711", "nric:S1234567D", "\u00e9\U0001f600 \u6c34", "x" * 10_000, "a\x00b"]
    made = Pseudonyms(key).of(pl.Series(texts))
    assert made.to_list() == [pseudonym(key, text) for text in texts]
    assert Pseudonyms(key).of(pl.Series([], dtype=pl.String)).to_list() == []


def test_takes_many_identifiers_in_parts_and_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("schemas.core.ids.AT_ONCE", 3)
    texts = [str(number) for number in range(10)]
    assert Pseudonyms(b"k").of(pl.Series(texts)).to_list() == [pseudonym(b"k", text) for text in texts]


def test_keys_come_in_the_order_of_the_rows_however_many() -> None:
    frame = pl.DataFrame({"x": pl.int_range(400_000, eager=True)})  # several row groups of DuckDB
    made = keyed(frame, "key", ["x"])["key"]
    assert all(made[row] == text_key(row) for row in (0, 1, 122_879, 122_880, 250_001, 399_999))


def test_a_later_part_has_the_same_key_among_texts_that_are_all_different_as_among_equal_ones() -> None:
    """Few different texts are hashed once each, many as they stand: both as `text_key` does, a null as the empty text."""
    texts = [None, "", *(f"row {number}" for number in range(1_000))]
    for places in (texts, texts * 20):
        frame = pl.DataFrame({"edit": ["DATE-001"] * len(places), "place": places})
        assert keyed(frame, "key", ("edit", "place"))["key"].to_list() == [text_key("DATE-001", place or "") for place in places]
