"""Which labelled defects came out as they should: one outcome each, judged against the truth and the findings."""

from __future__ import annotations

import polars as pl

from tests.benchmarks.registries import PLACE, Ran

READING = r"^(?:NORM|READ|LINK)-"
LOUD = pl.col("severity").is_in(["error", "warning"]) & (pl.col("outcome") == "violated")
SWAPPED, SWAPPED_CODE = "date_swapped_by_excel", "NORM-DATE-SWAPPED"
# Words of a label after which nothing may be said of the woman but what the label names.
QUIET = ("restored", "interval", "null", "merged")


def judge(defects: pl.DataFrame, ran: Ran, differences: pl.DataFrame, missing: pl.DataFrame, twin: Ran) -> pl.DataFrame:
    """The defects with `is_found` (the one outcome expected of it came about), `is_false` (restored, and yet a warning), `certain`.

    `differences` and `missing`: `compared` and `lost` of the run with defects.
    """
    from_row = ran.lineage.select(*PLACE, "record", "record_key").unique()
    judged = defects.select("defect_id", *PLACE).join(from_row, on=PLACE, how="left")
    judged = judged.join(differences.drop("person_no", "patient_key"), on=["record", "record_key"], how="left")
    facts = judged.group_by("defect_id").agg(
        pl.col("wrong", "vague", "absent").fill_null(0).sum(),
        records=pl.col("record_key").drop_nulls().len(),
        certain=pl.col("certain_wrong").fill_null(0).sum(),
    )
    whole = defects.with_columns(
        word=pl.col("expected").str.extract(r"^(\w+)", 1), code=pl.col("expected").str.extract(r" ([A-Z]+-[A-Z0-9-]+)$", 1)
    )
    for known in (facts, _noticed(whole, ran), _edited(whole, ran), _alarms(whole, ran, twin)):
        whole = whole.join(known, on="defect_id", how="left")
    keys, lacking = ran.persons.group_by("person_no").agg(keys=pl.len()), missing.group_by("person_no").agg(lacking=pl.len())
    for known in (keys, lacking):
        whole = whole.join(known, on="person_no", how="left")
    return _beside_the_swapped(whole).with_columns(is_found=_found().fill_null(value=False), is_false=_false())


def _beside_the_swapped(whole: pl.DataFrame) -> pl.DataFrame:
    """The column that Excel swapped runs through many rows: it and the woman's other defect are not laid to each other."""
    swapped = whole.filter(kind=SWAPPED).select(*PLACE, beside=pl.lit(1))
    others = whole.filter((pl.col("kind") != SWAPPED) & pl.col("person_no").is_not_null()).select("person_no", other=pl.lit(value=True))
    is_swapped = pl.col("kind") == SWAPPED
    both = whole.join(swapped, on=PLACE, how="left").join(others.unique(), on="person_no", how="left")
    own = ~(is_swapped & pl.col("other").fill_null(value=False))
    return both.with_columns(
        pl.when(own).then(pl.col("wrong", "alarms")).otherwise(0),
        vague=(pl.col("vague") - pl.when(~is_swapped).then(pl.col("beside")).fill_null(0)).clip(0),
    ).drop("beside", "other")


def _noticed(defects: pl.DataFrame, ran: Ran) -> pl.DataFrame:
    """Per defect whether reading said what its label names (anything, where it names nothing) of its row and column.

    What linking says of a person stands at any of her rows, what is said of a file as a whole at none.
    """
    said = ran.findings.filter(pl.col("edit").str.contains(READING)).select(*PLACE, "edit", "columns")
    both = defects.select("defect_id", *PLACE, "code", word=pl.col("column").str.extract(r"^(\S*)", 1)).join(said, on=PLACE)
    about = (pl.col("word") == "") | pl.col("columns").fill_null("").str.contains(pl.col("word"), literal=True)
    named = pl.when(pl.col("code").is_null()).then(about).otherwise(pl.col("edit") == pl.col("code"))
    linked = defects.filter(pl.col("code").str.starts_with("LINK-")).select("defect_id", "person_no", edit="code")
    hers = linked.join(ran.persons, on="person_no").join(ran.findings.select("edit", "patient_key").unique(), on=["edit", "patient_key"])
    found = [both.filter(named), hers, _of_file(defects, ran)]
    return pl.concat(one.select("defect_id") for one in found).unique().with_columns(is_noticed=pl.lit(value=True))


