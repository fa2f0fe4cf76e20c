"""Tumours that no contract numbers: those of one person that cannot be one are numbered by diagnosis, what belongs to them follows.

Two tumours cannot be one where the breasts differ, the sites differ (the first three characters of the topography), or the
diagnoses lie certainly further apart than `same_within_days` (SEER and IARC/IACR: multiple primaries). What is not known
contradicts nothing. A tumour that fits several stays apart (LINK-TUMOUR), so that nothing is told of the wrong one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from etl.linking.dates import CALENDAR, OFFSETS, interval_names
from etl.linking.finding_names import DOUBTED, texts
from etl.linking.groups import groups
from etl.linking.own_numbers import RENUMBERED, WITH_TUMOUR
from etl.linking.pieces import natural_key
from etl.normalise.delivered import stacked

UNNUMBERED = "tumour_unnumbered"
SIDES = ("left", "right")
# What tells tumours from each other: side, site, first and last day of the diagnosis, the same in days since an anchor.
FACTS = ("side", "site", "early", "late", "first", "last", "anchor")
# When a record happened: it belongs to no tumour that was diagnosed long after.
DATES = {"treatment": "treatment", "event": "event", "biomarker": "tested"}
BELONGING = DOUBTED | {"patient_key": pl.Int64}


@dataclass(frozen=True)
class Apart:
    """`pieces` with numbers, `told`: RENUMBERED, `tumours`: how many were compared. `unclear` (BELONGING): records that name no
    tumour of several and are left with the first, of the `asked` ones. `doubted` (DOUBTED): the tumours told that fit several."""

    pieces: dict[str, list[pl.DataFrame]]
    told: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=RENUMBERED))
    tumours: int = 0
    unclear: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=BELONGING))
    asked: int = 0
    doubted: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=DOUBTED))


def numbered_apart(pieces: Mapping[str, list[pl.DataFrame]], days: int, within: Sequence[str]) -> Apart:
    """Number the tumours that have none of their own, per person (and `within`, columns beside the person), and their records."""
    if not any(_loose(frame) for frames in pieces.values() for frame in frames):
        return Apart({record: [_plain(frame) for frame in frames] for record, frames in pieces.items()})
    found, by = {record: stacked(frames) for record, frames in pieces.items()}, ["patient_key", *within]
    tumours = _tumours(found["tumour"], by, days) if _loose(found["tumour"]) else Apart({"tumour": [found["tumour"]]})
    [found["tumour"]] = tumours.pieces["tumour"]
    unclear, asked = [tumours.unclear], 0
    for record in WITH_TUMOUR[1:]:
        if _loose(found[record]):
            belonging = _belonging(record, found[record], found["tumour"], by, days)
            unclear.append(_unclear(record, belonging.filter(pl.col("number").is_null()), found[record]))
            found[record] = _written(found[record], belonging.filter(pl.col("number").is_not_null()))
            asked += belonging.height
    plain = {record: [_plain(frame)] for record, frame in found.items()}
    return replace(tumours, pieces=plain, unclear=pl.concat(unclear), asked=asked)


def _tumours(tumours: pl.DataFrame, by: list[str], days: int) -> Apart:
    """The same of the tumours alone."""
    units = _units(tumours, by, days)
    kinds = _kinds(_suspects(units, by, days), by)
    if kinds.is_empty():
        return Apart({"tumour": [tumours]})
    sorted_out, pairs = _sorted_out(kinds, by, days)
    numbers = units.filter("loose").join(sorted_out.filter("loose"), on=[*by, *FACTS], how="inner", nulls_equal=True)
    doubted = _doubted(numbers.filter("doubtful"), tumours)
    return Apart({"tumour": [_written(tumours, numbers)]}, _told(numbers, pairs, by), kinds.height, doubted=doubted)


def _loose(pieces: pl.DataFrame) -> bool:
    return UNNUMBERED in pieces.columns and bool(pieces[UNNUMBERED].any())


def _plain(pieces: pl.DataFrame) -> pl.DataFrame:
    """The pieces without what says that they had no number."""
    return pieces.drop(UNNUMBERED, strict=False)


def _written(pieces: pl.DataFrame, numbers: pl.DataFrame) -> pl.DataFrame:
    return pieces.with_columns(pieces["tumour_no"].scatter(numbers["place"], numbers["number"].cast(pieces.schema["tumour_no"])))


def _facts(tumours: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """One row per piece of a tumour: where it stands, its number (null: none of its own), what it says (FACTS)."""
    has = {
        "side": ("laterality_code", pl.String), "site": ("topography_code", pl.String),
        "early": ("diagnosis_earliest_date", pl.Date), "late": ("diagnosis_latest_date", pl.Date),
        "first": ("diagnosis_earliest_offset_days", pl.Int64), "last": ("diagnosis_latest_offset_days", pl.Int64),
        "anchor": ("diagnosis_anchor", pl.String),
    }  # fmt: skip
    said = {name: (pl.col(c) if c in tumours.columns else pl.lit(None)).cast(kind) for name, (c, kind) in has.items()}
    told = tumours.with_row_index("place").select(
        "place", *by, "source_row_id", pl.col(UNNUMBERED).fill_null(value=False).alias("loose"), "tumour_no", **said
    )
    side, days = pl.col("side"), pl.col("first", "last")
    return told.with_columns(
        pl.when(~pl.col("loose")).then("tumour_no").alias("tumour_no"), pl.when(side.is_in(SIDES)).then(side).alias("side"),
        pl.col("site").str.head(3), pl.when(pl.col("anchor").is_not_null()).then(days).name.keep(),
    )  # fmt: skip


def _units(tumours: pl.DataFrame, by: list[str], days: int) -> pl.DataFrame:
    """`_facts`, the facts of one row (of one number) put together: its rules tell of one tumour, unless they contradict each other."""
    told = _facts(tumours, by)
    unit = [*by, "loose", pl.when("loose").then("source_row_id").otherwise(pl.col("tumour_no").cast(pl.Int64))]
    one: dict[str, pl.Expr] = {
        name: pl.when(~_several(name)).then(pl.col(name).drop_nulls().first()) for name in ("side", "site", "anchor")
    }
    reach = pl.duration(days=days)
    clash = (
        _several("side") | _several("site") | _several("anchor")
        | (pl.col("early").max() > pl.col("late").min() + reach).fill_null(value=False)
        | (pl.col("first").max() > pl.col("last").min() + days).fill_null(value=False)
    )  # fmt: skip
    for low, high in (("early", "late"), ("first", "last")):  # what contradicts itself is as wide as what it says
        begins, ends = pl.col(low).max(), pl.col(high).min()
        one |= {low: pl.when(begins > ends).then(ends).otherwise(begins), high: pl.when(begins > ends).then(begins).otherwise(ends)}
    united = told.with_columns(clash.over(unit).alias("clash"), *(value.over(unit).alias(f"{name}_") for name, value in one.items()))
    own = pl.col("loose") & pl.col("clash")
    return united.select(
        "place", *by, "source_row_id", "loose", "tumour_no", *(pl.when(own).then(name).otherwise(f"{name}_").alias(name) for name in FACTS)
    )


def _several(name: str) -> pl.Expr:
    """Whether a group says two different things there."""
    return pl.col(name).drop_nulls().n_unique() > 1


def _suspects(units: pl.DataFrame, by: list[str], days: int) -> pl.DataFrame:
    """The tumours of the persons who have one without a number and two that cannot be one, or several with a number."""
    spread = pl.col("first").max().over([*by, "anchor"]) - pl.col("last").min().over([*by, "anchor"])
    suspect = units.with_columns(spread=spread).group_by(by).agg(
        is_suspect=pl.col("loose").any() & (
            _several("side") | _several("site") | _several("tumour_no")
            | (pl.col("early").max() > pl.col("late").min() + pl.duration(days=days)).fill_null(value=False)
            | (pl.col("spread") > days).any()
        )
    )  # fmt: skip
    return units.join(suspect.filter("is_suspect"), on=by, how="semi")


def _kinds(units: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """One row per distinct tumour, in the order of diagnosis: rows with the same number or the same facts are one tumour."""
    told = units.select(*by, "loose", "tumour_no", *FACTS).unique()
    order = [*by, "loose", "tumour_no", "early", "late", "first", "last", "anchor", "side", "site"]
    return told.sort(order, nulls_last=True).with_row_index("kind").with_columns(pl.col("kind").cast(pl.Int64))


def _pairs(kinds: pl.DataFrame, by: list[str], days: int) -> pl.DataFrame:
    """Every two kinds of one person, both ways: `a`, `b`, whether each has no number, and by what they certainly differ (`words`)."""
    named = [kinds.select(*by, pl.col("kind").alias(x), pl.col("loose", *FACTS).name.suffix(f"_{x}")) for x in ("a", "b")]
    both = named[0].join(named[1], on=by).filter(pl.col("a") != pl.col("b"))
    reach, same_axis = pl.duration(days=days), pl.col("anchor_a") == pl.col("anchor_b")
    tests = {
        "laterality_code": pl.col("side_a") != pl.col("side_b"),
        "place": pl.col("site_a") != pl.col("site_b"),
        "date": (pl.col("early_a") > pl.col("late_b") + reach).fill_null(value=False)
        | (pl.col("early_b") > pl.col("late_a") + reach).fill_null(value=False)
        | (same_axis & (pl.col("first_a") > pl.col("last_b") + days)).fill_null(value=False)
        | (same_axis & (pl.col("first_b") > pl.col("last_a") + days)).fill_null(value=False),
        "number": ~pl.col("loose_a") & ~pl.col("loose_b"),
    }  # fmt: skip
    words = [pl.when(test.fill_null(value=False)).then(pl.lit(name)) for name, test in tests.items()]
    said = both.with_columns(words=pl.concat_str(words, separator=" ", ignore_nulls=True))
    return said.select(*by, "a", "b", "loose_a", "loose_b", "words", differ=pl.col("words") != "")


def _sorted_out(kinds: pl.DataFrame, by: list[str], days: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The kinds with their `number` and whether they are `doubtful`; and the pairs."""
    pairs = _pairs(kinds, by, days)
    alike = pairs.filter("loose_a", "loose_b", ~pl.col("differ"))
    bridges = _bridges(alike, pairs)
    core = kinds.filter("loose").join(bridges, on="kind", how="anti").select("kind")
    ties = (
        alike.join(core, left_on="a", right_on="kind", how="semi")
        .join(core, left_on="b", right_on="kind", how="semi")
        .with_row_index("tie")
    )
    roots = groups(pl.concat([ties.select("tie", node="a"), ties.select("tie", node="b")])).rename({"node": "kind"})
    clusters = core.join(roots, on="kind", how="left").select("kind", tumour=pl.coalesce("root", "kind"))
    fixed = kinds.filter(~pl.col("loose")).select("kind", tumour="kind")
    certain, doubtful = _certain(pairs, clusters, fixed)
    of_bridges = _fits(pairs, bridges.select("kind", tumour="kind"), certain)
    placed = of_bridges.filter(pl.len().over("tumour") == 1)
    between = bridges.join(placed, left_on="kind", right_on="tumour", how="left").select("kind", tumour=pl.coalesce("fixed", "kind"))
    unsure = pl.concat([doubtful, between.filter(pl.col("kind") == pl.col("tumour"))["kind"]])
    belongs = pl.concat([certain, between])
    told = kinds.join(belongs, on="kind", how="left", maintain_order="left").with_columns(doubtful=pl.col("tumour").is_in(unsure.implode()))
    return _numbers(told, by), pairs


