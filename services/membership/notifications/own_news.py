"""What happens in this service without a message, and is told in the same transaction."""

from sqlmodel.ext.asyncio.session import AsyncSession

from services.membership.notifications.rules import Tell
from services.membership.notifications.telling import carry_out
from services.membership.people.occasions import PeopleConcerned
from services.membership.webhooks.occasions import SwitchedOff


async def tell_of_reset_factors(session: AsyncSession, concerned: PeopleConcerned) -> None:
    """Tell people that somebody took away their second factor: it may not have been in their name."""
    tellings = [
        Tell(
            "security.factor_reset",
            f"factor:{person_id}:{concerned.at.isoformat()}",
            1,
            f"factor:{person_id}",
            concerned.at,
            people=(person_id,),
            about=("person", person_id),
        )
        for person_id in concerned.ids
    ]
    await carry_out(session, tellings, concerned.at)


async def tell_of_webhook_off(session: AsyncSession, off: SwitchedOff) -> None:
    """Tell the owner of an endpoint that nothing is sent there any more."""
    one = Tell(
        "webhook.off",
        f"webhook:{off.webhook_id}:{off.at.isoformat()}",
        1,
        f"webhook:{off.webhook_id}",
        off.at,
        people=(off.owner_id,),
        about=("webhook", off.webhook_id),
    )
    await carry_out(session, [one], off.at)
