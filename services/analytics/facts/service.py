"""From messages to facts to rollups, many at a time, in one pass."""

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from datetime import UTC, date
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import moment_of
from chassis.messaging.handlers import Received
from services.analytics.facts.catalogue import CATALOGUE
from services.analytics.facts.dimensions import lock_communities, look_up, staff_places
from services.analytics.facts.objects import Name, Thing, hear_of_things
from services.analytics.facts.occasions import PAST, HistoryTold, PastChanged, history_told, past_changed
from services.analytics.facts.rules import Changed, FactKey, Made, State, Sums, overrule
from services.analytics.facts.store import add_to_rollups, generations_held, states_by_key, write_states
from services.analytics.facts.verbs import Verb

_OF_AUTHORS: Mapping[str, Verb] = {"article": Verb.PUBLISHED_ARTICLE, "idea": Verb.PROPOSED_IDEA}
"""What each author of a thing has a fact of their own of: whoever of them the message names that removes it, it counts for none."""


async def count(session: AsyncSession, messages: Sequence[Received[Any]]) -> None:
    """Keep what messages say was done, and what became of it, and count it; each once, in whatever order they come."""
    made, changed = _told(messages)
    await lock_communities(session, {message.data.community_id for message in messages})
    about = [
        (entry.about, message) for message in messages if (entry := CATALOGUE[type(message.data)]).about is not None
    ]
    things = await hear_of_things(session, about)
    names = {FactKey(one.verb, one.key) for one in made}
    names |= {FactKey(verb, one.key) for one in made for verb in one.rivals}
    names |= {FactKey(verb, one.key) for one in changed for verb in one.verbs}
    names |= set(_authored(things))
    before = await states_by_key(session, names)
    after = _after(before, made, changed)
    _follow_things(after, things)
    await recount(session, before, [after[name] for name in names if name in after])


async def tell_history(session: AsyncSession, messages: Sequence[Received[Any]]) -> None:
    """Say of which communities these messages tell history. What an import brings of yesterday is none."""
    now = moment_of(session)
    history = {one.data.community_id for one in messages if one.backfill and one.occurred_at < now - PAST}
    if history:
        await history_told.happened(session, HistoryTold(sorted(history), now))


def _told(messages: Iterable[Received[Any]]) -> tuple[list[Made], list[Changed]]:
    made: list[Made] = []
    changed: list[Changed] = []
    for message in messages:
        entry = CATALOGUE[type(message.data)]
        for deed in entry.deeds:
            made.extend(deed.made(message))
        for undone in entry.undone:
            changed.extend(undone.changed(message))
    return made, changed


def _after(before: Mapping[FactKey, State], made: Iterable[Made], changed: Iterable[Changed]) -> dict[FactKey, State]:
    """The facts as they are once all of this is heard."""
    after = {name: copy(state) for name, state in before.items()}
    rivals: set[tuple[FactKey, ...]] = set()
    for one in made:
        name = FactKey(one.verb, one.key)
        after.setdefault(name, State(one.verb, one.key, one.community_id)).make(one)
        if one.rivals:
            rivals.add(tuple(FactKey(verb, one.key) for verb in one.rivals))
    for told in changed:
        names = [FactKey(verb, told.key) for verb in told.verbs]
        # What was done may be told later: what became of it waits for that, whatever it was.
        if not any(name in after for name in names):
            after |= {name: State(name.verb, name.key, told.community_id) for name in names}
        for name in names:
            if name in after:
                after[name].change(told)
        if len(names) > 1:
            rivals.add(tuple(names))
    for group in rivals:
        _share_state([after[name] for name in group if name in after])
    return after


def _share_state(states: Sequence[State]) -> None:
    """What became of a deed is so whatever it is told to have been."""
    # Of one version one was told, and the others overruled by it.
    last = max(states, key=lambda state: (state.state_version, not state.voided))
    for state in states:
        state.state_version, state.voided = last.state_version, last.voided
    overrule(states)


def _authored(things: Mapping[Name, Thing]) -> Iterable[FactKey]:
    for name, thing in things.items():
        if verb := _OF_AUTHORS.get(name.kind):
            for author_id in thing.author_ids:
                yield FactKey(verb, thing.key_of(author_id))


def _follow_things(after: Mapping[FactKey, State], things: Mapping[Name, Thing]) -> None:
    """What was published together is removed and restored together."""
    for name, thing in things.items():
        if verb := _OF_AUTHORS.get(name.kind):
            for author_id in thing.author_ids:
                state = after.get(FactKey(verb, thing.key_of(author_id)))
                if state is not None:
                    state.state_version, state.voided = thing.state_version, thing.voided


async def recount(session: AsyncSession, before: Mapping[FactKey, State], after: Sequence[State]) -> int:
    """Look up as what facts count, write those that are others than before, and move what they add up to; how many these are.

    Their communities are locked.
    """
    generations = await generations_held(session)
    staff = await look_up(session, after)
    moved = [state for state in after if state != before.get(state.name)]
    left = {old.place_id for state in moved if (old := before.get(state.name)) and old.place_id is not None}
    staff |= await staff_places(session, left - staff.keys())
    sums: dict[int, Sums] = {}
    for state in moved:
        old = before.get(state.name)
        for generation in generations.of(state):
            adding = sums.setdefault(generation, Sums())
            for one, sign in ((old, -1), (state, 1)):
                if one is not None:
                    periods = generations.has_periods(generation, one.member_id)
                    adding.add(one, staff=_is_staffs(one, staff), sign=sign, in_periods=periods)
    await write_states(session, moved)
    await add_to_rollups(session, sums)
    await _tell_of_the_past(session, before, moved)
    return len(moved)


async def _tell_of_the_past(session: AsyncSession, before: Mapping[FactKey, State], moved: Sequence[State]) -> None:
    past = moment_of(session).astimezone(UTC).date() - PAST
    states = [*moved, *(old for state in moved if (old := before.get(state.name)) is not None)]
    communities: dict[UUID, date] = {}
    for state in states:
        if state.day is not None and state.day <= past:
            communities[state.community_id] = min(state.day, communities.get(state.community_id, state.day))
    if communities:
        await past_changed.happened(session, PastChanged(communities))


def _is_staffs(state: State, staff: Mapping[int, bool]) -> bool:
    return state.place_id is not None and staff[state.place_id]
