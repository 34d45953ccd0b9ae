"""Rows of things that take their course come out the same in whatever order, and how often, their messages arrive."""

import asyncio
import random
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from chassis.testing import SettableClock
from contracts import content, events, membership, recruitment
from services.analytics.definition import definition
from services.analytics.processes.models import (
    ActivityCourse,
    Answer,
    ApplicationCourse,
    AttendanceCourse,
    ChannelVisits,
    MemberCourse,
    QuestionCourse,
    RegistrationCourse,
    SatisfactionCourse,
)
from services.analytics.processes.store import table_of
from tests.service.analytics.courses import HERE, START, Telling, named, rows_of

HOUR = timedelta(hours=1)
QUESTIONS = ("q0", "q1", "q2", "q3")
STEP = st.one_of(
    st.tuples(st.sampled_from(("answer", "answer", "comment")), st.integers(0, 3), st.sampled_from(("asker", "other"))),
    st.tuples(st.sampled_from(("remove", "restore", "accept", "unaccept")), st.integers(0, 7)),
    st.tuples(st.sampled_from(("close", "reopen")), st.integers(0, 3)),
    st.tuples(st.just("merge"), st.integers(0, 3), st.integers(0, 3)),
)


@pytest.fixture
async def harness(start_service):
    async with start_service(definition, clock=SettableClock(START)) as harness:
        yield harness


class Plain:
    """What is so, computed step by step in the order in which it happened."""

    def __init__(self):
        self.telling = Telling()
        self.into, self.removed, self.asked, self.authors = {}, set(), {}, {}
        self.replies = []
        for name in QUESTIONS:
            self.authors[name] = "asker" if name != "q3" else "other"
            self.telling.ask(name, self.authors[name])
            self.asked[name] = self.telling.at

    def end(self, name):
        while name in self.into:
            name = self.into[name]
        return name

    def do(self, step):
        match step:
            case (("answer" | "comment") as kind, at, author):
                name = f"r{len(self.replies)}"
                self.telling.reply(name, QUESTIONS[at], author, kind)
                self.replies.append(
                    {"name": name, "in": QUESTIONS[at], "by": author, "kind": kind, "at": self.telling.at,
                     "removed": False, "accepted": None}
                )  # fmt: skip
            case (("remove" | "restore") as verb, number) if self.replies:
                one = self.replies[number % len(self.replies)]
                removal = content.ReplyRemoved if verb == "remove" else content.ReplyRestored
                self.telling.remove(removal, "reply", one["name"], self.end(one["in"]))
                one["removed"] = verb == "remove"
            case (("accept" | "unaccept") as verb, number) if self.replies:
                one = self.replies[number % len(self.replies)]
                change = content.AnswerAccepted if verb == "accept" else content.AnswerUnaccepted
                self.telling.accept(change, one["name"], self.end(one["in"]))
                one["accepted"] = self.telling.at if verb == "accept" else None
            case (("close" | "reopen") as verb, number):
                event = content.DiscussionRemoved if verb == "close" else content.DiscussionRestored
                self.telling.remove(event, "discussion", QUESTIONS[number], QUESTIONS[number])
                (self.removed.add if verb == "close" else self.removed.discard)(QUESTIONS[number])
            case ("merge", source, target):
                source, target = QUESTIONS[source], QUESTIONS[target]
                if source not in self.into and self.end(target) != source:
                    self.telling.merge(source, target)
                    self.into[source] = target

    def expected(self):
        found = {}
        for name in QUESTIONS:
            here = [
                one
                for one in self.replies
                if one["kind"] == "answer" and not one["removed"] and self.end(one["in"]) == name
            ]
            others = [one["at"] for one in here if one["by"] != self.authors[name]]
            accepted = [one["accepted"] for one in here if one["accepted"]]
            found[named(name)] = {
                "counted_in": named(self.end(name)),
                "asked_at": self.asked[name],
                "author_id": named(self.authors[name]),
                "removed": name in self.removed,
                "answers": len(here),
                "first_answer_at": min((one["at"] for one in here), default=None),
                "first_by_other_at": min(others, default=None),
                "accepted_at": min(accepted, default=None),
            }
        return found


async def hear(harness, messages, chance):
    """Everything twice, in no order, in batches of any size."""
    twice = chance.sample(messages * 2, len(messages) * 2)
    while twice:
        size = chance.randint(1, len(twice))
        batch, twice = twice[:size], twice[size:]
        await harness.deliver(*batch)


