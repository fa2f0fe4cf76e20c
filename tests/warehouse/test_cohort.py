"""Cohort counts and their flow diagram."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest
from small_registry import Woman, held, registry, study

from schemas.core.errors import RefusedError
from warehouse.cohort import Cohort, count_cohort
from warehouse.flow import flow_svg
from warehouse.mart import build_mart
from warehouse.numbers import Numbers, analysed, number_id

STEPS = (
    {"step": "delivered", "label": "Delivered", "keep": "true"},
    {"step": "recurred", "label": "Recurred", "keep": "has_distant_recurrence"},
    {"step": "in_window", "label": "In the window", "keep": "not before(distant_recurrence, date '2005-01-01')"},
)
GROUPS = ({"arm": "rest", "subgroup": "early", "label": "Early", "when": "stage_code = 'I'"},)
MADE = study(steps=STEPS, subgroups=GROUPS)


def recurred(day: object, **more: object) -> Woman:
    return {"events": [{"event_type_code": "distant_recurrence", "event": day}], **more}


WOMEN = ({}, recurred("2006-01-01", stage_code="I"), recurred("2006-01-01"), recurred("2004-01-01"), recurred(("2004-12-01", "2005-01-02")))


def counted(tmp_path: Path, *women: Woman) -> Cohort:
    con = registry(tmp_path, *women)
    build_mart(con, [MADE])
    return count_cohort(con, MADE, Numbers("small"))


def test_counts_who_is_left_after_each_step_and_who_could_not_be_judged(tmp_path: Path) -> None:
    rows = counted(tmp_path, *WOMEN).counts.select("step", "parent", "arm", "n").rows()
    assert rows == [
        ("delivered", "", "all", 5),
        ("recurred", "delivered", "all", 4),
        ("in_window", "recurred", "all", 2),
        ("in_window.undetermined", "in_window", "all", 1),
        ("analysed", "in_window", "all", 2),
        ("analysed", "in_window", "operated", 0),
        ("analysed", "in_window", "rest", 2),
        ("rest.early", "analysed", "rest", 1),
    ]


def test_names_the_arms_with_women(tmp_path: Path) -> None:
    assert counted(tmp_path, *WOMEN).arms == ("rest",)


def test_counts_persons_held_because_of_an_error(tmp_path: Path) -> None:
    con = registry(tmp_path, {}, {}, {}, findings=held(42))
    build_mart(con, [MADE])
    cohort = count_cohort(con, MADE, Numbers("small"))
    assert cohort.n("held") == 1
    assert cohort.held_share == pytest.approx(1 / 4)


def test_draws_the_same_diagram_twice_with_each_number_in_it(tmp_path: Path) -> None:
    counts = counted(tmp_path, *WOMEN).counts
    drawn = flow_svg(counts, "A <study> & more")
    assert drawn == flow_svg(counts, "A <study> & more")
    texts = [element.text for element in Xml.fromstring(drawn).iter() if element.tag.endswith("text")]  # made by us
    for words in ("n = 5", "n = 4", "n = 2", "Not: Recurred", "n = 1", "of whom cannot be judged: 1", "Early: 1"):
        assert words in texts


def test_writes_number_ids_in_small_letters() -> None:
    assert number_id("S", "table_1", "stage_IIIA", "n", "A-b c") == "s.table_1.stage_iiia.n.a_b_c"


def test_refuses_two_numbers_of_one_name() -> None:
    numbers = Numbers("small")
    numbers.number("table_1", "t_T+", "n", "all", value=1, subjects=analysed("small", "all"))
    with pytest.raises(RefusedError, match=r"small\.table_1\.t_t_\.n\.all"):
        numbers.number("table_1", "t_T-", "n", "all", value=1, subjects=analysed("small", "all"))
