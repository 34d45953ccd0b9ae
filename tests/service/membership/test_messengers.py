"""Writing to people and groups of WeCom, DingTalk and Feishu, each a stand-in that checks what its documents say."""

import asyncio
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

import chassis.outgoing
from chassis.settings import Settings
from services.membership.messengers.messenger import Robot, ToPerson
from services.membership.messengers.outcomes import Again, Refused, Taken
from services.membership.messengers.sending import Sender
from services.membership.messengers.tokens import Tokens
from tests.support.messengers import KEY, SIGNS, USER, messengers

PROVIDERS = ("wecom", "dingtalk", "feishu")
NOW = datetime.fromtimestamp(1_715_000_000, UTC)
MESSAGE = ToPerson("018f4e4e-0000-7000-8000-000000000001", USER, "你有 3 条新回复")

each = pytest.mark.parametrize("provider", PROVIDERS)


@pytest.fixture
async def three():
    async with messengers() as found:
        yield found


@pytest.fixture
def settings_of(three):
    return Settings(**three.settings())


@pytest.fixture
def sender(three):
    return Sender(Tokens(clock=lambda: three.wecom.second))


def robot(provider, secret=SIGNS):
    return Robot(KEY, None if provider == "wecom" else secret)


def later(three, **passed):
    """Some time passes there and here."""
    for provider in PROVIDERS:
        three.of(provider).second += timedelta(**passed).total_seconds()


# --- people --------------------------------------------------------------------------------------------------------


@each
async def test_a_person_is_written_to_and_one_token_serves_all_until_shortly_before_its_end(
    three, settings_of, sender, provider
):
    there = three.of(provider)
    for number in range(3):
        message = replace(MESSAGE, id=f"m-{number}", text=f"第 {number} 条")
        assert await sender.to_person(settings_of, provider, message, NOW) == Taken()
    assert [user for user, _ in there.to_people] == [USER] * 3
    assert there.fetched == 1
    later(three, seconds=7200 - 300 - 1)
    assert await sender.to_person(settings_of, provider, replace(MESSAGE, id="m-4", text="还早"), NOW) == Taken()
    assert there.fetched == 1
    later(three, seconds=1)
    assert await sender.to_person(settings_of, provider, replace(MESSAGE, id="m-5", text="快到了"), NOW) == Taken()
    assert there.fetched == 2
    assert len(there.to_people) == 5


@each
async def test_all_who_wait_for_a_token_wait_for_one(three, settings_of, sender, provider):
    three.of(provider).held = asyncio.Event()
    several = [
        asyncio.create_task(
            sender.to_person(settings_of, provider, replace(MESSAGE, id=f"m-{n}", text=f"第 {n} 条"), NOW)
        )
        for n in range(10)
    ]
    await asyncio.sleep(0)
    # Who gives up takes the token from nobody.
    several.pop(0).cancel()
    three.of(provider).held.set()
    assert await asyncio.gather(*several) == [Taken()] * 9
    assert three.of(provider).fetched == 1


@each
async def test_a_token_that_the_messenger_does_not_know_any_more_is_fetched_again(three, settings_of, sender, provider):
    there = three.of(provider)
    assert await sender.to_person(settings_of, provider, MESSAGE, NOW) == Taken()
    there.tokens.clear()
    again = replace(MESSAGE, id="m-2", text="第二条")
    assert await sender.to_person(settings_of, provider, again, NOW) == Taken()
    assert there.fetched == 2
    # Here it has ended sooner than was said.
    there.tokens = dict.fromkeys(there.tokens, there.second)
    assert await sender.to_person(settings_of, provider, replace(MESSAGE, id="m-3", text="第三条"), NOW) == Taken()
    assert there.fetched == 3
    assert len(there.to_people) == 3


@each
async def test_a_messenger_that_knows_no_token_is_not_asked_for_ever(three, settings_of, sender, provider):
    there = three.of(provider)
    there.new_token = lambda: "one that has ended"
    assert await sender.to_person(settings_of, provider, MESSAGE, NOW) == Again()
    assert len(there.seen) <= 4


