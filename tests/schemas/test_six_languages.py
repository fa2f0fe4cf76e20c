"""What hospital exports of six languages write in plain words is read, and what only looks alike is not."""

from __future__ import annotations

import pytest

from tests.schemas.vocabulary_outcome import code as read

READ = {
    ("n_category", "N0"): ["nodal negativ", "ganglios negativos", "linfonodi negativi", "klieren negatief", "linfonodos negativos"],
    ("m_category", "M0"): ["keine Fernmetastasen", "pas de métastase", "sin metástasis", "geen metastasen", "sem metástases"],
    ("stage", "IV"): ["IV (OSS)", "IV (óseo)", "estágio 4", "Stage IV inflammatory"],
    ("grade", "H"): ["Kerngrad G3", "grado nuclear 3", "haut grade nucléaire", "grau nuclear 3", "kerngraad 3"],
    ("grade", "2"): ["Tumorgrad 2", "grade SBR II", "grade intermédiaire", "G2, Kerngrad G3"],
    ("site", "vertebra"): ["BWK 12", "LWK 3-4", "rachis dorsal", "columna lumbar", "coluna lombar", "vertèbre L3"],
    ("site", "breast_contralateral"): ["kontralaterale Mamma", "sein controlatéral", "mammella controlaterale"],
    ("resection_margin", "r0"): ["márgenes libres", "berges saines", "margini indenni", "snijvlakken vrij", "margens livres"],
    ("site", "rib"): ["Rippen", "côtes", "costillas", "costole", "ribben"],
    ("site", "pelvis"): ["Becken", "bacino", "os iliaque"],
    ("site", "meninges"): ["Meningeosis carcinomatosa"],
    ("laterality", "left"): ["sein G"],
    ("histology", "8520/2"): ["lobuläres Carcinoma in situ"],
    ("histology", "8522/3"): ["CCI + CLI", "CDI y CLI"],
}
REFUSED = {
    "stage": ["IIA pendiente de TAC", "Stadium IIA, Staging ausstehend", "bilan d'extension en attente, stade IIA"],
    "site": ["scanner cérébral", "ecografía hepática", "USG fígado", "TAC hepática", "Echo lever", "Leber sono", "CT Becken", "TAC craneo",
        "crâne IRM", "kleines Becken", "côté gauche", "côté", "HWK 13", "costole libere", "cranio-cervical"],
    "grade": ["LVI grade 2", "Ki-67 grade 3"],
    "resection_margin": ["márgenes no libres", "niet vrij", "nicht im Gesunden",
        "margens livres, exceto profunda", "vrij, DCIS tot in snijvlak",
        "márgenes libres de invasivo, CDIS en borde"],
    "m_category": ["keine Fernmetastasen?", "V.a. Fernmetastasen"],
    "intent": ["não curativa", "initially curativa"],
    "histology": ["lobuläres Karzinom, in situ Anteil"],
}  # fmt: skip


@pytest.mark.parametrize(("domain", "code", "text"), [(*of, text) for of, texts in READ.items() for text in texts])
def test_reads_what_is_plain(domain: str, code: str, text: str) -> None:
    assert read(domain, text, within_text=True) == code


@pytest.mark.parametrize(("domain", "text"), [(domain, text) for domain, texts in REFUSED.items() for text in texts])
def test_reads_nothing_else(domain: str, text: str) -> None:
    assert read(domain, text, within_text=True) is None
