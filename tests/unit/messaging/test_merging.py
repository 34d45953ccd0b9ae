"""Partitions read as one, the oldest first."""

import random
from typing import NamedTuple

from chassis.messaging.merging import Merge, Run


class Stamp(NamedTuple):
    timestamp: int | None
    partition: str = "a"
    offset: int = 0


def merge(**partitions: list[int]) -> Merge[str, Stamp]:
    made: Merge[str, Stamp] = Merge()
    for partition, times in partitions.items():
        made.add(partition, [Stamp(time, partition, offset) for offset, time in enumerate(times)])
    return made


def records(runs: list[Run[str, Stamp]]) -> list[Stamp]:
    assert all(run.records and {record.partition for record in run.records} == {run.partition} for run in runs)
    return [record for run in runs for record in run.records]


def times(runs: list[Run[str, Stamp]]) -> list[int | None]:
    return [record.timestamp for record in records(runs)]


def test_the_oldest_of_all_partitions_comes_first():
    assert times(merge(a=[1, 4, 6], b=[2, 3, 9], c=[5]).take(10)) == [1, 2, 3, 4, 5, 6, 9]


def test_a_partition_keeps_its_own_order_whatever_the_clocks_said():
    made = merge(a=[50, 10, 60], b=[20])
    assert [record.offset for record in records(made.take(10)) if record.partition == "a"] == [0, 1, 2]


def test_no_more_is_taken_than_asked_for_and_the_rest_waits():
    made = merge(a=[1, 3, 5], b=[2, 4, 6])
    assert times(made.take(4)) == [1, 2, 3, 4]
    assert len(made) == 2
    assert times(made.take(4)) == [5, 6]
    assert made.take(4) == []


def test_behind_the_last_known_record_of_an_unfinished_partition_nothing_is_taken():
    assert times(merge(a=[1, 2], b=[3, 9]).take(10, unfinished={"a"})) == [1, 2]


def test_nothing_is_taken_while_an_unfinished_partition_has_nothing_at_hand():
    made = merge(a=[1, 2])
    assert made.take(10, unfinished={"b"}) == []
    assert times(made.take(10)) == [1, 2]


def test_records_without_a_time_come_first():
    made = merge(a=[5])
    made.add("b", [Stamp(None, "b")])
    assert times(made.take(2)) == [None, 5]


def test_what_is_dropped_is_forgotten():
    made = merge(a=[1], b=[2])
    made.drop("a")
    made.drop("never seen")
    assert times(made.take(10)) == [2]


def test_the_longest_partition_can_be_taken_alone():
    made = merge(a=[7, 8, 9], b=[1])
    assert times(made.take_from_longest(2)) == [7, 8]
    assert len(made) == 2
    assert Merge[str, Stamp]().take_from_longest(5) == []


def test_however_it_is_added_and_taken_nothing_is_lost_or_doubled():
    chance = random.Random(7)
    made: Merge[str, Stamp] = Merge()
    taken: list[Stamp] = []
    offsets = dict.fromkeys("abcd", 0)
    for _ in range(300):
        partition = chance.choice("abcd")
        number = chance.randrange(4)
        made.add(partition, [Stamp(chance.randrange(99), partition, offsets[partition] + n) for n in range(number)])
        offsets[partition] += number
        taken += records(made.take(chance.randrange(1, 6), unfinished=chance.sample("abcd", chance.randrange(3))))
    taken += records(made.take(10_000))
    for partition, end in offsets.items():
        assert [record.offset for record in taken if record.partition == partition] == list(range(end))
