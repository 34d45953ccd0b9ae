"""Seven answer without names, in an order that the attacker knows. They read every table, every file, every message and every line of a log, and find nobody."""

import asyncio
import json
import logging
import sqlite3
from contextlib import AsyncExitStack, closing
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text

from chassis.database.wiping import StillSeen, wipe
from chassis.logs import JsonFormatter
from tests.service.events.asking import SEVEN, SURVEYS, asks, closes, said, seven

HIDDEN = {
    "sqlite": "rowid AS hidden_place, 0 AS hidden_writer",
    "postgresql": "ctid::text AS hidden_place, xmin::text AS hidden_writer",
}
WORDS = ("茶", "水", "山", "石", "风", "云", "雨")
"""What each of the seven writes, so that their answer is known again."""


class Attacker:
    """Knows when each of the seven answered, and what they sent with it; sees everything that is kept."""

    def __init__(self, hall, caplog):
        self.hall = hall
        self.caplog = caplog
        self.sent = {}

    @property
    def database(self):
        return self.hall.stage.harness.runtime.database

    async def watches(self, survey, *, names=SEVEN, again=False, more=""):
        """See each of them answer, and note what came with it."""
        # The last who joined first: ids of members grow with time, too.
        for number, name in enumerate(reversed(names)):
            self.hall.later(minutes=11)
            tokens = {
                "X-Request-ID": f"request{uuid4().hex}",
                "Idempotency-Key": f"key{uuid4().hex}",
                "traceparent": f"00-{uuid4().hex}-{uuid4().hex[:16]}-01",
                "User-Agent": f"device{uuid4().hex}",
            }
            body = {"answers": said(1 + number % 5, remarks=f"我要{WORDS[number]}{more}")}
            client = self.hall[name].client
            for status in (201, 200) if again else (201,):
                answer = await client.post(f"{SURVEYS}/{survey['id']}/answers", json=body, headers=tokens)
                assert answer.status_code == status, answer.text
                assert tokens["X-Request-ID"] not in str(answer.headers)
            self.sent[name] = {"at": self.hall.now, "tokens": tokens.values()}

    async def tables(self):
        """Every row of every table in the order in which a dump has them, with what the database itself notes of it."""
        hidden = HIDDEN["sqlite" if self.database.is_sqlite else "postgresql"]
        found = {}
        async with self.database.reading(primary=True) as session:
            for name in self.hall.stage.harness.runtime.metadata.tables:
                rows = await session.execute(text(f'SELECT {hidden}, * FROM "{name}"'))
                found[name] = [dict(row) for row in rows.mappings()]
        return found

    def lines(self):
        """Every line of the log, as it is written."""
        return [JsonFormatter("test").format(one) for one in self.caplog.records if one.name.startswith("qunxue")]

    async def texts(self):
        """Every row and every line as text."""
        rows = [f"{name} {spelt(row)}" for name, rows in (await self.tables()).items() for row in rows]
        return rows + self.lines()


def spelt(row):
    return json.dumps(row, default=str, ensure_ascii=False).replace("-", "")


def attacks(hall, caplog):
    caplog.set_level(logging.INFO)
    return Attacker(hall, caplog)


async def found_in_texts(attacker, *, of_answers):
    """Nothing says what came with an answer or when it came, and nothing has a person beside what they said."""
    texts = await attacker.texts()
    for name, sent in attacker.sent.items():
        who = {str(attacker.hall[name].id).replace("-", ""), str(attacker.hall[name].person_id).replace("-", "")}
        for one in texts:
            assert not any(token in one for token in sent["tokens"]), one
            assert not any(word in one for word in of_answers) or not any(id_ in one for id_ in who), one
            for moment in (sent["at"].strftime("%Y%m%dT%H:%M"), sent["at"].strftime("%Y%m%d %H:%M")):
                assert moment not in one, one


