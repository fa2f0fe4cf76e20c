"""The figures of a study: one for each endpoint and analysis of which a curve may be shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import polars as pl

from schemas.study import Endpoint, Study
from warehouse.numbers import ALL
from warehouse.survival.analyses import Analysis, analyses
from warehouse.survival.analysis_words import among, banners, conventions, drawn_from, estimator, test_line, time_begins
from warehouse.survival.cuminc import causes
from warehouse.survival.figure import write_figure
from warehouse.survival.figure_layout import KaplanMeierFigure
from warehouse.survival.figure_letters import UNNAMED, drawable

WATERMARK = "SIMULATED"
CUMULATIVE = "Cumulative incidence"


def write_figures(
    study: Study,
    frames: Mapping[str, pl.DataFrame],
    folder: Path,
    banner: str,
    *,
    is_exact: bool,
    is_simulated: bool,
    bands: pl.DataFrame | None = None,
    stamp: str,
) -> list[Path]:
    """Writes ANALYSIS_ENDPOINT.svg and .png and gives their paths; `banner` stands above each. `frames`: the files beside them.

    `bands`: the envelopes of the curves on more days than the ticks of the file, where they may be drawn. `stamp`: which release it is.
    """
    written = []
    for one in analyses(study):
        picture = _figure(one, frames, banner, bands, is_exact=is_exact)
        if picture is None:
            continue
        folder.mkdir(exist_ok=True)
        stem = folder / f"{one.name}_{one.endpoint.endpoint}"
        write_figure(replace(picture, is_at_ticks=not is_exact, watermark=WATERMARK if is_simulated else "", stamp=stamp), stem)
        written += [stem.with_suffix(".svg"), stem.with_suffix(".png")]
    return written


def _curves(frames: Mapping[str, pl.DataFrame], endpoint: Endpoint) -> pl.DataFrame:
    """What is drawn of an endpoint: its survival, or where events compete the incidence of each."""
    return frames["cuminc"].rename({"incidence": "survival"}) if endpoint.competing else frames["km"]


def _figure(
    one: Analysis, frames: Mapping[str, pl.DataFrame], banner: str, bands: pl.DataFrame | None, *, is_exact: bool
) -> KaplanMeierFigure | None:
    study, endpoint = one.study, one.endpoint
    mine = (pl.col("analysis") == one.name) & (pl.col("endpoint") == endpoint.endpoint)
    at_risk, tests, rows = (frames[name].filter(mine) for name in ("at_risk", "logrank", "survival"))
    curves = drawn_from(_curves(frames, endpoint).filter(mine), rows)
    envelope = bands if bands is not None else frames.get("envelope")
    drawn = set(curves["arm"])
    labels = {arm.arm: drawable(arm.label, arm.arm) for arm in study.arms}
    arms = [(arm, label) for arm, label in labels.items() if arm in drawn] or [(ALL, "All")]
    curves, at_risk = (frame.filter(pl.col("arm").is_in([arm for arm, _ in arms])) for frame in (curves, at_risk))
    # All of it may be hidden, or all but the first day, on which nothing has happened.
    if not curves["survival"].count() or (not is_exact and not curves.filter(pl.col("days") > 0)["survival"].count()):
        return None
    done = tests.drop_nulls("p").iter_rows(named=True)
    return KaplanMeierFigure(
        title=drawable(endpoint.curve_label or (CUMULATIVE if endpoint.competing else endpoint.label), endpoint.endpoint),
        origin=time_begins(one),
        curves=curves, at_risk=at_risk, arms=arms, estimator=estimator(one),
        tests=[test_line(one, row, arms, is_exact=is_exact) for row in done],
        days_per_month=float(study.days_per_month), ci=study.confidence_interval,
        banners=(*filter(None, (banner,)), *banners(one, arms, curves)),
        horizon=endpoint.horizon_days / study.days_per_month if endpoint.horizon_days is not None else None,
        undrawn=[label for arm, label in labels.items() if arm not in drawn],
        causes=[(cause, drawable(label, cause)) for cause, label in causes(endpoint)] if endpoint.competing else (),
        cut_off=str(study.data_cut_off or ""), among=among(one),
        conventions=[*conventions(one, arms, rows, is_exact=is_exact), *_named(study, labels)],
        envelope=None if envelope is None else envelope.filter(mine),
    )  # fmt: skip


def _named(study: Study, labels: Mapping[str, str]) -> list[str]:
    """That arms stand by their names where the font lacks letters of their labels."""
    names = [arm.arm for arm in study.arms if labels[arm.arm] != arm.label]
    return [UNNAMED.format(", ".join(names))] if names else []
