"""How each primary of all but the thirteen is treated, in days; a day that never comes is NEVER.

What is planned after the limit of the case (distant recurrence, last contact) does not happen, and a course happens whole
or not at all, so that no text tells of what was not given.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from etl.simulate.cases import Cases
from etl.simulate.known import among, flags, table
from etl.simulate.lives import NEVER
from etl.simulate.times import Days, Draws, Flags, Shares, years
from schemas.items import PolarsType

CHEMOTHERAPY = {"0": 0.0, "I": 0.22, "IIA": 0.55, "IIB": 0.72, "IIIA": 0.9, "IIIB": 0.92, "IIIC": 0.92, "IV": 0.8}
NEOADJUVANT = {"0": 0.0, "I": 0.0, "IIA": 0.0, "IIB": 0.08, "IIIA": 0.3, "IIIB": 0.75, "IIIC": 0.4, "IV": 1.0}
UNKNOWN_STAGE = {"chemotherapy": 0.55, "neoadjuvant": 0.0}
KEEPS_BREAST = ("Tis", "T1a", "T1b", "T1c", "T2")


@dataclass(frozen=True)
class Plan:
    """`course`: place in `course_list`, -1 without chemotherapy. `start`: the first day of any treatment."""

    course: NDArray[np.int32]
    is_neoadjuvant: Flags
    chemotherapy: Days
    surgery: Days
    keeps_breast: Flags
    second_surgery: Days
    radiation: Days
    hormonal: Days
    has_declined_hormonal: Flags
    start: Days


def planned(case: Cases, receptors: pl.DataFrame, place: NDArray[np.int32], seed: int) -> Plan:
    """One plan per case; `place`: its line of tnm.csv (the line after the last where the stage is not known)."""
    draws = Draws(seed, "plan", len(case.row))
    course = _course(draws, case, receptors)
    length = np.append(course_list()["length"].to_numpy(), 0)[course]
    surgery, chemotherapy, neoadjuvant = _order(draws, case, course, length)
    given = chemotherapy != NEVER
    keeps, second = _operation(draws, case, surgery, place)
    end = np.where(given, chemotherapy.astype(np.int64) + length, case.start)
    base = np.maximum.reduce([end, *(np.where(day == NEVER, case.start, day) for day in (surgery, second))])
    hormonal, declined = _hormonal(draws, case, receptors, base)
    return Plan(
        course=np.where(given, course, -1).astype(np.int32),
        is_neoadjuvant=neoadjuvant,
        chemotherapy=chemotherapy,
        surgery=surgery,
        keeps_breast=keeps,
        second_surgery=second,
        radiation=_radiation(draws, case, keeps, surgery=surgery, base=base, place=place),
        hormonal=hormonal,
        has_declined_hormonal=declined,
        start=np.minimum.reduce([surgery, chemotherapy, hormonal]),
    )


def course_list() -> pl.DataFrame:
    """One row per course of courses.csv: course, years, weight, is_with trastuzumab, length in days to the last day known."""
    kinds: dict[str, PolarsType] = {
        "course": pl.Int32,
        "first_year": pl.Int32,
        "last_year": pl.Int32,
        "starts": pl.Int32,
        "ends": pl.Int32,
        "weight": pl.Float64,
    }
    lines = table("courses").with_columns(pl.col(name).cast(kind) for name, kind in kinds.items())
    return lines.group_by("course", maintain_order=True).agg(
        pl.col("first_year", "last_year", "weight").first(),
        is_with=pl.col("with").first() == "yes",
        length=pl.max_horizontal(pl.col("starts").max(), pl.col("ends").max()),
    )


def _share(case: Cases, given: dict[str, float], unknown: float) -> Shares:
    shares: Shares = case.stage.replace_strict(given, return_dtype=pl.Float64).fill_null(unknown).to_numpy()
    return shares


def _course(draws: Draws, case: Cases, receptors: pl.DataFrame) -> NDArray[np.int32]:
    """A course of the year of diagnosis, -1 for none; with trastuzumab for most HER2-positive tumours from 2006 on."""
    by_age = np.where(case.age < 66, 1.0, np.where(case.age < 76, 0.5, 0.08))
    wants = draws.happens("chemotherapy", _share(case, CHEMOTHERAPY, UNKNOWN_STAGE["chemotherapy"]) * by_age)
    lists, year, share = course_list(), years(case.diagnosis), draws.uniform("course")
    with_drug = flags(receptors["her2_code"] == "positive") & draws.happens("trastuzumab", 0.88)
    course = np.full(len(share), -1, np.int32)
    for one in np.unique(year):
        of_year = (lists["first_year"] <= one) & (lists["last_year"] >= one)
        has_drug = bool((of_year & lists["is_with"]).any())
        for is_with in (False, True):
            chosen = (of_year & (lists["is_with"] == (is_with and has_drug))).to_numpy()
            rows = wants & (year == one) & (with_drug == is_with)
            shares = np.cumsum(np.where(chosen, lists["weight"].to_numpy(), 0.0))
            course[rows] = np.searchsorted(shares / shares[-1], share[rows], side="right")
    return course


def _order(draws: Draws, case: Cases, course: NDArray[np.int32], length: Days) -> tuple[Days, Days, Flags]:
    """First days of surgery and chemotherapy, and which came first. A third of stage IV is operated on, the others never."""
    metastatic = flags(case.stage == "IV")
    operated = ~metastatic | draws.happens("operated_iv", 0.3)
    fits = (course >= 0) & (case.start.astype(np.int64) + length <= case.limit)
    neoadjuvant = draws.happens("neoadjuvant", _share(case, NEOADJUVANT, UNKNOWN_STAGE["neoadjuvant"])) & fits & ~(metastatic & operated)
    later = case.start.astype(np.int64) + length + draws.between("rest", 21, 40)
    surgery = np.where(operated, np.where(neoadjuvant, later, case.start), NEVER)
    surgery = np.where(surgery <= case.limit, surgery, NEVER).astype(np.int32)
    first = np.where(neoadjuvant, case.start, case.start + draws.between("recovery", 27, 50)).astype(np.int64)
    given = (course >= 0) & (operated | neoadjuvant) & (first + length <= case.limit)
    return surgery, np.where(given, first, NEVER).astype(np.int32), neoadjuvant


def _operation(draws: Draws, case: Cases, surgery: Days, place: NDArray[np.int32]) -> tuple[Flags, Days]:
    """Whether the breast is kept in the end, and the day of a mastectomy after an excision."""
    small = np.append(among(table("tnm")["t_code"], *KEEPS_BREAST), True)[place] & (surgery != NEVER)
    drawn = draws.code("operation")
    day = surgery.astype(np.int64) + draws.between("again_day", 14, 35)
    again = flags(drawn == "wide_local_excision_then_mastectomy") & small & (day <= case.limit)
    return small & ~flags(drawn == "mastectomy") & ~again, np.where(again, day, NEVER).astype(np.int32)


def _hormonal(draws: Draws, case: Cases, receptors: pl.DataFrame, base: NDArray[np.int64]) -> tuple[Days, Flags]:
    """The day on which adjuvant hormonal therapy begins, and who declined it."""
    positive = flags(receptors["er_code"] == "positive") | flags(receptors["pr_code"] == "positive")
    offered = positive & draws.happens("hormonal", np.where(flags(case.stage == "0"), 0.3, 0.95))
    declined = offered & draws.happens("hormonal_declined", 0.06) & (case.limit - base > 60)
    day = base + draws.between("hormonal_day", 14, 45)
    return np.where(offered & ~declined & (day <= case.limit), day, NEVER).astype(np.int32), declined


def _radiation(draws: Draws, case: Cases, keeps: Flags, *, surgery: Days, base: NDArray[np.int64], place: NDArray[np.int32]) -> Days:
    """After breast-conserving surgery, and after mastectomy of large or much node-positive tumours."""
    lines = table("tnm")
    high = np.append(among(lines["n_code"], "N2a", "N3a") | flags(lines["t_code"].str.contains("^T[34]")), False)[place]
    share = np.where(keeps, 0.93, np.where(high, 0.8, 0.06))
    day = base + draws.between("radiation_day", 28, 60)
    happens = draws.happens("radiation", share) & (surgery != NEVER) & (case.age < 84) & (day + 40 <= case.limit)
    return np.where(happens, day, NEVER).astype(np.int32)
