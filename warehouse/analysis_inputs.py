"""What the mart reads of the analyses of a study beside as_published: from which dates its women are at risk, its landmarks."""

from __future__ import annotations

import polars as pl

from schemas.checks.analyses import curves, is_in
from schemas.study import AS_PUBLISHED, LANDMARK, Study

# One row per endpoint and arm whose decision is a date; an empty arm is the entry of the endpoint itself.
ENTRY_PARAMETER = {"endpoint": pl.String, "arm": pl.String, "date_name": pl.String}
# One row per analysis and endpoint that is estimated in it.
ANALYSIS_PARAMETER = {"analysis": pl.String, "endpoint": pl.String, "landmark_days": pl.Int32, "horizon_days": pl.Int32}


def analysis_tables(study: Study) -> dict[str, pl.DataFrame]:
    """The parameter tables, by their names."""
    entries = [(one.endpoint, "", one.entry) for _, one in curves(study) if one.entry is not None]
    entries += [(one.endpoint, arm.arm, arm.decided) for _, one in curves(study) for arm in study.arms if arm.decided is not None]
    analysed = [
        (analysis, one.endpoint, one.landmark_days if analysis == LANDMARK else 0, one.horizon_days)
        for analysis in study.analyses
        for _, one in curves(study)
        if analysis != AS_PUBLISHED and is_in(study, analysis, one)
    ]
    return {
        "entry_parameter": pl.DataFrame(entries, schema=ENTRY_PARAMETER, orient="row"),
        "analysis_parameter": pl.DataFrame(analysed, schema=ANALYSIS_PARAMETER, orient="row"),
    }


def late_dates(study: Study) -> tuple[str, ...]:
    """The dates on which women of this study enter late, each once."""
    named = [one.entry for _, one in curves(study)] + [arm.decided for arm in study.arms]
    return tuple(dict.fromkeys(name for name in named if name is not None))
