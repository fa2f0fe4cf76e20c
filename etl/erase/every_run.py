"""What every run does for persons who are erased: it lands without them, and no release with them stays. Nothing where there are none."""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from etl import vault
from etl.delivering import Delivered
from etl.erase.landed import Erasing
from etl.erase.rows import Known, numbers_of
from etl.erase.withheld import Secret, Withheld, parts, read_withheld
from etl.landing.land import land
from etl.landing.land_again import land_again
from etl.landing.landed import Landing
from etl.landing.manifest import manifest_path
from etl.nights.delivered_anew import SEEN, STOOD
from etl.nights.delivered_anew import Known as KnownFiles
from etl.nights.history import Before
from etl.setting import Setting
from schemas.core.errors import RefusedError
from schemas.core.ids import keyed
from warehouse.build import OFFLINE
from warehouse.publish import REFUSED, RELEASES, current
from warehouse.runs import landed as landed_by
from warehouse.runs import stored_run


def withheld_of(out: Path) -> Withheld:
    """The list of an output folder."""
    return read_withheld(manifest_path(out).parent)


def land_exports(given: Setting) -> Landing:
    """What lies in the exports folder, without the rows of erased persons."""
    erasing = Erasing.of(given)
    erasing.sweep()
    keep = erasing.keep if erasing.withheld else None
    return land(given.project, given.out, given.started.isoformat(timespec="seconds"), given.options.exports, keep)


def landed_again(given: Setting) -> Landing:
    """What the current release was made of, without the rows of erased persons."""
    Erasing.of(given).sweep()
    withheld, secret = withheld_of(given.out), Secret(given.key)
    return land_again(given.project, given.out, lambda sha256: withheld.now(secret, sha256))


def landed_without(given: Setting, landed: Callable[[Setting], Landing]) -> Landing:
    """`landed`, which looks through all landed files where an erasure has yet to; again where other numbers of hers came to light.

    An old copy that no contract reads any more does not stop the night for such a number: nothing is made of it.
    """
    landing = landed(given)
    while withheld_of(given.out).is_pending:
        for told in Erasing.of(given).sweep(strict=False):
            given.progress.say(f"{told}; it may hold an erased person under a number that came to light today (see `oncomart forget`)")
        landing = landed(given)
    return landing


def delivered_without(
    given: Setting, landing: Landing, landed: Callable[[Setting], Landing], deliver: Callable[[Setting, Landing], Delivered]
) -> Delivered:
    """What the files deliver, without erased persons: where today's contracts make another number of a cell than those did by which its
    file was looked through, all are looked through again. Raises RefusedError where one is still named.
    """
    delivered = deliver(given, landing)
    if not _names_erased(given, delivered):
        return delivered
    in_force = {file.sha256 for file in delivered.landing.files}
    del delivered
    Erasing.of(given).look_again(in_force)
    delivered = deliver(given, landed_without(given, landed))
    if _names_erased(given, delivered):
        raise RefusedError("an erased person is still in a landed file: its contract names her in a way that forget does not know")
    return delivered


def _names_erased(given: Setting, delivered: Delivered) -> bool:
    """Whether anybody on the list is among the persons delivered, by the number of her key or another one of hers."""
    withheld = withheld_of(given.out)
    known = Known(given.project.vocabularies, given.key, withheld.hashes, numbers_of(given.project.contracts))
    return bool(withheld) and any(known.are_named(part.persons["patient_pseudonym"], part.identifiers) for part in delivered.parts)


def parts_of(given: Setting, landing: Landing) -> Sequence[tuple[str, str, str]]:
    """What a release is a function of because persons are withheld."""
    return parts(withheld_of(given.out), ((file.name, file.gone) for file in landing.files))


def purge(given: Setting) -> None:
    """Take away every release, but the current one, and every refused one that was made with rows of erased persons."""
    withheld = withheld_of(given.out)
    if not withheld:
        return
    now = current(given.out)
    for place in holding(given.out, withheld, Secret(given.key)):
        if place != now:
            shutil.rmtree(place)


