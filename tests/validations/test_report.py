"""The quality report: one file, escaped, offline, with numbers that add up."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
from datetime import date
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import duckdb
import polars as pl
import pytest
import report_examples
from report_examples import HOSTILE, frame

from schemas.core.frames import EDIT_COUNTS, LEDGER
from validations.report import ReportInput, measures, numbers, tables_view, write
from validations.report.csv_files import FINDING_COLUMNS, write_edits, write_findings
from validations.report.ledger_view import by_file
from validations.report.page import context
from validations.report.problems import problems
from validations.report.report_input import EDITS, REPORTED_FINDINGS, StudyLink
from validations.report.tables_view import segments
from validations.report.verdict import verdicts

VOID = {"meta", "link", "br", "wbr"}
EXAMPLES = [report_examples.realistic, report_examples.hostile, report_examples.empty]


class Page(HTMLParser):
    """Elements of a page with their attributes, its text, and any tag that does not close."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.unbalanced: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1] == tag:
            self.open.pop()
        else:
            self.unbalanced.append(tag)

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.words))


def rendered(tmp_path: Path, data: ReportInput) -> Page:
    write(tmp_path / "share" / "index.html", data)
    return Page((tmp_path / "share" / "index.html").read_text(encoding="utf-8"))


@pytest.mark.parametrize("example", EXAMPLES)
def test_is_one_wellformed_page_without_script_or_outside_request(tmp_path: Path, example: object) -> None:
    page = rendered(tmp_path, example())  # type: ignore[operator]  # one of EXAMPLES
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
def test_can_be_read_by_a_screen_reader(tmp_path: Path, example: object) -> None:
    page = rendered(tmp_path, example())  # type: ignore[operator]  # one of EXAMPLES
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


LINE = [
    ("a.csv", "read", "row", "goes_on", "", 4), ("a.csv", "read", "row", "not_data", "header", 1),
    ("a.csv", "normalise", "row", "goes_on", "", 3), ("a.csv", "normalise", "row", "no_record", "", 1),
    ("a.csv", "normalise", "record", "goes_on", "", 6), ("a.csv", "link", "record", "goes_on", "", 5),
    ("a.csv", "link", "record", "merged", "", 1),
    ("a.csv", "edit", "record", "goes_on", "", 5), ("a.csv", "load", "record", "loaded", "", 5),
]  # fmt: skip


def test_says_that_a_whole_ledger_adds_up() -> None:
    file = by_file(frame(LINE, LEDGER))[0]
    assert file.balances
    assert [(block.stage, block.unit, block.total, block.expected) for block in file.blocks] == [
        ("read", "row", 5, None), ("normalise", "row", 4, 4), ("normalise", "record", 6, None), ("link", "record", 6, 6),
        ("edit", "record", 5, 5), ("load", "record", 5, 5),
    ]  # fmt: skip


@pytest.mark.parametrize("lost", [i for i, line in enumerate(LINE) if line[1] in ("link", "edit", "load") or line[3] == "no_record"])
def test_sees_a_ledger_line_that_is_missing(lost: int) -> None:
    broken = frame(LINE[:lost] + LINE[lost + 1 :], LEDGER)
    # A whole stage may vanish only with its file; a stage between two others is seen where the sums differ.
    if LINE[lost][1] == "edit":
        assert by_file(broken)[0].balances, "what went on from link is what arrives at load: nothing is lost"
        return
    assert not by_file(broken)[0].balances
    data = ReportInput("x", "r", date(2020, 1, 1), rows={"dim_patient": 1}, ledger=broken)
    assert {verdict.level for verdict in verdicts(data)} == {"unfit"}
    assert "does not add up" in problems(data)[0].title


def test_lays_a_bar_end_to_end() -> None:
    bar = segments([("a", "a", 1), ("b", "b", 0), ("c", "c", 3)])
    assert [(s.name, s.start, s.width) for s in bar] == [("a", 0.0, 25.0), ("c", 25.0, 75.0)]


def test_shows_the_thin_parts_of_a_bar() -> None:
    bar = tables_view.segments([("violated", "violated", 15), ("possible", "possible", 1), ("satisfied", "satisfied", 1484)])
    assert [one.width for one in bar] == [tables_view.LEAST_WIDTH, tables_view.LEAST_WIDTH, 100 - 2 * tables_view.LEAST_WIDTH]
    assert sum(one.width for one in bar) == 100


