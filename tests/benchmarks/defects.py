"""What the whole line makes of every labelled defect of a simulated registry, judged against the truth.

    python -m tests.benchmarks.defects [--women N] [--seed S]

Runs the registry with defects and its clean twin. Prints one line per kind of defect (injected, found, falsely found), then what must be
zero: certain dates that are wrong, clean records quarantined, records that differ from the twin where no defect was put in.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from etl import pipeline
from etl.normalise.narrow import widened
from etl.options import RunOptions
from etl.progress import Progress
from etl.simulate.exports import Exports, make_exports
from etl.simulate.project import bundled_registry, copy_configuration
from etl.simulate.truth import Truth, make_truth
from etl.simulate.writing import write_sheet
from schemas.core.ids import ROW_BITS
from schemas.items import identity, polars_schema
from tests.benchmarks.truth_compared import compared

READING = ("NORM-", "READ-", "LINK-")
PLACE = ["file", "row"]


@dataclass(frozen=True)
class Ran:
    """One registry after its run: linked records, lineage with file and row, findings with file and row, keys of the loaded persons."""

    records: dict[str, pl.DataFrame]
    lineage: pl.DataFrame
    findings: pl.DataFrame
    loaded: pl.DataFrame
    persons: pl.DataFrame


def run(truth: Truth, exports: Exports, folder: Path, configuration: Path) -> Ran:
    """Write the exports as a project, run it, and keep what the judgement needs."""
    project = folder / "project"
    copy_configuration(configuration, project)
    for sheet in exports.sheets.values():
        write_sheet(sheet, project / "exports")
    kept: dict[str, Any] = {}
    released = pipeline._released

    def keep(given: Any, delivered: Any, linked: Any, routed: Any, *others: Any) -> Any:
        kept.update(linked=linked)
        return released(given, delivered, linked, routed, *others)

    pipeline._released = keep  # type: ignore[assignment] # the stages keep nothing of their frames
    try:
        outcome = pipeline.run(project, folder / "out", RunOptions(), Progress(quiet=True))
    finally:
        pipeline._released = released
    if outcome.outcome not in ("published", "published_with_refusals"):
        sys.exit(f"the run ended as {outcome.outcome}: {outcome.reason}")
    if outcome.outcome != "published":
        print(f"note: {outcome.outcome}")
    with duckdb.connect(str(folder / "out/current/warehouse.duckdb"), read_only=True) as con:
        files = _frame(con, "select source_key, source_file as file from dim_source")
        findings = _frame(
            con, "select edit, severity, outcome, record, record_key, patient_key, source_key, source_row as row, columns from fact_finding"
        )
        loaded = _frame(con, "select patient_key from dim_patient")
    linked = kept["linked"]
    records = {name: widened(frame) for name, frame in linked.records.items()}
    lineage = widened(linked.lineage).with_columns(
        source_key=pl.col("source_row_id") // (1 << ROW_BITS), row=pl.col("source_row_id") % (1 << ROW_BITS)
    )
    lineage = lineage.join(files, on="source_key", how="left")
    persons = _persons(records, lineage, exports)
    return Ran(records, lineage, findings.join(files, on="source_key", how="left"), loaded, persons)


def _frame(con: duckdb.DuckDBPyConnection, query: str) -> pl.DataFrame:
    return pl.DataFrame(con.sql(query).to_arrow_table())


def _persons(records: dict[str, pl.DataFrame], lineage: pl.DataFrame, exports: Exports) -> pl.DataFrame:
    """One row per person_no and patient_key under which any of her rows was linked."""
    keys = pl.concat(frame.select(pl.lit(name).alias("record"), "record_key", "patient_key") for name, frame in records.items())
    rows = lineage.join(keys, on=["record", "record_key"], how="inner").select(*PLACE, "patient_key").unique()
    return exports.places().join(rows, on=PLACE, how="inner").group_by("person_no", "patient_key").len("rows")


def judge(defects: pl.DataFrame, ran: Ran, differences: pl.DataFrame, twin: pl.DataFrame) -> pl.DataFrame:
    """The defects with `is_found`: whether any of the outcomes expected of it came about. What the twin lacks too is no loss."""
    lacking = twin.select("record", "record_key", usual="absent")
    differences = differences.join(lacking, on=["record", "record_key"], how="left").with_columns(
        absent=(pl.col("absent") - pl.col("usual").fill_null(0)).clip(0)
    )
    from_row = ran.lineage.select(*PLACE, "record", "record_key").unique()
    at_row = defects.select("defect_id", *PLACE).join(from_row, on=PLACE, how="left")
    judged = at_row.join(differences, on=["record", "record_key"], how="left")
    facts = judged.group_by("defect_id").agg(
        records=pl.col("record_key").drop_nulls().len(),
        wrong=pl.col("wrong").fill_null(0).sum(),
        vague=pl.col("vague").fill_null(0).sum(),
        absent=pl.col("absent").fill_null(0).sum(),
        certain=pl.col("certain_wrong").fill_null(0).sum(),
        strange=(pl.col("record_key").is_not_null() & pl.col("wrong").is_null()).sum(),
    )
    noticed = _noticed(defects, ran)
    keys = ran.persons.group_by("person_no").agg(keys=pl.len())
    whole = defects.join(facts, on="defect_id", how="left").join(noticed, on="defect_id", how="left").join(keys, on="person_no", how="left")
    # the column that Excel swapped runs through many rows: what it leaves open is not laid to the other defect of such a row
    swapped = defects.filter(kind="date_swapped_by_excel").select(*PLACE, beside=pl.lit(1))
    is_other = pl.col("kind") != "date_swapped_by_excel"
    whole = whole.join(swapped, on=PLACE, how="left").with_columns(
        pl.col("is_noticed", "is_loud").fill_null(value=False),
        vague=(pl.col("vague") - pl.when(is_other).then(pl.col("beside")).otherwise(0).fill_null(0)).clip(0),
    )
    return whole.join(_edits(defects, ran), on="defect_id", how="left").with_columns(is_found=_found())


def _noticed(defects: pl.DataFrame, ran: Ran) -> pl.DataFrame:
    """Per defect whether reading or linking said something about its cell (its row, where it is no cell), and whether as a warning."""
    said = ran.findings.filter(pl.col("edit").str.contains("|".join(f"^{start}" for start in READING)))
    both = defects.select("defect_id", *PLACE, pl.col("column").str.extract(r"^(\S*)", 1).alias("word")).join(said, on=PLACE, how="inner")
    about = both.filter((pl.col("word") == "") | pl.col("columns").fill_null("").str.contains(pl.col("word"), literal=True))
    return about.group_by("defect_id").agg(is_noticed=pl.lit(value=True), is_loud=(pl.col("severity") != "notice").any())


def _edits(defects: pl.DataFrame, ran: Ran) -> pl.DataFrame:
    """Per defect whether one of the edits it should violate is violated for that person, or for what her row delivered."""
    wanted = defects.select("defect_id", "person_no", *PLACE, edit=pl.col("expected").str.extract_all(r"edit [A-Z]+-\w+")).explode("edit")
    wanted = wanted.with_columns(pl.col("edit").str.strip_prefix("edit ")).filter(pl.col("edit").is_not_null())
    violated = ran.findings.filter(outcome="violated")
    by_person = wanted.join(ran.persons, on="person_no", how="inner").join(
        violated.select("edit", "patient_key").unique(), on=["edit", "patient_key"]
    )
    by_row = wanted.join(violated.select("edit", *PLACE).unique(), on=["edit", *PLACE])
    return pl.concat([by_person.select("defect_id"), by_row.select("defect_id")]).unique().with_columns(is_edited=True)


def _found() -> pl.Expr:
    expected, one_key = pl.col("expected"), pl.col("keys").fill_null(1) == 1
    right = (pl.col("wrong") == 0) & (pl.col("strange") == 0)
    restored = right & (pl.col("vague") == 0) & (pl.col("absent") == 0) & (pl.col("records") > 0)
    outcomes = {  # where a second source delivers the same record, it may fill what the defect left open
        "restored": restored,
        "interval": (right & (pl.col("vague") > 0)) | restored,
        "null": (right & (pl.col("absent") > 0)) | restored,
        "finding": pl.col("is_noticed"),
        "merged": one_key,
        "refused": pl.col("records") == 0,
        "no_record": pl.col("records") == 0,
        "edit": pl.col("is_edited").fill_null(value=False),
    }
    return pl.any_horizontal(expected.str.contains(rf"(?:^|\|){word}") & holds for word, holds in outcomes.items())


def report(judged: pl.DataFrame) -> pl.DataFrame:
    """One row per kind: injected, found, falsely found (restored as expected, and yet a warning), certain-but-wrong dates."""
    falsely = (pl.col("expected") == "restored") & pl.col("is_loud") & pl.col("is_found")
    return judged.group_by("kind").agg(
        expected=pl.col("expected").first(), injected=pl.len(), found=pl.col("is_found").sum(),
        falsely_found=falsely.sum(), certain_wrong=pl.col("certain").sum(),
    ).sort("kind")  # fmt: skip


def another_day(defects: pl.DataFrame) -> pl.DataFrame:
    """Rows whose cell was made to name another day than the true one: the date is read as it stands, and an edit has to find it."""
    return defects.filter(pl.col("expected").str.contains(r"edit (?:DATE|TUM-001)")).select(*PLACE).unique()


def beside(defects: pl.DataFrame, messy: Ran, clean: Ran) -> dict[str, int]:
    """What must be zero outside the defects: for persons without any, records and findings are those of the clean twin."""
    hit = defects["person_no"].drop_nulls().unique()
    untouched = clean.persons.filter(~pl.col("person_no").is_in(hit.implode()))["patient_key"].unique()
    missing = different = 0
    for name, frame in clean.records.items():
        columns = ["record_key", *(c for c in polars_schema(name) if c not in identity(name))]
        mine = frame.filter(pl.col("patient_key").is_in(untouched.implode())).select(columns)
        theirs = messy.records[name].select(columns)
        both = mine.join(theirs, on="record_key", how="left", suffix="_messy", coalesce=True)
        there = mine["record_key"].is_in(theirs["record_key"].implode())
        missing += int((~there).sum())
        same = pl.all_horizontal(pl.col(c).eq_missing(pl.col(f"{c}_messy")) for c in columns[1:])
        different += both.filter(pl.Series(there)).filter(~same).height
    loaded = clean.loaded.filter(pl.col("patient_key").is_in(untouched.implode()))
    gone = loaded.filter(~pl.col("patient_key").is_in(messy.loaded["patient_key"].implode())).height
    on = ["edit", "patient_key", "record_key"]
    new = messy.findings.filter(pl.col("patient_key").is_in(untouched.implode()) & (pl.col("outcome") == "violated")).select(on)
    new = new.join(clean.findings.select(on), on=on, how="anti", nulls_equal=True)
    return {
        "records missing": missing,
        "records different": different,
        "persons not loaded": gone,
        "violations not in the clean twin": new.height,
    }


def main(arguments: list[str] | None = None) -> int:
    """Run both registries and print what became of each kind."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--women", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--configuration", type=Path, default=bundled_registry())
    given = parser.parse_args(arguments)
    pl.Config.set_tbl_rows(-1).set_fmt_str_lengths(60).set_tbl_hide_dataframe_shape(True).set_tbl_hide_column_data_types(True)
    truth = make_truth(given.women, given.seed)
    messy, clean = (make_exports(truth, given.seed, clean=is_clean) for is_clean in (False, True))
    with tempfile.TemporaryDirectory() as name:
        twin = run(truth, clean, Path(name) / "clean", given.configuration)
        ran = run(truth, messy, Path(name) / "messy", given.configuration)
    apart, twin_apart = (compared(truth, one.records, one.persons) for one in (ran, twin))
    judged = judge(messy.defects, ran, apart, twin_apart)
    print(report(judged))
    hopeless = judged.filter(pl.col("expected").str.contains("undetectable"))
    rest = judged.filter(~pl.col("expected").str.contains("undetectable"))
    print(
        f"recall {rest['is_found'].sum()} of {rest.height} ({100 * rest['is_found'].sum() / max(1, rest.height):.1f} %), "
        f"not detectable in principle {hopeless.height}"
    )
    print("missed:", ", ".join(rest.filter(~pl.col("is_found"))["kind"].unique().sort()) or "none")
    said = ran.lineage.join(another_day(messy.defects), on=PLACE).select("record", "record_key").unique()
    misread = apart.join(said, on=["record", "record_key"], how="anti")
    print(
        f"certain dates that are wrong {apart['certain_wrong'].sum()}, of which misread (no cell says so) {misread['certain_wrong'].sum()}"
    )
    print(
        f"clean twin: certain dates that are wrong {twin_apart['certain_wrong'].sum()}, "
        f"values that contradict the truth {twin_apart['wrong'].sum()}"
    )
    errors = twin.findings.filter((pl.col("severity") == "error") & (pl.col("outcome") == "violated"))
    print(f"clean twin: findings of severity error {errors.height}; findings in all {twin.findings.height}")
    for what, number in beside(messy.defects, ran, twin).items():
        print(f"persons without a defect: {what} {number}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
