"""Feishu 飞书: https://open.feishu.cn/document/server-docs/im-v1/message/create and /client-docs/bot-v3/add-custom-bot."""

import base64
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final

import orjson

from services.membership.messengers.addresses import key_in_path
from services.membership.messengers.messenger import (
    App,
    Call,
    Provider,
    Robot,
    Said,
    Stale,
    Token,
    ToPerson,
    number_in,
    plain,
)
from services.membership.messengers.outcomes import Again, Code, Outcome, Refused, Taken

_STALE: Final = frozenset({99991661, 99991663, 99991664, 99991671})
_BUSY: Final = frozenset({1500, 11232, 230020, 99991400})
"""Tried again: it is busy, or has been asked too often."""
_TO_ONE_PERSON: Final = 230020
"""Five in a second to one person; others may be written to."""
_SET_UP: Final = frozenset({10003, 10014, 230006, 230027, 99991401, 99991672})
"""Who runs the installation has to mend it: app, secret, the app's rights, or from which addresses it may be called."""
_REFUSED: Final[dict[int, Code]] = {
    230001: "unknown_user",
    230013: "unknown_user",
    230029: "unknown_user",
    230025: "text_refused",
    230028: "text_refused",
    9499: "text_refused",
    19001: "unknown_robot",
    19021: "signature_refused",
    19022: "signature_refused",
    19024: "signature_refused",
}
_A_MINUTE: Final = timedelta(minutes=1)
_MEND: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Feishu:
    """Feishu at an address; Lark is the same at another."""

    base: str
    provider: ClassVar[Provider] = "feishu"
    most_bytes: ClassVar = 4000
    signs: ClassVar = True

    def robot_of(self, address: str, secret: str | None) -> Robot | None:
        """By the last part of its address."""
        key = key_in_path(address, self.base, "/open-apis/bot/v2/hook/")
        return None if key is None else Robot(key, secret)

    def to_robot(self, robot: Robot, text: str, now: datetime) -> Call:
        """A plain text, signed in the body by the second."""
        said: dict[str, object] = {"msg_type": "text", "content": {"text": plain(text)}}
        if robot.secret is not None:
            at = str(int(now.timestamp()))
            said |= {"timestamp": at, "sign": signature(robot.secret, at)}
        return Call(self._at(f"bot/v2/hook/{robot.key}"), said)

    def of_robot(self, said: Said, wait: timedelta | None) -> Outcome:
        """By `code`; older robots say `StatusCode`."""
        number = number_in(said, "code")
        number = number_in(said, "StatusCode") if number is None else number
        return Taken() if number == 0 else _not_taken(number, wait)

    def for_token(self, app: App) -> Call:
        """Of a company's own app."""
        said = {"app_id": app.id, "app_secret": app.secret}
        return Call(self._at("auth/v3/tenant_access_token/internal"), said)

    def token_in(self, said: Said) -> Token | None:
        """Of two hours at most: the same one until half an hour before its end."""
        value, lasts = said.get("tenant_access_token"), number_in(said, "expire")
        return Token(value, timedelta(seconds=lasts)) if isinstance(value, str) and value and lasts else None

    def to_person(self, app: App, token: str, message: ToPerson) -> Call:
        """A plain text. With the same id within an hour, Feishu shows one."""
        said = {
            "receive_id": message.user_id,
            "msg_type": "text",
            "content": orjson.dumps({"text": plain(message.text)}).decode(),
            "uuid": message.id[:50],
        }
        return Call(self._at("im/v1/messages?receive_id_type=user_id"), said, {"Authorization": f"Bearer {token}"})

    def of_person(self, said: Said, message: ToPerson, wait: timedelta | None) -> Outcome | Stale:
        """By `code`."""
        number = number_in(said, "code")
        if number == 0:
            return Taken()
        return Stale() if number in _STALE else _not_taken(number, wait)

    def _at(self, path: str) -> str:
        return f"{self.base.rstrip('/')}/open-apis/{path}"


def signature(secret: str, at: str) -> str:
    """Of a call to a robot at a moment, in seconds. The secret is a part of the key, and nothing is signed."""
    return base64.b64encode(hmac.digest(f"{at}\n{secret}".encode(), b"", "sha256")).decode()


def _not_taken(number: int | None, wait: timedelta | None) -> Outcome:
    if number is None:
        return Again(code="unreadable")
    if number in _BUSY:
        return Again(wait or _A_MINUTE, f"feishu_{number}", away=number != _TO_ONE_PERSON)
    if number in _SET_UP:
        return Again(_MEND, f"feishu_{number}")
    return Refused(_REFUSED.get(number, "refused"), str(number))
