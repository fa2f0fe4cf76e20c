"""What registry.yml says of expectations (`thresholds`, `accepted`), held to the expectations that there are."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from schemas.core.errors import ConfigurationError, Mistake, did_you_mean
from schemas.yaml_lines import Source
from validations.expecting.rules import BESIDE, BY_SOURCE, COMPARING, DELIVERED_ROWS, OF_EDITS, WHOLE, entries, plain, rules, silence_rule

OVERRIDABLE = ("min", "max", "critical")
# Beside them, where the expectation has them: from how many rows (records judged) on it means anything, how old an anchor may be.
FROM_HOW_MANY = ("few", "fewest", "days")
# Of one source: how much of what it delivered before must still be fresh.
OF_FRESH = ("min", "critical")
RUN_ID = re.compile(r"[0-9a-f]{12}")
NO_RUN_ID = "is no run_id: 12 hexadecimal digits in quotes, as run.json and the quality report name the release"
PAGE = "docs/expectations.md lists them"
# Path below the key of registry.yml, what is wrong, a hint.
Wrong = tuple[tuple[str, ...], str, str]


@dataclass(frozen=True)
class Parts:
    """What may stand behind the point of a name: codes of edits, names of sources, of contracts; where they are not given, any is taken."""

    edits: Collection[str] | None = None
    sources: Collection[str] | None = None
    contracts: Collection[str] | None = None

    def of(self, kind: str) -> tuple[str, Collection[str] | None] | None:
        """What a part of an expectation of that kind is called, and which there are; None where it has no parts."""
        if kind == DELIVERED_ROWS:
            return "contract", self.contracts
        return ("edit", self.edits) if kind == OF_EDITS else ("source", self.sources) if kind in BY_SOURCE else None


def check_registry(
    thresholds: Mapping[str, Mapping[str, Any]], accepted: Mapping[str, str], source: Source | None = None, parts: Parts | None = None
) -> None:
    """Raises ConfigurationError with every mistake under both keys, with its line in `source`: a threshold that fits no hand-kept
    expectation, and what is accepted and compares with no earlier release, or names no release.
    """
    given = parts or Parts()
    found = [("thresholds", _threshold_mistakes(thresholds, given)), ("accepted", _accepted_mistakes(accepted, given))]
    mistakes = [mistake for key, wrong in found for mistake in _placed(key, source, wrong)]
    if mistakes:
        raise ConfigurationError(mistakes)


def _placed(key: str, source: Source | None, found: Iterator[Wrong]) -> Iterator[Mistake]:
    for path, says, hint in found:
        line = source.line((key, *path)) if source is not None else None
        yield Mistake(source.file if source is not None else "registry.yml", line, f"{key}: {says}", hint)


def _accepted_mistakes(accepted: Mapping[str, str], parts: Parts) -> Iterator[Wrong]:
    comparing = {*COMPARING, *BY_SOURCE}
    kinds = {rule.name: rule.kind for rule in (*rules({}), silence_rule({})) if rule.kind in comparing}
    for name, run_id in accepted.items():
        yield from ((((name,), says, hint)) for says, hint in _name_mistakes(name, kinds, parts))
        if not RUN_ID.fullmatch(run_id):
            yield (name,), f"{name}: what it names {NO_RUN_ID}", ""


def _name_mistakes(name: str, kinds: Mapping[str, str], parts: Parts) -> Iterator[tuple[str, str]]:
    of, point, part = plain(name).partition(".")
    if name == WHOLE or (of in kinds and not point):
        return
    known = parts.of(DELIVERED_ROWS if of == DELIVERED_ROWS and point else kinds.get(of, ""))
    if known is None:
        hint = did_you_mean(name, [*kinds, WHOLE]) or f"docs/expectations.md says which do; of an edit {silence_rule({}).name}.CODE"
        yield f"'{name}' compares with no earlier release", hint
    elif known[1] is not None and part not in known[1]:
        yield f"'{name}' compares with no earlier release: there is no {known[0]} '{part}'", did_you_mean(part, known[1])


def _threshold_mistakes(thresholds: Mapping[str, Mapping[str, Any]], parts: Parts) -> Iterator[Wrong]:
    known = {entry["name"]: entry for entry in entries()}
    for name, values in thresholds.items():
        of, _, part = name.partition(".")
        named = parts.of(known.get(of, {}).get("kind", "")) if part else None
        entry = known.get(of) if not part or named else None
        if entry is None:
            yield (name,), f"no expectation is named '{name}'", did_you_mean(name, known) or PAGE
            continue
        if named and named[1] is not None and part not in named[1]:
            word, called = named[0], "code" if named[0] == "edit" else "name"
            yield (name,), f"no {word} has the {called} '{part}'", did_you_mean(part, named[1]) or _where(word)
        for key, value in values.items():
            yield from _value_mistakes(name, key, value, OF_FRESH if part and entry["kind"] == "fresh" else _allowed(entry))


def _where(word: str) -> str:
    return "docs/edits.md lists them" if word == "edit" else "registry.yml names them under sources"


def _allowed(entry: Mapping[str, Any]) -> tuple[str, ...]:
    extra = tuple(key for key in FROM_HOW_MANY if key in entry)
    if entry["kind"] in BESIDE and entry["kind"] != OF_EDITS:
        return (*(key for key in OVERRIDABLE if key in entry or key == "critical"), *extra)
    return (*OVERRIDABLE, *extra)


def _value_mistakes(name: str, key: str, value: object, allowed: tuple[str, ...]) -> Iterator[Wrong]:
    if key not in allowed:
        yield (name, key), f"{name}: '{key}' cannot be set", did_you_mean(key, allowed) or f"{', '.join(allowed[:-1])} or {allowed[-1]} can"
    elif (key == "critical") != isinstance(value, bool):
        yield (name, key), f"{name}: '{key}' must be {'true or false' if key == 'critical' else 'a number'}", ""
    elif key != "critical" and not (isinstance(value, int | float) and isfinite(value)):
        yield (name, key), f"{name}: '{key}' must be a number", ""
