"""What members and communities do, as numbers that facts and rollups hold. Pure."""

from collections.abc import Collection, Iterable
from enum import IntEnum
from typing import Final


class Verb(IntEnum):
    """A kind of fact. Databases hold the numbers: one that is given stays, also where its verb is gone."""

    CHECKED_IN = 1
    STARTED_DISCUSSION = 2
    REPLIED = 3
    """Answered a question or replied to a topic. Its value is the number of characters, as that of `COMMENTED`."""
    COMMENTED = 4
    REACTED = 5
    READ = 6
    FINISHED_READING = 7
    RATED_ARTICLE = 8
    """Its value is the rating, from 1 to 5."""
    PUBLISHED_ARTICLE = 9
    """One fact for each author; the values of all authors add up to one article. As those of `PROPOSED_IDEA` to one idea."""
    PROPOSED_IDEA = 10
    VOTED_IDEA = 11
    VOTED_POLL = 12
    ACCEPTED_ANSWER = 13
    """By who accepted it; whose answer it was has `ANSWER_ACCEPTED`."""
    ANSWER_ACCEPTED = 14
    ACKNOWLEDGED_ANNOUNCEMENT = 16
    REGISTERED = 17
    ATTENDED = 18
    """Its value is the minutes, as that of `SPOKE`."""
    SPOKE = 19
    ANSWERED_SURVEY = 20
    EARNED_POINTS = 21
    """Its value is the points; what was taken back is a fact of its own, with a value below zero. A fine is none of earning."""
    JOINED = 23
    LEFT = 24
    PROMOTED = 25
    SUBMITTED_ARTICLE = 26
    COMPLETED_ACTION_ITEM = 27
    READ_ON_DAY = 28
    """What somebody read on a day: its value is the number of articles, discussions and announcements."""
    FEATURED = 29
    """Content of theirs was featured."""
    REACHED_STREAK = 30
    """Its value is the length."""
    SPENT_POINTS = 31
    """On a reward; its value is the points, as that of the next two."""
    GAVE_KUDOS = 32
    """To a colleague; who got them has `RECEIVED_KUDOS`."""
    RECEIVED_KUDOS = 33
    LOST_POINTS = 34
    """To a fine; what of it went back is a fact of its own, with a value below zero."""
    POINTS_EXPIRED = 35
    COMPLETED_PLAN = 40
    """A check-in plan. Its value is the number of days."""
    BEGAN_MENTORSHIP = 41
    """One fact for each of the two; their values add up to one mentorship, as those of the next."""
    COMPLETED_MENTORSHIP = 42
    COMPETED = 43
    """In a contest, told when its results are released."""
    # What no member did, or who did it is not told.
    VISITED_CAMPAIGN = 60
    """One fact for each channel and day; its value is the number of visits."""
    APPLIED = 61
    """By a person who is no member yet."""
    MISSED_SEARCH = 62
    """About a query, whose words are the title of the object."""
    ACTIVITY_ANNOUNCED = 63
    ACTIVITY_CANCELLED = 64
    ACTIVITY_COMPLETED = 65
    """Its value is the number of those who attended."""
    SURVEY_CLOSED = 66
    """Its value is the number of answers."""
    FEEDBACK_OPENED = 67
    """One fact for each day, about the community; its value is how many, as those of the next two."""
    FEEDBACK_ANSWERED = 68
    FEEDBACK_CLOSED = 69
    QUESTION_OVERDUE = 70
    IDEA_DECIDED = 71
    CONTENT_REPORTED = 72
    CONTENT_FLAGGED = 73
    MINOR_PENALTY = 74
    """How many there are, by what they are for; never who they are for. As the next two."""
    SERIOUS_PENALTY = 75
    GRAVE_PENALTY = 76


POSTS: Final = frozenset(
    {Verb.STARTED_DISCUSSION, Verb.REPLIED, Verb.COMMENTED, Verb.PUBLISHED_ARTICLE, Verb.PROPOSED_IDEA}
)
"""What others can read."""

TAKING_PART: Final = POSTS | {Verb.CHECKED_IN, Verb.ATTENDED, Verb.SPOKE}
"""Attendance, check-in, post."""

ACTIVE: Final = TAKING_PART | {
    Verb.REACTED,
    Verb.RATED_ARTICLE,
    Verb.VOTED_IDEA,
    Verb.VOTED_POLL,
    Verb.ACCEPTED_ANSWER,
    Verb.REGISTERED,
    Verb.ANSWERED_SURVEY,
    Verb.SUBMITTED_ARTICLE,
    Verb.COMPLETED_ACTION_ITEM,
    Verb.GAVE_KUDOS,
    Verb.COMPETED,
}
"""Who did one of these did something. What happens to somebody, such as earning points, is none, and reading counts apart."""

READING: Final = frozenset({Verb.READ, Verb.FINISHED_READING, Verb.ACKNOWLEDGED_ANNOUNCEMENT, Verb.READ_ON_DAY})

TELLS_DAY: Final = frozenset(
    {
        Verb.READ_ON_DAY,
        Verb.VISITED_CAMPAIGN,
        Verb.FEEDBACK_OPENED,
        Verb.FEEDBACK_ANSWERED,
        Verb.FEEDBACK_CLOSED,
    }
)
"""What is told for a day as a whole: the message names the community's day, and `at` is its noon in UTC."""


def numbers(verbs: Iterable[Verb]) -> Collection[int]:
    """The verbs as databases hold them, in order."""
    return sorted(int(verb) for verb in verbs)
