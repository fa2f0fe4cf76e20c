"""`oncomart draft` of exports as registries and hospitals of Spain, Latin America, Portugal, Italy and France give them."""

from __future__ import annotations

from pathlib import Path

import pytest
from drafts import draft_of

from schemas.header_words import meaning_of


# Each header as the export writes it, and what the column holds. None: it means several things, and a person decides.
@pytest.mark.parametrize(
    ("header", "meaning"),
    [
        ("Nº HC", "person.hospital_number"),
        ("Apellido y nombre", "person.name"),
        ("FECHA_DIAG", "tumour.diagnosis"),
        ("DTDIAG", "tumour.diagnosis"),
        ("Mama afectada", "tumour.laterality_code"),
        ("Topographie (CIM-O-3)", "tumour.topography_code"),
        ("ICDO3M", "tumour.histology_code"),
        ("Estadio clínico", "tumour.stage_code"),
        ("Ganglions prélevés", "tumour.nodes_examined"),
        ("F_ULT_CONTACTO", "follow_up.contact"),
        ("DTULTINFO", "follow_up.contact"),
        ("DTOBITO", "follow_up.death"),
        ("Data decesului", "follow_up.death"),
        ("STATO_VITA", "follow_up.vital_status_code"),
        ("LOCAL_RECIDIVA", "at.recurrence"),
        ("DDN", None),  # date de naissance, or date des dernières nouvelles
        ("DATA_INC", None),  # of incidence, or of inclusion
        ("DATE_DN", None),
        ("DTRECIDIVA", None),  # of FOSP: the last recurrence, not the first
        ("HT", None),  # hormonothérapie, hypertension, height
        ("Radio", None),  # radiothérapie, radiographie
        ("Condición", None),
    ],
)
def test_knows_what_a_header_of_these_languages_says(header: str, meaning: str | None) -> None:
    found = meaning_of(header)
    assert (found.meaning if found else None) == meaning


def test_takes_no_date_of_the_last_news_for_a_birth(project: Path) -> None:
    text = draft_of(project, "N DOSSIER;AGE;DATE_DIAGNOSTIC;DDN\nD1;50;14/03/2010;15/05/2016\nD2;61;23/04/2011;28/06/2017\n")
    assert "birth" not in text
    assert '#   "DDN": 2 cells, dates' in text


# In the death certificates of Brazil IDADE is the age at death: 465, or 65 where somebody took the unit off.
@pytest.mark.parametrize(
    ("heads", "taken"),
    [
        ("DTOBITO;IDADE;CAUSABAS", False),
        ("DTOBITO;IDADE;DTDIAG", True),
        ("DTDIAG;IDADE;TOPO", True),
        ("DTOBITO;age at diagnosis;CAUSABAS", True),
    ],
)
def test_takes_the_age_in_a_file_of_deaths_for_none_at_the_diagnosis(project: Path, heads: str, taken: bool) -> None:
    cells = {"DTOBITO": "14/03/2018", "DTDIAG": "23/04/2011", "IDADE": "65", "age at diagnosis": "65", "CAUSABAS": "C509", "TOPO": "C504"}
    row = ";".join(cells[head] for head in heads.split(";"))
    assert ("age_at_diagnosis_years:" in draft_of(project, f"PRONTUARIO;{heads}\nA1;{row}\nA2;{row}\n")) is taken


def test_knows_a_file_of_sao_paulo_and_takes_no_column_of_anybody_for_one(project: Path) -> None:
    codes = "PRONTUARIO;SEXO;LATERALI;CIRURGIA;QUIMIO"
    assert "codes: fosp" in draft_of(project, f"{codes};BASEDIAG;ULTINFO\nA1;2;1;1;0;3;2\nA2;2;2;1;1;3;3\n")
    assert "codes:" not in draft_of(project, f"{codes};DTDIAG\nA1;2;1;1;0;14/03/2010\nA2;2;2;1;1;14/03/2011\n")
