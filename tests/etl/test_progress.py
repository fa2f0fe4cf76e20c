"""What a run says while it works: words that nobody can read stop nothing."""

import os
from pathlib import Path

import pytest

from etl.progress import Progress


def test_goes_on_without_a_word_where_the_reader_has_left() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    progress = Progress()
    with os.fdopen(writer, "w") as nowhere:
        progress.console.file = nowhere
        with progress.stage("land"):
            pass
        progress.say("published")
    assert (list(progress.seconds), progress.console.quiet) == (["land"], True)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_goes_on_where_its_words_find_no_room() -> None:
    progress = Progress()
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        progress.console.file = full
        progress.say("published")
        assert progress.console.quiet
