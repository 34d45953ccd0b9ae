from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.imports import RowRefused
from chassis.imports.reading import normalised
from services.membership.directory.import_rules import Known, plan_change, plan_new
from services.membership.directory.imports import people_import
from services.membership.people.rules import Action

TODAY = date(2026, 3, 1)
ZHANG = {
    "employee_no": "1",
    "display_name": "张伟",
    "email": "zw@example.com",
    "phone": None,
    "department_code": "D1",
    "title": "工程师",
    "job_grade": None,
    "grade_since": None,
    "site": None,
    "hired_on": date(2020, 1, 1),
    "left_on": None,
    "kind": "employee",
    "status": "active",
    "locale": None,
    "time_zone": None,
    "avatar_url": None,
}


def test_a_new_grade_holds_since_today_unless_the_row_says_otherwise():
    assert plan_change(known(), {"job_grade": "M1"}, TODAY).changes == {"job_grade": "M1", "grade_since": TODAY}
    row = {"job_grade": "M1", "grade_since": date(2025, 1, 1)}
    assert plan_change(known(), row, TODAY).changes == row
    promoted = known(job_grade="M1", grade_since=date(2025, 1, 1))
    assert plan_change(promoted, {"job_grade": "M1"}, TODAY).is_empty
    assert plan_change(promoted, {"job_grade": None}, TODAY).changes == {"job_grade": None, "grade_since": None}


def known(*, platform_roles=(), has_password=False, **values):
    return Known(ZHANG | values, platform_roles, has_password)


def refusal(function, *arguments):
    with pytest.raises(RowRefused) as refused:
        function(*arguments)
    return refused.value.code


def test_a_row_that_says_what_is_known_plans_nothing():
    assert plan_change(known(), dict(ZHANG), TODAY).is_empty


def test_only_what_the_row_says_is_changed():
    plan = plan_change(known(), {"employee_no": "1", "title": None, "site": "上海"}, TODAY)
    assert plan.changes == {"title": None, "site": "上海"}


def test_leaving_sets_the_last_day_and_returning_clears_it():
    left = plan_change(known(), {"status": "left"}, TODAY)
    assert (left.changes, left.actions) == ({"left_on": TODAY}, [Action.LEAVE])
    back = plan_change(known(status="left", left_on=TODAY), {"status": "active"}, TODAY)
    assert (back.changes, back.actions) == ({"left_on": None}, [Action.REHIRE])


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"left_on": TODAY}, "left_on_without_leaving"),
        ({"status": "left", "left_on": TODAY + timedelta(days=2)}, "left_on_in_future"),
    ],
)
def test_a_last_day_goes_with_leaving_by_tomorrow(values, code):
    assert refusal(plan_change, known(), values, TODAY) == code


def test_protected_accounts_keep_log_in_and_status():
    assert refusal(plan_change, known(has_password=True), {"email": "x@example.com"}, TODAY) == "account_protected"
    assert refusal(plan_change, known(platform_roles=["hr"]), {"phone": "13800138000"}, TODAY) == "account_protected"
    assert refusal(plan_change, known(platform_roles=["hr"]), {"status": "left"}, TODAY) == "account_protected"
    assert plan_change(known(has_password=True), {"status": "left"}, TODAY).actions == [Action.LEAVE]
    assert plan_change(known(has_password=True), {"title": "x"}, TODAY).changes == {"title": "x"}


def test_an_erased_person_is_not_brought_back():
    assert refusal(plan_change, known(status="erased"), {"status": "active"}, TODAY) == "erased"


def test_a_new_person_needs_a_name():
    assert refusal(plan_new, {"employee_no": "1"}, TODAY) == "name_missing"


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"email": "nobody"}, "invalid_email"),
        ({"phone": "1.38E+10"}, "invalid_phone"),
        ({"time_zone": "Mars"}, "invalid_time_zone"),
        ({"display_name": None}, "not_clearable"),
    ],
)
def test_cells_that_no_person_can_have_are_refused(cells, code):
    _, wrong = normalised(people_import, {"employee_no": "1", **cells})
    assert [refused.code for refused in wrong] == [code]


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "display_name": st.sampled_from(["张伟", "李雷"]),
            "title": st.sampled_from([None, "工程师", "经理"]),
            "status": st.sampled_from(["active", "suspended", "left"]),
        },
    ),
    st.sampled_from(["active", "suspended", "left"]),
)
def test_a_row_applied_twice_changes_nothing_the_second_time(values, status):
    before = ZHANG | {"status": status, "left_on": TODAY if status == "left" else None}
    plan = plan_change(Known(before), values, TODAY)
    after = before | plan.changes | ({"status": values["status"]} if plan.actions else {})
    assert plan_change(Known(after), values, TODAY).is_empty
