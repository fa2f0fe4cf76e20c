"""What an expression of a project may say, and that it can reach nothing."""

from __future__ import annotations

import random
from pathlib import Path

import duckdb
import polars as pl
import pytest
from sqlglot import exp

from schemas.core.expression import (
    ALLOWED,
    ExpressionError,
    check_types,
    evaluate,
    locked_connection,
    parse,
    portable_functions,
    unportable_functions,
)

COLUMNS = ("stage_code", "value", "Natural", "comment", "date")
DATES = ("death", "diagnosis")
TAKES_DATES = "before takes clinical dates and literals like date '2005-01-31'"


def sql(text: str) -> str:
    return parse(text, COLUMNS, DATES).sql("duckdb")


@pytest.mark.parametrize(
    "text",
    [
        "true", "stage_code = 'IIIA'", "stage_code in ('I', 'II') and value is not null", "not (value between 1 and 2 or value <> 3)",
        "coalesce(stage_code, 'Unknown')", "nullif(lower(trim(stage_code)), upper('x'))", "concat_ws(' ', stage_code, concat('a', 'b'))",
        "substr(stage_code, 1, 2) = substring(stage_code, 1, 2)", "replace(stage_code, 'a', 'b') like 'b%'", "length(stage_code) > 2",
        "round(abs(-value) * 1.5, 1) >= least(1, value) + greatest(2, value) - 1", "if(value > 1, 'a', 'b')", "stage_code || 'x'",
        "case when value = 1 then 'a' when value = 2 then 'b' else 'c' end", "cast(stage_code as integer) = 1", "stage_code::double > 1",
        "before(death, diagnosis)", "days_between(diagnosis, death) > 180", "before(death, date '2005-01-01')", "death is not null",
    ],
)  # fmt: skip
def test_accepts_what_contracts_edits_and_studies_need(text: str) -> None:
    assert isinstance(parse(text, COLUMNS, DATES), exp.Expr)


ATTACKS = [
    "read_csv('/etc/passwd')", "read_text('/etc/passwd')", "read_parquet('x')", "\"read_text\"('/etc/passwd')", "getenv('HOME')",
    "current_setting('home_directory')", "current_user", "current_date", "current_database()", "version()", "query('select 1')",
    "copy value to '/tmp/x'", "attach '/tmp/x.db'", "install httpfs", "load httpfs", "pragma version", "set threads = 1", "call f()",
    "create macro f(x) as x", "create table t as select 1", "drop table t", "insert into t values (1)", "export database 'x'",
    "value; drop table t", "value;", "; value", "(select 1)", "value in (select 1)", "exists (select 1)", "value = any (select 1)",
    "select value", "from t", "value from t", "with t as (select 1) select 1", "value union select 1", "values (1)", "table t",
    "'x' from read_text('/etc/passwd')", "*", "t.*", "columns(*)", "count(*)", "t.value", "main.t.value", "\"t\".\"value\"",
    "?", "$1", ":x", "@x", "value = ?", "#1", "value -- hidden", "/* hidden */ value", "value /* ; drop table t */ = 1",
    "value /*", "row_number() over ()", "sum(value)", "sum(value) over ()", "lag(value)", "x -> x + 1", "list_transform([1], x -> x)",
    "[1, 2]", "{'a': 1}", "value[1]", "struct_pack(a := 1)", "cast(value as date)", "cast(value as blob)", "value::json",
    "timestamp '2020-01-01'", "interval '1' day", "value as x", "value x", "value, value", "value collate nocase", "value ~ 'x'",
    "value similar to 'x'", "regexp_matches(stage_code, 'x')", "e'x'", "x'00'", "$$x$$", "value is distinct from 1", "try(value)",
    "repeat('a', 1000000000)", "range(10)", "unnest([1])", "generate_series(1, 10)", "random()", "nextval('s')", "macro_of_mine(value)",
    "trim(both 'x' from stage_code)", "value like 'x' escape '!'", "value between symmetric 1 and 2", "value in value", "(1, 2)", "row(1)",
    "if(value)", "coalesce()", "value and", "'open", "", "   ", "(", ")", "not", "(" * 60 + "value" + ")" * 60, "value + " * 2000 + "1",
    "not " * 1200 + "value",
    "1 + " * 200 + "1", "value" + "::varchar" * 400, "'a' || " * 200 + "'a'", "1 < " * 300 + "2",
    "describe t", "summarize t", "explain select 1", "begin", "a: 1", "default", "value = 1 limit 1",
]  # fmt: skip


