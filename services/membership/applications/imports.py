"""The import of a campaign's recruitment history: visits by day and channel, and applications with what was decided."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.rows import existing
from chassis.ids import new_id
from chassis.imports import SPREADSHEETS_AND_LINES, Import, RowRefused, Within
from chassis.messaging.outbox import Outgoing
from chassis.security.authority import CommunityFacts, authorize
from chassis.security.caller import Caller
from chassis.tabular import Column, Kind
from contracts.membership import MemberUpdated
from contracts.recruitment import ApplicationDecided, ApplicationSubmitted
from services.membership.applications.import_rules import (
    Applied,
    Known,
    Visited,
    Window,
    entry_of,
    membership_by,
    time_fault,
    verdict_on,
    visits_of,
    waits_since,
)
from services.membership.applications.models import Application, ApplicationMove
from services.membership.applications.moving import step_of
from services.membership.campaigns.landings import day_of, keep_visits, visits_on
from services.membership.campaigns.models import Campaign
from services.membership.campaigns.moving import record_past
from services.membership.campaigns.parts import channels_of
from services.membership.campaigns.problems import TAKES_NO_HISTORY
from services.membership.campaigns.rules import takes_history
from services.membership.communities.models import Community
from services.membership.people.models import Person
from services.membership.permissions import APPLICATIONS_IMPORT
from services.membership.roster.joining import still_a_member
from services.membership.roster.joining_batch import JoiningBatch
from services.membership.roster.models import Member

_COLUMNS: Final = (
    Column("channel", ("渠道", "channel"), Kind.CODE, required=True, max_length=40, example="poster"),
    Column("day", ("日期", "day"), Kind.DATE, example="2024-03-01"),
    Column("visits", ("浏览次数", "visits"), Kind.TEXT, max_length=20, example="25"),
    Column("employee_no", ("工号", "employee_no", "Employee number"), Kind.CODE, max_length=64, example="00123"),
    Column("applied_at", ("申请时间", "applied_at"), Kind.DATETIME, example="2024-03-01T09:00:00+08:00"),
    Column("decided_at", ("决定时间", "decided_at"), Kind.DATETIME, example="2024-03-04T18:00:00+08:00"),
    Column(
        "outcome",
        ("结果", "outcome"),
        max_length=20,
        choices={
            **dict.fromkeys(("录取", "已录取", "通过", "accepted"), "accepted"),
            **dict.fromkeys(("候补", "waitlisted"), "waitlisted"),
            **dict.fromkeys(("未录取", "不通过", "拒绝", "rejected"), "rejected"),
        },
        example="录取",
    ),
    Column("reason", ("理由", "reason"), max_length=2000, example="目标具体，愿意分享"),
)
_ERRORS: Final = {
    "two_in_one": (
        "A row is either the visits of a day or an application.",
        "每行要么是某天的浏览次数，要么是一份申请。",
    ),
    "incomplete": ("{field} is missing.", "缺少“{field}”。"),
    "invalid_visits": ("Visits are a whole number: {value}", "浏览次数应为整数：{value}"),
    "unknown_channel": ("The campaign has no such channel.", "该招募没有此渠道。"),
    "unknown_person": ("No person has this employee number.", "没有该工号的人员。"),
    "person_left": ("The person has left the company.", "该人员已离职。"),
    "in_the_future": ("{field} is in the future.", "“{field}”晚于现在。"),
    "day_not_over": ("The day is not over yet.", "当天尚未结束。"),
    "before_opening": ("{field} is before the campaign opened.", "“{field}”早于招募开始。"),
    "after_closing": ("The application is from after the campaign closed.", "申请时间晚于招募截止。"),
    "decided_before_applying": ("The decision is earlier than the application.", "决定时间早于申请时间。"),
    "already_applied": (
        "Another application of this person to this campaign stands at that time.",
        "该人员当时已有对本招募的另一份申请。",
    ),
    "decided_otherwise": (
        "The application is known, with another decision.",
        "该申请已存在，但结果或决定时间不同。",
    ),
    "already_a_member": ("The person was a member when they applied.", "该人员申请时已是社群成员。"),
    "expelled": (
        "The person was expelled; an import does not bring them back.",
        "该人员已被除名，导入不会使其重新加入。",
    ),
    "quota_full": ("All seats of the campaign are taken.", "招募名额已满。"),
    "takes_no_history": (
        "The campaign takes no history: it is neither open, nor closed, nor a draft that is over.",
        "该招募不能导入历史：须为进行中、已截止，或时间已过的草稿。",
    ),
}


class HistoryBatch(JoiningBatch[Visited | Applied]):
    """Keeps the visits of days, and makes applications with what followed from them: seats and memberships."""

    async def read(self, items: Sequence[Visited | Applied]) -> None:
        # The campaign first, as everywhere: its lock keeps seats and visits; then the members.
        key = UUID(self.job.params["campaign_id"])
        self._campaign = await existing(self.session, Campaign, key, lock=not self.dry_run)
        self._community = await self.session.get_one(Community, self._campaign.community_id)
        self._channels = {channel.code: channel for channel in await channels_of(self.session, [key])}
        days = {item.day for item in items if isinstance(item, Visited)}
        self._visits = await visits_on(self.session, self._channels.values(), days)
        await self.read_people({item.employee_key for item in items if isinstance(item, Applied)})
        await self._read_applications()
        self._told: dict[tuple[UUID, Any], int] = {}
        self._new: list[Application] = []
        self._seats = 0

    async def _read_applications(self) -> None:
        theirs = select(Application).where(
            col(Application.campaign_id) == self._campaign.id,
            col(Application.person_id).in_([person.id for person in self.people.values()]),
        )
        self._known: defaultdict[UUID, list[Known]] = defaultdict(list)
        for one in (await self.session.execute(theirs)).scalars():
            self._known[one.person_id].append(_known(one))

    def take(self, item: Visited | Applied) -> str:
        campaign = self._campaign
        status = campaign.status_at(self.now)
        if not takes_history(status, opens_at=campaign.opens_at, closes_at=campaign.closes_at, now=self.now):
            raise RowRefused("takes_no_history")
        if item.channel not in self._channels:
            raise RowRefused("unknown_channel")
        return self._visited(item) if isinstance(item, Visited) else self._applied(item)

    def _visited(self, item: Visited) -> str:
        if item.day >= day_of(self._community, self.now):
            raise RowRefused("day_not_over")
        if item.day < day_of(self._community, self._window.opens_at):
            raise RowRefused("before_opening", field="day")
        key = (self._channels[item.channel].id, item.day)
        before = self._visits.get(key)
        if before == item.visits:
            return "unchanged"
        self._visits[key] = self._told[key] = item.visits
        return "created" if before is None else "changed"

    def _applied(self, item: Applied) -> str:
        person = self.people.get(item.employee_key)
        if person is None:
            raise RowRefused("unknown_person")
        if (fault := time_fault(item, self._window, self.now)) is not None:
            raise fault
        known = self._known[person.id]
        verdict = verdict_on(item, known)
        if verdict == "unchanged":
            return "unchanged"
        if verdict != "new":
            raise RowRefused(verdict)
        application = self._application(item, person)
        if item.outcome == "accepted":
            self._accept(application, item, person)
        self._tell(application, item)
        known.append(_known(application))
        return "created"

    @property
    def _window(self) -> Window:
        opens_at = self._campaign.opens_at
        assert opens_at is not None  # noqa: S101 - one that takes a history has opened
        return Window(opens_at, self._campaign.closes_at)

    def _application(self, item: Applied, person: Person) -> Application:
        return Application(
            id=new_id(),
            community_id=self.community_id,
            campaign_id=self._campaign.id,
            person_id=person.id,
            channel_id=self._channels[item.channel].id,
            channel=item.channel,
            state="decided",
            live=item.outcome != "rejected",
            form_version=self._campaign.form_version,
            outcome=item.outcome,
            released_outcome=item.outcome,
            reason=item.reason,
            decided_by=self.job.started_by,
            decided_at=item.decided_at,
            decided_from="submitted",
            waitlisted_at=waits_since(item, self._window, self.now),
            release_at=item.decided_at,
            released_at=self.now,
            holder=self.job.started_by,
            created_at=item.applied_at,
            updated_at=item.decided_at,
            submitted_at=item.applied_at,
            step_since=item.decided_at,
        )

    def _accept(self, application: Application, item: Applied, person: Person) -> None:
        if self._campaign.seats_taken + self._seats >= self._campaign.quota:
            raise RowRefused("quota_full")
        member = self.members.get(person.id)
        ended_at = None if member is None or still_a_member(member) else member.ended_at
        became = membership_by(item, joined_at=member.joined_at if member else None, ended_at=ended_at)
        if became == "already_a_member":
            raise RowRefused("already_a_member")
        if became == "back" and member is not None and member.status == "expelled":
            raise RowRefused("expelled")
        if became != "same" and person.status in ("left", "erased"):
            raise RowRefused("person_left")
        if member is not None and became == "same":
            self._link(member, application, person)
        else:
            member = self.join(
                person,
                via="application",
                joined_at=item.decided_at,
                channel=application.channel,
                cohort_id=self._campaign.cohort_id,
                campaign_id=application.campaign_id,
                application_id=application.id,
            )
        application.member_id = member.id
        self._seats += 1

    def _link(self, member: Member, application: Application, person: Person) -> None:
        """A roster said when they joined; how they came is known now. A membership by another application stays as it is."""
        if member.application_id is not None:
            return
        member.campaign_id, member.application_id = application.campaign_id, application.id
        member.channel = member.channel or application.channel
        self.tell(MemberUpdated, member, person, self.now)

    def _tell(self, application: Application, item: Applied) -> None:
        submitted = step_of(ApplicationSubmitted, application, came_from="draft", to="submitted")
        decided = step_of(ApplicationDecided, application, came_from="submitted", to="decided", outcome=item.outcome)
        for message, at in ((submitted, item.applied_at), (decided, item.decided_at)):
            self.messages.append(Outgoing(message, version=application.bump(), occurred_at=at))
        self._new.append(application)

    async def write(self) -> None:
        if not self._new and not self._told:
            return
        self._campaign.seats_taken += self._seats
        await record_past(self.session, self._campaign, accepted=self._seats > 0, now=self.now)
        codes = {channel.id: channel.code for channel in self._channels.values()}
        await keep_visits(self.session, self._campaign, self._community, codes, self._told)
        # Applications name members.
        await self.write_members()
        if self._new:
            await self.session.execute(insert(Application), [one.model_dump() for one in self._new])
            moves = [move for one in self._new for move in _moves(one, self.job.started_by)]
            await self.session.execute(insert(ApplicationMove), moves)
        await self.tell_all()


def _known(application: Application) -> Known:
    over_at = None
    if not application.live:
        over_at = application.updated_at if application.state == "withdrawn" else application.release_at
    return Known(application.submitted_at, application.decided_at, application.outcome, over_at)


def _moves(application: Application, importer: str) -> list[dict[str, Any]]:
    steps = (
        (application.submitted_at, f"person:{application.person_id}", "submit", "draft", "submitted", None, None),
        (application.decided_at, importer, "decide", "submitted", "decided", application.outcome, application.reason),
    )
    names = ("at", "actor", "action", "from_state", "to_state", "outcome", "note")
    return [{"id": new_id(), "application_id": application.id} | dict(zip(names, step, strict=True)) for step in steps]


async def _campaign(
    session: AsyncSession, caller: Caller, key: UUID, now: datetime
) -> tuple[CommunityFacts, Mapping[str, Any]]:
    """The community of a campaign that takes a history. Raises `TAKES_NO_HISTORY`, and `NOT_FOUND`, also for who may not see a draft."""
    campaign = await existing(session, Campaign, key)
    seen_by = APPLICATIONS_IMPORT if campaign.status == "draft" else None
    standing = await authorize(session, caller, APPLICATIONS_IMPORT, campaign.community_id, seen_by=seen_by, now=now)
    status = campaign.status_at(now)
    if not takes_history(status, opens_at=campaign.opens_at, closes_at=campaign.closes_at, now=now):
        raise TAKES_NO_HISTORY(state=status)
    return standing.community, {}


application_import = Import(
    name="applications",
    tag="Applications",
    about="""Import what a campaign brought from CSV, XLSX or NDJSON: visits by day, and applications with what was decided.

    A row is either the visits of a `day` by a `channel` (`visits`), or an application: `employee_no`, `channel`, `applied_at`,
    `decided_at`, `outcome` (accepted, rejected, waitlisted), and for those who decide a `reason`. Whoever was accepted is a member
    as of the decision; whoever a roster says to have joined after applying is taken to have joined by it, and keeps their day. The
    campaign is one that is open or closed, or a draft with a channel whose `opens_at` and `closes_at` are over: with its first row it
    is one that was open then. Times without an offset are in the community's time zone. Importing the same file again changes
    nothing; another number of visits replaces the one before. Nobody is notified.
    """,
    permission=APPLICATIONS_IMPORT,
    accepts=SPREADSHEETS_AND_LINES,
    columns=_COLUMNS,
    errors=_ERRORS,
    concerns={
        "two_in_one": "visits",
        "incomplete": "employee_no",
        "in_the_future": "applied_at",
        "before_opening": "applied_at",
        "takes_no_history": "channel",
        "unknown_channel": "channel",
        "unknown_person": "employee_no",
        "person_left": "employee_no",
        "already_a_member": "employee_no",
        "expelled": "employee_no",
        "already_applied": "applied_at",
        "after_closing": "applied_at",
        "decided_before_applying": "decided_at",
        "decided_otherwise": "outcome",
        "quota_full": "outcome",
        "day_not_over": "day",
    },
    normal={"visits": visits_of},
    prepare=entry_of,
    batch=HistoryBatch,
    history=True,
    within=Within("campaign_id", _campaign),
    problems=[TAKES_NO_HISTORY],
    called="recruitment histories",
    template="read_applications_template",
)
