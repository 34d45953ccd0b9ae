"""What happens in two communities within ten days, told by real messages and by what operators do: the same for the same seed."""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid5

from chassis.messaging.envelope import Received
from chassis.testing import received
from contracts import content, events
from contracts.base import IntegrationEvent
from contracts.fields import ContentObject
from contracts.membership import (
    CommunityOpened,
    CommunityUpdated,
    MemberJoined,
    MemberLeft,
    MemberRoleChanged,
    MemberStatusChanged,
    PersonRegistered,
    PersonUpdated,
)
from tests.system.faults.knowledge import Knowledge

NAMES = UUID("0196a1f0-0000-7000-8000-000000000000")
BEGIN = datetime(2024, 5, 6, 1, 0, tzinfo=UTC)
"""A Monday morning in Shanghai."""
END = BEGIN + timedelta(days=10, hours=8)
ZONES = ("Asia/Shanghai", "America/New_York")


@dataclass
class Person:
    """A member of one community."""

    id: UUID
    person_id: UUID
    employee_no: str
    community: int
    joined_at: datetime
    facts: dict[str, Any] = field(default_factory=dict)
    leaves: bool = False


@dataclass(frozen=True)
class RuleChange:
    """An owner makes a version of a rule."""

    community: int
    at: datetime
    code: str
    body: dict[str, Any]
    valid_from: datetime | None


@dataclass(frozen=True)
class Import:
    """A service account brings check-ins of days gone by; a row is an employee number and a moment."""

    community: int
    at: datetime
    rows: tuple[tuple[str, datetime], ...]


Deed = RuleChange | Import