@pytest.mark.parametrize("text", ATTACKS)
def test_refuses_everything_else_without_running_it(text: str) -> None:
    with pytest.raises(ExpressionError) as raised:
        parse(text, COLUMNS, DATES)
    assert raised.value.message


@pytest.mark.parametrize("word", ["or", "and"])
def test_takes_a_long_list_of_conditions_as_one_level(word: str) -> None:
    tree = parse(f" {word} ".join(["value=1"] * 300), COLUMNS)
    assert evaluate(pl.DataFrame({"value": [1]}), {"x": tree}).to_series().to_list() == [True]


def test_logs_nothing_while_it_refuses(caplog: pytest.LogCaptureFixture) -> None:
    for text in ATTACKS:
        with pytest.raises(ExpressionError):
            parse(text, COLUMNS, DATES)
    assert not caplog.records


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("stge_code = 'x'", "there is no column stge_code here (at character 1)", "did you mean stage_code?"),
        ("value = 1\n  and vlue = 2", "there is no column vlue here (at line 2, character 7)", "did you mean value?"),
        ("lowr(stage_code)", "the function lowr is not allowed (at character 1)", "did you mean lower?"),
        ("value > 1; value", "one expression is allowed, without a semicolon (at character 10)", ""),
        ("t.value", "a qualified name is not allowed (at character 2)", "name the column alone"),
        ("before(deth, diagnosis)", f"{TAKES_DATES} (at character 8)", "did you mean death?"),
        ("before(death, value)", f"{TAKES_DATES} (at character 15)", ""),
        ("before(death, death)", "before compares a date with itself or two fixed days (at character 1)", ""),
        ("before(death)", "before takes two dates (at character 1)", ""),
        ("before(death, date '2005-02-30')", "'2005-02-30' is not a day (at character 20)", "write it as date '2005-01-31'"),
    ],
)
def test_says_what_is_wrong_and_where(text: str, message: str, hint: str) -> None:
    with pytest.raises(ExpressionError) as raised:
        parse(text, COLUMNS, DATES)
    assert (raised.value.message, raised.value.hint) == (message, hint)


@pytest.mark.parametrize("text", ["death = diagnosis", "coalesce(death, value) = 1", "death in (death)", "lower(death)", "death is true"])
def test_keeps_clinical_dates_out_of_places_for_values(text: str) -> None:
    with pytest.raises(ExpressionError, match="is a clinical date"):
        parse(text, COLUMNS, DATES)


def test_writes_columns_as_they_are_declared_and_quotes_them() -> None:
    assert sql("NATURAL = Value") == '"Natural" = "value"'


def test_allows_columns_that_are_called_like_words_of_sql() -> None:
    assert sql("comment = 'x' and date is not null") == '"comment" = \'x\' AND NOT "date" IS NULL'


def test_makes_casts_and_divisions_that_cannot_fail() -> None:
    frame = pl.DataFrame({"value": ["7", "seven", None], "n": [0, 2, 4]})
    got = evaluate(frame, {"cast": parse("cast(value as integer)", frame.columns), "share": parse("(8 / n) / (n / 2)", frame.columns)})
    assert got.to_dict(as_series=False) == {"cast": [7, None, None], "share": [None, 4.0, 1.0]}


def test_lets_the_caller_shorten_the_list_of_functions() -> None:
    with pytest.raises(ExpressionError):
        parse("lower(stage_code)", COLUMNS, functions=ALLOWED - {"lower"})


