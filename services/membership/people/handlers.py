"""What content tells of the company's lists of words."""

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.handlers import Handlers, Received
from contracts.content import CompanyRulesChanged
from services.membership.people import judging

handlers = Handlers()


@handlers.on(CompanyRulesChanged)
async def follow_company_rules(messages: Sequence[Received[CompanyRulesChanged]], session: AsyncSession) -> None:
    """Know whether moderation looks for anything in names."""
    for message in messages:
        await judging.follow_rules(session, message)
