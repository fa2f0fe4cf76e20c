"""The tables of the report as plain rows: sorted, summed, cut to what a reader can use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from schemas.core.frames import ranked
from schemas.core.three_valued import OUTCOMES
from schemas.statuses import CANNOT_TELL, OVERRIDDEN
from validations.report.not_met import not_met

SEVERITIES = ("error", "warning", "notice")
JUDGED = OUTCOMES[:3]
PRECISIONS = {
    "day": "day",
    "relative_day": "day from an anchor",
    "month": "month",
    "year": "year",
    "relative_window": "window from an anchor",
    "ambiguous": "ambiguous or window",
    "unknown": "unknown",
    "not_delivered": "not delivered",
}
TABLE_WORDS = {
    "dim_patient": "Women",
    "dim_tumour": "Tumours",
    "fact_treatment": "Treatments",
    "fact_event": "Events",
    "fact_follow_up": "Follow-up",
    "fact_biomarker": "Receptors and markers",
}
# As many rows of one edit as a registrar works through in one go; the rest is in internal/findings.csv.
MOST_ROWS = 50


# As much of a bar as the eye finds: a part that is there is never thinner.
LEAST_WIDTH = 3.0


@dataclass(frozen=True)
class Segment:
    """One part of a bar, in per cent of its length."""

    name: str
    label: str
    n: int
    start: float
    width: float


def segments(parts: list[tuple[str, str, int]]) -> tuple[Segment, ...]:
    """A bar of (name, label, n) laid end to end; parts of 0 are left out."""
    there = [part for part in parts if part[2]]
    found: list[Segment] = []
    start = 0.0
    for (name, words, n), width in zip(there, widths([n for _, _, n in there]), strict=True):
        found.append(Segment(name, words, n, round(start, 3), round(width, 3)))
        start += width
    return tuple(found)


def widths(counts: Sequence[int]) -> list[float]:
    """The parts of a bar in per cent: by their share, none thinner than LEAST_WIDTH; the wide ones give what the thin ones need."""
    total = sum(counts)
    shares = [100 * n / total for n in counts]
    thin = [share < LEAST_WIDTH for share in shares]
    left, wide = 100 - LEAST_WIDTH * sum(thin), sum(share for share, is_thin in zip(shares, thin, strict=True) if not is_thin)
    return [LEAST_WIDTH if is_thin else share * left / wide for share, is_thin in zip(shares, thin, strict=True)]


def sources(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """One row per file, those that are not good first."""
    order = pl.col("status").replace_strict({"refused": 0, "carried_forward": 1, "good": 2}, default=3, return_dtype=pl.Int8)
    return frame.sort(order, "source", "source_file").to_dicts()


def unused(frame: pl.DataFrame) -> list[dict[str, str]]:
    """One row per file that is not used as delivered, refused ones first: `source_file`, `status`, and `message` without the name of the
    file, which also says of one that was refused that its last good delivery stands in.
    """
    told: dict[str, dict[str, str]] = {}
    for row in sources(frame.filter(pl.col("status").is_in(["refused", "carried_forward"]))):
        file, status = row["source_file"], row["status"].replace("_", " ")
        parts = [(row["message"] or "").removeprefix(f"{file}: ")]
        if (one := told.get(file)) is not None:
            parts = [one["message"], *parts, f"its last good delivery is {status}" if status != one["status"] else ""]
        told[file] = {"source_file": file, "status": one["status"] if one else status, "message": "; ".join(filter(None, parts))}
    return list(told.values())


def overridden(findings: pl.DataFrame) -> dict[str, int]:
    """How many findings of each edit are silenced by an over-ride; empty where nobody says where a finding stands."""
    return _with_status(findings, OVERRIDDEN)


def untold(findings: pl.DataFrame) -> dict[str, int]:
    """How many certain findings of each edit were answered by `cannot tell`; empty where nobody says where a finding stands."""
    return _with_status(findings.filter(pl.col("outcome") == "violated"), CANNOT_TELL)


def _with_status(findings: pl.DataFrame, status: str) -> dict[str, int]:
    if "status" not in findings.columns:
        return {}
    return dict(findings.filter(pl.col("status") == status).group_by("edit").len().iter_rows())


def edits(counts: pl.DataFrame, texts: pl.DataFrame, silenced: Mapping[str, int]) -> list[dict[str, Any]]:
    """One row per edit with its five counts and its bar: what fired first, then by severity and violations.

    `silenced`: how many of its findings are overridden; they are counted as what they are all the same.
    """
    named = counts.join(texts.drop("severity", strict=False).unique("edit"), on="edit", how="left")
    order = pl.col("severity").replace_strict({word: i for i, word in enumerate(SEVERITIES)}, default=len(SEVERITIES), return_dtype=pl.Int8)
    fired = (pl.col("violated") + pl.col("possible")) > 0
    rows = named.sort(fired, order, "violated", "possible", "edit", descending=[True, False, True, True, False]).to_dicts()
    for row in rows:
        row["bar"] = segments([(name, name.replace("_", " "), row[name]) for name in OUTCOMES])
        row["total"] = sum(row[name] for name in OUTCOMES)
        row["overridden"] = silenced.get(row["edit"], 0)
        row["found"] = bool(row["violated"] or row["possible"])
        row["silent"] = not any(row[name] for name in JUDGED)
    return rows


def precision(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """One row per clinical date with the bar of its precisions; dates that nobody delivers come last."""
    found = []
    for part in frame.partition_by("table", "date", maintain_order=True):
        met = dict(part.select("precision", "n").iter_rows())
        known = [(name, words, met.pop(name, 0)) for name, words in PRECISIONS.items()]
        bar = segments([*known, *((name, name, n) for name, n in sorted(met.items()))])
        found.append(
            {
                "table": part["table"][0],
                "date": part["date"][0],
                "bar": bar,
                "n": int(part["n"].sum()),
                "delivered": any(one.name != "not_delivered" for one in bar),
            }
        )
    return sorted(found, key=lambda row: not row["delivered"])


def expectations(frame: pl.DataFrame) -> dict[str, Any]:
    """Expectations by outcome: not met (critical first), not judgeable, met (by table, for a closed section); each told once, so that the
    rows which stand for several that are not met (`summed`) count for none.
    """
    ordered = frame.sort(~pl.col("critical"), "subject", "name")
    failed = not_met(ordered)
    return {
        "failed": failed.to_dicts(),
        "summed": ordered.filter(pl.col("success").eq_missing(pl.lit(False)), ~pl.col("name").is_in(failed["name"].to_list())).to_dicts(),
        "unjudged": ordered.filter(pl.col("success").is_null()).to_dicts(),
        "met": ordered.filter(pl.col("success").eq_missing(pl.lit(True))).to_dicts(),
    }


# What a contradiction says of the row whose word was kept stands in findings.csv.
KEPT = r"\([^()]*:\d+\)"
# Findings that name headers of the file that no contract knows: where a row of headers is gone, cells of a patient.
HEADERS = ("READ-EXTRA-COLUMN",)


def findings(frame: pl.DataFrame, texts: pl.DataFrame) -> list[dict[str, Any]]:
    """One block per edit, worst first: at most MOST_ROWS of its findings as file, columns, outcome and row numbers."""
    order = pl.col("severity").replace_strict({word: i for i, word in enumerate(SEVERITIES)}, default=len(SEVERITIES), return_dtype=pl.Int8)
    totals = frame.group_by("edit", "severity").agg(pl.len().alias("n"), pl.col("source_file").n_unique().alias("files"))
    named = totals.join(texts.select("edit", "title", "reason", "action").unique("edit"), on="edit", how="left")
    blocks = named.sort(order, "n", "edit", descending=[False, True, False]).to_dicts()
    texts_told = frame.select("columns").unique().with_columns(told=pl.col("columns").str.replace_all(KEPT, ""))  # few, of a million
    told_of = frame.join(texts_told, on="columns", how="left", nulls_equal=True, maintain_order="left")
    told = pl.when(pl.col("edit").is_in(HEADERS)).then(pl.lit("see internal/findings.csv")).otherwise(pl.col("told"))
    rows = told_of.with_columns(columns=told)
    shown = _shown(rows.with_columns(ranked(rows[name]) for name in ("edit", "source_file", "columns")))
    for number, block in enumerate(blocks):
        block["first"] = all(other["edit"] != block["edit"] for other in blocks[:number])  # an edit may have two severities
        block["places"] = shown.filter(pl.col("edit") == block["edit"], pl.col("severity") == block["severity"]).to_dicts()
        block["more"] = block["n"] - sum(place["n"] for place in block["places"])
    return blocks


def _shown(frame: pl.DataFrame) -> pl.DataFrame:
    """One row per edit, file, columns and outcome with the row numbers of the first MOST_ROWS findings of the edit, each
    once; `n` findings.
    """
    shown = ["source_file", "source_row", "columns", "outcome", "finding_id"]
    order = [pl.col("outcome") != "violated", *map(pl.col, ("source_file", "source_row", "columns", "finding_id"))]
    # Picks without sorting: a million findings in 1.4 s instead of 3.4 s.
    first = frame.group_by("edit", "severity").agg(pl.col(shown).bottom_k_by(order, MOST_ROWS)).explode(shown)
    keys = ["edit", "severity", "source_file", "columns", "outcome"]
    return (
        first.sort("edit", "severity", *order)
        .group_by(keys, maintain_order=True)
        .agg(rows=pl.col("source_row").unique(maintain_order=True), n=pl.len())
    )
