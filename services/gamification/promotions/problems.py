"""Refusals of promotions."""

from chassis.problems import ProblemType

COMMITTEE_DECIDES = ProblemType(
    "committee_decides",
    409,
    en="The community has a committee: nominate the member, and decide when it has voted",
    zh="社群已设评审委员会：请先提名，待委员投票后再作决定",
)
NO_COMMITTEE = ProblemType(
    "no_committee",
    409,
    en="The community has no committee: an owner decides at once",
    zh="社群未设评审委员会：由负责人直接评定",
)
NOT_ON_COMMITTEE = ProblemType(
    "not_on_committee", 409, en="Only members of the committee vote", zh="只有评审委员可以投票"
)
VOTES_MISSING = ProblemType(
    "votes_missing",
    409,
    en="The committee has not carried it: at least half must have voted, and more for it than against it",
    zh="委员会尚未通过：至少半数委员投票，且赞成票多于反对票",
)
