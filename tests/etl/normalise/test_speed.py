"""Work per distinct cell, never per row (DESIGN 11)."""

import sys
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


def calls(rows: int) -> int:
    """How many functions Python calls to normalise so many rows of the same three items."""
    cells = (("side", "left"), ("size", "21"), ("contact", "1814"))
    delivered = raw(contract("item: {}, value: {}", LONG), *[(str(number // 3 + 1), *cells[number % 3]) for number in range(rows)])
    called = 0

    def count(_frame, event, _argument):
        nonlocal called
        called += event == "call"

    sys.setprofile(count)
    try:
        found = normalise(delivered, vocabularies(), KEY, 0)
    finally:
        sys.setprofile(None)
    assert sum(frame.height for frame in found.records.values()) == rows
    return called


def test_calls_no_function_per_row_of_a_long_file():
    calls(30)  # what is read once and kept
    assert calls(3_000) < 1.2 * calls(300), "ten times the rows, the same three cells: the same calls"


@pytest.mark.parametrize("letter", ["a", "α"])
def test_refuses_a_treatment_cell_of_one_long_word_in_no_time(letter):
    words = words_of_treatment(vocabularies())
    began = time.process_time()
    with pytest.raises(NotUnderstoodError):
        parse_cell(letter * 20_000, Context("chemotherapy", None, {}), words)
    assert time.process_time() - began < 2, "0.03 s where each letter is looked at a few times; 15 s where each looks at all others"
