"""Publishes one study: cohort counts, Table 1, Table 2, survival and figures, into the folders of a release."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from importlib import import_module
from pathlib import Path

import duckdb
import polars as pl

from schemas.claims import Claim
from schemas.study import Study
from warehouse import candidates, claims, held, mart, refused
from warehouse.claim_files import claims_frame, write_claims
from warehouse.levels import Longer
from warehouse.numbers import Numbers
from warehouse.studies_together import told_together
from warehouse.study_files import write_study, write_table_2
from warehouse.study_made import Made, compute, reasons
from warehouse.table_2 import table_2


@dataclass(frozen=True)
class StudyResult:
    """What was published. `women`: analysed women per arm and `all`, none where refused; `refusal`: why the numbers were (else empty);
    `reasons`: why something was not estimated, and beside which study it tells of a few; `files`: written files under `share` and
    `internal`."""

    study: str
    title: str
    women: Mapping[str, int]
    refusal: str
    reasons: tuple[str, ...]
    numbers: int
    files: tuple[Path, ...]
    # Of those held and those analysed together, the share that is held.
    held_share: float = 0.0
    # The same of each arm that has any, by its label.
    held_arms: Mapping[str, float] = field(default_factory=dict)
    min_cell: int = 1

    @property
    def notices(self) -> tuple[str, ...]:
        """What a reader of the numbers has to know, one sentence each."""
        return (*filter(None, (self.refusal,)), *self.reasons)


def import_libraries() -> None:
    """Imports what studies are estimated, drawn and printed with, before it is needed where there is time: it takes seconds."""
    for name in (
        "great_tables",
        "lifelines.statistics",
        "matplotlib.backends.backend_agg",
        "matplotlib.backends.backend_svg",
        "matplotlib.figure",
        "xlsxwriter",
    ):
        import_module(name)


def publish_studies(
    con: duckdb.DuckDBPyConnection, studies: Sequence[Study], share: Path, internal: Path, *,
    is_simulated: bool, behind: Mapping[str, pl.DataFrame] | None = None, said: Mapping[str, Sequence[Claim]] | None = None,
    refusals: Mapping[str, str] | None = None, longer: Longer | None = None,
) -> list[StudyResult]:  # fmt: skip
    """Builds the mart of these studies and publishes each, in their order; see `publish_study`.

    `behind`: all records, by staging record, of the persons of whom an error edit keeps one back. `said`: the claims of each study.
    `refusals`: why the numbers of a study are refused whatever is counted, by study. `longer`: the code lists to which the project added
    codes.
    """
    held.fill(con, studies, behind or {})
    candidates.keep(con, studies)
    claimed, refused = said or {}, refusals or {}
    release = partial(publish_study, con, share=share, internal=internal, is_simulated=is_simulated, longer=longer)
    made = [release(study, said=claimed.get(study.study, ()), refusal=refused.get(study.study, "")) for study in studies]
    told = list(told_together(con, studies, share))
    return [replace(one, reasons=(*one.reasons, *(notice for study, notice in told if study == one.study))) for one in made]


def publish_study(
    con: duckdb.DuckDBPyConnection,
    study: Study,
    share: Path,
    internal: Path,
    said: Sequence[Claim] = (),
    *,
    is_simulated: bool,
    refusal: str = "",
    longer: Longer | None = None,
) -> StudyResult:
    """Writes `share`/studies/NAME and, where needed, `internal`/studies/NAME, and the study's numbers into mart_number.

    `con` is the warehouse, with what its conditions read kept (`candidates.keep`); the mart of this study is filled here. `share`
    and `internal` are the folders of the release.
    With `min_cell` above 1 the shared files have small cells hidden and the exact ones stand in `internal`. Of a study whose numbers
    are refused nothing but those held can be counted afterwards, in no file and in no table of the mart (`warehouse.refused`).
    Raises RefusedError where two numbers would share an id, or a time that cannot be reaches an estimator.
    """
    numbers = Numbers(study.study)
    with mart.filled(con, study):
        of_women = table_2(con, study, study.table_2, numbers) if study.table_2 is not None else None
        of_claims = claims.measure(con, study, said)
    made = compute(con, study, numbers, is_simulated=is_simulated, refusal=refusal, longer=longer)
    judged = _claims(con, made, said, of_claims, numbers)
    if made.refusal:
        of_women = of_women.clear() if of_women is not None else None
        refused.withhold(con, study.study, numbers)
    shared, closed = share / "studies" / study.study, internal / "studies" / study.study
    written = write_study(made, shared, is_exact=study.min_cell == 1)
    if study.min_cell > 1:
        written += write_study(made, closed, is_exact=True)
    written += write_table_2(made, of_women, shared, closed)
    if said:  # the verdict on a small number gives it away
        folder, of = shared if study.min_cell == 1 else closed, made.of_release(is_exact=True)
        written += write_claims(judged, study, folder, made.banner, is_simulated=is_simulated, stamp=of)
    numbers.store(con)
    return _result(made, numbers.frame().height, sorted(written))


def _result(made: Made, n_numbers: int, written: Sequence[Path]) -> StudyResult:
    study, cohort = made.study, made.cohort
    return StudyResult(
        study.study, study.title, {} if made.refusal else made.women, made.refusal, tuple(dict.fromkeys(reasons(made))), n_numbers,
        tuple(written), cohort.held_share, {arm.label: cohort.held_shares[arm.arm] for arm in study.arms if arm.arm in cohort.held_shares},
        study.min_cell,
    )  # fmt: skip


def _claims(
    con: duckdb.DuckDBPyConnection, made: Made, said: Sequence[Claim], of_women: Mapping[str, claims.Recomputed], numbers: Numbers
) -> pl.DataFrame:
    """The verdict on each claim: after everything else, since claims may use any published number."""
    found = claims.with_arithmetic(con, said, of_women, numbers.values())
    return claims_frame(made.study, said, found, numbers, is_simulated=made.is_simulated, refusal=made.refusal)
