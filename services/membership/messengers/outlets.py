"""The three messengers as ways to people: what waits to be sent to somebody goes to whom their company's log-in knows them as."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.runtime import Runtime
from services.membership.deliveries import channels
from services.membership.deliveries.channels import Content, Message, Outlet
from services.membership.messengers import queries
from services.membership.messengers.messenger import Provider, ToPerson
from services.membership.messengers.outcomes import Again, Outcome, Refused
from services.membership.messengers.sending import Sender, app

_NOBODY: Final = frozenset({"unknown_user"})
"""Nothing will ever arrive there."""
_LATER: Final = timedelta(hours=1)

people = Sender()
"""One for the process: it keeps the tokens, and counts."""


class ByApp:
    """Messages to people by the company's app at one messenger."""

    def __init__(self, runtime: Runtime, provider: Provider) -> None:
        self._runtime = runtime
        self._provider = provider

    async def send(self, message: Message) -> channels.Outcome:
        """Hand a message over. Its id goes along, so that it is shown once where the messenger can tell."""
        said = ToPerson(message.id.hex, message.to, text_of(message.content))
        settings, now = self._runtime.settings, self._runtime.clock()
        return outcome_of(await people.to_person(settings, self._provider, said, now))

    async def rest(self) -> None:
        """Nothing is kept open."""


def outcome_of(outcome: Outcome) -> channels.Outcome:
    """What the messenger said, as those say it who send."""
    match outcome:
        case Again(after=after, code=code, away=away):
            return channels.Again(code, after, away)
        case Refused(code="not_set_up"):
            return channels.Again("not_set_up", _LATER, away=True)
        case Refused(code=code):
            return channels.Refused(code, address=code in _NOBODY)
    return channels.Taken()


def text_of(content: Content) -> str:
    """A message as plain lines, its link last. Why it came is not said: who writes is named above it, and can be muted there."""
    lines = [content.title, *(one for one in content.paragraphs if one != content.title)]
    if content.secret is not None:
        lines.append(content.secret)
    if content.link is not None:
        lines.append(f"{content.link[0]}: {content.link[1]}")
    return "\n".join(lines)


def outlet(provider: Provider) -> Outlet:
    """One messenger as a way to people."""

    async def address(session: AsyncSession, person_id: UUID) -> str | None:
        return await queries.user_at(session, person_id, provider)

    return Outlet(
        provider,
        lambda runtime: app(runtime.settings, provider) is not None,
        lambda runtime: ByApp(runtime, provider),
        address,
    )


OUTLETS: Final = tuple(outlet(provider) for provider in ("wecom", "dingtalk", "feishu"))
