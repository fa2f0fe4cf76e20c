"""What the command line says at the end of a study that has no numbers, or an endpoint without an estimate."""

from __future__ import annotations

from pathlib import Path

from etl.summary import _study

REASON = "the event happened on a day not delivered"
SURVIVAL = f"""\
analysis,endpoint,arm,estimator,reason
as_published,overall_survival,treated,kaplan_meier,
as_published,overall_survival,all,kaplan_meier,{REASON}
as_published,local_control,all,kaplan_meier,{REASON}
as_published,local_control,all,median_observed_time,
as_published,small,all,kaplan_meier,suppressed: an arm has few women or events
landmark,local_control,all,kaplan_meier,{REASON}
"""


def test_names_an_endpoint_of_which_nobody_has_an_estimate_with_the_reason(tmp_path: Path) -> None:
    folder = tmp_path / "share" / "studies" / "outcome"
    folder.mkdir(parents=True)
    (folder / "cohort_counts.csv").write_text("step,arm,n\nanalysed,all,12\nanalysed,treated,12\n", "utf-8")
    (folder / "survival.csv").write_text(SURVIVAL, "utf-8")
    assert list(_study(tmp_path, "outcome", None)) == [
        "study outcome: 12 analysed (12 treated)",
        f"  not estimated: overall_survival ({REASON})",
    ]


def test_says_of_refused_numbers_where_to_find_what_holds_them(tmp_path: Path) -> None:
    refused, where = _study(tmp_path, "outcome", "refused: too many are held")
    assert refused == "study outcome: its numbers are refused: too many are held"
    assert str(tmp_path / "internal" / "worklist.xlsx") in where and "max_held_share" in where
