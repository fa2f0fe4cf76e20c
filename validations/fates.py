"""One round of routing: which records fall, by which edit, and why each of the others falls with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from schemas.core.frames import empty, stack
from schemas.core.ids import located
from validations.views.text import KEY

QUARANTINED, HELD = "quarantined", "held"
# One row per record that falls: why (the first code, by alphabet, that is the reason) and all codes violated on it.
FALLEN: dict[str, type[pl.DataType]] = {"record": pl.String, KEY: pl.Int64, "fate": pl.String, "reason": pl.String, "edits": pl.String}
# One row per record that is not loaded. `edits` names the violated edits, blank-separated: its own, else the one it falls with.
QUARANTINE: dict[str, type[pl.DataType]] = {
    "record": pl.String, KEY: pl.Int64, "patient_key": pl.Int64, "fate": pl.String, "reason": pl.String, "edits": pl.String,
    "source_file": pl.String, "source_row": pl.Int64, "tumour_key": pl.Int64,
}  # fmt: skip


def fallen(records: Mapping[str, pl.DataFrame], findings: pl.DataFrame, patient_scope: frozenset[str]) -> pl.DataFrame:
    """One row per record that this round takes away (FALLEN): own errors first, then children, then what is held."""
    violated = findings.filter((pl.col("severity") == "error") & (pl.col("outcome") == "violated"))
    if violated.is_empty():
        return empty(FALLEN)
    own = _own(violated)
    children = stack(_children(records, own), FALLEN)
    persons = violated.filter(pl.col("edit").is_in(sorted(patient_scope))).group_by("patient_key").agg(pl.col("edit").min())
    held = stack(_with_parent(records, persons, "patient_key", HELD), FALLEN)
    return stack([own, children, held], FALLEN).unique(["record", KEY], keep="first", maintain_order=True)


def _own(violated: pl.DataFrame) -> pl.DataFrame:
    codes = pl.col("edit").unique().sort()
    return violated.group_by("record", KEY).agg(reason=codes.first(), edits=codes.str.join(" ")).select(
        "record", KEY, pl.lit(QUARANTINED).alias("fate"), "reason", "edits"
    ).sort("record", KEY)  # fmt: skip


def _children(records: Mapping[str, pl.DataFrame], own: pl.DataFrame) -> Iterator[pl.DataFrame]:
    for parent in ("patient", "tumour"):
        parents = own.filter(pl.col("record") == parent).select(pl.col(KEY).alias(f"{parent}_key"), edit="reason")
        children = {name: frame for name, frame in records.items() if name != parent and f"{parent}_key" in frame.columns}
        yield from _with_parent(children, parents, f"{parent}_key", QUARANTINED)


def _with_parent(records: Mapping[str, pl.DataFrame], parents: pl.DataFrame, key: str, fate: str) -> Iterator[pl.DataFrame]:
    """The records whose `key` is among `parents` (key, edit), in the order of their keys."""
    for name, frame in records.items():
        found = frame.select(KEY, key).join(parents, on=key, how="inner").sort(KEY)
        yield found.select(record=pl.lit(name), record_key=KEY, fate=pl.lit(fate), reason="edit", edits="edit")


def quarantine(records: Mapping[str, pl.DataFrame], gone: pl.DataFrame) -> pl.DataFrame:
    """One row per record that is not loaded (QUARANTINE), by source file and row."""
    parts = [
        located(those(frame, name, gone))
        .select(KEY, "patient_key", "source_file", "source_row", record=pl.lit(name), tumour_key=tumour_of(name, frame))
        .join(gone, on=["record", KEY], how="inner")
        for name, frame in records.items()
        if not frame.is_empty()
    ]
    return stack(parts, QUARANTINE).sort("source_file", "source_row", "record", KEY)


def tumour_of(record: str, frame: pl.DataFrame) -> pl.Expr:
    """The key of the tumour that the records belong to (of a tumour its own), null where they belong to the person alone."""
    name = KEY if record == "tumour" else "tumour_key"
    return pl.col(name) if name in frame.columns else pl.lit(None, pl.Int64)


def those(frame: pl.DataFrame, record: str, gone: pl.DataFrame) -> pl.DataFrame:
    """The rows of one kind of record that are among `gone`, in their order: few of many, so nothing is joined."""
    keys = gone.filter(pl.col("record") == record)[KEY]
    return frame.filter(pl.col(KEY).is_in(keys.implode()))


def others(frame: pl.DataFrame, record: str, gone: pl.DataFrame) -> pl.DataFrame:
    """The rows of one kind of record that are not among `gone`, in their order; the frame itself where none is."""
    keys = gone.filter(pl.col("record") == record)[KEY]
    return frame.filter(~pl.col(KEY).is_in(keys.implode())) if len(keys) else frame
