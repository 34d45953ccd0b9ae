"""What is organised: activities with who was there, the team's meeting, what is to come and who has a seat, and surveys."""

import csv
import random
from datetime import timedelta
from io import StringIO
from typing import Any

from qunxue.demo.company import TEXTS, Calendar, Person, by_name, members
from qunxue.demo.filling import OWNER, TABLE, Filling

TEAM = ("林静", "周明远", "许可", "何雨桐", "余思琪")
BOARD_COURSE, LOST_DEAL, AT_NOON = "看板设计课", "大客户丢单复盘", "读书会午间版"
RENEWAL, MEETING = "续约前九十天", "运营组周例会"
REGISTRATIONS = {
    BOARD_COURSE: ("郑佳琪", "叶青", "曹阳", "蒋欣", "田甜", "高远", "袁野", "吕佳", "萧然", "郭雪", "姜涛"),
    LOST_DEAL: (
        "胡晓东",
        "彭飞",
        "黄丽华",
        "董浩",
        "王磊",
        "沈志强",
        "程一鸣",
        "姜涛",
        "朱婷",
        "罗敏",
        "袁野",
        "李思远",
    ),
    AT_NOON: ("余思琪", "谢婉婷", "董浩"),
}
ANSWERERS = 9
MOST_USEFUL = (
    "九十天看登录人数那一页最有用，回去就拉数据。",
    "三个客户讲得很真，尤其是差点丢的那个。",
    "一页纸的写法，明天就用。",
)
TO_CHANGE = ("现场有点挤，线上听不清提问。", "想要清单的电子版。", "练习时间可以再长十分钟。")


def hold(filling: Filling) -> None:
    """Bring in what took place and what is planned, with the lists of who was there."""
    where = {"community_id": filling.community_id}
    filling.owner.upload("/v1/activities/imports", _activities(filling.calendar), TABLE, **where)
    ids = _ids(filling)
    for row in _rows():
        if int(row["day"]) > 0:
            there = _attendances(row, filling.calendar)
            filling.owner.upload("/v1/attendances/imports", there, TABLE, activity_id=ids[row["title"]])


def plan(filling: Filling) -> None:
    """Members register for what is to come; somebody proposes more."""
    ids = _ids(filling)
    for beginning, names in REGISTRATIONS.items():
        activity_id = next(found for title, found in ids.items() if title.startswith(beginning))
        for name in names:
            filling[name].post("/v1/registrations", {"activity_id": activity_id})
    for name, title, description in (
        ("曹阳", "三十行脚本诊所", "大家带一个每周重复的手工活来，两小时内写成脚本。"),
        ("马超", "救回一个快流失的客户", "刚刚结束的真实案例，想边讲边请大家挑毛病。"),
    ):
        proposal = {"community_id": filling.community_id, "title": title, "description": description}
        filling[name].post("/v1/proposals", proposal | {"kind": "workshop", "wishes": "下月中旬，晚上七点", "hours": 1})


def agree(filling: Filling) -> None:
    """The minutes of the team's meeting, and what came out of it."""
    activity_id = _id_of(filling, MEETING)
    minutes = {
        "agenda": [{"title": "第三期招募", "minutes": 15}, {"title": "读书会为什么没人来", "minutes": 20}],
        "minutes": "第三期三个渠道同时开放。读书会连续四次人数下降，改为午间三十分钟，一次一章，由投票选书。",
        "decisions": ["读书会改到午休，先试两次", "第三期名额 6 人，候补 2 人"],
    }
    filling.owner.change(f"/v1/meetings/{activity_id}", minutes)
    for title, name, days in (
        ("联系连续两周没有打卡的五位成员", "何雨桐", 3),
        ("食堂海报换成带二维码的新版", "周明远", 5),
        ("整理午间读书会的三本候选书", "许可", -1),
    ):
        due = (filling.calendar.today + timedelta(days=days)).isoformat()
        item = {"activity_id": activity_id, "title": title, "owner_id": filling.members[name], "due_on": due}
        filling.owner.post("/v1/action-items", item)


