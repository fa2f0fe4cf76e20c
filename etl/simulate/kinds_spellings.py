"""Defects of spelling: known values written otherwise, and typing errors that no list knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from etl.simulate.defects import Cell
from etl.simulate.kinds_dates import PATIENTS, RECURRENCES, SHEET, TUMOURS


def in_turn(*forms: pl.Expr | str) -> pl.Expr:
    """The first form for the first row hit, the second for the second, and again from the first."""
    place = pl.int_range(0, pl.len()) % len(forms)
    text = pl.lit(None, pl.String)
    for number, one in enumerate(forms):
        text = pl.when(place == number).then(pl.lit(one) if isinstance(one, str) else one).otherwise(text)
    return text


def spelled(column: str, spellings: Mapping[str, Sequence[str]]) -> pl.Expr:
    """Each clean text in one of its other spellings, in turn."""
    most = max(len(others) for others in spellings.values())
    forms = [
        pl.col(column).replace_strict(
            {clean: others[n % len(others)] for clean, others in spellings.items()}, default=None, return_dtype=pl.String
        )
        for n in range(most)
    ]
    return in_turn(*forms)


def one_of(column: str, spellings: Mapping[str, Sequence[str]]) -> pl.Expr:
    """Rows whose clean text has other spellings."""
    return pl.col(column).is_in(list(spellings))


def spelling(
    kind: str, file: str, column: str, spellings: Mapping[str, Sequence[str]], expected: str = "restored", *, restorable: bool = True
) -> Cell:
    """A defect that writes known texts otherwise."""
    return Cell(kind, file, column, spelled(column, spellings), expected, one_of(column, spellings), restorable)


STAGES = {
    "I": ("1", "Stage I", "St I"),
    "IIA": ("2A", "iia", "Stage IIA", "II-A"),
    "IIB": ("2B", "Stage IIB", "II B"),
    "IIIA": ("3A", "IIIa", "Stage 3A"),
    "IIIB": ("3B", "stage IIIB"),
    "IIIC": ("3C", "III-C"),
    "IV": ("4", "Stage IV"),
    "0": ("Stage 0",),
    "IA": ("1A", "Stage IA"),
}
ROMAN = {"IIA": ("ⅡA",), "IIB": ("ⅡB",), "IIIA": ("ⅢA",), "IIIB": ("ⅢB",), "IIIC": ("ⅢC",), "IV": ("Ⅳ",)}
SIDES = {"Left": ("L", "Lt", "left side"), "Right": ("R", "right-sided", "rt")}
RECEPTORS = {"Positive": ("pos", "+", "POSITIVE", "+ve"), "Negative": ("neg", "-ve", "NEGATIVE")}
HISTOLOGIES = {
    "Invasive ductal carcinoma": ("IDC", "infiltrating ductal carcinoma", "IDC NOS"),
    "Invasive lobular carcinoma": ("ILC", "lobular ca"),
    "Ductal carcinoma in situ": ("DCIS",),
    "Mucinous carcinoma": ("colloid carcinoma", "mucinous ca"),
}
GRADES = {"1": ("G1", "grade I", "well differentiated"), "2": ("G2", "Gr 2", "grade II"), "3": ("G3", "grade III", "poorly differentiated")}
# the same course in other words; a spelling that says more (weekly, dd) would deliver more than the clean cell does
LINES = {
    "ACx4; Tx12": ("AC x 4 → paclitaxel x 12", "4# AC then T x12", "ACx4 f/b Tx12"),
    "FACx6": ("6# FAC",),
    "CMFx6": ("6 cycles of CMF",),
    "ACx4; Tx4": ("AC x 4 → Taxol x 4", "4# AC then 4# paclitaxel"),
    "TCx4": ("4 x TC", "docetaxel/cyclophosphamide x4"),
    "FECx3; Dx3": ("FEC100 x3/Doc x3", "3FEC-3D"),
}
DRUGS = {"Tamoxifen": ("Nolvadex", "TMX"), "Letrozole": ("Femara",), "Anastrozole": ("Arimidex",), "Exemestane": ("Aromasin",)}
DRUG_TYPOS = {"Tamoxifen": ("Tamxifen", "Tamoxfien"), "Letrozole": ("Letrzole",), "Anastrozole": ("Anatsrozole",)}
SITES = {
    "Brain": ("brain mets", "CNS mets", "intracranial"),
    "Lung": ("pulmonary", "lung nodule"),
    "Liver": ("hepatic", "liver mets"),
    "Bone": ("bony", "skeletal", "bone mets"),
}
SITE_TYPOS = {"Brain": ("Brian",), "Lung": ("Lnug",), "Liver": ("Livre",), "Bone": ("Bnoe",)}

CELLS = (
    spelling("stage_spelling", TUMOURS, "Stage", STAGES),
    spelling("stage_roman_letter", TUMOURS, "Stage", ROMAN),
    spelling("receptor_spelling", TUMOURS, "ER", RECEPTORS),
    spelling("histology_spelling", TUMOURS, "Histology", HISTOLOGIES),
    spelling("grade_spelling", TUMOURS, "Grade", GRADES),
    spelling("laterality_spelling", TUMOURS, "Side", SIDES),
    spelling("sex_spelling", PATIENTS, "Sex", {"Female": ("F", "f", "woman"), "Male": ("M",)}),
    spelling("vital_status_spelling", PATIENTS, "Status", {"Alive": ("A", "living", "ALIVE"), "Dead": ("D", "deceased", "demised")}),
    spelling("regimen_spelling", SHEET, "Chemotherapy Regimen", LINES),
    spelling("drug_spelling", SHEET, "Hormonal Treatment", DRUGS),
    # where the end of the course is told too, the column that Excel swapped is the defect of that row
    Cell(
        "drug_typo", SHEET, "Hormonal Treatment", spelled("Hormonal Treatment", DRUG_TYPOS), "finding NORM-GRAMMAR",
        one_of("Hormonal Treatment", DRUG_TYPOS) & pl.col("Hormonal End").is_null(),
    ),
    spelling("site_spelling", RECURRENCES, "Site", SITES),
    # read only with the project's own vocabulary
    spelling("site_local_spelling", RECURRENCES, "Site", {"Liver": ("hepar",), "Lung": ("pulmo",), "Bone": ("os",)}),
    spelling("site_typo", RECURRENCES, "Site", SITE_TYPOS, "finding NORM-UNMAPPED", restorable=False),
)  # fmt: skip
