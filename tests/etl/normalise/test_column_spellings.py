"""Spellings whose meaning hangs on the other cells of their column."""

import pytest
from tiny_exports import contract, normalised


@pytest.mark.parametrize(
    ("cells", "read"),
    [
        (["M", "F"], ["male", "female"]),
        (["M", "W", "m"], ["male", "female", "male"]),
        (["M", "M"], [None, None]),  # of women: mujer, or a column that holds men alone
        (["M", "H"], [None, None]),  # mujer and hombre
        (["M", "Mujer", "F"], [None, "female", "female"]),
        (["M", "V"], [None, None]),  # vrouw in Dutch; vyras, beside moteris, in Lithuanian
        (["M", "V", "vrouw"], ["male", "female", "female"]),
        (["V", "F"], [None, "female"]),  # varón and femenino in Spanish
        (["M", "V", "mujer"], [None, None, "female"]),
        (["male", "male"], ["male", "male"]),
        (["F", "F"], ["female", "female"]),
        (["F", "N"], [None, None]),  # férfi and nő in Hungarian
        (["E", "K"], ["male", "female"]),  # erkek and kadın
        (["E", "K", "M"], [None, "female", "male"]),  # kvinna and man: E is neither
        (["E", "K", "mies"], [None, "female", "male"]),
    ],
)
def test_lets_the_other_cells_of_the_column_say_what_m_and_f_mean(cells, read):
    rule = "{rule: woman, record: patient, set: {patient_id: id, sex_code: cell}}"
    found = normalised(contract("cell: {header: Cell}", rule), *[(str(i), cell) for i, cell in enumerate(cells, 1)])
    assert found.records["patient"]["sex_code"].to_list() == read


@pytest.mark.parametrize(
    ("cells", "read"),
    [
        (["+", "-", "++"], ["positive", "negative", "positive"]),
        (["positive", "-", "negative"], ["positive", None, "negative"]),  # beside the word a dash is an empty cell
        (["90%", "-", "0%"], ["positive", None, "negative"]),
        (["+", "-", "neg"], ["positive", None, "negative"]),
        (["P", "N"], ["positive", "negative"]),
        (["P", "pending", "N"], [None, "unknown", "negative"]),
        (["P", "P"], [None, None]),
    ],
)
def test_lets_the_other_cells_of_the_column_say_what_a_dash_and_p_mean(cells, read):
    of = "marker_code: {value: er}, specimen_code: {value: primary}"
    rule = f"{{rule: er, record: biomarker, set: {{patient_id: id, {of}, result_code: cell}}}}"
    found = normalised(contract("cell: {header: Cell}", rule), *[(str(i), cell) for i, cell in enumerate(cells, 1)])
    assert found.records["biomarker"]["result_code"].to_list() == read


@pytest.mark.parametrize(
    ("column", "cells", "read"),
    [
        ("stage_code", ["1", "2", "4"], ["I", "II", "IV"]),
        ("stage_code", ["1", "IIA", "5"], [None, "IIA", None]),  # 5 is no stage: 1 may be IA as well
        ("grade_code", ["1", "3", "9"], ["1", "3", None]),
        ("grade_code", ["1", "3", "5"], [None, None, None]),
        ("m_code", ["0", "1", "2"], [None, None, None]),
        ("grade_code", ["0", "1", "2"], [None, None, None]),  # counted from 0
        ("grade_code", ["0", "1", "2", "3"], [None, "1", "2", "3"]),
        ("grade_code", ["B", "M", "A"], [None, None, None]),  # baixo, médio, alto
        ("grade_code", ["W", "M", "P"], [None, None, None]),  # well, moderately, poorly
        ("grade_code", ["L", "I", "H"], [None, None, None]),  # intermediate, not grade 1
        ("grade_code", ["L", "M", "H"], ["L", "M", "H"]),  # SEER, in situ
        ("grade_code", ["I", "II", "III"], ["1", "2", "3"]),
        ("grade_code", ["D", "S"], [None, None]),
        ("grade_code", ["A", "B", "C"], ["1", "2", "3"]),
        ("grade_code", ["B", "M", "L"], ["2", "M", "L"]),  # ICD-O, of several organs
        ("laterality_code", ["J", "B"], [None, None]),  # jobb and bal
        ("laterality_code", ["R", "B"], ["right", "bilateral"]),
        ("laterality_code", ["L", "K"], [None, None]),  # labā and kreisā: L is right
        ("grade_code", ["SBR1", "SBR3"], ["1", "3"]),
        ("grade_code", ["SBR3", "SBR3"], [None, None]),  # 3 is the lowest score, which is grade 1
        ("laterality_code", ["D", "G"], ["right", "left"]),
        ("laterality_code", ["D", "L"], ["right", "left"]),  # desna and lijeva
        ("stage_code", ["l", "II"], ["I", "II"]),
        ("stage_code", ["L", "R", "D"], [None, None, None]),  # localised, regional, distant
        ("laterality_code", ["L", "P"], ["left", "right"]),  # lewa and prawa
        ("laterality_code", ["L", "P", "R"], ["left", None, "right"]),
        ("laterality_code", ["P", "P"], [None, None]),
        ("laterality_code", ["D", "L", "Right breast"], [None, "left", "right"]),
        ("laterality_code", ["D", "L", "Re"], [None, "left", "right"]),
        ("laterality_code", ["D", "L", "oikea"], [None, "left", "right"]),
        ("laterality_code", ["D", "S", "DX"], ["right", "left", "right"]),  # destra and sinistra, drept and stâng
        ("laterality_code", ["D", "E", "B"], ["right", "left", "bilateral"]),  # direita and esquerda
        ("laterality_code", ["D", "I"], ["right", "left"]),  # derecha and izquierda
        ("laterality_code", ["D", "I", "S"], ["right", None, None]),  # sin dato: S is no second left
        ("laterality_code", ["S", "sol"], [None, "left"]),  # sağ (right) and sol in Turkish
        ("laterality_code", ["S", "S"], [None, None]),
        ("laterality_code", ["E", "L"], [None, "left"]),
        ("laterality_code", ["MD", "MI"], ["right", "left"]),  # mama derecha, mama izquierda
        ("laterality_code", ["MD", "L", "R"], [None, "left", "right"]),  # missing data
        ("laterality_code", ["MD", "MD"], [None, None]),
        ("laterality_code", ["dr", "stg"], ["right", "left"]),
        ("laterality_code", ["dr", "R"], [None, "right"]),
        ("laterality_code", ["J", "B"], [None, None]),  # jobb and bal in Hungarian: B is left there
        ("laterality_code", ["R", "B"], ["right", "bilateral"]),
    ],
)
def test_takes_no_number_for_a_code_beside_one_that_is_none(column, cells, read):
    rule = f"{{rule: primary, record: tumour, set: {{patient_id: id, {column}: cell}}}}"
    found = normalised(contract("cell: {header: Cell}", rule), *[(str(i), cell) for i, cell in enumerate(cells, 1)])
    assert found.records["tumour"][column].to_list() == read
