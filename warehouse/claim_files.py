"""The claims of one study as they are published: claims.csv and claims.html."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import groupby
from pathlib import Path

import polars as pl
from sqlglot import exp

from schemas.claims import Claim
from schemas.facts import own_rows
from schemas.study import Study
from warehouse.claim_verdict import Verdict, judge
from warehouse.claims import Recomputed
from warehouse.files import write_csv, write_text
from warehouse.numbers import ALL, Numbers, analysed
from warehouse.tables import HEAD, LEVEL, PLAIN, PrintedTable, html_page

COLUMNS = ("claim", "text", "reported", "recomputed", "verdict", "note", "section", "unit", "number_id")
# What agreement means where the women were made up to fit.
MADE_TO_FIT = "Simulated: who agrees with a count was made to, so it says that nothing was lost on the way, and nothing of the publication."


def claims_frame(
    study: Study, claims: Sequence[Claim], found: Mapping[str, Recomputed], numbers: Numbers, *, is_simulated: bool, refusal: str
) -> pl.DataFrame:
    """One row per claim, identified by claim, in the order of the project; every one is registered as a number of the study."""
    rows = []
    for claim in claims:
        recomputed = found[claim.claim]
        verdict = judge(claim, recomputed, days_per_month=study.days_per_month, is_simulated=is_simulated, refusal=refusal)
        behind = recomputed.subjects if recomputed.subjects is not None and verdict.recomputed else _nobody(study)
        name = numbers.number("claims", claim.claim, "recomputed", claim.arm, value=verdict.value, subjects=behind)
        rows.append((claim.claim, claim["text"], claim["reported"], *_told(verdict), claim["section"], claim["unit"], name))
    return pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.String), orient="row")


def write_claims(frame: pl.DataFrame, study: Study, folder: Path, banner: str, *, is_simulated: bool, stamp: str) -> list[Path]:
    """Writes claims.csv and claims.html into the folder; gives their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    write_csv(folder / "claims.csv", frame, is_simulated=is_simulated)
    printed = replace(_printed(frame, study, banner, is_simulated=is_simulated), stamp=stamp)
    write_text(folder / "claims.html", html_page(printed))
    return [folder / "claims.csv", folder / "claims.html"]


@cache
def verdicts() -> dict[str, str]:
    """The words for a verdict, and what each means."""
    return {row["verdict"]: row["means"] for row in own_rows("warehouse", "claim_verdicts.csv")}


def _told(verdict: Verdict) -> tuple[str, str, str]:
    return verdict.recomputed, verdict.verdict, verdict.note


def _nobody(study: Study) -> exp.Select:
    """Behind what no woman was counted for."""
    return analysed(study.study, ALL).where(exp.false())


def _printed(frame: pl.DataFrame, study: Study, banner: str, *, is_simulated: bool) -> PrintedTable:
    heads = ("What is said", "Claim", "Reported", "Recomputed", "Verdict", "Note")
    rows: list[tuple[str, Sequence[str]]] = []
    for section, of_section in groupby(frame.iter_rows(named=True), key=lambda row: row["section"]):
        rows += [(HEAD, (section, *[""] * (len(heads) - 1)))] if section else []
        rows += [(LEVEL if section else PLAIN, _line(row)) for row in of_section]
    counted = Counter(frame["verdict"])
    notes = [f"{word.replace('_', ' ')} ({counted[word]}): {means}." for word, means in verdicts().items() if counted[word]]
    notes += [MADE_TO_FIT] if is_simulated else []
    notes += [f"Source of the claims: {study.citation}."] if study.citation else []
    return PrintedTable("claims", "Published claims, recomputed", study.title, heads, rows, notes, banner, wide=True)


def _line(row: Mapping[str, str]) -> tuple[str, ...]:
    reported, recomputed = (_with_unit(row[name], row["unit"]) for name in ("reported", "recomputed"))
    return row["text"], row["claim"], reported, recomputed, row["verdict"].replace("_", " "), row["note"]


def _with_unit(text: str, unit: str) -> str:
    """A number with its unit; words have none."""
    return f"{text} {unit}" if unit and text[-1:].isdigit() else text