def test_names_each_row_of_a_finding_once() -> None:
    rows = [(f"{n}", "a.csv", "E-1", "warning", "violated", "tumour", 220, "grade") for n in range(3)]
    names = ("finding_id", "source_file", "edit", "severity", "outcome", "record", "source_row", "columns")
    texts = pl.DataFrame({"edit": ["E-1"], "title": ["t"], "reason": ["r"], "action": ["a"]})
    (block,) = tables_view.findings(pl.DataFrame(rows, schema=names, orient="row"), texts)
    assert [place["rows"] for place in block["places"]] == [[220]]
    assert (block["n"], block["more"]) == (3, 0)


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(0, 0, ""), (0, 9, "0 %"), (9, 9, "100 %"), (1, 1_000_000, "<0.1 %"), (999_999, 1_000_000, ">99.9 %"), (1, 3, "33.3 %")],
)
def test_never_rounds_a_share_to_nothing_or_all(part: int, whole: int, text: str) -> None:
    assert numbers.percent(part, whole).replace("\N{NO-BREAK SPACE}", " ") == text


def test_words_within_a_sentence_keep_their_abbreviations() -> None:
    assert [numbers.within(words) for words in ("Date of birth", "ICD-O-3 topography", "T category", "")] == [
        "date of birth", "ICD-O-3 topography", "T category", "",
    ]  # fmt: skip


def follow_up(known: int, status: int) -> ReportInput:
    """A hundred contacts of which so many know the day and the vital status."""
    completeness = [("fact_follow_up", "contact", 100, 100 - known), ("fact_follow_up", "vital_status_code", 100, 100 - status)]
    rows = {"dim_patient": 100, "fact_follow_up": 100}
    return ReportInput("x", "r", date(2020, 1, 1), rows=rows, completeness=frame(completeness, measures.COMPLETENESS))


@pytest.mark.parametrize(
    ("known", "status", "level", "reason"),
    [
        (95, 95, "fit", "last contact known in 95 of 100"),
        (94, 100, "unfit", "last contact known in 94 of 100"),
        (100, 94, "care", "vital status known in 94 of 100"),
        (100, 0, "care", "overall survival cannot be estimated"),
    ],
)
def test_judges_fitness_for_survival_by_its_rules(known: int, status: int, level: str, reason: str) -> None:
    verdict = next(v for v in verdicts(follow_up(known, status)) if v.use == "Survival")
    assert verdict.level == level
    assert any(reason in words for _, words in verdict.reasons)


def test_calls_an_empty_load_unfit_for_everything() -> None:
    data = report_examples.empty()
    assert {verdict.level for verdict in verdicts(data)} == {"unfit"}
    assert problems(data)[0].title == "No woman was loaded"


def test_puts_refused_sources_and_errors_before_warnings() -> None:
    titles = [problem.title for problem in problems(report_examples.realistic())]
    assert titles[0] == "Refused: pathology/export.xml"
    assert titles.index("DATE-011: Last contact not before diagnosis") < titles.index("Carried forward: oncology/regimens.csv")


def test_measures_completeness_among_the_rows_a_field_concerns() -> None:
    with duckdb.connect() as con:
        for table in measures.TABLES:
            from schemas.items import columns

            con.execute(f"create table {table} ({', '.join(f'{c.name} {c.duckdb}' for c in columns(table, 'star'))})").fetchall()
        con.execute(
            "insert into fact_treatment (modality_code, dose_gy, is_given, treatment_latest_offset_days) values "
            "('radiation', 50, true, 3), ('radiation', null, true, null), ('radiation', null, false, null), ('surgery', null, null, 4)"
        ).fetchall()
        found = measures.completeness(con)
        dates = measures.date_precision(con).filter(table="fact_treatment", date="treatment")
        rows = measures.row_counts(con)
    fields = {column: (n, missing) for table, column, n, missing in found.iter_rows() if table == "fact_treatment"}
    assert fields["dose_gy"] == (2, 1), "two were given as radiation, one of them has a dose"
    assert fields["treatment"] == (3, 1), "an offset with an open start is a date; what was not given has none"
    assert dict(dates.select("precision", "n").iter_rows()) == {"relative_window": 2, "not_delivered": 2}
    assert (rows["fact_treatment"], rows["dim_patient"]) == (4, 0)


def test_names_only_fields_of_the_dictionary_as_concerning_some_rows() -> None:
    declared = {(table, item.column) for table in measures.TABLES for item in measures.items(table, "star")}
    assert set(measures._field_conditions()) <= declared


