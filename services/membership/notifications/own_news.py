"""What happens in this service without a message, and is told in the same transaction."""

from sqlmodel.ext.asyncio.session import AsyncSession

from services.membership.deliveries.occasions import AddressRefused
from services.membership.deliveries.smtp import MAIL
from services.membership.messengers.occasions import ChannelOff
from services.membership.notifications.rules import Tell
from services.membership.notifications.telling import carry_out
from services.membership.people.occasions import PeopleConcerned
from services.membership.roster.owners import owners_in
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


async def tell_of_refused_address(session: AsyncSession, refused: AddressRefused) -> None:
    """Tell somebody where they can read it still that their mail comes back: they alone know why."""
    if refused.channel != MAIL:
        return
    one = Tell(
        "security.mail_refused",
        f"mail_refused:{refused.person_id}:{refused.at.isoformat()}",
        1,
        f"mail_refused:{refused.person_id}",
        refused.at,
        people=(refused.person_id,),
        about=("person", refused.person_id),
    )
    await carry_out(session, [one], refused.at)


async def tell_of_webhooks_off(session: AsyncSession, off: SwitchedOff) -> None:
    """Tell the owner of endpoints that nothing is sent there any more, and who owns the community beside them: each once, however many there are."""
    by_person = {one.owner_id: one for one in reversed(off.endpoints)}
    tellings = [
        Tell(
            "webhook.off",
            f"webhook:{one.id}:{off.at.isoformat()}",
            1,
            f"webhook:{one.id}",
            off.at,
            people=(person_id,),
            about=("webhook", one.id),
        )
        for person_id, one in by_person.items()
    ]
    here = {(one.community_id, one.owner_id): one for one in reversed(off.endpoints) if one.community_id is not None}
    owners = await owners_in(session, {community_id for community_id, _ in here}, off.at) if here else {}
    tellings += [
        Tell(
            "community_webhook.off",
            f"community_webhook:{one.id}:{off.at.isoformat()}",
            1,
            f"community_webhook:{community_id}",
            off.at,
            community_id=community_id,
            members=tuple(owners[community_id]),
            about=("webhook", one.id),
            unless_by=f"person:{person_id}",
        )
        for (community_id, person_id), one in here.items()
    ]
    await carry_out(session, tellings, off.at)


async def tell_of_channel_off(session: AsyncSession, off: ChannelOff) -> None:
    """Tell who owns a community that nothing is posted by one of its channels any more."""
    owners = await owners_in(session, [off.community_id], off.at)
    one = Tell(
        "messenger_channel.off",
        f"messenger_channel:{off.channel_id}:{off.at.isoformat()}",
        1,
        f"messenger_channel:{off.channel_id}",
        off.at,
        community_id=off.community_id,
        members=tuple(owners[off.community_id]),
        about=("messenger_channel", off.channel_id),
    )
    await carry_out(session, [one], off.at)
