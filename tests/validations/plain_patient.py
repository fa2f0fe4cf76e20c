"""One patient in plain Python, as the oracle asks about her: her records as dictionaries, and what they say together."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import Any

from plain_dates import Span, all_of, first_of, span

Row = Mapping[str, Any]
PRIMARY = ("primary", "neoadjuvant", "adjuvant")


def _table(name: str) -> list[dict[str, str]]:
    text = files("schemas").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


def _number(text: str) -> int | None:
    return int(text) if text else None


class Knowledge:
    """What the oracle knows beside the records, read from the same files of facts."""

    def __init__(self) -> None:
        self.site_organ = {row["code"]: row["organ_code"] or None for row in _table("sites.csv")}
        self.site_spread = {row["code"]: row["spread_code"] or None for row in _table("sites.csv")}
        self.procedure_organ = {row["code"]: row["organ_code"] or None for row in _table("procedures.csv")}
        self.drug_class = {row["code"]: row["drug_class"] or None for row in _table("drugs.csv")}
        self.node_counts = {
            (row["tnm_edition_code"], row["n_code"]): (_number(row["min_positive"]), _number(row["max_positive"]))
            for row in _table("node_counts.csv")
        }
        self.drug_year = {row["code"]: int(row["earliest_trial_year"]) for row in _table("drugs.csv")}
        self.drugs: dict[str, list[str]] = defaultdict(list)
        for row in _table("regimen_drugs.csv"):
            self.drugs[row["regimen_code"]].append(row["drug_code"])
        self.anti_her2 = {row["regimen_code"] for row in _table("regimen_drugs.csv") if "trastuzumab" in row["drug_code"]}

    def first_year(self, drug: str | None, regimen: str | None) -> int | None:
        """The year in which the drug was first tried; of a regimen alone, the last of those years."""
        return self.drug_year[drug] if drug else max((self.drug_year[one] for one in self.drugs.get(regimen or "", ())), default=None)


@dataclass(frozen=True)
class Patient:
    """Her records; a value that was not given is None."""

    given: Mapping[str, list[dict[str, Any]]]
    known: Knowledge

    def rows(self, record: str) -> list[Row]:
        return [defaultdict(lambda: None, row) for row in self.given.get(record, [])]

    def date(self, row: Row, name: str) -> Span:
        return span({name: row[name]} if row[name] is not None else {}, name)

    def tumour(self, row: Row) -> Row:
        """The tumour of a record."""
        return next(tumour for tumour in self.rows("tumour") if tumour["tumour_no"] == row["tumour_no"])

    def of_tumour(self, record: str, row: Row) -> list[Row]:
        """The records of that kind of the same tumour."""
        return [other for other in self.rows(record) if other["tumour_no"] == row["tumour_no"]]

    @cached_property
    def birth(self) -> Span:
        return self.date(self.rows("patient")[0], "birth")

    @property
    def death(self) -> Span:
        return all_of([self.date(row, "death") for row in self.rows("follow_up")])

    @property
    def has_death_conflict(self) -> bool:
        death = self.death
        days, offsets = (death.low, death.high), (death.first, death.last)
        return any(first is not None and last is not None and first > last for first, last in (days, offsets))

    def events(self, row: Row, kind: str) -> list[Row]:
        return [event for event in self.of_tumour("event", row) if event["event_type_code"] == kind]

    def first(self, row: Row, kind: str) -> Span:
        return first_of([self.date(event, "event") for event in self.events(row, kind)])

    def organ(self, event: Row) -> str | None:
        return event["organ_code"] or self.known.site_organ.get(event["site_code"])

    def treatments(self, row: Row) -> list[Row]:
        return self.of_tumour("treatment", row)

    def operation(self, row: Row) -> str | None:
        """A mastectomy outweighs an excision."""
        done = [t["procedure_code"] for t in self.treatments(row) if t["modality_code"] == "surgery" and t["is_given"] is not False]
        return "mastectomy" if "mastectomy" in done else max((code for code in done if code), default=None)

    def has_neoadjuvant(self, row: Row) -> bool | None:
        all_of_them = self.treatments(row)
        return any(t["setting_code"] == "neoadjuvant" and t["is_given"] is not False for t in all_of_them) if all_of_them else None

    def neoadjuvant_days(self, row: Row) -> int | None:
        """Planned length of the chemotherapy before the operation; None where a block that was given does not say how long it is."""
        before = [t for t in self.treatments(row) if t["setting_code"] == "neoadjuvant" and t["is_given"] is not False]
        blocks = [t for t in before if t["modality_code"] == "chemotherapy"]
        lengths = [None if t["cycles"] is None or t["interval_days"] is None else t["cycles"] * t["interval_days"] for t in blocks]
        return None if not lengths or None in lengths else sum(length for length in lengths if length is not None)

    def has_trastuzumab(self, treatment: Row) -> bool | None:
        drug, regimen = treatment["drug_code"], treatment["regimen_code"]
        if (drug and "trastuzumab" in drug) or regimen in self.known.anti_her2:
            return True
        return None if treatment["modality_code"] in ("chemotherapy", "targeted", "any") and drug is None and regimen is None else False

    def was_given(self, row: Row, modality: str) -> bool:
        """Whether this modality was given for the primary."""
        kinds = [t for t in self.treatments(row) if t["modality_code"] == modality and t["setting_code"] in PRIMARY]
        return any(t["is_given"] is not False for t in kinds)

    def was_explained(self, row: Row, modality: str) -> bool:
        """Whether a reason is given why this modality was not."""
        return any(t["modality_code"] == modality and t["not_given_reason_code"] is not None for t in self.treatments(row))

    def receptor(self, row: Row, marker: str) -> str | None:
        """Result on the primary; None where it is recorded as not known."""
        found = [
            m["result_code"] for m in self.of_tumour("biomarker", row) if m["marker_code"] == marker and m["specimen_code"] == "primary"
        ]
        return next((code for code in found if code not in (None, "unknown")), None)
