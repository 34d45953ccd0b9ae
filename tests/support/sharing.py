"""How the test processes of one run share its files (pytest-xdist).

xdist's own `loadgroup` writes the group of a test into its node id, which pytest 9.2 does not read: it would hand out tests
one by one, and each process would make every world and start every server for itself.
"""

from typing import Any

from xdist.scheduler import LoadScopeScheduling

PROCESSES = "tests/system/"
BESIDE = ("tests/system/security/", "tests/system/test_costs.py", "tests/system/test_races.py")
"""Of the system tests, those that have the services in their own process."""
DOCUMENTS = "tests/contract/"
COMPILED = "tests/contract/test_generated_clients.py"
LONG = (
    "tests/system/test_real_history.py",
    "tests/system/test_backup.py",
    "tests/system/test_journeys.py",
    "tests/system/test_races.py",
    "tests/system/faults/test_talk_goes_on.py",
    "tests/integration/messaging/test_kills.py",
    "tests/system/faults/test_workers_killed.py",
    "tests/system/faults/test_one_bad_caller.py",
    "tests/system/security/test_generated_requests.py",
    "tests/system/security/test_authorization_matrix.py",
    "tests/system/test_costs.py",
    "tests/system/security/test_sanctioned_twins.py",
    "tests/system/security/test_two_communities.py",
)
"""The longest files, the longest first: none of them is begun when the other process has nothing left to do."""


def unit_of(nodeid: str) -> str:
    """What is run in one process, one after the other: a file, or all tests of contracts, which make the same documents."""
    file = nodeid.partition("::")[0]
    return DOCUMENTS if file.startswith(DOCUMENTS) and file != COMPILED else file


def starts_processes(unit: str) -> bool:
    """Whether its tests start the product as processes."""
    return unit.startswith(PROCESSES) and not unit.startswith(BESIDE)


def is_quick(unit: str) -> bool:
    """Whether it belongs to the tests that tell soonest what is wrong, and are run in the order of collection."""
    return not unit.startswith(PROCESSES)


class ByFile(LoadScopeScheduling):  # type: ignore[misc]  # xdist ships no types
    """Gives the first process the files that start the product as processes, and the others what has the services in the test
    process: two such products at once have too little of two cores. Whoever has no more of their own takes from what is left. What
    is long is begun early, but behind the quick tests.
    """

    def __init__(self, config: Any, log: Any = None) -> None:
        config.option.loadscopereorder = False  # the order of collection: the quick ones first
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)

    def _assign_work_unit(self, node: Any) -> None:
        first = node is self.nodes[0]
        own = [unit for unit in self.workqueue if starts_processes(unit) is first]
        wanted = own[0] if own and is_quick(own[0]) else min(own or self.workqueue, key=_place)
        self.workqueue.move_to_end(wanted, last=False)
        super()._assign_work_unit(node)


def _place(unit: str) -> int:
    return LONG.index(unit) if unit in LONG else len(LONG)
