"""A correction of a test: why a version corrects nothing, and what becomes of an application whose result changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from assessment.corrections import changes, unfit
from assessment.frozen import Paper
from services.membership.applications.rules import TEST_REQUIREMENT

Stays = Literal["applied_again", "campaign_archived", "community_archived", "person_left"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a version of a paper corrects nothing; `question_id` where that is one question's."""

    code: str
    question_id: str | None = None


def refusals(in_force: Paper, later: Paper | None) -> list[Refusal]:
    """Why the later version does not grade what was answered by the one in force; none where it does, and something changes."""
    if later is None:
        return [Refusal("paper_not_found")]
    wrong = [Refusal(one.code, one.question_id) for one in unfit(in_force, later)]
    if wrong:
        return wrong
    return [] if changes(in_force, later) else [Refusal("nothing_corrected")]


TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    "paper_not_found": ("The community has no such version of the paper.", "本社群没有该试卷的这个版本。"),
    "nothing_corrected": ("No question of it has a later version.", "其中没有任何题目有更新的版本。"),
    "not_in_paper": (
        "The version lacks this question, which was asked: name it in the paper and publish that.",
        "该版本缺少这道已考的题目；请在试卷中指定该题后重新发布。",
    ),
    "older_question": ("The version has an earlier version of this question.", "该版本中这道题的版本更旧。"),
    "another_kind": (
        "The question is of another kind there; what was answered cannot be graded by it.",
        "该版本中这道题的题型不同，无法据此评分。",
    ),
    "parts_gone": (
        "Parts that were answered with are gone; correct the question without taking any away.",
        "更正后的题目缺少原有选项或空格；更正时请勿删除。",
    ),
}
"""What stands in the way of a correction, in both languages."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How an application stands: whether a machine has decided it, and for what."""

    state: str
    outcome: str | None
    knocked_out: bool
    by_machine: bool
    failed: Sequence[str]

    @property
    def by_the_test_alone(self) -> bool:
        """Whether the test has rejected it, and nothing else. What people have decided since is theirs."""
        rejected = self.state == "decided" and self.outcome == "rejected"
        return rejected and self.knocked_out and self.by_machine and list(self.failed) == [TEST_REQUIREMENT]


@dataclass(frozen=True, slots=True)
class Place:
    """Whether there is a way back for an application."""

    campaign_archived: bool = False
    community_archived: bool = False
    person_left: bool = False
    applied_again: bool = False


@dataclass(frozen=True, slots=True)
class Fate:
    """What a correction does to an application beyond its result: it comes back, or it would but `stays` says why not."""

    returns: bool = False
    stays: Stays | None = None


def fate(ended: Ended, result: str | None, place: Place) -> Fate:
    """Whether an application comes back that has this result now. Whoever is not rejected by the test alone stays where they are."""
    if result != "passed" or not ended.by_the_test_alone:
        return Fate()
    reasons: tuple[Stays, ...] = ("campaign_archived", "community_archived", "person_left", "applied_again")
    stays = next((one for one in reasons if getattr(place, one)), None)
    return Fate(returns=stays is None, stays=stays)
