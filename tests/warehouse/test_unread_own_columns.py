"""A study's own columns do not take for none what was delivered and not understood."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from small_registry import Woman, registry, study, unread_of

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


def cell(record: str, columns: tuple[str, ...], no: int = 1) -> pl.DataFrame:
    """What of one of the women was not understood."""
    return unread_of(record, *columns, person=f"w{no:03d}")


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[object, object]]:
    """Per line of TAKEN what the column says of a woman of whom that was not understood, and of another."""
    women = [woman for _, woman, *_ in TAKEN for _ in ("with", "without")]
    unread = pl.concat(cell(record, columns, 2 * no + 1) for no, (_, _, record, columns, *_) in enumerate(TAKEN))
    con = registry(tmp_path_factory.mktemp("own"), *women, unread=unread)
    columns = tuple({"column": f"it_{no}", "label": f"It {no}"} | column for no, (column, *_) in enumerate(TAKEN))
    store(con, study(columns=columns))
    named = ", ".join(column["column"] for column in columns)
    rows = {int(label): values for label, *values in con.sql(f"select subject_label, {named} from mart_candidate").fetchall()}
    return [(rows[2 * no + 1][no], rows[2 * no + 2][no]) for no in range(len(TAKEN))]


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
