"""What an answer costs grows with what it says: as many statements of one question as of many, and no day that was not asked for is read."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from chassis.testing import SettableClock
from contracts import content, events, membership, recruitment
from services.analytics.definition import definition
from services.analytics.metrics.catalogue import METRICS
from services.analytics.metrics.frame import Reading
from tests.service.analytics.courses import START, Elsewhere, named
from tests.service.stage import Stage
from tests.support.statements import listening, recorded

DAY = timedelta(days=1)
CODES = (
    "response_time",
    "answered_share",
    "satisfaction",
    "activity_funnel",
    "recruitment_funnel",
    "learning_hours",
    "content_interest",
    "rising_terms",
    "missed_searches",
)


@pytest.fixture
async def here(start_service):
    with listening():
        async with start_service(definition, clock=SettableClock(START + 300 * DAY)) as harness:
            await Stage(harness).open()
            here = Elsewhere(harness)
            await here.open()
            yield here


async def fill(here, first, last):
    """Things of every kind, from one number to another."""
    tell = here.telling
    for number in range(first, last):
        at, name = START + timedelta(minutes=number), f"{number} of {here.id}"
        tell.member(membership.MemberJoined, name, at, at=at, application_id=named(f"application {name}"))
        applied = {"application_id": named(f"application {name}"), "channel": f"channel {number % 7}"}
        tell.apply(recruitment.ApplicationSubmitted, name, at=at, **applied)
        tell.apply(recruitment.ApplicationDecided, name, at=at, to="decided", outcome="accepted", **applied)
        tell.ask(f"q{name}", name, at=at, tags=(f"tag {number}",), title=f"how to {number}")
        tell.reply(f"r{name}", f"q{name}", name, at=at)
        tell.activity(events.ActivityAnnounced, f"a{name}", at=at)
        tell.register(events.RegistrationConfirmed, f"a{name}", name, at=at)
        tell.attend(f"a{name}", name, at=at)
        measured = events.SatisfactionMeasured(
            community_id=here.id,
            activity_id=named(f"a{name}"),
            survey_id=named(f"s{name}"),
            kind="workshop",
            means=(events.Mean(code="content", mean=4, n=5),),
        )
        tell.tell(measured, at=at)
        tell.tell(content.SearchMissed(community_id=here.id, query=f"query {number}", language="en"), at=at)
    told, tell.told = tell.told, []
    await here.harness.deliver(*told)


@pytest.mark.parametrize("code", CODES)
async def test_a_metric_takes_as_many_statements_of_many_things_as_of_one(here, code):
    counts = []
    for first, last in ((0, 1), (1, 60)):
        await fill(here, first, last)
        await here.values(code, "2024-03-01", "2024-04-30", grain="week")
        with recorded() as statements:
            assert await here.values(code, "2024-03-01", "2024-04-30", grain="week") or code == "rising_terms"
        counts.append([statement.sql for statement in statements])
    assert counts[0] == counts[1]


@pytest.mark.parametrize(("from_", "to"), [("1900-01-01", "1900-12-31"), ("2200-12-30", "2200-12-31")])
@pytest.mark.parametrize("query", [{}, {"grain": "quarter"}])
async def test_the_first_and_the_last_days_there_are_can_be_asked_for(here, from_, to, query):
    for code in CODES:
        await here.values(code, from_, to, **query)


def program(here, name):
    scopes = ("metrics.read", "exports.create")
    return here.harness.as_service(*scopes, communities=[here.id], account_id=named(name))


@pytest.mark.parametrize(
    "code", ["activity_funnel", "recruitment_funnel", "learning_hours", "response_time", "answered_share"]
)
async def test_what_is_made_of_single_things_is_read_for_three_years_at_once_at_most(here, code):
    await here.values(code, "2021-01-01", "2023-12-31", grain="month")
    client, here_ = program(here, "reader"), {"community_id": str(here.id)}
    years = here_ | {"from": "2020-01-01", "to": "2023-12-31"}
    answers = [
        await client.get(f"/v1/metrics/{code}", params=years),
        await client.get(
            f"/v1/metrics/{code}", params=years | {"from": "2021-01-01", "to": "2024-01-01", "grain": "quarter"}
        ),
        await client.get("/v1/metrics/values", params=years | {"codes": f"members,{code}"}),
        await client.post("/v1/reports/exports", json=years | {"subject": "metric", "code": code}),
    ]
    assert [(one.status_code, [error["code"] for error in one.json()["errors"]]) for one in answers] == [
        (422, ["too_long"])
    ] * 4
    assert answers[3].json()["errors"][0]["pointer"] == "/to"


async def test_one_callers_questions_are_computed_one_after_the_other_and_those_of_others_beside_them(
    here, monkeypatch
):
    at_work, together, both = [], [], asyncio.Event()

    async def slowly(session, asked, periods):
        at_work.append(asked)
        together.append(len(at_work))
        if len(at_work) == 2:
            both.set()
        await asyncio.sleep(0.05)
        if len(together) > 4:
            await both.wait()
        at_work.remove(asked)
        return []

    monkeypatch.setitem(METRICS, "members", replace(METRICS["members"], compute=slowly))
    days = {"community_id": str(here.id), "from": "2024-03-02", "to": "2024-03-30"}
    one, another = program(here, "one"), program(here, "another")
    single, dashboard = ("/v1/metrics/members", days), ("/v1/metrics/values", days | {"codes": "members"})
    await asyncio.gather(*(one.get(path, params=query) for path, query in (single, dashboard) * 2))
    assert together == [1, 1, 1, 1]
    async with asyncio.timeout(30):
        await asyncio.gather(*(client.get(single[0], params=single[1]) for client in (one, another)))
    assert together[4:] == [1, 2]


async def test_an_answer_has_no_more_values_than_somebody_can_do_something_with(here, monkeypatch):
    async def many(session, asked, periods):
        return [Reading(period.starts_on, period.ends_on, f"tag {n}", 1, 1) for period in periods for n in range(100)]

    monkeypatch.setitem(METRICS, "content_interest", replace(METRICS["content_interest"], compute=many))
    days = {"group_by": "tag", "grain": "day"}
    assert len(await here.values("content_interest", "2023-06-01", "2023-12-17", **days)) == 20_000
    query = {"community_id": str(here.id), "from": "2023-06-01", "to": "2023-12-18"} | days
    response = await program(here, "reader").get("/v1/metrics/content_interest", params=query)
    assert (response.status_code, [one["code"] for one in response.json()["errors"]]) == (422, ["too_many_values"])
