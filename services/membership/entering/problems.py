"""What only ways in refuse."""

from chassis.problems import ProblemType

COMMUNITY_NOT_OPEN = ProblemType("community_not_open", 409, en="The community is not open yet", zh="社群尚未开放")
NOT_JOINED_OPENLY = ProblemType(
    "not_joined_openly",
    409,
    en="Nobody joins this community by themselves",
    zh="该社群不开放自行加入",
)
INVITATION_CLOSED = ProblemType("invitation_closed", 409, en="The invitation is good no more", zh="该邀请已失效")
