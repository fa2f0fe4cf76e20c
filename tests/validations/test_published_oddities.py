"""The oddities of the thirteen published women are found, and hold nobody."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import polars as pl
import pytest

from etl.delivering import deliver
from etl.landing.land import land
from etl.link import link
from schemas.keys import identifier_key
from schemas.project import load_project
from validations.judge import judge
from validations.load import load_edits
from validations.route import Routed, route

PUBLISHED = Path(__file__).parents[2] / "etl" / "examples" / "published"


@pytest.fixture(scope="module")
def routed(tmp_path_factory: pytest.TempPathFactory) -> Routed:
    project, out = load_project(PUBLISHED), tmp_path_factory.mktemp("out")
    landing = land(project, out, "2026-01-01T00:00:00", None)
    records = link(deliver(project, out, landing, identifier_key(project, releases_exist=False)).parts).records
    edits, as_of = load_edits(project.local_edits), project.registry.as_of
    assert as_of is not None
    return route(records, judge(records, edits, as_of), edits, as_of)


@cache
def expected() -> dict[tuple[str, str], set[str]]:
    """(edit, outcome) -> patient numbers of the paper."""
    return {
        ("RAD-001", "violated"): {"5"},  # 50+10 Gy with a mastectomy
        ("REC-001", "violated"): {"4"},  # ER negative, anastrozole and exemestane later
        ("REC-003", "violated"): {"10"},  # trastuzumab after the metastasectomy, HER2 never given
        ("REC-004", "violated"): {"1"},  # HER2 positive, declined trastuzumab
        ("EVT-006", "violated"): {"9"},  # chest wall recurrence on day 33 to 63 of four cycles of 21 days
        ("STG-002", "possible"): {"10", "11"},  # stage IIIC, treatment start between 1995-04-26 or 1998-08-04 and after 2003
    }


def test_finds_each_oddity_and_no_other(routed: Routed) -> None:
    labels = routed.loaded()["patient"].select("patient_key", "subject_label")
    rows = routed.judged.findings.join(labels, on="patient_key").group_by("edit", "outcome").agg(pl.col("subject_label").unique())
    assert {(edit, outcome): set(women) for edit, outcome, women in rows.iter_rows()} == expected()


def test_holds_nobody(routed: Routed) -> None:
    assert routed.loaded()["patient"].height == 13
    assert routed.quarantine.is_empty()
    assert "error" not in routed.judged.findings["severity"].to_list()
