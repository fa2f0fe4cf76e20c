"""One person under several numbers: which identifiers bring her together, which keep her apart, and that order does not matter."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from link_people import BOTH, KEYS, MARY, MAY, PEOPLE, linked, merges, pseudonyms

from etl.linking.unlike_persons import unlike_within


@pytest.mark.parametrize(
    ("a", "b", "is_one"),
    [
        (MARY, {"nric": "S0000001A"}, True),
        (MARY, {"name": "lim mary", "birth": "1950-03-07"}, True),
        (MARY, {"name": "lim mary", "birth": "1950-03-08"}, False),
        (MARY, {"name": "lim mary"}, False),
        (MARY, {"birth": "1950-03-07"}, False),
        (MARY, {"nric": "S0000002B", "name": "lim mary", "birth": "1950-03-07"}, False),
        # a number alone, against which name and birth speak together
        (MARY, {"nric": "S0000001A", "name": "tan may", "birth": "1961-01-01"}, False),
        (MARY, {"nric": "S0000001A", "name": "goh mary", "birth": "1961-01-01"}, True),  # she has married, and a birth is guessed
        (MARY, {"nric": "S0000001A", "name": "liem marie", "birth": "1961-01-01"}, True),
        (MARY, {"nric": "S0000001A", "name": "tan may", "birth": "1950-07-03"}, True),
        (MARY, {"nric": "S0000001A", "name": "tan may", "birth": "1960-03-07"}, True),
        (MARY, {"nric": "S0000001A", "name": "tan may"}, True),
        (MARY, {"nric": "S0000001A", "birth": "1961-01-01"}, True),
    ],
)
def test_decides_whether_two_numbers_are_one_person(a, b, is_one):
    found = linked([("a", 0, {"1": a}), ("b", 1, {"7": b})], KEYS)
    assert (len(pseudonyms(found)) == 1) is is_one


@pytest.mark.parametrize("numbers", ["123", "132", "213", "231", "312", "321"])
def test_holds_all_under_one_number_against_each_other_whatever_they_are_called(numbers):
    """The second shares a word with the first and the birth with the third; these two are unlike."""
    told = [("lim mary", "1950-03-07"), ("lim may", "1961-11-21"), ("tan kim", "1961-11-21")]
    people = {number: {"nric": "S0000001A", "name": name, "birth": born} for number, (name, born) in zip(numbers, told, strict=True)}
    assert pseudonyms(linked([("a", 0, people)], KEYS)) == {"1", "2", "3"}


def test_joins_two_who_are_unlike_by_no_third_who_has_both_their_numbers():
    other = {"nric": "S0000002B", "name": "tan kim", "birth": "1961-11-21"}
    files = [("a", 0, {"1": MARY, "3": other}), *(("b", 1, {"2": {"nric": one["nric"]}}) for one in (MARY, other))]
    found = linked(files, KEYS, cannot_link=())
    assert pseudonyms(found) == {"1", "2", "3"}
    assert set(found.findings["edit"]) >= {"LINK-IDENTITY"}


def test_holds_many_under_one_number_against_the_one_born_first():
    people = {str(1000 + n): {"nric": "S0000001A", "name": f"lim mary{n}", "birth": "1950-03-07"} for n in range(60)}
    assert len(pseudonyms(linked([("a", 0, people)], KEYS))) == 1
    people["1030"] |= {"name": "tan kim", "birth": "1961-11-21"}
    assert len(pseudonyms(linked([("a", 0, people)], KEYS))) == 60


def test_names_a_number_under_which_a_whole_ward_stands_without_holding_each_against_each():
    names = pl.DataFrame({"root": [1] * 30 + [2] * 30, "name": [f"{chr(97 + n % 26)}{n} {n}" for n in range(60)]})
    births = names.select("root", birth=pl.Series([f"{1910 + n}-{1 + n % 12:02}-{1 + n % 28:02}" for n in range(30)] + ["1950-03-07"] * 30))
    assert unlike_within(names, births).to_list() == [1]


def test_gives_her_the_pseudonym_of_the_most_trusted_number():
    found = linked([("b", 1, {"0": MARY}), ("a", 0, {"9": MARY})], KEYS)
    assert pseudonyms(found) == {"9"}


def test_takes_the_first_number_by_the_alphabet_where_both_are_trusted_alike():
    found = linked([("a", 0, {"31": MARY, "30": MARY})], KEYS)
    assert pseudonyms(found) == {"30"}


def test_notes_every_merge_with_its_evidence_and_no_value():
    found = linked([("a", 0, {"1": MARY}), ("b", 1, {"7": {"name": "lim mary", "birth": "1950-03-07"}})], KEYS)
    assert merges(found) == [("merged", "deterministic", "name birth", "1")]
    noted = found.findings.filter(pl.col("edit") == "LINK-PERSON")
    assert noted["columns"].to_list() == ["name birth"]
    assert not any(value in str(found.linkage.rows()) + str(found.findings.rows()) for value in MARY.values())


def test_keeps_two_women_of_one_name_and_birth_apart_who_have_two_national_numbers_and_says_so():
    found = linked([("a", 0, {"1": MARY}), ("b", 1, {"7": {**MARY, "nric": "S0000002B"}})], KEYS)
    assert pseudonyms(found) == {"1", "7"}
    assert found.findings["edit"].to_list() == ["LINK-IDENTITY"]


MORE = (*KEYS, ("name",), ("birth",))


def test_tells_of_two_persons_who_cannot_be_one_once_with_all_that_they_agree_on():
    found = linked([("a", 0, {"1": MARY}), ("b", 1, {"7": {**MARY, "nric": "S0000002B"}})], MORE)
    told = found.findings.filter(pl.col("edit") == "LINK-IDENTITY")
    assert told["columns"].to_list() == ["name birth"]
    [(outcome, _, evidence, _)] = merges(found)
    assert (outcome, evidence) == ("conflict", "name birth")
    counted = found.counts.filter(pl.col("edit") == "LINK-IDENTITY")
    assert counted["violated"].to_list() == [1]


@pytest.mark.parametrize("bridge", [{}, {"8": {"name": "lim mary", "nric": "S0000001A"}}])
def test_tells_of_them_once_whatever_other_numbers_either_has(bridge):
    """Her two numbers are one person; each agrees with another woman on something else."""
    other = {"nric": "S0000002B", "name": "lim mary", "birth": "1950-03-07"}
    found = linked([("a", 0, {"1": {"nric": "S0000001A", "birth": "1950-03-07"}, **bridge}), ("b", 1, {"7": other})], MORE)
    told = found.findings.filter(pl.col("edit") == "LINK-IDENTITY")
    assert told["columns"].to_list() == (["name birth"] if bridge else ["birth"])
    assert merges(found)[-1][0] == "conflict" or not bridge


def test_does_not_choose_between_two_women_for_a_third_number_without_a_national_one():
    third = {"name": "lim mary", "birth": "1950-03-07"}
    found = linked([("a", 0, {"1": MARY, "2": {**MARY, "nric": "S0000002B"}}), ("b", 1, {"7": third})], KEYS)
    assert pseudonyms(found) == {"1", "2", "7"}


def test_does_not_join_two_women_by_way_of_a_number_that_fits_both():
    a, b = {"nric": "S0000001A", "name": "lim mary", "birth": "1950-03-07"}, {"nric": "S0000002B", "name": "tan may", "birth": "1950-03-07"}
    bridge = [("c", 2, {"5": {"name": "lim mary", "birth": "1950-03-07"}}), ("d", 3, {"5": {"name": "tan may", "birth": "1950-03-07"}})]
    found = linked([("a", 0, {"1": a, "2": b}), *bridge], KEYS)
    assert {"1", "2"} <= pseudonyms(found)
    assert "LINK-IDENTITY" in found.findings["edit"].to_list()


def test_says_of_two_women_with_one_national_number_on_what_they_agree():
    found = linked([("a", 0, {"1": MARY}), ("b", 1, {"7": MAY})], KEYS)
    assert found.findings.select("edit", "columns").rows() == [("LINK-IDENTITY", "nric")]
    assert merges(found) == [("conflict", "deterministic", "nric", "7")]


def test_does_not_choose_between_two_women_of_one_national_number_for_a_third_with_that_alone():
    found = linked([("a", 0, {"1": MARY}), ("b", 1, {"7": MAY}), ("c", 2, {"8": {"nric": "S0000001A"}})], KEYS)
    assert pseudonyms(found) == {"1", "7", "8"}


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({**MAY, "nric": "S0000002B"}, "nric name birth"),
        (MAY, "name birth"),
        ({"name": "tan may", "birth": "1961-01-01"}, "name birth"),
        ({**MARY, "nric": "S0000002B"}, "nric"),
        ({**MARY, "name": "tan may"}, None),
        ({"name": "tan may", "birth": ("1985-01-01", "1985-12-31")}, "name birth"),
        ({"name": "tan may", "birth": ("1950-01-01", "1950-12-31")}, None),
    ],
)
def test_names_a_number_under_which_two_women_stand(other, says):
    """Her records cannot be told apart: most rows tell of a woman by that number alone."""
    found = linked([("a", 0, {"1": MARY}), ("b", 1, {"1": other})], KEYS)
    told = found.findings.filter(pl.col("edit") == "LINK-NUMBERS")["columns"].to_list()
    assert told == ([says] if says else [])
    assert merges(found) == ([("two_in_one", "number", says, "1")] if says else [])


def test_names_a_number_under_which_two_national_numbers_stand():
    found = linked([("a", 0, {"1": MARY}), ("b", 1, {"1": {"nric": "S0000002B"}})], KEYS)
    assert "LINK-NUMBERS" in found.findings["edit"].to_list()


def test_merges_across_two_national_numbers_only_where_the_registry_allows_it_and_says_so():
    files = [("a", 0, {"1": MARY}), ("b", 1, {"7": {**MARY, "nric": "S0000002B"}})]
    found = linked(files, KEYS, cannot_link=())
    assert pseudonyms(found) == {"1"}
    assert sorted(found.findings["edit"]) == ["LINK-NUMBERS", "LINK-PERSON"]
    told = {edit: (violated, satisfied, none) for edit, _, violated, _, satisfied, none, _ in found.counts.rows()}
    assert (told["LINK-NUMBERS"], told["LINK-IDENTITY"], told["LINK-POSSIBLE"]) == ((1, 0, 1), (0, 0, 2), (0, 0, 2))


@pytest.mark.parametrize(("other", "slips", "is_one"), [
    ("S0000010A", 1, True),  # two neighbours in the wrong order
    ("S0000002A", 1, True),
    ("S0000002B", 1, False),
    ("S0000002B", 2, True),
    ("S0000010A", 0, False),
])  # fmt: skip
def test_merges_across_two_national_numbers_that_a_slip_of_the_pen_explains(other, slips, is_one):
    files = [("a", 0, {"1": MARY}), ("b", 1, {"7": {**MARY, "nric": other}})]
    found = linked(files, KEYS, nric_slips=slips)
    assert pseudonyms(found) == ({"1"} if is_one else {"1", "7"})
    assert sorted(found.findings["edit"]) == (["LINK-NUMBERS", "LINK-PERSON"] if is_one else ["LINK-IDENTITY"])


def test_links_nobody_where_nothing_beyond_the_number_is_declared():
    found = linked([("a", 0, {"1": MARY}), ("b", 1, {"7": MARY})], (("patient_id",),))
    assert pseudonyms(found) == {"1", "7"}
    assert found.linkage.is_empty()


def test_counts_every_record_of_a_merged_person_once_in_the_ledger():
    found = linked([("a", 0, {"1": MARY}), ("b", 1, {"7": {"nric": "S0000001A"}})], KEYS)
    assert dict(found.ledger.group_by("fate").agg(pl.col("n").sum()).iter_rows()) in (
        {"goes_on": 1, "merged": 1},
        {"goes_on": 1, "duplicate": 1},
    )


@settings(max_examples=6, deadline=None)
@given(people=PEOPLE, order=st.randoms(use_true_random=False))
@pytest.mark.slow
def test_finds_the_same_persons_whatever_file_comes_first_and_nobody_else_when_it_links_again(people, order):
    files = [(source, trust, numbers) for (source, trust), numbers in zip(BOTH, people, strict=True)]
    one, other = linked(files, KEYS), linked(order.sample(files, len(files)), KEYS)
    assert one.moved.equals(other.moved)
    assert one.linkage.equals(other.linkage)
    again = linked(files, KEYS, renamed=dict(one.moved.select("patient_key", "to_pseudonym").iter_rows()))
    assert again.moved.is_empty()
    assert pseudonyms(again) == pseudonyms(one)
    never_puts_two_national_numbers_together_that_no_file_put_together(files, one)


def never_puts_two_national_numbers_together_that_no_file_put_together(files, found):
    own: dict[str, set[str]] = {}
    now = dict(found.moved.select("patient_key", "to_pseudonym").iter_rows())
    keys = {number: key for part in found.parts for number, key in part.persons.select("patient_pseudonym", "patient_key").iter_rows()}
    for _, _, numbers in files:
        for number, told in numbers.items():
            if "nric" in told:
                own.setdefault(number, set()).add(told["nric"])
    hers: dict[str, set[frozenset[str]]] = {}
    for number, nrics in own.items():
        hers.setdefault(now.get(keys[number], number), set()).add(frozenset(nrics))
    assert all(len(sets) == 1 or len(frozenset.union(*sets)) == 1 for sets in hers.values())


def test_weighs_a_slip_of_the_pen_with_splink_and_merges_only_from_the_threshold():
    from link_people import ward

    slips = {"900": {"name": "lim marry", "birth": "1950-03-07", "postcode": "100000"}}
    told = {**MARY, "postcode": "100000"}
    files = [("a", 0, {**ward(60), "1": {k: v for k, v in told.items() if k != "nric"}}), ("b", 1, slips)]
    said = {"compare": ("name", "birth", "postcode"), "merge_from": 0.9, "review_from": 0.5}
    found = linked(files, KEYS, probabilistic=said)
    assert [row[:3] for row in merges(found)] == [("merged", "probabilistic", "name birth postcode")]
    doubtful = linked(files, KEYS, probabilistic={**said, "merge_from": 1.0})
    assert [row[0] for row in merges(doubtful)] == ["possible"]
    assert doubtful.findings["edit"].to_list() == ["LINK-POSSIBLE"]
    assert linked(files[::-1], KEYS, probabilistic=said).linkage.equals(found.linkage)


@pytest.mark.parametrize(
    ("other", "outcome"),
    [
        ({"name": "lim mray"}, "merged"),
        ({"birth": "1950-03-08"}, "merged"),  # a slip of the pen
        ({"name": "lim joan"}, "possible"),  # twins
        ({"name": "lim may"}, "possible"),  # one letter of three
        ({"name": "goh mary"}, "possible"),  # two families
        ({"birth": "1976-03-07"}, "possible"),  # her mother's name
    ],
)
def test_takes_a_family_for_one_person_however_probable_it_seems_only_where_a_slip_tells_them_apart(other: dict[str, str], outcome: str):
    from link_people import ward

    told = {"name": "lim mary", "birth": "1950-03-07", "postcode": "100000"}
    said = {"compare": ("name", "birth", "postcode"), "merge_from": 0.5, "review_from": 0.01}
    others = {"2": {"name": "goh may", "birth": "1931-01-01"}, "3": {"name": "toh mary", "birth": "1933-02-02"}}
    found = linked([("a", 0, {**ward(60), **others, "1": told}), ("b", 1, {"900": {**told, **other}})], KEYS, probabilistic=said)
    assert [row[0] for row in merges(found)] == [outcome]
