"""Reports that somebody asks for: what they say, who reads them, what one may ask."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from chassis.ids import new_id
from contracts import events
from services.analytics.facts.models import FactObject, ObjectDay
from services.analytics.facts.verbs import Verb
from services.analytics.insights.models import Insight
from services.analytics.reports import making, service
from services.analytics.reports.drawing.typesetting import TypesettingFailed
from services.analytics.reports.models import Report, ReportFile
from tests.service.analytics.courses import Telling
from tests.service.analytics.reports.conftest import REPORTS, blank
from tests.support.hostile import FORMULA, MARKUP, RARE


async def rows(desk, model):
    async with desk.stage.harness.runtime.database.reading() as session:
        return (await session.execute(select(func.count()).select_from(model))).scalar_one()


async def test_a_report_is_made_by_a_job_and_read_as_a_page_and_on_paper_in_both_languages(desk, printed):
    asked = await desk.asks()
    assert (asked["status"], asked["files"], asked["kind"]) == ("making", [], "asked")
    assert asked["previous"] == {"from": "2024-03-01", "to": "2024-03-31"}, "of a whole month the month before"
    assert asked["requested_by"]["member_id"] == str(desk["运营"].id)
    early = await desk["运营"].client.get(f"{REPORTS}/{asked['id']}/page")
    assert (early.status_code, early.json()["code"]) == (409, "report_not_ready")
    await desk.stage.harness.run_jobs()
    made = await desk.see("群主", f"{REPORTS}/{asked['id']}")
    assert (made["status"], made["failure"]) == ("ready", None)
    assert [(one["form"], one["language"]) for one in made["files"]] == [
        ("html", "en"), ("pdf", "en"), ("html", "zh-CN"), ("pdf", "zh-CN"),
    ]  # fmt: skip
    for one in made["files"]:
        answer = await desk["运营"].client.get(one["href"])
        assert answer.status_code == 200
        assert len(answer.content) == one["size"]
        assert answer.headers["content-type"].startswith(one["media_type"])
        assert answer.headers["content-language"] == one["language"]
    chinese, english = await desk.page(made), await desk.page(made, "en")
    assert "读书会 · 运营报告" in chinese
    assert "2024-04-01 – 2024-04-30，对比 2024-03-01 – 2024-03-31" in chinese
    assert "成员数" in chinese
    assert "读书会 · Report" in english
    assert "Members" in english
    paper = await desk.paper(made)
    assert "读书会·运营报告" in paper
    assert "成员数" in paper


async def test_the_files_of_a_report_are_shown_with_its_status_and_not_before(desk):
    """On PostgreSQL who reads while it is being finished finds the status of before and the files of after."""
    made = await desk.makes()
    async with desk.stage.harness.runtime.database.transaction() as session:
        report = await session.get_one(Report, UUID(made["id"]))
        report.status, report.finished_at, report.slot = "making", None, "asked"
    shown = await desk.see("运营", f"{REPORTS}/{made['id']}")
    assert (shown["status"], shown["files"]) == ("making", [])


async def test_the_language_is_that_of_the_reader_unless_they_name_one(desk):
    made = await desk.makes()
    at = f"{REPORTS}/{made['id']}/page"
    client = desk["运营"].client
    assert 'lang="en"' in (await client.get(at, headers={"Accept-Language": "en"})).text
    assert 'lang="zh-CN"' in (await client.get(at, headers={"Accept-Language": "fr"})).text
    assert 'lang="zh-CN"' in (await client.get(f"{at}?lang=zh-CN", headers={"Accept-Language": "en"})).text
    assert (await client.get(f"{at}?lang=fr")).status_code == 422


async def test_a_page_may_do_nothing_in_a_browser(desk):
    made = await desk.makes()
    answer = await desk["运营"].client.get(f"{REPORTS}/{made['id']}/page")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "script" not in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "private, no-store"


async def test_figures_stand_beside_those_before_with_n(desk):
    await desk.stage.members(3)
    made = await desk.makes(**{"from": "2024-04-01", "to": "2024-05-06"})
    page = await desk.page(made)
    assert "4人" in page, "those who run the community are not counted"
    assert "上期 4人，n=4" in page
    assert "0%" in page


async def test_what_was_read_by_tag_and_what_people_thought_by_kind_are_drawn_and_named(desk):
    telling = Telling(here=desk.stage.community_id)
    asked = events.SatisfactionMeasured(
        community_id=desk.stage.community_id,
        activity_id=new_id(),
        survey_id=new_id(),
        kind="sharing_session",
        means=(events.Mean(code="help", mean=4, n=6),),
    )
    telling.tell(asked, at=datetime(2024, 4, 10, tzinfo=UTC))
    await desk.stage.harness.deliver(*telling.told)
    article, unread = new_id(), new_id()
    there = {"generation": 1, "community_id": desk.stage.community_id, "day": date(2024, 4, 10), "staff": False}
    async with desk.stage.harness.runtime.database.transaction() as session:
        for one, tag in ((article, "客户沟通"), (unread, "无人阅读")):
            session.add(FactObject(kind="article", id=one, community_id=desk.stage.community_id, tags=[tag]))
        session.add(ObjectDay(**there, verb=int(Verb.READ), about=article, n=7, value=0))
        session.add(ObjectDay(**there, verb=int(Verb.REACTED), about=unread, n=2, value=0))
    made = await desk.makes()
    page, english = await desk.page(made), await desk.page(made, "en")
    assert "内容关注度（按标签）" in page
    assert "客户沟通" in page
    assert "无人阅读" not in page, "nobody read it"
    assert "分享会" in page
    assert "sharing session" in english
    assert "sharing_session" not in page + english


async def test_a_goal_of_a_reported_metric_is_no_percentage(desk):
    own = {"community_id": desk.community, "code": "followers", "name": "粉丝", "unit": "人", "source": "公众号后台"}
    await desk.send("运营", "/v1/metrics", own, status=201)
    goal = {"community_id": desk.community, "title": "粉丝过百", "horizon": "short", "metric": {"code": "followers"}}
    goal |= {"target": 130, "baseline": 0, "starts_on": "2024-05-06", "due_on": "2024-06-01", "relevance": "成长"}
    await desk.send("运营", "/v1/goals", goal, status=201)
    page = await desk.page(await desk.makes(**{"from": "2024-04-01", "to": "2024-05-06"}))
    assert "粉丝过百" in page
    assert "130%" not in page


async def test_a_report_that_is_compared_with_nothing_says_nothing_of_before(desk):
    made = await desk.makes(compare=None)
    assert made["previous"] is None
    page = await desk.page(made)
    assert "上期" not in page
    assert "对比" not in page


async def test_a_report_names_nobody_whatever_people_wrote(desk, printed):
    await desk.stage.rename(desk["甲"], "欧阳小明")
    await desk.stage.rename(desk["群主"], "欧阳")
    change = {"change": f"请欧阳小明和欧阳来主持 {RARE} {MARKUP}", "changed_on": "2024-04-10"}
    await desk.send("运营", "/v1/insights", {"community_id": desk.community, "evidence": "x", **change}, status=201)
    goal = {
        "community_id": desk.community,
        "title": f"欧阳小明带来 100 人 {FORMULA}",
        "horizon": "short",
        "target": 100,
        "starts_on": "2024-05-06",
        "due_on": "2024-06-01",
        "relevance": "成长",
    }
    await desk.send("运营", "/v1/goals", goal, status=201)
    made = await desk.makes(**{"from": "2024-04-01", "to": "2024-05-06"})
    page, paper = await desk.page(made), await desk.paper(made)
    for text in (page, paper):
        assert "欧阳" not in text
        assert "小明" not in text
    assert "请▇▇和▇▇来主持" in page
    assert "▇▇带来 100 人 =HYPERLINK(1+1)|cmd" in page
    assert "<script>" not in page
    assert RARE.replace(" ", "") in paper
    assert "▇▇带来100人" in paper


async def test_what_came_of_a_change_stands_with_what_it_rests_on(desk):
    change = {"change": "改到午休时间", "changed_on": "2024-03-01", "metric": "activity_rate"}
    made = await desk.send(
        "运营", "/v1/insights", {"community_id": desk.community, "evidence": "来的人少", **change}, status=201
    )
    early = await desk.page(await desk.makes(**{"from": "2024-03-01", "to": "2024-03-31"}))
    assert "改到午休时间" in early
    assert "尚不能判断" in early
    async with desk.stage.harness.runtime.database.transaction() as session:
        insight = await session.get_one(Insight, UUID(made["id"]))
        insight.effect = {
            "metric": "activity_rate", "unit": "share", "verdict": "rose",
            "before": {"value": 0.41, "n": 31}, "after": {"value": 0.52, "n": 33},
        }  # fmt: skip
    late = await desk.page(await desk.makes(**{"from": "2024-03-01", "to": "2024-03-31"}))
    assert "活跃率: 41% (n=31) → 52% (n=33), 上升" in late


async def test_insights_that_were_raised_in_these_days_stand_with_what_could_be_done(desk):
    await desk.raises(evidence="周三的分享几乎没有人来。", suggestion="换个时间", severity="high")
    inside = await desk.page(await desk.makes(**{"from": "2024-05-06", "to": "2024-05-06"}))
    for words in ("周三的分享几乎没有人来。", "换个时间", "此期间发现的洞察"):
        assert words in inside
    outside = await desk.page(await desk.makes(**{"from": "2024-05-01", "to": "2024-05-05"}))
    assert "换个时间" not in outside


@pytest.mark.parametrize(
    ("days", "code"),
    [
        ({"from": "2024-05-01", "to": "2024-04-30"}, "before_from"),
        ({"from": "2023-05-06", "to": "2024-05-06"}, "too_long"),
        ({"from": "2024-05-01", "to": "2024-05-07"}, "not_yet"),
    ],
)
async def test_days_of_which_there_is_no_report_are_refused_and_nothing_is_begun(desk, days, code):
    [wrong] = (await desk.asks(status=422, **days))["errors"]
    assert (wrong["pointer"], wrong["code"]) == ("/to", code)
    assert await rows(desk, Report) == 0


async def test_the_same_report_is_made_once_at_a_time_and_again_afterwards(desk):
    one = await desk.asks()
    assert (await desk.asks("群主", status=200))["id"] == one["id"]
    other = await desk.asks(compare=None)
    assert other["id"] != one["id"]
    await desk.stage.harness.run_jobs()
    assert (await desk.asks())["id"] != one["id"]


async def test_only_so_many_are_made_at_a_time_and_only_so_many_kept(desk, monkeypatch):
    monkeypatch.setattr(service, "MOST_KEPT", 2)
    made = []
    for day in range(1, 6):
        desk.later(seconds=1)
        made.append(await desk.asks(**{"from": f"2024-04-0{day}"}))
    refused = await desk.asks(**{"from": "2024-04-06"}, status=409)
    assert (refused["code"], refused["limit"]) == ("too_many_reports", 5)
    await desk.stage.harness.run_jobs()
    desk.later(seconds=1)
    latest = await desk.asks(**{"from": "2024-04-06"})
    listed = (await desk.see("运营", REPORTS, community_id=desk.community))["items"]
    assert [one["id"] for one in listed] == [latest["id"], made[4]["id"], made[3]["id"]]
    assert await rows(desk, ReportFile) == 8


async def test_who_does_not_run_the_community_reads_no_report_and_asks_for_none(desk):
    made = await desk.makes()
    for path in ("", "/page", "/pdf"):
        await desk.see("甲", f"{REPORTS}/{made['id']}{path}", answered=403)
    await desk.see("甲", REPORTS, community_id=desk.community, answered=403)
    await desk.asks("甲", status=403)


async def test_a_report_that_cannot_be_set_says_so_and_can_be_asked_for_again(desk, monkeypatch):
    async def broken(_document):
        raise TypesettingFailed("no font")

    monkeypatch.setattr(making, "typeset", broken)
    failed = await desk.makes()
    assert (failed["status"], failed["failure"], failed["files"]) == ("failed", "typesetting", [])
    monkeypatch.setattr(making, "typeset", blank)
    again = await desk.makes()
    assert (again["id"] != failed["id"], again["status"]) == (True, "ready")


async def test_a_job_that_is_done_twice_makes_one_report(desk):
    made = await desk.makes()
    before = await desk.page(made)
    jobs = desk.stage.harness.runtime.service.tables.chassis.jobs
    async with desk.stage.harness.runtime.database.transaction() as session:
        await session.execute(update(jobs).values(state="queued", lease_until=None))
    await desk.stage.harness.run_jobs()
    assert await desk.page(made) == before
    assert await rows(desk, ReportFile) == 4
