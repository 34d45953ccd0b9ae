"""The operators' commands on an installation that stands still; tests/system has them on one that runs."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import typer.main
from sqlmodel import col, select

from chassis.audit import AuditObject, audit
from chassis.messaging.envelope import TopicPartition
from chassis.messaging.holes import look_for_holes
from chassis.testing.answers import declared_by
from chassis.web.app import create_app
from qunxue.installation import opened

ADMIN_EMAIL = "admin@qunxue.example"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def record(chosen, *entries):
    """Audit entries `(service, action, minutes past noon)`."""

    async def write() -> None:
        async with opened(chosen) as installation:
            for service, action, minutes in entries:
                async with installation.runtimes[service].database.transaction() as session:
                    at = NOON + timedelta(minutes=minutes)
                    await audit(session, None, AuditObject("thing", "t1"), action, {}, at)

    asyncio.run(write())


def lines(result):
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_the_audit_of_all_services_comes_newest_first(qunxue, chosen):
    record(chosen, ("content", "a", 1), ("gamification", "b", 3), ("membership", "c", 2), ("content", "d", 4))
    found = lines(qunxue("audit", "--json", "--object", "t1"))
    assert [(line["service"], line["action"]) for line in found] == [
        ("content", "d"), ("gamification", "b"), ("membership", "c"), ("content", "a"),
    ]  # fmt: skip


def test_the_audit_is_limited_over_all_services_together(qunxue, chosen):
    record(chosen, *((service, f"{service}-{n}", n) for n in range(3) for service in ("content", "events")))
    found = lines(qunxue("audit", "--json", "--object", "t1", "--limit", "3"))
    assert [line["action"][-1] for line in found] == ["2", "2", "1"]


def test_the_audit_is_filtered(qunxue, chosen):
    record(chosen, ("content", "early", 0), ("content", "late", 60))
    assert [line["action"] for line in lines(qunxue("audit", "--json", "--action", "early"))] == ["early"]
    since = lines(qunxue("audit", "--json", "--object", "t1", "--since", "2026-03-02 12:30:00"))
    assert [line["action"] for line in since] == ["late"]
    assert lines(qunxue("audit", "--json", "--actor", "person:nobody")) == []


def test_a_filter_that_is_no_id_is_refused(qunxue):
    refused = qunxue("audit", "--community", "everybody")
    assert (refused.exit_code, "'everybody' is no community id" in refused.stderr) == (1, True)


def log_in(chosen, password):
    async def status() -> int:
        async with opened(chosen, ["membership"]) as installation:
            app = create_app(installation.runtimes["membership"])
            hooks = {"response": [declared_by("membership", app).hold]}
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://test", event_hooks=hooks) as client:
                answer = await client.post("/v1/sessions", json={"login": ADMIN_EMAIL, "password": password})
                return answer.status_code

    return asyncio.run(status())


def test_a_lost_password_is_replaced_by_one_shown_once(qunxue, chosen):
    assert log_in(chosen, "a long password for the tests") == 201
    result = qunxue("admin", "reset-password", ADMIN_EMAIL)
    password = result.stdout.strip().rpartition(" ")[2]
    assert log_in(chosen, "a long password for the tests") == 401
    assert log_in(chosen, password) == 201
    trail = qunxue("audit", "--json", "--action", "person.reset_password")
    assert len(lines(trail)) == 1
    assert password not in trail.stdout


def test_a_new_password_ends_the_sessions(qunxue, chosen):
    log_in(chosen, "a long password for the tests")
    qunxue("admin", "reset-password", ADMIN_EMAIL)

    async def reasons() -> list[str]:
        from services.membership.sessions.models import LoginSession

        async with (
            opened(chosen, ["membership"]) as installation,
            installation.runtimes["membership"].database.reading() as session,
        ):
            return list((await session.execute(select(col(LoginSession.revoked_because)))).scalars())

    assert asyncio.run(reasons()) == ["password_changed"]


def test_an_unknown_login_is_told_so(qunxue):
    refused = qunxue("admin", "reset-password", "nobody@qunxue.example")
    assert (refused.exit_code, "nobody active logs in as" in refused.stderr) == (1, True)


def test_a_lost_second_factor_is_taken_away_and_the_password_stays(qunxue, chosen):
    password = "a long password for the tests"

    async def set_up() -> None:
        from services.membership.platform_roles.models import PlatformRole
        from services.membership.second_factors.models import SecondFactor

        async with (
            opened(chosen, ["membership"]) as installation,
            installation.runtimes["membership"].database.transaction() as session,
        ):
            (person,) = (await session.execute(select(col(PlatformRole.person_id)))).scalars()
            now = installation.runtimes["membership"].clock()
            session.add(SecondFactor(person_id=person, sealed_secret=b"", created_at=now, confirmed_at=now))

    asyncio.run(set_up())
    assert log_in(chosen, password) == 401
    result = qunxue("admin", "reset-second-factor", ADMIN_EMAIL)
    assert (result.exit_code, "logs in by password alone" in result.stdout) == (0, True)
    assert log_in(chosen, password) == 201
    assert len(lines(qunxue("audit", "--json", "--action", "second_factor.reset"))) == 1
    again = qunxue("admin", "reset-second-factor", ADMIN_EMAIL)
    assert (again.exit_code, "There is no second factor" in again.stderr) == (1, True)
    unknown = qunxue("admin", "reset-second-factor", "nobody@qunxue.example")
    assert (unknown.exit_code, "nobody logs in as" in unknown.stderr) == (1, True)


def test_no_dead_letters_is_good_news(qunxue):
    assert "No dead letters." in qunxue("dead-letters", "list").stdout


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("dead-letters", "list", "desktop"), "there is no service 'desktop'"),
        (("dead-letters", "show", "content", "01a1fd96-0736-7477-af3f-f74ba741d348"), "no such dead letter"),
        (("dead-letters", "replay", "content", "01a1fd96-0736-7477-af3f-f74ba741d348"), "no such dead letter"),
        (("dead-letters", "show", "content", "1"), "'1' is no dead letter id"),
        (("dead-letters", "replay", "content", "1"), "'1' is no dead letter id"),
        (("republish", "desktop"), "there are membership, gamification, content, events, analytics"),
        (("republish", "content", "article"), "content can republish"),
        (("holes", "accept", "content", "qunxue.events"), "content has no hole in qunxue.events"),
        (("holes", "accept", "desktop", "qunxue.events"), "there is no service 'desktop'"),
        (("openapi", "desktop"), "there is no service 'desktop'"),
        (("restore", "nothing.zip", "--only", "desktop"), "there is no service 'desktop'"),
        (("restore", "nothing.zip"), "there is no file nothing.zip"),
        (("backup", "/nowhere/b.zip"), "there is no directory /nowhere"),
        (("backup", "/proc/b.zip"), "the backup was not written"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line_with_status_1(qunxue, command, said):
    refused = qunxue(*command)
    assert refused.exit_code == 1
    assert said in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


def test_the_ledger_of_a_new_installation_is_in_order(qunxue):
    result = qunxue("ledger", "verify")
    assert (result.exit_code, "in order" in result.stdout) == (0, True), result.output


def lose(chosen, service, topic):
    """Have a service notice that the log deleted messages it had not read."""

    async def look() -> None:
        async with opened(chosen) as installation:
            runtime = installation.runtimes[service]
            async with runtime.database.transaction() as session:
                await look_for_holes(session, service, {TopicPartition(topic, 3): 17}, runtime.clock())

    asyncio.run(look())


def test_holes_are_listed_until_they_are_accepted(qunxue, chosen):
    assert "No holes." in qunxue("holes", "list").stdout
    lose(chosen, "gamification", "qunxue.membership")
    listed = qunxue("holes", "list").stdout
    assert "waiting" in listed
    assert "community, deeds, department, group, group_member, member, person, rule_set, work_calendar" in listed
    assert qunxue("holes", "accept", "gamification", "qunxue.membership").exit_code == 0
    assert "accepted" in qunxue("holes", "list").stdout
    assert len(lines(qunxue("audit", "--json", "--action", "hole.accept"))) == 1


def test_what_is_restated_lets_those_read_on_who_wait_for_it(qunxue, chosen):
    lose(chosen, "gamification", "qunxue.membership")
    lose(chosen, "gamification", "qunxue.content")
    said = qunxue("republish", "membership").stdout
    for kind in ("person", "community", "member"):
        assert f"snapshots of {kind} written" in said
    assert "gamification reads on in qunxue.membership" in said
    listed = qunxue("holes", "list").stdout
    assert ("released" in listed, "waiting" in listed) == (True, True)


def test_deeds_that_are_told_again_let_those_read_on_who_count_them(qunxue, chosen):
    lose(chosen, "gamification", "qunxue.content")
    said = qunxue("republish", "content", "deeds").stdout
    assert "gamification reads on in qunxue.content" in said


def test_deeds_are_not_told_again_from_a_day_after_the_first_that_was_lost(qunxue, chosen):
    lose(chosen, "gamification", "qunxue.content")
    refused = qunxue("republish", "content", "deeds", "--since", "2026-01-01")
    assert (refused.exit_code, "gamification lost deeds from before that" in refused.stderr) == (1, True)
    assert "waiting" in qunxue("holes", "list").stdout


def test_the_ledger_says_what_it_cannot_know(qunxue, chosen):
    lose(chosen, "gamification", "qunxue.content")
    result = qunxue("ledger", "verify")
    assert result.exit_code == 0
    assert "messages of qunxue.content" in result.stdout
    assert "not in the books" in result.stdout


def test_a_database_that_was_not_migrated_is_told_apart(qunxue, data_dir):
    (data_dir / "events.sqlite").unlink()
    refused = qunxue("audit")
    assert (refused.exit_code, "run `qunxue migrate`" in refused.stderr) == (1, True)


def test_a_backup_and_a_restore_by_command(qunxue, tmp_path, data_dir):
    assert qunxue("backup", tmp_path / "b.zip").exit_code == 0
    assert "--replace" in qunxue("restore", tmp_path / "b.zip").stderr
    restored = qunxue("restore", "--replace", tmp_path / "b.zip")
    assert restored.exit_code == 0, restored.output
    assert "replaced-" in restored.stdout


def every_command(group, path=()):
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from every_command(command, (*path, name))
        else:
            yield (*path, name)


def test_every_command_has_help_with_an_example(qunxue):
    from qunxue.cli import app

    missing = []
    for command in every_command(typer.main.get_command(app)):
        result = qunxue(*command, "--help")
        if result.exit_code != 0 or "Example: " not in result.stdout:
            missing.append(command)
    assert missing == []


def test_the_version_is_told(qunxue):
    assert qunxue("--version").stdout.startswith("qunxue ")


def test_facts_are_added_up_anew_on_command(qunxue):
    said = qunxue("recount")
    assert (said.exit_code, "counting anew" in said.stdout, "facts are in the new count" in said.stdout) == (
        0,
        True,
        True,
    )
    assert len(lines(qunxue("audit", "--json", "--action", "recount"))) == 1


def test_the_index_of_search_is_built_anew_on_command(qunxue):
    assert "going on with the index" in qunxue("reindex").stdout
    said = qunxue("reindex")
    assert (said.exit_code, "a new index" in said.stdout, "things are found by the new index" in said.stdout) == (
        0,
        True,
        True,
    )
    assert len(lines(qunxue("audit", "--json", "--action", "reindex"))) == 2
