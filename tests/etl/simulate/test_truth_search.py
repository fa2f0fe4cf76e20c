"""The search for who died and when each was operated: what it finds fits every bound, and nothing is made to fit."""

import pytest

from etl.simulate.paper import fates, thirteen
from etl.simulate.search import LONGEST_DELAY, USUAL_DELAY, solve


@pytest.fixture
def women():
    """Days from recurrence to the last day, from operation to progression, and of survival, by woman of Table 2."""
    rows = thirteen().select("table2_no", "to_recurrence", "to_progression", "survival").rows()
    left = {no: survival - recurrence for no, recurrence, _, survival in rows}
    return left, {no: days for no, _, days, _ in rows if days is not None}, {no: survival for no, *_, survival in rows}


def test_changes_the_usual_delay_only_where_a_bound_forces_it():
    # 2, 4 and 6: shortest and longest survival; 7: shortest time from progression to death; 8 with 1: the middle pair; 13: the median.
    changed = {no: days for no, days in fates().delays.items() if days != USUAL_DELAY}
    assert changed == {2: 9, 4: 39, 6: 35, 7: 55, 8: 33, 13: 92}


def test_lets_woman_6_be_among_the_dead_for_only_she_can_reach_the_longest_time():
    assert fates().dead == {1, 4, 5, 6, 7, 8, 12}


def test_gives_the_same_answer_whatever_the_order_of_the_women(women):
    turned = [dict(reversed(part.items())) for part in women]
    assert solve(*turned) == solve(*women) == fates()


def test_finds_nothing_where_a_bound_cannot_be_met(women):
    left, to_progression, survival = women
    with pytest.raises(ValueError, match="no delays fit"):
        solve(left | {6: left[6] - LONGEST_DELAY}, to_progression, survival)
