"""What goes on today: an announcement, a poll, ideas, feedback, what waits for a moderator, who read what, and a few check-ins."""

import random
from datetime import timedelta
from typing import Any

from qunxue.demo.client import Client
from qunxue.demo.company import members
from qunxue.demo.filling import Filling

EDITOR, MODERATOR = "许可", "何雨桐"
LOOKED_FOR = ("述职报告范文", "英语口语课", "项目管理认证")
READ_TODAY = 26
CHECKED_IN_TODAY = ("周明远", "方晓雯", "田甜", "余思琪", "袁野", "郑佳琪", "朱婷", "叶青")
NOTES = ("把看板课的问题写好了。", "早读三十分钟。", "整理了昨天的客户记录。", "复习续约清单。")
IDEAS = (
    (
        "田甜",
        "把高赞回答做成“每周一答”短图",
        "每周选一条被采纳的回答，做成一张图发到企业微信群，没时间看长文的同事也能学到。",
        14,
    ),
    (
        "叶青",
        "新成员第一周配一位老成员",
        "第三期开始，每位新成员配一位同部门以外的老成员，第一周约一次十五分钟的通话。",
        19,
    ),
    ("余思琪", "分享会录音配文字稿", "出差的同事可以在路上听，文字稿方便搜索。", 11),
)
CHOICES = ("《高效能团队的沟通》第一章", "《提问的力量》第二章", "《数据说话》第三章")


def announce(filling: Filling) -> None:
    """An announcement that is to be confirmed, and a poll."""
    owner, where = filling.owner, {"community_id": filling.community_id}
    body = (
        "各位同行：\n\n第三期招募本周开放，名额 6 人，请推荐你身边愿意分享的同事。\n\n"
        "另外，读书会改到午休三十分钟，书由大家投票。看过请点确认。"
    )
    pinned = (filling.calendar.now + timedelta(days=14)).isoformat()
    told: dict[str, Any] = {"kind": "announcement", "title": "第三期招募开放，读书会改到午休", "body": body}
    first = owner.post("/v1/discussions", where | told | {"announcement": {"confirm": "read", "pinned_until": pinned}})
    poll = {"choices": list(CHOICES), "results": "voted", "closes_at": pinned}
    told = {"kind": "poll", "title": "午间读书会第一次读哪一章？", "body": "一人一票，周五中午截止。", "tags": ["读书"]}
    second = filling[EDITOR].post("/v1/discussions", where | told | {"poll": poll})
    draw = random.Random("poll")
    present = [one.name for one in members() if one.was_there(0)]
    for name in draw.sample([name for name in present if name not in {"林静", "许可", "陈嘉怡"}], 18):
        filling[name].put(f"/v1/discussions/{first['id']}/acknowledge")
        vote = draw.choices(range(len(CHOICES)), (3, 5, 2))
        filling[name].put(f"/v1/discussions/{second['id']}/vote", {"choices": vote})


def improve(filling: Filling) -> None:
    """Ideas with their votes, and feedback to the operators."""
    where = {"community_id": filling.community_id}
    draw = random.Random("ideas")
    present = [one.name for one in members() if one.was_there(0)]
    for name, title, body, votes in IDEAS:
        idea = filling[name].post("/v1/ideas", where | {"title": title, "body": body, "tags": ["社群建议"]})
        for voter in draw.sample([one for one in present if one != name], votes):
            filling[voter].put(f"/v1/ideas/{idea['id']}/vote")
        if name == "田甜":
            piloting = {"to": "piloting", "sponsor_id": filling.members[EDITOR]}
            filling.owner.change(f"/v1/ideas/{idea['id']}", piloting, command="/decide")
    filling["任雪莹"].post(
        "/v1/discussions/feedback",
        where
        | {
            "to": "operators",
            "title": "工作坊总是排在周二下午",
            "body": "薪酬组每周二关账，连续三次都没法参加，能不能轮换一下时间？",
        },
    )


def read(filling: Filling) -> None:
    """Who reads what today, and what is looked for and not found."""
    where = {"community_id": filling.community_id}
    articles = filling.owner.every("/v1/articles", **where)
    draw = random.Random("reading")
    present = [one.name for one in members() if one.was_there(0) and one.name != "陈嘉怡"]
    for name in draw.sample(present, READ_TODAY):
        reader = filling[name]
        for article in draw.sample(articles, draw.randint(1, 4)):
            share = draw.choice((0.3, 0.6, 1.0, 1.0))
            reader.put(f"/v1/articles/{article['id']}/progress", {"progress": share})
            own = any(one["display_name"] == name for one in article["authors"])
            if share == 1.0 and not own and draw.random() < 0.6:
                reader.put(f"/v1/articles/{article['id']}/rating", {"rating": draw.choice((3, 4, 4, 5, 5))})
    for name in draw.sample(present, 6):
        for words in LOOKED_FOR[: draw.randint(1, 3)]:
            filling[name].get("/v1/search", q=words, **where)


def moderate(filling: Filling) -> None:
    """What waits: an article to review, a text that a list of words holds, a reply that was reported."""
    where = {"community_id": filling.community_id}
    author = filling["董浩"]
    article = author.post(
        "/v1/articles", where | {"kind": "guide", "title": "月度一对一记录表：每月十五分钟就够"} | _ONE_TO_ONE
    )
    author.change(f"/v1/articles/{article['id']}", {}, command="/submit")
    _hold(filling, filling["程一鸣"])
    for thread in filling.owner.every("/v1/discussions", kind="question", **where):
        if thread["title"].startswith("区域之间抢同一个客户"):
            replies = filling.owner.every("/v1/replies", discussion_id=thread["id"])
            what = {"kind": "reply", "id": replies[0]["id"]}
            report = {"object": what, "category": "other", "note": "三七分是内部规则，不适合写在这里。"}
            filling["袁野"].post("/v1/moderation-items", report)
    for place, name in enumerate(CHECKED_IN_TODAY):
        note = NOTES[place % len(NOTES)]
        filling[name].post("/v1/checkins", where | {"note": note, "plan_ids": filling.plans.get(name, [])})


_ONE_TO_ONE = {
    "tags": ["带团队", "反馈"],
    "summary": "一页表格，四个格子，每月跟每位组员填一次。",
    "body": (
        "每月跟每位组员坐十五分钟，只填四个格子：\n\n1. 这个月你最满意的一件事\n2. 我看到你进步的一件事（具体到哪天）\n"
        "3. 下个月想改变的一件事\n4. 需要我做什么\n\n填完两个人各留一份，下个月先看上个月的第三格。"
    ),
}


def _hold(filling: Filling, writer: Client) -> None:
    moderator = filling[MODERATOR]
    where = {"community_id": filling.community_id}
    words = filling.owner.post("/v1/word-lists", where | {"name": "客户信息"})
    _words(filling.owner, words["id"])
    told = {
        "kind": "question",
        "title": "有没有同行业的报价可以参考？",
        "body": "想看看同行业的合同底价，方便发我一份吗？",
    }
    writer.post("/v1/discussions", where | told | {"tags": ["销售方法"]})
    moderator.get("/v1/moderation-items", status="open", **where)


def _words(owner: Client, word_list_id: str) -> None:
    found = {"word": "合同底价", "category": "secret", "action": "hold", "mode": "anywhere"}
    owner.change(f"/v1/word-lists/{word_list_id}/words", {"add": [found]})
    owner.change(f"/v1/word-lists/{word_list_id}", {"enabled": True})
