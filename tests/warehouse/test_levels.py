"""The order of the levels of Table 1, and their words."""

import pytest

from schemas.study import Variable
from warehouse.levels import ordered, worded


def variable(level: str, *levels: str) -> Variable:
    return Variable(variable="v", label="V", level=level, levels=levels)


@pytest.mark.parametrize(
    ("column", "listed", "met", "expected"),
    [
        pytest.param("stage_code", (), ("IV", "IIA", "I", "IIIC"), ("I", "IIA", "IIIC", "IV"), id="order of the code list"),
        pytest.param(
            "stage_code", ("I", "IIB", "IIIA"), ("IA", "IIA", "I"), ("I", "IA", "IIA", "IIB", "IIIA"), id="met ones in their place"
        ),
        pytest.param("stage_code", ("IIIA", "I"), ("IIA", "IA"), ("IIIA", "I", "IA", "IIA"), id="an order of the study's own stands first"),
        pytest.param("radiation_fields", ("3", "4"), ("2", "10"), ("2", "3", "4", "10"), id="numbers rise"),
        pytest.param("is_neoadjuvant", ("yes", "no"), ("no",), ("yes", "no"), id="yes before no where the study says so"),
        pytest.param("case when true then 'b' else 'a' end", (), ("b", "a"), ("a", "b"), id="an expression has no code list"),
        pytest.param("er_code", ("positive", "negative"), ("equivocal",), None, id="each level once"),
    ],
)
def test_levels_stand_in_the_order_of_their_code_list(
    column: str, listed: tuple[str, ...], met: tuple[str, ...], expected: tuple[str, ...] | None
) -> None:
    found = ordered(variable(column, *listed), met)
    assert set(found) == {*listed, *met}
    assert len(found) == len(set(found))
    if expected is not None:
        assert found == expected


def test_levels_are_worded_by_their_code_list() -> None:
    assert worded(variable("stage_code"))("IIIA") == "Stage IIIA"
    assert worded(variable("is_neoadjuvant"))("yes") == "Yes"
    assert worded(variable("radiation_fields"))("3") == "3"


def test_codes_that_a_project_added_stand_in_their_place_with_their_words() -> None:
    longer = {"stage": {"I": "Stage I", "IV": "Stage IV", "IVA": "Stage IVA"}}
    assert ordered(variable("stage_code", "I", "IV"), ("IVA",), longer=longer) == ("I", "IV", "IVA")
    assert ordered(variable("stage_code"), ("IVA", "IV", "I"), longer=longer) == ("I", "IV", "IVA")
    assert worded(variable("stage_code"), longer=longer)("IVA") == "Stage IVA"
    assert worded(variable("grade_code"), longer=longer)("1") == "Grade 1"
