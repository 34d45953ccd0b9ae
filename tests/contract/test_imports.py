"""Every import, whichever feature declares it, is a documented operation and can say in words why it refuses a row."""

import ast
import sys
from pathlib import Path

import pytest

from chassis.settings import SERVICES
from chassis.tabular import NDJSON_TYPES, XLSX_TYPE
from qunxue.documents import service_openapi
from qunxue.installed import service

IMPORTS = [pytest.param(name, one, id=one.kind) for name in SERVICES for one in service(name).imports]


def test_the_imports_of_every_service_are_found():
    found = {one.kind for name in SERVICES for one in service(name).imports}
    assert {"people.import", "departments.import", "members.import", "checkins.import"} <= found


@pytest.mark.parametrize(("name", "declared"), IMPORTS)
def test_an_import_documents_its_file_and_how_it_is_refused(name, declared):
    operation = service_openapi(name)["paths"][declared.path]["post"]
    body = operation["requestBody"]
    assert body["required"]
    kinds = {"text/csv", XLSX_TYPE, NDJSON_TYPES[0], *declared.documents}
    assert set(body["content"]) == kinds & set(declared.accepts)
    assert set(declared.documents) <= set(declared.accepts)
    assert [column.name for column in declared.columns if f"`{column.name}`" not in body["description"]] == []
    for status, codes in ((422, {"table_invalid", "empty_upload"}), (415, {"unsupported_media_type"})):
        assert codes <= set(operation["responses"][str(status)]["x-problem-codes"])


@pytest.mark.parametrize(("name", "declared"), IMPORTS)
def test_every_refusal_of_a_row_has_its_text(name, declared):
    home = Path(str(sys.modules[declared.batch.__module__].__file__))
    raised = {
        call.args[0].value
        for path in {home, *home.parent.glob("*rules.py")}
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "RowRefused"
        if isinstance(call.args[0], ast.Constant)
    }
    assert raised
    assert raised <= set(declared.errors)


@pytest.mark.parametrize(("name", "declared"), IMPORTS)
def test_a_refusal_says_in_both_languages_the_same_things(name, declared):
    for english, chinese in declared.errors.values():
        assert sorted(_gaps(english)) == sorted(_gaps(chinese)), english


@pytest.mark.parametrize(("name", "declared"), IMPORTS)
def test_all_imports_have_headers_of_one_form_count_alike_and_name_the_column_of_a_refusal(name, declared):
    assert [column.title for column in declared.columns] == [
        f"{column.headers[0]} {column.name}" for column in declared.columns
    ]
    assert declared.counts == ("created", "changed", "unchanged")
    columns = {column.name for column in declared.columns}
    # A protected account has no wrong cell.
    assert [code for code in declared.errors if declared.column_of(code, {}) not in columns] in (
        [],
        ["account_protected"],
    )


def _gaps(text):
    return [part.partition("}")[0] for part in text.split("{")[1:]]