def alike(rows, names):
    """The rows about each of some members, without who it is and where it lies."""
    found = []
    for who in names:
        of_one = [one for one in rows if any(id_ in spelt(one) for id_ in who)]
        for_all = []
        for one in of_one:
            told = spelt({key: value for key, value in one.items() if not key.startswith("hidden")})
            for place, id_ in enumerate(who):
                told = told.replace(id_, f"<{place}>")
            for_all.append(told)
        found.append(sorted(for_all))
    return found


async def test_seven_answers_in_a_known_order_are_nobodys_once_the_survey_has_closed(hall, caplog):
    await seven(hall)
    attacker = attacks(hall, caplog)
    survey = await asks(hall)
    await attacker.watches(survey, again=True)
    hall.later(minutes=11)
    before = await attacker.tables()
    await closes(hall, survey)
    after = await attacker.tables()

    # The answers: other ids than before, written at once, lying in the order of ids that are random.
    ballots = after["survey_mixed_ballots"]
    assert (len(ballots), after["survey_ballots"]) == (7, [])
    assert not {str(one["id"]) for one in ballots} & {str(one["id"]) for one in before["survey_ballots"]}
    assert {str(one["id"]).replace("-", "")[12] for one in (*ballots, *after["survey_texts"])} == {"4"}
    for table, key in (("survey_mixed_ballots", "id"), ("survey_texts", "id"), ("survey_participations", "member_id")):
        kept = [str(one[key]).replace("-", "") for one in after[table]]
        assert kept == sorted(kept), table
        assert len({one["hidden_writer"] for one in after[table]}) == 1, table
    # What they wrote lies apart from what else they answered.
    assert not any(word in spelt(one) for one in ballots for word in WORDS)
    assert sorted(one["text"][-1] for one in after["survey_texts"]) == sorted(WORDS)

    # No table, message or line has anybody beside an answer, or when it came, or what came with it.
    ids = {str(one["id"]).replace("-", "") for one in (*ballots, *before["survey_ballots"], *after["survey_texts"])}
    await found_in_texts(attacker, of_answers=ids | {f"我要{word}" for word in WORDS})
    # And whatever is kept of one of them is kept of all of them alike.
    whose = [[str(hall[one].id).replace("-", ""), str(hall[one].person_id).replace("-", "")] for one in SEVEN]
    for name in ("survey_participations", "outbox", "idempotency_keys", "audit_log", "timers", "jobs"):
        told = alike(after.get(name, []), whose)
        assert all(len(one) == len(told[0]) for one in told), name


async def test_before_it_closes_only_the_order_of_rows_tells_anything(hall, caplog):
    await seven(hall)
    attacker = attacks(hall, caplog)
    survey = await asks(hall)
    await attacker.watches(survey)
    ballots = (await attacker.tables())["survey_ballots"]
    ids = {str(one["id"]).replace("-", "") for one in ballots}
    await found_in_texts(attacker, of_answers=ids | {f"我要{word}" for word in WORDS})
    assert not [line for line in attacker.lines() if "/answers" in line]
    assert (await hall.see("群主", f"{SURVEYS}/{survey['id']}"))["status"] == "open"
    for path in ("results", "texts"):
        await hall.see("群主", f"{SURVEYS}/{survey['id']}/{path}", answered=409)
    await hall.see("群主", f"{SURVEYS}/{survey['id']}/answers", answered=409)
    assert await hall.stage.harness.published("participated") == []


@pytest.mark.parametrize("names", [SEVEN, SEVEN[:4]], ids=["mixed", "deleted"])
async def test_the_files_of_the_database_have_nothing_of_how_it_lay_before(hall, caplog, names):
    await seven(hall)
    attacker = attacks(hall, caplog)
    survey = await asks(hall)
    if attacker.database.is_sqlite:
        # Some builds of SQLite overwrite what is deleted by themselves; this one shall not.
        async with attacker.database.transaction() as session:
            await session.execute(text("PRAGMA secure_delete=OFF"))
    await attacker.watches(survey, names=names, more="。" * 1500)
    before = [str(one["id"]) for one in (await attacker.tables())["survey_ballots"]]
    assert await kept_in_files(attacker, before) == set(before)
    await closes(hall, survey)
    assert await kept_in_files(attacker, before) == set()
    [row] = (await attacker.tables())["surveys"]
    assert row["wiped_at"] is not None


