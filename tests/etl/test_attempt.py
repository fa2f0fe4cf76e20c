"""The line that an attempt leaves in runs.jsonl, and what an attempt says where it can leave none."""

import errno
import json
from pathlib import Path

import pytest

from etl.outcome import Attempt
from schemas.core.errors import ConfigurationError, Mistake

READ_ONLY = OSError(errno.EROFS, "Read-only file system", "out/runs.jsonl")


def test_gives_the_trouble_of_the_machine_as_its_reason(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="left on device"), Attempt(tmp_path):
        raise OSError(errno.ENOSPC, "No space left on device")
    [line] = map(json.loads, tmp_path.joinpath("runs.jsonl").read_text(encoding="utf-8").splitlines())
    assert (line["outcome"], line["exit_code"], line["reason"].partition(":")[0]) == ("failed", 1, "the disk is full")


def test_ends_as_it_does_where_its_line_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def closed(*_: object) -> None:
        raise READ_ONLY

    monkeypatch.setattr("etl.outcome.record_run", closed)
    with Attempt(tmp_path):
        pass  # a release that is current was published, whatever the history lacks
    with pytest.raises(ConfigurationError), Attempt(tmp_path):
        raise ConfigurationError([Mistake("out", None, "cannot be used as the output folder")])
    assert capsys.readouterr().err == "this attempt is not in runs.jsonl: out/runs.jsonl: it can only be read\n" * 2
