"""A project's own plain words: which are taken, which never, and what is read beside them."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from vocabulary_outcome import BUILT_IN

from schemas.facts import shipped
from schemas.vocabularies import plain_words
from schemas.vocabularies.reasons import CLOSED
from schemas.vocabulary import load

PLAIN = "prélèvement dienst Gasthuis trolley secretariaat Cerba ingetikt encodeuse Maple Lucas Quux"
# What hides behind each: a word that says something of the value beside it.
NEVER = {
    "denial": "no non keine nil geen sans ikke brak degil без не metastasenfrei tumorvrij nonmetastatic unauffällig indemne",
    "doubt": "verdacht possible fraglich douteux waarschijnlijk versus",
    "plan": "planned gepland prévue vorgesehen awaiting aanbevolen",
    "earlier": "former ancien oude antécédents voorgeschiedenis remission healed",
    "person": "mother Mutter soeur familial tante donor",
    "value": "tamoxifen Nolvadex paclitaxel liver foie os leber positive négatif amplified left droite III two drei lobular metastasis",
    "slip": "liverr tamoxfen negatve metastaze",
    "other thing": "hypertension restaurant jaw lymphoma",
    "no word": "12 t2 5b G3 =cmd '=cmd a.* foo-bar a,b 无转移 x",
}


def one_file(tmp_path: Path, text: str) -> Path:
    folder = tmp_path / "vocabularies"
    folder.mkdir(exist_ok=True)
    folder.joinpath("plain_words.csv").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("domain", ["site", "stage", "marker_result", "drug"])
def test_takes_names_of_wards_and_of_ways_of_working(domain: str) -> None:
    words = pl.Series(PLAIN.split())
    assert words.filter(plain_words.refusals(words, domain).is_not_null()).to_list() == []


@pytest.mark.parametrize("kind", NEVER)
def test_never_takes_a_word_that_says_something(kind: str) -> None:
    words = pl.Series([*NEVER[kind].split(), *(["two words", ""] if kind == "no word" else [])])
    for domain in ("site", "marker_result"):
        assert words.filter(plain_words.refusals(words, domain).is_null()).to_list() == []


def test_never_takes_a_place_that_has_a_number_beside_a_category_that_is_one() -> None:
    """Ward N2, kamer T4."""
    told = {domain: plain_words.refusals(pl.Series(["ward", "kamer"]), domain).null_count() for domain in ("n_category", "grade", "site")}
    assert told == {"n_category": 0, "grade": 0, "site": 2}


def test_takes_no_word_of_the_lists_that_is_none_of_its_plain_ones() -> None:
    """Every word by which something is denied, doubted, planned, or said of another: written out in the lists."""
    words = pl.Series(sorted({*plain_words._literals(plain_words._classes())}))
    assert words.filter(plain_words.refusals(words, "site").is_null()).to_list() == []


# domain, text, what is read of it without the words and with them
BESIDE = (
    ("site", "foie, labo Cerba", None, "liver"),
    ("site", "FOIE LABO CÉRBA", None, "liver"),  # case and accents
    ("stage", "stade IIA labo Cerba", None, "IIA"),
    ("site", "foie labo Cerba Quux", None, None),  # one word more
    ("site", "foie, os, labo Cerba", None, None),  # another organ
    ("site", "pas de métastase hépatique, labo Cerba", None, None),
    ("site", "foie ? labo Cerba", None, None),
    ("site", "mère: foie labo Cerba", None, None),
    ("stage", "stade I ou IIA labo Cerba", None, None),
    ("grade", "grade 2 labo Cerba", None, None),  # not named for grades
)


def test_reads_beside_them_what_it_read_without_them_and_nothing_else(tmp_path: Path) -> None:
    ours = load(one_file(tmp_path, "domain,word\nsite | stage | menopausal_status,Cerba\nsite | stage,labo\n"))
    for domain, text, *expected in BESIDE:
        found = [known.normalise(domain, pl.Series([text]), within_text=True)["code"].to_list() for known in (BUILT_IN, ours)]
        assert found == [[one] for one in expected], text
    told = [known.normalise("menopausal_status", pl.Series(["postmenopausal Cerba"]), within_text=True) for known in (BUILT_IN, ours)]
    assert [one["reason"].to_list() for one in told] == [["beside_unlisted"], ["within_text"]], "confirmed: told no more"


def test_tells_every_mistake_with_file_and_line_and_repeats_no_cell(tmp_path: Path) -> None:
    one_file(tmp_path, "domain,word,cells\nsite,keine,9\nsites,dienst,1\n,dienst,1\ntreatment,dienst,1\nsite | stage,liver,\nsite,Hof,\n")
    told = mistakes_of(tmp_path)
    assert [line.split(" (")[0] for line in told] == [
        "vocabularies/plain_words.csv:2: the word says something: a denial",
        "vocabularies/plain_words.csv:3: unknown domain",
        "vocabularies/plain_words.csv:4: the domain is empty",
        "vocabularies/plain_words.csv:5: cells of treatments have no plain words",
        "vocabularies/plain_words.csv:6: the word says something: topography",
    ]
    assert not any("liver" in line or "keine" in line for line in told)


def mistakes_of(tmp_path: Path) -> list[str]:
    from schemas.core.errors import ConfigurationError

    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path / "vocabularies")
    return [str(mistake) for mistake in caught.value.mistakes]


def test_a_spelling_of_the_project_is_no_plain_word_of_it(tmp_path: Path) -> None:
    one_file(tmp_path, "domain,word\nsite,Hof\n").joinpath("ours.csv").write_text("domain,spelling,code\nsite,hof,lung\n", encoding="utf-8")
    assert mistakes_of(tmp_path)[0].startswith("vocabularies/plain_words.csv:2: the word is a spelling of the project's own")


def test_a_file_without_its_columns_is_a_mistake(tmp_path: Path) -> None:
    one_file(tmp_path, "domain,spelling,code\nsite,Hof,lung\n")
    assert mistakes_of(tmp_path)[0] == "vocabularies/plain_words.csv:1: column word is missing"


def test_ten_thousand_words_are_compared_as_words_and_make_no_pattern() -> None:
    many = ["hof" + "".join(chr(ord("a") + int(digit)) for digit in str(number)) + "q" for number in range(10_000)]
    ours = BUILT_IN.with_plain("site", many)
    found = ours.normalise("site", pl.Series([f"liver {many[0]} {many[9_999]}", "liver hofq"]), within_text=True)
    assert found["code"].to_list() == ["liver", None]


@pytest.mark.parametrize(
    ("domain", "text", "why"),
    [
        ("site", "liver Quux per Blorb", ("unlisted_word", "quux blorb")),
        ("stage", "stage IIA Quux; Blorb", ("unlisted_word", "quux")),  # the other stands in a part of its own: it refuses nothing
        ("site", "a spoon", ("unknown", "")),
        ("site", "bone and liver", ("several_values", "")),
        ("drug", "AC", ("unknown", "")),
        ("site", "no liver metastasis", ("denial", "")),
        ("site", "?liver", ("doubt", "")),
        ("drug", "tamoxifen planned", ("plan", "")),
        ("drug", "tamoxifen stopped", ("stopped", "")),
        ("site", "mother: liver cancer", ("another_person", "")),
        ("stage", "ovarian stage II", ("another_organ", "")),
        ("site", "pain, liver", ("another_thing", "")),
        ("ethnicity", "1", ("ambiguous", "")),
    ],
)
def test_says_why_nothing_is_read(domain: str, text: str, why: tuple[str, str]) -> None:
    assert BUILT_IN.why(domain, pl.Series([text]), within_text=True).row(0) == why
    assert why[0] in CLOSED


def test_the_page_on_contracts_has_every_reason() -> None:
    page = Path(__file__).parents[2].joinpath("docs", "contracts.md").read_text(encoding="utf-8")
    assert [line.split("`")[1] for line in page.splitlines() if line.startswith("| `") and line.split("`")[1] in CLOSED] == [*CLOSED]


def test_says_of_a_longer_text_read_as_a_whole_cell_that_it_is_one() -> None:
    assert BUILT_IN.why("site", pl.Series(["liver Quux"]))["reason"].to_list() == ["longer_text"]


def test_the_words_that_are_never_plain_are_patterns_that_compile_and_say_what() -> None:
    for row in shipped("never_plain.csv", "says", "domain", "pattern", "note"):
        assert row["says"] and not pl.Series(["qqq"]).str.contains(f"^(?:{row['pattern']})$").item(), row.line


@pytest.mark.parametrize("domain", ["procedure", "stage"])
def test_says_the_same_of_texts_whether_or_not_they_were_read_before(domain: str) -> None:
    texts = pl.Series(["liver, Quuxe", None, "stage IIA, Quuxe", "no mastectomy", "bone and liver", "WLE Quuxe planned", "Quuxe", "lung"])
    known, fresh = load(), load()
    before = known.normalise(domain, texts.reverse(), within_text=True)
    assert known.why(domain, texts[:5], within_text=True).equals(fresh.why(domain, texts[:5], within_text=True))
    more = [one.with_plain(domain, ["quuxe"]).normalise(domain, texts, within_text=True) for one in (known, load())]
    assert more[0].equals(more[1])
    assert known.nearest(domain, texts).equals(load().nearest(domain, texts))
    assert known.normalise(domain, texts, within_text=True).equals(before.reverse())
