"""`oncomart init DIR`: a project folder to start from."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from shlex import quote

from etl.draft.columns import names
from schemas.configuration import REGISTRY
from schemas.core.errors import ConfigurationError, Mistake

FOLDERS = ("exports", "contracts", "vocabularies", "studies", "worklist")


def start(folder: Path, sources: Sequence[str]) -> str:
    """Write registry.yml and the empty folders beside it; returns what to do next.

    Raises ConfigurationError where the folder is a project already or no folder (nothing is ever overwritten), or a source has no name of
    its own.
    """
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not there.is_dir():
        raise ConfigurationError([Mistake(str(there), None, "is not a folder", "name one that does not exist yet")])
    if (folder / REGISTRY).exists():
        raise ConfigurationError([Mistake(f"{folder / REGISTRY}", None, "is there already", "nothing is overwritten; name another folder")])
    if not all(source.strip() for source in sources) or len({*sources}) < len(sources):
        raise ConfigurationError([Mistake("--source", None, "is empty, or names one source twice", "give each source a name of its own")])
    named = list(dict.fromkeys(names(sources or ["hospital"])))
    for part in FOLDERS:
        (folder / part).mkdir(parents=True, exist_ok=True)
    (folder / REGISTRY).write_text(_registry(names([folder.resolve().name])[0], named), "utf-8")
    typed, exports = quote(str(folder)), quote(str(folder / "exports"))
    return (
        f"{folder}: a project to start from. Next:\n"
        f"  put the exports into {folder / 'exports'} (a folder per source, where there are several)\n"
        f"  oncomart draft --project {typed} {exports}/…   proposes a contract for each\n"
        f"  oncomart check --project {typed}                   tells what is still wrong, with file and line\n"
        f"  oncomart run --project {typed} --out …             makes the first release"
    )


def _registry(name: str, sources: Sequence[str]) -> str:
    """The text of registry.yml for these sources, the most trusted first."""
    text = files("etl").joinpath("draft", REGISTRY).read_text("utf-8").replace("NAME", name)
    each = "".join(f"  {source}: {{required: true}}\n" for source in sources)
    return text.replace("  SOURCE: {required: true}\n", each).replace("[SOURCE]", f"[{', '.join(sources)}]")
