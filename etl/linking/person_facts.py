"""What is known of each number of a person, and by what numbers are compared."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import accumulate

import numpy as np
import polars as pl

from etl.linking.groups import begins, firsts, replaced
from etl.normalise.identifiers import KINDS
from etl.normalise.people import PERSONS
from etl.normalise.result import IDENTIFIERS, Normalised
from schemas.core.frames import stack
from schemas.linkage import Linkage

# What is told of a number, whatever the file and row: one row per number, source and combination of identifiers (see `telling`).
NUMBER = ("patient_key", "source", "issuer", "patient_id")
IDENTIFIED = [name for name in IDENTIFIERS if name not in ("trust", "source_row_id")]
# What the record of a patient tells that linkage compares: the columns that each kind is read from.
# `birth` is a day; `born` what is known of one that is none (1950-03, 1950).
_BIRTH = ("birth_earliest_date", "birth_latest_date", "birth_precision")
SAYS = {"birth": _BIRTH, "sex": ("sex_code",), "born": _BIRTH}


@dataclass(frozen=True)
class Facts:
    """What is known of each number: `nodes`, the key of every number, in order, and, by kind, patient_key and value, each pair once.

    Persons so far are told as `roots`: patient_key and root of the numbers that are another's, for nearly all are their own.
    `parts`: where each number was met. `names`: the pseudonym of every number (PERSONS). `identifiers`: IDENTIFIED. `two`: the numbers
    under which two women stand, as far as names and births tell.
    """

    nodes: pl.Series
    values: dict[str, pl.DataFrame]
    names: pl.DataFrame
    identifiers: pl.DataFrame
    parts: Sequence[Normalised]
    two: pl.Series = field(default_factory=lambda: pl.Series(dtype=pl.Int64))


def facts_of(parts: Sequence[Normalised], linkage: Linkage) -> Facts:
    """What all files tell of the numbers, of those kinds of identifiers that the linkage needs."""
    told = telling([stack([part.identifiers], IDENTIFIERS)[IDENTIFIED] for part in parts])
    needed = linkage.kinds | {*linkage.cannot_link, "nric"}
    kinds = [kind for kind in (*KINDS, *SAYS) if kind in needed]
    with ThreadPoolExecutor(2, "facts") as threads:  # one kind keeps one processor busy
        names = threads.submit(pseudonyms, parts)
        keys = threads.submit(_nodes, told, parts)
        found = threads.map(lambda kind: _said(parts, kind) if kind in SAYS else _values(told, kind), kinds)
        return Facts(keys.result(), dict(zip(kinds, found, strict=True)), names.result(), told, parts)


def _nodes(told: pl.DataFrame, parts: Sequence[Normalised]) -> pl.Series:
    """The keys of all numbers, each once and in order. Sorted first: to look up millions of numbers takes longer."""
    told_of = [told["patient_key"], *(patients(part, "patient_key")["patient_key"] for part in parts)]
    keys = pl.Series("patient_key", np.sort(np.concatenate([keys.to_numpy() for keys in told_of])))
    return keys.filter(begins(keys))


def _said(parts: Sequence[Normalised], kind: str) -> pl.DataFrame:
    """One row per number and value of a kind that the records of patients tell (SAYS)."""
    value, where = _value(kind)
    told_of = [patients(part, "patient_key", *SAYS[kind]) for part in parts]
    frames = [frame.filter(where).select("patient_key", value.cast(pl.String).alias(kind)) for frame in told_of]
    return _once(pl.concat([pl.DataFrame(schema={"patient_key": pl.Int64, kind: pl.String}), *frames]))


def _value(kind: str) -> tuple[pl.Expr, pl.Expr]:
    """What the records of patients tell of one kind, and where they tell it."""
    if kind == "sex":
        return pl.col("sex_code"), pl.col("sex_code").is_in(["female", "male"])
    early, late = pl.col("birth_earliest_date"), pl.col("birth_latest_date")
    is_day = (pl.col("birth_precision") == "day") & (early == late)
    if kind == "birth":
        return early, is_day
    is_year = early.dt.year() == late.dt.year()
    is_month = is_year & (early.dt.month() == late.dt.month())
    signs = pl.when(is_month).then(7).otherwise(4)  # YYYY-MM or YYYY
    return early.dt.to_string("%Y-%m-%d").str.head(signs), is_year & ~is_day


def patients(part: Normalised, *columns: str) -> pl.DataFrame:
    """Some columns of the records of patients of one file."""
    return part.records.some("patient", columns)


def telling(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The rows of IDENTIFIED without those that add nothing, in the order of delivery.

    Left out are repeats of a row, and rows with a single identifier of a number where another row of the same source has that identifier
    together with others: a list of treatments repeats the number under which the list of patients has the name.

    One frame per file: putting all rows into one frame first takes as long as looking at them, and most of them are left out.
    """
    kept = [(frame, (~repeats).arg_true()) for frame, repeats in zip(frames, _repeating(frames), strict=True) if not repeats.all()]
    is_first = firsts(pl.concat([pl.Series(dtype=pl.UInt64), *(frame.hash_rows().gather(rows) for frame, rows in kept)]))
    begins_ = accumulate((len(rows) for _, rows in kept), initial=0)
    told = [frame[rows.filter(is_first.slice(begin, len(rows)))] for (frame, rows), begin in zip(kept, begins_, strict=False)]
    none = pl.DataFrame(schema={name: IDENTIFIERS[name] for name in IDENTIFIED})
    return pl.concat([none, *told], rechunk=True)


