"""Members vote in an order that the attacker knows. They read every table, message, line of a log and file, and do not find who voted for whom."""

import logging
from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from chassis.logs import JsonFormatter
from services.gamification.stars.models import Star, StarCandidate
from tests.service.gamification.stars.naming import COUNTED, VOTING

MANY = 70_000
"""So many votes there were already, so that a sum is known again where it lies."""


@pytest.fixture
async def star(stage, members):
    """Two are named, with many votes already."""
    star = (await stage.name(members[2], members[0])).json()["id"]
    await stage.name(members[3], members[1])
    async with stage.harness.runtime.database.transaction() as session:
        await session.execute(update(StarCandidate).values(votes=MANY))
        if stage.harness.runtime.database.is_sqlite:
            # Some builds of SQLite overwrite what is deleted by themselves; this one shall not.
            await session.execute(text("PRAGMA secure_delete=OFF"))
    stage.at(VOTING)
    return star


async def vote_all(stage, members, star):
    for number, voter in enumerate(members):
        target = members[1] if number in {0, 2, 5} else members[0]
        assert (await stage.vote(voter, star, target)).status_code == 200


async def test_once_they_are_counted_no_file_of_the_database_has_how_the_votes_came(stage, members, star):
    await vote_all(stage, members, star)
    assert await sums_in_files(stage, star, members[0]) > {MANY + 1, MANY + 2}
    database = stage.harness.runtime.database
    if not database.is_sqlite:
        # Until then what wrote a voter wrote a sum, too.
        assert await writers(database, "star_candidates") < await writers(database, "star_voters")
    await stage.over()
    if not database.is_sqlite:
        assert len(await writers(database, "star_candidates")) == 1
        assert not await writers(database, "star_candidates") & await writers(database, "star_voters")
    for one in members[:2]:
        assert await sums_in_files(stage, star, one) == {MANY + 3}
    async with stage.harness.runtime.database.reading() as session:
        row = (await session.execute(select(Star))).scalar_one()
    assert (row.settled_at, row.wiped_at) == (COUNTED.replace(day=7, hour=16), COUNTED)


async def sums_in_files(stage, star, member):
    """Which sums of a member's votes lie anywhere in the database's files; of PostgreSQL in the rows of the table, dead ones too."""
    database = stage.harness.runtime.database
    possible = range(MANY, MANY + 10)
    if database.is_sqlite:
        path = str(database.url.database)
        raw = b"".join(Path(one).read_bytes() for one in (path, f"{path}-wal") if Path(one).exists())
        whose = f"{star}{member.id}".replace("-", "").encode()
        return {one for one in possible if whose + one.to_bytes(3, "big") in raw}
    pages = await raw_pages(database, "star_candidates")
    row = f"{star}{member.id}".replace("-", "")
    return {one for one in possible if row + one.to_bytes(4, "little").hex() in pages}


async def writers(database, table):
    """Which transactions wrote the rows of a table, as PostgreSQL notes with each."""
    async with database.reading(primary=True) as session:
        return set((await session.execute(text(f"SELECT xmin::text FROM {table}"))).scalars())


async def raw_pages(database, table):
    async with database.transaction() as session:
        await session.execute(text("CREATE EXTENSION IF NOT EXISTS pageinspect"))
    page = f"encode(get_raw_page('{table}', number::int), 'hex')"
    pages = f"SELECT {page} FROM generate_series(0, pg_relation_size('{table}') / 8192 - 1) AS number"
    async with database.reading(primary=True) as session:
        return "".join((await session.execute(text(pages))).scalars())


async def test_no_table_message_or_line_of_a_log_has_a_voter_beside_whom_they_voted_for(stage, members, star, caplog):
    caplog.set_level(logging.INFO)
    before = {row for row in await everything(stage) if str(members[4].id) in row}
    tokens = {"X-Request-ID": "request4711", "Idempotency-Key": "key4711", "User-Agent": "device4711"}
    path = f"/v1/kudos/stars/{star}/vote"
    answer = await members[4].client.post(path, json={"member_id": str(members[0].id)}, headers=tokens)
    assert answer.status_code == 200, answer.text
    caplog.clear()
    for moment in (VOTING, COUNTED):
        await stage.over(moment)
        rows = await everything(stage)
        new = {row for row in rows if str(members[4].id) in row or str(members[4].person_id) in row} - before
        # That they voted, and who they are.
        assert [row for row in new if row.startswith("star_")] == [f"star_voters {star} {members[4].id}"]
        assert not [row for row in new if str(members[0].id) in row]
        lines = [JsonFormatter("test").format(one) for one in caplog.records if one.name.startswith("qunxue")]
        assert not [one for one in (*rows, *lines) if any(token in one for token in tokens.values())]
        assert not [line for line in lines if "/vote" in line]


async def everything(stage):
    found = set()
    async with stage.harness.runtime.database.reading(primary=True) as session:
        for name, table in stage.harness.runtime.metadata.tables.items():
            for row in await session.execute(table.select()):
                found.add(" ".join([name, *(str(one) for one in row)]))
    return found


async def test_what_a_killed_worker_did_not_wipe_is_wiped_by_the_next(stage, members, star, monkeypatch):
    await vote_all(stage, members, star)

    async def dies(*_tables, **_options):
        raise RuntimeError("killed")

    with monkeypatch.context() as broken:
        broken.setattr("services.gamification.stars.settling.wipe", dies)
        await stage.over()

    async def wiped():
        async with stage.harness.runtime.database.reading() as session:
            return (await session.execute(select(Star))).scalar_one().wiped_at

    assert await wiped() is None
    async with stage.harness.runtime.database.transaction() as session:
        await stage.harness.runtime.service.timers.set_periodic(session, COUNTED)
    later = COUNTED.replace(hour=6)
    await stage.over(later)
    assert await wiped() == later


async def test_nobody_votes_once_they_are_counted_even_if_they_began_before(stage, members, star):
    await stage.over()
    # A request that began before midnight, and comes after.
    stage.at(VOTING)
    assert (await stage.vote(members[4], star, members[0])).status_code == 409
    async with stage.harness.runtime.database.reading() as session:
        sums = (await session.execute(select(StarCandidate))).scalars().all()
    assert {one.votes for one in sums} == {MANY}
