"""What must hold of a simulated registry and its clean twin after the whole line, each as one number against the one promised."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from etl.simulate.oddities import oddities
from etl.simulate.paper import ELIGIBLE, groups
from etl.simulate.truth import Truth
from tests.benchmarks.defects_judged import LOUD, another_day
from tests.benchmarks.registries import PLACE, Ran
from tests.benchmarks.truth_compared import compared, lost

RECALL = 0.99
# Columns that the exports have and no contract reads: said once per file, and true.
EXTRA = "READ-EXTRA-COLUMN"
MERGED = "LINK-PERSON"
# Pairs of persons with the same or a like name and the same birth: not merged where their numbers exclude it, else to be looked at.
ALIKE = ("LINK-IDENTITY", "LINK-POSSIBLE")
MOST_TO_LOOK_AT = 0.001  # of all persons


# What the number beside "false alarms" counts, printed with it.
FALSE_ALARMS = (
    "A false alarm is a finding on the clean twin that the truth does not bear out, whatever its severity (error, warning",
    "or notice), its outcome (violated or possible), and what it is about (a person's record, a cell, a row, a file).",
    "Borne out are the oddities that simulating put there (oddities.csv: same person, same edit), and columns that no",
    "contract reads (READ-EXTRA-COLUMN). Counted on lines of their own: records quarantined or held, persons merged",
    "(LINK-PERSON: one person's in truth, else falsely merged), pairs only alike (LINK-IDENTITY, LINK-POSSIBLE).",
    "Expectations of the whole load are no findings: most compare with an earlier release, and the twin is a first one.",
)


class Promise(NamedTuple):
    """One line: what is counted, how many there are, whether that is as promised."""

    what: str
    number: str
    holds: bool


def none(what: str, number: int) -> Promise:
    """What must not occur."""
    return Promise(what, str(number), number == 0)


def recall(judged: pl.DataFrame) -> Promise:
    """Defects found of those that can be."""
    rest = judged.filter(pl.col("word") != "undetectable")
    found = int(rest["is_found"].sum())
    share = found / max(1, rest.height)
    return Promise("detectable defects found", f"{found} of {rest.height} ({share:.2%})", share >= RECALL)


def margins(ran: Ran) -> pl.DataFrame:
    """One row per arm, subgroup (null: the whole arm): women simulated, women counted."""
    simulated = groups().select("arm", "subgroup", "women")
    arms = simulated.group_by("arm", maintain_order=True).agg(pl.col("women").sum()).with_columns(subgroup=pl.lit(None, pl.String))
    whole = pl.DataFrame({"arm": ["all"], "women": [ELIGIBLE]}, schema={"arm": pl.String, "women": arms["women"].dtype})
    every = pl.concat([whole, arms, simulated.filter(pl.col("subgroup").is_not_null())], how="diagonal")
    step = pl.when(pl.col("subgroup").is_null()).then(pl.lit("analysed")).otherwise(pl.col("arm") + "." + pl.col("subgroup"))
    counts = ran.counts.filter(~pl.col("step").str.contains(r"\.(?:left|undetermined)$")).select("step", "arm", "n")
    return every.with_columns(step=step).join(counts, on=["step", "arm"], how="left", maintain_order="left").drop("step")


def exact(counted: pl.DataFrame) -> bool:
    """All groups have their size."""
    return bool((counted["women"] == counted["n"]).fill_null(value=False).all())


def false_merges(ran: Ran) -> tuple[int, int]:
    """Pairs of different persons under one key, and keys too many of one person."""
    sizes = ran.persons.group_by("patient_key").agg(n=pl.col("person_no").n_unique())["n"]
    keys = ran.persons.group_by("person_no").agg(n=pl.col("patient_key").n_unique())["n"]
    return int((sizes * (sizes - 1) // 2).sum()), int((keys - 1).sum())


def of_the_twin(truth: Truth, twin: Ran) -> list[Promise]:
    """The clean registry equals the truth, and every finding on it is true."""
    apart = compared(truth, twin.records, twin.persons)
    missing = lost(truth, twin.records, twin.persons)
    held = twin.ledger.filter(pl.col("fate").is_in(["quarantined", "held"]))["n"].sum()
    false, true, unsaid = alarms(truth, twin)
    merged, split = false_merges(twin)
    return [
        none("clean: true records lost", missing.height),
        none("clean: values that contradict the truth", int(apart["wrong"].sum())),
        none("clean: certain dates that are wrong", int(apart["certain_wrong"].sum())),
        none("clean: dates less exact, or values less, than delivered", int(apart["vague"].sum() + apart["absent"].sum())),
        none("clean: records quarantined or held", int(held)),
        false_alarms(false, true),
        none("clean: true oddities that no edit finds", unsaid),
        to_look_at(truth, twin),
        none("clean: pairs of persons falsely merged", merged),
        none("clean: numbers of one person not brought together", split),
        Promise("clean: margins of the cohort", "exact" if exact(margins(twin)) else "differ", exact(margins(twin))),
    ]


def said_of_the_twin(twin: Ran) -> pl.DataFrame:
    """Edit, severity, findings: what is said of the clean registry."""
    return twin.findings.group_by("edit", "severity").agg(findings=pl.len()).sort("severity", "edit", descending=[True, False])


def alarms(truth: Truth, twin: Ran) -> tuple[pl.DataFrame, pl.DataFrame, int]:
    """Findings on the clean registry that the truth does not bear out, those that it does (both with severity), and how many oddities of
    the truth were not found. What is counted is said in FALSE_ALARMS.
    """
    known = oddities(truth).select(pl.col("person_no").cast(pl.Int64), "edit").unique()
    rest = twin.findings.filter(~pl.col("edit").is_in([EXTRA, MERGED, *ALIKE]))
    hers = rest.join(twin.persons.select("patient_key", "person_no").unique(), on="patient_key", how="left")
    keys = ["person_no", "edit"]
    return hers.join(known, on=keys, how="anti"), hers.join(known, on=keys, how="semi"), known.join(hers, on=keys, how="anti").height


def false_alarms(false: pl.DataFrame, true: pl.DataFrame) -> Promise:
    """How many of each severity, and beside how many findings that are true."""
    each = ", ".join(f"{false.filter(severity=word).height} {word}s" for word in ("error", "warning", "notice"))
    return Promise("clean: findings that are not true (false alarms)", f"{each}; {true.height} findings are true", false.is_empty())


def to_look_at(truth: Truth, twin: Ran) -> Promise:
    """Persons said to share name and birth with another, or nearly: two persons in truth, and somebody has to look."""
    pairs = twin.findings.filter(pl.col("edit").is_in(ALIKE)).height
    return Promise("clean: pairs of persons to be looked at (alike, not one)", str(pairs), pairs <= MOST_TO_LOOK_AT * truth.person.height)


def of_the_messy(truth: Truth, defects: pl.DataFrame, judged: pl.DataFrame, ran: Ran, twin: Ran) -> list[Promise]:
    """Every defect has the one outcome expected of it, and nothing else is touched."""
    apart = compared(truth, ran.records, ran.persons)
    hit = defects["person_no"].drop_nulls().unique().implode()
    whole = apart.filter(~pl.col("person_no").is_in(hit))
    strange = apart.filter(pl.col("person_no").is_null()).join(_from_defects(defects, ran), on=["record", "record_key"], how="anti")
    missing = lost(truth, ran.records, ran.persons).filter(~pl.col("person_no").is_in(hit))
    merged, split = false_merges(ran)
    misread = apart.join(
        ran.lineage.join(another_day(defects), on=PLACE).select("record", "record_key").unique(), on=["record", "record_key"], how="anti"
    )
    return [
        recall(judged),
        none("defects falsely found (restored, and yet a warning)", int(judged["is_false"].sum())),
        none("certain dates that are wrong though no cell says so", int(misread["certain_wrong"].sum())),
        none("women without a defect: true records lost", missing.height),
        none("women without a defect: values that contradict the truth", int(whole["wrong"].sum())),
        none("women without a defect: values vague or absent", int(whole["vague"].sum() + whole["absent"].sum())),
        none("women without a defect: records quarantined or held", _errors(ran, hit)),
        none("women without a defect: not loaded", _gone(ran, twin, hit)),
        none("women without a defect: findings the clean twin lacks", _new(ran, twin, hit)),
        none("records of nobody", strange.height),
        none("pairs of persons falsely merged", merged),
        Promise("numbers of one person not brought together", str(split), split <= _apart(judged)),
        Promise("margins of the cohort", "exact" if exact(margins(ran)) else "differ", exact(margins(ran))),
    ]


def _apart(judged: pl.DataFrame) -> int:
    """How many persons may stand under two numbers: those of defects that were not found, or that make two of one in plain sight."""
    return judged.filter(~pl.col("is_found") | pl.col("code").is_in(ALIKE)).height


def _from_defects(defects: pl.DataFrame, ran: Ran) -> pl.DataFrame:
    return ran.lineage.join(defects.select(*PLACE).unique(), on=PLACE, how="semi").select("record", "record_key").unique()


def _whole(ran: Ran, hit: pl.Series) -> pl.DataFrame:
    """patient_key of persons without a defect."""
    return ran.persons.filter(~pl.col("person_no").is_in(hit)).select("patient_key").unique()


def _errors(ran: Ran, hit: pl.Series) -> int:
    """Certain violations of error edits: only they quarantine a record or hold a woman."""
    return ran.findings.filter(LOUD & (pl.col("severity") == "error")).join(_whole(ran, hit), on="patient_key", how="semi").height


def _gone(ran: Ran, twin: Ran, hit: pl.Series) -> int:
    loaded = twin.loaded.join(_whole(twin, hit), on="patient_key", how="semi")
    return loaded.join(ran.loaded, on="patient_key", how="anti").height


def _new(ran: Ran, twin: Ran, hit: pl.Series) -> int:
    on = ["edit", "patient_key", "record_key"]
    hers = ran.findings.join(_whole(ran, hit), on="patient_key", how="semi")
    return hers.join(twin.findings.select(on), on=on, how="anti", nulls_equal=True).height
