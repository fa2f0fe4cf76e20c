"""The checks that registries and textbooks know, and where each is done here or why it is not (`known_checks.csv`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from schemas.facts import own_rows
from validations.markdown import table

LEFT_OUT = "left_out"
# How the page words where a check is done; `{}`: what is named under `where`.
TAKEN = {
    "edit": "edit {}",
    "reading": "while reading: {}",
    "expectation": "of the whole load: {}",
    "linkage": "linkage {}",
    "table": "by the data model",
    "claim": "claim {} of the bundled publication",
    "study": "by the study",
    "contract": "by the contract",
    "vocabulary": "by the vocabularies",
    LEFT_OUT: "not done",
}
WORDS = (
    "What consistency checks of IARC/CanReg5, the NAACCR dictionary, the staging tables, the first study and practice ask, "
    "and where it is done. An edit is an error only where what it finds cannot be true and makes a count or a time wrong; "
    "what is true as often as not is no edit."
)


@cache
def known_checks() -> tuple[Mapping[str, str], ...]:
    """One row per known check, identified by check, in the order of the file."""
    return own_rows("validations", "known_checks.csv")


def known_section() -> list[str]:
    """The part of docs/edits.md that tells of them."""
    done = sum(row["taken_as"] != LEFT_OUT for row in known_checks())
    counted = f"Of {len(known_checks())} such checks {done} are done and {len(known_checks()) - done} are left out, with the reason."
    return ["## Known checks", "", WORDS, "", counted, "", *table(("check", "asks about", "where", "note"), _rows())]


def _rows() -> Iterator[tuple[str, ...]]:
    for row in known_checks():
        named = ", ".join(f"`{name}`" for name in row["where"].split())
        yield row["check"], row["says"], TAKEN[row["taken_as"]].format(named).strip(), row["reason"]
