"""Refusals of contests."""

from collections.abc import Mapping
from typing import Final

from chassis.problems import FieldError, ProblemType

NOT_OPEN_YET = ProblemType("contest_not_open_yet", 409, en="The contest has not begun", zh="竞赛尚未开始")
WINDOW_CLOSED = ProblemType("contest_window_closed", 409, en="Nobody can begin any more", zh="竞赛已截止，无法开始作答")
NOT_ENTERED = ProblemType(
    "not_entered",
    403,
    en="Only those who have a seat in this activity, or meet its conditions, compete",
    zh="仅已报名或符合条件的成员可参赛",
)
NO_TEAM = ProblemType("no_team", 409, en="You are in no team of this contest", zh="您尚未加入本次竞赛的队伍")
READS_THE_BANK = ProblemType(
    "reads_the_bank", 403, en="Who has read the questions does not compete", zh="已查看题库的成员不能参赛"
)
TAKEN_OVER = ProblemType(
    "taken_over", 409, en="Another client has taken the attempt over", zh="该次作答已由另一客户端接管"
)
ATTEMPT_OVER = ProblemType(
    "attempt_over",
    409,
    en="The attempt has been handed in: nothing is taken any more",
    zh="该次作答已交卷，不再接受答案",
)
ANSWER_FINAL = ProblemType(
    "answer_final", 409, en="In this contest an answer stays as it was first given", zh="本次竞赛的答案提交后不可更改"
)
NOT_RELEASED = ProblemType("results_not_released", 409, en="Results are not released yet", zh="成绩尚未公布")
NO_TEAMS = ProblemType("no_teams", 409, en="In this contest everybody competes alone", zh="本次竞赛为个人赛")
TEAM_FULL = ProblemType("team_full", 409, en="The team is full", zh="队伍人数已满")
IN_A_TEAM = ProblemType("in_a_team", 409, en="Somebody is in a team already", zh="已有成员加入其他队伍")
TEAMS_ARE_MADE = ProblemType(
    "teams_are_made", 403, en="Who runs the contest makes its teams", zh="队伍由竞赛组织者编排"
)
NOTHING_CORRECTED = ProblemType(
    "nothing_corrected", 409, en="No question of the paper has a later version", zh="试卷中的题目没有更新的版本"
)
REGRADE_UNDER_WAY = ProblemType(
    "regrade_under_way", 409, en="Another correction is not decided yet", zh="另一次更正尚未处理完成"
)
NO_CONTEST = ProblemType(
    "no_contest_activity",
    409,
    en="Only an activity of the kind contest, that is not over, has a contest",
    zh="仅未结束的知识竞赛类活动可设置竞赛",
)

_WRONGS: Final[Mapping[str, tuple[str, str]]] = {
    "in_the_past": ("It is in the past.", "时间已过。"),
    "ends_before_start": ("It ends before it starts.", "结束时间早于开始时间。"),
    "too_long": ("It lasts more than 31 days.", "持续时间超过 31 天。"),
    "longer_than_the_window": ("It is longer than the time from opening to closing.", "答题时长超过开放时段。"),
    "before_the_end": ("Results are not released before the contest closes.", "公布时间早于竞赛截止时间。"),
    "outside_the_window": ("It is not between opening and closing.", "不在开放与截止之间。"),
    "unknown_paper": ("This community has no such version of a paper.", "本社群没有该试卷版本。"),
    "graded_by_people": (
        "It has questions that people grade; a contest is graded by the clock.",
        "试卷含需人工评分的题目，竞赛不支持。",
    ),
    "unknown_member": ("Nobody in this community has it.", "该社群没有这位成员。"),
    "too_many": ("There are more than the team may have.", "超过队伍人数上限。"),
    "unknown_question": ("The sheet has no such question.", "答卷中没有该题。"),
    "unknown_part": ("The question has no such choice.", "该题没有此选项。"),
    "not_this_kind": ("A question of this kind is not answered like this.", "该题型不能这样作答。"),
    "answered_twice": ("It is answered twice.", "重复作答。"),
    "not_in_paper": ("The paper has no such question.", "试卷中没有该题。"),
    "parts_gone": (
        "Choices that were answered with are gone; correct the question without taking choices away.",
        "更正后的题目缺少原有选项；更正时请勿删除选项。",
    ),
}


def wrong(pointer: str, code: str) -> FieldError:
    """What a rule found wrong, in words."""
    en, zh = _WRONGS[code]
    return FieldError(pointer, code, en, zh)
