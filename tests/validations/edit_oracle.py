"""What each edit means, in plain Python: one function per edit that looks at one record and says its outcome. No SQL, no polars.

A function asks in the order in which a registrar would: does the edit mean anything for this record, is what it needs
there, is something wrong. None is a value that was not delivered. Dates are asked day by day (plain_dates.py).
The edits made from date_order.csv have an oracle of their own (test_date_order_oracle.py).
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from plain_dates import Span, before, days_between, holds
from plain_patient import Patient, Row

NOT_APPLICABLE, NOT_JUDGEABLE = "not_applicable", "not_judgeable"
WORDS = {"yes": "violated", "no": "satisfied", "maybe": "possible", "unknown": NOT_JUDGEABLE}
PRIMARY = ("primary", "neoadjuvant", "adjuvant")
LOCAL = ("local_recurrence", "regional_recurrence", "locoregional_recurrence")
Opinion = Callable[[Patient, Row], str]
OPINIONS: dict[str, tuple[str, Opinion]] = {}  # code -> the record it judges, and its opinion


def edit(code: str, record: str) -> Callable[[Opinion], Opinion]:
    def keep(opinion: Opinion) -> Opinion:
        OPINIONS[code] = (record, opinion)
        return opinion

    return keep


def verdict(is_wrong: bool | None) -> str:
    return NOT_JUDGEABLE if is_wrong is None else "violated" if is_wrong else "satisfied"


def day(text: str) -> Span:
    return Span(datetime.date.fromisoformat(text), datetime.date.fromisoformat(text))


def first_false(*answers: bool | None) -> str | None:
    """not_applicable as soon as one condition is false, else not_judgeable where one is not known, else nothing."""
    return NOT_APPLICABLE if False in answers else NOT_JUDGEABLE if None in answers else None


def is_one_of(value: Any, *codes: Any) -> bool | None:
    return None if value is None else value in codes


# Events


@edit("EVT-001", "event")
def evt_001(p: Patient, r: Row) -> str:
    recurrences = p.events(r, "distant_recurrence")
    if r["event_type_code"] != "metastasectomy" or not recurrences:
        return NOT_APPLICABLE
    return WORDS[holds(days_between(p.first(r, "distant_recurrence"), p.date(r, "event")), lambda days: days < -14)]


@edit("EVT-002", "event")
def evt_002(p: Patient, r: Row) -> str:
    tumour = p.tumour(r)
    if r["event_type_code"] != "metastasectomy" or tumour["m_code"] == "M1" or tumour["stage_code"] == "IV":
        return NOT_APPLICABLE
    return verdict(not p.events(r, "distant_recurrence"))


@edit("EVT-003", "event")
def evt_003(p: Patient, r: Row) -> str:
    if r["event_type_code"] != "metastasectomy" or not p.events(r, "distant_recurrence"):
        return NOT_APPLICABLE
    organs = [p.organ(event) for event in p.events(r, "distant_recurrence")]
    return verdict(None if p.organ(r) is None else False if p.organ(r) in organs else None if None in organs else True)


@edit("EVT-004", "event")
def evt_004(p: Patient, r: Row) -> str:
    recurrences = p.events(r, "distant_recurrence")
    if r["event_type_code"] != "metastasectomy" or not recurrences:
        return NOT_APPLICABLE
    organ, side = p.organ(r), r["laterality_code"]
    organs = [p.organ(event) for event in recurrences]
    is_same_organ = None if organ is None else True if organ in organs else None if None in organs else False
    if found := first_false(is_one_of(side, "left", "right"), is_same_organ):
        return found
    perhaps_here = [event for event in recurrences if p.organ(event) in (organ, None)]
    if any(p.organ(event) == organ and event["laterality_code"] == side for event in perhaps_here):
        return "satisfied"
    return verdict(None if any(event["laterality_code"] not in ("left", "right") for event in perhaps_here) else True)


@edit("EVT-005", "event")
def evt_005(p: Patient, r: Row) -> str:
    procedure = r["procedure_code"]
    if found := first_false(r["event_type_code"] == "metastasectomy", None if procedure is None else procedure != "biopsy"):
        return found
    operated, placed = p.known.procedure_organ.get(procedure), p.organ(r)
    return verdict(None if operated is None or placed is None else operated != placed)


@edit("EVT-006", "event")
def evt_006(p: Patient, r: Row) -> str:
    if found := first_false(r["event_type_code"] in LOCAL, p.has_neoadjuvant(r)):
        return found
    planned = p.neoadjuvant_days(r)
    limit = 84 if planned is None else planned
    return WORDS[holds(days_between(p.date(p.tumour(r), "treatment_start"), p.date(r, "event")), lambda days: days < limit)]


def spread_of(p: Patient, r: Row, *kinds: str) -> tuple[str | None, str | None]:
    """(outcome if it is settled, spread of the site) for an event that should be one of these kinds."""
    spread = p.known.site_spread.get(r["site_code"])
    return first_false(r["event_type_code"] in kinds, is_one_of(spread, "local", "regional", "distant")), spread


@edit("EVT-007", "event")
def evt_007(p: Patient, r: Row) -> str:
    found, spread = spread_of(p, r, "distant_recurrence")
    return found or verdict(spread != "distant")


@edit("EVT-008", "event")
def evt_008(p: Patient, r: Row) -> str:
    found, spread = spread_of(p, r, *LOCAL)
    return found or verdict(spread == "distant")


@edit("EVT-009", "event")
def evt_009(p: Patient, r: Row) -> str:
    if r["event_type_code"] != "distant_recurrence":
        return NOT_APPLICABLE
    return WORDS[holds(days_between(p.date(p.tumour(r), "diagnosis"), p.date(r, "event")), lambda days: days < 90)]


@edit("EVT-010", "event")
def evt_010(p: Patient, r: Row) -> str:
    return verdict(not p.events(r, "metastasectomy")) if r["event_type_code"] == "progression" else NOT_APPLICABLE


# Follow-up


@edit("FUP-001", "follow_up")
def fup_001(p: Patient, r: Row) -> str:
    if found := first_false(is_one_of(r["vital_status_code"], "dead")):
        return found
    return verdict(p.date(r, "death").is_missing and p.death.is_missing)


@edit("FUP-002", "follow_up")
def fup_002(p: Patient, r: Row) -> str:
    if r["vital_status_code"] is None:
        return NOT_APPLICABLE
    return verdict(r["vital_status_code"] == "alive" and not p.date(r, "death").is_missing)


@edit("FUP-003", "patient")
def fup_003(p: Patient, _: Row) -> str:
    return NOT_APPLICABLE if p.death.is_missing else verdict(p.has_death_conflict)


@edit("FUP-004", "follow_up")
def fup_004(_: Patient, r: Row) -> str:
    if r["cause_of_death_code"] is None:
        return NOT_APPLICABLE
    return verdict(is_one_of(r["vital_status_code"], "alive"))


@edit("FUP-005", "patient")
def fup_005(p: Patient, _: Row) -> str:
    return verdict(not p.rows("follow_up")) if p.rows("tumour") else NOT_APPLICABLE


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
    if found := first_false(is_one_of(r["n_basis_code"], "p"), None if n is None else not is_n0(n) and n != "NX"):
        return found
    least, most = p.known.node_counts.get((r["tnm_edition_code"], n), (None, None))
    too_few = None if count is None or least is None else count < least
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


# Radiation


def is_radiation(r: Row) -> bool:
    """A course of radiation that is not known not to be given."""
    return r["modality_code"] == "radiation" and r["is_given"] is not False


@edit("RAD-001", "treatment")
def rad_001(p: Patient, r: Row) -> str:
    is_of_primary = r["setting_code"] in (None, "primary", "adjuvant")
    has_boost = None if r["boost_gy"] is None else r["boost_gy"] > 0
    return first_false(is_radiation(r), is_of_primary, has_boost) or verdict(is_one_of(p.operation(r), "mastectomy"))


@edit("RAD-002", "treatment")
def rad_002(_: Patient, r: Row) -> str:
    is_whole = r["completion_code"] != "stopped_early"
    if found := first_false(is_radiation(r), is_one_of(r["setting_code"], *PRIMARY), is_whole):
        return found
    return verdict(None if r["dose_gy"] is None else not 20 <= r["dose_gy"] <= 70)


@edit("RAD-003", "treatment")
def rad_003(_: Patient, r: Row) -> str:
    if found := first_false(is_radiation(r), r["fractions"] is not None, is_one_of(r["setting_code"], *PRIMARY)):
        return found
    return verdict(None if r["dose_gy"] is None or not r["fractions"] else not 1.5 <= r["dose_gy"] / r["fractions"] <= 7)


@edit("RAD-004", "treatment")
def rad_004(_: Patient, r: Row) -> str:
    found = first_false(is_radiation(r), None if r["boost_gy"] is None else r["boost_gy"] > 0)
    return found or verdict(r["boost_gy"] > 16 or r["dose_gy"] is None)


@edit("RAD-005", "treatment")
def rad_005(_: Patient, r: Row) -> str:
    found = first_false(is_radiation(r), is_one_of(r["setting_code"], *PRIMARY), r["fields"] is not None)
    return found or verdict(not 2 <= r["fields"] <= 6)


@edit("RAD-006", "tumour")
def rad_006(p: Patient, r: Row) -> str:
    if found := first_false(is_one_of(p.operation(r), "wide_local_excision")):
        return found
    return verdict(not p.was_given(r, "radiation") and not p.was_explained(r, "radiation"))


# Receptors


def was_given(r: Row) -> bool:
    return r["is_given"] is not False


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
    return verdict(not any(p.has_trastuzumab(t) and t["setting_code"] in PRIMARY and was_given(t) for t in p.treatments(r)))


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
    found = first_false(is_inhibitor, was_given(r), is_one_of(r["setting_code"], *PRIMARY))
    return found or verdict(is_one_of(p.tumour(r)["menopausal_status_code"], "premenopausal"))


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
    if found := first_false(is_one_of(r["stage_code"], *groups)):
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
    found = first_false(is_one_of(r["m_code"], "M0", "M0(i+)", "M1"))
    return found or verdict(None if r["stage_code"] is None else (r["m_code"] == "M1") != (r["stage_code"] == "IV"))


SIZES = {"T1": (0, 20), "T1mi": (0, 1), "T1a": (1, 5), "T1b": (5, 10), "T1c": (10, 20), "T2": (20, 50), "T3": (50, float("inf"))}


@edit("STG-007", "tumour")
def stg_007(_: Patient, r: Row) -> str:
    size, t = r["tumour_size_mm"], r["t_code"]
    if found := first_false(size is not None, is_one_of(t, *SIZES), r["t_basis_code"] in BEFORE_TREATMENT):
        return found
    above, up_to = SIZES[t]
    return verdict(not above < size <= up_to)


# Treatment


@edit("TRT-001", "treatment")
def trt_001(_: Patient, r: Row) -> str:
    found = first_false(None if r["is_given"] is None else not r["is_given"])
    return found or verdict(any(r[name] is not None for name in ("cycles", "dose_gy", "completion_code")))


@edit("TRT-002", "treatment")
def trt_002(_: Patient, r: Row) -> str:
    return first_false(r["is_given"]) or verdict(r["not_given_reason_code"] is not None)


MOST_CYCLES = {"AC": 6, "ddAC": 6, "EC": 6, "TC": 6, "FAC": 8, "FEC": 8, "TAC": 8, "CMF": 12, "CMF IV": 12}


@edit("TRT-003", "treatment")
def trt_003(_: Patient, r: Row) -> str:
    is_drug = r["modality_code"] in ("chemotherapy", "targeted")
    if found := first_false(is_drug, is_one_of(r["setting_code"], *PRIMARY), r["cycles"] is not None):
        return found
    limit = 18 if r["modality_code"] == "chemotherapy" else 54
    if r["regimen_code"] is None and min(MOST_CYCLES.values()) < r["cycles"] <= limit:
        return NOT_JUDGEABLE  # more than some regimen may have, and which one it is is not known
    return verdict(r["cycles"] > min(limit, MOST_CYCLES.get(r["regimen_code"], limit)))


@edit("TRT-004", "treatment")
def trt_004(_: Patient, r: Row) -> str:
    if r["modality_code"] not in ("chemotherapy", "targeted") or r["interval_days"] is None:
        return NOT_APPLICABLE
    return verdict(r["interval_days"] not in (7, 14, 21, 28))


@edit("TRT-005", "treatment")
def trt_005(p: Patient, r: Row) -> str:
    is_meant = r["modality_code"] == "hormonal" and r["duration_years"] is not None and bool(p.events(r, "distant_recurrence"))
    if found := first_false(is_meant, is_one_of(r["setting_code"], "adjuvant"), is_one_of(r["completion_code"], "completed")):
        return found
    years, windows = r["duration_years"], days_between(p.date(p.tumour(r), "treatment_start"), p.first(r, "distant_recurrence"))
    return WORDS[holds(windows, lambda days: days < years * 365)]


@edit("TRT-006", "treatment")
def trt_006(p: Patient, r: Row) -> str:
    if found := first_false(p.has_trastuzumab(r), was_given(r), not p.date(r, "treatment").is_missing):
        return found
    return WORDS[before(p.date(r, "treatment"), day("1992-01-01"))]


# Tumour


@edit("TUM-001", "tumour")
def tum_001(p: Patient, r: Row) -> str:
    return WORDS[holds(days_between(p.date(r, "diagnosis"), p.date(r, "treatment_start")), lambda days: days < -30)]


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
    return verdict(None if age is None else not 20 <= age <= 105)


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
