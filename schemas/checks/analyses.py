"""Checks of the analyses of a study: each has what it needs, and what is declared for one is used by it."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.candidate import known
from schemas.checks.endpoints import may_follow, once, one_of
from schemas.core.errors import Mistake
from schemas.study import AS_PUBLISHED, DELAYED_ENTRY, ENVELOPE, LANDMARK, TIME_DEPENDENT, Endpoint, Study
from schemas.yaml_lines import Source

# Nothing of her follows.
LAST = ("death", "contact")


def check_analyses(source: Source, study: Study) -> None:
    """Report every mistake of the analyses, of the days on which arms are decided, and of the landmarks."""
    for number, arm in enumerate(study.arms):
        if arm.decided is not None:
            one_of(source, ("arms", number, "decided"), "date", arm.decided, known(study.columns).dates)
            if arm.decided in LAST:
                message = f"arm '{arm.arm}' is decided on '{arm.decided}', when every time has ended: nobody is ever at risk in it"
                source.report(("arms", number, "decided"), message, "an arm is decided by what is known before her time ends")
    once(source, ("analyses",), "analyses", study.analyses)
    if study.analyses[0] != AS_PUBLISHED:
        source.report(("analyses", 0), f"'{AS_PUBLISHED}' must come first", f"analyses: [{AS_PUBLISHED}, {study.analyses[0]}]")
    if DELAYED_ENTRY in study.analyses:
        _delayed_entry(source, study)
    if TIME_DEPENDENT in study.analyses:
        _time_dependent(source, study)
    _landmark(source, study)
    _envelope(source, study)


def curves(study: Study) -> Iterator[tuple[int, Endpoint]]:
    """The endpoints that are estimated as curves, with their places."""
    return ((number, one) for number, one in enumerate(study.endpoints) if one.is_curve)


def is_in(study: Study, analysis: str, endpoint: Endpoint) -> bool:
    """Whether an endpoint is estimated in an analysis: all as published, the others those with a curve, as far as they differ."""
    if analysis == AS_PUBLISHED:
        return True
    if analysis == LANDMARK:
        return endpoint.is_curve and endpoint.landmark_days is not None
    if analysis == TIME_DEPENDENT:
        return "kaplan_meier" in endpoint.estimators and bool(decided_later(study, endpoint))
    return endpoint.is_curve


def _time_dependent(source: Source, study: Study) -> None:
    """Somebody may change her arm: one is decided on a date that may come after an origin."""
    if not any(is_in(study, TIME_DEPENDENT, one) for one in study.endpoints):
        message = f"'{TIME_DEPENDENT}': nobody changes her arm: none is decided after the origin of an endpoint with 'kaplan_meier'"
        path = ("analyses", study.analyses.index(TIME_DEPENDENT))
        source.report(path, message, "write the date on which an arm is decided, as in 'decided: metastasectomy'")


def _delayed_entry(source: Source, study: Study) -> None:
    """Somebody may enter late: an endpoint has an `entry`, or an arm is decided on a date that may come after an origin."""
    is_late = any(one.entry is not None or decided_later(study, one) for _, one in curves(study))
    if not is_late:
        message = f"'{DELAYED_ENTRY}': nobody enters late: no endpoint with a curve has an 'entry', and no arm is decided after its origin"
        path = ("analyses", study.analyses.index(DELAYED_ENTRY))
        source.report(path, message, "write the date on which an arm is decided, as in 'decided: metastasectomy'")


def _envelope(source: Source, study: Study) -> None:
    """Bounds stand beside a curve of Kaplan and Meier, and beside no other."""
    if study.date_convention == ENVELOPE and not any("kaplan_meier" in one.estimators for one in study.endpoints):
        message = f"'{ENVELOPE}' has no curve to stand beside: no endpoint is estimated by 'kaplan_meier'"
        source.report(("date_convention",), message, "write 'midpoint', which takes the same days")


def envelope_notices(source: Source, study: Study) -> Iterator[Mistake]:
    """Of an arm that changes with time there are no bounds: on which side of a decision a death lies would itself hang on the days."""
    if study.date_convention == ENVELOPE and TIME_DEPENDENT in study.analyses:
        path = ("analyses", study.analyses.index(TIME_DEPENDENT))
        message = f"'{ENVELOPE}' gives no bounds in '{TIME_DEPENDENT}': which arm an event falls into would hang on the days"
        yield Mistake(source.file, source.line(path), message, f"its curves are by the middles; '{LANDMARK}' has bounds")


def decided_later(study: Study, endpoint: Endpoint) -> list[str]:
    """The arms that may be decided after the origin of an endpoint."""
    return [arm.arm for arm in study.arms if arm.decided is not None and may_follow(arm.decided, endpoint.origin)]


def _landmark(source: Source, study: Study) -> None:
    marked = [(number, one) for number, one in curves(study) if one.landmark_days is not None]
    if LANDMARK not in study.analyses:
        for number, _ in marked:
            message = f"'landmark_days' is used by nothing: 'analyses' does not name '{LANDMARK}'"
            source.report(("endpoints", number, "landmark_days"), message, f"analyses: [{', '.join((*study.analyses, LANDMARK))}]")
        return
    path = ("analyses", study.analyses.index(LANDMARK))
    if not marked:
        source.report(path, f"'{LANDMARK}': no endpoint with a curve has 'landmark_days'", "write it, as in 'landmark_days: 180'")
    for number, one in marked:
        if one.horizon_days is not None and (one.landmark_days or 0) >= one.horizon_days:
            message = f"the landmark (day {one.landmark_days}) must lie before the horizon (day {one.horizon_days})"
            source.report(("endpoints", number, "landmark_days"), message)
        if not decided_later(study, one):
            message = f"no arm is decided between '{one.origin}' and the landmark: the arms are known from the beginning"
            hint = "write the date on which an arm is decided, as in 'decided: metastasectomy'"
            source.report(("endpoints", number, "landmark_days"), message, hint)
