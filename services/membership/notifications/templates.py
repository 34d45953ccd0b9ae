"""What notifications say, in both languages. Stored are a template's name and version, so that a version stays when a later one differs.

`{who}` is the member who did it, `{title}` what the thing is called, `{others}` how many others did the same. Without a title a thing is
named by its kind.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from chassis.locale import Locale
from services.membership.notifications.rules import CRITICAL


@dataclass(frozen=True, slots=True)
class Template:
    """One thing that people are told. `many` is said where a line speaks of several people; `untitled` of a thing without a title."""

    category: str
    en: str
    zh: str
    many_en: str = ""
    many_zh: str = ""
    untitled: tuple[str, str] = ("something", "某项内容")
    private: bool = False
    """Whether its title is left out where it leaves the house."""

    @property
    def critical(self) -> bool:
        """Whether nobody can switch it off."""
        return self.category in CRITICAL


_DISCUSSION: Final = ("a discussion", "一个讨论")
_ACTIVITY: Final = ("an activity", "一个活动")
_GROUP: Final = ("a group", "一个小组")
_CAMPAIGN: Final = ("a campaign", "一次招募")

TEMPLATES: Final[Mapping[tuple[str, int], Template]] = {
    ("reply.yours", 1): Template(
        "replies",
        "{who} replied to “{title}”",
        "{who} 回复了你发起的“{title}”",
        "{who} and {others} others replied to “{title}”",
        "{who} 等 {count} 人回复了你发起的“{title}”",
        ("your discussion", "讨论"),
    ),
    ("reply.followed", 1): Template(
        "replies",
        "{who} replied in “{title}”",
        "{who} 回复了你关注的“{title}”",
        "{who} and {others} others replied in “{title}”",
        "{who} 等 {count} 人回复了你关注的“{title}”",
        _DISCUSSION,
    ),
    ("reply.comment", 1): Template(
        "replies",
        "{who} commented on your reply in “{title}”",
        "{who} 评论了你在“{title}”中的回复",
        "{who} and {others} others commented on your reply in “{title}”",
        "{who} 等 {count} 人评论了你在“{title}”中的回复",
        _DISCUSSION,
    ),
    ("reply.mention", 1): Template(
        "mentions",
        "{who} mentioned you in “{title}”",
        "{who} 在“{title}”中提到了你",
        "{who} and {others} others mentioned you in “{title}”",
        "{who} 等 {count} 人在“{title}”中提到了你",
        untitled=_DISCUSSION,
    ),
    ("discussion.mention", 1): Template(
        "mentions",
        "{who} mentioned you in “{title}”",
        "{who} 在“{title}”中提到了你",
        "{who} and {others} others mentioned you in “{title}”",
        "{who} 等 {count} 人在“{title}”中提到了你",
        untitled=_DISCUSSION,
    ),
    ("announcement", 1): Template(
        "announcements", "Announcement: {title}", "公告：{title}", untitled=("an announcement", "一则公告")
    ),
    ("answer.accepted", 1): Template(
        "replies",
        "{who} accepted your answer to “{title}”",
        "{who} 采纳了你对“{title}”的回答",
        untitled=("a question", "一个问题"),
    ),
    ("reaction", 1): Template(
        "reactions",
        "{who} liked what you wrote in “{title}”",
        "{who} 赞了你在“{title}”中的内容",
        "{who} and {others} others liked what you wrote in “{title}”",
        "{who} 等 {count} 人赞了你在“{title}”中的内容",
        ("the community", "社群"),
    ),
    ("registration.confirmed", 1): Template(
        "activities", "You have a seat at “{title}”", "“{title}”报名成功", untitled=_ACTIVITY
    ),
    ("registration.waitlisted", 1): Template(
        "activities", "You are on the waiting list of “{title}”", "你已进入“{title}”的候补名单", untitled=_ACTIVITY
    ),
    ("registration.offered", 1): Template(
        "changes",
        "A seat at “{title}” is yours if you take it",
        "“{title}”有名额留给你，请尽快确认",
        untitled=_ACTIVITY,
    ),
    ("registration.kept", 1): Template(
        "changes",
        "A seat at “{title}” was yours to take, which did not reach you in time: you keep your place in the line",
        "“{title}”曾有名额留给你，但通知未能及时送达；你的候补顺位保留不变",
        untitled=_ACTIVITY,
    ),
    ("registration.assigned", 1): Template(
        "activities", "You are expected at “{title}”", "你被安排参加“{title}”", untitled=_ACTIVITY
    ),
    ("registration.cancelled", 1): Template(
        "activities", "You are no longer registered for “{title}”", "你对“{title}”的报名已取消", untitled=_ACTIVITY
    ),
    ("registration.expired", 1): Template(
        "activities", "The seat offered at “{title}” has lapsed", "“{title}”为你保留的名额已过期", untitled=_ACTIVITY
    ),
    ("registration.excused", 1): Template(
        "activities", "You are excused from “{title}”", "你对“{title}”的请假已批准", untitled=_ACTIVITY
    ),
    ("activity.moved", 1): Template("changes", "“{title}” has a new time", "“{title}”的时间有变更", untitled=_ACTIVITY),
    ("activity.cancelled", 1): Template("changes", "“{title}” is cancelled", "“{title}”已取消", untitled=_ACTIVITY),
    ("application.accepted", 1): Template(
        "decisions",
        "You are accepted: “{title}”",
        "恭喜，你已被“{title}”录取",
        untitled=("your application", "你的申请"),
    ),
    ("application.waitlisted", 1): Template(
        "decisions",
        "You are on the waiting list: “{title}”",
        "你已进入“{title}”的候补名单",
        untitled=("your application", "你的申请"),
    ),
    ("application.rejected", 1): Template(
        "decisions",
        "There is a decision on your application to “{title}”",
        "你对“{title}”的申请已有结果",
        untitled=("a campaign", "一次招募"),
    ),
    ("application.returned", 1): Template(
        "decisions",
        "Your application to “{title}” needs something more",
        "你对“{title}”的申请需要补充材料",
        untitled=("a campaign", "一次招募"),
    ),
    ("approval.asked", 1): Template(
        "decisions",
        "An application waits for your approval: “{title}”",
        "有一份“{title}”的申请待你审批",
        untitled=_CAMPAIGN,
    ),
    ("approval.passed", 1): Template(
        "decisions",
        "An application waits for an owner's approval: “{title}”",
        "有一份“{title}”的申请待社群所有者审批",
        untitled=_CAMPAIGN,
    ),
    ("approval.answered", 1): Template(
        "decisions",
        "There is an answer about an application to “{title}”",
        "“{title}”的一份申请已有审批结果",
        untitled=_CAMPAIGN,
    ),
    ("interview.offered", 1): Template(
        "decisions",
        "Choose a time for your interview: “{title}”",
        "请选择“{title}”的面谈时间",
        untitled=_CAMPAIGN,
    ),
    ("interview.held", 1): Template(
        "decisions", "You interview an applicant: “{title}”", "你将面谈“{title}”的一位申请人", untitled=_CAMPAIGN
    ),
    ("interview.given_up", 1): Template(
        "decisions",
        "An applicant does not come to their interview: “{title}”",
        "“{title}”的一位申请人放弃了面谈",
        untitled=_CAMPAIGN,
    ),
    ("interview.moved", 1): Template(
        "decisions", "Your interview has a new time: “{title}”", "“{title}”的面谈时间有变更", untitled=_CAMPAIGN
    ),
    ("interview.cancelled", 1): Template(
        "decisions", "Your interview is cancelled: “{title}”", "“{title}”的面谈已取消", untitled=_CAMPAIGN
    ),
    ("interview.lacking", 1): Template(
        "decisions",
        "An interview needs another interviewer: “{title}”",
        "“{title}”的一场面谈需另请面谈人",
        untitled=_CAMPAIGN,
    ),
    ("level.promoted", 1): Template("recognition", "You reached a new level", "恭喜，你已升级"),
    ("level.demoted", 1): Template("recognition", "Your level has changed", "你的等级有变化"),
    ("badge.awarded", 1): Template(
        "recognition",
        "You were awarded a badge",
        "你获得了一枚徽章",
        "You were awarded {count} badges",
        "你获得了 {count} 枚徽章",
    ),
    ("certificate.issued", 1): Template("recognition", "A certificate was issued to you", "你获得了一份证书"),
    ("certificate.revoked", 1): Template("decisions", "A certificate of yours was revoked", "你的一份证书已被撤销"),
    ("kudos.given", 1): Template(
        "recognition",
        "{who} thanked you",
        "{who} 向你表示认可",
        "{who} and {others} others thanked you",
        "{who} 等 {count} 人向你表示认可",
    ),
    ("points.awarded", 1): Template(
        "points", "You earned points", "你获得了积分", "You earned points {count} times", "你获得了 {count} 次积分"
    ),
    ("points.expired", 1): Template("points", "{points} of your points have run out", "你有 {points} 积分已过期"),
    ("invitation.made", 1): Template(
        "membership",
        "You are invited to join “{title}”",
        "你被邀请加入“{title}”",
        untitled=("a community", "一个社群"),
        private=True,
    ),
    ("member.joined", 1): Template("membership", "You are a member now", "你已加入社群"),
    ("member.enrolled", 1): Template(
        "membership", "You are a member now, as everybody in your position", "按岗位规则，你已加入社群"
    ),
    ("member.roles", 1): Template("decisions", "Your roles in the community have changed", "你在社群中的角色有变更"),
    ("member.left", 1): Template("decisions", "Your membership has ended", "你的成员身份已结束"),
    ("sanction.muted", 1): Template("conduct", "You cannot post for a while", "你已被暂时禁言"),
    ("sanction.suspended", 1): Template("conduct", "Your membership is suspended", "你的成员资格已被暂停"),
    ("responsibility.assigned", 1): Template(
        "membership", "You are responsible for “{title}”, or its deputy", "你已成为“{title}”的负责人或副手"
    ),
    ("group.joined", 1): Template(
        "membership", "You were put into the group “{title}”", "你已被编入小组“{title}”", untitled=_GROUP
    ),
    ("group.left", 1): Template(
        "membership", "You are no longer in the group “{title}”", "你已不在小组“{title}”中", untitled=_GROUP
    ),
    ("group.led", 1): Template(
        "membership", "You lead the group “{title}”", "你已成为小组“{title}”的组长", untitled=_GROUP
    ),
    ("article.published", 1): Template("content", "Your article “{title}” is published", "你的文章“{title}”已发布"),
    ("article.returned", 1): Template(
        "content", "Your article “{title}” came back to you", "你的文章“{title}”被退回修改"
    ),
    ("content.featured", 1): Template(
        "recognition",
        "What you wrote in “{title}” is featured",
        "你在“{title}”中的内容被加精",
        untitled=("the community", "社群"),
    ),
    ("idea.decided", 1): Template("content", "Your idea “{title}” has moved on", "你的创意“{title}”有新进展"),
    ("idea.merged", 1): Template(
        "content", "Your idea “{title}” is part of another now", "你的创意“{title}”已并入另一个创意"
    ),
    ("idea.voted", 1): Template(
        "reactions",
        "{who} voted for “{title}”",
        "{who} 支持了你的创意“{title}”",
        "{who} and {others} others voted for “{title}”",
        "{who} 等 {count} 人支持了你的创意“{title}”",
    ),
    ("question.overdue", 1): Template("tasks", "“{title}” waits for an answer", "“{title}”尚无人回答"),
    ("announcement.reminder", 1): Template(
        "announcements", "Please confirm the announcement “{title}”", "请确认公告“{title}”"
    ),
    ("action_item.assigned", 1): Template("tasks", "You are to do “{title}”", "你有一项新任务“{title}”"),
    ("meeting.minuted", 1): Template("activities", "The minutes of “{title}” are there", "“{title}”的会议纪要已发布"),
    ("contest.finished", 1): Template(
        "activities", "The results of “{title}” are there", "“{title}”的成绩已公布", untitled=_ACTIVITY
    ),
    ("contest.regraded", 1): Template(
        "activities",
        "“{title}” was graded anew, and your result is another now",
        "“{title}”已更正评分，你的成绩有变化",
        untitled=_ACTIVITY,
    ),
    ("contest.time_given", 1): Template(
        "changes",
        "You have more time to answer in “{title}”",
        "你在“{title}”中获得了更多答题时间",
        untitled=_ACTIVITY,
    ),
    ("contest.reopened", 1): Template(
        "changes",
        "You go on in “{title}”: your time runs",
        "你在“{title}”中的答卷已重新开放，正在计时",
        untitled=_ACTIVITY,
    ),
    ("survey.opened", 1): Template("tasks", "A survey asks for your answer", "有一份问卷等你填写"),
    ("reminder.activity", 1): Template("activities", "“{title}” begins soon", "“{title}”即将开始"),
    ("reminder.action_item", 1): Template("tasks", "“{title}” is due", "“{title}”即将到期"),
    ("reminder.checkin_plan", 1): Template("tasks", "Check in for “{title}” today", "今天还没有完成“{title}”打卡"),
    ("reminder.redemption", 1): Template("tasks", "“{title}” waits for you to collect it", "“{title}”等你领取"),
    ("reminder.points", 1): Template("points", "Some of your points run out soon", "你有积分即将过期"),
    ("rule_set.published", 1): Template(
        "announcements", "The community has new rules: please acknowledge them", "社群发布了新规则，请阅读并确认"
    ),
    ("reminder.rule_set", 1): Template(
        "conduct",
        "Please acknowledge the rules ({days} d left): after that you can read and not post",
        "请在 {days} 天内确认社群规则，逾期仅可阅读，不能发布内容",
    ),
    ("reminder.measure", 1): Template(
        "tasks",
        "You are short of what a rule of the community wants: see your figures",
        "社群规则中有一项要求你尚未达成，请查看进度",
    ),
    ("test.opened", 1): Template(
        "decisions",
        "Your application to “{title}” goes on: take the test",
        "你对“{title}”的申请进入下一环节：请参加测试",
        untitled=("a campaign", "一项招募"),
        private=True,
    ),
    ("test.extended", 1): Template(
        "decisions",
        "You have more time for the test for “{title}”",
        "“{title}”的测试已为你延长时间",
        untitled=("a campaign", "一项招募"),
        private=True,
    ),
    ("test.reopened", 1): Template(
        "decisions",
        "Your attempt at the test for “{title}” is open again, and its time runs",
        "你在“{title}”的测试已重新开放，现已开始计时",
        untitled=("a campaign", "一项招募"),
        private=True,
    ),
    ("application.came_back", 1): Template(
        "decisions",
        "Your application to “{title}” goes on: its test was corrected, and you pass it",
        "你对“{title}”的申请恢复办理：测试题已更正，你已通过测试",
        untitled=("a campaign", "一项招募"),
        private=True,
    ),
    ("reminder.test", 1): Template(
        "tasks",
        "The test for “{title}” closes soon, and you have not begun",
        "“{title}”的测试即将截止，你尚未开始",
        untitled=("a campaign", "一项招募"),
        private=True,
    ),
    ("redemption.approved", 1): Template("points", "Your redemption is approved", "你的兑换已通过"),
    ("redemption.fulfilled", 1): Template("points", "Your redemption is fulfilled", "你的兑换已完成"),
    ("redemption.refunded", 1): Template("decisions", "Your redemption was undone", "你的兑换已退回"),
    ("promotion.nominated", 1): Template("recognition", "You are nominated for a level", "你已被提名晋级"),
    ("promotion.declined", 1): Template("decisions", "There is a decision on your promotion", "你的晋级申请已有结果"),
    ("plan.completed", 1): Template("recognition", "You completed a check-in plan", "你完成了一个打卡营"),
    ("streak.reached", 1): Template("recognition", "{length} days in a row", "你已连续打卡 {length} 天"),
    ("star.confirmed", 1): Template("recognition", "You are the star of the month", "恭喜，你是本月之星"),
    ("season.closed", 1): Template("recognition", "You are among the first three of a season", "你进入了本赛季前三名"),
    ("certificate.expired", 1): Template("tasks", "A certificate of yours has expired", "你的一份证书已过期"),
    ("certification.due", 1): Template("tasks", "“{title}” is to be renewed", "“{title}”需要续期"),
    ("certification.overdue", 1): Template("tasks", "“{title}” is overdue", "“{title}”已逾期"),
    ("goal.set", 1): Template("tasks", "You own the goal “{title}”", "你是目标“{title}”的负责人"),
    ("goal.achieved", 1): Template("recognition", "The goal “{title}” is achieved", "目标“{title}”已达成"),
    ("goal.missed", 1): Template("tasks", "The goal “{title}” was missed", "目标“{title}”未达成"),
    ("automation.fired", 1): Template("tasks", "{title}", "{title}"),
    ("security.factor_reset", 1): Template(
        "security", "Your second factor was removed by an administrator", "管理员已移除你的两步验证"
    ),
    ("security.mail_refused", 1): Template(
        "security",
        "Mail to your address comes back: have an administrator or HR correct it, or if it is right, set a new password by a code in a mail",
        "发往你邮箱的邮件被退回：请联系管理员或 HR 更正邮箱；如邮箱无误，请用邮件中的验证码重置一次密码",
    ),
    ("webhook.off", 1): Template("decisions", "A webhook of yours was switched off", "你的一个 Webhook 已被停用"),
    ("community_webhook.off", 1): Template(
        "decisions", "A webhook of your community was switched off", "你管理的社群有一个 Webhook 已被停用"
    ),
    ("messenger_channel.off", 1): Template(
        "decisions", "A robot of your community was switched off", "你管理的社群有一个群机器人已被停用"
    ),
    ("mentorship.asked", 1): Template("tasks", "{who} asks you to be their mentor", "{who} 邀请你担任导师"),
    ("mentorship.offered", 1): Template("tasks", "{who} offers to be your mentor", "{who} 愿意担任你的导师"),
    ("mentorship.declined", 1): Template(
        "membership", "{who} declined the mentorship that you proposed", "{who} 婉拒了你的师徒结对提议"
    ),
    ("mentorship.lapsed", 1): Template(
        "membership",
        "{who} did not answer the mentorship that you proposed",
        "{who} 未在期限内答复你的师徒结对提议",
    ),
    ("mentorship.to_complete", 1): Template(
        "tasks", "{who} asks to complete your mentorship early", "{who} 希望提前结业"
    ),
    ("mentorship.feedback", 1): Template(
        "membership",
        "{who} said how your mentorship was: now you both can read it",
        "{who} 已填写师徒结对反馈，现在双方均可查看",
    ),
    ("mentorship.started", 1): Template(
        "membership", "Your mentorship with {who} has begun", "你与 {who} 的师徒结对已开始"
    ),
    ("mentorship.completed", 1): Template(
        "membership",
        "Your mentorship with {who} is completed: say how it was",
        "你与 {who} 的师徒结对已完成，请填写反馈",
    ),
    ("mentorship.ended", 1): Template(
        "membership", "Your mentorship with {who} has ended", "你与 {who} 的师徒结对已结束"
    ),
    ("appeal.asked", 1): Template("conduct", "There is a question about your appeal", "关于你的申诉有一个问题需要回答"),
    ("appeal.answered", 1): Template("decisions", "Your question in an appeal is answered", "申诉中的提问已得到回答"),
    ("appeal.appointed", 1): Template("decisions", "You are asked to decide an appeal", "请你裁决一项申诉"),
    ("appeal.granted", 1): Template("conduct", "Your appeal is granted", "你的申诉已获准"),
    ("appeal.reduced", 1): Template("conduct", "Your appeal is granted in part", "你的申诉已部分获准"),
    ("appeal.denied", 1): Template("conduct", "Your appeal is denied", "你的申诉已被驳回"),
    ("sanction.none", 1): Template("conduct", "You can take part again", "你的限制已解除"),
    ("case.reviewer", 1): Template("decisions", "You are asked to decide about a case", "请你审理一个案件"),
    ("penalty.imposed", 1): Template("conduct", "A rule was broken: read what follows", "你有一项违规处理，请查看"),
    ("penalty.revised", 1): Template("conduct", "A penalty of yours has changed", "你的一项处罚有变更"),
    ("penalty.lifted", 1): Template("conduct", "A penalty of yours was taken back", "你的一项处罚已撤销"),
}

CATEGORY_TITLES: Final[Mapping[str, tuple[str, str]]] = {
    "decisions": ("Decisions about you", "关于你的决定"),
    "changes": ("Offers, moved and cancelled activities", "名额、活动变更与取消"),
    "conduct": ("Conduct", "行为规范"),
    "security": ("Security of your account", "账号安全"),
    "announcements": ("Announcements", "公告"),
    "replies": ("Replies", "回复"),
    "mentions": ("Mentions", "提及"),
    "reactions": ("Likes", "点赞"),
    "content": ("Articles and ideas", "文章与创意"),
    "activities": ("Activities", "活动"),
    "tasks": ("Tasks and reminders", "任务与提醒"),
    "recognition": ("Recognition", "认可与成长"),
    "points": ("Points", "积分"),
    "membership": ("Membership", "成员身份"),
}

_GONE: Final = ("Somebody", "某位成员")


def title_of(category: str, locale: Locale) -> str:
    """What a category is called."""
    en, zh = CATEGORY_TITLES[category]
    return zh if locale == "zh-CN" else en


def template_of(name: str, version: int = 1) -> Template:
    """A template by its name and version. Raises `KeyError`."""
    return TEMPLATES[name, version]


def text_of(template: Template, params: Mapping[str, Any], count: int, who: str | None, locale: Locale) -> str:
    """What a line says in one language."""
    chinese = locale == "zh-CN"
    several = count > 1 and bool(template.many_zh if chinese else template.many_en)
    pattern = (
        (template.many_zh if chinese else template.many_en) if several else (template.zh if chinese else template.en)
    )
    if params.get("title") is None:
        pattern = pattern.replace("“{title}”", "{title}")
    values = {
        **params,
        "who": who or _GONE[chinese],
        "title": params.get("title") or template.untitled[chinese],
        "count": count,
        "others": count - 1,
    }
    if several and count == 2:
        pattern = pattern.replace("{others} others", "1 other")
    return pattern.format_map(values)
