import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.membership.credentials.rules import imports_may_change_login
from services.membership.people.rules import (
    Action,
    Status,
    after,
    identifier_key,
    is_identified,
    normal_email,
    normal_employee_no,
    normal_locale,
    normal_name,
    normal_phone,
    normal_time_zone,
    normal_url,
    path_to,
    possible,
)
from services.membership.platform_roles.rules import imports_may_change_status


@pytest.mark.parametrize(
    ("status", "actions"),
    [
        ("active", {"suspend", "leave"}),
        ("suspended", {"reinstate", "leave"}),
        ("left", {"rehire"}),
        ("erased", set()),
    ],
)
def test_what_can_be_done_follows_from_the_status(status, actions):
    assert set(possible(status)) == actions


def test_a_rehired_person_is_active_again():
    assert after("left", Action.REHIRE) is Status.ACTIVE


def test_nothing_leads_out_of_or_into_being_erased():
    assert all(path_to("erased", status) is None for status in Status if status != "erased")
    assert all(path_to(status, "erased") is None for status in Status if status != "erased")


@given(st.sampled_from(["active", "suspended", "left"]), st.sampled_from(["active", "suspended", "left"]))
def test_an_import_finds_its_way_between_any_two_other_states(status, wanted):
    for action in path_to(status, wanted) or []:
        status = after(status, action)
    assert status == wanted


def test_emails_differing_in_width_or_case_are_one():
    assert normal_email(" Zhang.Wei@Example.COM ") == normal_email("ｚhang.wei@example.com") == "zhang.wei@example.com"


@pytest.mark.parametrize(
    "wrong", ["", "zhang", "@example.com", "a@b", "a b@example.com", "a@-x.com", "a@x..com", "<a@x.com>"]
)
def test_what_is_no_email_is_refused(wrong):
    with pytest.raises(ValueError):
        normal_email(wrong)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("138 0013-8000", "13800138000"),
        ("+86 13800138000", "13800138000"),
        ("0086-13800138000", "13800138000"),
        ("１３８００１３８０００", "13800138000"),
        ("+1 (415) 555-0100", "+14155550100"),
        ("010-62345678", "01062345678"),
    ],
)
def test_phones_are_kept_in_one_way_of_writing(written, kept):
    assert normal_phone(written) == kept


@pytest.mark.parametrize("wrong", ["", "1234", "1.38E+10", "call me", "138001380001380013800"])
def test_what_is_no_phone_is_refused(wrong):
    with pytest.raises(ValueError):
        normal_phone(wrong)


def test_an_employee_number_keeps_its_zeros_and_case_but_is_compared_without_case():
    assert normal_employee_no(" ００a7 ") == "00a7"
    assert identifier_key("00A7") == identifier_key("00a7")


@pytest.mark.parametrize("wrong", ["", "a b", "a/b", "x" * 65])
def test_what_cannot_be_an_employee_number_is_refused(wrong):
    with pytest.raises(ValueError):
        normal_employee_no(wrong)


@given(st.text(max_size=30))
def test_normalising_twice_changes_nothing(text):
    for normal in (identifier_key, normal_email, normal_phone, normal_employee_no, normal_name):
        try:
            once = normal(text)
        except ValueError:
            continue
        assert normal(once) == once


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (" 张  伟\n", "张 伟"),
        ("evil\u202egnp", "evilgnp"),
        ("zero\u200bwidth\x07", "zerowidth"),
        ("👩\u200d💻 Ada", "👩\u200d💻 Ada"),
    ],
)
def test_a_name_is_one_line_without_what_nobody_sees(written, kept):
    assert normal_name(written) == kept


@pytest.mark.parametrize("wrong", ["", " \t ", "\u200b", "\u200d"])
def test_what_nobody_sees_is_no_name(wrong):
    with pytest.raises(ValueError):
        normal_name(wrong)


@pytest.mark.parametrize("wrong", ["javascript:alert(1)", "ftp://x", "//x", "http://user:pw@x/", "http:// x", "x"])
def test_only_web_addresses_are_addresses_of_pictures(wrong):
    with pytest.raises(ValueError):
        normal_url(wrong)


def test_languages_and_zones_are_those_there_are():
    assert [normal_locale(tag) for tag in ("zh", "zh_CN", "zh-Hans-CN", "en-GB")] == ["zh-CN", "zh-CN", "zh-CN", "en"]
    assert normal_time_zone(" Asia/Shanghai ") == "Asia/Shanghai"
    for wrong in ("fr", ""):
        with pytest.raises(ValueError):
            normal_locale(wrong)
    with pytest.raises(ValueError):
        normal_time_zone("../../etc/passwd")


def test_one_identifier_is_enough_and_none_is_not():
    assert is_identified(email=None, phone="13800138000", employee_no=None)
    assert not is_identified(email=None, phone=None, employee_no=None)


def test_an_import_never_touches_the_login_of_who_can_log_in():
    assert imports_may_change_login(platform_roles=[], has_password=False)
    assert not imports_may_change_login(platform_roles=[], has_password=True)
    assert not imports_may_change_login(platform_roles=["hr"], has_password=False)
    assert not imports_may_change_status(platform_roles=["admin"])
