"""Treatment cells without the parts about something else (data/clause_cells.csv)."""

import csv
from pathlib import Path

import pytest

from etl.normalise.treatment_grammar import Context, parse_cells
from etl.normalise.treatment_lexicons import by_modality
from schemas.vocabulary import load

FILE = Path(__file__).parent / "data" / "clause_cells.csv"
ROWS = [*csv.DictReader(line for line in FILE.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))]
SETTINGS = {"any": "after_recurrence", "surgery": "primary"}


@pytest.fixture(scope="module")
def words():
    return by_modality(load())


def said(component):
    name = next(filter(None, map(component.get, ("regimen_code", "drug_code", "procedure_code", "modality_code"))))
    return name + (f" x{component['cycles']}" if component["cycles"] else "")


@pytest.mark.parametrize("column", sorted({row["column"] for row in ROWS}))
def test_reads_of_each_cell_what_the_table_says(column, words):
    rows = [row for row in ROWS if row["column"] == column]
    modality = None if column == "any" else column
    found = parse_cells([row["cell"] for row in rows], Context(modality, SETTINGS.get(column, "adjuvant"), {}), words(modality))
    read = dict.fromkeys(found.cells["cell"], "")
    for component in found.components.iter_rows(named=True):
        read[component["cell"]] = "; ".join(filter(None, [read[component["cell"]], said(component)]))
    assert read == {row["cell"]: row["components"] for row in rows}
