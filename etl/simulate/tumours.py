"""Tumours of all but the thirteen: T, N, M, size, nodes, histology, grade and receptors. One row per tumour, in the order of the cases."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from etl.simulate.cases import Cases
from etl.simulate.known import flags, labels, table, where
from etl.simulate.lives import NEVER
from etl.simulate.plans import Plan, planned
from etl.simulate.times import Draws, Flags, years

EDITION_7 = 14610  # 2010-01-01
HER2_ROUTINE = 2006
TRIALS, FIRST_TRIAL = 0.1, 7305  # share of first tumours in a trial of treatment, from 1990-01-01 on
WORDS = ("positive", "negative", "unknown", None)


def described(case: Cases, seed: int) -> tuple[pl.DataFrame, Plan]:
    """The columns of Truth.tumour (row instead of person_no, days instead of dates), and the plan of treatment."""
    draws = Draws(seed, "tumour", len(case.row))
    receptors, place = _receptors(draws, case), _tnm_place(draws, case.stage)
    plan = planned(case, receptors, place, seed)
    frame = pl.DataFrame(
        {
            "row": case.row,
            "tumour_no": case.tumour_no,
            "diagnosis": case.diagnosis,
            "start": plan.start,
            "laterality_code": labels(("left", "right"), case.is_right.astype(np.int32)),
            "topography_code": draws.code("topography"),
            "stage": case.stage,
            "stage_code": where(flags(case.stage == "I") & (case.diagnosis >= EDITION_7), "IA", case.stage),
            "menopausal_status_code": _menopause(draws, case),
        }
    )
    tnm = _tnm(draws, case, plan, place)
    parts = [frame, tnm, _found(draws, case, plan, tnm), _morphology(draws, case, tnm["t_code"]), receptors]
    return pl.concat(parts, how="horizontal"), plan


def _found(draws: Draws, case: Cases, plan: Plan, tnm: pl.DataFrame) -> pl.DataFrame:
    """How the tumour was proved, the class of its nodes where N and the count agree on one, and the entry into a trial of some."""
    is_n0, count = pl.col("n_code").str.starts_with("N0"), pl.col("nodes_positive")
    negative, positive = is_n0 & (count.fill_null(0) == 0), ~is_n0 & (count.fill_null(1) > 0)
    status = pl.when(negative).then(pl.lit("negative")).when(positive).then(pl.lit("positive"))
    day = plan.start.astype(np.int64) + draws.between("enrolment_day", 5, 40)
    may_enter = (plan.start != NEVER) & (day <= case.limit) & (case.diagnosis >= FIRST_TRIAL) & (case.tumour_no == 1)
    enters = draws.happens("enrolment", TRIALS) & may_enter
    basis = labels(("histology_primary", "cytology"), draws.happens("by_cytology", 0.06).astype(np.int32))
    return pl.DataFrame(
        {
            "node_status_code": tnm.select(status.alias("status"))["status"],
            "enrolment": np.where(enters, day, NEVER).astype(np.int32),
            "basis_of_diagnosis_code": basis,
        }
    )


def _morphology(draws: Draws, case: Cases, t_code: pl.Series) -> pl.DataFrame:
    """Histology and grade; in situ is graded by nucleus, and T4d is inflammatory carcinoma."""
    in_situ = flags(case.stage == "0")
    invasive = where(flags(t_code == "T4d"), "8530/3", draws.code("histology"))
    return pl.DataFrame(
        {
            "histology_code": where(in_situ, "8500/2", invasive),
            "grade_code": where(in_situ, draws.code("grade_in_situ"), draws.code("grade")),
        }
    )


def _tnm_place(draws: Draws, stage: pl.Series) -> NDArray[np.int32]:
    """The line of tnm.csv of each tumour; the line after the last where the stage is not known."""
    lines = table("tnm").with_row_index("line")
    place = np.full(len(stage), lines.height, np.int32)
    share = draws.uniform("tnm")
    for group in lines["stage"].unique(maintain_order=True):
        chosen = lines.filter(pl.col("stage") == group)
        shares = np.cumsum(chosen["weight"].cast(pl.Float64).to_numpy())
        rows = flags(stage == group)
        place[rows] = int(chosen["line"][0]) + np.searchsorted(shares / shares[-1], share[rows], side="right")
    return place


def _tnm(draws: Draws, case: Cases, plan: Plan, place: NDArray[np.int32]) -> pl.DataFrame:
    """T, N, M with their prefix, size and nodes. Clinical before neoadjuvant treatment or without an operation, else pathological."""
    lines = table("tnm").cast(dict.fromkeys(("least", "most", "least_mm", "most_mm"), pl.Int32))
    said = lines.vstack(lines.clear(n=1))[place]
    known = said["t_code"].is_not_null().to_numpy()
    clinical = plan.is_neoadjuvant | (plan.surgery == NEVER)
    least, most, least_mm, most_mm = (said[name].fill_null(0).to_numpy() for name in ("least", "most", "least_mm", "most_mm"))
    size = draws.between("size", least_mm, most_mm).astype(np.float64)
    sized = known & ~draws.happens("size_missing", 0.04)
    positive, examined = _nodes(draws, case, known & (plan.surgery != NEVER), np.where(clinical, 0, least), most)
    return pl.DataFrame(
        {
            "t_code": said["t_code"],
            "n_code": where(clinical, said["n_clinical"], said["n_code"]),
            "m_code": said["m_code"],
            "prefix": where(known, labels(("p", "c"), clinical.astype(np.int32))),
            "nodes_positive": positive,
            "nodes_examined": examined,
            "tumour_size_mm": where(sized, size),
        }
    )


def _nodes(draws: Draws, case: Cases, operated: Flags, least: NDArray[np.integer], most: NDArray[np.int32]) -> tuple[pl.Series, pl.Series]:
    """Nodes positive and examined, from the operation: after neoadjuvant treatment fewer may be left than the clinical N says."""
    counted = operated & ~draws.happens("nodes_missing", np.where(flags(case.stage == "0"), 0.6, 0.04))
    positive = draws.between("nodes_positive", least.astype(np.int32), most)
    few = most == 0
    more = draws.between("nodes_more", np.where(few, 1, 6).astype(np.int32), np.where(few, 5, 15).astype(np.int32))
    return where(counted, positive), where(counted, positive + more)


def _menopause(draws: Draws, case: Cases) -> pl.Series:
    share = draws.uniform("menopause")
    middle = np.where(share < 0.4, 0, np.where(share < 0.65, 1, 2))
    place = np.where(case.age < 47, 0, np.where(case.age > 52, 2, middle))
    place[draws.happens("menopause_missing", 0.1) | flags(case.sex == "male")] = 3
    return labels(("premenopausal", "perimenopausal", "postmenopausal", None), place)


def _receptors(draws: Draws, case: Cases) -> pl.DataFrame:
    """ER, PR and HER2 as words and numbers. Whoever is given hormones or trastuzumab later has the receptor for it."""
    year = years(case.diagnosis)
    hormonal, trastuzumab = flags(case.after["hormonal"]), flags(case.after["trastuzumab"])
    drugs_alone = flags(case.after["chemotherapy"]) & ~hormonal
    er = draws.happens("er", np.where(drugs_alone, 0.3, 0.72)) | hormonal
    pr = draws.happens("pr", np.where(er, 0.8, 0.07))
    has_no_er = draws.happens("er_missing", np.where(year < 1996, 0.2, 0.05)) & ~hormonal
    has_no_pr = has_no_er | draws.happens("pr_missing", 0.03)
    says_unknown, has_percent = draws.happens("unknown_said", 0.5), draws.happens("percent", 0.7)
    return pl.DataFrame(
        {
            "er_code": _result(er, has_no_er, says_unknown),
            "pr_code": _result(pr, has_no_pr, says_unknown),
            "er_percent": where(has_percent & ~has_no_er, _percent(draws, "er_percent", er)),
            "pr_percent": where(has_percent & ~has_no_pr, _percent(draws, "pr_percent", pr)),
            **_her2(draws, case, draws.happens("her2", 0.19) | trastuzumab, trastuzumab, says_unknown),
        }
    )


def _her2(draws: Draws, case: Cases, positive: Flags, must_be_known: Flags, says_unknown: Flags) -> dict[str, pl.Series]:
    """Tested in routine from 2006 on; score 0 or 1 is negative, 3 positive, and at 2 the ratio of the ISH decides (2.0)."""
    year = years(case.diagnosis)
    routine = np.where(flags(case.stage == "0"), 0.3, 0.95)
    tested = np.where(year < 2001, 0.1, np.where(year < HER2_ROUTINE, 0.5, routine))
    untested = ~draws.happens("her2_tested", tested) & ~must_be_known
    by_ish = draws.happens("her2_ish", 0.22) & ~untested
    score = np.where(by_ish, 2, np.where(positive, 3, draws.between("her2_ihc", 0, 1))).astype(np.int32)
    ratio = np.where(positive, draws.between("ratio_positive", 20, 70), draws.between("ratio_negative", 9, 19)) / 10
    return {
        "her2_code": _result(positive, untested, says_unknown),
        "her2_ihc_score": where(~untested, score),
        "her2_ish_ratio": where(by_ish, ratio),
    }


def _percent(draws: Draws, name: str, positive: Flags) -> NDArray[np.float64]:
    return np.where(positive, 5 * draws.between(name, 2, 20), 0).astype(np.float64)


def _result(positive: Flags, missing: Flags, says_unknown: Flags) -> pl.Series:
    """Positive or negative; where there is no result, half of them say so and the others say nothing."""
    return labels(WORDS, np.where(missing, np.where(says_unknown, 2, 3), np.where(positive, 0, 1)))
