"""What a reader is told of a data cut-off: what it cuts, and whose time begins after it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from schemas.study import AS_PUBLISHED, Endpoint, Study
from warehouse.numbers import ALL
from warehouse.suppressing.survival import without_counts

Rows = Iterable[Mapping[str, object]]


def flow_notes(study: Study, survival: Rows) -> list[str]:
    """Under the flow diagram: what is cut, and how many have not begun by then. `survival`: the exact rows, none where shared."""
    if study.data_cut_off is None:
        return []
    notes = [f"Data cut-off {study.data_cut_off}: times end there. Steps, arms and groups read all that was delivered."]
    for endpoint, n, _ in _later(study, survival):
        notes.append(f"{endpoint.label}: begins after it for {n} of the analysed, who are in no estimate.")
    return notes


def not_begun(study: Study, survival: Rows) -> Iterator[str]:
    """One sentence for each endpoint in whose estimates somebody is not, as it may be shared, and the step that leaves her out."""
    for endpoint, n, women in _later(study, survival):
        step = f"not before(date '{study.data_cut_off}', {endpoint.origin})"
        said = (
            f"the time begins after the data cut-off {study.data_cut_off} for {n} of {women} {study.subjects}, who are in no estimate; "
            f'to leave them out of the study, write a step with keep: "{step}"'
        )
        yield f"{endpoint.endpoint}: {said if study.min_cell == 1 else without_counts(said)}"


def _later(study: Study, survival: Rows) -> Iterator[tuple[Endpoint, int, int]]:
    """Endpoints with women whose time has not begun: how many, and of how many."""
    found = {str(row["endpoint"]): row for row in survival if row["arm"] == ALL and row["analysis"] == AS_PUBLISHED}
    for endpoint in study.endpoints:
        row = found.get(endpoint.endpoint, {})
        n, later = (int(str(row.get(name) or 0)) for name in ("n", "cut_off_not_begun"))
        if later:
            yield endpoint, later, n + later
