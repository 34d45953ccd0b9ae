"""How messages to messengers are folded, paced, addressed and signed."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.membership.messengers import dingtalk, feishu
from services.membership.messengers.dingtalk import DingTalk
from services.membership.messengers.feishu import Feishu
from services.membership.messengers.folding import cut, fold_now, folded, room, room_at
from services.membership.messengers.wecom import WeCom

NOW = datetime(2026, 5, 6, 4, 0, tzinfo=UTC)
WECOM = WeCom("https://qyapi.weixin.qq.com")
DINGTALK = DingTalk("https://oapi.dingtalk.com", "https://api.dingtalk.com")
FEISHU = Feishu("https://feishu.company.example/inside/")
KEY = "73febdcb-1b38-4d1b"

texts = st.lists(st.text(st.sampled_from("a招😀 \n"), min_size=1, max_size=40), min_size=1, max_size=8)


@given(texts, st.integers(min_value=8, max_value=200))
@example(["aa😀招", "a"], 8)
def test_as_many_as_fit_go_in_one_text_whole_and_none_is_left_out_between(given, most):
    said, count = folded(given, most)
    assert 1 <= count <= len(given)
    assert len(said.encode()) <= most
    assert said == ("\n\n".join(given[:count]) if count > 1 else cut(given[0], most))
    if count < len(given) and said[-1] != "…":
        assert len(f"{said}\n\n{given[count]}".encode()) > most


@given(st.text(), st.integers(min_value=3, max_value=50))
def test_a_text_that_is_too_long_is_cut_between_characters(text, most):
    short = cut(text, most)
    assert len(short.encode()) <= most
    assert short == text or (short.endswith("…") and text.startswith(short[:-1]))


@given(st.lists(st.integers(min_value=0, max_value=200), max_size=40), st.integers(min_value=1, max_value=19))
def test_no_minute_has_more_than_may_go(seconds, most):
    sent: list[datetime] = []
    for second in sorted(seconds):
        at = NOW + timedelta(seconds=second)
        if room(sent, most, at):
            sent.append(at)
        else:
            assert room_at(sent, most, at) > at
            assert room(sent, most, room_at(sent, most, at)) >= 1
    for at in sent:
        assert len([one for one in sent if at - timedelta(minutes=1) < one <= at]) <= most


def test_messages_are_folded_only_where_more_wait_than_may_go():
    assert not fold_now(3, 3)
    assert fold_now(4, 3)


@pytest.mark.parametrize(
    ("messenger", "address"),
    [
        (WECOM, f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}"),
        (DINGTALK, f"https://oapi.dingtalk.com/robot/send?access_token={KEY}"),
        (FEISHU, f"https://feishu.company.example/inside/open-apis/bot/v2/hook/{KEY}"),
    ],
)
def test_a_robot_is_known_by_the_address_that_its_messenger_gives(messenger, address):
    robot = messenger.robot_of(address, None)
    assert robot is not None
    assert robot.key == KEY
    assert messenger.to_robot(robot, "你好", NOW).url == address
    assert KEY not in repr(robot)
    assert KEY not in repr(messenger.to_robot(robot, "你好", NOW))


@pytest.mark.parametrize(
    "address",
    [
        "",
        f"http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}",
        f"https://qyapi.weixin.qq.org/cgi-bin/webhook/send?key={KEY}",
        f"https://qyapi.weixin.qq.com.evil.example/cgi-bin/webhook/send?key={KEY}",
        f"https://qyapi.weixin.qq.com@10.0.0.1/cgi-bin/webhook/send?key={KEY}",
        f"https://qyapi.weixin.qq.com:8443/cgi-bin/webhook/send?key={KEY}",
        f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}&key=other-one",
        f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}#@all",
        f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=../../{KEY}",
        f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?debug=1&key={KEY}",
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=",
        f"https://qyapi.weixin.qq.com/cgi-bin/gettoken?key={KEY}",
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=" + "k" * 201,
        f"https://oapi.dingtalk.com/robot/send?access_token={KEY}",
    ],
)
def test_no_other_address_is_a_robots(address):
    assert WECOM.robot_of(address, None) is None


def test_a_robot_of_wecom_has_no_secret():
    assert WECOM.robot_of(f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}", "SEC1") is None


def test_signatures_are_those_of_the_documents():
    # Worked out once with the Python examples that both documents show.
    assert dingtalk.signature("this is secret", "1577262236757") == "hmPWwU+7lVdm3ZZz0r9tSfx0L4Q26jWOZr9+Gs6EZQM="
    assert feishu.signature("demo", "1599360473") == "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8="
