"""Every page of a release in a real browser with the network off: nothing is fetched, nothing complains, no cell becomes an element.

Needs Debian's chromium (`.ci/run` installs it); skipped where it is absent.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from browser import Browser

from tests.planted import MARKUP
from tests.sentinel_project import PLANTED

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(PROGRAM is None, reason="chromium is not installed: the pages are not opened in a browser here"),
]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with Browser(str(PROGRAM), tmp_path_factory.mktemp("profile")) as opened:
        yield opened


def elements(page: Path) -> int:
    """How many elements the file itself has; a parser of another make than the browser's."""
    counted = 0

    class Count(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            nonlocal counted
            counted += 1

        handle_startendtag = handle_starttag

    Count().feed(page.read_text(encoding="utf-8"))
    return counted


def faults(browser: Browser, release: Path) -> list[str]:
    """What is wrong with any page of the release, as sentences."""
    pages = sorted(release.rglob("*.html"))
    assert len(pages) > 15, "report, Data Docs and tables"
    found = []
    for page in pages:
        seen = browser.open(page)
        name = page.relative_to(release)
        found += [f"{name} asks for {url}" for url in seen.requests]
        found += [f"{name} complains: {text}" for text in seen.console]
        found += [f"{name} has {what}" for what in (*seen.page["forbidden"], *seen.page["handlers"])]
        # the browser adds a tbody to a table without one, and html, head or body to a fragment; it never has fewer than the file
        if "quality" in name.parts and seen.page["elements"] != elements(page):
            found.append(f"{name} has {seen.page['elements']} elements, its file {elements(page)}")
    return found


@pytest.mark.parametrize("name", ["published", "registry", "trial_days"])
def test_pages_of_the_bundled_registries_are_quiet(browser: Browser, bundled_out: Path, name: str) -> None:
    assert faults(browser, (bundled_out / name / "current").resolve()) == []


def test_no_cell_title_or_name_becomes_an_element(browser: Browser, planted_night: Path) -> None:
    release = (planted_night / "out" / "current").resolve()
    assert faults(browser, release) == []
    report = browser.open(release / "share/quality/index.html").page["text"]
    assert MARKUP in report, "the title is there, as text"
    assert "<img src=https:evil.example" in report, "the name of the stray file is there, as text"
    assert PLANTED not in report


@pytest.mark.parametrize(("width", "media"), [(1280, "screen"), (390, "screen"), (720, "print")])
def test_nothing_of_the_pages_is_cut_off_and_what_is_folded_is_printed(browser: Browser, bundled_out: Path, width: int, media: str) -> None:
    release = (bundled_out / "registry" / "current").resolve()
    shown = {
        name: browser.shown(release / "share" / name, width, media)
        for name in ("quality/index.html", "studies/metastasectomy/table_1.html")
    }
    assert {name: (seen["cut"], seen["folded"]) for name, seen in shown.items()} == dict.fromkeys(shown, (0, []))
    assert (shown["quality/index.html"]["closed"] == 0) == (media == "print"), "closed on a screen, in full on paper"


def test_would_see_what_a_page_must_not_do(browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "bad.html"
    page.write_text(f"<!doctype html><title>x</title><body>{MARKUP}<script>console.error('y')</script>", encoding="utf-8")
    (tmp_path / "good.html").write_text("<!doctype html><title>x</title><body>fine", encoding="utf-8")
    seen = browser.open(page)
    assert any("evil.example" in url for url in seen.requests)
    assert len(seen.console) >= 1
    assert seen.page["forbidden"] and seen.page["handlers"]
    clean = browser.open(tmp_path / "good.html")
    assert (clean.requests, clean.console, clean.page["forbidden"]) == ([], [], [])
