"""Jobs of the workshop, as tests start them, do them and ask for them."""

import asyncio
from contextlib import asynccontextmanager

from chassis.job_running import JobLanes, run_next
from tests.service.chassis.workshop import IMPORTS, jobs
from tests.support.waiting import eventually


async def started(shop, text, client=None):
    client = client or await shop.member("owner")
    answer = await client.post(
        f"{IMPORTS}?community_id={shop.community_id}",
        content=text,
        headers={"content-type": "text/csv; charset=utf-8"},
    )
    assert answer.status_code == 202, answer.text
    return client, answer.headers["location"]


async def run(shop, owner="worker-1", stop=None):
    return await run_next(jobs, shop.runtime, owner=owner, stop=stop)


async def state(client, where):
    job = (await client.get(where)).json()
    return job["state"], job["done"], job["failed"], job["total"]


@asynccontextmanager
async def lanes(shop):
    stop = asyncio.Event()
    task = asyncio.create_task(JobLanes(jobs, shop.runtime, owner="lanes").run(stop))
    try:
        yield stop
    finally:
        stop.set()
        await task


async def ended(client, where):
    async def has_ended():
        return (await client.get(where)).json()["state"] in {"succeeded", "failed", "cancelled"}

    await eventually(has_ended)
    return (await client.get(where)).json()
