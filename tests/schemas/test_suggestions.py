"""What is suggested for a text that no vocabulary knows: a hint for a person, never applied."""

from __future__ import annotations

import polars as pl
import pytest
from vocabulary_outcome import BUILT_IN, outcome


def test_suggests_the_nearest_spelling_without_applying_it() -> None:
    assert outcome("site", "medistinal node") == (None, "rejected", "unknown_spelling")
    found = BUILT_IN.nearest("site", pl.Series(["medistinal node", "qqqqqq"]))
    assert found.rows() == [("medistinal node", "mediastinal node", "node_mediastinal")]


def test_suggests_for_many_texts_at_once() -> None:
    found = BUILT_IN.nearest("drug", pl.Series(["tamoxifenn", "zzzz", "Docetaxell"]))
    assert found.rows() == [("tamoxifenn", "tamoxifen", "tamoxifen"), ("Docetaxell", "docetaxel", "docetaxel")]


@pytest.mark.parametrize(
    ("domain", "text"),
    [
        ("stage", "IIC"), ("stage", "IIA1"), ("stage", "IIBB"), ("stage", "llc"),  # `iilc` is a slip of IIIC
        ("stage", "Stage 5A"), ("stage", "Stage zwei B"), ("stage", "IIIE"), ("stage", "Stage 2D"), ("grade", "grade 7"),
        ("grade", "Grade 10"), ("grade", "grade five"), ("t_category", "T2z"), ("topography", "C50.7"), ("histology", "8520/9"),
        ("performance_status", "ECOG 7"), ("tnm_edition", "edition 10"),
    ],
)  # fmt: skip
def test_suggests_no_other_number_or_code(domain: str, text: str) -> None:
    assert BUILT_IN.nearest(domain, pl.Series([text])).is_empty()


@pytest.mark.parametrize(
    ("domain", "text", "suggested"),
    [
        ("site", "bone, at the zorpx of the ward round", [("Bone", "bone")]),  # nothing but a word that no list knows refuses it
        ("stage", "Stage IIA per zorpx", [("Stage IIA", "IIA")]),
        ("site", "no bone zorpx", []),  # denied
        ("site", "lung or liver zorpx", []),  # of two
        ("stage", "grade 3 neutropenia zorpx", []),
        ("drug", "allergic to tamoxifen zorpx", []),
    ],
)
def test_suggests_what_a_text_names_beside_words_that_no_list_knows(domain: str, text: str, suggested: list[tuple[str, str]]) -> None:
    assert BUILT_IN.normalise(domain, pl.Series([text]), within_text=True)["code"].to_list() == [None]
    assert BUILT_IN.nearest(domain, pl.Series([text])).select("suggestion", "code").rows() == suggested


@pytest.mark.parametrize("text", ["nicht verstorben", "not dead", "pas morte"])
def test_suggests_nothing_for_a_text_that_denies(text: str) -> None:
    assert BUILT_IN.nearest("vital_status", pl.Series([text])).is_empty()


@pytest.mark.parametrize(
    ("domain", "text"),
    [
        ("stage", "IIA?"), ("site", "liver?"), ("site", "? liver"), ("marker_result", "positive?"), ("drug", "tamoxifen (?)"),
        ("histology", "lobular?"), ("vital_status", "dead ?"), ("laterality", "left?"), ("topography", "C50.4?"), ("grade", "well diff?"),
    ],
)  # fmt: skip
def test_suggests_nothing_for_a_text_that_doubts(domain: str, text: str) -> None:
    assert BUILT_IN.normalise(domain, pl.Series([text]))["code"].to_list() == [None]
    assert BUILT_IN.nearest(domain, pl.Series([text])).is_empty()


def test_suggests_for_a_letter_that_an_encoding_tore() -> None:
    assert BUILT_IN.nearest("laterality", pl.Series(["r?ght"])).select("code").rows() == [("right",)]
