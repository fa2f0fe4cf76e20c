"""The quality report is one page: escaped, offline, readable by everybody, the same for the same input."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
import report_examples
from report_examples import HOSTILE
from report_page import Page, rendered

from validations.report import ReportInput, StudyLink, write

Example = Callable[[], ReportInput]
EXAMPLES: list[Example] = [report_examples.realistic, report_examples.hostile, report_examples.empty]


@pytest.mark.parametrize("example", EXAMPLES)
def test_is_one_wellformed_page_without_script_or_outside_request(tmp_path: Path, example: Example) -> None:
    page = rendered(tmp_path, example())
    assert (page.unbalanced, page.open) == ([], [])
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "img", "iframe", "object", "embed", "form", "base"}
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    fetched = [attributes.get("href") or attributes.get("src") or "" for tag, attributes in page.elements if tag != "a"]
    assert [url for url in fetched if url and url != "data:,"] == []
    assert not [url for a in page.all("a") if re.match(r"\w+:|//", url := a["href"] or "")]
    style = (tmp_path / "share" / "index.html").read_text(encoding="utf-8").split("</style>")[0]
    assert not re.search(r"@import|url\((?!#)", style)


@pytest.mark.parametrize("example", EXAMPLES)
def test_can_be_read_by_a_screen_reader(tmp_path: Path, example: Example) -> None:
    page = rendered(tmp_path, example())
    tables = len(page.all("table"))
    assert len(page.all("caption")) == tables
    assert all(th.get("scope") in ("col", "row") for th in page.all("th"))
    assert all(svg.get("aria-label") or svg.get("aria-hidden") for svg in page.all("svg"))
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels)), "no heading level is skipped"
    ids = {attributes["id"] for _, attributes in page.elements if attributes.get("id")}
    assert {(a["href"] or "")[1:] for a in page.all("a") if (a["href"] or "").startswith("#")} <= ids


def test_shows_hostile_text_as_text(tmp_path: Path) -> None:
    page = rendered(tmp_path, report_examples.hostile())
    assert HOSTILE in page.text
    assert HOSTILE not in (tmp_path / "share" / "index.html").read_text(encoding="utf-8")


def test_leaves_blank_what_is_not_known_of_a_refused_file(tmp_path: Path) -> None:
    page = rendered(tmp_path, report_examples.hostile())
    assert "Exports not used as delivered: 2 refused, 0 carried forward" in page.text, "a file delivered twice is no trouble"
    assert "None" not in page.text


def test_states_every_count_of_an_edit_and_their_sum(tmp_path: Path) -> None:
    page = rendered(tmp_path, report_examples.realistic())
    # DATE-003: 37 + 4 + 11,902 + 640 + 311 = 12,894
    assert "37 4 11,902 640 311 12,894" in page.text


def test_cuts_a_long_list_of_findings_and_says_how_many_more(tmp_path: Path) -> None:
    page = rendered(tmp_path, report_examples.realistic())
    # RAD-002 has 152 + 60 findings; 50 are shown.
    assert "212 findings in 2 files" in page.text
    assert "and 162 more" in page.text
    assert "oncology/regimens.csvboost_gyviolated 12, 19, 26" in page.text


def test_is_the_same_bytes_for_the_same_input_in_any_order(tmp_path: Path) -> None:
    data = report_examples.realistic()
    shuffled = {
        name: getattr(data, name).sample(fraction=1, shuffle=True, seed=3)
        for name in ("ledger", "edit_counts", "edits", "findings", "expectations", "unmapped", "sources")
    }
    write(tmp_path / "a.html", data)
    write(tmp_path / "b.html", ReportInput(**{**vars(data), **shuffled}))
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed: the page is not opened in a browser here")
@pytest.mark.parametrize("example", EXAMPLES[:2])
def test_opens_in_a_browser_without_console_error_or_request(tmp_path: Path, example: Example) -> None:
    page = tmp_path / "index.html"
    write(page, example())
    net_log = tmp_path / "net.json"
    options = (
        "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update "
        "--disable-sync --enable-logging=stderr --v=0"
    )
    # Every host resolves to nothing: the network is off for this browser.
    own = ("--host-resolver-rules=MAP * ~NOTFOUND", f"--log-net-log={net_log}", f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom")
    run = subprocess.run(["chromium", *options.split(), *own, page.as_uri()], capture_output=True, text=True, timeout=60, check=True)
    assert "CONSOLE" not in run.stderr
    hosts = set(re.findall(r"https?://([\w.-]+)", net_log.read_text(encoding="utf-8")))
    # What is left are the browser's own errands.
    assert not {host for host in hosts if not host.endswith(("google.com", "googleapis.com"))}
    # The text of the style sheet is left out: it is the only raw text of the page.
    dom = Page(re.sub(r"<style>.*?</style>", "", run.stdout, flags=re.S))
    assert not {tag for tag, _ in dom.elements} & {"script", "img"}
    assert len(dom.all("section")) == len(Page(page.read_text(encoding="utf-8")).all("section"))


@pytest.mark.parametrize(("min_cell", "is_told"), [(1, False), (5, True)])
def test_says_that_its_counts_are_exact_where_a_study_hides_small_ones(tmp_path: Path, min_cell: int, is_told: bool) -> None:
    studies = [StudyLink("m", "M", "m.html"), StudyLink("n", "N", "n.html", min_cell=min_cell)]
    write(tmp_path / "index.html", ReportInput("R", "1" * 12, date(2020, 1, 1), rows={"dim_patient": 1}, studies=studies))
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert ("its counts can tell what a study hides" in page) == is_told
