"""What people and those who keep them read of mail to them."""

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import context_of
from services.membership.deliveries.schemas import MailRefused
from services.membership.deliveries.service import refused_address
from services.membership.deliveries.smtp import MAIL, is_set
from services.membership.people.models import Person


async def mail_refused(session: AsyncSession, person: Person) -> MailRefused | None:
    """That mail to somebody's present address was refused; not asked where no mail is sent."""
    if person.email is None or not is_set(context_of(session).runtime):
        return None
    refused = await refused_address(session, person.id, MAIL, person.email)
    return None if refused is None else MailRefused(code=refused.code, at=refused.at)