def _of_file(defects: pl.DataFrame, ran: Ran) -> pl.DataFrame:
    """The defects of whose file as a whole reading says what the label names; a file that no contract reads has no name there."""
    said = ran.findings.filter(pl.col("edit").str.contains(READING) & pl.col("row").is_null())
    both = defects.join(said.select("edit", "columns", said_of="file"), left_on="code", right_on="edit")
    is_its_column = pl.col("row").is_not_null() | (pl.col("column") == "") | pl.col("columns").str.contains(pl.col("column"), literal=True)
    return both.filter((pl.col("said_of").is_null() | (pl.col("said_of") == pl.col("file"))) & is_its_column)


def _edited(defects: pl.DataFrame, ran: Ran) -> pl.DataFrame:
    """Per defect whether the edit its label names is violated for that person, or for what her row delivered."""
    wanted = defects.filter(word="edit").select("defect_id", "person_no", *PLACE, edit="code")
    violated = ran.findings.filter(outcome="violated")
    hers = wanted.join(ran.persons, on="person_no").join(violated.select("edit", "patient_key").unique(), on=["edit", "patient_key"])
    at_row = wanted.join(violated.select("edit", *PLACE).unique(), on=["edit", *PLACE])
    return pl.concat([hers.select("defect_id"), at_row.select("defect_id")]).unique().with_columns(is_edited=pl.lit(value=True))


def _alarms(defects: pl.DataFrame, ran: Ran, twin: Ran) -> pl.DataFrame:
    """Per defect how many warnings and errors about her woman, or her row, the label does not name and the clean twin does not have."""
    on = ["edit", "patient_key", "record_key"]
    new = ran.findings.filter(LOUD & (pl.col("edit") != SWAPPED_CODE)).join(twin.findings.select(on), on=on, how="anti", nulls_equal=True)
    named = defects.select("defect_id", "person_no", "code", *PLACE)
    hers = named.join(ran.persons, on="person_no").join(new.select("edit", "patient_key"), on="patient_key")
    at_row = named.join(new.select("edit", *PLACE), on=PLACE)
    both = pl.concat([hers.select("defect_id", "code", "edit"), at_row.select("defect_id", "code", "edit")]).unique()
    return both.filter(pl.col("edit").ne_missing(pl.col("code"))).group_by("defect_id").agg(alarms=pl.len())


def _found() -> pl.Expr:
    right, noticed = pl.col("wrong") == 0, pl.col("is_noticed").fill_null(value=False)
    named = pl.col("code").is_null() | noticed
    kept, nothing = pl.col("records") > 0, pl.col("records") == 0
    unknown = (pl.col("absent") > 0) | (pl.col("lacking").fill_null(0) > 0)
    whole = right & kept & (pl.col("vague") == 0) & (pl.col("absent") == 0)
    outcomes = {
        "restored": whole & named,
        "merged": whole & named & (pl.col("keys").fill_null(1) == 1),
        "interval": right & (pl.col("vague") > 0) & named,
        "null": right & unknown,
        "finding": right & unknown & noticed,
        "refused": nothing & named,
        "no_record": nothing & named,
        "edit": pl.col("is_edited").fill_null(value=False),
        "noticed": noticed,
        "undetectable": pl.col("alarms").fill_null(0) > 0,
    }
    return pl.coalesce(pl.when(pl.col("word") == word).then(holds) for word, holds in outcomes.items())


def _false() -> pl.Expr:
    return pl.col("word").is_in(QUIET) & (pl.col("alarms").fill_null(0) > 0)


def by_kind(judged: pl.DataFrame) -> pl.DataFrame:
    """One row per kind: what is expected, injected, found, falsely found, dates given for certain that are wrong."""
    return judged.group_by("kind").agg(
        expected=pl.col("expected").unique().sort().str.join(" / "), injected=pl.len(), found=pl.col("is_found").sum(),
        falsely_found=pl.col("is_false").sum(), certain_wrong=pl.col("certain").sum(),
    ).sort("kind")  # fmt: skip


def another_day(defects: pl.DataFrame) -> pl.DataFrame:
    """Rows whose cell was made to name another day than the true one: the date is read as it stands (an edit may contradict it)."""
    says_so = pl.col("expected").str.contains(r"edit (?:DATE|TUM-0(?:01|1[01])|EVT-0(?:01|09|11)|TRT-006|FUP-00[23]|LINK-POSSIBLE)") | (
        pl.col("expected") == "undetectable"
    )
    older = pl.col("kind").str.starts_with("contact_older")
    return defects.filter(says_so | older).select(*PLACE).unique()
