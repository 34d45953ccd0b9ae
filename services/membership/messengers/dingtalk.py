"""DingTalk 钉钉: https://open.dingtalk.com/document/orgapp/asynchronous-sending-of-enterprise-session-messages and /custom-robot-access."""

import base64
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final
from urllib.parse import urlencode

from services.membership.messengers.addresses import key_in_query
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

_STALE: Final = frozenset({"40014", "41001", "42001"})
_ALREADY: Final = "143106"
"""The same text to the same person on the same day: they have it."""
_OF_ONE_PERSON: Final = frozenset({"143105"})
"""They have had enough of us today; others have not."""
_OWN_END: Final = 6
_WAITS: Final = {
    "-1": timedelta(minutes=1),
    "90002": timedelta(minutes=1),
    "90005": timedelta(minutes=1),
    "90018": timedelta(minutes=1),
    "143103": timedelta(minutes=1),
    "143104": timedelta(minutes=1),
    "1430003": timedelta(minutes=1),
    # A robot that was too fast is silent for ten minutes.
    "130101": timedelta(minutes=10),
    "410100": timedelta(minutes=10),
    # Five hundred a day to one person.
    "143105": timedelta(hours=1),
    # Who runs the installation has to mend it: app, rights, or from which addresses it may be called.
    "33001": timedelta(minutes=15),
    "40078": timedelta(minutes=15),
    "60011": timedelta(minutes=15),
    "60020": timedelta(minutes=15),
}
_REFUSED: Final[dict[str, Code]] = {
    "33012": "unknown_user",
    "1430000": "unknown_user",
    "1430004": "unknown_user",
    "1430002": "text_refused",
    "430101": "text_refused",
    "430102": "text_refused",
    "430104": "text_refused",
    "310000": "signature_refused",
    "300001": "unknown_robot",
    "300005": "unknown_robot",
    "400013": "unknown_robot",
    "400101": "unknown_robot",
    "400102": "unknown_robot",
    "400106": "unknown_robot",
}


@dataclass(frozen=True, slots=True)
class DingTalk:
    """DingTalk at its two addresses; newer calls are at `api`."""

    base: str
    api: str
    provider: ClassVar[Provider] = "dingtalk"
    most_bytes: ClassVar = 1900
    signs: ClassVar = True

    def robot_of(self, address: str, secret: str | None) -> Robot | None:
        """By its token in the address."""
        key = key_in_query(address, self.base, "/robot/send", "access_token")
        return None if key is None else Robot(key, secret)

    def to_robot(self, robot: Robot, text: str, now: datetime) -> Call:
        """A plain text, signed in the address by the millisecond."""
        query = {"access_token": robot.key}
        if robot.secret is not None:
            at = str(int(now.timestamp() * 1000))
            query |= {"timestamp": at, "sign": signature(robot.secret, at)}
        return Call(self._at("robot/send", **query), {"msgtype": "text", "text": {"content": plain(text)}})

    def of_robot(self, said: Said, wait: timedelta | None) -> Outcome:
        """By `errcode`."""
        number = _number(said)
        return Taken() if number == "0" else _not_taken(number, wait)

    def for_token(self, app: App) -> Call:
        """Where the secret is in the body, not in the address."""
        return Call(f"{self.api.rstrip('/')}/v1.0/oauth2/accessToken", {"appKey": app.id, "appSecret": app.secret})

    def token_in(self, said: Said) -> Token | None:
        """Of two hours, as a rule."""
        value, lasts = said.get("accessToken"), number_in(said, "expireIn")
        return Token(value, timedelta(seconds=lasts)) if isinstance(value, str) and value and lasts else None

    def to_person(self, app: App, token: str, message: ToPerson) -> Call:
        """A work notification 工作通知, with an end of its own: of two texts alike in a day DingTalk would show one, and say that it took both.

        So the same message, sent again, is shown once.
        """
        text = f"{plain(message.text)}\n#{message.id[-_OWN_END:]}"
        said = {
            "agent_id": app.agent_id,
            "userid_list": message.user_id.replace(",", ""),
            "msg": {"msgtype": "text", "text": {"content": text}},
        }
        return Call(self._at("topapi/message/corpconversation/asyncsend_v2", access_token=token), said)

    def of_person(self, said: Said, message: ToPerson, wait: timedelta | None) -> Outcome | Stale:
        """By `errcode`, and by `sub_code` where that says 88."""
        number = _number(said)
        if number in ("0", _ALREADY):
            return Taken()
        return Stale() if number in _STALE else _not_taken(number, wait)

    def _at(self, path: str, **query: str) -> str:
        return f"{self.base.rstrip('/')}/{path}?{urlencode(query)}"


def signature(secret: str, at: str) -> str:
    """Of a call to a robot at a moment, in milliseconds."""
    return base64.b64encode(hmac.digest(secret.encode(), f"{at}\n{secret}".encode(), "sha256")).decode()


def _number(said: Said) -> str | None:
    number = number_in(said, "errcode")
    if number == 88:
        return str(said.get("sub_code"))
    return None if number is None else str(number)


def _not_taken(number: str | None, wait: timedelta | None) -> Outcome:
    if number is None:
        return Again(code="unreadable")
    if number in _WAITS:
        return Again(wait or _WAITS[number], f"dingtalk_{number}", away=number not in _OF_ONE_PERSON)
    return Refused(_REFUSED.get(number, "refused"), number)
