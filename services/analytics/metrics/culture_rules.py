"""The culture index of an operating team: what they say in the monthly pulse, and what they do. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from services.analytics.facts.verbs import Verb

DIMENSIONS: Final = ("goals", "trust", "collaboration", "innovation", "atmosphere", "learning")
"""As the questions of the pulse are called."""
BEHAVIOUR: Final[Mapping[str, tuple[Verb, ...]]] = {
    "goals": (Verb.COMPLETED_ACTION_ITEM,),
    "trust": (Verb.STARTED_DISCUSSION, Verb.ACCEPTED_ANSWER),
    "collaboration": (Verb.REPLIED, Verb.COMMENTED, Verb.ANSWER_ACCEPTED),
    "innovation": (Verb.PROPOSED_IDEA, Verb.VOTED_IDEA),
    "atmosphere": (Verb.REACTED, Verb.ATTENDED),
    "learning": (Verb.FINISHED_READING, Verb.SPOKE, Verb.PUBLISHED_ARTICLE),
}
"""What members do who live a dimension: finish what was agreed on, ask openly, help, propose, take part with the others, learn and teach."""
FEWEST: Final = 5
"""Of fewer nothing is told: neither what they said nor what they did."""
SAID: Final = 0.6
"""How much of a dimension is what they say; the rest is what they do."""
LOWEST, HIGHEST = 1.0, 5.0


@dataclass(frozen=True, slots=True)
class Part:
    """A score from 1 to 5, and of how many."""

    score: float | None
    n: int | None


NOTHING: Final = Part(None, None)


def said(mean: float | None, answers: int) -> Part:
    """What the pulse came to."""
    return NOTHING if mean is None or answers < FEWEST else Part(mean, answers)


def done(members_who_did: int, members: int) -> Part:
    """What the team did: the share of members who did any of it, as a score."""
    if members < FEWEST:
        return NOTHING
    share = min(1.0, members_who_did / members)
    return Part(LOWEST + (HIGHEST - LOWEST) * share, members)


def dimension(pulse: Part, behaviour: Part) -> Part:
    """Both together; without one of them there is none, as months with and without it could not be compared."""
    if pulse.score is None or behaviour.score is None:
        return NOTHING
    return Part(SAID * pulse.score + (1 - SAID) * behaviour.score, pulse.n)


def index(dimensions: Mapping[str, Part]) -> Part:
    """The mean of all six; where one is missing there is none."""
    scores = [dimensions[one].score for one in DIMENSIONS]
    known = [one for one in scores if one is not None]
    if len(known) < len(DIMENSIONS):
        return NOTHING
    return Part(sum(known) / len(known), min(part.n or 0 for part in dimensions.values()))
