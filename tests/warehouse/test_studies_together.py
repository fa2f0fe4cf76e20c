"""Two studies of one registry: what a reader of both can subtract is told where they are published."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from small_registry import SURVIVAL, Woman, registry, study

from schemas.study import Study
from warehouse.studies import publish_studies

STAGE = {"variable": "stage", "label": "Stage", "level": "stage_code"}
# 30 women with a stage, 20 of stage I, of whom 3 have no grade; 10 women without a stage.
WOMEN: list[Woman] = [{"stage_code": "I" if n < 20 else "IIA", "grade_code": None if n < 3 else "2"} for n in range(30)] + [{}] * 10


def step(keep: str) -> tuple[dict[str, str], ...]:
    return ({"step": "chosen", "label": "Chosen", "keep": keep},)


STAGED, EARLY, LATE = step("stage_code is not null"), step("stage_code = 'I'"), step("stage_code = 'IIA'")
# 27 of the 30: each study by itself leaves out 10 and 13 of the 40.
GRADED = step("stage_code is not null and grade_code is not null")


def made(name: str, min_cell: int = 5, **parts: Any) -> Study:
    one_arm = ({"arm": "everyone", "label": "Everyone", "residual": True},)
    reason = "invented women" if min_cell == 1 else None
    return study(study=name, min_cell=min_cell, min_cell_reason=reason, **({"arms": one_arm} | parts))


def told(tmp_path: Path, *studies: Study, women: Sequence[Woman] = WOMEN) -> list[tuple[str, ...]]:
    with registry(tmp_path, *women) as con:
        return [one.notices for one in publish_studies(con, studies, tmp_path / "share", tmp_path / "internal", is_simulated=False)]


def test_names_both_studies_and_the_tables_that_differ_by_a_few_women(tmp_path: Path) -> None:
    every, graded = made("all_grades", steps=STAGED, table_1=(STAGE,)), made("graded", steps=GRADED, table_1=(STAGE,))
    first, (notice,) = told(tmp_path, every, graded)
    assert first == ()
    assert notice == (
        "beside the study 'all_grades' it tells of fewer than 5 women who are in one of the two only, by the difference of: "
        "cohort_counts, table_1 (stage). Let out one of the two, or give both the same women and arms."
    )


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param(STAGED, id="the same women"),
        pytest.param(EARLY, id="10 fewer women"),
        pytest.param(LATE, id="20 fewer women"),
    ],
)
def test_says_nothing_of_studies_that_differ_by_nobody_or_by_many(tmp_path: Path, steps: Any) -> None:
    assert told(tmp_path, made("first", steps=STAGED), made("other", steps=steps)) == [(), ()]


def test_says_nothing_of_counts_of_which_neither_is_part_of_the_other(tmp_path: Path) -> None:
    # 20 of stage I beside 17 + 10 with a grade: 3 and 10 are in one of the two only
    # (where it is not known of the 10 without a stage whether they are early, these 10 are shown, and 13 - 10 is told)
    early = step("coalesce(stage_code, 'none') = 'I'")
    assert told(tmp_path, made("early", steps=early), made("graded", steps=GRADED)) == [(), ()]


@pytest.mark.parametrize(("min_cells", "is_told"), [((1, 1), False), ((1, 5), True), ((5, 1), True)])
def test_speaks_where_one_of_the_two_hides_small_counts(tmp_path: Path, min_cells: tuple[int, int], is_told: bool) -> None:
    one, other = made("all_grades", min_cells[0], steps=STAGED), made("graded", min_cells[1], steps=GRADED)
    assert bool(told(tmp_path, one, other)[1]) is is_told


# By stage: operated; not operated, of grade 1, and of grade 2.
STAGES = {"I": (5, 5, 5), "IIB": (9, 1, 7), "IIIA": (2, 4, 3)}
OPERATED = {"events": [{"event_type_code": "metastasectomy", "event": 1}]}
TREATED: list[Woman] = [
    {"treatment_start": 0, "stage_code": stage, "grade_code": "2" if place == 2 else "1"} | (OPERATED if place == 0 else {})
    for stage, counts in STAGES.items()
    for place, n in enumerate(counts)
    for _ in range(n)
]
ARM, REST = {"arm": "operated", "label": "Operated", "when": "has_metastasectomy"}, {"arm": "rest", "label": "Rest", "residual": True}
LOW = {"arm": "low", "label": "Grade 1", "when": "grade_code = '1'"}


def test_speaks_where_two_studies_of_the_same_women_hide_other_partners_of_a_small_level(tmp_path: Path) -> None:
    # Of the operated each hides stage IIIA (2) beside another stage: both together show 5 and 9 of the 16.
    fine, coarse = made("fine", table_1=(STAGE,), arms=(ARM, LOW, REST)), made("coarse", table_1=(STAGE,), arms=(ARM, REST))
    first, (notice,) = told(tmp_path, fine, coarse, women=TREATED)
    assert first == ()
    assert notice == (
        "beside the study 'fine' it tells a count of fewer than 5 women that one of the two hides, by all that both show of: "
        "table_1 (stage). Let out one of the two, or give both the same women and arms."
    )


def test_says_nothing_of_two_studies_that_hide_the_same(tmp_path: Path) -> None:
    arms = (ARM, LOW, REST)
    assert told(tmp_path, *(made(name, table_1=(STAGE,), arms=arms) for name in ("one", "other")), women=TREATED) == [(), ()]


# Of stage I, 20; of them with a grade, 17. Nobody is in both studies at the end, nor do their analysed women differ by a few.
THEN = {
    "early": {"step": "early", "label": "Early", "keep": "stage_code = 'I'"},
    "late": {"step": "late", "label": "Late", "keep": "stage_code = 'IIA'"},
}


def test_tells_of_a_step_that_the_other_study_shows_with_a_few_women_more(tmp_path: Path) -> None:
    # 30 with a stage are left at a step of one, 27 with a stage and a grade at one of the other: 3 have no grade
    every, graded = made("all_grades", steps=(*STAGED, THEN["early"])), made("graded", steps=(*GRADED, THEN["late"]))
    first, (notice,) = told(tmp_path, every, graded)
    assert first == ()
    assert "by the difference of: cohort_counts." in notice


def test_tells_of_endpoints_that_are_about_a_few_women_more(tmp_path: Path) -> None:
    followed: list[Woman] = [
        woman | {"treatment_start": 0, "contacts": [{"contact": 400 + n, "vital_status_code": "alive"}]} for n, woman in enumerate(WOMEN)
    ]
    whole, late = (
        SURVIVAL | {"among": "coalesce(stage_code, 'none') = 'I'"},
        SURVIVAL | {"among": "coalesce(stage_code, 'none') = 'I' and grade_code is not null"},
    )
    studies = made("all_grades", endpoints=(whole,)), made("graded", steps=STAGED, endpoints=(late,))
    first, (notice,) = told(tmp_path, *studies, women=followed)
    assert first == ()
    assert "by the difference of: survival." in notice
