"""What changed from one release to another for a program: one JSON document, or one CSV line per number that changed."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from warehouse.differing.difference import Difference
from warehouse.differing.numbers import Change, curves, is_counted
from warehouse.differing.people import WAYS, Person

# One line per number that changed; `entered`, `left` and `stayed` are empty where nobody was looked up behind it.
COLUMNS = ("study", "output", "number_id", "number_id_before", "before", "after", "difference", *WAYS)


def as_json(found: Difference) -> str:
    """The whole difference; `numbers` holds every number that changed, `subjects` the persons that the text names."""
    told = {
        "before": found.before, "after": found.after, "is_same": found.is_same, "is_shared": found.is_shared,
        "inputs": [*found.inputs], "notes": [*found.notes], "ledger": _records(found.ledger), "edits": _records(found.edits),
        "numbers": [*numbers(found)],
    }  # fmt: skip
    if not found.is_shared:
        told |= {"curves": [*_curves(found)], "rows": _records(found.rows), "movers": found.movers, "others": found.others}
        told |= {"subjects": [_person(person) for person in found.people]}
    return json.dumps(told, ensure_ascii=False, indent=2)


def as_csv(found: Difference) -> str:
    """COLUMNS, the most important number first."""
    text = io.StringIO()
    written = csv.DictWriter(text, COLUMNS, lineterminator="\n", extrasaction="ignore")
    written.writeheader()
    written.writerows(numbers(found))
    return text.getvalue().rstrip("\n")


def numbers(found: Difference) -> Iterator[dict[str, Any]]:
    """COLUMNS of each number that changed, and why there is none after, where its file says so."""
    for change in found.changes:
        told = {
            "study": change.study, "output": change.output, "number_id": change.number_id, "number_id_before": change.ids[0],
            "before": change.before, "after": change.after, "difference": change.difference,
        }  # fmt: skip
        yield told | _moved(change, found, is_counted(change)) | {"reason": change.reason}


def _curves(found: Difference) -> Iterator[dict[str, Any]]:
    """Of each curve how many of its values changed, and who moved behind it."""
    for curve in curves(change for change in found.changes if is_counted(change)):
        told = {"study": curve.study, "output": curve.output, "curve": curve.curve, "number_id": curve.number_id, "values": curve.n}
        yield told | _moved(curve, found, is_unknown=False)


def _moved(change: Change, found: Difference, is_unknown: bool) -> dict[str, int | None]:
    counts = None if is_unknown else found.moved.get(change.number_id)
    return dict.fromkeys(WAYS) if counts is None else dict(zip(WAYS, counts, strict=True))


def _person(person: Person) -> dict[str, Any]:
    told = asdict(person)
    for row in told["rows"]:
        row |= {side: _named(("file", "line", "is_in_both"), row[side]) for side in ("before", "after")}
        row["corrections"] = _named(("kind", "says"), row["corrections"])
    return told


def _named(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> list[dict[str, object]]:
    return [dict(zip(heads, row, strict=True)) for row in rows]


def _records(rows: Sequence[Sequence[object]]) -> list[Mapping[str, object]]:
    """Rows below their heads as records."""
    return [*_named([str(head) for head in rows[0]], rows[1:])] if rows else []
