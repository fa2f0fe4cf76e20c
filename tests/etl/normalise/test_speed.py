"""Work per distinct cell, never per row (DESIGN 11)."""

import time

import pytest
from tiny_exports import KEY, contract, raw, vocabularies

from etl.normalise import normalise, treatment_grammar
from etl.normalise.treatment_grammar import Context, parse_cell
from etl.normalise.treatment_lexicons import words_of_treatment
from etl.normalise.treatment_tokens import NotUnderstoodError

COURSE = "{rule: course, record: treatment, each: cell, set: {patient_id: id, course_code: {value: c}}}"
LONG = ", ".join(
    f"{{rule: {name}, record: {record}, when: \"item = '{name}'\", set: {{patient_id: id, {column}}}}}"
    for name, record, column in (
        ("side", "tumour", "laterality_code: value"),
        ("size", "tumour", "tumour_size_mm: value"),
        ("contact", "follow_up", "contact: {from: value, duration: days, after: treatment_start}"),
    )
)


def test_parses_each_distinct_treatment_cell_once(monkeypatch):
    parsed = []
    parse = treatment_grammar.parse_cell
    monkeypatch.setattr(treatment_grammar, "parse_cell", lambda cell, *rest: (parsed.append(cell), parse(cell, *rest))[1])
    rule = contract("cell: {grammar: treatment, modality: hormonal, setting: adjuvant}", COURSE)
    found = normalise(
        raw(rule, *[(str(number), ("Tamoxifen", "Letrozole")[number % 2]) for number in range(1, 501)]), vocabularies(), KEY, 0
    )
    assert sorted(parsed) == ["Letrozole", "Tamoxifen"]
    assert found.records["treatment"].height == 500


@pytest.mark.slow
def test_normalises_100_000_rows_of_a_long_file_in_seconds():
    cells = (("side", "left"), ("size", "21"), ("contact", "1814"))
    rows = raw(contract("item: {}, value: {}", LONG), *[(str(number // 3 + 1), *cells[number % 3]) for number in range(100_000)])
    began = time.process_time()
    found = normalise(rows, vocabularies(), KEY, 0)
    assert sum(frame.height for frame in found.records.values()) == 100_000
    assert time.process_time() - began < 15, "a few seconds on two cores; a call per row would take minutes"


@pytest.mark.parametrize("letter", ["a", "α"])
def test_refuses_a_treatment_cell_of_one_long_word_in_no_time(letter):
    words = words_of_treatment(vocabularies())
    began = time.process_time()
    with pytest.raises(NotUnderstoodError):
        parse_cell(letter * 20_000, Context("chemotherapy", None, {}), words)
    assert time.process_time() - began < 2, "0.03 s where each letter is looked at a few times; 15 s where each looks at all others"
