"""What every import has without a line of its own: the file looked at aside, steps, races, dry runs, repetitions, cancelling."""

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from chassis import admission, budget, patience
from chassis.feature import Feature
from chassis.imports import Batch, Import, RowRefused
from chassis.imports.reading import lines_of, opened
from chassis.imports.running import RACES
from chassis.job_running import run_next
from chassis.jobs import LEASE, packed
from chassis.problems import UNAVAILABLE, Problem
from chassis.tabular import Column, Kind
from tests.service.chassis import workshop as of
from tests.service.chassis.shop import code_of
from tests.service.chassis.workshop import THINGS_CLOSE
from tests.service.chassis.workshop_things import Label, Thing, tables
from tests.support.waiting import eventually


class LabelBatch(Batch[dict[str, Any]]):
    """Labels of the community's one thing."""

    async def read(self, items: Sequence[dict[str, Any]]) -> None:
        self.thing_id = (await self.session.execute(select(col(Thing.id)))).scalar_one()
        found = await self.session.execute(select(Label).where(col(Label.code).in_([item["code"] for item in items])))
        self.known = {label.code: label for label in found.scalars()}

    def take(self, item: dict[str, Any]) -> str:
        if item.get("colour") == "none":
            raise RowRefused("colourless", code=item["code"])
        label = self.known.get(item["code"])
        if label is None:
            made = Label(
                code=item["code"],
                thing_id=self.thing_id,
                place=int(item["place"]),
                colour=item.get("colour") or "red",
                shown=False,
                serial=None,
            )
            self.known[made.code] = made
            self.session.add(made)
            return "made"
        if item.get("colour") in {None, label.colour}:
            return "unchanged"
        label.colour = item["colour"]
        return "painted"

    async def write(self) -> None:
        await self.session.flush()


def upper(text: str) -> str:
    if not text.isalpha():
        raise ValueError(text)
    return text.upper()


label_import = Import(
    name="labels",
    tag="Labels",
    about="Import labels.",
    permission=THINGS_CLOSE,
    columns=(
        Column("code", ("编码", "code"), Kind.CODE, required=True, example="A"),
        Column("place", ("位置", "place")),
        Column("colour", ("颜色", "colour"), empty="ignored"),
    ),
    errors={
        "invalid_code": ("This is no code: {value}", "编码无效：{value}"),
        "colourless": ("{code} has no colour.", "{code} 没有颜色。"),
    },
    normal={"code": upper},
    unique={"code": str, "place": str},
    counts=("made", "painted", "unchanged"),
    batch=LabelBatch,
    rows_per_step=2,
)
with_imports = replace(of.workshop, features=[*of.workshop.features, Feature("labels", imports=[label_import])])

IMPORTS = "/v1/labels/imports"


@pytest.fixture(autouse=True)
def workshop_with_imports(monkeypatch):
    monkeypatch.setattr(of, "workshop", with_imports)


@pytest.fixture
async def owner(shop):
    await shop.thing()
    return await shop.member("owner")


async def post(shop, client, content, *, dry_run=False, **headers):
    return await client.post(
        IMPORTS,
        params={"community_id": str(shop.community_id), "dry_run": dry_run},
        content=content.encode(),
        headers={"Content-Type": "text/csv"} | headers,
    )


async def started(shop, client, *rows, **options):
    answer = await post(shop, client, "\n".join(["code,place,colour", *rows]), **options)
    assert answer.status_code == 202, answer.text
    return answer.headers["Location"]


async def run(shop):
    return await run_next(with_imports.jobs, shop.runtime, owner="worker")


async def finished(shop, client, *rows, **options):
    where = await started(shop, client, *rows, **options)
    await run(shop)
    return await told(client, where)


async def told(client, where):
    job = (await client.get(where)).json()
    errors = (await client.get(f"{where}/errors")).json()["items"]
    return job, [(error["row"], error["code"]) for error in errors]


async def labels(shop):
    return {row.code: row.colour for row in await shop.rows(select(col(Label.code), col(Label.colour)))}


async def test_rows_are_written_counted_and_refused_each_by_itself(shop, owner):
    job, errors = await finished(shop, owner, "a,1,red", "b,2,none", "3,3,red", "d,1,red", "A,5,blue", "f,6,")
    assert errors == [(3, "colourless"), (4, "invalid_code"), (5, "duplicate_in_file"), (6, "duplicate_in_file")]
    assert (job["state"], job["done"], job["failed"], job["total"]) == ("succeeded", 6, 4, 6)
    assert job["result"] == {"made": 2, "painted": 0, "unchanged": 0}
    assert await labels(shop) == {"A": "red", "F": "red"}


async def test_a_row_that_repeats_two_others_names_both(shop, owner):
    _, errors = await finished(shop, owner, "a,1,red", "b,2,red", "A,2,red")
    assert errors == [(4, "duplicate_in_file")] * 2