@each
async def test_somebody_unknown_there_is_refused_for_good(three, settings_of, sender, provider):
    outcome = await sender.to_person(settings_of, provider, replace(MESSAGE, user_id="nobody"), NOW)
    assert isinstance(outcome, Refused)
    assert outcome.code == "unknown_user"


async def test_whom_wecom_names_as_unknown_has_not_been_told(three, settings_of, sender):
    await sender.to_person(settings_of, "wecom", MESSAGE, NOW)
    said = b'{"errcode": 0, "errmsg": "ok", "invaliduser": "zhangwei"}'
    three.wecom.next_answers = [(200, {}, said)]
    assert await sender.to_person(settings_of, "wecom", MESSAGE, NOW) == Refused("unknown_user")


async def test_two_texts_alike_in_a_day_both_arrive_and_one_that_is_sent_again_arrives_once(three, settings_of, sender):
    for provider in ("dingtalk", "feishu"):
        for message in (MESSAGE, MESSAGE, replace(MESSAGE, id="018f4e4e-0000-7000-8000-00000000000f")):
            assert await sender.to_person(settings_of, provider, message, NOW) == Taken()
        assert len(three.of(provider).to_people) == 2


@each
async def test_a_text_that_is_too_long_is_cut_and_nothing_in_it_is_a_link_or_calls_everybody(
    three, settings_of, sender, provider
):
    text = '<at user_id="all"></at><a href="https://evil.example">点</a>' + "招" * 3000
    assert await sender.to_person(settings_of, provider, replace(MESSAGE, text=text), NOW) == Taken()
    assert await sender.to_robot(settings_of, provider, robot(provider), text, NOW) == Taken()
    there = three.of(provider)
    for shown in (there.to_people[0][1], there.to_group[0]):
        assert "<" not in shown
        assert "…" in shown


@each
async def test_more_than_the_setting_permits_in_a_minute_waits(three, settings_of, sender, provider):
    few = settings_of.model_copy(update={f"{provider}_messages_per_minute": 2})
    for number in range(2):
        message = replace(MESSAGE, id=f"m-{number}", text=f"第 {number} 条")
        assert await sender.to_person(few, provider, message, NOW) == Taken()
    at = NOW + timedelta(seconds=20)
    assert await sender.to_person(few, provider, MESSAGE, at) == Again(timedelta(seconds=40))
    assert len(three.of(provider).to_people) == 2
    assert await sender.to_person(few, provider, MESSAGE, NOW + timedelta(seconds=60)) == Taken()


@each
async def test_without_an_app_nobody_is_written_to_and_nothing_is_called(three, sender, provider):
    assert await sender.to_person(Settings(), provider, MESSAGE, NOW) == Refused("not_set_up")


@each
async def test_a_wrong_secret_is_the_operators_matter_and_loses_nothing(three, settings_of, sender, provider):
    name = {"wecom": "wecom_secret", "dingtalk": "dingtalk_app_secret", "feishu": "feishu_app_secret"}[provider]
    wrong = Settings(**(three.settings() | {name: "another"}))
    assert isinstance(await sender.to_person(wrong, provider, MESSAGE, NOW), Again)


# --- groups --------------------------------------------------------------------------------------------------------


@each
async def test_a_group_is_written_to_signed(three, settings_of, sender, provider):
    assert await sender.to_robot(settings_of, provider, robot(provider), "公告：开营", NOW) == Taken()
    assert three.of(provider).to_group == ["公告：开营"]


@pytest.mark.parametrize("provider", ["dingtalk", "feishu"])
@pytest.mark.parametrize(("secret", "at"), [("SECanother", NOW), (None, NOW), (SIGNS, NOW - timedelta(hours=2))])
async def test_a_call_to_a_robot_that_is_not_signed_as_it_wants_is_refused(
    three, settings_of, sender, provider, secret, at
):
    outcome = await sender.to_robot(settings_of, provider, robot(provider, secret), "公告", at)
    assert isinstance(outcome, Refused)
    assert outcome.code == "signature_refused"


@each
async def test_a_robot_that_is_gone_is_refused_for_good(three, settings_of, sender, provider):
    three.of(provider).robots.clear()
    outcome = await sender.to_robot(settings_of, provider, robot(provider), "公告", NOW)
    assert isinstance(outcome, Refused)
    assert outcome.code == "unknown_robot"


