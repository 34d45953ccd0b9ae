"""What a requirement asks, in words of both languages."""

import pytest

from services.membership.campaigns.requirement_texts import texts_of
from services.membership.campaigns.rules import PERSON_FIELDS, Requirement


@pytest.mark.parametrize(
    ("field", "op", "value", "zh", "en"),
    [
        ("person.departments", "in", ["D01", "D02"], "所属部门为以下之一：D01、D02", "departments is one of: D01, D02"),
        ("person.site", "not_in", ["上海"], "工作地点不为以下任何一项：上海", "site is none of: 上海"),
        ("person.kind", "eq", "employee", "人员类型为 employee", "kind of person is employee"),
        ("person.title", "contains", "经理", "职务包含 经理", "job title contains 经理"),
        ("answers.skills.sql", "ne", False, "“skills.sql”不为 否", '"skills.sql" is not no'),
        ("answers.hours", "gte", 2.5, "“hours”不低于 2.5", '"hours" is at least 2.5'),
        ("answers.hours", "lte", 8, "“hours”不高于 8", '"hours" is at most 8'),
    ],
)
def test_a_sentence_is_made_of_field_operator_and_value(field, op, value, zh, en):
    assert texts_of(Requirement("code", field, op, value)) == (zh, en)


@pytest.mark.parametrize("field", sorted(PERSON_FIELDS))
def test_every_field_of_a_person_has_words(field):
    zh, en = texts_of(Requirement("code", f"person.{field}", "eq", "x"))
    assert field not in zh
    assert "_" not in en
