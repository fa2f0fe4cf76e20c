"""What a longer text denies, doubts or says of another person in Hebrew, Arabic, Greek, Polish, Czech, Turkish, Russian and Thai: written
down before the program was run. None: not read."""

from __future__ import annotations

import pytest
from vocabulary_outcome import outcome


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("כבד", "liver"),
        ("ללא גרורות כבד", None),  # without metastases
        ("חשד: כבד", None),  # suspicion
        ("כבד תקין", None),  # normal
        ("אמא: כבד", None),  # her mother
        ("כבד או ריאה", None),  # or
        ("כבד וריאות", None),  # and, written with the word behind it: two sites
        ("מח עצם", "bone_marrow"),  # not bone
        ("الكبد", "liver"),
        ("نفي الكبد", None),
        ("كبد سليم", None),
        ("الكبد والرئة", None),
        ("ήπαρ", "liver"),
        ("υποψία ήπαρ", None),
        ("μητέρα: ήπαρ", None),
        ("przerzuty do wątroby", "liver"),
        ("wątroba niezajęta", None),
        ("wątroba lub płuca", None),
        ("játra nepostižena", None),
        ("karaciğer veya akciğer", None),
    ],
)
def test_a_site_is_not_taken_where_it_is_denied_doubted_or_one_of_two(text: str, code: str | None) -> None:
    assert outcome("site", text, within_text=True)[0] == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("amplifikacja obecna", "positive"),
        ("amplifikacja nieobecna", None),  # absent
        ("amplifikacja niewykonana", None),  # not done
        ("amplifikace neprokázána", None),
        ("amplifiye edilmemiş", None),
        ("нет гиперэкспрессии", "negative"),
        ("חיובי 3+", "positive"),
        ("לא חיובי", None),
        ("ไม่เป็นบวก", None),
        ("Positive (Score 3+)", "positive"),
        ("Negative (Score 1+)", "negative"),
    ],
)
def test_a_result_that_is_denied_in_one_word_is_not_positive(text: str, code: str | None) -> None:
    assert outcome("marker_result", text, "her2", within_text=True)[0] == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Excision (less than total mastectomy)", "wide_local_excision"),  # College of American Pathologists
        ("segmental mastektomi", "wide_local_excision"),
        ("partielle Mastektomie", "wide_local_excision"),
        ("mastektomia częściowa", "wide_local_excision"),
        ("استئصال الثدي الجزئي", "wide_local_excision"),
        ("כריתת שד חלקית", "wide_local_excision"),
        ("כריתת שד", "mastectomy"),
        ("mastektomia prosta", "mastectomy"),
        ("Total mastectomy (including nipple-sparing and skin-sparing mastectomy)", "mastectomy"),
        ("רק לא כריתת שד", None),
        ("رفضت استئصال الثدي", None),
        ("не выполнена РМЭ", None),
    ],
)
def test_part_of_the_breast_is_no_mastectomy_in_whatever_language_the_words_are(text: str, code: str | None) -> None:
    assert outcome("procedure", text, within_text=True)[0] == code


@pytest.mark.parametrize(
    ("text", "code"), [("ימין", "right"), ("ימין ושמאל", None), ("الثدي الأيمن والأيسر", None), ("الأيسر", "left"), ("Иванов П.", None)]
)
def test_one_of_two_sides_is_not_taken_for_both(text: str, code: str | None) -> None:
    assert outcome("laterality", text, within_text=True)[0] == code