async def kept_in_files(attacker, ids):
    """Which of these ids stand anywhere in the database's files; of PostgreSQL in the rows of the table, dead ones too."""
    if attacker.database.is_sqlite:
        path = str(attacker.database.url.database)
        raw = b"".join(Path(one).read_bytes() for one in (path, f"{path}-wal") if Path(one).exists())
        return {one for one in ids if one.replace("-", "").encode() in raw}
    async with attacker.database.transaction() as session:
        await session.execute(text("CREATE EXTENSION IF NOT EXISTS pageinspect"))
    page = "encode(get_raw_page('survey_ballots', number::int), 'hex')"
    pages = f"SELECT {page} FROM generate_series(0, pg_relation_size('survey_ballots') / 8192 - 1) AS number"
    async with attacker.database.reading(primary=True) as session:
        kept = "".join((await session.execute(text(pages))).scalars())
    return {one for one in ids if one.replace("-", "") in kept}


async def test_what_a_killed_worker_did_not_wipe_is_wiped_by_the_next(hall, monkeypatch):
    await seven(hall)
    survey = await asks(hall)
    for name in SEVEN:
        await hall.send(name, f"{SURVEYS}/{survey['id']}/answers", {"answers": said(4)}, status=201)
    killed = []

    async def dies(*_tables, **_options):
        killed.append(True)
        raise RuntimeError("killed")

    with monkeypatch.context() as broken:
        broken.setattr("services.events.surveys.wiping.wipe", dies)
        await closes(hall, survey)
    assert killed
    table = hall.stage.harness.runtime.metadata.tables["surveys"]

    async def wiped():
        async with hall.stage.harness.runtime.database.reading() as session:
            return (await session.execute(table.select())).one().wiped_at

    assert await wiped() is None
    async with hall.stage.harness.runtime.database.transaction() as session:
        await hall.stage.harness.runtime.service.timers.set_periodic(session, hall.now)
    hall.later(hours=1, minutes=1)
    await hall.stage.harness.run_timers()
    await hall.stage.harness.run_jobs()
    assert await wiped() == hall.now


async def test_members_go_on_answering_while_the_files_are_wiped(hall):
    await seven(hall)
    survey = await asks(hall)
    database, tables = hall.stage.harness.runtime.database, hall.stage.harness.runtime.metadata.tables
    wiping = asyncio.create_task(wipe(database, [tables["survey_ballots"]], vacuumed=[tables["survey_participations"]]))
    body = {"answers": said(4)}
    path = f"{SURVEYS}/{survey['id']}/answers"
    given = await asyncio.gather(*(hall[name].client.post(path, json=body) for name in SEVEN))
    await wiping
    assert [one.status_code for one in given] == [201] * 7


async def test_nothing_counts_as_wiped_that_somebody_still_sees(hall, monkeypatch):
    monkeypatch.setattr("chassis.database.wiping.PATIENCE", 0.3)
    database, tables = hall.stage.harness.runtime.database, hall.stage.harness.runtime.metadata.tables
    reader = Path(str(database.url.database)) if database.is_sqlite else None
    async with AsyncExitStack() as seen:
        if reader is not None:
            connection = seen.enter_context(closing(sqlite3.connect(reader, isolation_level=None)))
            connection.execute("BEGIN")
            connection.execute("SELECT count(*) FROM surveys").fetchone()
        else:
            session = await seen.enter_async_context(database.transaction())
            await session.execute(text("UPDATE surveys SET title = title"))
            await session.execute(text("SELECT pg_current_xact_id()"))
        with pytest.raises(StillSeen):
            await wipe(database, [tables["survey_ballots"]])
    await wipe(database, [tables["survey_ballots"]])
