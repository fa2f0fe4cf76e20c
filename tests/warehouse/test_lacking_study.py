"""A study without an export that it needs has no numbers, and says why."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from small_registry import registry, study
from test_studies import PARTS, WOMEN

from warehouse.studies import publish_studies


def test_gives_no_numbers_of_a_study_that_lacks_an_export(tmp_path: Path) -> None:
    con, made = registry(tmp_path, *WOMEN), study(**PARTS)
    says = "refused: no export was ever read by the contract treatments of the required source ward"
    (told,) = publish_studies(con, [made], tmp_path / "share", tmp_path / "internal", is_simulated=False, refusals={"small": says})
    counts = pl.read_csv(tmp_path / "share/studies/small/cohort_counts.csv", infer_schema_length=None)
    assert (told.refusal, told.women) == (says, {})
    assert {step.split(".")[0] for step in counts.filter(pl.col("n").is_not_null())["step"]} <= {"held"}
    assert says in (tmp_path / "share/studies/small/methods.md").read_text(encoding="utf-8")
