"""The command line: `oncomart init | draft | check | run | replay | explain | diff | selfcheck | forget | runs | examples | simulate`.

Heavy imports happen inside the commands.
"""

from __future__ import annotations

import sys
from pathlib import Path
from shlex import quote
from typing import Annotated

import typer

from etl.command_options import HERE, OUT, AsOf, Encoding, Exports, Layout, MemoryLimit, Out, Project, Quiet, Strict, Verbose, named_folder
from etl.process import begun, unexpected
from etl.standard_output import answer
from etl.unended import published_before
from schemas.core.errors import OncomartError

INTERRUPTED = 130

app = typer.Typer(
    name="oncomart",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    help="Messy cancer-registry exports in; a checked DuckDB star schema and the numbers a study publishes out.",
)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        print(f"oncomart {version('oncomart')}")  # noqa: T201 - this is the answer
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")] = False,
) -> None:
    """Exit codes: 0 published or unchanged, 1 a bug, 2 wrong usage or configuration, 3 refused to publish, 4 another run holds the lock."""


@app.command()
def run(
    project: Project = HERE,
    out: Out = OUT,
    exports: Exports = None,
    as_of: AsOf = None,
    memory_limit: MemoryLimit = None,
    strict: Strict = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """One whole run: land, read, normalise, link, edit, load, audit, publish."""
    from etl.options import run_options
    from etl.pipeline import run as run_pipeline
    from etl.progress import Progress
    from etl.summary import show

    progress = Progress(quiet=quiet, verbose=verbose)
    outcome = run_pipeline(project, out, run_options(exports, as_of, memory_limit, strict), progress)
    show([outcome], progress)
    raise typer.Exit(outcome.exit_code)


@app.command()
def replay(
    project: Project = HERE,
    out: Out = OUT,
    as_of: AsOf = None,
    memory_limit: MemoryLimit = None,
    strict: Strict = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Judge the quarantine again under today's contracts, corrections and over-rides, from the landed files."""
    from etl.options import run_options
    from etl.progress import Progress
    from etl.replay import replay as replay_quarantine
    from etl.replay import told
    from etl.summary import show

    progress = Progress(quiet=quiet, verbose=verbose)
    replayed = replay_quarantine(project, out, run_options(None, as_of, memory_limit, strict), progress)
    show([replayed.outcome], progress)
    progress.say(told(replayed))
    raise typer.Exit(replayed.outcome.exit_code)


@app.command()
def examples(out: Out = OUT, verbose: Verbose = False, quiet: Quiet = False) -> None:
    """Run the bundled registries, each into a folder of its own under --out."""
    from etl.bundled import run_bundled
    from etl.progress import Progress
    from etl.summary import show

    progress = Progress(quiet=quiet, verbose=verbose)
    outcomes = run_bundled(out, progress)
    show(outcomes, progress)
    raise typer.Exit(max(outcome.exit_code for outcome in outcomes))


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(parser=named_folder, metavar="DIR", help="The project folder to begin.")],
    source: Annotated[
        list[str] | None, typer.Option("--source", metavar="NAME", help="A source of exports, the most trusted first; several times.")
    ] = None,
) -> None:
    """A project folder to start from: registry.yml and the folders beside it."""
    from etl.draft.starting import start

    answer(start(folder, source or []))


@app.command()
def draft(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Exports never seen before: text files and workbooks.")],
    project: Project = HERE,
    source: Annotated[str | None, typer.Option("--source", metavar="NAME", help="The source of registry.yml that delivers them.")] = None,
    layout: Layout = None,
    encoding: Encoding = "auto",
    show: Annotated[bool, typer.Option("--print", help="Show the contracts instead of writing them into contracts/.")] = False,
) -> None:
    """A proposed contract for each file, tried on the file itself; nothing is overwritten."""
    from etl.draft.drafting import Reading, draft_files

    raise typer.Exit(draft_files(files, project, source, Reading(layout, encoding), show=show))


@app.command()
def check(project: Project = HERE) -> None:
    """The configuration alone: every mistake in one go, with file and line. Reads no data."""
    from etl.check import check_project

    answer(check_project(project))
    answer(f"next: oncomart run --project {quote(str(project))} --out …   makes a release and says what of the cells was not understood")


@app.command()
def explain(
    number_id: Annotated[
        str,
        typer.Argument(
            metavar="NUMBER_ID", help="For instance metastasectomy.table_1.stage_iiia.n.metastasectomy; or FILE:ROW for the key of a row."
        ),
    ],
    out: Out = OUT,
    run_id: Annotated[
        str | None, typer.Option("--run", metavar="RUN_ID", help="The release to explain (default: the current one).")
    ] = None,
    raw: Annotated[bool, typer.Option("--raw", help="Show the cells too, read again from the landed files.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Show every subject; without it the first 50.")] = False,
    project: Project = HERE,
) -> None:
    """The subjects, files, rows, columns and edits behind one published number; or the row_key of one row (FILE:ROW)."""
    from etl.explaining import explain_number
    from etl.row_of_file import explain_row

    if ":" in number_id:  # a row of a file, not a number: only its key needs the project
        answer(explain_row(project, out, number_id, raw=raw))
        return
    answer(explain_number(out, number_id, run_id=run_id, raw=raw, every=every))


