"""The options that several commands take, each said once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def named_folder(text: str) -> Path:
    """The folder that an option names. An empty name (`--out "$OUT"` where OUT is not set) is refused: it would be the working folder."""
    if not str(text).strip():
        raise typer.BadParameter("names no folder: it is empty")
    return Path(text)


Project = Annotated[
    Path,
    typer.Option(
        "--project",
        parser=named_folder,
        metavar="DIR",
        envvar="ONCOMART_PROJECT",
        help="The project folder (holds registry.yml).",
        show_envvar=True,
    ),
]
Out = Annotated[
    Path,
    typer.Option(
        "--out",
        parser=named_folder,
        metavar="DIR",
        envvar="ONCOMART_OUT",
        help="Where landed files and releases are kept.",
        show_envvar=True,
    ),
]
Exports = Annotated[
    Path | None,
    typer.Option("--exports", parser=named_folder, metavar="DIR", help="Read the exports from here instead of where registry.yml says."),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Say how long each stage took.")]
AsOf = Annotated[str | None, typer.Option("--as-of", metavar="DATE", help="The day the data is judged as of (YYYY-MM-DD).")]
MemoryLimit = Annotated[str | None, typer.Option("--memory-limit", metavar="SIZE", help="Memory DuckDB may use, for instance 2GB.")]
Strict = Annotated[bool, typer.Option("--strict", help="Refuse to publish (exit 3) when any export was refused or is missing.")]
Layout = Annotated[Path | None, typer.Option("--layout", metavar="FILE", help="The columns of files of fixed width: field,start,width.")]
Encoding = Annotated[
    str, typer.Option("--encoding", metavar="NAME", help="Encoding of a text file whose bytes do not tell it (cp1251, cp1253, euc_kr).")
]
HERE, OUT = Path(), Path("out")
