"""What happens to discussions, their answers and ideas in a history: merges, holds, removals for several causes, decisions."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import UUID

from contracts import content, ideas
from contracts.base import IntegrationEvent


@dataclass
class Thread:
    """A discussion, who answered in it, and whose answer is the accepted one."""

    id: UUID
    community_id: UUID
    author_id: UUID
    answers: list[tuple[UUID, UUID]] = field(default_factory=list)
    """Each with its author."""
    accepted: tuple[UUID, UUID] | None = None


class Knowledge:
    """Chooses what happens next and says it in content's messages, as content tells it."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._threads: list[Thread] = []
        self._ideas: list[ideas.IdeaProposed] = []
        self._kept: set[UUID] = set()
        """Answers that helped in what was merged."""
        self._unseen: set[UUID] = set()

    def next(self, new_id: Any, community_id: UUID, members: Sequence[UUID]) -> list[IntegrationEvent]:
        """What one happening tells; `members` are two different ones of the community."""
        threads = [one for one in self._threads if one.community_id == community_id]
        proposed = [one for one in self._ideas if one.community_id == community_id]
        first, second = members
        kinds = ["start", "answer", "accept", "unaccept", "merge", "see", "propose", "decide", "see idea", "merge idea"]
        match self._chance.choices(kinds, [2, 6, 6, 2, 3, 3, 3, 3, 2, 1])[0]:
            case "answer" if threads:
                return [self._answer(self._chance.choice(threads), new_id(), first)]
            case "accept" if answered := [one for one in threads if one.answers]:
                return self._accept(self._chance.choice(answered))
            case "unaccept" if helped := [one for one in threads if one.accepted]:
                return [self._taken_back(self._chance.choice(helped))]
            case "merge" if len(threads) > 1:
                return [self._merge(*self._chance.sample(threads, 2))]
            case "see" if threads:
                return [self._turned(self._chance.choice(threads))]
            case "propose":
                made = ideas.IdeaProposed(
                    community_id=community_id, idea_id=new_id(), title="读书角", author_ids=(first, second)
                )
                self._ideas.append(made)
                return [made]
            case "decide" if proposed:
                to = self._chance.choice(["under_review", "adopted", "adopted", "declined"])
                return [ideas.IdeaDecided(**self._chance.choice(proposed).model_dump(), to=to)]
            case "see idea" if proposed:
                return [self._idea_turned(self._chance.choice(proposed))]
            case "merge idea" if len(proposed) > 1:
                source, target = self._chance.sample(proposed, 2)
                self._ideas.remove(source)
                return [ideas.IdeaMerged(**source.model_dump(), merged_into=target.idea_id)]
        return [self._start(new_id(), community_id, first)]

    def _start(self, key: UUID, community_id: UUID, author_id: UUID) -> IntegrationEvent:
        self._threads.append(Thread(key, community_id, author_id))
        return content.DiscussionStarted(
            community_id=community_id, discussion_id=key, kind="question", title="教案怎么写？", author_id=author_id
        )

    def _answer(self, thread: Thread, key: UUID, author_id: UUID) -> IntegrationEvent:
        thread.answers.append((key, author_id))
        return content.ReplyPosted(
            community_id=thread.community_id,
            reply_id=key,
            kind="answer",
            discussion_id=thread.id,
            discussion_kind="question",
            discussion_author_id=thread.author_id,
            author_id=author_id,
        )

    def _accept(self, thread: Thread) -> list[IntegrationEvent]:
        """In the place of another: that is no longer the accepted one."""
        helped = [one for one in thread.answers if one[0] in self._kept]
        answer = self._chance.choice(helped if helped and self._chance.random() < 0.5 else thread.answers)
        if answer == thread.accepted:
            return [self._taken_back(thread)]
        told = [self._taken_back(thread)] if thread.accepted else []
        thread.accepted = answer
        return [*told, self._helped(content.AnswerAccepted, thread, answer)]

    def _taken_back(self, thread: Thread) -> IntegrationEvent:
        answer, thread.accepted = thread.accepted, None
        assert answer is not None
        return self._helped(content.AnswerUnaccepted, thread, answer)

    def _helped(self, kind: Any, thread: Thread, answer: tuple[UUID, UUID]) -> IntegrationEvent:
        told: IntegrationEvent = kind(
            community_id=thread.community_id,
            discussion_id=thread.id,
            reply_id=answer[0],
            asker_id=thread.author_id,
            answerer_id=answer[1],
            accepted_by=thread.author_id,
            helped_before=answer[0] in self._kept,
        )
        return told

    def _merge(self, source: Thread, target: Thread) -> IntegrationEvent:
        """Its answers are the other's from then on, and the accepted one keeps what it earned."""
        if source.accepted and source.accepted[1] != source.author_id:
            self._kept.add(source.accepted[0])
        target.answers += source.answers
        self._threads.remove(source)
        return content.DiscussionMerged(community_id=source.community_id, discussion_id=source.id, into_id=target.id)

    def _turned(self, thread: Thread) -> IntegrationEvent:
        """The discussion or one of its answers is held, removed, or seen again."""
        key, author_id = self._chance.choice([(thread.id, thread.author_id), *thread.answers])
        kinds: Any = (
            (content.DiscussionRemoved, content.DiscussionRestored)
            if key == thread.id
            else (content.ReplyRemoved, content.ReplyRestored)
        )
        told: IntegrationEvent = kinds[self._turn(key)](
            community_id=thread.community_id,
            kind="discussion" if key == thread.id else "reply",
            id=key,
            root_id=thread.id,
            author_ids=(author_id,),
            cause=self._chance.choice(["hold", "moderator", "author", "parent"]),
        )
        return told

    def _idea_turned(self, idea: ideas.IdeaProposed) -> IntegrationEvent:
        kind = (ideas.IdeaRemoved, ideas.IdeaRestored)[self._turn(idea.idea_id)]
        return kind(**idea.model_dump(), cause=self._chance.choice(["hold", "moderator", "author"]))

    def _turn(self, key: UUID) -> bool:
        """Whether it is seen again."""
        again = key in self._unseen
        self._unseen ^= {key}
        return again
