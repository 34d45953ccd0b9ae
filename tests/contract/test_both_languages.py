"""Whoever reads Chinese is told everything in Chinese, with the same figures."""

import ast
import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic_core import PydanticKnownError
from pydantic_core.core_schema import ErrorType

from chassis.states import IN_CHINESE
from chassis.web.validation import CHINESE
from qunxue.documents import merged_openapi
from qunxue.problem_list import problem_types
from services.membership.campaigns.rules import REQUIREMENT_ERRORS
from services.membership.communities.rules import SLUG_ERRORS
from tests.contract.test_house import tracked
from tests.support.needs import ROOT

HAN = re.compile(r"[\u4e00-\u9fff]")
GAP = re.compile(r"\{(\w+)[^}]*\}")

NEVER = re.compile(
    "no_such_attribute|json_type|needs_python|recursion|frozen|invalid_key|get_attribute|dataclass|named_tuple|default_factory|none_"
    "required|multiple_of|itera|string_unicode|string_not_ascii|ordered_dict|counter|mapping|deque|tuple|not_hashable|bytes|"
    "assertion|missing_sentinel|ellipsis|date_past|date_future|^time_|datetime_past|datetime_future|timezone_naive|timezone_offset|"
    "is_instance|is_subclass|callable|union_tag|argument|url_|uuid_version|decimal|fraction|complex"
)
"""What no model of a request can give: it has no such type, and no such bound."""
OWN_WORDS = {"value_error"}
"""Validators of ours say it themselves, by `Wrong`."""


def calls(*names: str) -> Iterator[tuple[str, ast.Call, str]]:
    """Every call of one of these names in the product's code."""
    for path in [
        one
        for folder in ("chassis", "assessment", "services", "gateway", "qunxue")
        for one in tracked(f"{folder}/*.py")
    ]:
        source = path.read_text(encoding="utf-8")
        if not any(f"{name}(" in source for name in names):
            continue  # to parse a file takes long
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node, source


def test_every_problem_has_a_title_in_both_languages():
    assert [one.code for one in problem_types() if not HAN.search(one.zh) or HAN.search(one.en) or not one.en] == []


def declared_problems() -> set[str]:
    """The names under which problems are declared."""
    folders = ("chassis", "assessment", "services", "gateway", "qunxue")
    sources = [one.read_text(encoding="utf-8") for folder in folders for one in tracked(f"{folder}/*.py")]
    return {name for source in sources for name in re.findall(r"^ *([A-Z_]+) = ProblemType\(", source, re.MULTILINE)}


def test_every_detail_of_a_problem_is_told_in_both_languages_with_its_figures():
    told = [(where, call) for where, call, _ in calls(*declared_problems()) if call.args]
    assert len(told) > 20
    pairs = [call.args for _, call in told]
    assert [where for where, call in told if len(call.args) != 2 and not isinstance(call.args[0], ast.Starred)] == []
    texts = [[ast.unparse(one) for one in pair] for pair in pairs if isinstance(pair[0], ast.Constant | ast.JoinedStr)]
    assert [english for english, chinese in texts if HAN.search(english) or not HAN.search(chinese)] == []
    assert [english for english, chinese in texts if set(GAP.findall(english)) != set(GAP.findall(chinese))] == []


def test_every_field_error_is_told_in_both_languages():
    assert [where for where, call, _ in calls("FieldError") if len(call.args) + len(call.keywords) < 4] == []


@pytest.mark.parametrize("name", ["FieldError", "Wrong"])
def test_what_is_told_has_the_same_figures_in_both_languages(name: str):
    for where, call, source in calls(name):
        english, chinese = (ast.get_source_segment(source, one) or "" for one in call.args[-2:])
        if "validation.py" not in where and english[:1] in {'"', "f"} and len(call.args) >= 3 and ".en" not in english:
            assert HAN.search(chinese), where
            assert (
                sorted(GAP.findall(english)) == sorted(gap.removeprefix("zh_") for gap in GAP.findall(chinese))
                or "reason" in english
            ), where


