"""Great Expectations Data Docs that open offline: its own pages, rebuilt from an allow-list of plain elements.

As rendered, they fetch scripts, styles, fonts and a logo from nine outside hosts and do not escape cell text. What is not
on the allow-list below is dropped, text is escaped again, and a small style sheet of ours stands in.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import polars as pl
from markupsafe import Markup

from validations.report.page import environment

KEPT = {"h1", "h2", "h3", "h4", "h5", "h6", "p", "table", "thead", "tbody", "tr", "th", "td", "ul", "ol", "li", "strong", "em", "code"}
# With their content: scripts and styles are code, the navigation and the side bar lead nowhere without scripts.
SKIPPED = {"script", "style", "nav", "svg", "button", "head", "footer"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
# Status is an icon font in the original: colour and shape alone.
STATUS = {"text-success": "met", "text-danger": "not met", "text-warning": "could not run"}
SIDEBAR = "col-lg-2"


class Cleaner(HTMLParser):
    """Collects the allow-listed part of one Data Docs page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep an allowed element without its attributes; translate the status icons."""
        given = dict(attrs)
        classes = (given.get("class") or "").split()
        skip = (
            self._skipping
            or tag in SKIPPED
            or SIDEBAR in classes
            or "hidden" in given
            or "collapse" in classes
            or ("data-toggle" in given and tag == "a")
        )
        if tag not in VOID:
            self._open.append((tag, skip))
        if not skip and tag == "i":
            self.parts += [f'<span class="{word.replace(" ", "-")}">{word}</span>' for name, word in STATUS.items() if name in classes]
        elif not skip and tag in KEPT:
            self.parts.append(f"<{tag}>")
        elif not skip and tag in ("div", "br"):
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        """Close what was opened; unbalanced ends are ignored."""
        if not any(name == tag for name, _ in self._open):
            return
        while self._open:
            name, skip = self._open.pop()
            if not skip and name in KEPT:
                self.parts.append(f"</{name}>")
            if name == tag:
                return

    def handle_data(self, data: str) -> None:
        """Escape every text again."""
        if not self._skipping and data.strip():
            self.parts.append(escape(data))

    @property
    def _skipping(self) -> bool:
        return bool(self._open) and self._open[-1][1]


def clean(page: str) -> str:
    """The body of one Data Docs page: allowed elements without attributes, text escaped."""
    cleaner = Cleaner()
    cleaner.feed(page)
    cleaner.close()
    return "".join(cleaner.parts)


def write(folder: Path, validated: Mapping[str, Any], results: pl.DataFrame, release: Mapping[str, Any]) -> None:
    """Write index.html and one page per judged table into `folder`.

    validated: Great Expectations' validation result of each table. results: all expectations, judged or not. release: registry, run_id,
    as_of, is_simulated and is_refused, which every page names.
    """
    folder.mkdir(parents=True, exist_ok=True)
    by_table = {
        key[0]: part for key, part in results.with_columns(table=_table()).partition_by("table", as_dict=True, maintain_order=True).items()
    }
    for table, result in validated.items():
        page = clean(_rendered(_without_traces(result)))
        _render(
            folder / f"{table}.html",
            "data_docs_table.html",
            release=release,
            table=table,
            rows=by_table[table].to_dicts(),
            page=Markup(page),
        )  # cleaned above
    tables = [{"table": table, "page": table in validated, **_counts(part)} for table, part in by_table.items()]
    failed = results.filter(pl.col("success").eq_missing(pl.lit(False))).to_dicts()
    _render(folder / "index.html", "data_docs_index.html", release=release, tables=tables, failed=failed)


def _rendered(result: Any) -> str:
    """One page as Great Expectations makes it."""
    from great_expectations.render.renderer import ValidationResultsPageRenderer  # noqa: PLC0415 - loaded by now, so this costs nothing

    return str(_view().render(ValidationResultsPageRenderer().render(result)))


@cache
def _view() -> Any:
    """Great Expectations' view, made once: each one compiles its templates anew. Nobody changes a file of them meanwhile."""
    from great_expectations.render.view import DefaultJinjaPageView  # noqa: PLC0415

    made = DefaultJinjaPageView()
    made.env.auto_reload = False
    return made


def _table() -> pl.Expr:
    return pl.col("subject").str.split(".").list.first()


def _counts(part: pl.DataFrame) -> dict[str, int]:
    met = part["success"]
    return {"met": int(met.sum()), "unjudged": met.null_count(), "failed": part.height - int(met.sum()) - met.null_count()}


def _without_traces(result: Any) -> Any:
    """The result without tracebacks: they hold paths of this machine and whatever the database said of a value."""
    for one in result.results:
        one.exception_info = {"raised_exception": False, "exception_message": None, "exception_traceback": None}
    return result


def _render(path: Path, template: str, **values: object) -> None:
    path.write_text(environment().get_template(template).render(**values), encoding="utf-8", newline="\n")