def ask(filling: Filling) -> None:
    """A survey about what took place last, which is closed, and one of the month, which is open."""
    owner = filling.owner
    questions: list[dict[str, Any]] = [
        {"code": "content", "kind": "score", "title": "内容对工作的帮助"},
        {"code": "speaker", "kind": "score", "title": "讲者的表达"},
        {"code": "useful", "kind": "text", "title": "最有用的一点", "required": False},
    ]
    activity_id = _id_of(filling, RENEWAL)
    survey = owner.post("/v1/surveys", _survey(filling, "“续约前九十天”反馈", activity_id, questions))
    owner.change(f"/v1/surveys/{survey['id']}", {}, command="/open")
    draw = random.Random("survey")
    row = next(row for row in _rows() if row["title"].startswith(RENEWAL))
    texts = [*MOST_USEFUL, *TO_CHANGE]
    for place, one in enumerate(_there(row, filling.calendar)[:ANSWERERS]):
        answers: list[dict[str, Any]] = [
            {"question": "content", "score": draw.choice((4, 5, 5))},
            {"question": "speaker", "score": draw.choice((3, 4, 5))},
        ]
        if place < len(texts):
            answers.append({"question": "useful", "text": texts[place]})
        filling[one.name].post(f"/v1/surveys/{survey['id']}/answers", {"answers": answers})
    owner.post(f"/v1/surveys/{survey['id']}/close")
    pulse = owner.post("/v1/surveys", _month(filling))
    owner.change(f"/v1/surveys/{pulse['id']}", {}, command="/open")


def _survey(filling: Filling, title: str, activity_id: str, questions: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "community_id": filling.community_id,
        "about": {"kind": "activity", "id": activity_id},
        "title": title,
        "audience": "attendees",
        "anonymity": "anonymous",
        "questions": questions,
    }


def _month(filling: Filling) -> dict[str, Any]:
    return {
        "community_id": filling.community_id,
        "about": {"kind": "month", "month": filling.calendar.today.isoformat()[:7]},
        "title": "这个月，学堂对你有帮助吗？",
        "audience": "members",
        "anonymity": "anonymous",
        "questions": [
            {"code": "help", "kind": "score", "title": "总体帮助"},
            {
                "code": "more",
                "kind": "choice",
                "title": "下个月最想多一些",
                "choices": [
                    {"code": "sharing", "title": "分享会"},
                    {"code": "workshop", "title": "动手工作坊"},
                    {"code": "reading", "title": "短文章"},
                ],
            },
        ],
    }


def _rows() -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO((TEXTS / "activities.csv").read_text("utf-8"))))


def _activities(calendar: Calendar) -> bytes:
    text = StringIO()
    out = csv.writer(text)
    out.writerow(
        [
            "活动名称",
            "开始时间",
            "结束时间",
            "类型",
            "形式",
            "地点",
            "会议链接",
            "简介",
            "标签",
            "学时",
            "名额",
            "组织者工号",
            "来源编号",
        ]
    )
    for number, row in enumerate(_rows()):
        begins = calendar.at(calendar.workday(int(row["day"])), row["clock"])
        ends = begins + timedelta(minutes=int(row["minutes"]))
        link = "" if row["mode"] == "offline" else f"https://meet.example.com/{number + 1:03}"
        lead = by_name()[row["lead"]].no
        organisers = lead if row["lead"] == OWNER else f"{lead}, {by_name()[OWNER].no}"
        out.writerow(
            [
                row["title"],
                begins.isoformat(),
                ends.isoformat(),
                row["kind"],
                row["mode"],
                row["place"],
                link,
                row["description"],
                row["tags"],
                row["hours"],
                row["capacity"],
                organisers,
                f"demo-{number}",
            ]
        )
    return text.getvalue().encode()


def _there(row: dict[str, str], calendar: Calendar) -> list[Person]:
    """Who was at an activity: the whole team at its meeting, else as many as it draws, who leads it among them."""
    if row["kind"] == "meeting":
        return [by_name()[name] for name in TEAM]
    draw = random.Random(row["title"])
    day = int(row["day"])
    # A day off before it may have moved it by two days at most.
    could = [one for one in members() if one.was_there(day) and (one.joined or 0) > day + 3]
    most = min(int(row["capacity"]), round(len(could) * float(row["draws"])))
    lead = by_name()[row["lead"]]
    return [lead, *draw.sample([one for one in could if one is not lead], most)]


def _attendances(row: dict[str, str], calendar: Calendar) -> bytes:
    draw = random.Random(f"{row['title']}-times")
    begins = calendar.at(calendar.workday(int(row["day"])), row["clock"])
    ends = begins + timedelta(minutes=int(row["minutes"]))
    text = StringIO()
    out = csv.writer(text)
    out.writerow(["工号", "姓名", "签到时间", "签退时间"])
    for one in _there(row, calendar):
        came = begins + timedelta(minutes=draw.choice((-8, -5, -3, -1, 2, 12)))
        went = ends - timedelta(minutes=draw.choice((0, 0, 0, 0, 20)))
        out.writerow([one.no, one.name, came.isoformat(), went.isoformat()])
    return text.getvalue().encode()


def _ids(filling: Filling) -> dict[str, str]:
    found = filling.owner.every("/v1/activities", community_id=filling.community_id)
    return {one["title"]: one["id"] for one in found}


def _id_of(filling: Filling, beginning: str) -> str:
    return next(found for title, found in _ids(filling).items() if title.startswith(beginning))
