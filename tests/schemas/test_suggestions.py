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


@pytest.mark.parametrize(
    ("domain", "texts"),
    [
        ("stage", "IIC | IIB2 | IID | Stage IIIA?"), ("t_category", "pT3b | pT2b | pT2c | ptid | pTis(DCI)"), ("m_category", "cM0(i)"),
        ("n_category", "N1mic?"), ("grade", "grade3b"), ("stage_basis", "yptn"), ("regimen", "CMFP | ECF | ACx | FEC75x"),
        ("procedure", "Right hemicolectomy | mastoidectomy | prostatectomy | nephrectomy | hysterectomy | mastotomy | right mastectmy"),
        ("laterality", "unilateral"), ("marker_result", "unamplified"), ("completion", "uncompleted"), ("vital_status", "undead"),
        ("modality", "chemoradiation"), ("drug", "cabazitaxel | cisplatin?"), ("ethnicity", "Malaysian"), ("sex", "mail | woman?"),
        ("radiation_volume", "breast bost"), ("site", "plura"),  # a boost; pleura, or a Romanian lung
    ],
)  # fmt: skip
def test_suggests_nothing_that_may_be_another_value(domain: str, texts: str) -> None:
    assert BUILT_IN.nearest(domain, pl.Series(texts.split(" | "))).is_empty()


@pytest.mark.parametrize(
    ("domain", "text", "code"),
    [
        ("stage", "Stge IIA", "IIA"), ("t_category", "T2 N0", "T2"), ("n_category", "T2 N0", "N0"), ("grade", "well diferentiated", "1"),
        ("procedure", "mastctomy", "mastectomy"), ("laterality", "bilaterl", "bilateral"), ("drug", "letrozol e", "letrozole"),
        ("modality", "chemo-therpy", "chemotherapy"), ("menopausal_status", "premenopausl", "premenopausal"), ("tnm_edition", "8 th", "8"),
        ("histology", "lobular carcinoma insitu x", "8520/2"),  # not the invasive one
    ],
)  # fmt: skip
def test_suggests_what_a_slip_of_the_pen_or_a_longer_text_can_mean_alone(domain: str, text: str, code: str) -> None:
    assert BUILT_IN.nearest(domain, pl.Series([text]))["code"].to_list() == [code]


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
