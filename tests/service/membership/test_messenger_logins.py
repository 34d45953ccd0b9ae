"""Logging in by WeCom, DingTalk and Feishu: where people are sent, and who they are when they come back with a code."""

import base64
import hashlib
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from chassis.problems import Problem
from chassis.provider_settings import providers_in
from chassis.settings import Settings
from services.membership.providers.interface import Asked
from services.membership.providers.kinds import KINDS
from tests.support.messengers import AGENT, ID, SECRET, USER, messengers

PROVIDERS = ("wecom", "dingtalk", "feishu")
BACK = "https://learn.example/v1/providers/corp/callback"
ASKED = Asked(state="s" * 43, nonce="n" * 43, verifier="v" * 43, redirect_uri=BACK)
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(b"v" * 43).digest()).decode().rstrip("=")

each = pytest.mark.parametrize("provider", PROVIDERS)


class Process:
    """What an adapter needs of a process."""

    def __init__(self, settings):
        self.settings = settings


@pytest.fixture
async def three():
    async with messengers() as found:
        yield found


def said(three, provider, **more):
    kinds = {"wecom": {"agent_id": AGENT}, "dingtalk": {}, "feishu": {"accounts_url": three.base("feishu")}}
    names = {"zh": "公司账号", "en": "Company account"}
    common = {"code": "corp", "kind": provider, "names": names, "client_id": ID, "client_secret": SECRET}
    return common | kinds[provider] | more


def login(three, provider, **more):
    (one,) = providers_in(json.dumps([said(three, provider, **more)]))
    process: Any = Process(Settings(**three.settings()))
    return KINDS[provider](process, one)


async def refusal(adapter, code, asked=ASKED):
    with pytest.raises(Problem) as refused:
        await adapter.identify(code, asked)
    return refused.value.type.code


@each
async def test_people_are_sent_to_the_messengers_page_with_what_binds_the_log_in(three, provider):
    url = urlsplit(await login(three, provider).authorization_url(ASKED))
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert (query["state"], query["redirect_uri"]) == (ASKED.state, BACK)
    assert query.get("appid", query.get("client_id")) == ID
    assert SECRET not in url.geturl()
    assert ASKED.verifier not in url.geturl()
    if provider == "feishu":
        assert (query["code_challenge"], query["code_challenge_method"]) == (CHALLENGE, "S256")


@each
async def test_who_comes_back_is_whom_the_companys_directory_knows_and_a_code_is_good_once(three, provider):
    adapter = login(three, provider)
    three.of(provider).codes["good"] = (USER, BACK, CHALLENGE)
    who = await adapter.identify("good", ASKED)
    assert (who.provider, who.kind, who.subject, who.employee_no) == ("corp", "user_id", USER, None)
    assert await refusal(adapter, "good") == "provider_refused"
    assert await refusal(adapter, "invented") == "provider_refused"


@pytest.mark.parametrize(("provider", "user"), [("wecom", "friend"), ("dingtalk", "friend"), ("dingtalk", "outside-1")])
async def test_who_is_nobody_of_the_company_is_refused(three, provider, user):
    three.dingtalk.users.add("outside-1")
    three.of(provider).codes["good"] = (user, BACK, CHALLENGE)
    assert await refusal(login(three, provider), "good") == "provider_refused"


@pytest.mark.parametrize(
    "asked",
    [
        Asked(ASKED.state, ASKED.nonce, "w" * 43, BACK),
        Asked(ASKED.state, ASKED.nonce, ASKED.verifier, "https://evil.example/"),
    ],
)
async def test_a_code_that_somebody_else_began_is_of_no_use_at_feishu(three, asked):
    three.feishu.codes["good"] = (USER, BACK, CHALLENGE)
    assert await refusal(login(three, "feishu"), "good", asked) == "provider_refused"


@pytest.mark.parametrize("provider", ["wecom", "dingtalk"])
async def test_a_token_that_has_ended_is_fetched_again(three, provider):
    adapter, there = login(three, provider), three.of(provider)
    there.codes |= {"one": (USER, BACK, CHALLENGE), "two": (USER, BACK, CHALLENGE)}
    await adapter.identify("one", ASKED)
    there.tokens.clear()
    assert (await adapter.identify("two", ASKED)).subject == USER
    assert there.fetched == 2


@each
@pytest.mark.parametrize("answer", [(500, {}, b"{}"), (200, {}, b"<html>"), (200, {}, b"{}")])
async def test_a_messenger_that_says_nothing_of_use_lets_nobody_in(three, provider, answer):
    three.of(provider).codes["good"] = (USER, BACK, CHALLENGE)
    three.of(provider).next_answers = [answer] * 4
    assert await refusal(login(three, provider), "good") == "provider_unavailable"


@each
async def test_user_ids_are_employee_numbers_only_where_the_host_says_so(three, provider):
    three.of(provider).codes["good"] = (USER, BACK, CHALLENGE)
    who = await login(three, provider, user_id_is_employee_no=True).identify("good", ASKED)
    assert who.employee_no == USER


@each
async def test_a_messenger_without_a_secret_is_no_way_to_log_in(three, provider):
    wrong = {name: value for name, value in said(three, provider).items() if name != "client_secret"}
    with pytest.raises(ValueError, match="client_secret or client_secret_file must be set"):
        providers_in(json.dumps([wrong]))
