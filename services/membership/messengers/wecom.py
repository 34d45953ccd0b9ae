"""WeCom 企业微信: https://developer.work.weixin.qq.com/document/path/90236 (apps) and /91770 (robots)."""

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

_STALE: Final = frozenset({40014, 41001, 42001})
_BUSY: Final = frozenset({-1, 45009, 45033})
"""Tried again: it is busy, or has been asked too often in a minute."""
_SET_UP: Final = frozenset({40001, 40013, 40056, 48002, 60020, 301002})
"""Who runs the installation has to mend it: secret, company, app, or from which addresses it may be called."""
_REFUSED: Final[dict[int, Code]] = {
    40003: "unknown_user",
    60111: "unknown_user",
    81013: "unknown_user",
    93000: "unknown_robot",
    40008: "text_refused",
    44004: "text_refused",
    45002: "text_refused",
}
_A_MINUTE: Final = timedelta(minutes=1)
_MEND: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class WeCom:
    """WeCom at an address."""

    base: str
    provider: ClassVar[Provider] = "wecom"
    most_bytes: ClassVar = 2048
    signs: ClassVar = False

    def robot_of(self, address: str, secret: str | None) -> Robot | None:
        """By its key, which is all that proves a call."""
        key = key_in_query(address, self.base, "/cgi-bin/webhook/send", "key")
        return None if key is None or secret is not None else Robot(key)

    def to_robot(self, robot: Robot, text: str, now: datetime) -> Call:
        """A plain text."""
        return Call(self._at("webhook/send", key=robot.key), {"msgtype": "text", "text": {"content": plain(text)}})

    def of_robot(self, said: Said, wait: timedelta | None) -> Outcome:
        """By `errcode`."""
        number = number_in(said, "errcode")
        return Taken() if number == 0 else _not_taken(number, wait)

    def for_token(self, app: App) -> Call:
        """WeCom has the secret in the address."""
        return Call(self._at("gettoken", corpid=app.id, corpsecret=app.secret))

    def token_in(self, said: Said) -> Token | None:
        """Of two hours, as a rule."""
        value, lasts = said.get("access_token"), number_in(said, "expires_in")
        return Token(value, timedelta(seconds=lasts)) if isinstance(value, str) and value and lasts else None

    def to_person(self, app: App, token: str, message: ToPerson) -> Call:
        """A plain text. Not checked for repetition: two that say the same are two."""
        said = {
            "touser": message.user_id.replace("|", ""),
            "msgtype": "text",
            "agentid": app.agent_id,
            "text": {"content": plain(message.text)},
            "safe": 0,
        }
        return Call(self._at("message/send", access_token=token), said)

    def of_person(self, said: Said, message: ToPerson, wait: timedelta | None) -> Outcome | Stale:
        """Taken by WeCom is not taken by the person, where it names them as unknown."""
        number = number_in(said, "errcode")
        if number == 0:
            return Refused("unknown_user") if said.get("invaliduser") else Taken()
        return Stale() if number in _STALE else _not_taken(number, wait)

    def _at(self, path: str, **query: str) -> str:
        return f"{self.base.rstrip('/')}/cgi-bin/{path}?{urlencode(query)}"


def _not_taken(number: int | None, wait: timedelta | None) -> Outcome:
    if number is None:
        return Again(code="unreadable")
    if number in _BUSY:
        return Again(wait or _A_MINUTE, f"wecom_{number}")
    if number in _SET_UP:
        return Again(_MEND, f"wecom_{number}")
    return Refused(_REFUSED.get(number, "refused"), str(number))
