"""What happens in this service without a message, and is told in the same transaction."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.membership.appeals.occasions import AppealMoved
from services.membership.applications.occasions import CameBack
from services.membership.approvals.occasions import ApprovalMoved
from services.membership.cases.occasions import ReviewerAppointed
from services.membership.deliveries.occasions import AddressRefused
from services.membership.deliveries.smtp import MAIL
from services.membership.entering.occasions import InvitationEnded, PersonInvited
from services.membership.interviews.occasions import InterviewMoved
from services.membership.measures.occasions import MeasureDue
from services.membership.messengers.occasions import ChannelOff
from services.membership.notifications.rules import STAFF, Holds, Tell
from services.membership.notifications.service import read_threads
from services.membership.notifications.telling import carry_out
from services.membership.people.occasions import PeopleConcerned
from services.membership.roster.owners import owners_in
from services.membership.rule_sets.occasions import RulesAcknowledged, RulesDue
from services.membership.screening_tests.occasions import TestDue
from services.membership.webhooks.occasions import SwitchedOff

_APPROVALS = {"asked": "approval.asked", "passed": "approval.passed", "answered": "approval.answered"}
_TESTS = {
    "opened": "test.opened",
    "closing": "reminder.test",
    "extended": "test.extended",
    "reopened": "test.reopened",
}
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


async def tell_of_test(session: AsyncSession, due: TestDue) -> None:
    """Tell an applicant that their test can be taken, closes soon, or runs on: they need not see anything of the community yet."""
    template = _TESTS[due.step]
    until = {} if due.until is None else {"until": due.until.isoformat()}
    one = Tell(
        template,
        f"{template}:{due.application_id}:{due.at.isoformat()}",
        1,
        f"test:{due.application_id}" if due.attempt_id is None else f"test_attempt:{due.attempt_id}",
        due.at,
        people=(due.person_id,),
        about=("application", due.application_id) if due.attempt_id is None else ("test_attempt", due.attempt_id),
        params={"title": due.title} | until,
        # Time that runs already is told for itself, whatever else is unread.
        replaces=due.step in ("extended", "reopened"),
        lapses_at=due.until,
    )
    await carry_out(session, [one], due.at)


async def tell_of_coming_back(session: AsyncSession, back: CameBack) -> None:
    """Tell an applicant whom a wrong question of a test had rejected that their application goes on."""
    one = Tell(
        "application.came_back",
        f"application.came_back:{back.application_id}:{back.at.isoformat()}",
        1,
        f"application:{back.application_id}",
        back.at,
        people=(back.person_id,),
        about=("application", back.application_id),
        params={"title": back.title},
    )
    await carry_out(session, [one], back.at)


async def read_of_rules(session: AsyncSession, done: RulesAcknowledged) -> None:
    """Mark the lines as read that asked somebody to acknowledge the rules."""
    threads = (f"rules:{done.community_id}", f"rules_due:{done.rule_set_id}")
    await read_threads(session, done.person_id, threads, done.at)


async def tell_of_interview(session: AsyncSession, moved: InterviewMoved) -> None:
    """Tell who takes part in an interview what became of it; and those who run the community where somebody is lacking."""
    carried = [_of_interview(moved, template, people) for template, people in _told_of(moved) if people]
    if moved.step == "lacking":
        carried.append(_of_interview(moved, "interview.lacking", ()))
    await carry_out(session, carried, moved.at)


def _told_of(moved: InterviewMoved) -> list[tuple[str, tuple[UUID, ...]]]:
    applicant = () if moved.applicant_id is None else (moved.applicant_id,)
    match moved.step:
        case "offered":
            return [("interview.offered", (*applicant, *moved.people))]
        case "chosen" | "named":
            return [("interview.held", tuple(moved.people))]
        case "given_up":
            return [("interview.given_up", tuple(moved.people))]
        case "moved":
            return [("interview.moved", (*applicant, *moved.people))]
        case "cancelled":
            return [("interview.cancelled", (*applicant, *moved.people))]
        case _:
            return []


def _of_interview(moved: InterviewMoved, template: str, people: tuple[UUID, ...]) -> Tell:
    one = moved.interview
    offered = template == "interview.offered"
    return Tell(
        template,
        f"{template}:{one.id}:{one.version}:{moved.at.isoformat()}",
        1,
        f"interview_offers:{one.campaign_id}" if offered else f"interview:{one.id}",
        moved.at,
        community_id=one.community_id,
        people=people,
        audience=None if people else STAFF,
        about=("interview", one.id),
        params={"title": moved.title} if offered else {"title": moved.title, "until": one.starts_at.isoformat()},
        unless_by=moved.by,
    )


async def tell_of_approval(session: AsyncSession, moved: ApprovalMoved) -> None:
    """Tell whose turn it is: the manager and who stands in, the owners after them, and who asked when there is an answer."""
    members: list[UUID] = []
    if moved.step == "passed":
        members = (await owners_in(session, [moved.community_id], moved.at))[moved.community_id]
    one = Tell(
        _APPROVALS[moved.step],
        f"approval:{moved.application_id}:{moved.step}:{moved.at.isoformat()}",
        1,
        f"approval:{moved.application_id}",
        moved.at,
        community_id=moved.community_id,
        people=tuple(moved.people),
        members=tuple(members),
        about=("application", moved.application_id),
        params={"title": moved.title} | ({"until": moved.due_at.isoformat()} if moved.step == "asked" else {}),
        unless_by=moved.by,
    )
    await carry_out(session, [one], moved.at)
