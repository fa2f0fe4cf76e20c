"""What hospitals of Spain, Latin America, Portugal, Italy, France and Romania write, set down before the program was run. None: refused."""

from __future__ import annotations

import pytest
from vocabulary_outcome import code


@pytest.mark.parametrize(
    ("domain", "text", "means"),
    [
        ("laterality", "mama der.", "right"),
        ("laterality", "lado izquierdo", "left"),
        ("laterality", "Ds", None),  # destra in Italian, dubbelsidig (both) in Swedish
        ("laterality", "S UOQ", None),  # a letter counts as a whole cell only
        ("sex", "Masc", "male"),
        ("sex", "mulher", "female"),
        ("sex", "H", None),  # hombre and homme, or a slip
        ("grade", "poco diferenciado", "3"),
        ("grade", "alto", None),  # of what
        ("histology", "Carcinoma coloide", "8480/3"),
        ("vital_status", "Morto", "dead"),
        ("vital_status", "Décédée du cancer", "dead"),
        ("vital_status", "Vivo sem evidência de doença", "alive"),
        ("vital_status", "emigrato", None),
        ("cause_of_death", "Cancro da mama", "breast_cancer"),
        ("cause_of_death", "Enfarte agudo do miocárdio", "cardiovascular"),
        ("cause_of_death", "Cáncer de pulmón", "other_cancer"),
        ("cause_of_death", "Progresión de enfermedad", None),  # of which disease
        ("site", "squelette", "bone"),
        ("site", "linfonodale", "node"),
        ("site", "Pleuropulmonar", None),  # pleura and lung
        ("basis_of_diagnosis", "Histologie d'une métastase", "histology_metastasis"),
        ("basis_of_diagnosis", "Istologia tumore primitivo", "histology_primary"),
        ("procedure", "Mastectomia nipple sparing", "mastectomy"),
        ("procedure", "QUART", None),  # radiotherapy is in it
        ("drug", "Goserrelina", "goserelin"),
        ("drug", "inibitore dell'aromatasi", None),  # which one is not said
    ],
)
def test_reads_words_of_romance_languages_and_none_that_mean_more(domain: str, text: str, means: str | None) -> None:
    assert code(domain, text) == means