def test_a_validator_says_what_is_wrong_in_both_languages():
    """A plain `ValueError` reaches the reader in English, under a code that says nothing."""
    looked_at = [*tracked("services/**/schemas.py"), ROOT / "chassis/web/values.py", ROOT / "chassis/web/spans.py"]
    looked_at += [ROOT / "chassis/text.py", ROOT / "chassis/zones.py", ROOT / "services/membership/people/rules.py"]
    assert [str(path) for path in looked_at if "raise ValueError" in path.read_text(encoding="utf-8")] == []


def test_what_models_of_requests_find_wrong_is_told_in_chinese():
    assert [code for code in get_args(ErrorType) if code not in {*CHINESE, *OWN_WORDS} and not NEVER.search(code)] == []


@pytest.mark.parametrize("code", sorted(code for code in CHINESE if code != "json_invalid"))
def test_the_figures_of_pydantic_are_kept(code: str):
    gaps = GAP.findall(CHINESE[code])
    context: dict[str, Any] = {gap: 70 + number for number, gap in enumerate(gaps)}
    figures = re.compile(r"\d\d")
    english = PydanticKnownError(code, context | UNTOLD.get(code, {})).message()  # type: ignore[arg-type]
    wanted = set() if code in UNTOLD else set(figures.findall(english)) - {"33"}
    assert wanted <= set(figures.findall(CHINESE[code].format(**context)))


UNTOLD: dict[str, dict[str, Any]] = {
    name: {"error": "too short"}
    for name in ("datetime_parsing", "datetime_from_date_parsing", "datetime_object_invalid", "date_parsing")
} | {
    "date_from_datetime_parsing": {"error": "too short"},
    "uuid_parsing": {"error": "too short"},
    "model_type": {"class_name": "X"},
    "string_pattern_mismatch": {"pattern": "x"},
    "enum": {"expected": "x"},
    "literal_error": {"expected": "x"},
    "too_long": {"field_type": "List", "max_length": 3, "actual_length": 4},
    "too_short": {"field_type": "List", "min_length": 3, "actual_length": 2},
}
"""Codes whose English says how the parser failed, or has words in its gaps: they need these to be made at all."""


@pytest.mark.parametrize("texts", [*SLUG_ERRORS.values(), *REQUIREMENT_ERRORS.values()])
def test_slugs_and_requirements_are_explained_in_both_languages(texts: tuple[str, str]):
    english, chinese = texts
    assert HAN.search(chinese)
    assert not HAN.search(english)


def test_what_is_wrong_with_a_field_is_said_as_a_sentence_in_chinese():
    """A regular expression is none."""
    assert [text for text in CHINESE.values() if not text.endswith("。") or "pattern" in text] == []
    unfinished = []
    for path in tracked("chassis/*.py", "services/*.py", "gateway/*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") in {"FieldError", "Wrong"}:
                texts = [one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
                unfinished += [(str(path), text) for text in texts if HAN.search(text) and not text.endswith("。")]
    assert unfinished == []


def values_of(schema: dict[str, Any], schemas: dict[str, Any]) -> Iterator[str]:
    """The values that a property of this schema can have, as far as they are a list."""
    if "$ref" in schema:
        yield from values_of(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    yield from schema.get("x-known-values") or schema.get("enum") or ()
    for key in ("anyOf", "oneOf", "allOf"):
        for one in schema.get(key, ()):
            yield from values_of(one, schemas)


def test_every_state_has_a_name_in_chinese():
    schemas = merged_openapi()["components"]["schemas"]
    states = {
        value
        for schema in schemas.values()
        for name in ("status", "state")
        for value in values_of(schema.get("properties", {}).get(name, {}), schemas)
    }
    assert {"announced", "fulfilled", "in_review"} <= states
    assert {one for one in states if not HAN.search(IN_CHINESE.get(one, ""))} == set()
