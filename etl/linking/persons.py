"""One person under several numbers: found by identifiers that agree, kept apart by those that exclude it (docs/linkage.md).

All is done on whole columns; which file comes first does not matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from importlib import import_module

import polars as pl

from etl.linking.evidence import MOVED, Rounds, Told, told_by
from etl.linking.groups import apart, groups, twice, without
from etl.linking.leading_numbers import CONFLICT, EVIDENCE, MERGED, POSSIBLE, also_met, leads, met
from etl.linking.person_facts import Facts, facts_of, of_roots, rooted
from etl.linking.unlike_persons import SPEAKS, told_births, two_in_one, unlike_ties
from etl.normalise.result import Normalised
from schemas.core.frames import stack
from schemas.linkage import NUMBERS, Linkage, Probabilistic


@dataclass(frozen=True)
class Persons:
    """`moved`: MOVED. `names`: the pseudonym of every number of the run (PERSONS). `identifiers`: IDENTIFIED, for the vault only.

    `told`: what is told of the linkage.
    """

    moved: pl.DataFrame
    names: pl.DataFrame
    identifiers: pl.DataFrame
    told: Told


def link_persons(parts: Sequence[Normalised], linkage: Linkage, key: bytes | None = None) -> Persons:
    """The persons behind the numbers of all files, by the keys in their order and then by likeness.

    `key`: the registry's, with which what was compared of two who stay apart is hashed; without one nothing is.
    """
    with ThreadPoolExecutor(2, "persons") as threads:  # most steps keep one processor busy
        if linkage.probabilistic is not None:
            threads.submit(import_module, "splink")  # takes a second, and is asked for only here
        facts = facts_of(parts, linkage)
        facts = replace(facts, two=two_in_one(facts.values))
        roots = pl.DataFrame(schema={"patient_key": pl.Int64, "root": pl.Int64})
        evidence = [pl.DataFrame(schema=EVIDENCE)]
        for kinds, shared in zip(linkage.keys, threads.map(lambda kinds: _shared(facts, kinds), linkage.keys), strict=True):
            roots, told = joined(roots, _agreeing(shared, roots, kinds), facts, linkage, "deterministic")
            evidence.append(told)
        by_keys = roots
        first = threads.submit(met, facts, _numbers(roots))
        if linkage.probabilistic is not None:
            roots, told = _by_likeness(roots, facts, linkage, linkage.probabilistic)
            evidence.append(told)
        known = also_met(first.result(), facts, _numbers(roots))
    to = leads(roots, known)
    moved = to.filter(pl.col("patient_key") != pl.col("to_key")).select(MOVED.keys()).sort("patient_key")
    told_of = told_by(facts, Rounds(by_keys, roots, known, to, moved), stack(evidence, EVIDENCE), linkage, key)
    return Persons(moved, facts.names, facts.identifiers, told_of)


def _numbers(roots: pl.DataFrame) -> pl.Series:
    """The numbers of the persons with several."""
    return pl.concat([roots["patient_key"], roots["root"]]).unique()


def _by_likeness(roots: pl.DataFrame, facts: Facts, linkage: Linkage, said: Probabilistic) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The persons after the round of those who are alike, and its evidence."""
    from etl.linking.probabilistic import alike  # noqa: PLC0415 - Splink is imported only where it is asked for

    pairs = alike(facts.nodes, facts.values, roots, said)
    is_sure = (pl.col("probability") >= said.merge_from) & pl.col("is_slip")
    sure, doubtful = pairs.filter(is_sure), pairs.filter(~is_sure)
    roots, told = joined(roots, _tied(sure), facts, linkage, "probabilistic")
    return roots, stack([told, _possible(doubtful, roots, facts, linkage)], EVIDENCE)


def _shared(facts: Facts, key: Sequence[str]) -> pl.DataFrame:
    """The numbers (`patient_key`) that have all identifiers of one key in common with another, and a hash of these (`tie`).

    What one number only has is shared by nobody, and nearly all have something of their own.
    """
    table = facts.values[key[0]]
    for kind in key[1:]:
        table = table.join(facts.values[kind], on="patient_key")
    ties = pl.DataFrame([table["patient_key"], table.select(key).hash_rows().reinterpret(signed=True).alias("tie")])
    return ties.filter(twice(ties["tie"]))