@app.command()
def diff(
    before: Annotated[
        str | None,
        typer.Argument(metavar="[A]", help="The release to compare with, or the beginning of its run_id (default: the one before B)."),
    ] = None,
    after: Annotated[
        str | None, typer.Argument(metavar="[B]", help="The release to look at, or the beginning of its run_id (default: the current one).")
    ] = None,
    out: Out = OUT,
    every: Annotated[bool, typer.Option("--all", help="Show every line and every subject; without it the first 10 of each list.")] = False,
    shared: Annotated[bool, typer.Option("--shared", help="Leave out who moved: nobody is named or counted behind a number.")] = False,
    form: Annotated[str, typer.Option("--format", metavar="FORM", help="text, json (all of it) or csv (the numbers).")] = "text",
    exit_code: Annotated[bool, typer.Option("--exit-code", help="End with 3 where a published number changed.")] = False,
    project: Project = HERE,
) -> None:
    """What changed in the published numbers from release A to B, and which rows did it."""
    from etl.differing import diff_releases

    del project  # every command takes it; both releases lie in the output folder
    said = diff_releases(out, before, after, every=every, is_shared=shared, form=form)
    answer(said.text)
    raise typer.Exit(3 if exit_code and not said.is_same else 0)


@app.command()
def selfcheck(
    project: Project = HERE,
    out: Out = OUT,
    women: Annotated[int, typer.Option("--women", metavar="N", help="On how many persons, chosen by the seed with all their rows.")] = 300,
    seed: Annotated[int, typer.Option("--seed", metavar="S", min=0, help="The same seed chooses the same persons and rows.")] = 1,
    laws: Annotated[list[str] | None, typer.Option("--law", metavar="LAW", help="Only this law; several times.")] = None,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Metamorphic checks on your own data: the delivery of the current release, changed in ways whose effect is known."""
    from etl.progress import Progress
    from etl.selfcheck.checking import Asked, render
    from etl.selfcheck.checking import selfcheck as check_laws

    checked = check_laws(project, out, Asked(women, seed, laws or ()), Progress(quiet=quiet, verbose=verbose))
    answer(render(checked))
    raise typer.Exit(checked.exit_code)


@app.command()
def forget(
    person: Annotated[
        str | None,
        typer.Argument(metavar="ID", help="Her number as a source delivers it, or her pseudonym; `-` reads it from standard input."),
    ] = None,
    project: Project = HERE,
    out: Out = OUT,
    source: Annotated[str | None, typer.Option("--source", metavar="NAME", help="The source whose number it is.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    drop: Annotated[bool, typer.Option("--drop", help="Take away landed files that cannot be looked through.")] = False,
    listed: Annotated[bool, typer.Option("--list", help="How many persons are erased since when; never who.")] = False,
    memory_limit: MemoryLimit = None,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Erase one person: landed rows, vault, releases; from then on her records are withheld. There is no way back."""
    from etl.erase.command import forget_person
    from etl.erase.forgetting import listed as told_of_list

    if listed:
        answer(told_of_list(out))
        return
    asked = None if yes else typer.confirm
    code = forget_person(
        project, out, person, source, dry_run=dry_run, asked=asked, drop=drop, memory_limit=memory_limit, verbose=verbose, quiet=quiet
    )
    raise typer.Exit(code)


@app.command()
def simulate(
    folder: Annotated[
        Path, typer.Argument(parser=named_folder, metavar="DIR", help="The project folder to write; it must not hold anything yet.")
    ],
    women: Annotated[int, typer.Option("--women", metavar="N", help="How many women, at least 400.")] = 1300,
    seed: Annotated[int, typer.Option("--seed", metavar="S", min=0, help="The same seed gives the same files.")] = 1,
    clean: Annotated[bool, typer.Option("--clean", help="Without defects.")] = False,
) -> None:
    """A made-up registry with labelled defects: a project folder with exports and the truth beside them."""
    from etl.simulate.project import simulate as write_project

    defects = write_project(folder, women, seed, clean=clean)
    kinds = defects["kind"].n_unique()
    answer(f"{folder}: {women:,} simulated women, {defects.height:,} labelled defects of {kinds} kinds (truth/defects.csv)")


@app.command()
def runs(project: Project = HERE, out: Out = OUT) -> None:
    """The history of attempts and releases, newest last."""
    from etl.attempts import history

    del project  # every command takes it; the history lies in the output folder
    history(out)


def main() -> None:
    """Run the command line; expected errors print a sentence, unexpected ones a traceback without values."""
    begun()
    try:
        app()
    except OncomartError as error:
        _say(str(error))
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, SystemExit) as ended:
        # the library of the command line makes an exit of its own of an interruption, without a word
        if isinstance(ended, SystemExit) and ended.code != INTERRUPTED:
            raise
        _say(f"interrupted: {published_before(ended)}")
        sys.exit(1)
    except Exception as error:  # the last boundary
        _say(unexpected(error))
        sys.exit(1)


def _say(text: str) -> None:
    print(text, file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    main()
