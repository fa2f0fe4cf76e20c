"""Second opinions on the edits of the tumour, its stage, its nodes and its receptors."""

from __future__ import annotations

from edit_oracle import NOT_APPLICABLE, PRIMARY, WORDS, day, edit, first_false, is_one_of, verdict, was_given
from plain_dates import before, days_between, holds
from plain_patient import Patient, Row


def of_breast(r: Row) -> bool:
    return r["topography_code"] is None or r["topography_code"].startswith("C50")


# Tumour


@edit("TUM-001", "tumour")
def tum_001(p: Patient, r: Row) -> str:
    return WORDS[holds(days_between(p.date(r, "diagnosis"), p.date(r, "treatment_start")), lambda days: days < -30)]


@edit("TUM-010", "tumour")
def tum_010(p: Patient, r: Row) -> str:
    return WORDS[holds(days_between(p.date(r, "diagnosis"), p.date(r, "treatment_start")), lambda days: days > 180)]


@edit("TUM-002", "tumour")
def tum_002(p: Patient, r: Row) -> str:
    return verdict(all(p.date(r, name).is_missing for name in ("diagnosis", "treatment_start", "enrolment")))


@edit("TUM-003", "tumour")
def tum_003(p: Patient, r: Row) -> str:
    age = r["age_at_diagnosis_years"]
    if age is None or p.birth.is_missing:
        return NOT_APPLICABLE
    return WORDS[holds(days_between(p.birth, p.date(r, "diagnosis")), lambda days: not age - 1 <= days / 365.25 <= age + 2)]


@edit("TUM-004", "tumour")
def tum_004(_: Patient, r: Row) -> str:
    age = r["age_at_diagnosis_years"]
    return verdict(None if age is None else (age < 20 and of_breast(r)) or age > 105)


@edit("TUM-011", "tumour")
def tum_011(p: Patient, r: Row) -> str:
    if r["age_at_diagnosis_years"] is not None or p.birth.is_missing:
        return NOT_APPLICABLE
    return WORDS[holds(days_between(p.birth, p.date(r, "diagnosis")), lambda days: (0 <= days < 7304 and of_breast(r)) or days > 38716)]


@edit("TUM-005", "tumour")
def tum_005(_: Patient, r: Row) -> str:
    return verdict(None if r["topography_code"] is None else not r["topography_code"].startswith("C50"))


@edit("TUM-006", "tumour")
def tum_006(_: Patient, r: Row) -> str:
    found = first_false(None if r["topography_code"] is None else r["topography_code"].startswith("C50"))
    return found or verdict(None if r["laterality_code"] is None else r["laterality_code"] not in ("left", "right"))


@edit("TUM-007", "tumour")
def tum_007(p: Patient, r: Row) -> str:
    return NOT_APPLICABLE if r["menopausal_status_code"] is None else verdict(is_one_of(p.rows("patient")[0]["sex_code"], "male"))


@edit("TUM-008", "tumour")
def tum_008(p: Patient, r: Row) -> str:
    found = first_false(is_one_of(r["basis_of_diagnosis_code"], "death_certificate"))
    return found or verdict(bool(p.treatments(r)) or not p.date(r, "treatment_start").is_missing)


@edit("TUM-009", "patient")
def tum_009(p: Patient, _: Row) -> str:
    return verdict(not p.rows("tumour"))


# Stage

LETTERS = {"I": ("IA", "IB"), "II": ("IIA", "IIB"), "III": ("IIIA", "IIIB", "IIIC")}
BEFORE_TREATMENT = (None, "c", "p")


@edit("STG-001", "tumour")
def stg_001(_: Patient, r: Row) -> str:
    given, derived = r["stage_code"], r["stage_derived_code"]
    if given is None or derived is None or r["stage_basis_code"] not in BEFORE_TREATMENT:
        return NOT_APPLICABLE
    return verdict(given != derived and derived not in LETTERS.get(given, ()))


def came_later(p: Patient, r: Row, groups: tuple[str, ...], earlier: tuple[str, ...], later: tuple[str, ...], since: str) -> str:
    """A stage group that came with an edition: by the edition delivered, else by the day of diagnosis."""
    if found := first_false(of_breast(r), is_one_of(r["stage_code"], *groups)):
        return found
    edition = r["tnm_edition_code"]
    if edition in later or edition in earlier:
        return verdict(edition in earlier)
    return WORDS[before(p.date(r, "diagnosis"), day(since))]


@edit("STG-002", "tumour")
def stg_002(p: Patient, r: Row) -> str:
    return came_later(p, r, ("IIIC",), ("5",), ("6", "7", "8"), "2003-01-01")


@edit("STG-003", "tumour")
def stg_003(p: Patient, r: Row) -> str:
    return came_later(p, r, ("IA", "IB"), ("5", "6"), ("7", "8"), "2010-01-01")


PUBLISHED = {"6": "2002-01-01", "7": "2009-01-01", "8": "2016-01-01"}


@edit("STG-008", "tumour")
def stg_008(p: Patient, r: Row) -> str:
    first = PUBLISHED.get(r["tnm_edition_code"])
    return NOT_APPLICABLE if first is None else WORDS[before(p.date(r, "diagnosis"), day(first))]


def behaves(r: Row, digit: str) -> bool | None:
    return None if r["histology_code"] is None else r["histology_code"].endswith(f"/{digit}")


@edit("STG-004", "tumour")
def stg_004(_: Patient, r: Row) -> str:
    return first_false(behaves(r, "2")) or verdict(None if r["stage_code"] is None else r["stage_code"] != "0")