@pytest.mark.parametrize(
    ("provider", "wait"),
    [
        ("wecom", timedelta(minutes=1)),
        ("dingtalk", timedelta(minutes=10)),
        ("feishu", timedelta(seconds=52)),
    ],
)
async def test_a_robot_that_was_too_fast_waits_as_long_as_its_messenger_says(
    three, settings_of, sender, provider, wait
):
    three.of(provider).per_minute = 0
    assert await sender.to_robot(settings_of, provider, robot(provider), "公告", NOW) == Again(wait)


# --- what goes wrong on the way ------------------------------------------------------------------------------------


UNREADABLE = [
    (500, {}, b"{}"),
    (502, {}, b"<html>"),
    (200, {}, b"<html>"),
    (200, {}, b"[]"),
    (200, {}, b"{}"),
    (200, {}, b'{"errcode": true, "code": "0"}'),
    (429, {}, b""),
    (302, {"location": "http://127.0.0.1:9/"}, b""),
    (200, {}, b'{"errcode": 0, "errcode": 0, "code": 0, "code": 0}'),
    (200, {}, b"{" + b" " * 100_000 + b"}"),
]


@each
async def test_what_cannot_be_read_is_neither_taken_nor_refused(three, settings_of, sender, provider):
    for answer in UNREADABLE:
        three.of(provider).next_answers = [answer]
        assert isinstance(await sender.to_robot(settings_of, provider, robot(provider), "公告", NOW), Again), answer
        three.of(provider).next_answers = [answer]
        assert isinstance(await sender.to_person(settings_of, provider, MESSAGE, NOW), Again), answer


@each
async def test_a_messenger_that_never_answers_is_given_up(three, settings_of, sender, provider, monkeypatch):
    monkeypatch.setattr(chassis.outgoing, "SECONDS", 0.2)
    three.of(provider).held = asyncio.Event()
    assert await sender.to_robot(settings_of, provider, robot(provider), "公告", NOW) == Again()
    assert await sender.to_person(settings_of, provider, MESSAGE, NOW) == Again()
    three.of(provider).held.set()


@each
async def test_a_messenger_inside_is_called_only_where_the_operator_permits_it(three, sender, provider):
    inside = Settings(**(three.settings() | {"messenger_networks": ()}))
    assert isinstance(await sender.to_robot(inside, provider, robot(provider), "公告", NOW), Again)
    assert isinstance(await sender.to_person(inside, provider, MESSAGE, NOW), Again)
    assert three.of(provider).seen == []


@each
async def test_a_number_that_is_not_known_is_refused_with_it(three, settings_of, sender, provider):
    three.of(provider).next_answers = [(200, {}, b'{"errcode": 777777, "code": 777777}')]
    outcome = await sender.to_robot(settings_of, provider, robot(provider), "公告", NOW)
    assert outcome == Refused("refused", "777777")


@each
async def test_no_secret_is_ever_in_a_log(three, settings_of, sender, provider, caplog):
    caplog.set_level(logging.DEBUG)
    # As `chassis.logs` has it: it says each address at a level below.
    caplog.set_level(logging.WARNING, "httpx")
    caplog.set_level(logging.WARNING, "uvicorn.access")
    there = three.of(provider)
    await sender.to_person(settings_of, provider, MESSAGE, NOW)
    there.tokens.clear()
    await sender.to_person(settings_of, provider, replace(MESSAGE, user_id="nobody"), NOW)
    await sender.to_robot(settings_of, provider, robot(provider), "公告", NOW)
    there.robots.clear()
    await sender.to_robot(settings_of, provider, robot(provider), "公告", NOW)
    there.next_answers = [(500, {}, b"{}")]
    await sender.to_robot(settings_of, provider, robot(provider), "公告", NOW)
    wrong = settings_of.model_copy(
        update={f"{provider}_url": "http://127.0.0.1:9", "dingtalk_api_url": "http://127.0.0.1:9"}
    )
    await sender.to_person(wrong, provider, MESSAGE, NOW)
    said = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    assert "messenger refused" in said
    assert "canary" not in said
    assert USER not in said
