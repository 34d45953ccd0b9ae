"""Several partitions read as one: the oldest message first, as far as is known."""

import heapq
from collections import deque
from collections.abc import Collection, Iterable
from typing import Generic, NamedTuple, Protocol, TypeVar


class Stamped(Protocol):
    """What lies in a log: `timestamp` in milliseconds since 1970, None where the log has none; `offset` in its partition."""

    @property
    def timestamp(self) -> int | None: ...

    @property
    def offset(self) -> int: ...


StampedT = TypeVar("StampedT", bound=Stamped)
KeyT = TypeVar("KeyT")


class Run(NamedTuple, Generic[KeyT, StampedT]):
    """Records of one partition, one after the other."""

    partition: KeyT
    records: list[StampedT]


class Merge(Generic[KeyT, StampedT]):
    """Records waiting by partition, given out by their time; a partition's own records always in their own order.

    A log promises order within a partition only. But a backlog read partition by partition brings days of one before the first
    hour of the next, and what comes late makes folds do their work again.
    """

    def __init__(self) -> None:
        self._waiting: dict[KeyT, deque[StampedT]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    def add(self, partition: KeyT, records: Iterable[StampedT]) -> None:
        """Put records behind those of their partition."""
        self._waiting.setdefault(partition, deque()).extend(records)

    def holds(self, partition: KeyT) -> bool:
        """Whether anything of a partition waits."""
        return bool(self._waiting.get(partition))

    def drop(self, partition: KeyT, from_offset: int = 0) -> None:
        """Drop the waiting records of a partition, or those from an offset on."""
        records = self._waiting.get(partition, deque())
        while records and records[-1].offset >= from_offset:
            records.pop()

    def take(self, limit: int, unfinished: Collection[KeyT] = ()) -> list[Run[KeyT, StampedT]]:
        """Up to `limit` records, the oldest first, in runs of one partition each.

        `unfinished` are partitions that have more in the log than waits here: once nothing is left of one of them the taking
        ends, for its next record may be the oldest of all. Nothing at all is taken while one of them is empty.
        """
        if any(not self._waiting.get(partition) for partition in unfinished):
            return []
        heads = [
            (_time(records[0]), number, partition)
            for number, (partition, records) in enumerate(self._waiting.items())
            if records
        ]
        heapq.heapify(heads)
        runs: list[Run[KeyT, StampedT]] = []
        while heads and limit > 0:
            _, number, partition = heapq.heappop(heads)
            until = heads[0][0] if heads else None
            records, run = self._waiting[partition], []
            while records and limit > 0 and (until is None or _time(records[0]) <= until):
                run.append(records.popleft())
                limit -= 1
            runs.append(Run(partition, run))
            if records:
                heapq.heappush(heads, (_time(records[0]), number, partition))
            elif partition in unfinished:
                break
        return runs

    def take_from_longest(self, limit: int) -> list[Run[KeyT, StampedT]]:
        """Up to `limit` records of the partition of which most wait."""
        if not self._waiting:
            return []
        partition, records = max(self._waiting.items(), key=lambda item: len(item[1]))
        return [Run(partition, [records.popleft() for _ in range(min(limit, len(records)))])]


def _time(record: Stamped) -> int:
    return record.timestamp or 0
