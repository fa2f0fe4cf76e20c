"""Numbers with identifiers for the tests of linking persons: number to what one file tells of it."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from hypothesis import strategies as st
from link_pieces import delivered, window

from etl.link import Linked, link
from etl.normalise.result import IDENTIFIERS, Normalised
from schemas.linkage import Linkage

BOTH = (("a", 0), ("b", 1), ("c", 2))
KEYS = (("patient_id",), ("nric",), ("name", "birth"))
MARY = {"nric": "S0000001A", "name": "lim mary", "birth": "1950-03-07"}
MAY = {"nric": "S0000001A", "name": "tan may", "birth": "1961-01-01"}
TOLD = st.fixed_dictionaries(
    {},
    optional={
        "nric": st.sampled_from(["S0000001A", "S0000002B", "S0000003C"]),
        "name": st.sampled_from(["lim mary", "tan may", "ng ann"]),
        "birth": st.sampled_from(["1950-03-07", "1961-01-01"]),
    },
)
PEOPLE = st.tuples(*(st.dictionaries(st.sampled_from("123456"), TOLD, max_size=4) for _ in BOTH))
File = tuple[str, int, dict[str, dict[str, Any]]]


@dataclass(frozen=True)
class Found:
    """What linking gave, and the files it was given."""

    linked: Linked
    parts: tuple[Normalised, ...]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.linked, name)


def linked(
    files: list[File],
    keys: tuple[tuple[str, ...], ...],
    probabilistic: dict[str, Any] | None = None,
    renamed: dict[int, str] | None = None,
    cannot_link: tuple[str, ...] = ("nric",),
    nric_slips: int = 0,
    key: bytes | None = None,
) -> Found:
    """Link the files by these keys; a number is its own pseudonym here. `renamed`: pseudonyms by the key of the number."""
    said = Linkage.model_validate(
        {"deterministic": keys, "probabilistic": probabilistic, "cannot_link": cannot_link, "nric_slips": nric_slips}
    )
    parts = tuple(_part(source, trust, numbers, renamed or {}) for source, trust, numbers in files)
    return Found(link(parts, said, key=key), parts)


def _part(source: str, trust: int, numbers: dict[str, dict[str, Any]], renamed: dict[int, str]) -> Normalised:
    patients = [{"patient_pseudonym": number, **_birth(told)} for number, told in numbers.items()]
    part = delivered(trust, f"{source}.csv", patient=patients)
    if renamed:
        keys = part.records["patient"]["patient_key"].to_list()
        named = [{**one, "patient_pseudonym": renamed.get(key, one["patient_pseudonym"])} for one, key in zip(patients, keys, strict=True)]
        part = delivered(trust, f"{source}.csv", patient=named)
    told = (
        part.records["patient"].select("patient_key", "source_row_id", "trust").join(part.persons, on="patient_key", maintain_order="left")
    )
    columns = [
        pl.Series(kind, [one.get(kind) for one in numbers.values()], dtype=pl.String)
        for kind in ("nric", "hospital_number", "issuer", "name", "postcode")
    ]
    told = told.hstack(columns).with_columns(pl.lit(source).alias("source"), patient_id="patient_pseudonym")
    return Normalised(
        part.records, part.findings, part.counts, part.ledger, part.unmapped, source,
        told.select(pl.col(c).cast(k) for c, k in IDENTIFIERS.items()), persons=part.persons,
    )  # fmt: skip


def _birth(told: dict[str, Any]) -> dict[str, Any]:
    """The birth of a person: a day, or the first and the last that it may be."""
    if "birth" not in told:
        return {}
    days = (told["birth"],) * 2 if isinstance(told["birth"], str) else told["birth"]
    return window("birth", *(date.fromisoformat(day) for day in days))


def ward(n: int) -> dict[str, dict[str, str]]:
    """So many other women, no two alike."""
    rng = random.Random(7)
    words = ("ang", "chua", "devi", "foo", "goh", "hana", "iris", "joan", "koh", "lena")
    return {
        str(1000 + number): {
            "name": f"{words[number % 10]} {words[number // 10 % 10]}{'abcdefghij'[rng.randrange(10)]}",
            "birth": f"{1930 + rng.randrange(40)}-{1 + rng.randrange(12):02}-{1 + rng.randrange(28):02}",
            "postcode": f"{200000 + number}",
        }
        for number in range(n)
    }


def pseudonyms(found: Found) -> set[str]:
    """The persons that are left."""
    return set(found.records["patient"]["patient_pseudonym"])


def merges(found: Found) -> list[tuple[str, str, str, str]]:
    """Outcome, method, evidence and person of each line of the report."""
    return found.linkage.select("outcome", "method", "evidence", "patient_pseudonym").rows()
