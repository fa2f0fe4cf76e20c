"""Which code page a draft takes where the bytes leave several open: that under which more headers are known."""

from __future__ import annotations

from pathlib import Path

import pytest
from drafts import export

from etl.draft.code_page import laid_out
from etl.draft.drafting import drafted, place_of
from schemas.core.errors import UnreadableError


@pytest.mark.parametrize(
    ("headers", "encoding"),
    [
        ("PID;Doğum Tarihi;Tanı Tarihi;Cinsiyeti", "cp1254"),  # Turkish
        ("Matični broj;Spol;Datum rođenja;Veličina tumora (cm)", "cp1250"),  # Croatian
        ("Data urodzenia;Płeć;Data zgonu", "cp1250"),  # Polish
        ("Dossier;Sexe;Côté;Date de décès", "cp1252"),  # French: the letters are in all of these places
        ("PID;Größe;Seite", "cp1252"),
        ("№ истории болезни;Пол;Дата рождения;Дата смерти", "cp1251"),
        ("환자번호;성별;생년월일;사망일자", "cp949"),
        ("患者番号;性別;生年月日;術式", "cp932"),
        ("患者姓名;性别;出生日期;病理类型", "gb18030"),
        ("วันเกิด;เพศ;วันที่วินิจฉัย;เคมีบำบัด", "cp874"),
    ],
)
def test_takes_the_encoding_that_its_headers_tell(headers: str, encoding: str) -> None:
    rows = "".join(";".join(f"{letter}{row}" for letter in "abcd"[: headers.count(";") + 1]) + "\n" for row in range(9))
    [laid] = laid_out("ward.csv", f"{headers}\n{rows}".encode(encoding))
    assert laid.said["encoding"] == encoding
    assert laid.headers == tuple(headers.split(";"))
    assert laid.by_headers is (encoding != "cp1252")


@pytest.mark.parametrize("header", ["Обувь;Шляпа", "Дата рождения;Шляпа"])
def test_asks_for_the_encoding_where_fewer_than_two_headers_tell_it(header: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        laid_out("ward.csv", (f"{header}\n" + "левая;правая сторона\n" * 20).encode("cp1251"))
    assert caught.value.unsaid is not None


def test_takes_the_encoding_that_is_said() -> None:
    [laid] = laid_out("ward.csv", "PID;Doğum Tarihi;Cinsiyeti\n1;2;3\n".encode("cp1254"), "cp1252")
    assert (laid.said["encoding"], laid.by_headers) == ("cp1252", False)


def test_numbers_the_contracts_of_files_whose_names_have_no_letter_of_a_name(project: Path) -> None:
    files = [export(project, "患者番号,性別\n1,女\n2,男\n", name) for name in ("乳癌登録.csv", "死亡.csv", "Ärzte.csv")]
    assert [draft.contract for draft in drafted(files, place_of(project)).drafts] == ["export_1", "export_2", "arzte"]
