"""A word right beside a category of a longer text is about the category; the same word elsewhere is not."""

from __future__ import annotations

import pytest

from tests.schemas.vocabulary_outcome import code


@pytest.mark.parametrize(
    ("domain", "raw"),
    [
        ("m_category", "kein M1"),
        ("m_category", "T2 N0, geen M1"),
        ("m_category", "pas de M1"),
        ("m_category", "M1 ausgeschlossen"),
        ("m_category", "M1: no"),
        ("m_category", "später M1"),
        ("m_category", "M1 (seit 2012)"),
        ("t_category", "no T4"),
        ("t_category", "mindestens T2"),
        ("t_category", "T2 (Mutter)"),
        ("t_category", "kontralateral T1 N0"),
        ("n_category", "kontralateral T1 N0"),
        ("n_category", "Rezidiv rT2 N1"),
        ("n_category", "al menos N1"),
        ("n_category", "N1 (?)"),
        ("grade", "nessun G3"),
        ("grade", "G3 (evtl.)"),
        ("grade", "без G3"),
        ("stage", "now stage IV"),
        ("stage", "Stadium IV (seit 2012)"),
        ("stage", "mind. Stadium II"),
    ],
)
def test_takes_no_category_from_a_word_of_denial_of_a_bound_or_of_another_time_beside_it(domain: str, raw: str) -> None:
    assert code(domain, raw, within_text=True) is None


@pytest.mark.parametrize(
    ("domain", "raw", "meaning"),
    [
        ("t_category", "pT2 pN0, no LVI", "T2"),
        ("n_category", "pT2 pN0, no LVI", "N0"),
        ("t_category", "T2 N0, Rezidiv 2012", "T2"),
        ("m_category", "M0: no distant metastasis", "M0"),
        ("t_category", "T2, kein M1", "T2"),
        ("grade", "G3, kein DCIS, pT2 N1", "3"),
        ("stage", "stage II. Now well", "II"),
        ("stage", "Stadium IIA, Rezidiv 2012", "IIA"),
    ],
)
def test_reads_the_category_where_such_a_word_is_about_something_else(domain: str, raw: str, meaning: str) -> None:
    assert code(domain, raw, within_text=True) == meaning


def test_takes_no_bracket_with_a_year_for_the_categories_behind_a_stage() -> None:
    assert code("stage", "IIIA (T3N1M0)") == "IIIA"
    assert code("stage", "Stage IV (seit 2012)") is None