async def empty(harness, *models):
    tables = harness.runtime.service.tables.messaging
    async with harness.runtime.database.transaction() as session:
        for table in (*(model.__table__ for model in models), tables.inbox):
            await session.execute(delete(table))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(steps=st.lists(STEP, max_size=24), seed=st.integers(0, 2**16))
async def test_questions_come_out_as_a_plain_recomputation_says_in_any_order(harness, steps, seed):
    plain = Plain()
    for step in steps:
        plain.do(step)
    await empty(harness, QuestionCourse, Answer)
    await hear(harness, plain.telling.told, random.Random(seed))
    rows = await rows_of(harness, QuestionCourse)
    expected = plain.expected()
    assert {key: {name: rows[key][name] for name in expected[key]} for key in expected} == expected


@pytest.mark.parametrize("seed", range(3))
async def test_what_two_readers_hear_at_once_comes_out_as_if_they_had_heard_it_one_after_the_other(harness, seed):
    plain, chance = Plain(), random.Random(seed)
    for number in range(60):
        verb = chance.choice(("answer", "answer", "remove", "restore", "accept", "merge"))
        match verb:
            case "answer":
                plain.do((verb, number % 4, chance.choice(("asker", "other"))))
            case "merge":
                plain.do((verb, chance.randrange(4), chance.randrange(4)))
            case _:
                plain.do((verb, chance.randrange(60)))
    lots = [plain.telling.told[start::4] for start in range(4)]
    await asyncio.gather(*(harness.deliver(*lot) for lot in lots))
    rows, expected = await rows_of(harness, QuestionCourse), plain.expected()
    assert {key: {name: rows[key][name] for name in expected[key]} for key in expected} == expected


async def test_a_question_that_was_answered_by_nobody_else_has_the_askers_own_answer(harness):
    telling = Telling()
    telling.ask("q", "asker")
    telling.reply("own", "q", "asker")
    telling.reply("theirs", "q", "other")
    await harness.deliver(*telling.told)
    row = (await rows_of(harness, QuestionCourse))[named("q")]
    assert row["first_answer_at"] == START + 2 * HOUR
    assert row["first_by_other_at"] == START + 3 * HOUR


async def test_a_change_of_a_question_does_not_say_when_it_was_asked(harness):
    telling = Telling()
    telling.ask("q", "asker")
    telling.retitle("q", "asker", kind="help_request")
    await harness.deliver(telling.told[1])
    assert (await rows_of(harness, QuestionCourse))[named("q")]["asked_at"] is None
    await harness.deliver(telling.told[0])
    row = (await rows_of(harness, QuestionCourse))[named("q")]
    assert (row["asked_at"], row["kind"]) == (START + HOUR, "help_request")


def _of_activities():
    telling = Telling()
    telling.activity(events.ActivityAnnounced, "a")
    telling.register(events.RegistrationConfirmed, "a", "m")
    telling.register(events.RegistrationCancelled, "a", "m")
    telling.register(events.RegistrationWaitlisted, "a", "m")
    telling.register(events.RegistrationOffered, "a", "m")
    telling.register(events.RegistrationConfirmed, "a", "m")
    telling.activity(events.ActivityMoved, "a", starts_at_before=START)
    telling.attend("a", "m", extent="partial")
    telling.revoke("a", "m")
    telling.attend("a", "m")
    telling.activity(
        events.ActivityCompleted, "a", visibility="internal", registered=1, attended=1, no_shows=0, kind="contest"
    )
    telling.tell(
        events.SatisfactionMeasured(
            community_id=HERE,
            activity_id=named("a"),
            survey_id=named("survey"),
            kind="workshop",
            means=(events.Mean(code="content", mean=4, n=6), events.Mean(code="lecturer", mean=5, n=5)),
        )
    )
    return telling


