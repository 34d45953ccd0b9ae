"""Calling a messenger: outside of any transaction, bounded, and nothing of its secrets in a log."""

import logging
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, assert_never

import httpx
import orjson

from chassis import strict_json
from chassis.outgoing import AddressRefusedError, Answered, get, post
from chassis.secrets import hash_of
from chassis.settings import Settings
from services.membership.messengers import folding
from services.membership.messengers.dingtalk import DingTalk
from services.membership.messengers.feishu import Feishu
from services.membership.messengers.messenger import (
    App,
    Call,
    Messenger,
    Provider,
    Robot,
    Stale,
    Token,
    ToPerson,
    plain,
)
from services.membership.messengers.outcomes import Again, Outcome, Refused, Taken
from services.membership.messengers.tokens import Tokens
from services.membership.messengers.wecom import WeCom

_TOO_MANY = 429
_BROKEN = 500
_LONGEST = timedelta(hours=1)
"""How long a messenger may have us wait."""

log = logging.getLogger("qunxue.messengers")


def messenger(settings: Settings, provider: Provider) -> Messenger:
    """A messenger where this installation finds it."""
    match provider:
        case "wecom":
            return WeCom(settings.wecom_url)
        case "dingtalk":
            return DingTalk(settings.dingtalk_url, settings.dingtalk_api_url)
        case "feishu":
            return Feishu(settings.feishu_url)
    assert_never(provider)


def app(settings: Settings, provider: Provider) -> App | None:
    """The company's app at a messenger; None where the installation has none."""
    match provider:
        case "wecom":
            known, secret, agent = settings.wecom_corp_id, settings.wecom_secret, settings.wecom_agent_id
        case "dingtalk":
            known, secret, agent = settings.dingtalk_app_key, settings.dingtalk_app_secret, settings.dingtalk_agent_id
        case "feishu":
            known, secret, agent = settings.feishu_app_id, settings.feishu_app_secret, 0
        case _:
            assert_never(provider)
    if known is None or secret is None or agent is None:
        return None
    return App(known, secret.get_secret_value(), agent)


def robot_per_minute(settings: Settings, provider: Provider) -> int:
    """How many messages a robot sends in a minute at most."""
    most: int = getattr(settings, f"{provider}_robot_per_minute")
    return most


@dataclass(slots=True)
class Sender:
    """Who writes to people and groups for one process."""

    tokens: Tokens = field(default_factory=Tokens)
    _sent: dict[str, deque[datetime]] = field(default_factory=dict)

    async def to_robot(self, settings: Settings, provider: Provider, robot: Robot, text: str, now: datetime) -> Outcome:
        """Write to a group. How often is its caller's matter."""
        there = messenger(settings, provider)
        answer = await called(
            settings, provider, there.to_robot(robot, folding.cut(plain(text), there.most_bytes), now)
        )
        if not isinstance(answer, Answer):
            return answer
        return _noted(provider, there.of_robot(answer.said, answer.wait))

    async def to_person(self, settings: Settings, provider: Provider, message: ToPerson, now: datetime) -> Outcome:
        """Write to a person, as the company's app; with a new token where the messenger does not know ours any more."""
        there, ours = messenger(settings, provider), app(settings, provider)
        if ours is None:
            return Refused("not_set_up")
        full = self._full_until(settings, provider, now)
        if full is not None:
            return Again(full - now)
        outcome = await self._with_token(settings, there, ours, message)
        return _noted(provider, Again(code="no_token") if isinstance(outcome, Stale) else outcome)

    async def _with_token(self, settings: Settings, there: Messenger, ours: App, message: ToPerson) -> Outcome | Stale:
        name = f"{there.provider} {hash_of(f'{there.for_token(ours).url} {ours.id} {ours.secret}')}"
        cut = replace(message, text=folding.cut(plain(message.text), there.most_bytes))
        stale: str | None = None
        outcome: Outcome | Stale = Stale()
        for _ in range(2):
            token = await self.tokens.of(name, lambda: fetched(settings, there, ours), not_this=stale)
            if token is None:
                return Again(code="no_token")
            answer = await called(settings, there.provider, there.to_person(ours, token, cut))
            if not isinstance(answer, Answer):
                return answer
            outcome = there.of_person(answer.said, cut, answer.wait)
            if not isinstance(outcome, Stale):
                return outcome
            stale = token
        return outcome

    def _full_until(self, settings: Settings, provider: Provider, now: datetime) -> datetime | None:
        most: int = getattr(settings, f"{provider}_messages_per_minute")
        sent = self._sent.setdefault(provider, deque())
        while sent and sent[0] <= now - folding.WINDOW:
            sent.popleft()
        if len(sent) >= most:
            return sent[0] + folding.WINDOW
        sent.append(now)
        return None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a messenger said, and how long it asks to wait."""

    said: Mapping[str, Any]
    wait: timedelta | None


async def fetched(settings: Settings, there: Messenger, ours: App) -> Token | None:
    """A token of an app; None where none is given, which the log says."""
    answer = await called(settings, there.provider, there.for_token(ours))
    token = there.token_in(answer.said) if isinstance(answer, Answer) else None
    if token is None:
        number = _number(answer.said) if isinstance(answer, Answer) else None
        log.warning("messenger gives no token", extra={"messenger": there.provider, "number": number})
    return token


async def called(settings: Settings, provider: Provider, call: Call) -> Answer | Outcome:
    """What a messenger answers to a call; `Again` where it answers nothing that can be read."""
    allowed = settings.messenger_networks
    try:
        if call.body is None:
            answer = await get(call.url, call.headers, allowed=allowed)
        else:
            answer = await post(call.url, orjson.dumps(call.body), call.headers, allowed=allowed)
        return _understood(answer)
    except AddressRefusedError:
        log.warning("messenger is inside, and may not be called", extra={"messenger": provider})
        return Again(_LONGEST, "address_refused")
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        log.warning("messenger did not answer", extra={"messenger": provider, "why": type(error).__name__})
        return Again(code="unreachable")


def _understood(answer: Answered) -> Answer | Outcome:
    wait = _wait(answer.headers)
    if answer.status >= _BROKEN or (answer.status == _TOO_MANY and not answer.body.startswith(b"{")):
        return Again(wait, str(answer.status))
    said = strict_json.parse(answer.body)
    if not isinstance(said, dict):
        return Again(wait, "unreadable")
    return Answer(said, wait)


def _wait(headers: Mapping[str, str]) -> timedelta | None:
    """How long to wait, as `Retry-After` or Feishu's own header say it in seconds."""
    for name in ("x-ogw-ratelimit-reset", "retry-after"):
        text = headers.get(name, "")
        if text.isascii() and text.isdigit() and len(text) <= 9:
            return min(timedelta(seconds=int(text)), _LONGEST)
    return None


def _noted(provider: Provider, outcome: Outcome) -> Outcome:
    if isinstance(outcome, Refused):
        log.warning("messenger refused", extra={"messenger": provider, "code": outcome.code, "number": outcome.number})
    elif not isinstance(outcome, Taken):
        log.info("messenger asks to wait", extra={"messenger": provider})
    return outcome


def _number(said: Mapping[str, Any]) -> str | None:
    """What an answer gives as its number, where it is one that may be written down."""
    number = next((said[name] for name in ("errcode", "code") if name in said), None)
    text = str(number)
    return text[:60] if number is not None and text.isascii() and text.isprintable() else None
