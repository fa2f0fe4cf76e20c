"""Random patients for the oracle of all edits: every column an edit reads, its values crowded around the edits' thresholds."""

from __future__ import annotations

import datetime
import random
from typing import Any

Row = dict[str, Any]
GIVEN = (True, True, True, None, False)
SETTINGS = ("primary", "neoadjuvant", "neoadjuvant", "adjuvant", "adjuvant", "adjuvant", "after_recurrence", None)
SIDES = ("left", "left", "right", "bilateral", "midline", "not_paired", None)
SITES = ("brain", "lung", "liver", "chest_wall", "breast", "axillary_nodes", "bone", None)
STAGES = ("0", "I", "IA", "IB", "II", "IIA", "IIB", "III", "IIIA", "IIIB", "IIIC", "IIIC", "IV", None)
BASES = ("c", "p", "p", "yp", None)
DAYS = ("2002-12-31", "2003-01-01", "2009-12-31", "2010-01-01", "1999-05-05", "2006-07-08", "2012-02-29")


def patients(number: int, seed: int) -> dict[str, dict[str, Any]]:
    """`number` people by pseudonym, in the form of the cases of edits."""
    return {f"patient {n}": _Patient(random.Random(seed * 100_000 + n)).records() for n in range(number)}


class _Patient:
    """One person; `self.one` chooses."""

    def __init__(self, chance: random.Random) -> None:
        self.chance, self.one = chance, chance.choice
        self.diagnosis = datetime.date.fromisoformat(self.one(DAYS))
        self.start = self._after(self.diagnosis, -31, -30, -29, 0, 10, 180, 181)
        self.recurrence = self._after(self.diagnosis, 40, 89, 90, 91, 700, 1500, 1825, 1826)

    def records(self) -> dict[str, Any]:
        if self.chance.random() < 0.04:
            return {"patient": [self._person()]}
        tumours = [self._of_tumour(number) for number in range(1, self.one((2, 2, 2, 3)))]
        found = {name: [row for tumour in tumours for row in tumour[name]] for name in tumours[0]}
        found |= {"patient": [self._person()], "follow_up": [self._follow_up(n) for n in self._numbers()]}
        return {name: rows for name, rows in found.items() if rows}

    def _of_tumour(self, number: int) -> dict[str, list[Row]]:
        events = [self._event(kind, n) for kind in ("distant_recurrence", "metastasectomy", self._kind()) for n in self._numbers()]
        markers = [self._marker(m, s) for m in ("er", "pr", "her2") for s in ("primary", "metastasis") if self.chance.random() < 0.6]
        treatments = [self._treatment(n) for n in range(1, self.one((1, 2, 4, 5)))]
        found = {"tumour": [self._tumour()], "treatment": treatments, "event": events, "biomarker": markers}
        return {name: [{"tumour_no": number, **row} for row in rows] for name, rows in found.items()}

    def _person(self) -> Row:
        return {"sex_code": self.one(("female", "female", "female", "male", None)), **self._dated("birth", self._birth())}

    def _birth(self) -> datetime.date:
        return self._after(self.diagnosis, -14610, -14610, -14609, -14975, -14245, -20000, -7304, -7303, -38716, -38717, 1)

    def _tumour(self) -> Row:
        one = self.one
        return {
            **self._dated("diagnosis", self.diagnosis), **self._dated("treatment_start", self.start, 0.8),
            **self._dated("enrolment", self.start, 0.2),
            "age_at_diagnosis_years": one((38, 40, 41, 42, 37, 19, 20, 105, 106, None, None)), "laterality_code": one(SIDES),
            "topography_code": one(("C50.9", "C50.4", "C50.4", "C56.9", None)),
            "histology_code": one(("8500/3", "8520/3", "8500/2", "8540/3", "8543/3", None)), "stage_code": one(STAGES),
            "stage_basis_code": one(BASES), "stage_derived_code": one(STAGES),
            "tnm_edition_code": one(("5", "6", "7", "8", "unknown", None, None)),
            "t_code": one(("T1", "T1mi", "T1a", "T1b", "T1c", "T2", "T3", "T4", None)), "t_basis_code": one(BASES),
            "tumour_size_mm": one((0.5, 1.0, 1.1, 2.0, 5.0, 5.1, 6.0, 10.0, 10.1, 11.0, 20.0, 20.1, 50.0, 50.1, None)),
            "n_code": one(("NX", "N0", "N0(i+)", "N1", "N1mi", "N1a", "N2a", "N3a", "N3c", None)), "n_basis_code": one(BASES),
            "nodes_positive": one((0, 0, 1, 3, 4, 9, 10, None)), "nodes_examined": one((0, 1, 3, 10, 20, None)),
            "node_status_code": one(("negative", "positive", None)), "m_code": one(("MX", "M0", "M0", "M0(i+)", "M1", None)),
            "menopausal_status_code": one(("premenopausal", "postmenopausal", None)),
            "basis_of_diagnosis_code": one(("death_certificate", "histology_primary", None)),
        }  # fmt: skip

    def _treatment(self, component: int) -> Row:
        modality = self.one(("chemotherapy", "chemotherapy", "targeted", "hormonal", "radiation", "radiation", "surgery"))
        row = {"component_no": component, "modality_code": modality, "setting_code": self.one(SETTINGS), "is_given": self.one(GIVEN)}
        row |= self._dated("treatment", self.one((self.start, datetime.date(1991, 12, 31), datetime.date(1992, 1, 1))), 0.7)
        row |= {"completion_code": self.one(("completed", "completed", "stopped_early", None))}
        row |= {"not_given_reason_code": self.one(("declined", None, None, None))}
        return row | getattr(self, f"_{modality}")()

    def _chemotherapy(self) -> Row:
        regimen = self.one(("AC", "ddAC", "EC", "TC", "FAC", "FEC", "TAC", "CMF", "CMF IV", "TCH", None, None))
        cycles = self.one((4, 6, 7, 8, 9, 12, 13, 18, 19, 54, 55, None))
        return {"regimen_code": regimen, "cycles": cycles, "interval_days": self.one((7, 14, 21, 28, 20, 22, None))}

    def _targeted(self) -> Row:
        return self._chemotherapy() | {"regimen_code": None, "drug_code": self.one(("trastuzumab", "lapatinib", None))}

    def _hormonal(self) -> Row:
        return {"drug_code": self.one(("tamoxifen", "letrozole", "exemestane", None)), "duration_years": self.one((5.0, 2.0, 2.0, None))}

    def _radiation(self) -> Row:
        one = self.one
        return {
            "dose_gy": one((19.9, 20.0, 50.0, 70.0, 70.1, None)), "fractions": one((0, 5, 10, 13, 25, 40, None)),
            "boost_gy": one((0.0, 1.0, 10.0, 16.0, 16.5, None)), "fields": one((1, 2, 4, 6, 7, None)),
        }  # fmt: skip

    def _surgery(self) -> Row:
        return {"procedure_code": self.one(("mastectomy", "wide_local_excision", "wide_local_excision", None))}

    def _kind(self) -> str:
        return self.one(("local_recurrence", "regional_recurrence", "locoregional_recurrence", "progression"))

    def _numbers(self) -> range:
        return range(1, self.one((1, 2, 2, 2, 3)))

    def _event(self, kind: str, n: int) -> Row:
        if kind == "metastasectomy":
            day = self._after(self.recurrence, -15, -14, -13, 5, 180, 181, 181)
        else:
            day = self.recurrence if kind == "distant_recurrence" else self._after(self.start, 20, 83, 84, 85, 400)
        row = {"event_type_code": kind, "event_no": n, "site_code": self.one(SITES), "organ_code": self.one(("lung", "brain", None, None))}
        procedure = self.one(("craniotomy_excision", "lung_wedge_vats", "biopsy", None)) if kind == "metastasectomy" else None
        return row | {"laterality_code": self.one(SIDES), "procedure_code": procedure, **self._dated("event", day)}

    def _follow_up(self, n: int) -> Row:
        row = {"follow_up_no": n, "vital_status_code": self.one(("alive", "alive", "dead", None))}
        row |= {"cause_of_death_code": self.one(("breast_cancer", None))}
        contact = self._after(self.recurrence, 10, 500)
        death = self._dated("death", self._after(contact, 0, 0, 0, 400), 0.5)
        return row | self._dated("contact", contact) | ({"death": "unknown"} if self.chance.random() < 0.1 else death)

    def _marker(self, marker: str, specimen: str) -> Row:
        return {
            "marker_code": marker, "specimen_code": specimen,
            "result_code": self.one(("positive", "positive", "negative", "unknown", None)),
            "result_value": self.one((0.0, 1.0, 9.0, 10.0, 80.0, None)),
            "result_unit_code": self.one(("percent", "percent", "allred", None)),
        }  # fmt: skip

    def _after(self, day: datetime.date, *days: int) -> datetime.date:
        return day + datetime.timedelta(self.one(days))

    def _dated(self, name: str, day: datetime.date, share: float = 0.92) -> Row:
        return {name: self._written(day)} if self.chance.random() < share else {}

    def _written(self, day: datetime.date) -> str:
        """The day, or a window around it, or days since an anchor."""
        low, high = (day - datetime.timedelta(self.one((0, 3, 40))), day + datetime.timedelta(self.one((0, 3, 40))))
        since = (day - self.diagnosis).days
        anchor, width = self.one(("diagnosis", "diagnosis", "treatment_start")), self.one((0, 0, 5))
        offsets = f"days {since - width}..{since + self.one((0, 0, 5))} from {anchor}"
        windows = (str(day)[:7], str(day)[:4], f"{low}..{high}", f"{low}..", f"..{high}", offsets, offsets)
        return self.one((*(str(day),) * 5, *windows))
