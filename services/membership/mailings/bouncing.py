"""Mail that came back after it was taken: whose address it is that nothing arrives at."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import context_of
from services.membership.credentials.by_mail import note_undelivered
from services.membership.deliveries.models import Delivery
from services.membership.deliveries.occasions import Ended
from services.membership.deliveries.references import delivery_of, went_to
from services.membership.deliveries.service import note_refusal
from services.membership.deliveries.smtp import MAIL
from services.membership.mailings.bounce_rules import Bounce
from services.membership.mailings.schemas import BounceOutcome
from services.membership.people.models import Person


async def note_bounce(session: AsyncSession, bounce: Bounce, now: datetime) -> BounceOutcome:
    """Note that the address of whoever a mail was for is refused, if it was sent by us, and to the address they have now. Again it changes nothing."""
    key = delivery_of(bounce.message_id)
    delivery = None if key is None else await session.get(Delivery, key)
    person = None if delivery is None else await session.get(Person, delivery.person_id, with_for_update=True)
    if delivery is None or person is None or person.email is None or delivery.channel != MAIL:
        return "unknown"
    if not went_to(context_of(session).runtime.secret, bounce.message_id, delivery.id, person.email):
        return "unknown"
    if bounce.status is None:
        return "not_final"
    code = f"bounced_{bounce.status}"
    await note_refusal(session, person.id, MAIL, person.email, code, now)
    if delivery.kind == "code":
        # Somebody waits for it: a person must give it to them.
        await note_undelivered(session, Ended(MAIL, person.id, "code", delivery.subject_id, "refused", code, now))
    return "refused"
