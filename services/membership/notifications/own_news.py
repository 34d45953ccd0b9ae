"""What happens in this service without a message, and is told in the same transaction."""

from sqlmodel.ext.asyncio.session import AsyncSession

from services.membership.appeals.occasions import AppealMoved
from services.membership.cases.occasions import ReviewerAppointed
from services.membership.deliveries.occasions import AddressRefused
from services.membership.deliveries.smtp import MAIL
from services.membership.entering.occasions import InvitationEnded, PersonInvited
from services.membership.measures.occasions import MeasureDue
from services.membership.messengers.occasions import ChannelOff
from services.membership.notifications.rules import Holds, Tell
from services.membership.notifications.service import read_threads
from services.membership.notifications.telling import carry_out
from services.membership.people.occasions import PeopleConcerned
from services.membership.roster.owners import owners_in
from services.membership.rule_sets.occasions import RulesAcknowledged, RulesDue
from services.membership.webhooks.occasions import SwitchedOff

_TURNS = {"ask": "appeal.asked", "answer": "appeal.answered", "appoint": "appeal.appointed"}


async def tell_of_appeals(session: AsyncSession, moved: AppealMoved) -> None:
    """Tell whose turn it is in an appeal: the member was asked, the asker has the answer, somebody is to decide."""
    one = Tell(
        _TURNS[moved.step],
        f"appeal:{moved.appeal_id}:{moved.step}",
        1,
        f"appeal:{moved.appeal_id}",
        moved.at,
        community_id=moved.community_id,
        people=(moved.person_id,),
        about=("appeal", moved.appeal_id),
    )
    await carry_out(session, [one], moved.at)


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


async def tell_of_appointment(session: AsyncSession, appointed: ReviewerAppointed) -> None:
    """Tell a person, who need not be a member of anything, that they are to decide about a case."""
    one = Tell(
        "case.reviewer",
        f"case:{appointed.case_id}:{appointed.at.isoformat()}",
        1,
        f"case:{appointed.case_id}",
        appointed.at,
        people=(appointed.person_id,),
        about=("case", appointed.case_id),
    )
    await carry_out(session, [one], appointed.at)


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


async def tell_of_invitation(session: AsyncSession, invited: PersonInvited) -> None:
    """Tell somebody that they may become a member: they read it though they see nothing of the community yet."""
    one = Tell(
        "invitation.made",
        f"invitation:{invited.invitation_id}",
        1,
        f"invitation:{invited.invitation_id}",
        invited.at,
        people=(invited.person_id,),
        about=("invitation", invited.invitation_id),
        params={"title": invited.community_name},
        lapses_at=invited.until,
    )
    await carry_out(session, [one], invited.at)


async def withdraw_invitation(session: AsyncSession, ended: InvitationEnded) -> None:
    """Take an invitation out of the inbox that is good no more."""
    await carry_out(session, [Holds(f"invitation:{ended.invitation_id}", 2, live=False)], ended.at)


async def tell_of_rules_due(session: AsyncSession, due: RulesDue) -> None:
    """Remind members of the rules that they have not acknowledged; each reminder is told each of them once."""
    one = Tell(
        "reminder.rule_set",
        f"rules_due:{due.rule_set_id}:{due.left.days}",
        1,
        f"rules_due:{due.rule_set_id}",
        due.at,
        community_id=due.community_id,
        members=due.member_ids,
        about=("rule_set", due.rule_set_id),
        params={"days": due.left.days},
    )
    await carry_out(session, [one], due.at)


async def tell_of_measure_due(session: AsyncSession, due: MeasureDue) -> None:
    """Remind members of what a rule wants of them before the window ends; each is told once in a window."""
    one = Tell(
        "reminder.measure",
        f"measure_due:{due.measure_id}:{due.first}",
        1,
        f"measure_due:{due.measure_id}",
        due.at,
        community_id=due.community_id,
        members=due.member_ids,
        about=("rule_set", due.rule_set_id),
        lapses_at=due.ends_at,
    )
    await carry_out(session, [one], due.at)


async def read_of_rules(session: AsyncSession, done: RulesAcknowledged) -> None:
    """Mark the lines as read that asked somebody to acknowledge the rules."""
    threads = (f"rules:{done.community_id}", f"rules_due:{done.rule_set_id}")
    await read_threads(session, done.person_id, threads, done.at)
