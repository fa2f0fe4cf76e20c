"""A mistake of shape hides no mistake of meaning in the same file, and brings no other with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_project import CONTRACT, mistakes, written

C = "contracts/ward.yml"
MEANING = "'femal' is no code of 'sex' (did you mean female or male?)"
MEANT_WRONG = CONTRACT.replace("map: {f: female}", "map: {f: femal}")
SET = "    set:\n      patient_id: id\n      stage_code: stage\n      tumour_no: {value: 1}"
SHAPES = [
    ("contract: ward", "contrct: ward", "unknown key 'contrct' (did you mean contract or contract_version?)"),
    ("contract_version: 1\n", "", "missing key 'contract_version'"),
    ("contract_version: 1", "contract_version: one", "'contract_version': expected a whole number"),
    ("source: ward", "sorce: ward", "unknown key 'sorce' (did you mean source?)"),
    ("source: ward\n", "", "missing key 'source'"),
    ("files: [ward.csv]\n", "", "missing key 'files'"),
    ("fields:\n", "feilds:\n", "unknown key 'feilds' (did you mean fields or files?)"),
    ("records:\n", "record:\n", "unknown key 'record' (did you mean records?)"),
    ("columns: exact", "delivery: snap", "'delivery' knows no word 'snap' (did you mean snapshot?)"),
    ("sex: {}", "sex: []", "'sex': expected a mapping"),
    ("sex: {}", "sex: {hedaer: x}", "unknown key 'hedaer' (did you mean header?)"),
    ("grammar: treatment", "grammar: treatmant", "'grammar' knows no word 'treatmant' (did you mean treatment?)"),
    ("    record: tumour\n", "", "missing key 'record'"),
    ("record: tumour", "record: tumor", "'record' knows no word 'tumor' (did you mean tumour?)"),
    ("  - rule: primary\n    record", "  - record", "missing key 'rule'"),
    (SET, "    set: [a]", "'set': expected a mapping"),
    (SET + "\n", "", "missing key 'set'"),
]


@pytest.mark.parametrize(("right", "wrong", "sentence"), SHAPES)
def test_tells_mistakes_of_shape_and_of_meaning_in_one_go(tmp_path: Path, right: str, wrong: str, sentence: str) -> None:
    text = MEANT_WRONG.replace(right, wrong)
    assert text != MEANT_WRONG
    told = [str(mistake).split(": ", 1)[1] for mistake in mistakes(written(tmp_path, {C: text}))]
    assert sorted(told) == sorted([sentence, MEANING])


@pytest.mark.parametrize(
    ("rule", "sentence"), [("{rule: p, record: person, set: {patient_id: id}}", "'record' knows no word 'person'"), ("", "'records': has")]
)
def test_tells_of_the_only_rule_what_is_wrong_with_it_and_not_that_there_is_none(tmp_path: Path, rule: str, sentence: str) -> None:
    head = "contract: ward\ncontract_version: 1\ntitle: Ward\nsource: ward\nfiles: [ward.csv]\nfields: {id: {}}\n"
    told = [str(mistake) for mistake in mistakes(written(tmp_path, {C: f"{head}records: [{rule}]\n"}))]
    assert [sentence in each for each in told if "records" in each or "record" in each] == [True], told