@edit("STG-005", "tumour")
def stg_005(_: Patient, r: Row) -> str:
    is_paget = is_one_of(r["histology_code"], "8540/3", "8543/3")
    found = first_false(behaves(r, "3"), None if is_paget is None else not is_paget, r["stage_basis_code"] in BEFORE_TREATMENT)
    return found or verdict(is_one_of(r["stage_code"], "0"))


@edit("STG-006", "tumour")
def stg_006(_: Patient, r: Row) -> str:
    found = first_false(of_breast(r), is_one_of(r["m_code"], "M0", "M0(i+)", "M1"))
    return found or verdict(None if r["stage_code"] is None else (r["m_code"] == "M1") != (r["stage_code"] == "IV"))


SIZES = {"T1": (0, 20), "T1mi": (0, 1), "T1a": (1, 5), "T1b": (5, 10), "T1c": (10, 20), "T2": (20, 50), "T3": (50, float("inf"))}


@edit("STG-007", "tumour")
def stg_007(_: Patient, r: Row) -> str:
    size, t = r["tumour_size_mm"], r["t_code"]
    if found := first_false(of_breast(r), size is not None, is_one_of(t, *SIZES), r["t_basis_code"] in BEFORE_TREATMENT):
        return found
    above, up_to = SIZES[t]
    return verdict(not above < size <= up_to)


# Nodes


@edit("NOD-001", "tumour")
def nod_001(_: Patient, r: Row) -> str:
    positive, examined = r["nodes_positive"], r["nodes_examined"]
    return NOT_APPLICABLE if positive is None or examined is None else verdict(positive > examined)


def is_n0(code: str) -> bool:
    return code.startswith("N0")


@edit("NOD-002", "tumour")
def nod_002(_: Patient, r: Row) -> str:
    n = r["n_code"]
    if found := first_false(is_one_of(r["n_basis_code"], "p"), None if n is None else is_n0(n)):
        return found
    return verdict(None if r["nodes_positive"] is None else r["nodes_positive"] > 0)


@edit("NOD-003", "tumour")
def nod_003(p: Patient, r: Row) -> str:
    n, count = r["n_code"], r["nodes_positive"]
    if found := first_false(of_breast(r), is_one_of(r["n_basis_code"], "p"), None if n is None else not is_n0(n) and n != "NX"):
        return found
    least, most = p.known.node_counts.get((r["tnm_edition_code"], n), (None, None))
    too_few = None if count is None or least is None else count < least and not (count == 0 and n in ("N1", "N2"))
    too_many = None if count is None or most is None else count > most
    return verdict(True if True in (too_few, too_many) else None if None in (too_few, too_many) else False)


@edit("NOD-004", "tumour")
def nod_004(_: Patient, r: Row) -> str:
    status, count = r["node_status_code"], r["nodes_positive"]
    return NOT_APPLICABLE if status is None or count is None else verdict((status == "positive") != (count > 0))


@edit("NOD-005", "tumour")
def nod_005(_: Patient, r: Row) -> str:
    status, n = r["node_status_code"], r["n_code"]
    if status is None or n is None or n == "NX":
        return NOT_APPLICABLE
    return verdict((status == "positive") == is_n0(n))


# Receptors


@edit("REC-001", "treatment")
def rec_001(p: Patient, r: Row) -> str:
    er = p.receptor(r, "er")
    found = first_false(r["modality_code"] == "hormonal", was_given(r), is_one_of(er, "positive", "negative"))
    return found or verdict(er == "negative" and p.receptor(r, "pr") != "positive")


@edit("REC-002", "tumour")
def rec_002(p: Patient, r: Row) -> str:
    if found := first_false(is_one_of(p.receptor(r, "er"), "positive"), bool(p.treatments(r))):
        return found
    return verdict(not p.was_given(r, "hormonal") and not p.was_explained(r, "hormonal"))


@edit("REC-003", "treatment")
def rec_003(p: Patient, r: Row) -> str:
    return first_false(p.has_trastuzumab(r), was_given(r)) or verdict(p.receptor(r, "her2") != "positive")


@edit("REC-004", "tumour")
def rec_004(p: Patient, r: Row) -> str:
    if found := first_false(is_one_of(p.receptor(r, "her2"), "positive"), bool(p.treatments(r))):
        return found
    given = [t for t in p.treatments(r) if t["setting_code"] in PRIMARY and was_given(t)]
    if any(p.has_trastuzumab(t) for t in given):
        return verdict(False)
    names = ("drug_code", "regimen_code")
    unnamed = [t for t in given if t["modality_code"] in ("targeted", "immunotherapy", "any") and not any(t[name] for name in names)]
    return verdict(None if unnamed else True)


@edit("REC-005", "biomarker")
def rec_005(_: Patient, r: Row) -> str:
    is_percentage = is_one_of(r["result_unit_code"], "percent")
    if found := first_false(r["marker_code"] in ("er", "pr"), is_percentage, is_one_of(r["result_code"], "positive", "negative")):
        return found
    percent = r["result_value"]
    return verdict(None if percent is None else percent >= 10 if r["result_code"] == "negative" else percent == 0)


@edit("REC-006", "treatment")
def rec_006(p: Patient, r: Row) -> str:
    kind = p.known.drug_class.get(r["drug_code"])
    is_inhibitor = None if kind is None else kind.startswith("aromatase inhibitor")
    found = first_false(r["modality_code"] == "hormonal", is_inhibitor, was_given(r), is_one_of(r["setting_code"], *PRIMARY))
    return found or verdict(is_one_of(p.tumour(r)["menopausal_status_code"], "premenopausal"))
