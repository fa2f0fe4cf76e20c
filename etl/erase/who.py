"""Whom a number means: the one person who has it, and all numbers that she is known by as the last run linked her.

Nothing here puts a number, as it was given or as it was delivered, into a message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import duckdb
import polars as pl

from etl import vault
from etl.erase.rows import IN_CLEAR, issued_numbers
from etl.linking.leading_numbers import MERGED
from etl.linking.leading_zeros import BARE
from etl.nights.zeros_lost import LINKAGE, LONGEST, LastNumbers
from etl.normalise.identifiers import SCIENTIFIC
from etl.setting import Setting
from schemas.contract import Contract
from schemas.core.errors import ConfigurationError, Mistake, RefusedError
from schemas.core.ids import Pseudonyms, pseudonym
from warehouse.build import OFFLINE
from warehouse.publish import current

PSEUDONYM = re.compile(r"^[0-9a-f]{20}$")
FORGET = "forget"


@dataclass(frozen=True)
class Who:
    """One person and the pseudonyms of all numbers that she is known by.

    `is_linked`: whether the vault knows her. `shared`: how many identifiers of hers another person has too; these are not put on the
    list. `doubtful`: how many others may be her, whom linkage left apart. `alike`: by pseudonym, the pseudonyms of the same number with
    other leading zeros; `taken`: how many of those belong to other persons.
    """

    pseudonyms: tuple[str, ...]
    is_linked: bool
    shared: int = 0
    doubtful: int = 0
    alike: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    taken: int = 0


def who(given: Setting, text: str, source: str | None) -> Who:
    """The person with that number (or pseudonym). Raises ConfigurationError where it is nobody's, or several persons'."""
    told = _numbers(given.project.contracts, text, source)
    made = {pseudonym(given.key, number): where for where, number in told}
    if PSEUDONYM.match(text):
        made[text] = ""
    if not made:
        raise _mistake("this stands for a number that nobody knows, no person has it", "give the number as it is delivered")
    held = _vault(given)
    found = held.filter(pl.col("own_pseudonym").is_in(list(made)) | pl.col("patient_pseudonym").is_in(list(made)) | _has(told))
    leads = found["patient_pseudonym"].unique().sort()
    if len(leads) > 1:
        _ambiguous(found, source, [where for where, number in told if _names(found, where, number, given.key)])
    if not len(leads):
        hint = _near(held, text, told)
        found_ = Who(tuple(sorted(made)), is_linked=False) if hint is None else _nobody(hint)
    else:
        found_ = _person(held, leads[0], given.key)
    clear = {number for _, number in told} | set(held.filter(pl.col("own_pseudonym").is_in(found_.pseudonyms))["patient_id"])
    return _with_zeros(replace(found_, doubtful=_doubtful(given, found_.pseudonyms)), clear, held, given)


def _with_zeros(found: Who, clear: Iterable[str], held: pl.DataFrame, given: Setting) -> Who:
    """With her numbers as a spreadsheet may write them, without zeros at their front or with them; `clear`: the numbers.

    Those of other persons, of the vault or of the last release, are theirs.
    """
    last, alike, taken = LastNumbers(given.out, given.key), {}, set[str]()
    for number in clear:
        if (own := pseudonym(given.key, number)) not in found.pseudonyms or not (forms := _forms(number)):
            continue
        told = pl.DataFrame({"number": forms, "pseudonym": Pseudonyms(given.key).of(pl.Series("number", forms))})
        told = told.filter(~pl.col("pseudonym").is_in(found.pseudonyms))
        is_known = told["pseudonym"].is_in(held["own_pseudonym"].implode()) | last.has(told["number"])
        taken |= {*told["pseudonym"].filter(is_known)}
        alike[own] = tuple(told["pseudonym"].filter(~is_known))
    return replace(found, alike=alike, taken=len(taken))


def _forms(number: str) -> list[str]:
    """A number of digits with as many zeros at its front as there may be, but for the number itself."""
    told = re.match(BARE, number)
    every = [told[1] + told[2].zfill(n) for n in range(len(told[2]), LONGEST + 1)] if told else []
    return [one for one in every if one != number]


def _numbers(contracts: Sequence[Contract], text: str, source: str | None) -> list[tuple[str, str]]:
    """Source and number as a pseudonym is made of it, for each way in which a contract would read the text: those of `source` alone,
    in whichever files they come. A laboratory's file has the numbers of hospitals, and none of the laboratory's own.
    """
    sources = sorted({name for contract in contracts for name in (contract.source, *contract.issuers)})
    if source is not None and source not in sources:
        raise _mistake("there is no source of the name given", f"sources are {', '.join(sources)}")
    cell = pl.Series("number", [text.strip()], dtype=pl.String)
    ways = [(of, where, number[0]) for of in contracts for where, number in issued_numbers(cell, of)]
    told = [(where, number) for _, where, number in ways if source in (None, where) and number is not None]
    theirs = sorted({where for of, where, _ in ways if of.source == source != where})
    if theirs and source not in {where for _, where, _ in ways}:
        message = "the files of the source given have the numbers of other sources only"
        raise _mistake(message, f"say whose number it is with --source ({', '.join(theirs)})")
    return list(dict.fromkeys(told))


def _vault(given: Setting) -> pl.DataFrame:
    """What the vault knows; nothing where no contract names identifiers or nothing was published. Raises RefusedError where it is lost."""
    path = given.out / vault.NAME
    release = current(given.out)
    if release is not None and vault.is_lost(given.out, given.project.contracts, release.name):
        what = "is not there, damaged or of another release, so nobody knows under which numbers a person is known"
        raise RefusedError(f"{path}: {what}; run oncomart first, it is made anew of what is landed")
    if not path.is_file():
        return pl.DataFrame(schema=dict.fromkeys(vault.COLUMNS, pl.String))
    with duckdb.connect(str(path), read_only=True, config=OFFLINE) as con:
        held = pl.DataFrame(con.table("person_identifier").to_arrow_table())
    # that of an older version: every number of a file was its source's
    return held if "issuer" in held.columns else held.with_columns(issuer=pl.lit(None, pl.String))


def _has(told: Sequence[tuple[str, str]]) -> pl.Expr:
    """Whether a row of the vault has one of the numbers as an identifier besides that of its person."""
    texts = [number for _, number in told]
    national, own = IN_CLEAR
    return (national.is_in(texts) | own.is_in(texts)).fill_null(value=False)


def _person(held: pl.DataFrame, lead: str, key: bytes) -> Who:
    hers, others = held.filter(pl.col("patient_pseudonym") == lead), held.filter(pl.col("patient_pseudonym") != lead)
    mine = pl.concat([hers.select(number=number)["number"] for number in IN_CLEAR]).drop_nulls().unique()
    theirs = pl.concat([others.select(number=number)["number"] for number in IN_CLEAR])
    own = mine.filter(~mine.is_in(theirs.implode()))
    known = {lead, *hers["own_pseudonym"], *(pseudonym(key, number) for number in own)}
    return Who(tuple(sorted(known)), is_linked=True, shared=len(mine) - len(own))


def _doubtful(given: Setting, pseudonyms: Sequence[str]) -> int:
    """How many others the current release says may be her."""
    release = current(given.out)
    path = release / LINKAGE if release is not None else None
    if path is None or not path.is_file():
        return 0
    told = pl.read_csv(path, infer_schema=False).filter(pl.col("record") == "patient", pl.col("outcome") != MERGED)
    sides = ("patient_pseudonym", "own_pseudonym")
    hers = [told.filter(pl.col(one).is_in(pseudonyms) & ~pl.col(other).is_in(pseudonyms))[other] for one, other in (sides, sides[::-1])]
    return pl.concat([side.alias("other") for side in hers]).n_unique()


def _names(found: pl.DataFrame, where: str, number: str, key: bytes) -> bool:
    """Whether rows of the vault have a number."""
    is_own = pl.col("own_pseudonym") == pseudonym(key, number)
    return not found.filter(is_own | _has([(where, number)])).is_empty()


def _ambiguous(found: pl.DataFrame, source: str | None, issuers: Iterable[str]) -> None:
    sources = ", ".join(sorted({*issuers}))
    how = f"say which with --source ({sources})" if source is None else "give her pseudonym, as `oncomart explain` prints it"
    raise _mistake(f"{found['patient_pseudonym'].n_unique()} different persons have this number", how)


def _near(held: pl.DataFrame, text: str, told: Sequence[tuple[str, str]]) -> str | None:
    """Why a number may be nobody's; None where nothing speaks against it."""
    if re.match(SCIENTIFIC, text.strip().upper()):
        return "a spreadsheet wrote it in scientific notation, and its last digits may be lost; give it as the source writes it"
    if ":" in text:  # a source or a kind stands before it
        return None
    bare = {number.lstrip("0") for _, full in told for number in (full, full.rpartition(":")[2])} - {""}
    known = held.select(pl.col("patient_id").str.replace(r"^.*:", "").str.strip_chars_start("0"))["patient_id"]
    if known.is_in(list(bare)).any():
        return "there is one with other zeros at its front; give it as it is delivered"
    return None


def _nobody(hint: str) -> Who:
    raise _mistake("no person has this number", hint)


def _mistake(message: str, hint: str) -> ConfigurationError:
    return ConfigurationError([Mistake(FORGET, None, message, hint)])
