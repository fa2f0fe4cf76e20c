"""Two persons under one number: what of names and births speaks against it, and that a number of many costs little."""

import polars as pl
import pytest
from link_people import KEYS, MARY, MAY, linked, pseudonyms

from etl.linking.unlike_persons import MANY, unlike_ties, unlike_within


def _are_two(a: tuple[str, str], b: tuple[str, str]) -> bool:
    """Whether these two (name and birth) stay two under one number; held against each other either way round."""
    found = set()
    for one, other in ((a, b), (b, a)):
        names, births = (pl.DataFrame({"node": [1, 2], kind: [one[at], other[at]]}) for at, kind in enumerate(("name", "birth")))
        found.add(bool(unlike_ties(pl.DataFrame({"node": [1, 2], "tie": [5, 5]}), names, births).height))
        told = (values.with_columns(root=pl.lit(1, pl.Int64)) for values in (names, births))
        assert bool(len(unlike_within(*told))) in found
    [is_two] = found
    return is_two


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("anna geb meier muller", "geb lehmann schulz ute"),
        ("claire dupont martin nee", "nee petit roux sylvie"),
        ("dupont martin veuve", "petit roux veuve"),
        ("lim m", "m tan"),
        ("abdul binti fatimah rahman", "abdul binti karim zainab"),
    ],
)
def test_takes_no_word_for_born_and_no_initial_for_a_name_in_common(a: str, b: str) -> None:
    assert _are_two((a, "1950-03-07"), (b, "1961-11-21"))


def test_takes_a_sign_of_another_script_for_a_name() -> None:
    assert not _are_two(("王 芳", "1950-03-07"), ("王 秀英", "1961-03-07"))
    assert _are_two(("李 芳兰", "1950-03-07"), ("王 秀英", "1961-03-07"))


@pytest.mark.parametrize(
    ("a", "b", "is_two"),
    [
        ("1951-01-01", "1950-12-31", False),  # a day lost on the way
        ("1951-01", "1950-12-31", False),
        ("1951-08", "1950-08-27", False),  # twelve months apart, and the day is not known
        ("1951-11", "1950-08-27", True),
        ("1951-08-19", "1950-08-27", True),  # two days nobody guesses
        ("1967-02-15", "1967-04-08", True),
        ("1967-02-15", "1967-02-08", True),  # two signs: one pair of days in thirty
        ("1967-02-15", "1967-02-18", False),
        ("1967-02-15", "1976-02-15", False),  # two neighbours in the wrong order are one slip
        ("1967-03-12", "1967-12-03", False),  # day and month in the wrong order, four signs
        ("1967-04-30", "1967-05-01", False),  # a day lost on the way
    ],
)
def test_finds_births_alike_that_a_slip_or_a_guess_explains(a: str, b: str, is_two: bool) -> None:
    assert _are_two(("lim mary", a), ("anna goh", b)) is is_two


@pytest.mark.parametrize(
    ("a", "b", "is_two"),
    [
        (("lim mary", "1950-03-07"), ("lim susan", "1978-11-21"), True),  # mother and daughter
        (("karin schwarz", "1964-05-17"), ("karin weber", "1975-08-23"), True),
        (("lim mary", "1950-03-07"), ("lim susan", "1950-11-21"), True),
        (("karin schwarz", "1964-05-17"), ("karin weber", "1965-05-18"), False),  # married, and two signs
        (("le mai thi", "1937-04-06"), ("mai pham", "1954-02-20"), True),  # Le is a family name in Vietnam
        (("lim m", "1950-03-07"), ("lim mary", "1978-11-21"), False),
        (("le marie roux", "1950-03-07"), ("marie roux", "1978-11-21"), False),
        (("lan le thi", "1959-12-22"), ("le lin", "1958-09-05"), True),  # one letter of three is another name
        (("lim mary", "1950-03-07"), ("lim susan", "1980-03-07"), False),  # one sign
        (("lim mary", "1950-03-07"), ("lim susan", "1978"), False),  # a year is soon guessed
        (("lim mary", "1950-03-07"), ("goh mary", "1901-01-01"), False),  # and so is a 1 January
        (("lim mary", "1950-03-07"), ("lim marie", "1978-11-21"), False),
        (("lopez maria rosa", "1950-03-07"), ("lopez rosa", "1978-11-21"), False),  # nothing that the other has not
    ],
)
def test_holds_two_apart_who_share_a_word_of_the_name_where_no_slip_explains_the_births(
    a: tuple[str, str], b: tuple[str, str], is_two: bool
) -> None:  # fmt: skip
    assert _are_two(a, b) is is_two


def test_joins_nobody_to_a_number_of_a_whole_ward_and_looks_at_few_of_its_names() -> None:
    """3,000 names and births under one number: each with each, of both kinds, would fill the memory."""
    rows = range(3000)
    names = pl.DataFrame({"node": [1] * 3000 + [2, 3], "name": [*(f"name{n} word{n}" for n in rows), "lim mary", "goh mary"]})
    days = [f"{1900 + n // 336}-{1 + n % 12:02}-{1 + n // 12 % 28:02}" for n in rows]
    births = pl.DataFrame({"node": [1] * 3000 + [2, 3], "birth": [*days, "1950-03-07", "1950-03-07"]})
    ties = pl.DataFrame({"node": [1, 2, 2, 3], "tie": [5, 5, 6, 6]})
    assert unlike_ties(ties, names, births)["tie"].to_list() == [5]