def holding(out: Path, withheld: Withheld, secret: Secret) -> Iterator[Path]:
    """The releases, published and refused, that were made with rows of erased persons.

    One that does not say what it was made of is taken for one where it is not younger than the list.
    """
    last = max((person.since for person in withheld.persons), default="")
    for place in (*sorted((out / RELEASES).glob("[!.]*")), *sorted((out / REFUSED).glob("*"))):
        told = _contents(place)
        made = datetime.datetime.fromtimestamp(place.stat().st_mtime, datetime.UTC).date().isoformat()
        if any(withheld.holds(secret, sha256) for sha256 in told) if told is not None else made <= last:
            yield place


def _contents(release: Path) -> set[str] | None:
    """The hashes of all files that a release names; None where it has no run.json."""
    told = stored_run(release)
    if not told:
        return None
    inputs = told["inputs"]
    named = {one["sha256"] for one in (*inputs["landed"], *inputs.get("passed_over", ()), *told.get("refusals", ())) if one.get("sha256")}
    seen = release / STOOD
    return named | (set(pl.read_csv(seen, schema=SEEN)["sha256"]) if seen.is_file() else set())


def without_erased(before: Before, given: Setting) -> Before:
    """What the release before hands on, without the hashes of files with rows of erased persons, and without their findings.

    What it read is told by what lies there now: a file that lost a row is no other file that came since.
    """
    withheld, secret = withheld_of(given.out), Secret(given.key)
    if not withheld:
        return before
    files: dict[tuple[str, str], datetime.date] = {}
    for (contract, sha256), day in before.files.items():
        name = (contract, withheld.now(secret, sha256))
        files[name] = min(day, files.get(name, day))
    known: KnownFiles = {name: day for name, day in files.items() if name[1]}
    hers = _findings(before, given, lambda persons: secret.of(persons).is_in(list(withheld.hashes)))
    run = _as_it_lies_now(before.run, lambda sha256: withheld.now(secret, sha256))
    return replace(before, run=run, files=known, seen=before.seen.filter(~pl.col("finding_id").is_in(hers.implode())))


def _as_it_lies_now(run: Mapping[str, Any], now: Callable[[str], str]) -> Mapping[str, Any]:
    """`run` (run.json) with the hashes that its files have now: a file freed of her is not another one that came since."""
    if not run:
        return run
    freed = [{**one, "sha256": now(one.get("sha256", ""))} for one in landed_by(run)]
    return {**run, "inputs": {**run.get("inputs", {}), "landed": freed}}


def _findings(before: Before, given: Setting, listed: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """The ids of the findings about erased persons in the release before."""
    if before.warehouse is None:
        return pl.Series("finding_id", [], dtype=pl.String)
    with duckdb.connect(str(before.warehouse), read_only=True, config=OFFLINE) as con:
        persons = _texts(con, "dim_patient", ["patient_pseudonym"])
        found = pl.DataFrame(con.sql("select finding_id, patient_key from fact_finding").to_arrow_table())
    if (given.out / vault.NAME).is_file():
        with duckdb.connect(str(given.out / vault.NAME), read_only=True, config=OFFLINE) as con:
            persons = pl.concat([persons, *(_texts(con, "person_identifier", [name]) for name in ("patient_pseudonym", "own_pseudonym"))])
    hers = keyed(persons.filter(listed(persons)).to_frame("pseudonym"), "patient_key", ("pseudonym",))["patient_key"]
    return found.filter(pl.col("patient_key").is_in(hers.implode()))["finding_id"]


def _texts(con: duckdb.DuckDBPyConnection, table: str, columns: Sequence[str]) -> pl.Series:
    """The different texts of some columns of a table."""
    frame = pl.DataFrame(con.table(table).select(*columns).distinct().to_arrow_table())
    return pl.concat([frame[name].alias("pseudonym") for name in columns]).drop_nulls().unique()