def _agreeing(shared: pl.DataFrame, roots: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """Persons so far (`node`) that share all identifiers of one key (`tie`), `by` its words; only such as share them (`_shared`)."""
    values = rooted(shared, roots).select("tie", node="root").unique()
    shared = values.filter(twice(values["tie"]))
    return shared.select("node", "tie", by=pl.lit(" ".join(key)), probability=pl.lit(None, pl.Float64))


def _tied(pairs: pl.DataFrame) -> pl.DataFrame:
    """Each pair as a tie of its own."""
    numbered = pairs.sort("left", "right").with_row_index("tie").with_columns(pl.col("tie").cast(pl.Int64))
    sides = [numbered.select("tie", "by", "probability", node=side) for side in ("left", "right")]
    return pl.concat(sides).select("node", "tie", "by", "probability")


def joined(
    roots: pl.DataFrame, ties: pl.DataFrame, facts: Facts, linkage: Linkage, method: str
) -> tuple[pl.DataFrame, pl.DataFrame]:  # fmt: skip
    """The persons (`roots`) after one round, and its evidence.

    A tie whose persons exclude each other joins nobody; neither does a chain of ties at whose ends such persons stand, nor a number
    alone where name and birth together say that they are two.
    """
    if ties.is_empty():
        return roots, pl.DataFrame(schema=EVIDENCE)
    allowed, refused = _allowed(roots, ties, facts, linkage)
    kept = _kept(roots, allowed, facts, linkage)
    chained = allowed.join(kept, on="node", how="anti")
    evidence = stack([_evidence(allowed, kept, method, MERGED), _evidence(pl.concat([refused, chained]), None, method, CONFLICT)], EVIDENCE)
    moved = kept.filter(pl.col("node") != pl.col("root")).select(patient_key="node", root="root")
    before = roots.join(moved.select(root="patient_key", new="root"), on="root", how="left", maintain_order="left")
    return pl.concat([before.select("patient_key", root=pl.coalesce("new", "root")), moved]), evidence


def _allowed(roots: pl.DataFrame, ties: pl.DataFrame, facts: Facts, linkage: Linkage) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The ties whose persons so far may be one, and those whose persons exclude each other."""
    is_number = ties["by"][0] in NUMBERS
    # who joined a number of two women had the records of both; another number that they have may be either's
    of_two = ties.filter(pl.col("node").is_in(facts.two.implode()))
    allowed = ties.join(of_two, on="tie" if is_number else ["tie", "node"], how="anti")
    refused = [ties.join(of_two, on="tie", how="semi")]
    for kind in linkage.cannot_link:
        told = _of_nodes(roots, facts.values[kind], kind, allowed["node"])
        several = apart(allowed.join(told, on="node"), "tie", kind, linkage.slips(kind))
        refused.append(allowed.join(several, on="tie", how="semi"))
        allowed = allowed.join(several, on="tie", how="anti")
    if is_number:
        two = _unlike(allowed, roots, facts)
        refused.append(allowed.join(two, on="tie", how="semi"))
        allowed = allowed.join(two, on="tie", how="anti")
    return allowed, pl.concat(refused)


def _kept(roots: pl.DataFrame, allowed: pl.DataFrame, facts: Facts, linkage: Linkage) -> pl.DataFrame:
    """The persons (`node`) by whom they become (`root`), without the chains of ties at whose ends two exclude each other."""
    kept = groups(allowed) if allowed.height else pl.DataFrame(schema={"node": pl.Int64, "root": pl.Int64})
    for kind in linkage.cannot_link:
        kept = without(kept, _of_nodes(roots, facts.values[kind], kind, kept["node"]), kind, linkage.slips(kind))
    # a third who has the numbers of both, or two names and births, is no bridge between two who are unlike
    return kept.join(_unlike(kept.select("node", tie="root"), roots, facts), left_on="root", right_on="tie", how="anti")


def _unlike(ties: pl.DataFrame, roots: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """The ties (`tie`) that would join two persons (`node`) who are unlike, or any two of their numbers that are unlike.

    Both are asked, because a person found under several numbers may have one woman's name and another's birth.
    """
    if not {"name", "birth"} <= facts.values.keys():
        return ties.select("tie").clear()
    of_kind = {kind: facts.values[kind] for kind in SPEAKS if kind in facts.values}
    told = {kind: _of_nodes(roots, values, kind, ties["node"]) for kind, values in of_kind.items()}
    two = unlike_ties(ties, told["name"], told_births(told["birth"], told.get("born")))
    others = roots.filter(pl.col("root").is_in(ties["node"].implode()))
    if others.is_empty():
        return two
    numbers = pl.concat(
        [ties.select("tie", "node"), ties.select("tie", root="node").join(others, on="root").select("tie", node="patient_key")]
    )
    hers = pl.col("patient_key").is_in(numbers["node"].implode())
    alone = {kind: values.filter(hers).select(kind, node="patient_key") for kind, values in of_kind.items()}
    return pl.concat([two, unlike_ties(numbers, alone["name"], told_births(alone["birth"], alone.get("born")))]).unique()


def _of_nodes(roots: pl.DataFrame, values: pl.DataFrame, kind: str, nodes: pl.Series) -> pl.DataFrame:
    """The values of one kind that these of the persons so far have."""
    return of_roots(values, roots, nodes).select(kind, node="root").unique()


def _evidence(ties: pl.DataFrame, kept: pl.DataFrame | None, method: str, outcome: str) -> pl.DataFrame:
    """One row per person beyond the first of each group (or tie) and the tie that brought her there."""
    if kept is not None:
        rooted = ties.join(kept, on="node").filter(pl.col("node") != pl.col("root"))
    else:
        rooted = ties.with_columns(root=pl.col("node").min().over("tie")).filter(pl.col("node") != pl.col("root"))
    first = rooted.sort("node", "root", "tie").unique(["node"] if kept is not None else ["node", "root"], keep="first", maintain_order=True)
    return first.select(
        pl.lit(method).alias("method"), pl.lit(outcome).alias("outcome"), "probability", patient_key="node", with_key="root", evidence="by"
    )


def _possible(pairs: pl.DataFrame, roots: pl.DataFrame, facts: Facts, linkage: Linkage) -> pl.DataFrame:
    """Pairs too doubtful to merge, unless they are one person by now or exclude each other."""
    for side in ("left", "right"):
        hers = roots.select(pl.col("patient_key").alias(side), root="root")
        pairs = pairs.join(hers, on=side, how="left").with_columns(pl.coalesce("root", side).alias(f"{side}_root")).drop("root")
    open_ = pairs.filter(pl.col("left_root") != pl.col("right_root"))
    for kind in linkage.cannot_link:
        told = _of_nodes(roots, facts.values[kind], kind, pl.concat([open_["left_root"], open_["right_root"].alias("left_root")]))
        both = open_.join(told.select(left_root="node", a=kind), on="left_root").join(
            told.select(right_root="node", b=kind), on="right_root"
        )
        pair = both.with_row_index("pair")
        values = pl.concat([pair.select("pair", value=side) for side in ("a", "b")])
        excluded = pair.join(apart(values, "pair", "value", linkage.slips(kind)), on="pair")
        open_ = open_.join(excluded, on=["left", "right"], how="anti")
    return open_.select(
        "probability", pl.lit("probabilistic").alias("method"), pl.lit(POSSIBLE).alias("outcome"), patient_key="right", with_key="left",
        evidence="by",
    )  # fmt: skip


def moved_to(frame: pl.DataFrame, moved: pl.DataFrame) -> pl.DataFrame:
    """The frame with the key (and pseudonym, where it has one) of the person each number belongs to, in its order."""
    if moved.is_empty():
        return frame
    at = frame["patient_key"].is_in(moved["patient_key"].implode()).arg_true()  # the others need not be looked up: they are most
    hers = frame["patient_key"].gather(at).to_frame().join(moved, on="patient_key", how="left", maintain_order="left")
    new = {"patient_key": "to_key", "patient_pseudonym": "to_pseudonym"}
    return frame.with_columns(frame[name].clone().scatter(at, hers[now]) for name, now in new.items() if name in frame.columns)