class History:
    """The messages in the order in which they happened, and the deeds that come through the API."""

    def __init__(self, seed: int, happenings: int, *, members: int = 24) -> None:
        self._random = random.Random(seed)
        self._seed = seed
        self._ids = 0
        self._versions: dict[str, int] = defaultdict(int)
        self.messages: list[Received[Any]] = []
        self.deeds: list[Deed] = []
        self.communities = [self._id(), self._id()]
        self.people: list[Person] = []
        self._now = BEGIN
        self._replies: list[tuple[content.ReplyPosted, Person]] = []
        self._articles: list[content.ArticlePublished] = []
        self._likes: list[content.ReactionAdded] = []
        self._removed: set[UUID] = set()
        self._accepted: set[UUID] = set()
        self._featured: set[UUID] = set()
        self._attended: list[events.AttendanceRecorded] = []
        self._knowledge = Knowledge(self._random)
        self._found(members)
        for n in range(happenings):
            # Some things happen in the very same moment: then their ids decide.
            self._now = max(self._now, BEGIN + (END - BEGIN) * n / happenings)
            self._random.choices(
                [self._reply, self._like, self._article, self._take_back, self._accept, self._attend, self._member_changes,
                 self._feature, self._knowledge_grows],
                [24, 40, 8, 18, 8, 8, 4, 4, 50],
            )[0]()  # fmt: skip
            self._also()
        self._operators()

    # --- what happens -----------------------------------------------------------------------------------------------

    def _found(self, members: int) -> None:
        for number, community_id in enumerate(self.communities):
            self._tell(self._community(CommunityOpened, community_id, ZONES[0]), BEGIN - timedelta(days=20))
            for n in range(members // 2):
                late = n > members // 3
                joined = BEGIN + timedelta(hours=self._random.uniform(1, 100)) if late else BEGIN - timedelta(days=15)
                person = Person(self._id(), self._id(), f"{number}{n:04d}", number, joined)
                person.facts = {"roles": ("owner",) if n == 0 else (), "status": "active"}
                person.leaves = n % 5 == 4
                self.people.append(person)
        # Told when it happens: who joins late does things before that, too.
        for person in sorted(self.people, key=lambda person: person.joined_at):
            self._tell(self._person(PersonRegistered, person), person.joined_at)
            self._tell(MemberJoined(**self._member(person)), person.joined_at)
        # One community moves to the other side of the world: what happened since then falls on other days.
        moved = BEGIN + timedelta(days=4, hours=5)
        self._tell(self._community(CommunityUpdated, self.communities[1], ZONES[1]), moved)

    def _reply(self) -> None:
        author = self._someone()
        discussion = self._pick([r.discussion_id for r, who in self._replies if who.community == author.community])
        reply = content.ReplyPosted(
            community_id=self.communities[author.community],
            reply_id=self._id(),
            kind="answer",
            discussion_id=discussion if discussion and self._random.random() < 0.6 else self._id(),
            discussion_kind="question",
            discussion_author_id=self._someone(author.community).id,
            author_id=author.id,
        )
        self._replies.append((reply, author))
        self._tell(reply)

    def _like(self) -> None:
        found = self._pick(self._replies[-6:])  # of a few, so that they get more than a day's cap
        if found is None:
            return
        reply, author = found
        like = content.ReactionAdded(
            community_id=reply.community_id,
            reaction_id=self._id(),
            reaction=self._random.choice(["like", "like", "like", "thanks"]),
            member_id=self._someone(author.community).id,
            object=ContentObject(
                kind="reply", id=reply.reply_id, root_id=reply.discussion_id, author_ids=(reply.author_id,)
            ),
        )
        self._likes.append(like)
        self._tell(like)

    def _article(self) -> None:
        first = self._someone()
        authors = dict.fromkeys(
            [first.id, *(self._someone(first.community).id for _ in range(self._random.choice([0, 0, 1])))]
        )
        article = content.ArticlePublished(
            community_id=self.communities[first.community],
            article_id=self._id(),
            kind=self._random.choice(["material", "case_study", "experience", "experience"]),
            title="读书笔记",
            visibility="internal",
            author_ids=tuple(authors),
            revision=1,
        )
        self._articles.append(article)
        self._tell(article)

    def _take_back(self) -> None:
        """Remove or restore an article or a reply, or take back a reaction."""
        kind = self._random.choice(["article", "reply", "reply", "like"])
        if kind == "like":
            if self._likes:
                like = self._likes.pop(self._random.randrange(len(self._likes)))
                self._tell(content.ReactionRemoved(**like.model_dump()))
            return
        classes: Any
        if kind == "article":
            article = self._pick(self._articles)
            if article is None:
                return
            thing = root = article.article_id
            authors, community, classes = (
                article.author_ids,
                article.community_id,
                (content.ArticleRemoved, content.ArticleRestored),
            )
        else:
            found = self._pick(self._replies)
            if found is None:
                return
            reply = found[0]
            thing, root, authors, community = (
                reply.reply_id,
                reply.discussion_id,
                (reply.author_id,),
                reply.community_id,
            )
            classes = (content.ReplyRemoved, content.ReplyRestored)
        again = thing in self._removed
        self._removed ^= {thing}
        self._tell(
            classes[again](
                community_id=community, kind=kind, id=thing, root_id=root, author_ids=authors, cause="moderator"
            )
        )

    def _accept(self) -> None:
        found = self._pick(self._replies)
        if found is None:
            return
        reply = found[0]
        kind = content.AnswerUnaccepted if reply.reply_id in self._accepted else content.AnswerAccepted
        self._accepted ^= {reply.reply_id}
        self._tell(
            kind(
                community_id=reply.community_id,
                discussion_id=reply.discussion_id,
                reply_id=reply.reply_id,
                asker_id=reply.discussion_author_id,
                answerer_id=reply.author_id,
                accepted_by=reply.discussion_author_id,
            )
        )

    def _feature(self) -> None:
        article = self._pick(self._articles)
        if article is None:
            return
        kind = content.ContentUnfeatured if article.article_id in self._featured else content.ContentFeatured
        self._featured ^= {article.article_id}
        thing = ContentObject(
            kind="article", id=article.article_id, root_id=article.article_id, author_ids=article.author_ids
        )
        self._tell(kind(community_id=article.community_id, object=thing, by=self._id()))

    def _knowledge_grows(self) -> None:
        first = self._someone()
        second = self._someone(first.community)
        for event in self._knowledge.next(self._id, self.communities[first.community], (first.id, second.id)):
            self._tell(event)

    def _attend(self) -> None:
        if self._attended and self._random.random() < 0.3:
            undone = self._attended.pop(self._random.randrange(len(self._attended)))
            fields = undone.model_dump(include={"community_id", "attendance_id", "activity_id", "member_id"})
            self._tell(events.AttendanceRevoked(**fields))
            return
        who = self._someone()
        attendance = events.AttendanceRecorded(
            community_id=self.communities[who.community],
            attendance_id=self._id(),
            activity_id=uuid5(NAMES, f"activity {self._random.randrange(6)} of {who.community} with {self._seed}"),
            activity_kind="sharing_session",
            member_id=who.id,
            role=self._random.choice(["attendee", "attendee", "speaker"]),
            extent="full",
            minutes=60,
            method="code",
        )
        self._attended.append(attendance)
        self._tell(attendance)

    def _member_changes(self) -> None:
        """Roles, mutings and suspensions with and without an end, leaving and coming back, another name."""
        who = self._someone()
        if "owner" in who.facts["roles"] or who.joined_at > self._now:
            return
        what = self._random.choice(["role", "status", "leave", "name"])
        if what == "name":
            self._tell(self._person(PersonUpdated, who))
        elif what == "role":
            who.facts["roles"] = (
                () if who.facts["roles"] else (self._random.choice(["lecturer", "moderator", "mentor"]),)
            )
            self._tell(MemberRoleChanged(**self._member(who)))
        elif what == "leave" and who.leaves:
            self._leave_or_come_back(who)
        elif who.facts["status"] != "left":
            status = self._random.choice(["active", "muted", "suspended", "suspended"])
            until = self._now + timedelta(hours=self._random.randrange(1, 60)) if status != "active" else None
            who.facts |= {"status": status, "status_until": self._random.choice([None, until])}
            self._tell(MemberStatusChanged(**self._member(who)))

    def _leave_or_come_back(self, who: Person) -> None:
        """Who comes back joined at that moment."""
        left = who.facts["status"] == "left"
        who.facts |= {"status": "active" if left else "left", "status_until": None}
        who.facts |= {"joined_at": self._now} if left else {}
        self._tell((MemberJoined if left else MemberLeft)(**self._member(who)))

    def _operators(self) -> None:
        """Check-ins brought in late, twice in part; rules that hold from the past on."""
        for community in (0, 1):
            faithful = [p for p in self.people if p.community == community and not p.leaves and p.joined_at < BEGIN]
            days = [
                (person.employee_no, BEGIN + timedelta(days=day, hours=self._random.uniform(3.2, 6)))
                for person in faithful
                for day in range(9)
                if self._random.random() < 0.85
            ]
            self._random.shuffle(days)
            for part in range(3):
                rows = tuple(days[part::3]) + tuple(self._random.sample(days, min(3, len(days))))
                self.deeds.append(Import(community, BEGIN + timedelta(days=10, hours=part), rows))
            changes: list[tuple[str, int, dict[str, Any]]] = [
                ("reply", 2, {"trigger": "reply.posted", "points": 4, "xp": 3, "daily_cap": 10, "beneficiary": "author"}),
                ("article", 1, {"trigger": "article.published", "points": 25, "xp": 25, "weekly_cap": 60,
                                "beneficiary": "author", "once_per": "target"}),
                ("like_received", 5, {"trigger": "reaction.added", "points": 2, "xp": 1, "daily_cap": 7,
                                      "beneficiary": "author"}),
                ("reply", 6, {"trigger": "reply.posted", "points": 3, "xp": 3, "daily_cap": 9, "weekly_cap": 30,
                              "beneficiary": "author"}),
                ("discussion", 0, {"trigger": "discussion.started", "points": 5, "xp": 5, "enabled": False,
                                   "beneficiary": "author"}),
            ]  # fmt: skip
            for code, day, body in changes:
                valid_from = BEGIN + timedelta(days=day, hours=self._random.uniform(0, 20)) if day else None
                decided = BEGIN + timedelta(days=day + self._random.uniform(1, 3))
                self.deeds.append(RuleChange(community, decided, code, body, valid_from))

    def _also(self) -> None:
        """What else happens each time, where somebody listens to it."""

    # --- helpers ----------------------------------------------------------------------------------------------------

    def _tell(self, event: IntegrationEvent, at: datetime | None = None) -> None:
        subject = event.subject()
        self._versions[subject] += 1
        self.messages.append(
            received(event, occurred_at=at or self._now, version=self._versions[subject], id_=self._id())
        )

    def _id(self) -> UUID:
        self._ids += 1
        return uuid5(NAMES, f"{self._seed}:{self._ids}")

    def _someone(self, community: int | None = None) -> Person:
        people = [p for p in self.people if community is None or p.community == community]
        # Some do much more than others.
        return people[min(int(self._random.expovariate(3 / len(people))), len(people) - 1)]

    def _pick(self, things: Sequence[Any]) -> Any:
        return self._random.choice(things) if things else None

    def _community(self, kind: Any, community_id: UUID, zone: str) -> Any:
        return kind(
            community_id=community_id, slug=f"c-{community_id.hex[:8]}", name="读书会", kind="training", status="open",
            visibility="internal", join="open", time_zone=zone, day_starts_at=time(0), streak_days="every_day",
            charter_version=1,
        )  # fmt: skip

    def _person(self, kind: Any, person: Person) -> Any:
        name = f"员工 {person.employee_no} {self._versions[str(person.person_id)]}"
        return kind(
            person_id=person.person_id, employee_no=person.employee_no, display_name=name, department_code="D1",
            kind="employee", status="active",
        )  # fmt: skip

    def _member(self, person: Person) -> dict[str, Any]:
        return {
            "community_id": self.communities[person.community],
            "member_id": person.id,
            "person_id": person.person_id,
            "employee_no": person.employee_no,
            "display_name": f"员工 {person.employee_no}",
            "person_kind": "employee",
            "joined_at": person.joined_at,
            "via": "import",
        } | person.facts


def in_order(history: History) -> list[Received[Any] | Deed]:
    """Everything as it happened; of one moment, messages before deeds."""
    moments: list[tuple[datetime, Received[Any] | Deed]] = [(m.occurred_at, m) for m in history.messages]
    moments += [(deed.at, deed) for deed in history.deeds]
    return [thing for _, thing in sorted(moments, key=lambda moment: moment[0])]


def shuffled(
    history: History, chance: random.Random, *, copies: int = 3, keys: bool = True
) -> Iterator[Received[Any] | Deed]:
    """Every message `copies` times and every deed once, in disorder.

    Each copy of a partition (topic and key) keeps its order, and so do the versions of one rule; without `keys` no order is
    kept among messages at all. Deeds that need to know members wait until all of membership's messages have come once.
    """
    queues: list[list[Received[Any] | Deed]] = []
    partitions: dict[object, list[Received[Any]]] = defaultdict(list)
    for message in history.messages:
        partitions[(message.topic, message.data.partition_key()) if keys else message.id].append(message)
    for _ in range(copies):
        queues += [list(partition) for partition in partitions.values()]
    rules: dict[tuple[int, str], list[Received[Any] | Deed]] = defaultdict(list)
    for deed in history.deeds:
        if isinstance(deed, RuleChange):
            rules[deed.community, deed.code].append(deed)
        else:
            queues.append([deed])
    queues += rules.values()
    unknown = {message.id for message in history.messages if message.topic == "qunxue.membership"}
    order = [queue for queue in queues for _ in queue]
    chance.shuffle(order)
    waiting: list[list[Received[Any] | Deed]] = []
    for queue in order:
        if isinstance(queue[0], Received):
            unknown.discard(queue[0].id)
            yield queue.pop(0)
        elif unknown:
            waiting.append(queue)
        else:
            yield queue.pop(0)
        if not unknown and waiting and chance.random() < 0.2:
            yield waiting.pop(0).pop(0)
    for queue in waiting:
        yield queue.pop(0)
