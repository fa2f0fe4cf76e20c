"""What a load is held to beside the rules themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from validations.expecting.anchor import Anchors, Compared
from validations.expecting.baseline import Baselines
from validations.expecting.source_shares import Fills
from validations.expecting.volume_held import Held


@dataclass(frozen=True)
class Reference:
    """Everything may be left out: a first release has the limits of expectations.yml and nothing to be compared with.

    thresholds: limits of registry.yml, by name of an expectation. compared: of each expectation the counts of the last release that met
    it, and its anchor. last: volumes of the last release, which need not be what they are compared with. fills: the fields that each
    source fills; None where nothing is known of sources. kept: what edits keep back of each table, of which one that lacks rows tells.
    """

    thresholds: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    compared: Compared = field(default_factory=lambda: ({}, Anchors()))
    last: Baselines = field(default_factory=dict)
    fills: Fills | None = None
    kept: Mapping[str, Held] = field(default_factory=dict)
