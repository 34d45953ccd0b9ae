"""What came of a change: four weeks of the community's days before against four after, measured once they are over."""

from datetime import timedelta

import pytest

from services.analytics.facts.verbs import Verb
from tests.service.analytics.insights.conftest import INSIGHTS, TODAY
from tests.service.analytics.insights.test_rounds import day_of, write

CHANGED = {"change": "改到午休时间", "changed_on": TODAY.isoformat(), "metric": "active_members"}


async def members_active(office, days, members):
    """Each of these did something on each of these days, counted from the change."""
    await write(
        office,
        *(day_of(office, one.id, Verb.REPLIED, TODAY + timedelta(days=day)) for day in days for one in members),
    )


async def measured(office, insight, **by):
    office.later(**by)
    await office.stage.harness.run_timers()
    return await office.see("运营", f"{INSIGHTS}/{insight['id']}")


async def test_the_effect_is_four_weeks_before_against_four_after(office):
    many = await office.stage.members(30)
    await members_active(office, [-28, -1], many[:20])
    await members_active(office, [0, 27], many)
    # One day more on either side, in which others did something, too.
    others = await office.stage.members(9)
    await members_active(office, [-29, 28], others)
    insight = await office.raises(**CHANGED)
    assert (insight["effect"], insight["effect_due_on"]) == (None, "2024-06-03")
    # Noon of the last of the 28 days, and 06:00 of the day after.
    assert (await measured(office, insight, days=27, hours=17, minutes=50))["effect"] is None
    effect = (after := await measured(office, insight, minutes=11))["effect"]
    assert (effect["before"], effect["after"]) == ({"value": 20, "n": 20}, {"value": 30, "n": 30})
    assert (effect["difference"], effect["verdict"], effect["beside"]) == (10, "rose", [])
    assert (effect["before_from"], effect["before_to"]) == ("2024-04-08", "2024-05-05")
    assert (effect["after_from"], effect["after_to"]) == ("2024-05-06", "2024-06-02")
    assert after["measured_at"] is not None
    # What is told later changes the metric, and not what was written down.
    await members_active(office, [3], others)
    assert (await measured(office, insight, days=3))["effect"] == effect


async def test_under_twenty_there_is_too_little_to_say(office):
    many = await office.stage.members(25)
    await members_active(office, [-3], many[:19])
    await members_active(office, [3], many)
    insight = await office.raises(**CHANGED)
    effect = (await measured(office, insight, days=29))["effect"]
    assert (effect["verdict"], effect["difference"]) == ("too_little_to_say", None)
    assert (effect["before"]["n"], effect["after"]["n"]) == (19, 25)


async def test_beside_a_cohort_that_was_touched_stand_those_that_were_not(office):
    touched, other = office.stage.known_as("cohort 1"), office.stage.known_as("cohort 2")
    first = await office.stage.members(24, cohort_id=touched)
    second = await office.stage.members(30, cohort_id=other)
    nobody = await office.stage.members(5)
    await members_active(office, [-5], [*first[:20], *second, *nobody])
    await members_active(office, [5], [*first, *second[:20]])
    insight = await office.raises(**CHANGED, cohort_id=str(touched))
    effect = (await measured(office, insight, days=29))["effect"]
    assert (effect["before"]["value"], effect["after"]["value"], effect["verdict"]) == (20, 24, "rose")
    [beside] = effect["beside"]
    assert beside["cohort_id"] == str(other)
    assert (beside["before"]["value"], beside["after"]["value"], beside["verdict"]) == (30, 20, "fell")


async def test_a_change_of_long_ago_is_measured_at_once_and_anew_by_another_metric(office):
    many = await office.stage.members(40)
    await members_active(office, [-60, -80], many)
    body = CHANGED | {"changed_on": (TODAY - timedelta(days=60)).isoformat()}
    insight = await measured(office, await office.raises(**body), minutes=1)
    assert insight["effect"]["verdict"] == "unchanged"
    patched = await office.change("运营", f"{INSIGHTS}/{insight['id']}", {"metric": "participation"}, version=2)
    assert patched["effect"] is None
    assert (await measured(office, insight, minutes=1))["effect"]["metric"] == "participation"
    gone = await office.change("运营", f"{INSIGHTS}/{insight['id']}", {"metric": None}, version=4)
    assert (gone["metric"], gone["effect"]) == (None, None)


async def test_what_a_rule_found_and_somebody_acted_on_is_measured_and_what_was_dismissed_is_not(office):
    made = await office.raises()
    for command, body in (("acknowledge", None), ("act", CHANGED)):
        await office.send("运营", f"{INSIGHTS}/{made['id']}/{command}", body)
    other = await office.raises(**CHANGED)
    await office.send("运营", f"{INSIGHTS}/{other['id']}/dismiss")
    assert (await measured(office, made, days=29))["effect"]["metric"] == "active_members"
    assert (await office.see("运营", f"{INSIGHTS}/{other['id']}"))["effect"] is None


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"metric": "happiness"}, "unknown_metric"),
        ({"metric": "rising_terms"}, "no_one_value"),
        ({"metric": "satisfaction", "cohort_id": "cohort 1"}, "no_cohorts"),
    ],
)
async def test_an_effect_that_cannot_be_measured_is_refused(office, fields, code):
    if "cohort_id" in fields:
        cohort = office.stage.known_as(fields["cohort_id"])
        await office.stage.members(1, cohort_id=cohort)
        fields = fields | {"cohort_id": str(cohort)}
    [wrong] = (await office.raises(**CHANGED | fields, status=422))["errors"]
    assert (wrong["pointer"], wrong["code"]) == ("/metric", code)
