"""Women with a recurrence and a death, and the endpoint for which the death competes."""

from __future__ import annotations

from typing import Any

from small_registry import INCIDENCE, Woman

DEATH = {"competing": "death", "label": "Death without it", "event": "vital_status_code = 'dead'", "end": ("death",)}
RECURRENCE = INCIDENCE | {"competing": (DEATH,)}


def woman(recurrence: object = None, death: object = None, contact: object = 999, **more: Any) -> Woman:
    """A recurrence on a day (`undated`: on a day not delivered), a death on another, else alive at the last contact."""
    event = {"event_type_code": "distant_recurrence"} | ({} if recurrence == "undated" else {"event": recurrence})
    last = {"contact": death if death not in (None, "undated") else contact, "vital_status_code": "dead" if death is not None else "alive"}
    dead = {} if death in (None, "undated") else {"death": death}
    return {"treatment_start": 0, "events": [event] if recurrence is not None else [], "contacts": [last | dead], **more}