async def test_a_file_without_rows_changes_nothing(shop, owner):
    job, errors = await finished(shop, owner)
    assert (job["state"], job["done"], job["total"], errors) == ("succeeded", 0, 0, [])
    assert job["result"] == {"made": 0, "painted": 0, "unchanged": 0}


async def test_a_dry_run_counts_the_same_and_forgets_what_it_decided(shop, owner):
    await finished(shop, owner, "a,1,red")
    rows = ("a,1,blue", "b,2,green", "c,3,none")
    dry = await finished(shop, owner, *rows, dry_run=True)
    assert await labels(shop) == {"A": "red"}
    real = await finished(shop, owner, *rows)
    assert (dry[0]["result"], dry[1]) == (real[0]["result"], real[1])
    assert [job["dry_run"] for job in (dry[0], real[0])] == [True, False]
    listed = (await owner.get(IMPORTS, params={"community_id": str(shop.community_id)})).json()["items"]
    assert [job["dry_run"] for job in listed] == [False, True, False]
    assert real[0]["result"] == {"made": 1, "painted": 1, "unchanged": 0}
    assert await labels(shop) == {"A": "blue", "B": "green"}


async def test_others_write_while_a_file_is_looked_at(shop, owner, monkeypatch):
    looking, go_on = threading.Event(), threading.Event()

    def slowly(*arguments):
        looking.set()
        assert go_on.wait(30)
        return opened(*arguments)

    monkeypatch.setattr("chassis.web.imports.opened", slowly)
    posting = asyncio.create_task(started(shop, owner, "a,1,red"))
    await eventually(looking.is_set)
    await shop.thing(name="meanwhile")
    go_on.set()
    assert await posting


async def test_a_job_reads_gently_and_of_one_starter_one_file_at_a_time(shop, owner, monkeypatch):
    gentle, go_on = [], threading.Event()

    def slowly(*arguments):
        under_way = budget.errand.get()
        gentle.append(under_way and under_way.gentle)
        assert go_on.wait(30)
        yield from lines_of(*arguments)

    monkeypatch.setattr("chassis.imports.running.lines_of", slowly)
    for row in ("a,1,red", "b,2,red"):
        await started(shop, owner, row)
    running = [asyncio.create_task(run(shop)) for _ in range(2)]
    waiting = shop.runtime.job_readings._of
    await eventually(lambda: [users for _, users in waiting.values()] == [2] and gentle)
    assert gentle == [True]
    go_on.set()
    await asyncio.gather(*running)
    assert gentle == [True, True]
    assert await labels(shop) == {"A": "red", "B": "red"}


async def test_others_write_while_a_job_reads(shop, owner, monkeypatch):
    looking, go_on = threading.Event(), threading.Event()

    def slowly(*arguments):
        looking.set()
        assert go_on.wait(30)
        yield from lines_of(*arguments)

    where = await started(shop, owner, "a,1,red")
    monkeypatch.setattr("chassis.imports.running.lines_of", slowly)
    running = asyncio.create_task(run(shop))
    await eventually(looking.is_set)
    await shop.write(update(Thing).values(name="meanwhile"))
    go_on.set()
    await running
    assert (await told(owner, where))[0]["state"] == "succeeded"


async def test_the_file_of_who_may_not_import_is_not_looked_at(shop, monkeypatch):
    monkeypatch.setattr("chassis.web.imports.opened", lambda *_: pytest.fail("it was looked at"))
    assert code_of(await post(shop, await shop.member(), "code\na")) == (403, "forbidden")


async def test_a_request_sent_twice_with_one_key_starts_one_job(shop, owner):
    first = await post(shop, owner, "code,place\na,1", **{"Idempotency-Key": "once"})
    again = await post(shop, owner, "code,place\na,1", **{"Idempotency-Key": "once"})
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.headers["Location"] == first.headers["Location"]
    assert len(await shop.rows(select(tables.chassis.jobs.c.id))) == 1


async def test_the_charset_may_be_said_with_the_media_type(shop, owner):
    assert (await post(shop, owner, "code\na", **{"Content-Type": "Text/CSV; charset=UTF-8"})).status_code == 202


async def test_a_step_whose_row_somebody_wrote_meanwhile_is_done_again(shop, owner, monkeypatch):
    await finished(shop, owner, "a,1,red")
    read, looks = LabelBatch.read, 0

    async def before_it_was_there(batch, items):
        nonlocal looks
        looks += 1
        await read(batch, items)
        if looks == 1:
            batch.known = {}

    monkeypatch.setattr(LabelBatch, "read", before_it_was_there)
    job, errors = await finished(shop, owner, "a,9,red", "b,2,none")
    assert (job["state"], job["done"], job["failed"], errors) == ("succeeded", 2, 1, [(3, "colourless")])
    assert job["result"] == {"made": 0, "painted": 0, "unchanged": 1}
    assert looks == 2