def test_opens_a_connection_that_reads_no_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("name\nErika\n")
    frame = pl.DataFrame({"name": ["Erika"]})  # a replacement scan would find it by its variable's name
    with locked_connection() as connection:
        for statement in (
            f"select * from read_csv('{secret}')", f"select * from read_text('{secret}')", f"select * from '{secret}'",
            f"copy (select 1) to '{tmp_path / 'out.csv'}'", f"attach '{tmp_path / 'new.db'}'", "select getenv('HOME')", "install httpfs",
            "load httpfs", "set enable_external_access = true", "set lock_configuration = false", "set threads = 1", "select * from frame",
        ):  # fmt: skip
            with pytest.raises(duckdb.Error):
                connection.sql(statement).fetchall()
        assert connection.sql("select current_setting('TimeZone')").fetchall() == [("UTC",)]
    assert [path.name for path in tmp_path.iterdir()] == ["secret.csv"]
    assert frame.height == 1


def test_keeps_rows_and_their_order_beyond_one_row_group() -> None:
    # DuckDB lost the order of joins only above one row group (122,880 rows).
    numbers = list(range(300_000))
    random.Random(7).shuffle(numbers)
    frame = pl.DataFrame({"value": numbers, "text": [str(number) for number in numbers]})
    expressions = {"twice": parse("value + value", frame.columns), "same": parse("text || ''", frame.columns), "one": parse("1", [])}
    got = evaluate(frame, expressions)
    assert got["twice"].equals((frame["value"] * 2).alias("twice"))
    assert got["same"].equals(frame["text"].alias("same"))
    assert got.height == 300_000


def test_evaluates_an_empty_frame_and_no_expression() -> None:
    empty = pl.DataFrame(schema={"value": pl.Int32})
    assert evaluate(empty, {"big": parse("value > 1", ["value"])}).schema == {"big": pl.Boolean}
    assert evaluate(empty, {}).width == 0


def test_gives_null_for_a_comparison_with_null() -> None:
    frame = pl.DataFrame({"value": ["a", None]})
    assert evaluate(frame, {"is_a": parse("value = 'a'", ["value"])})["is_a"].to_list() == [True, None]


def test_names_the_failing_expression_but_no_value() -> None:
    frame = pl.DataFrame({"value": ["Erika"]})
    with pytest.raises(ExpressionError) as raised:
        evaluate(frame, {"fine": parse("value", ["value"]), "wrong": parse("value = 1", ["value"])})
    assert "wrong" in str(raised.value)
    assert "Erika" not in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None


def test_refuses_to_compute_dates_that_are_not_rewritten() -> None:
    with pytest.raises(ExpressionError, match="three-valued"):
        evaluate(pl.DataFrame({"x": [1]}), {"early": parse("before(death, diagnosis)", (), DATES)})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("code = 1", "code is text and cannot stand beside a number"),
        ("code in (1, 2)", "code is text and cannot stand beside a number"),
        ("size between 'a' and 'b'", "size is a number and cannot stand beside a text"),
        ("code and size > 1", "code is text and no condition"),
        ("not code", "code is text and no condition"),
        ("if(code, 1, 2) = 1", "code is text and no condition"),
        ("abs(code)", "value cannot be computed"),
        ("lower(size)", "value cannot be computed"),
    ],
)
def test_finds_types_that_do_not_fit_without_any_data(text: str, message: str) -> None:
    schema = {"code": pl.String, "size": pl.Int32}
    with pytest.raises(ExpressionError, match=message):
        check_types(parse(text, schema), schema)


def test_gives_the_type_of_an_expression() -> None:
    schema = {"code": pl.String, "size": pl.Int32}
    assert check_types(parse("code = '1' and size > 1", schema), schema) == pl.Boolean
    assert check_types(parse("concat(code, ' ', size)", schema), schema) == pl.String


def test_lists_the_functions_that_every_engine_has() -> None:
    assert {"coalesce", "count", "row_number"} <= portable_functions()
    assert not {"before", "days_between", "read_csv", "regexp_matches"} & portable_functions()


def test_finds_functions_outside_the_portable_list() -> None:
    text = "create table t as select count(*), list(a), strftime(b, '%Y') from read_csv('x') where a like 'x' and case when a then b end"
    assert unportable_functions(text) == ["array_agg", "read_csv", "strftime"]
    assert unportable_functions("select coalesce(a, 0), row_number() over (order by a) from t group by all") == []