def test_writes_edits_csv_sorted_with_five_counts(tmp_path: Path) -> None:
    counts = frame([("B-1", "error", 1, 2, 3, 4, 5), ("A-1", "notice", 0, 0, 0, 0, 0)], EDIT_COUNTS)
    write_edits(tmp_path / "edits.csv", counts, frame([("B-1", '=cmd|"x"', "error", "", "")], EDITS))
    assert (tmp_path / "edits.csv").read_bytes() == (
        b"edit,severity,violated,possible,satisfied,not_applicable,not_judgeable,title\n"
        b"A-1,notice,0,0,0,0,0,\n"
        b'B-1,error,1,2,3,4,5,"\'=cmd|""x"""\n'
    )


def test_writes_findings_csv_by_file_and_row(tmp_path: Path) -> None:
    findings = frame(
        [
            ("f3", None, "C-1", "notice", "possible", "file", *(None,) * 6),
            ("f2", "b.csv", "A-1", "error", "violated", "tumour", 1, 1, 9, 7, "x", "v2"),
            ("f1", "b.csv", "A-1", "error", "violated", "tumour", 1, 1, 9, 3, "@x", "v1"),
        ],
        REPORTED_FINDINGS,
    )
    told = findings.with_columns(first_seen=pl.lit("2020-01-01"), status=pl.lit("open"))
    write_findings(tmp_path / "findings.csv", told)
    with (tmp_path / "findings.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert [row["finding_id"] for row in rows] == ["f1", "f2", "f3"]
    assert rows[0] == {
        "finding_id": "f1", "edit": "A-1", "severity": "error", "outcome": "violated", "record": "tumour", "source_file": "b.csv",
        "source_row": "3", "columns": "'@x", "first_seen": "2020-01-01", "status": "open",
        "record_key": "1", "fingerprint": "v1",
    }  # fmt: skip
    assert pl.read_parquet(tmp_path / "findings.parquet").equals(told.select(FINDING_COLUMNS).sort("finding_id"))


def test_counts_what_is_overridden_and_does_not_call_it_a_problem() -> None:
    findings = frame([(f"f{i}", "b.csv", "A-1", "error", "violated", "tumour", i, i, 9, i, "x", "v1") for i in range(3)], REPORTED_FINDINGS)
    counts = frame([("A-1", "error", 3, 0, 5, 0, 0)], EDIT_COUNTS)
    texts = frame([("A-1", "A title", "error", "", "")], EDITS)
    for statuses, told in ((["overridden", "open", "open"], ["2 records"]), (["overridden"] * 3, [])):
        stands = findings.with_columns(status=pl.Series(statuses))
        data = ReportInput("R", "1" * 12, date(2020, 1, 1), rows={"dim_patient": 1}, edit_counts=counts, edits=texts, findings=stands)
        said = context(data)
        assert [problem.detail for problem in said["problems"]] == told
        assert (said["edits"][0]["violated"], said["edits"][0]["overridden"]) == (3, statuses.count("overridden"))


def test_a_study_whose_numbers_are_refused_is_a_problem_of_the_first_screen() -> None:
    refusal = "refused: more than 1.0% of the women who may be eligible are held until the source is mended"
    studies = [StudyLink("m", "M", "m.html", [refusal], refusal), StudyLink("n", "N", "n.html", ["no date of death"])]
    data = ReportInput("R", "1" * 12, date(2020, 1, 1), rows={"dim_patient": 1}, studies=studies)
    told = [(problem.title, problem.detail) for problem in context(data)["problems"]]
    assert told == [("No numbers of the study m", "more than 1.0% of the women who may be eligible are held until the source is mended")]


def test_says_of_which_arm_many_are_held() -> None:
    studies = [StudyLink("m", "M", "m.html", held_share=0.02, held_arms={"Operated": 0.1, "Others": 0.01})]
    data = ReportInput("R", "1" * 12, date(2020, 1, 1), rows={"dim_patient": 1}, studies=studies)
    told = [reason for use in context(data)["verdicts"] for _, reason in use.reasons if "held" in reason]
    assert told == ["more than 5% of the arm “Operated” of study m are held"] * 2


@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed: the page is not opened in a browser here")
@pytest.mark.parametrize("example", EXAMPLES[:2])
def test_opens_in_a_browser_without_console_error_or_request(tmp_path: Path, example: object) -> None:
    page = tmp_path / "index.html"
    write(page, example())  # type: ignore[operator]  # one of EXAMPLES
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
