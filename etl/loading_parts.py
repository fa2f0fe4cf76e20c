"""What the steps of loading a release work on."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from etl.beside import Beside
from etl.delivering import Delivered
from etl.link import Linked
from etl.setting import Setting
from validations.route import Routed
from warehouse.publish import ReleaseFolder


@dataclass(frozen=True)
class Parts:
    """What a release is made of, and where it goes; `sources`: dim_source, `ledger`: the stages before this one, sorted, `unread`: what
    was not understood (schemas.unread.UNREAD).
    """

    release: ReleaseFolder
    given: Setting
    delivered: Delivered
    linked: Linked
    routed: Routed
    sources: pl.DataFrame
    ledger: pl.DataFrame
    unread: pl.DataFrame
    beside: Beside

    @property
    def place(self) -> tuple[str, str]:
        """The release and its as-of date, as the expectations name it."""
        return self.release.run_id, self.given.as_of.isoformat()
