"""Recurrences of all but the thirteen. One row per event: row (of the persons), tumour_no 1, kind, number, day and what is known of it."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from etl.simulate.known import Cells, among, flags, labels, rows_of, where
from etl.simulate.lives import NEVER, Lives
from etl.simulate.times import Days, Draws, Flags
from schemas.facts import shipped

PRESENTATIONS = {"bone": "bone_pain", "lung": "cough", "brain": "neurological", "liver": "abdominal", "lymph_node": "palpable_node"}
PAIRED = ("lung", "lung_lower_lobe", "brain_frontal", "cerebellum", "pelvis", "rib", "node_cervical", "ovary", "adrenal")


# Organ or site of a lone metastasis that is resected in some women outside the study, and the operation.
RESECTIONS = {
    "brain": "craniotomy_excision", "lung": "lung_wedge_vats", "liver": "liver_resection", "bone": "curettage_bone_graft",
    "node_mediastinal": "mediastinal_node_excision_vats", "node_cervical": "cervical_node_excision",
}  # fmt: skip
RESECTED, ROOM = 0.9, 60  # share of those treated outside the window of the study, days from the recurrence to the last contact


def events(life: Lives, tumours: pl.DataFrame, keeps_breast: Flags, seed: int) -> pl.DataFrame:
    """All events, by row, kind and number. `tumours` and `keeps_breast`: the first tumours in the order of the persons."""
    draws = Draws(seed, "event", len(life.age))
    parts = [_local(draws, life, tumours, keeps_breast), *_distant(draws, life), *_resected(draws, life)]
    return placed(pl.concat(parts, how="diagonal")).sort("row", "event_type_code", "event_no")


def placed(frame: pl.DataFrame) -> pl.DataFrame:
    """`frame` with organ_code and topography_code of its site_code."""
    return frame.join(_sites(), on="site_code", how="left", maintain_order="left")


@cache
def _sites() -> pl.DataFrame:
    rows = shipped("sites.csv", "code", "organ_code", "topography_code")
    columns = {"site_code": "code", "organ_code": "organ_code", "topography_code": "topography_code"}
    return pl.DataFrame(
        {name: [row[column] or None for row in rows] for name, column in columns.items()}, schema=dict.fromkeys(columns, pl.String)
    )


def _local(draws: Draws, life: Lives, tumours: pl.DataFrame, keeps_breast: Flags) -> pl.DataFrame:
    """In the kept breast, in the chest wall, or (regional) in the axilla of the same side."""
    regional = draws.happens("regional", 0.25)
    kind = labels(("local_recurrence", "regional_recurrence"), regional.astype(np.int32))
    site = labels(("chest_wall", "breast", "node_axillary"), np.where(regional, 2, np.where(keeps_breast, 1, 0)))
    return _rows(
        life.local, event_type_code=kind, event_no=1, site_code=site, laterality_code=tumours["laterality_code"], lesion_count=1,
        is_histology_confirmed=draws.happens("local_histology", 0.9), detection_code=draws.code("local_detection", "detection"),
    )  # fmt: skip


def _distant(draws: Draws, life: Lives) -> list[pl.DataFrame]:
    """The first distant recurrence, a second organ on the same day for some, and a later second one of those before the window."""
    first, other = (
        placed(pl.DataFrame({"site_code": draws.code("distant_site")})),
        placed(pl.DataFrame({"site_code": draws.code("second_site")})),
    )
    several = draws.happens("several", 0.25) & (life.second_distant == NEVER) & ~flags(first["organ_code"] == other["organ_code"])
    detection = draws.code("detection")
    complaint = first["organ_code"].replace_strict(PRESENTATIONS, default="other", return_dtype=pl.String)
    found = where(flags(detection == "symptoms"), complaint, where(flags(detection == "imaging"), "none"))
    kind: dict[str, Cells] = {"event_type_code": "distant_recurrence"}
    again: dict[str, Cells] = {
        **kind,
        "event_no": 2,
        "site_code": other["site_code"],
        "laterality_code": _side(draws, "other_side", other["site_code"]),
    }
    return [
        _rows(
            life.distant, event_no=1, site_code=first["site_code"], laterality_code=_side(draws, "first_side", first["site_code"]),
            lesion_count=draws.between("lesions", 1, 6), is_histology_confirmed=draws.happens("histology", 0.4), detection_code=detection,
            presentation_code=found, **kind,
        ),
        _rows(np.where(several, life.distant, NEVER).astype(np.int32), **again),
        _rows(life.second_distant, **again),
    ]  # fmt: skip


def _resected(draws: Draws, life: Lives) -> list[pl.DataFrame]:
    """Metastasectomies of women whose recurrence lies outside the window of the study, and the progression of half of them."""
    first = placed(pl.DataFrame({"site_code": draws.code("distant_site")}))
    named = pl.col("site_code").replace_strict(RESECTIONS, default=None, return_dtype=pl.String)
    of_organ = pl.col("organ_code").replace_strict(RESECTIONS, default=None, return_dtype=pl.String)
    procedure = first.select(procedure=pl.coalesce(named, of_organ))["procedure"]
    # no woman of the study, and no one who was given nothing
    outside = among(life.outcome, "before_window", "after_window") & flags(life.after["reason"].is_null())
    room = life.contact.astype(np.int64) - life.distant
    chosen = outside & (room > ROOM) & flags(procedure.is_not_null()) & draws.happens("resected", RESECTED)
    operation = np.where(chosen, life.distant.astype(np.int64) + draws.between("resection_day", 12, 50), NEVER).astype(np.int32)
    left = life.contact.astype(np.int64) - operation
    again = chosen & (left > 2 * ROOM) & draws.happens("progression", 0.75)
    later = operation.astype(np.int64) + ROOM + np.floor(draws.uniform("progression_day") * np.maximum(left - ROOM, 1))
    place: dict[str, Cells] = {
        "event_no": 1, "site_code": first["site_code"], "laterality_code": _side(draws, "first_side", first["site_code"]),
    }  # fmt: skip
    margin = draws.happens("margin_said", 0.8)
    return [
        _rows(
            operation, event_type_code="metastasectomy", procedure_code=procedure, lesion_count=1,
            resection_margin_code=where(margin, "complete_gross"), **place,
        ),
        _rows(np.where(again, later, NEVER).astype(np.int32), event_type_code="progression", **place),
    ]  # fmt: skip


def _side(draws: Draws, name: str, site: pl.Series) -> pl.Series:
    """A side for most lesions of paired places."""
    place = np.where(among(site, *PAIRED), np.digitize(draws.uniform(name), (0.45, 0.9)), 2)
    return labels(("left", "right", None), place)


def _rows(day: Days, **columns: Cells) -> pl.DataFrame:
    """The persons whose day comes, with columns given for all persons or as one value."""
    at = np.flatnonzero(day != NEVER)
    return rows_of("event", at, {"row": at, "tumour_no": np.ones(len(at), np.int32), "day": day[at]}, columns)
