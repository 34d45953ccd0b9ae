"""What all services tell of the same ten days: a history, and beside it activities, applications, check-ins, points, reading and votes."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid5

from contracts import content, events, gamification, ideas, membership, recruitment
from contracts.base import IntegrationEvent
from qunxue.contract_documents import examples
from tests.system.faults.history import BEGIN, NAMES, ZONES, History, Person

DEPARTMENTS = ("D1", "D2", "D3", None)
STEPS = (
    events.RegistrationWaitlisted,
    events.RegistrationOffered,
    events.RegistrationConfirmed,
    events.RegistrationAssigned,
    events.RegistrationLeaveAsked,
    events.RegistrationReconfirmed,
    events.RegistrationExcused,
    events.RegistrationCancelled,
    events.RegistrationExpired,
)
OF_APPLICATIONS: Mapping[Any, str] = {
    recruitment.ApplicationSubmitted: "submitted",
    recruitment.ApplicationAdvanced: "screening",
    recruitment.ApplicationReturned: "returned",
    recruitment.ApplicationWithdrawn: "withdrawn",
    recruitment.ApplicationDecided: "decided",
}
OWN = ("community_id", "member_id", "author_id", "owner_id", "by_member_id")
"""What an example names that is put in its place; every other id in it is a new one."""


class Company(History):
    """A history, told by every service. `kinds` are messages of which the example in the contract happens, too, at least once."""

    def __init__(
        self, seed: int, happenings: int, kinds: Sequence[type[IntegrationEvent]] = (), *, members: int = 24
    ) -> None:
        self._chance = Random(seed + 1)
        self._kinds = list(kinds)
        self._ideas: dict[UUID, bool] = {}
        self._progress: dict[UUID, float] = {}
        self._visits = 0
        super().__init__(seed, happenings, members=members)
        for _ in self._kinds:
            self._example()
        self.deeds = []

    def _also(self) -> None:
        happen: list[Callable[[], None]] = [
            self._activity, self._register, self._come, self._apply, self._visit, self._check_in, self._points,
            self._read, self._vote, self._ask_all, self._manage, self._leave, self._example,
        ]  # fmt: skip
        self._chance.choices(happen, [6, 8, 6, 4, 2, 6, 4, 5, 3, 2, 1, 2, 6])[0]()

    def _person(self, kind: Any, person: Person) -> Any:
        """They move from one department to another."""
        told = super()._person(kind, person)
        moved = {"department_code": self._chance.choice(DEPARTMENTS), "site": self._chance.choice(["上海", None])}
        return told.model_copy(update=moved | {"job_grade": self._chance.choice(["P5", "P6"])})

    # --- events -----------------------------------------------------------------------------------------------------

    def _activity(self) -> None:
        community, activity_id, starts_at = self._some_activity()
        kind = self._chance.choice(
            [events.ActivityAnnounced, events.ActivityUpdated, events.ActivityMoved, events.ActivityCompleted,
             events.ActivityCancelled]
        )  # fmt: skip
        if self._versions[str(activity_id)] == 0:
            kind = events.ActivityAnnounced
        elif kind is events.ActivityAnnounced:
            kind = events.ActivityUpdated
        more: dict[Any, dict[str, Any]] = {
            events.ActivityUpdated: {"changed": ("title",)},
            events.ActivityMoved: {"starts_at_before": starts_at},
            events.ActivityCompleted: {"visibility": "internal", "registered": 9, "attended": 7, "no_shows": 2},
        }
        starts_at += timedelta(hours=self._chance.randrange(3))
        self._tell(
            kind(
                community_id=self.communities[community],
                activity_id=activity_id,
                kind="sharing_session",
                mode="offline",
                title=f"分享会 {self._chance.randrange(99)}",
                tags=tuple(self._chance.sample(["教学", "安全"], self._chance.randrange(3))),
                starts_at=starts_at,
                ends_at=starts_at + timedelta(hours=2),
                time_zone=ZONES[0],
                hours=self._chance.choice([None, 2.0, 1.5]),
                **more.get(kind, {}),
            )
        )

    def _register(self) -> None:
        community, activity_id, starts_at = self._some_activity()
        member = self._anybody(community)
        self._tell(
            self._chance.choice(STEPS)(
                community_id=self.communities[community],
                registration_id=uuid5(activity_id, f"registered {member.id}"),
                activity_id=activity_id,
                activity_kind="sharing_session",
                starts_at=starts_at,
                member_id=member.id,
            )
        )

    def _come(self) -> None:
        """The same attendance may be revoked and recorded again."""
        community, activity_id, starts_at = self._some_activity()
        member = self._anybody(community)
        same: dict[str, Any] = {
            "community_id": self.communities[community],
            "attendance_id": uuid5(activity_id, f"attended {member.id}"),
            "activity_id": activity_id,
            "member_id": member.id,
        }
        if self._chance.random() < 0.25:
            self._tell(events.AttendanceRevoked(**same))
            return
        self._tell(
            events.AttendanceRecorded(
                **same,
                activity_kind="sharing_session",
                role=self._chance.choice(["attendee", "attendee", "speaker"]),
                extent=self._chance.choice(["full", "full", "partial"]),
                minutes=self._chance.randrange(20, 120),
                hours=self._chance.choice([None, 2.0]),
                method="code",
                starts_at=self._chance.choice([None, starts_at]),
            )
        )

    def _ask_all(self) -> None:
        community, activity_id, _ = self._some_activity()
        same: dict[str, Any] = {"community_id": self.communities[community], "survey_id": self._id()}
        about = events.SurveyAbout(kind="activity", id=activity_id)
        means = (events.Mean(code="overall", mean=4.25, n=6),)
        self._tell(events.SurveyOpened(**same, about=about, audience="attendees", closes_at=self._now))
        answered = events.SurveyAnswered(
            **same, answer_id=self._id(), about=about, member_id=self._anybody(community).id
        )
        self._tell(answered)
        self._tell(events.SurveyClosed(**same, about=about, anonymity="named", asked=9, answered=6, means=means))
        self._tell(events.SatisfactionMeasured(**same, activity_id=activity_id, kind="sharing_session", means=means))

    def _some_activity(self) -> tuple[int, UUID, datetime]:
        """The community, its id, and when it was to begin."""
        community, number = self._chance.randrange(2), self._chance.randrange(6)
        named = uuid5(NAMES, f"activity {number} of {community} with {self._seed}")
        return community, named, BEGIN + timedelta(days=number, hours=8)

    # --- membership -------------------------------------------------------------------------------------------------

    def _apply(self) -> None:
        community, number = self._chance.randrange(2), self._chance.randrange(8)
        kind = self._chance.choice(list(OF_APPLICATIONS))
        application_id = uuid5(NAMES, f"application {number} of {community} with {self._seed}")
        if self._versions[str(application_id)] == 0:
            kind = recruitment.ApplicationSubmitted
        self._tell(
            kind(
                community_id=self.communities[community],
                application_id=application_id,
                campaign_id=uuid5(self.communities[community], "campaign"),
                person_id=uuid5(application_id, "person"),
                channel="海报",
                to=OF_APPLICATIONS[kind],
                **({"outcome": "accepted"} if kind is recruitment.ApplicationDecided else {}),
            )
        )

    def _visit(self) -> None:
        community_id = self.communities[self._chance.randrange(2)]
        self._visits += self._chance.randrange(9)
        told = recruitment.CampaignVisited(
            community_id=community_id,
            campaign_id=uuid5(community_id, "campaign"),
            channel=self._chance.choice(["海报", "邮件"]),
            day=self._now.date(),
            visits=self._visits,
        )
        self._tell(told)

    def _manage(self) -> None:
        manager = self._anybody(self._chance.randrange(2)).person_id
        code = self._chance.choice([code for code in DEPARTMENTS if code])
        self._tell(membership.DepartmentUpdated(code=code, name=f"部门 {code}", manager_person_id=manager))

    def _leave(self) -> None:
        """Or come back."""
        who = self._chance.choice([one for one in self.people if one.leaves])
        if who.joined_at <= self._now and "owner" not in who.facts["roles"]:
            self._leave_or_come_back(who)

    # --- gamification -----------------------------------------------------------------------------------------------

    def _check_in(self) -> None:
        member = self._anybody(self._chance.randrange(2))
        day = self._now.date()
        told = gamification.CheckinRecorded(
            community_id=self.communities[member.community],
            checkin_id=uuid5(member.id, f"checked in on {day}"),
            member_id=member.id,
            day=day,
            time_zone=ZONES[0],
            origin="now",
        )
        if self._versions[told.subject()] == 0:
            self._tell(told)

    def _points(self) -> None:
        member = self._anybody(self._chance.randrange(2))
        same: dict[str, Any] = {
            "community_id": self.communities[member.community],
            "transfer_ids": (self._id(),),
            "member_id": member.id,
            "cause": gamification.Cause(event_id=self._id(), type="qunxue.content.reply.posted.v1"),
            "balance": gamification.Balance(points=0, xp=0),
            "xp": 0,
        }
        points = self._chance.randrange(1, 9)
        match self._chance.randrange(3):
            case 0:
                self._tell(gamification.PointsAwarded(**same, points=-points, kind="redemption"))
            case 1:
                self._tell(gamification.PointsReversed(**same, points=-points, kind="reversal", reverses=(self._id(),)))
            case _:
                self._tell(gamification.PointsAwarded(**same, points=points, kind="award"))

    # --- content ----------------------------------------------------------------------------------------------------

    def _read(self) -> None:
        """Further each time; whoever reads to the end may rate it, and rate it anew."""
        article = self._chance.choice(self._articles) if self._articles else None
        if article is None:
            return
        member = self._anybody(self.communities.index(article.community_id))
        same: dict[str, Any] = {
            "community_id": article.community_id,
            "article_id": article.article_id,
            "member_id": member.id,
        }
        key = uuid5(article.article_id, str(member.id))
        progress = self._progress[key] = min(1.0, self._progress.get(key, 0.0) + 0.5)
        self._tell(content.ArticleRead(**same, progress=progress, finished=progress == 1))
        if progress == 1:
            self._tell(content.ArticleRated(**same, rating=self._chance.randrange(1, 6)))

    def _vote(self) -> None:
        community, number = self._chance.randrange(2), self._chance.randrange(3)
        member = self._anybody(community)
        idea_id = uuid5(NAMES, f"idea {number} of {community} with {self._seed}")
        key = uuid5(idea_id, str(member.id))
        votes = self._ideas[key] = not self._ideas.get(key, False)
        self._tell(
            (ideas.IdeaVoted if votes else ideas.IdeaUnvoted)(
                community_id=self.communities[community],
                idea_id=idea_id,
                title="图书角",
                author_ids=(member.id,),
                member_id=member.id,
            )
        )

    # --- all others -------------------------------------------------------------------------------------------------

    def _example(self) -> None:
        """The next of the kinds, as its contract shows it: about new things, by members of ours."""
        if not self._kinds:
            return
        kind = self._kinds.pop(0)
        self._kinds.append(kind)
        member = self._anybody(self._chance.randrange(2))
        ids: dict[str, str] = {}
        shown = self._named_anew(self._chance.choice(examples(kind)), ids)
        ours = dict.fromkeys(OWN, str(member.id)) | {"community_id": str(self.communities[member.community])}
        self._tell(kind.model_validate(shown | {name: value for name, value in ours.items() if name in shown}))

    def _named_anew(self, value: Any, ids: dict[str, str]) -> Any:
        if isinstance(value, dict):
            return {name: self._named_anew(one, ids) for name, one in value.items()}
        if isinstance(value, list):
            return [self._named_anew(one, ids) for one in value]
        if isinstance(value, str) and len(value) == 36 and value.count("-") == 4:
            return ids.setdefault(value, str(self._id()))
        return value

    def _anybody(self, community: int) -> Person:
        return self._chance.choice([one for one in self.people if one.community == community])
