"""A recurrence on a day not delivered beside a death: it came first, and nobody knows when."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from competing_women import DEATH, RECURRENCE, woman
from small_registry import SURVIVAL, Woman, registry, rows, study
from test_analyses import Published

from warehouse import mart

OPERATED = {"competing": "operated", "label": "Operated", "event": "has_metastasectomy", "end": ("metastasectomy",)}
RECURRED = {"competing": "recurrence", "label": "Recurrence", "event": "has_recurrence", "end": ("recurrence",)}
DIED = SURVIVAL | {"end": ("death",), "censored": ("contact",)}
# Of an endpoint with what competes, and a recurrence on a day not delivered beside a death on day 500: what is known of her time.
UNDATED = [
    (RECURRENCE, None, (None, 500, True, "event")),
    (DIED | {"competing": (RECURRED,)}, None, (None, 500, False, "recurrence")),
    (RECURRENCE | {"competing": (OPERATED, DEATH)}, 300, (None, 300, None, "undetermined")),  # an operation may come before it
    (RECURRENCE | {"competing": (OPERATED, DEATH)}, None, (None, 500, True, "event")),
]


@pytest.mark.parametrize(("endpoint", "operated", "known"), UNDATED)
def test_a_recurrence_on_a_day_not_delivered_came_before_the_death(
    tmp_path: Path, endpoint: dict[str, Any], operated: int | None, known: tuple[object, ...]
) -> None:
    events = [{"event_type_code": "distant_recurrence"}]
    events += [{"event_type_code": "metastasectomy", "event": operated, "event_no": 2}] if operated else []
    con = registry(tmp_path, woman(None, 500, events=events))
    mart.build_mart(con, [study(endpoints=(endpoint,))])
    assert rows(con, "select earliest_days, latest_days, is_event, cause from mart_time_to_event") == [known]


@pytest.mark.parametrize(("cut_off", "state"), [("2011-12-31", "counted"), ("2010-06-30", "open")])
def test_a_cut_off_between_them_leaves_a_recurrence_without_a_day_open(tmp_path: Path, cut_off: str, state: str) -> None:
    con = registry(tmp_path, woman("undated", "2011-03-01", treatment_start="2010-01-01"))
    mart.build_mart(con, [study(endpoints=(RECURRENCE,), data_cut_off=date.fromisoformat(cut_off))])
    assert rows(con, "select cut_off_state from mart_time_to_event") == [(state,)]


def test_whoever_recurred_on_an_unknown_day_and_died_by_the_landmark_is_left_out_of_it(tmp_path: Path) -> None:
    made = study(endpoints=(RECURRENCE | {"landmark_days": 180},), analyses=("as_published", "landmark"))
    con = registry(tmp_path, woman("undated", 150), woman("undated", 181))
    mart.build_mart(con, [made])
    found = "select risk_state from mart_time_in_analysis join mart_subject using (patient_key) where mart_time_in_analysis.arm = 'all' "
    assert rows(con, found + "order by subject_label") == [("ended_before",), ("at_risk",)]


# Of a woman beside one who died on day 100 without a recurrence, what is counted with a cut-off and with a horizon (day 365 both).
CUT, HORIZON = {"data_cut_off": date(2016, 12, 31)}, {"horizon_days": 365}
START, FIRST = "2016-01-01", woman(None, "2016-04-10", treatment_start="2016-01-01")
UNCOUNTED: list[tuple[Woman, dict[str, Any], dict[str, Any], int | None]] = [
    (woman(None, "undated", contact="2018-01-01", treatment_start=START), {}, {}, 2),  # whenever it was, it ended her time
    (woman(None, "undated", contact="2018-01-01", treatment_start=START), CUT, {}, None),
    (woman(None, "undated", contact="2018-01-01", treatment_start=START), {}, HORIZON, None),
    (woman(None, ("2016-05-01", "2016-05-20"), treatment_start=START), CUT, {}, 2),  # before the cut-off, on whichever day
    (woman(None, "2017-05-01", treatment_start=START), CUT, HORIZON, 1),
    (woman("undated", "2018-01-01", treatment_start=START), CUT, {}, None),
    (woman("undated", "undated", treatment_start=START), CUT, {}, 1),  # the recurrence came first
]


@pytest.mark.parametrize("no", range(len(UNCOUNTED)))
def test_counts_no_competing_event_on_a_day_that_may_be_after_the_cut_off_or_the_horizon(no: int, tmp_path: Path) -> None:
    last, parts, more, expected = UNCOUNTED[no]
    made = Published(tmp_path, study(endpoints=(RECURRENCE | more,), **parts), FIRST, last)
    (row,) = made.rows("survival", arm="all")
    assert row["competing_events"] == expected