def _repeating(frames: Sequence[pl.DataFrame]) -> list[pl.Series]:
    """Which rows of each frame say one thing only, and one that another row says of the number beside others."""
    several = [frame.select(pl.sum_horizontal(pl.col(kind).is_not_null() for kind in KINDS) > 1).to_series() for frame in frames]
    numbers = [frame.select(NUMBER).hash_rows() for frame in frames]  # once for all kinds
    found = [np.zeros(frame.height, bool) for frame in frames]
    for kind in KINDS:
        there = [(at, frame[kind].is_not_null()) for at, frame in enumerate(frames) if frame[kind].null_count() < frame.height]

        def said(at: int, rows: pl.Series, kind: str = kind) -> pl.Series:
            return pl.DataFrame([numbers[at].gather(rows), frames[at][kind].gather(rows)]).hash_rows()

        more = [said(at, rows) for at, is_known in there if len(rows := (several[at] & is_known).arg_true())]
        known = pl.concat(more).implode() if more else None
        for at, is_known in there:
            lone = (~several[at] & is_known).arg_true()
            if known is not None and len(lone):
                found[at][lone.filter(said(at, lone).is_in(known)).to_numpy()] = True
    return [pl.Series(is_repeated, dtype=pl.Boolean) for is_repeated in found]


def _once(told: pl.DataFrame) -> pl.DataFrame:
    """The different rows, as first told.

    The hashes of rows are compared instead of their texts, half the time: two of a million women's agree by chance once in
    some million runs. In one piece, since texts are picked out of several in eight times the time.
    """
    return told.filter(firsts(told.hash_rows())).rechunk()


def pseudonyms(parts: Sequence[Normalised]) -> pl.DataFrame:
    """The pseudonym of every person of the run (PERSONS), by her key; in one piece, as `_once`."""
    named = pl.concat([pl.DataFrame(schema=PERSONS), *(part.persons for part in parts)])
    return named.filter(firsts(named["patient_key"])).rechunk()


def _values(told: pl.DataFrame, kind: str) -> pl.DataFrame:
    """One row per number and value; a hospital's number means something in its own source only, whichever source's file tells it."""
    value = pl.concat_str(pl.coalesce("issuer", "source"), kind, separator=":") if kind == "hospital_number" else pl.col(kind)
    return _once(told.filter(pl.col(kind).is_not_null()).select("patient_key", value.alias(kind)))


def rooted(values: pl.DataFrame, roots: pl.DataFrame) -> pl.DataFrame:
    """`values` with the `root` of each number in the place of its key."""
    if roots.is_empty():
        return values.rename({"patient_key": "root"})
    return values.select(replaced(values["patient_key"], roots).alias("root"), pl.exclude("patient_key"))


def of_roots(values: pl.DataFrame, roots: pl.DataFrame, persons: pl.Series) -> pl.DataFrame:
    """`rooted` of a few persons alone (`persons`: roots). Their numbers are picked first: to find the persons of all takes longer."""
    others = roots.filter(pl.col("root").is_in(persons.implode()))["patient_key"]
    numbers = pl.concat([persons.alias("patient_key"), others])
    return rooted(values.filter(pl.col("patient_key").is_in(numbers.implode())), roots)
