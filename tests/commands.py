"""The command line within the process of the test: what a command says and how it ends, without a start of Python and its imports.

What only a process of its own shows (that it starts fast, that a library writes to standard output past Python) is tested with one.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from etl import cli


@contextmanager
def _as_in_a_process(words: tuple[str, ...], cwd: str | None) -> Iterator[None]:
    """The words of the command and its folder; afterwards everything that a process would take with it is as before."""
    mask = os.umask(0o022)
    try:
        with pytest.MonkeyPatch.context() as patch, chdir(cwd or Path.cwd()):
            patch.setattr(sys, "argv", ["oncomart", *words])
            yield
    finally:
        os.umask(mask)


def oncomart(*words: str, cwd: str | None = None) -> subprocess.CompletedProcess[str]:
    """One command as `etl.cli.main` runs it: its exit code, and what it wrote to standard output and to standard error."""
    out, err = io.StringIO(), io.StringIO()
    code: object = 0
    with _as_in_a_process(words, cwd), redirect_stdout(out), redirect_stderr(err):
        try:
            cli.main()
        except SystemExit as ended:
            code = ended.code or 0
    assert isinstance(code, int), code
    return subprocess.CompletedProcess(words, code, out.getvalue(), err.getvalue())
