"""A study's own columns do not take for none what was delivered and not understood."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from small_registry import Woman, registry, study, unread_of
from sqlglot import exp

from schemas.candidate import known
from schemas.core.expression_error import ExpressionError
from schemas.study import Study
from warehouse import mart
from warehouse.candidates import store

LIVER = {"event_type_code": "distant_recurrence", "event": "2012-01-01", "organ_code": "liver"}
# What a cell leaves that the grammar refused.
CELL = {"course_code": "cell", "component_no": 0, "is_given": None, "setting_code": "adjuvant"}
TAMOXIFEN = {"course_code": "tam", "modality_code": "hormonal", "drug_code": "tamoxifen", "setting_code": "adjuvant"}
EXCISION = {"course_code": "op", "modality_code": "surgery", "procedure_code": "wide_local_excision"}
HORMONAL, ANY = {"modality_code": "hormonal"}, {"modality_code": "any"}
DISTANT = {"list": "event", "where": "event_type_code = 'distant_recurrence'"}
PROGRESSED = {"list": "event", "where": "event_type_code = 'progression'"}
OF_TAMOXIFEN = {"list": "drug", "where": "drug_code = 'tamoxifen'"}
OF_HORMONES = {"list": "treatment", "where": "modality_code = 'hormonal'"}
OPERATED = {"list": "treatment", "where": "modality_code = 'surgery'"}
LOST, REFUSED = ("lost",), ("is_given",)
# the column, what she has, what of this kind of record was not understood, and what the column says with and without it
TAKEN: list[tuple[dict[str, Any], Woman, str, tuple[str, ...], object, object]] = [
    (DISTANT, {}, "event", LOST, None, False),
    (DISTANT, {"events": [LIVER]}, "event", LOST, True, True),
    (DISTANT | {"take": "count"}, {}, "event", LOST, None, 0),
    (DISTANT | {"take": "count"}, {"events": [LIVER]}, "event", LOST, None, 1),
    (DISTANT | {"take": "first", "value": "organ_code"}, {"events": [LIVER]}, "event", LOST, None, "liver"),
    (PROGRESSED, {"events": [LIVER]}, "event", LOST, None, False),
    (PROGRESSED, {"events": [LIVER]}, "treatment", LOST, False, False),
    (OF_TAMOXIFEN, {}, "treatment", LOST, None, False),
    (OF_TAMOXIFEN, {"treatments": [CELL | HORMONAL]}, "treatment", REFUSED, None, None),
    (OF_TAMOXIFEN, {"treatments": [CELL | ANY, TAMOXIFEN]}, "treatment", REFUSED, True, True),
    (OF_TAMOXIFEN, {"treatments": [TAMOXIFEN | {"is_given": None}]}, "treatment", (), None, None),
    (OF_TAMOXIFEN, {"treatments": [TAMOXIFEN | {"is_given": False}]}, "treatment", (), False, False),
    (OF_HORMONES, {"treatments": [CELL | HORMONAL]}, "treatment", REFUSED, None, True),
    (OF_HORMONES, {"treatments": [CELL | ANY]}, "treatment", REFUSED, None, False),
    (OF_HORMONES, {"treatments": [CELL | {"modality_code": "radiation"}]}, "treatment", REFUSED, False, False),
    (OF_HORMONES | {"where": "modality_code = 'hormonal' and coalesce(is_given, true)"}, {"treatments": [CELL | HORMONAL]},
     "treatment", REFUSED, None, True),
    (OPERATED | {"take": "count"}, {"treatments": [EXCISION, CELL | ANY]}, "treatment", REFUSED, None, 1),
    (OPERATED | {"take": "only", "value": "procedure_code"}, {"treatments": [EXCISION, CELL | ANY]}, "treatment", REFUSED, None,
     "wide_local_excision"),
]  # fmt: skip


LESIONS = DISTANT | {"take": "sum", "value": "lesion_count"}
FIRST, LAST = (DISTANT | {"take": take, "value": "event"} for take in ("first", "last"))
ORGAN = DISTANT | {"take": "first", "value": "organ_code"}
BRAIN = FIRST | {"where": "organ_code = 'brain'"}
DOSE = {"list": "treatment", "where": "modality_code = 'radiation'", "take": "max", "value": "dose_gy"}
RADIATION = {"course_code": "rt", "modality_code": "radiation"}
NO_BRAIN = DISTANT | {"where": "coalesce(organ_code, 'none') <> 'brain'"}
OTHER_SIDE = {"list": "event", "where": "coalesce(index_laterality_code, 'left') = 'left'"}
DAYS = DISTANT | {"take": "max", "value": "days_between(treatment_start, event)"}
NO_ORGAN, NO_DAY = LIVER | {"organ_code": None}, LIVER | {"event": None}
MONTH = LIVER | {"event": ("2012-01-01", "2012-01-31")}
WORD = ("site_code",)
# the column, what she has, what of this kind of record was not understood, what is asked, and the answer with and without it
ASKED: list[tuple[dict[str, Any], Woman, str, tuple[str, ...], str, object, object]] = [
    (LESIONS, {}, "event", LOST, "it is null", None, True),
    (LESIONS, {}, "event", LOST, "coalesce(it, 0) = 0", None, True),
    (LESIONS, {}, "event", LOST, "case when it > 1 then true else false end", None, False),
    (LESIONS, {"events": [LIVER | {"lesion_count": 2}]}, "event", LOST, "coalesce(it, 0) = 0", None, False),
    (LESIONS, {"events": [LIVER]}, "event", WORD, "it is null", None, True),  # the word may have been the count
    (LESIONS, {"events": [LIVER]}, "tumour", WORD, "it is null", True, True),
    (LESIONS, {"events": [LIVER | {"event_type_code": "progression"}]}, "event", WORD, "it is null", True, True),
    (LESIONS, {"events": [LIVER | {"lesion_count": 2}, LIVER | {"event_no": 2}]}, "tumour", WORD, "coalesce(it, 0) = 0", None, None),
    (FIRST, {}, "event", LOST, "it is null", None, True),
    (FIRST, {"events": [LIVER]}, "event", LOST, "it is not null", True, True),
    (FIRST, {"events": [LIVER]}, "event", LOST, "before(it, date '2012-06-01')", True, True),  # a lost one may be earlier
    (FIRST, {"events": [LIVER]}, "event", LOST, "not before(it, date '2011-06-01')", False, True),
    (LAST, {"events": [LIVER]}, "event", LOST, "before(it, date '2012-06-01')", False, True),  # or later
    (LAST, {"events": [LIVER]}, "event", LOST, "not before(it, date '2011-06-01')", True, True),
    (BRAIN, {"events": [NO_ORGAN]}, "event", (), "it is not null", None, None),
    (BRAIN, {"events": [LIVER]}, "event", WORD, "it is null", True, True),
    (FIRST, {"events": [NO_DAY]}, "event", WORD, "it is null", True, True),  # no day was delivered
    (FIRST, {"events": [NO_DAY, LIVER | {"event_no": 2}]}, "tumour", WORD, "it is null", None, None),
    (ORGAN, {"events": [LIVER, NO_ORGAN | {"event_no": 2}]}, "tumour", WORD, "coalesce(it, 'liver') = 'liver'", None, None),
    (ORGAN, {"events": [NO_ORGAN]}, "event", WORD, "coalesce(it, 'liver') = 'liver'", None, True),
    (DOSE, {"treatments": [CELL | ANY]}, "treatment", REFUSED, "coalesce(it, 0) = 0", None, True),
    (DOSE, {"treatments": [RADIATION]}, "treatment", WORD, "coalesce(it, 0) = 0", None, True),
    (DAYS, {"events": [MONTH], "treatment_start": "2011-01-01"}, "tumour", WORD, "coalesce(it, 0) = 0", None, None),
    (NO_BRAIN, {"events": [NO_ORGAN]}, "event", WORD, "it", None, True),
    (OTHER_SIDE, {"events": [LIVER]}, "tumour", ("laterality_code",), "it", None, True),
]  # fmt: skip


def cell(record: str, columns: tuple[str, ...], no: int = 1) -> pl.DataFrame:
    """What of one of the women was not understood."""
    return unread_of(record, *columns, person=f"w{no:03d}")


def of_each(
    folder: Path, lines: Sequence[tuple[dict[str, Any], Woman, str, tuple[str, ...]]], asked: Callable[[Study], list[exp.Expr]]
) -> list[tuple[object, object]]:
    """Per line what is asked of its column (`it_0`, `it_1`, …) of a woman of whom that was not understood, and of another."""
    women = [woman for _, woman, *_ in lines for _ in ("with", "without")]
    unread = pl.concat(cell(record, columns, 2 * no + 1) for no, (_, _, record, columns) in enumerate(lines))
    con = registry(folder, *women, unread=unread)
    made = study(columns=tuple({"column": f"it_{no}", "label": f"It {no}"} | column for no, (column, *_) in enumerate(lines)))
    store(con, made)
    answers = (exp.alias_(test, f"answer_{no}") for no, test in enumerate(asked(made)))
    query = exp.select("subject_label", *answers).from_("mart_candidate")
    rows = {int(label): values for label, *values in con.sql(query.sql("duckdb")).fetchall()}
    return [(rows[2 * no + 1][no], rows[2 * no + 2][no]) for no in range(len(lines))]


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[object, object]]:
    """Per line of TAKEN what the column says."""
    lines = [line[:4] for line in TAKEN]
    return of_each(tmp_path_factory.mktemp("own"), lines, lambda _: [exp.column(f"it_{no}") for no in range(len(TAKEN))])


@pytest.mark.parametrize("no", range(len(TAKEN)))
def test_says_what_is_not_known(no: int, said: list[tuple[object, object]]) -> None:
    *_, with_it, without = TAKEN[no]
    assert said[no] == (with_it, without)


@pytest.mark.parametrize("condition", ["it", "coalesce(it, false)", "not coalesce(it, false)", "case when it then true else false end"])
def test_she_is_in_no_arm_and_counted_as_one_who_cannot_be_judged(condition: str, tmp_path: Path) -> None:
    con = registry(tmp_path, {}, {"events": [LIVER]}, unread=cell("event", LOST))
    arms = ({"arm": "had", "label": "Had", "when": condition}, {"arm": "rest", "label": "The rest", "residual": True})
    mart.build_mart(con, [study(arms=arms, columns=({"column": "it", "label": "It"} | DISTANT,))])
    found = con.sql("select excluded_step, is_undetermined, arm from mart_subject order by subject_label").fetchall()
    assert found == [("arm", True, None), (None, False, "rest" if condition.startswith("not") else "had")]


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[object, object]]:
    """Per line of ASKED what is answered to its question."""

    def questions(made: Study) -> list[exp.Expr]:
        return [known(made.columns).judged(re.sub(r"\bit\b", f"it_{no}", text)).certain for no, (*_, text, _, _) in enumerate(ASKED)]

    return of_each(tmp_path_factory.mktemp("asked"), [line[:4] for line in ASKED], questions)


@pytest.mark.parametrize("no", range(len(ASKED)))
def test_an_empty_value_is_not_taken_for_that_of_nobody(no: int, answered: list[tuple[object, object]]) -> None:
    *_, with_it, without = ASKED[no]
    assert answered[no] == (with_it, without)


def test_no_condition_can_name_what_stands_beside_such_a_column() -> None:
    named = known(study(columns=({"column": "it", "label": "It"} | FIRST,)).columns)
    assert {"it:open", "it:had"} == {column.name for column in named.carried} - {column.name for column in named.columns}
    with pytest.raises(ExpressionError):
        named.parsed('"it:open"')
