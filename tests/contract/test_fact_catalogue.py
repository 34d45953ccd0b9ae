"""Every message of every service is a fact, or is none for a reason."""

from qunxue.contract_documents import all_types
from services.analytics.facts.catalogue import CATALOGUE
from services.analytics.facts.uncounted import NO_FACTS
from services.analytics.facts.verbs import Verb

OWN = "/qunxue/analytics"

STORED = {
    1: "CHECKED_IN",
    2: "STARTED_DISCUSSION",
    3: "REPLIED",
    4: "COMMENTED",
    5: "REACTED",
    6: "READ",
    7: "FINISHED_READING",
    8: "RATED_ARTICLE",
    9: "PUBLISHED_ARTICLE",
    10: "PROPOSED_IDEA",
    11: "VOTED_IDEA",
    12: "VOTED_POLL",
    13: "ACCEPTED_ANSWER",
    14: "ANSWER_ACCEPTED",
    16: "ACKNOWLEDGED_ANNOUNCEMENT",
    17: "REGISTERED",
    18: "ATTENDED",
    19: "SPOKE",
    20: "ANSWERED_SURVEY",
    21: "EARNED_POINTS",
    23: "JOINED",
    24: "LEFT",
    25: "PROMOTED",
    26: "SUBMITTED_ARTICLE",
    27: "COMPLETED_ACTION_ITEM",
    28: "READ_ON_DAY",
    29: "FEATURED",
    30: "REACHED_STREAK",
    31: "SPENT_POINTS",
    32: "GAVE_KUDOS",
    33: "RECEIVED_KUDOS",
    34: "LOST_POINTS",
    35: "POINTS_EXPIRED",
    40: "COMPLETED_PLAN",
    41: "BEGAN_MENTORSHIP",
    42: "COMPLETED_MENTORSHIP",
    43: "COMPETED",
    60: "VISITED_CAMPAIGN",
    61: "APPLIED",
    62: "MISSED_SEARCH",
    63: "ACTIVITY_ANNOUNCED",
    64: "ACTIVITY_CANCELLED",
    65: "ACTIVITY_COMPLETED",
    66: "SURVEY_CLOSED",
    67: "FEEDBACK_OPENED",
    68: "FEEDBACK_ANSWERED",
    69: "FEEDBACK_CLOSED",
    70: "QUESTION_OVERDUE",
    71: "IDEA_DECIDED",
    72: "CONTENT_REPORTED",
    73: "CONTENT_FLAGGED",
    74: "MINOR_PENALTY",
    75: "SERIOUS_PENALTY",
    76: "GRAVE_PENALTY",
}


def test_every_message_of_another_service_stands_in_the_catalogue_or_with_its_reason_beside_it():
    facts = {message.TYPE for message in CATALOGUE}
    assert not facts & NO_FACTS.keys()
    others = {message.TYPE for message in all_types() if message.SOURCE != OWN}
    assert facts | NO_FACTS.keys() == others
    assert all(NO_FACTS.values())


def test_the_numbers_of_verbs_are_those_that_databases_hold():
    assert {verb.value: verb.name for verb in Verb} == STORED
