"""Entities that a use case changes: one of each in a session, written before they are looked for, and by what changed of them."""

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError, NoResultFound
from sqlalchemy.orm.exc import StaleDataError
from sqlmodel import col
from sqlmodel import select as select_model
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.rows import existing
from chassis.database.sessions import savepoint
from chassis.database.statements import Prepared, bindparam
from chassis.ids import new_id
from tests.service.chassis.test_statements import ADD, NAME, a_thing, things
from tests.service.chassis.workshop_things import Label, Thing

DROP = Prepared(things.delete().where(things.c.id == bindparam("thing_id")))


@pytest.fixture
async def made(shop):
    """A thing that is there."""
    values = a_thing(name="first", weight=1)
    async with shop.runtime.database.transaction() as session:
        await ADD.run(session, **values)
    return values


async def test_a_session_has_one_of_each_however_it_was_found(shop, made):
    async with shop.runtime.database.transaction() as session:
        thing = await session.get(Thing, made["id"])
        [same] = await session.exec(select_model(Thing).where(col(Thing.id) == made["id"]))
        [(again, weight)] = await session.execute(select(Thing, col(Thing.weight)).where(col(Thing.id) == made["id"]))
        assert same is thing is again is await existing(session, Thing, made["id"], lock=True)
        assert (weight, await session.get(Thing, new_id())) == (1, None)
        with pytest.raises(NoResultFound):
            await session.get_one(Thing, new_id())


async def test_one_that_is_locked_is_read_again_and_any_other_is_not(shop, made):
    async with shop.runtime.database.transaction() as session:
        thing = await existing(session, Thing, made["id"])
        await (await session.connection()).execute(update(things).where(things.c.id == thing.id).values(name="second"))
        assert (await existing(session, Thing, made["id"])).name == "first"
        assert (await existing(session, Thing, made["id"], lock=True)).name == thing.name == "second"


async def test_what_did_not_change_is_not_written(shop, made):
    async with shop.runtime.database.transaction() as session:
        thing = await session.get(Thing, made["id"])
        await (await session.connection()).execute(update(things).where(things.c.id == thing.id).values(name="second"))
        thing.weight = 7
        thing.name = "first"
    async with shop.runtime.database.reading() as session:
        thing = await session.get(Thing, made["id"])
        assert (thing.name, thing.weight) == ("second", 7)


async def test_what_was_made_and_changed_is_found_at_once_and_kept(shop, made):
    other = Thing(**a_thing(name="new", weight=2))
    async with shop.runtime.database.transaction() as session:
        (await session.get(Thing, made["id"])).weight = 2
        session.add(other)
        counted = await session.execute(select(func.count()).where(col(Thing.weight) == 2))
        assert counted.scalar_one() == 2
        other.name = "newer"
    async with shop.runtime.database.reading() as session:
        assert await NAME.one(session, thing_id=other.id) == "newer"


async def test_a_column_may_be_given_an_expression_of_itself(shop, made):
    async with shop.runtime.database.transaction() as session:
        thing = await session.get(Thing, made["id"])
        thing.weight = col(Thing.weight) + 1
        thing.status = "closed"
    async with shop.runtime.database.reading() as session:
        thing = await session.get(Thing, made["id"])
        assert (thing.weight, thing.status) == (made["weight"] + 1, "closed")


async def test_to_change_what_has_a_default_takes_no_way_round(shop, made, monkeypatch):
    async def never(*_: object) -> None:
        raise AssertionError("SQLAlchemy was asked to write")

    monkeypatch.setattr(AsyncSession, "flush", never)
    async with shop.runtime.database.transaction() as session:
        thing = await session.get(Thing, made["id"])
        thing.version += 1
        thing.bump()
    async with shop.runtime.database.reading() as session:
        thing = await session.get(Thing, made["id"])
        assert (thing.version, thing.messages_published) == (2, 1)


async def test_one_whose_row_is_gone_is_not_silently_lost(shop, made):
    async def change_what_is_gone() -> None:
        async with shop.runtime.database.transaction() as session:
            thing = await session.get(Thing, made["id"])
            await DROP.run(session, thing_id=thing.id)
            thing.name = "nobody's"

    with pytest.raises(StaleDataError):
        await change_what_is_gone()


@pytest.fixture
async def many(shop):
    """Twelve things, by number."""
    rows = [a_thing(name=f"thing {number:02d}", weight=number) for number in range(12)]
    async with shop.runtime.database.transaction() as session:
        for row in rows:
            await ADD.run(session, **row)
    return [row["id"] for row in rows]


