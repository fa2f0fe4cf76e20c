"""What the command line says at the end of a study that has no numbers, or an endpoint without an estimate."""

from __future__ import annotations

from pathlib import Path

from etl.summary import _study, _unread

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


CELLS = """\
contract,source_file,column,domain,bin,reason,distinct,n
therapy,a.xlsx,OP-Art,procedure,fixed,spelling,3,116
therapy,a.xlsx,OP-Art,procedure,rejected,unknown_spelling,2,35
therapy,a.xlsx,Ort,site,fixed,spelling,4,17
therapy,a.xlsx,Ort,site,rejected,unknown_spelling,9,9
doc,b.csv,Grad,grade,rejected,unknown_spelling,1,14
doc,b.csv,Grad,grade,fixed,spelling,4,1500
"""


def test_names_the_column_of_which_a_tenth_is_not_understood_though_the_others_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "share" / "quality"
    folder.mkdir(parents=True)
    (folder / "vocabularies.csv").write_text(CELLS, "utf-8")
    says, column, _ = _unread(tmp_path)  # Grad: 14 of 1,514; Ort: 9 cells are too few
    assert says.startswith("not understood: 58 of 1,691 cells") and column == "  OP-Art of therapy: 35 of 151"
    internal = tmp_path / "internal"
    internal.mkdir()
    (internal / "own_words.csv").write_text("domain,word,so_far\nsite,quux,5\nsite,blorb,7\n", "utf-8")
    told = _unread(tmp_path)[2]
    assert told.startswith("  words of the house beside a value: 2 words would give 7 back, the first 1 half of them; look at ")
    assert "quux" not in told
    (internal / "own_words.csv").write_text("domain,word,so_far\nsite,quux,5\n", "utf-8")
    assert ": 1 word would give 5 back; look at " in _unread(tmp_path)[2]
    (folder / "vocabularies.csv").write_text(CELLS.replace(",35", ",12"), "utf-8")  # 12 of 128
    assert _unread(tmp_path) == []
    (folder / "vocabularies.csv").write_text(CELLS.replace(",35", ",12").replace("spelling,4,17", "beside_unlisted,4,17"), "utf-8")
    [told] = _unread(tmp_path)
    assert told.startswith("read beside words that no list knows: 17 cells, to confirm or refuse in ")


def test_tells_a_study_that_hides_from_one_that_is_refused(tmp_path: Path) -> None:
    hidden = "step,arm,n\nanalysed,all,\nanalysed,treated,36\n"
    for folder, text in (("share", hidden), ("internal", hidden.replace("all,", "all,68"))):
        (tmp_path / folder / "studies" / "outcome").mkdir(parents=True)
        (tmp_path / folder / "studies" / "outcome" / "cohort_counts.csv").write_text(text, "utf-8")
    (said,) = _study(tmp_path, "outcome", None)
    assert "hidden in share/" in said and "min_cell" in said and str(tmp_path / "internal" / "studies" / "outcome") in said
    (tmp_path / "internal" / "studies" / "outcome" / "cohort_counts.csv").write_text(
        hidden, "utf-8"
    )  # as an unchanged release of refused numbers
    assert list(_study(tmp_path, "outcome", None)) == ["study outcome: its numbers are refused: see the quality report"]