def test_joins_a_number_of_many_names_that_has_one_birth() -> None:
    names = pl.DataFrame({"node": [1] * (MANY + 9) + [2], "name": [*(f"lim mary{n}" for n in range(MANY + 9)), "lim"]})
    births = pl.DataFrame({"node": [1, 2], "birth": ["1950-03-07", "1961-11-21"]})
    assert unlike_ties(pl.DataFrame({"node": [1, 2], "tie": [5, 5]}), names, births).is_empty()


@pytest.mark.parametrize(
    ("a", "b", "is_one"),
    [
        ("binti ahmad siti", "binti noor yusof", False),  # daughters of two fathers
        ("a letchumi p rajan", "a kaur p singh", False),  # a/p
        ("de santos maria", "de ferreira ines", False),
        ("el amrani fatima", "haddad el nour", False),
        ("binti siti", "binti siti yusof", True),
        ("binti", "binti yusof", True),  # nothing but a particle: no name to hold against another
    ],
)
def test_takes_no_particle_for_a_name_in_common(a: str, b: str, is_one: bool) -> None:
    other = {"nric": "S0000001A", "name": b, "birth": "1961-11-21"}
    found = linked([("a", 0, {"1": {**other, "name": a, "birth": "1950-03-07"}}), ("b", 1, {"7": other})], KEYS)
    assert (len(pseudonyms(found)) == 1) is is_one


@pytest.mark.parametrize(
    ("a", "b", "is_alike"),
    [
        ("1950-03-07", "1961-11-21", False),
        ("1950-03", "1961-11-21", False),
        ("1950-03", "1950-11", True),
        ("1950", "1961-11-21", True),  # the year is guessed
        ("1950", "1970", True),
        ("1950", "1971", False),
        ("1950", "1980", True),  # 21 years and more, but a slip of one sign
        ("1899", "1985-03-07", False),
    ],
)
def test_compares_births_as_far_as_both_are_known(a: str, b: str, is_alike: bool) -> None:
    names = pl.DataFrame({"root": [1, 1], "name": ["lim mary", "tan may"]})
    births = pl.DataFrame({"root": [1, 1], "birth": sorted([a, b])})
    assert unlike_within(names, births).to_list() == [1] * (not is_alike)


@pytest.mark.parametrize(("born", "is_one"), [(("1985-01-01", "1985-12-31"), False), (("1945-01-01", "1945-12-31"), True)])
def test_holds_a_year_of_birth_against_a_number_alone(born: tuple[str, str], is_one: bool) -> None:
    found = linked(
        [("a", 0, {"1": {**MARY, "birth": "1931-03-07"}}), ("b", 1, {"7": {**MAY, "birth": born}})], (("patient_id",), ("nric",))
    )
    assert (len(pseudonyms(found)) == 1) is is_one


def test_takes_of_two_births_that_one_number_tells_the_day() -> None:
    told = {"nric": "S0000001A", "name": "lim mary", "birth": ("1985-01-01", "1985-12-31")}
    other = {"nric": "S0000001A", "name": "tan may", "birth": "1950-07-03"}
    assert (
        len(pseudonyms(linked([("a", 0, {"1": MARY}), ("b", 1, {"1": told}), ("c", 2, {"7": other})], (("patient_id",), ("nric",))))) == 1
    )


@pytest.mark.parametrize("order", [1, -1])
def test_puts_no_two_who_are_unlike_together_by_one_name_and_another_birth(order: int) -> None:
    """The numbers 1 and 2 of one hospital are one person, who has then the name of one and the birth of the other."""
    may, born = {"nric": "S0000001A", "hospital_number": "11", "name": "tan may", "birth": "1961-11-21"}, {"birth": "1950-03-07"}
    files = [("a", 0, {"1": may, "2": {**born, "hospital_number": "11"}}), ("b", 1, {"7": MARY})]
    found = linked(files[::order], (("patient_id",), ("hospital_number",), ("nric",)))
    assert pseudonyms(found) == {"1", "7"}
    assert "LINK-IDENTITY" in found.findings["edit"].to_list()


@pytest.mark.parametrize("order", [1, -1])
def test_joins_no_two_who_are_unlike_by_a_number_under_which_both_stand(order: int) -> None:
    may = {"name": "tan may", "birth": "1961-11-21"}
    files = [("a", 0, {"1": MARY, "2": may}), ("b", 1, {"7": may}), ("c", 2, {"7": {"name": "lim mary", "birth": "1950-03-07"}})]
    assert pseudonyms(linked(files[::order], KEYS)) == {"1", "2", "7"}


def test_joins_nobody_to_a_number_under_which_two_women_stand_but_the_others_to_each_other() -> None:
    """A laboratory has the numbers of two hospitals, which overlap by chance; both women are called Karin."""
    schwarz, weber = {"name": "karin schwarz", "birth": "1964-05-17"}, {"name": "karin weber", "birth": "1975-08-23"}
    files = [("a", 0, {"1": schwarz, "3": weber}), ("b", 1, {"2": schwarz}), ("lab", 2, {"7": schwarz}), ("lab", 3, {"7": weber})]
    found = linked(files, KEYS)
    assert pseudonyms(found) == {"1", "3", "7"}
    told = dict(found.findings.group_by("edit").len().rows())
    assert (told["LINK-PERSON"], told["LINK-IDENTITY"], told["LINK-NUMBERS"]) == (1, 2, 1)