def _certain(pairs: pl.DataFrame, clusters: pl.DataFrame, fixed: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
    """The kinds with their `tumour`, one that has a number where each fits no other; and the tumours that fit several."""
    fits = _fits(pairs, clusters, fixed)
    taken = fits.filter((pl.len().over("tumour") == 1) & (pl.len().over("fixed") == 1))
    doubtful = fits.join(taken, on="tumour", how="anti")["tumour"].unique()
    numbered = clusters.join(taken, on="tumour", how="left").select("kind", tumour=pl.coalesce("fixed", "tumour"))
    return pl.concat([numbered, fixed]), doubtful


def _bridges(alike: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """The kinds (`kind`) that fit two which differ from each other."""
    two = alike.select("a", "b").join(alike.select("a", c="b"), on="a").filter(pl.col("b") < pl.col("c"))
    apart = pairs.filter("differ").select(b="a", c="b")
    return two.join(apart, on=["b", "c"], how="semi").select(kind="a").unique()


def _fits(pairs: pl.DataFrame, these: pl.DataFrame, those: pl.DataFrame) -> pl.DataFrame:
    """`tumour` and `fixed`: the tumours of `these` and of `those` no kinds of which differ."""
    met = pairs.join(these, left_on="a", right_on="kind").join(those.select(b="kind", fixed="tumour"), on="b")
    return (
        met.group_by("tumour", "fixed")
        .agg(pl.col("differ").any())
        .filter(~pl.col("differ"))
        .select("tumour", "fixed")
        .sort("tumour", "fixed")
    )


def _numbers(kinds: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """The number of each tumour: its own, else the next in the order of diagnosis (that of `kind`)."""
    own = pl.col("tumour_no").max().over("tumour")
    highest = pl.col("tumour_no").max().over(by).fill_null(0)
    begins = pl.when(own.is_null()).then(pl.col("kind").min().over("tumour"))
    return kinds.with_columns(number=pl.coalesce(own, highest + begins.rank("dense").over(by)).cast(pl.Int32))


def _told(numbers: pl.DataFrame, pairs: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """One row per piece that has another number than 1, or fits several (RENUMBERED); the evidence is what it differs by."""
    words = pairs.group_by(kind="a").agg(evidence=pl.col("words").str.split(" ").explode().unique().sort())
    words = words.with_columns(pl.col("evidence").list.eval(pl.element().filter(pl.element().is_in(["", "number"]).not_())).list.join(" "))
    changed = numbers.filter((pl.col("number") != 1) | pl.col("doubtful")).join(words, on="kind", how="left").sort("place")
    named = changed.with_columns(
        record=pl.lit("tumour"), from_number=pl.lit("1"), to_number=pl.col("number").cast(pl.String),
        own_key=pl.col("own_key" if "own_key" in by else "patient_key"),
        outcome=pl.when("doubtful").then(pl.lit("doubtful")).otherwise(pl.lit("renumbered")),
    )  # fmt: skip
    return named.select(pl.col(c).cast(kind) for c, kind in RENUMBERED.items())


def _doubted(numbers: pl.DataFrame, pieces: pl.DataFrame) -> pl.DataFrame:
    """DOUBTED of the tumours that fit several: told by side, site and diagnosis, as their own rows say them."""
    at = numbers.unique("place", maintain_order=True).sort("place")
    own = at["own_key" if "own_key" in at.columns else "patient_key"]
    said = at.with_columns(own.alias("own_key"), record=pl.lit("tumour"), facts=texts(at, FACTS), rest=texts(pieces[at["place"]]))
    return said.select(pl.col(c).cast(kind) for c, kind in DOUBTED.items())


def _unclear(record: str, left: pl.DataFrame, pieces: pl.DataFrame) -> pl.DataFrame:
    """BELONGING of the records that name none of several tumours: told by their own numbers and their first date."""
    at = pieces[left["place"]]
    tells = {*natural_key(record), *interval_names(DATES[record], (*CALENDAR, *OFFSETS))} - {"patient_key", "tumour_no"}
    own = at["own_key" if "own_key" in at.columns else "patient_key"]
    said = at.with_columns(own.alias("own_key"), record=pl.lit(record), facts=texts(at, tells), rest=texts(at))
    return said.select(pl.col(c).cast(kind) for c, kind in BELONGING.items())


def _belonging(record: str, pieces: pl.DataFrame, tumours: pl.DataFrame, by: list[str], days: int) -> pl.DataFrame:
    """One row per piece without a tumour number of a person with several tumours, or with one of another number than 1: `place` and
    `number`, null where it is not certain.

    It is that of the only tumour that its row tells of, else of the only one that was not diagnosed long after it.
    """
    early, late = (f"{DATES[record]}_latest_date", "diagnosis_earliest_date")
    when = pl.col(early) if early in pieces.columns else pl.lit(None, pl.Date)
    diagnosed = pl.col(late) if late in tumours.columns else pl.lit(None, pl.Date)
    hers = tumours.select(*by, "source_row_id", "tumour_no", diagnosed=diagnosed).join(
        tumours.select(*by, "tumour_no").unique().filter((pl.len().over(by) > 1) | (pl.col("tumour_no") != 1)), on=by, how="semi"
    )
    several = hers.group_by(*by, "tumour_no").agg(pl.col("diagnosed").min())
    asking = pieces.with_row_index("place").filter(pl.col(UNNUMBERED).fill_null(value=False))
    asking = asking.select("place", *by, "source_row_id", when=when).join(several, on=by, how="semi", maintain_order="left")
    only = pl.when(pl.col("tumour_no").n_unique() == 1).then(pl.col("tumour_no").first())
    of_row = hers.group_by(*by, "source_row_id").agg(of_row=only)
    later = (pl.col("when") + pl.duration(days=days) < pl.col("diagnosed")).fill_null(value=False)
    by_date = asking.join(several, on=by).filter(~later).group_by("place").agg(by_date=only)
    told = asking.join(of_row, on=[*by, "source_row_id"], how="left", maintain_order="left").join(
        by_date, on="place", how="left", maintain_order="left"
    )
    return told.with_columns(number=pl.coalesce("of_row", "by_date"))
