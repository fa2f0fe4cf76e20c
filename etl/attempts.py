"""The history of runs, as the command line shows it; apart from the summary of a run, for it needs nothing of what a run needs."""

from __future__ import annotations

from pathlib import Path

from rich.table import Column, Table

from etl.progress import Lasting
from schemas.core.errors import ConfigurationError, Mistake
from warehouse.publish import current
from warehouse.runs import runs


def history(out: Path) -> None:
    """Print every attempt, oldest first: when, how it ended, which release, why not.

    Raises ConfigurationError where there is no such folder.
    """
    if not out.is_dir():
        raise ConfigurationError([Mistake(str(out), None, "there is no such folder", "name the output folder with --out")])
    release = current(out)
    whole = [Column(head, no_wrap=True) for head in ("started", "run")]
    table = Table(*whole, "exit", Column("outcome", overflow="fold"), "patients", Column("reason", min_width=18, overflow="fold"))
    table.title, table.title_justify = f"runs of {out}", "left"
    for entry in runs(out):
        name = str(entry.get("run_id", ""))
        mark = f"{name} *" if release is not None and name == release.name else name
        patients = str(entry.get("rows", {}).get("dim_patient", ""))
        told = [str(entry.get("reason", "")), *(str(refusal.get("message", "")) for refusal in entry.get("refusals", ()))]
        code = entry.get("exit_code")
        table.add_row(
            str(entry.get("started", ""))[:16].replace("T", " "),
            mark,
            "" if code is None else str(code),
            str(entry.get("outcome", "")),
            patients,
            "; ".join(text.splitlines()[0] for text in told if text),
        )
    console = Lasting(highlight=False, soft_wrap=True, markup=False)
    console.print(table)
    console.print("* current" if release is not None else "nothing is published")
