"""Second opinions on the edits of events, follow-up, radiation and systemic treatment."""

from __future__ import annotations

from edit_oracle import NOT_APPLICABLE, NOT_JUDGEABLE, PRIMARY, WORDS, day, edit, first_false, is_one_of, verdict, was_given
from plain_dates import before, days_between, first_of, holds
from plain_patient import Patient, Row

LOCAL = ("local_recurrence", "regional_recurrence", "locoregional_recurrence")

# Events


@edit("EVT-001", "event")
def evt_001(p: Patient, r: Row) -> str:
    recurrences = p.events(r, "distant_recurrence")
    if r["event_type_code"] != "metastasectomy" or not recurrences or p.events(r, "metastasis_at_diagnosis"):
        return NOT_APPLICABLE
    return WORDS[holds(days_between(p.first(r, "distant_recurrence"), p.date(r, "event")), lambda days: days < -14)]


@edit("EVT-011", "event")
def evt_011(p: Patient, r: Row) -> str:
    if r["event_type_code"] != "metastasectomy" or len(p.events(r, "distant_recurrence")) != 1:
        return NOT_APPLICABLE
    return WORDS[holds(days_between(p.first(r, "distant_recurrence"), p.date(r, "event")), lambda days: days > 180)]


@edit("EVT-002", "event")
def evt_002(p: Patient, r: Row) -> str:
    tumour = p.tumour(r)
    at_diagnosis = p.events(r, "metastasis_at_diagnosis") or tumour["m_code"] == "M1" or tumour["stage_code"] == "IV"
    if r["event_type_code"] != "metastasectomy" or at_diagnosis:
        return NOT_APPLICABLE
    return verdict(not p.events(r, "distant_recurrence"))


@edit("EVT-003", "event")
def evt_003(p: Patient, r: Row) -> str:
    if r["event_type_code"] != "metastasectomy" or not p.events(r, "distant_recurrence") or p.events(r, "metastasis_at_diagnosis"):
        return NOT_APPLICABLE
    organs = [p.organ(event) for event in p.events(r, "distant_recurrence")]
    return verdict(None if p.organ(r) is None else False if p.organ(r) in organs else None if None in organs else True)


@edit("EVT-004", "event")
def evt_004(p: Patient, r: Row) -> str:
    recurrences = p.events(r, "distant_recurrence")
    if r["event_type_code"] != "metastasectomy" or not recurrences or p.events(r, "metastasis_at_diagnosis"):
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


@edit("FUP-006", "follow_up")
def fup_006(p: Patient, r: Row) -> str:
    if r["death"] != "unknown":
        return NOT_APPLICABLE
    return verdict(all(other["vital_status_code"] is None for other in p.rows("follow_up")))


@edit("FUP-007", "follow_up")
def fup_007(p: Patient, r: Row) -> str:
    statuses = [other["vital_status_code"] for other in p.rows("follow_up")]
    is_dead = "dead" in statuses or (False if "alive" in statuses else None)
    if found := first_false(is_one_of(r["vital_status_code"], "alive"), is_dead, p.death.is_missing):
        return found
    called = [p.date(other, "contact") for other in p.rows("follow_up") if other["vital_status_code"] == "dead"]
    return WORDS[before(first_of(called), p.date(r, "contact"))]


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
    is_drug = r["modality_code"] in ("chemotherapy", "hormonal", "targeted", "immunotherapy")
    if found := first_false(is_drug, was_given(r), not p.date(r, "treatment").is_missing):
        return found
    year = p.known.first_year(r["drug_code"], r["regimen_code"])
    return NOT_JUDGEABLE if year is None else WORDS[before(p.date(r, "treatment"), day(f"{year}-01-01"))]