async def test_many_that_are_changed_alike_are_each_written(shop, many):
    async with shop.runtime.database.transaction() as session:
        for number, key in enumerate(many[:9]):
            (await session.get_one(Thing, key)).weight = number + 100
        (await session.get_one(Thing, many[-1])).name = "zebra"
    async with shop.runtime.database.reading() as session:
        found = (await session.execute(select(things.c.name, things.c.weight).order_by(things.c.name))).all()
    assert [tuple(row) for row in found] == [
        *((f"thing {number:02d}", number + (100 if number < 9 else 0)) for number in range(11)),
        ("zebra", 11),
    ]


async def test_one_of_many_that_is_no_longer_there_is_missed(shop, many):
    async def change_what_is_gone():
        async with shop.runtime.database.transaction() as session:
            rows = [await session.get_one(Thing, key) for key in many]
            await DROP.run(session, thing_id=many[7])
            for row in rows:
                row.weight = 5

    with pytest.raises(StaleDataError):
        await change_what_is_gone()


async def test_one_that_is_there_already_is_refused_by_the_database(shop, made):
    with pytest.raises(IntegrityError):
        async with shop.runtime.database.transaction() as session:
            session.add(Thing(**made))


async def test_a_statement_that_changes_what_the_session_has_changes_it_there_too(shop, made):
    async with shop.runtime.database.transaction() as session:
        thing = await session.get(Thing, made["id"])
        changed = await session.execute(update(Thing).where(col(Thing.id) == made["id"]).values(name="second"))
        assert (changed.rowcount, thing.name) == (1, "second")


async def test_one_that_is_deleted_is_gone(shop, made):
    async with shop.runtime.database.transaction() as session:
        await session.delete(await session.get(Thing, made["id"]))
        assert await NAME.first(session, thing_id=made["id"]) is None
        assert await session.get(Thing, made["id"]) is None


async def test_a_session_that_reads_gives_rows_that_nobody_changes(shop, made):
    async with shop.runtime.database.reading() as session:
        for thing in (await session.get(Thing, made["id"]), (await session.exec(select_model(Thing))).one()):
            assert thing.name == "first"
            with pytest.raises(AttributeError):
                thing.name = "second"


async def test_a_row_that_holds_nothing_is_a_row(shop, made):
    for opened in (shop.runtime.database.reading, shop.runtime.database.transaction):
        async with opened() as session:
            member = select(col(Thing.member_id)).where(col(Thing.id) == made["id"])
            assert (await session.execute(member)).scalar_one() is None
            assert (await session.execute(member)).first() == (None,)
            assert (await session.exec(select_model(Thing.member_id))).all() == [None]
            assert (await session.execute(select(func.max(col(Thing.weight))).where(col(Thing.weight) < 0))).one() == (
                None,
            )


async def test_what_a_row_holds_is_found_by_name_and_by_column(shop, made):
    async with shop.runtime.database.reading() as session:
        row = (await session.execute(select(things.c.name, col(Thing.weight).label("w")))).one()
        assert (row.name, row.w, row._mapping[things.c.name], row._mapping["w"]) == ("first", 1, "first", 1)
        assert (await session.execute(select(things))).mappings().one() == made


async def test_a_part_is_undone_alone_and_forgotten(shop, made):
    kept, lost = Thing(**a_thing(name="kept")), Thing(**a_thing(name="lost"))

    async def lose(session: AsyncSession, *, flush: bool) -> None:
        async with savepoint(session):
            session.add(lost)
            (await session.get_one(Thing, made["id"])).name = "lost, too"
            if flush:
                await session.flush()
            raise LookupError

    async def break_a_key(session: AsyncSession) -> None:
        async with savepoint(session):
            session.add(Thing(**made))

    async with shop.runtime.database.transaction() as session:
        async with savepoint(session):
            session.add(kept)
        for flush in (True, False):
            with pytest.raises(LookupError):
                await lose(session, flush=flush)
        with pytest.raises(IntegrityError):
            await break_a_key(session)
        assert (await session.get(Thing, made["id"])).name == "first"
    async with shop.runtime.database.reading() as session:
        assert await NAME.one(session, thing_id=kept.id) == "kept"
        assert await NAME.first(session, thing_id=lost.id) is None


async def test_what_is_made_together_is_written_in_the_order_of_its_foreign_keys(shop):
    thing = Thing(**a_thing())
    async with shop.runtime.database.transaction() as session:
        session.add(Label(code="a", thing_id=thing.id, place=1, colour="red", shown=False, serial=None))
        session.add_all(
            [
                Label(code=c, thing_id=thing.id, place=n, colour=c, shown=False, serial=None)
                for n, c in ((2, "b"), (3, "c"))
            ]
        )
        session.add(thing)
        codes = await session.exec(select_model(Label.code).order_by(col(Label.code)))
        assert codes.all() == ["a", "b", "c"]
