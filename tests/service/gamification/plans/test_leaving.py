"""Who leaves the community takes part in its plans no longer."""


async def leave(camp, one, *, heard: bool = True) -> None:
    await (camp.leave(one) if heard else camp.left_unheard(one))
    await camp.harness.run_timers()


async def test_who_leaves_the_community_is_counted_in_none_of_its_plans(camp):
    one, other = await camp.member(), await camp.member()
    plans = [await camp.plan(one, other), await camp.plan(one, other)]
    await leave(camp, one)
    assert [(await camp.read(camp.runs, path))["participants"] for path in plans] == [1, 1]
    assert [[row["member"]["member_id"] for row in await camp.progress(camp.runs, path)] for path in plans] == [
        [str(other.id)]
    ] * 2


async def test_it_is_so_as_well_where_the_leaving_was_not_heard_and_membership_restates_it(camp):
    one = await camp.member()
    path = await camp.plan(one)
    await leave(camp, one, heard=False)
    assert (await camp.read(camp.runs, path))["participants"] == 0


async def test_who_left_a_plan_before_the_community_is_not_taken_off_twice(camp):
    one, other = await camp.member(), await camp.member()
    path = await camp.plan(one, other)
    assert (await one.client.post(f"{path}/leave")).status_code == 200
    await leave(camp, one)
    await leave(camp, one)
    assert (await camp.read(camp.runs, path))["participants"] == 1
