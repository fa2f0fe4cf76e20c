"""Rules for the tumours of a row and for the biomarkers of the primary."""

from __future__ import annotations

import re
from collections.abc import Iterator

from etl.draft.event_rules import has_side_of_event
from etl.draft.instances import are_instances, instances, numbered, of_instance
from etl.draft.meant import Meant
from etl.draft.rules import Rule, any_filled, columns_of

MILLIMETRES = re.compile(r"(?:^|[^a-zа-я])(?:mm|мм)(?:[^a-zа-я]|$)|[a-z]Mm$", re.IGNORECASE)
TNM = ("t_code", "n_code", "m_code")
MARKERS = ("er", "pr", "her2", "ki67")


def tumours(meant: Meant) -> Iterator[Rule]:
    """The tumour of a row, or each of those that have columns of their own."""
    if not are_instances(meant.columns):
        yield from _tumour(meant)
        return
    yield from numbered(_tumour(meant), 1)
    for number in instances(meant.columns):
        other = Meant(of_instance(meant.columns, number), meant.n_rows, meant.items, of_kinds=True)
        yield from numbered(_tumour(other), number + 1)


def _tumour(meant: Meant) -> Iterator[Rule]:
    of_event = ("laterality_code",) if has_side_of_event(meant) else ()
    said = meant.plain("tumour", but=("tumour_no", "tnm", "nodes", "nodes_positive", "behaviour", *of_event))
    tnm = meant.name("tumour.tnm")
    if tnm:
        said |= {part: {"from": tnm, "within_text": True} for part in TNM if part not in said}
    behaviour = meant.by.get("tumour.behaviour")
    if behaviour is not None and "histology_code" in said:
        said["histology_code"] = {"from": said["histology_code"], "beside": behaviour.name}
    both = meant.by.get("tumour.nodes")
    positive = meant.by.get("tumour.nodes_positive") or (both if both is not None and both.slashed else None)
    if positive is not None:
        said["nodes_positive"] = positive.name
        if positive.slashed and "nodes_examined" not in said:
            said["nodes_examined"] = positive.name
    if "tumour_size_cm" in said:
        said["tumour_size_mm"] = {"from": said.pop("tumour_size_cm"), "unit": "cm"}
    size = meant.by.get("tumour.tumour_size_mm")
    if size is not None and size.fractions and MILLIMETRES.search(size.header):
        said["tumour_size_mm"] = {"from": size.name, "unit": "mm"}  # else sizes such as 2.8 are refused, for they may be centimetres
    if said:
        yield Rule("primary", "tumour", meant.hers() | said, meant.filled(said))


def markers(meant: Meant) -> Iterator[Rule]:
    """One for each marker with a column; HER2 of its immunohistochemistry beside its in-situ hybridisation where it has none of its own."""
    found = {marker: meant.name(f"biomarker.{marker}") for marker in MARKERS}
    ihc, ish = meant.name("biomarker.her2_ihc"), meant.name("biomarker.her2_ish")
    result: dict[str, object] = {marker: name for marker, name in found.items() if name}
    if found["her2"] is None and ihc:
        result["her2"] = {"from": ihc, "beside": ish} if ish else ihc
    for marker, said in result.items():
        when = any_filled(columns_of(said))
        unit = _percent(meant, marker)
        result_of = "result_value" if marker == "ki67" else "result_code"  # a percentage has no code
        set_ = {
            "marker_code": {"value": marker},
            "specimen_code": {"value": "primary"},
            result_of: {"from": said, "unit": unit} if unit else said,
        }
        yield Rule(marker, "biomarker", meant.hers() | set_, when)


def _percent(meant: Meant, marker: str) -> str | None:
    """The unit of a receptor whose header says per cent (`ER (%)`): without it a bare number is none."""
    column = meant.by.get(f"biomarker.{marker}")
    return "percent" if column is not None and marker in ("er", "pr") and "%" in column.header else None