@pytest.mark.parametrize("seed", range(6))
async def test_activities_registrations_and_attendances_come_out_the_same_in_any_order(harness, seed):
    telling = _of_activities()
    await hear(harness, telling.told, random.Random(seed))
    activity = (await rows_of(harness, ActivityCourse))[named("a")]
    assert (activity["announced_at"], activity["completed_at"]) == (START + HOUR, START + 11 * HOUR)
    assert (activity["kind"], activity["cancelled_at"]) == ("contest", None)
    (registration,) = (await rows_of(harness, RegistrationCourse)).values()
    kept = ("registered_at", "confirmed_at", "waitlisted_at", "offered_at", "cancelled_at", "expired_at")
    hours = [value and (value - START) // HOUR for value in (registration[name] for name in kept)]
    assert hours == [2, 2, 4, 5, 3, None]
    assert (registration["state"], registration["activity_id"]) == ("confirmed", named("a"))
    (attendance,) = (await rows_of(harness, AttendanceCourse)).values()
    assert (attendance["attended_at"], attendance["extent"]) == (START + 10 * HOUR, "full")
    assert not attendance["revoked"]
    (measured,) = (await rows_of(harness, SatisfactionCourse)).values()
    assert (measured["kind"], measured["n"], measured["mean"]) == ("workshop", 6, pytest.approx(49 / 11))


async def test_an_attendance_of_which_only_the_end_is_known_waits_for_its_beginning(harness):
    telling = Telling()
    telling.attend("a", "m")
    telling.revoke("a", "m")
    await harness.deliver(telling.told[1])
    (row,) = (await rows_of(harness, AttendanceCourse)).values()
    assert (row["revoked"], row["attended_at"]) == (True, None)
    await harness.deliver(telling.told[0])
    (row,) = (await rows_of(harness, AttendanceCourse)).values()
    assert (row["revoked"], row["attended_at"]) == (True, START + HOUR)


async def test_a_survey_about_a_month_measures_no_satisfaction_and_one_about_an_activity_counts_once(harness):
    telling = _of_activities()
    for survey, kind in (("survey", "activity"), ("pulse", "month"), ("talk", "meeting")):
        about = events.SurveyAbout(kind=kind, id=None if kind == "month" else named("a"))
        closed = events.SurveyClosed(
            community_id=HERE,
            survey_id=named(survey),
            about=about,
            anonymity="anonymous",
            asked=9,
            answered=6,
            means=(events.Mean(code="content", mean=3, n=6),),
        )
        telling.tell(closed)
    await harness.deliver(*telling.told)
    rows = await rows_of(harness, SatisfactionCourse)
    assert {key: row["kind"] for key, row in rows.items()} == {named("survey"): "workshop", named("talk"): "meeting"}


@pytest.mark.parametrize("seed", range(6))
async def test_applications_and_memberships_come_out_the_same_in_any_order(harness, seed):
    telling = Telling()
    telling.apply(recruitment.ApplicationSubmitted, "p")
    telling.apply(recruitment.ApplicationReturned, "p", to="returned")
    telling.apply(recruitment.ApplicationSubmitted, "p", to="screening")
    telling.apply(recruitment.ApplicationDecided, "p", to="decided", outcome="waitlisted")
    telling.apply(recruitment.ApplicationDecided, "p", to="decided", outcome="accepted")
    joined = telling.at
    telling.member(membership.MemberJoined, "m", joined, application_id=named("application of p"), channel="poster")
    telling.member(membership.MemberLeft, "m", joined, application_id=named("application of p"), channel="poster")
    again = telling.at + HOUR
    telling.member(membership.MemberJoined, "m", again)
    await hear(harness, telling.told, random.Random(seed))
    (application,) = (await rows_of(harness, ApplicationCourse)).values()
    assert (application["submitted_at"], application["channel"]) == (START + HOUR, "poster")
    assert (application["outcome"], application["decided_at"]) == ("accepted", START + 5 * HOUR)
    assert application["state"] == "decided"
    (member,) = (await rows_of(harness, MemberCourse)).values()
    assert (member["joined_at"], member["gone"], member["left_at"]) == (again, False, START + 7 * HOUR)
    assert (member["application_id"], member["channel"]) == (None, None)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
async def test_of_the_visits_of_a_day_what_was_told_last_holds(harness, order):
    telling = Telling()
    for visits, day in ((3, 1), (5, 1), (7, 2)):
        data = recruitment.CampaignVisited(
            community_id=HERE,
            campaign_id=named("c"),
            channel="poster",
            day=START.date().replace(day=day),
            visits=visits,
        )
        telling.tell(data)
    for place in order:
        await harness.deliver(telling.told[place])
    async with harness.runtime.database.reading() as session:
        rows = (await session.execute(select(table_of(ChannelVisits)))).mappings().all()
    assert {row["day"].day: row["visits"] for row in rows} == {1: 5, 2: 7}
