"""Treatment cells as hospitals write them, one line per cell in data/treatment_cells.csv, and what each is taken apart into.

`column` says where the cell stands (chemotherapy, radiation and hormonal: adjuvant columns of their own; any: treatment after a
recurrence; surgery: operations of the primary). `components`: name, x cycles, q days between cycles, Gy with + boost, # fractions,
y years, then words; `course` is the regimen of the whole. `refused` is the reason where the cell is not understood: then it has no
components at all.
"""

import csv
from pathlib import Path

import pytest

from etl.normalise.treatment_grammar import Context, parse_cell
from etl.normalise.treatment_lexicons import by_modality
from etl.normalise.treatment_tokens import NotUnderstoodError
from schemas.vocabulary import load

MARKS = {"**": {"completion_code": "stopped_early"}}
COLUMNS = {
    "chemotherapy": Context("chemotherapy", "adjuvant", MARKS),
    "radiation": Context("radiation", "adjuvant", MARKS),
    "hormonal": Context("hormonal", "adjuvant", MARKS),
    "any": Context(None, "after_recurrence", MARKS),
    "surgery": Context("surgery", "primary", MARKS),
}
FILE = Path(__file__).parent / "data" / "treatment_cells.csv"
NUMBERS = (
    ("cycles", "x{:g}"), ("interval_days", "q{:g}"), ("dose_gy", "{:g}Gy"), ("boost_gy", "+{:g}Gy"), ("fractions", "{:g}#"),
    ("fields", "{:g} fields"), ("duration_years", "{:g}y"),
)  # fmt: skip
WORDS = ("completion_code", "stop_reason_code", "not_given_reason_code", "volume_code", "intent_code")


def cells():
    lines = [line for line in FILE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def words():
    return by_modality(load())


def said(component, context):
    name = next(filter(None, map(component.get, ("regimen_code", "drug_code", "procedure_code", "modality_code"))))
    setting = component["setting_code"]
    parts = [name if component["is_given"] else f"not {name}"]
    parts += [form.format(component[key]) for key, form in NUMBERS if component.get(key) is not None]
    parts += [component[key] for key in WORDS if component.get(key)]
    return " ".join(parts + ([f"[{setting or 'setting not known'}]"] if setting != context.setting else []))


def outcome(row, words):
    context = COLUMNS[row["column"]]
    try:
        found = parse_cell(row["cell"], context, words(context.modality))[0]
    except NotUnderstoodError as refusal:
        return {"components": "", "course": "", "refused": str(refusal)}
    courses = {component["course_regimen_code"] for component in found if component.get("course_regimen_code")}
    return {"components": "; ".join(said(component, context) for component in found), "course": " ".join(sorted(courses)), "refused": ""}


@pytest.mark.parametrize("column", COLUMNS)
def test_takes_every_cell_apart_as_the_table_says(column, words):
    rows = [row for row in cells() if row["column"] == column]
    assert rows
    assert {row["cell"]: outcome(row, words) for row in rows} == {
        row["cell"]: {key: row[key] for key in ("components", "course", "refused")} for row in rows
    }


def test_lists_cells_of_every_kind():
    rows = cells()
    assert len(rows) >= 150
    assert len({(row["column"], row["cell"]) for row in rows}) == len(rows), "each cell once"
    assert sum(bool(row["refused"]) for row in rows) >= 40
    assert all(bool(row["refused"]) != bool(row["components"]) for row in rows)


def test_reads_a_cell_the_same_however_its_letters_and_blanks_are_written(words):
    for row in cells():
        assert outcome({**row, "cell": "  " + row["cell"].upper().replace(" ", "  ") + " "}, words) == outcome(row, words), row["cell"]