async def test_a_step_that_is_lost_again_and_again_ends_the_job_and_keeps_the_ones_before(shop, owner, monkeypatch):
    await finished(shop, owner, "z,9,red")
    read, looks = LabelBatch.read, 0

    async def never_seen(batch, items):
        nonlocal looks
        looks += 1
        await read(batch, items)
        batch.known = {}

    monkeypatch.setattr(LabelBatch, "read", never_seen)
    job, _ = await finished(shop, owner, "a,1,red", "b,2,red", "z,8,red")
    assert (job["state"], job["error"], job["done"]) == ("failed", "internal_error", 2)
    assert job["result"] == {"made": 2, "painted": 0, "unchanged": 0}
    assert looks == 1 + RACES


async def test_a_busy_database_ends_no_import(shop, owner, monkeypatch):
    where = await started(shop, owner, "a,1,red")
    with monkeypatch.context() as patch:
        patch.setattr(LabelBatch, "write", _busy)
        with pytest.raises(Problem):
            await run(shop)
    assert (await told(owner, where))[0]["state"] == "queued"
    await run(shop)
    assert (await told(owner, where))[0]["state"] == "succeeded"


async def _busy(_batch):
    raise UNAVAILABLE()


async def test_an_import_that_was_killed_comes_to_the_same_as_one_that_was_not(shop, owner, monkeypatch):
    # Row 3 is refused for its place, so its code is free for row 4.
    rows = ("a,1,red", "b,1,red", "b,2,red", "a,3,red", "c,2,red", "d,4,red")
    refused = [(3, "duplicate_in_file"), (5, "duplicate_in_file"), (6, "duplicate_in_file")]
    begun = 0

    def killed_in_the_second(*arguments):
        nonlocal begun
        begun += 1
        if begun == 2:
            raise SystemExit
        return LabelBatch(*arguments)

    where = await started(shop, owner, *rows)
    with monkeypatch.context() as patch:
        patch.setattr(label_import, "batch", killed_in_the_second)
        with pytest.raises(SystemExit):
            await run(shop)
    assert (await told(owner, where))[0]["done"] == 2
    await shop.later(LEASE + timedelta(seconds=1))
    await run(shop)
    job, errors = await told(owner, where)
    assert (job["state"], job["done"], job["failed"], errors) == ("succeeded", 6, 3, refused)
    assert job["result"] == {"made": 3, "painted": 0, "unchanged": 0}


async def test_a_cancelled_import_stops_between_two_steps(shop, owner, monkeypatch):
    where = await started(shop, owner, "a,1,red", "b,2,red", "c,3,red")
    steps = 0

    async def cancelled_before_the_second(_job, _items):
        nonlocal steps
        steps += 1
        if steps == 2:
            assert (await owner.post(f"{where}/cancel")).status_code == 200

    monkeypatch.setattr(label_import, "ready", cancelled_before_the_second)
    await run(shop)
    job, _ = await told(owner, where)
    assert (job["state"], job["done"]) == ("cancelled", 2)
    assert await labels(shop) == {"A": "red", "B": "red"}


async def test_a_stopping_worker_does_not_read_a_file_to_its_end(shop, owner, monkeypatch):
    where = await started(shop, owner, "a,1,red")
    reading, stop = threading.Event(), asyncio.Event()

    def without_end(*_arguments):
        reading.set()
        while True:
            budget.check()
        yield

    with monkeypatch.context() as patch:
        patch.setattr("chassis.imports.running.lines_of", without_end)
        running = asyncio.create_task(run_next(with_imports.jobs, shop.runtime, owner="stopping", stop=stop))
        await eventually(reading.is_set)
        stop.set()
        await running
    assert (await told(owner, where))[0]["state"] == "queued"
    await run(shop)
    assert await labels(shop) == {"A": "red"}


async def test_a_file_that_proves_unusable_later_ends_the_job_with_the_reason(shop, owner):
    where = await started(shop, owner, "a,1,red")
    await shop.write(update(tables.chassis.job_inputs).values(content=packed(b"size\n1")))
    await run(shop)
    job, _ = await told(owner, where)
    assert job["state"] == "failed"
    assert "size" in job["error"]


def test_an_import_without_a_text_for_what_it_refuses_is_no_import():
    with pytest.raises(ValueError, match="invalid_place"):
        replace(label_import, normal={"place": upper})


async def test_a_file_comes_as_slowly_as_it_comes_and_takes_no_place_of_its_senders_requests(shop, owner, monkeypatch):
    monkeypatch.setattr(patience, "PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(admission, "IDLE", 2.0)
    mine = f"person:{owner.person_id}"
    async with shop.runtime.admission.at_work(mine), shop.runtime.admission.at_work(mine):
        await started(shop, owner, "A,1,red")
