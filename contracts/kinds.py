"""Of which kind a thing is, wherever a request, an answer or a message names one: `object.kind`. The one list of them.

What comes in from people is one of these, else it is refused: of a kind that nobody has, nothing can ever be found. Messages may name
kinds that a reader does not know yet.
"""

from typing import Final, Literal, get_args

PieceKind = Literal["article", "discussion", "reply", "idea"]
PIECES: Final[tuple[PieceKind, ...]] = get_args(PieceKind)
"""What members write in content: it is reported there, moderators remove it, and its authors appeal against that."""
ThingKind = Literal[
    PieceKind,
    "action_item",
    "activity",
    "appeal",
    "application",
    "attachment",
    "attendance",
    "award",
    "badge",
    "campaign",
    "case",
    "certificate",
    "checkin",
    "checkin_plan",
    "collection",
    "community",
    "contest",
    "contest_team",
    "feedback_request",
    "goal",
    "group",
    "insight",
    "interview",
    "invitation",
    "kudos",
    "meeting",
    "member",
    "mentorship",
    "penalty",
    "person",
    "plan_comment",
    "plan_entry",
    "promotion",
    "proposal",
    "redemption",
    "registration",
    "responsibility",
    "retrospective",
    "reward",
    "rule_set",
    "season",
    "series",
    "star",
    "survey",
]
THINGS: Final[tuple[ThingKind, ...]] = get_args(ThingKind)
"""What members do, write and are given, in any service, by the name of its kind."""
