"""Reads claims/*.csv and reports every mistake with its line: words, parts, expressions, arms, studies that are not there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl

from schemas import items
from schemas.candidate import known
from schemas.claims import (
    BOUNDS,
    COLUMNS,
    COUNT,
    EXTERNAL,
    FOLDER,
    KINDS,
    NEEDED,
    OF_ARM,
    PERCENT,
    STATISTICS,
    SUMMARIES,
    Claim,
    Part,
    outcome_columns,
    published_numbers,
    reported_numbers,
)
from schemas.conditions import Columns, Conditions, columns_of
from schemas.core.errors import Mistake, did_you_mean
from schemas.core.expression import ExpressionError, parse
from schemas.core.text_file import is_visible
from schemas.domains import Codes
from schemas.facts import read_rows
from schemas.study import LIST_COLUMNS, Study, id_part
from schemas.yaml_lines import Source

ALL = "all"


def read_claims(
    folder: Path, studies: Mapping[str, Study | None], codes: Codes | None
) -> tuple[dict[str, tuple[Claim, ...]], list[Mistake]]:
    """The claims of each study of the project in their order, and every mistake; `studies`: None where a study cannot be read."""
    found: dict[str, tuple[Claim, ...]] = {}
    mistakes: list[Mistake] = []
    for path in filter(is_visible, sorted((folder / FOLDER).glob("*.csv"))):
        source = Source(f"{FOLDER}/{path.name}")
        if path.stem not in studies:
            hint = did_you_mean(path.stem, studies) or "claims/STUDY.csv belongs to studies/STUDY.yml"
            source.report((), f"there is no study '{path.stem}'", hint)
        else:
            found[path.stem] = _read(source, path, studies[path.stem], codes)
        mistakes += source.mistakes
    return found, mistakes


def _read(source: Source, path: Path, study: Study | None, codes: Codes | None) -> tuple[Claim, ...]:
    rows, mistakes = read_rows(path, source.file, NEEDED)
    source.mistakes += mistakes
    claims = tuple(Claim(row) for row in rows)
    source.lines |= {(claim.row.line,): claim.row.line for claim in claims}
    if rows:
        _check_columns(source, claims[0])
    readable = tuple(claim for claim in claims if not _words(source, claim))
    _check_names(source, claims)
    if study is not None:
        _check_against(source, readable, study, codes)
    return readable


def _check_columns(source: Source, first: Claim) -> None:
    for name in first.row.cells:
        if name not in COLUMNS:
            source.report((first.row.line,), f"there is no column '{name}'", did_you_mean(name, COLUMNS))


def _check_names(source: Source, claims: Sequence[Claim]) -> None:
    """Names whose ids differ: upper and lower case or a sign do not tell two claims apart."""
    seen: dict[str, str] = {}
    for claim in claims:
        other = seen.setdefault(id_part(claim.claim), claim.claim)
        if claim.claim and other is not claim.claim:
            source.report((claim.row.line,), f"'{claim.claim}' would share its number_id with another claim", "name it apart")


def _words(source: Source, claim: Claim) -> bool:
    """Report words that are none; whether something is so wrong that nothing else can be said of the claim."""
    here, before = (claim.row.line,), len(source.mistakes)
    for name in NEEDED:
        if not claim[name]:
            source.report(here, f"'{name}' is empty")
    for name, words in (("kind", KINDS), ("bound", ("", *BOUNDS))):
        if claim[name] and claim[name] not in words:
            source.report(here, f"'{name}' is none of {', '.join(filter(None, words))}", did_you_mean(claim[name], words))
    if claim["claim"] and not claim["claim"].isidentifier():
        source.report(here, "'claim' is no name: letters, digits and underscores, a letter first")
    if claim.unequal:
        source.report(
            here, f"{' and '.join(claim.unequal)} has neither one part nor as many as the others", "parts stand between semicolons"
        )
    else:
        for message, hint in _wrong(claim):
            source.report(here, message, hint)
    return len(source.mistakes) > before


def _wrong(claim: Claim) -> Iterator[tuple[str, str]]:
    """What a claim cannot say, whatever its study is."""
    counted = claim.is_counted or claim.arithmetic
    if counted and any(part.expected is None for part in claim.parts):
        yield "'expected' names no number", "what 'reported' says, as a number: 13, 74.70, or > 50 for more than half"
    if claim["kind"] == EXTERNAL and counted:
        yield "an external figure is not recomputed", "leave who, record, value, statistic and arithmetic empty"
    if claim["bound"] and not counted:
        yield "'bound' says how what is recomputed limits the claim, and nothing is recomputed", ""
    if len(claim.arithmetic) not in (0, 1, len(claim.parts)):
        yield "'arithmetic' has neither one part nor as many as the claim has numbers", "one is held against their sum"
    for part in claim.parts:
        yield from _wrong_part(part)


def _wrong_part(part: Part) -> Iterator[tuple[str, str]]:
    if part.statistic and part.statistic not in STATISTICS:
        yield f"'statistic' is none of {', '.join(STATISTICS)}", did_you_mean(part.statistic, STATISTICS)
    elif part.statistic in SUMMARIES and not part.value:
        yield f"the statistic '{part.statistic}' needs a 'value'", ""
    elif part.value and part.statistic in ("", COUNT):
        yield "a 'value' needs a 'statistic' that summarises it", ", ".join(SUMMARIES)
    elif part.statistic == PERCENT and not (part.value or part.record):
        yield "'percent' needs a 'value' that is true or false, or a 'record'", "it is of those who are meant by 'who'"
    if part.record and part.record not in LIST_COLUMNS:
        yield f"'record' is none of {', '.join(LIST_COLUMNS)}", did_you_mean(part.record, LIST_COLUMNS)
    if bool(part.record) != bool(part.where or part.unless):
        yield "'record' needs 'where' (she has one) or 'unless' (she has none), and they need it", ""


def _check_against(source: Source, claims: Sequence[Claim], study: Study, codes: Codes | None) -> None:
    """Arms, columns and codes of the study; other claims of the file."""
    women = Conditions(source, woman_columns(study), codes)
    records = {name: Conditions(source, _record_columns(name), codes) for name in LIST_COLUMNS}
    arms = (ALL, *(arm.arm for arm in study.arms))
    numbers = reported_numbers(claims)
    for claim in claims:
        here = (claim.row.line,)
        if claim.arm not in arms:
            source.report(here, f"there is no arm '{claim.arm}'", did_you_mean(claim.arm, arms))
        for part in dict.fromkeys(part._replace(expected=None) for part in claim.parts):
            women.add((*here, "who"), part.who or None)
            women.add((*here, "value"), part.value or None, "number")
            if part.record:
                records[part.record].add((*here, "where"), part.where or None)
                records[part.record].add((*here, "unless"), part.unless or None)
        for text in claim.arithmetic:
            _arithmetic(source, claim, text, numbers)
    for over in (women, *records.values()):
        over.finish()


def _arithmetic(source: Source, claim: Claim, text: str, numbers: Mapping[str, float]) -> None:
    try:
        parse(text, (*numbers, *published_numbers(text)))
    except ExpressionError as error:
        hint = error.hint or "it may use claims of one number, and published numbers in double quotes without the name of the study"
        source.report((claim.row.line,), f"'arithmetic': {error.message}", hint)


def woman_columns(study: Study) -> Columns:
    """The columns that `who` and `value` may use: those of mart_candidate and of the study, arm and group, and the times by endpoint."""
    more = outcome_columns([endpoint.endpoint for endpoint in study.endpoints])
    may = known(study.columns)
    own = columns_of(may.columns, may.dates, OF_ARM)
    types = {name: pl.Boolean if column == "is_event" else pl.Int32 for name, column in more.items()}
    return Columns({**own.schema, **types}, own.dates, {**own.lists, **dict.fromkeys(more)})


def _record_columns(name: str) -> Columns:
    return columns_of(items.columns(name, "staging"), items.intervals(name))
