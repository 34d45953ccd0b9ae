"""What every messenger is to us: calls to make, and what their answers mean. Pure: nobody is called here.

The adapters are `wecom.py`, `dingtalk.py` and `feishu.py`; `sending.py` calls. What they rest on stands in docs/messengers.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final, Literal, Protocol

from services.membership.messengers.outcomes import Outcome

Provider = Literal["wecom", "dingtalk", "feishu"]
USER_ID: Final = "user_id"
"""The kind of id by which messages reach people."""
Said = Mapping[str, Any]
"""The object that a messenger answered."""


@dataclass(frozen=True, slots=True)
class App:
    """The company's own app at a messenger: it may write to people."""

    id: str
    secret: str = field(repr=False)
    agent_id: int | None = None


@dataclass(frozen=True, slots=True)
class Robot:
    """A robot of a group: its key, and with what it wants its calls signed."""

    key: str = field(repr=False)
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Token:
    """With what an app proves itself, for so long."""

    value: str = field(repr=False)
    lasts: timedelta


@dataclass(frozen=True, slots=True)
class Stale:
    """The messenger does not know the token, or not any more: another one has to be fetched."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call to make: `POST` with a body, else `GET`. Its address and headers hold secrets."""

    url: str = field(repr=False)
    body: Said | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class ToPerson:
    """A message to a person: their id at the messenger, and what it says. The same id is the same message."""

    id: str
    user_id: str
    text: str


class Messenger(Protocol):
    """One messenger."""

    provider: ClassVar[Provider]
    most_bytes: ClassVar[int]
    """Of a text, in UTF-8."""
    signs: ClassVar[bool]
    """Whether its robots may want their calls signed."""

    def robot_of(self, address: str, secret: str | None) -> Robot | None:
        """The robot that an address as the messenger gives it stands for; None where it is not one of this messenger."""

    def to_robot(self, robot: Robot, text: str, now: datetime) -> Call:
        """Write to a group."""

    def of_robot(self, said: Said, wait: timedelta | None) -> Outcome:
        """What came of that. `wait`: how long to wait, where the answer's headers say it."""

    def for_token(self, app: App) -> Call:
        """Fetch a token."""

    def token_in(self, said: Said) -> Token | None:
        """The token that was fetched; None where there is none."""

    def to_person(self, app: App, token: str, message: ToPerson) -> Call:
        """Write to a person."""

    def of_person(self, said: Said, message: ToPerson, wait: timedelta | None) -> Outcome | Stale:
        """What came of that."""


def number_in(said: Said, name: str) -> int | None:
    """The number that an answer gives for how it went; None where it gives none."""
    number = said.get(name)
    return number if isinstance(number, int) and not isinstance(number, bool) else None


def plain(text: str) -> str:
    """A text in which nothing is a link, or calls everybody, by its form: some of it members wrote."""
    return text.replace("<", "＜").replace(">", "＞")
