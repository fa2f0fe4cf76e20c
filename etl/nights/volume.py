"""A snapshot with far fewer rows than the last good one of its contract: cut off on the way, or a part sent for the whole.

What the last delivery held is history: it decides at most that the last good file stays in force (DESIGN 2.1, 2.9). Each release hands
the measure of each contract on (`internal/delivered_rows.csv`), so that no older release is needed for it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from etl.landing.landed import LandedFile
from etl.nights.history import BASE
from etl.nights.last_told import contracts_told
from etl.nights.own_releases import damaged, whole
from etl.readers import RawTable
from schemas.contract import Contract
from schemas.core.errors import UnreadableError
from schemas.items import TABLE_OF
from validations.expecting.accepted import not_counted, remembered
from validations.expecting.baseline import GROWN
from validations.expecting.rows import as_results, warning
from validations.expecting.rules import DELIVERED_ROWS, SINCE, VOLUME, WHOLE, rules, spellings
from warehouse.publish import REFUSED, current
from warehouse.publish import RELEASES as RELEASES_FOLDER
from warehouse.runs import landed, stored_run

FEWEST = 20  # of fewer rows a share says nothing
FEW_ROWS = 5  # so many rows may always go: persons brought together, taken back or moved away
HELD_TO = "internal/delivered_rows.csv"
REASON = "Perhaps sent or read twice: until it is accepted, later files are held to the rows of the one before."
CREPT = "Rows go little by little: until it is accepted or they come back, files are held to that release too."
SHRUNK = "Perhaps cut off at a line end: until it is accepted or a whole one comes, files are held to the rows of the one before."
# One row per contract: the rows that the next snapshot is held to, the release that read them, and the releases that registry.yml
# accepted and that counted for it already, blank-separated; then the most rows since, and the release that read those.
LAST: dict[str, type[pl.DataType]] = dict.fromkeys(("contract", "n", "run_id", "as_of", "accepted"), pl.String) | {"n": pl.Int64}
MOST: dict[str, type[pl.DataType]] = {"most": pl.Int64, "most_run_id": pl.String, "most_as_of": pl.String}
MEASURES = LAST | MOST


@dataclass(frozen=True)
class Rows:
    """The rows of a contract in one release."""

    n: int
    run_id: str
    as_of: str


@dataclass(frozen=True)
class Measure(Rows):
    """The rows that a snapshot of one contract is held to. `most`: the most rows since the first or the last accepted release, where
    that was another one; it never falls by itself, so that what goes little by little is told.
    """

    accepted: str = ""
    most: Rows | None = None

    @property
    def highest(self) -> Rows:
        """The most rows since the first or the last accepted release."""
        return self.most or self

    def followed_by(self, n: int, place: tuple[str, str]) -> Measure:
        """This release as the measure; what had the most rows stays where it has fewer."""
        return Measure(n, *place, self.accepted, self.highest if n < self.highest.n else None)


Measures = Mapping[str, Measure]
NO_LINE_END = "READ-NO-LINE-END"


def measures(out: Path, accepted: Mapping[str, str], contracts: Iterable[Contract]) -> dict[str, Measure]:
    """By contract what the current release hands on, after what registry.yml accepts (`accepted`); empty where there is no release.

    A release of an older version hands nothing on: what it read itself is where that begins. Raises RefusedError where the file of one
    is damaged, for what that release read may have been sent twice or cut off.
    """
    release = current(out)
    if release is None or not release.is_dir():
        return {}
    path = release / HELD_TO
    found = _handed_on(path)
    if found is None:
        found = _read_by(release, _counted_already(release / BASE))
    for contract in contracts:
        lines = {accepted[word] for word in speaking_for(contract) if word in accepted}
        found |= _accepted(contract.contract, found.get(contract.contract), lines, out)
    return found


def speaking_for(contract: Contract) -> list[str]:
    """The names under `accepted` that move the measure of the contract: volumes of the tables that it delivers, of all or of its source."""
    tables = {TABLE_OF[rule.record] for rule in contract.records}
    volumes = [rule.name for rule in rules({}) if rule.kind == VOLUME and rule.table in tables]
    words = (word for name in volumes for one in (name, f"{name}.{contract.source}") for word in spellings(one))
    return [*spellings(f"{DELIVERED_ROWS}.{contract.contract}"), *words, WHOLE]


def moved_on(before: Measures, rows: Mapping[str, int], place: tuple[str, str], contracts: Iterable[Contract] = ()) -> dict[str, Measure]:
    """What the next release is compared with: the rows of this one, by contract.

    A contract whose rows were multiplied (GROWN) or lost (`told_below`) keeps what this release was compared with. The most rows stay the
    most until registry.yml accepts fewer.

    rows: `rows_read` of this release; place: its run_id and as-of date. A contract of which nothing is in force keeps its measure.
    """
    shrunk = {one.contract for one in contracts if _is_shrunk(one, before.get(one.contract), rows.get(one.contract))}
    new = {
        contract: before[contract].followed_by(n, place) if contract in before else Measure(n, *place)
        for contract, n in rows.items()
        if contract not in shrunk and not _is_multiplied(before.get(contract), n)
    }
    return {**before, **new}


def no_measure(held_to: Measures, rows: Mapping[str, int], contracts: Iterable[Contract], files: Iterable[LandedFile] = ()) -> pl.DataFrame:
    """RESULTS: one row per snapshot that is no measure for those after it, with the names of its files. It stops nothing.

    held_to: what it was held to; rows: `rows_read`. A table need not have grown: rows that are told twice are one record.
    """
    names: dict[str, list[str]] = {}
    for file in files:
        names.setdefault(file.contract.contract, []).append(file.name)
    found = []
    for contract in contracts:
        n, before = rows.get(contract.contract), held_to.get(contract.contract)
        if contract.delivery != "snapshot" or before is None or n is None or (unlike := _unlike(contract, before, n)) is None:
            continue
        since, compared, limit, reason = unlike
        named = "".join(f"{file}: " for file in names.get(contract.contract, [])[:1])
        told = f"{named}{n:,} rows now, {compared.n:,} in release {compared.run_id} of {compared.as_of}, expected {limit}"
        found.append(warning(f"{DELIVERED_ROWS}.{contract.contract}{since}", contract.source, told, reason))
    return as_results(found)


def _unlike(contract: Contract, before: Measure, n: int) -> tuple[str, Rows, str, str] | None:
    """How a snapshot differs from what it is compared with: (suffix of the expectation's name, earlier rows, limit in words, reason)."""
    if _is_multiplied(before, n):
        return "", before, f"at most {int(GROWN * before.n):,}", REASON
    for since, compared, reason in (("", before, SHRUNK), (f".{SINCE}", before.highest, CREPT)):
        if _is_shrunk(contract, compared, n):
            return since, compared, f"at least {_least(contract, compared):,}", reason
    return None


def _is_multiplied(before: Measure | None, n: int) -> bool:
    """Whether so many rows are no measure for those after them: more than GROWN times what they were held to, where that has FEWEST."""
    return before is not None and before.n >= FEWEST and n > GROWN * before.n


def _is_shrunk(contract: Contract, before: Rows | None, n: int | None) -> bool:
    """Whether a snapshot lacks more of the rows it is held to than goes by itself."""
    if contract.delivery != "snapshot" or before is None or n is None or before.n < FEWEST:
        return False
    return n < _least(contract, before)


def _least(contract: Contract, before: Rows) -> int:
    """The fewest rows that say nothing: `told_below` of those it is held to, and FEW_ROWS fewer of a small file."""
    return min(math.ceil(contract.expected_rows.told_below * before.n), before.n - FEW_ROWS)


def measures_frame(held_to: Measures) -> pl.DataFrame:
    """MEASURES, sorted."""
    rows = [
        (contract, one.n, one.run_id, one.as_of, one.accepted, one.highest.n, one.highest.run_id, one.highest.as_of)
        for contract, one in sorted(held_to.items())
    ]
    return pl.DataFrame(rows, schema=MEASURES, orient="row")


def rows_read(ledger: pl.DataFrame, contracts: Mapping[str, str]) -> dict[str, int]:
    """Data rows by contract. ledger: LEDGER; contracts: the contract of each file in force, by its name."""
    lines = ledger.filter(pl.col("stage") == "read", pl.col("unit") == "row", pl.col("fate") == "goes_on")
    rows: dict[str, int] = {}
    for name, n in lines.select("source_file", pl.col("n").cast(pl.Int64)).iter_rows():
        if name in contracts:
            rows[contracts[name]] = rows.get(contracts[name], 0) + n
    return rows


def rows_in_force(ledger: pl.DataFrame, files: Iterable[LandedFile]) -> dict[str, int]:
    """`rows_read` of a night: those of the files in force."""
    return rows_read(ledger, {file.name: file.contract.contract for file in files})


def check_volume(raw: RawTable, last: Measures, out: Path | None = None) -> None:
    """Raises UnreadableError where a snapshot has under `expected_rows.of_last` of the rows of the last good one.

    One row less is enough where the last line is not ended either, unless it was not in the current release below `out`: some programs
    never end it.
    """
    contract, rows = raw.contract, raw.rows.height + raw.file.rows_gone
    before = last[contract.contract].n if contract.contract in last else 0
    if contract.delivery != "snapshot" or before < FEWEST or rows >= before:
        return
    said = f"{raw.file.name}: {rows:,} rows, where the last good delivery has {before:,}"
    release = current(out) if out is not None else None
    if (raw.findings["edit"] == NO_LINE_END).any() and contract.contract not in contracts_told(release, NO_LINE_END):
        raise UnreadableError("truncated", f"{said}, and the last line is not ended: the file is cut off")
    if rows < contract.expected_rows.of_last * before:
        hint = "if it is right, say so under 'expected_rows: {of_last: …}' of the contract"
        raise UnreadableError("fewer_rows", f"{said}: the file is cut off, or a part was sent for the whole ({hint})")


def _handed_on(path: Path) -> dict[str, Measure] | None:
    """What a release hands on, None where it does not. One of an older version does not say of the most rows: they begin with its own.

    Raises RefusedError where the file is damaged.
    """
    if not path.is_file():
        return None
    try:
        frame = pl.read_csv(whole(path), schema_overrides=MEASURES, empty_string_is_null=False)
    except pl.exceptions.PolarsError as error:
        raise damaged(path) from error
    if not LAST.keys() <= {*frame.columns} or frame.select(pl.col(pl.Int64)).null_count().sum_horizontal().sum():
        raise damaged(path)
    found = {}
    for contract, n, run_id, as_of, accepted, *most in frame.iter_rows():
        highest = Rows(*most) if most and most[0] > n else None
        found[contract] = Measure(n, run_id, as_of, accepted or "", highest)
    return found


def _read_by(release: Path, accepted: str) -> dict[str, Measure]:
    """What one release read itself; empty where it does not say."""
    run, path = stored_run(release), release / "ledger.csv"
    if not path.is_file():
        return {}
    contracts = {file["name"]: file["contract"] for file in landed(run)}
    place = (str(run.get("run_id", release.name)), str(run.get("as_of", "")))
    rows = rows_read(pl.read_csv(path, infer_schema=False), contracts)
    return {contract: Measure(n, *place, accepted) for contract, n in rows.items()}


def _counted_already(path: Path) -> str:
    """The accepted releases that counted for an expectation, of a release that does not hand measures on."""
    told = pl.read_csv(path, infer_schema=False)["accepted"].drop_nulls().to_list() if path.is_file() else []
    return remembered(" ".join(told), ())


def _accepted(contract: str, before: Measure | None, lines: set[str], out: Path) -> dict[str, Measure]:
    """The measure after these lines, each of which counts once; nothing where they change nothing. Of several the latest release counts."""
    counted = before.accepted if before is not None else ""
    places = [out / kind / run_id for run_id in not_counted(counted, lines) for kind in (RELEASES_FOLDER, REFUSED)]
    kept = [(str(stored_run(place).get("started", "")), place.name, place) for place in places if (place / "run.json").is_file()]
    if not kept:
        return {}
    memory = remembered(counted, (name for _, name, _ in kept))
    one = _read_by(max(kept)[-1], memory).get(contract)
    return {contract: one} if one is not None else {}
