"""How the test processes of one run share its files."""

from types import SimpleNamespace

import pytest

from tests.support.needs import ROOT
from tests.support.sharing import LONG, ByFile

STARTED = "tests/system/test_journeys.py::test_a_company_walks"
HURT = "tests/system/faults/test_poison.py::test_the_others_go_on"
TRIED = [f"tests/system/security/test_tokens.py::test_a_token[{name}]" for name in ("一", "b@x")]
READ = ["tests/contract/test_words.py::test_a", "tests/contract/test_topics.py::test_b"]
COMPILED = "tests/contract/test_generated_clients.py::test_go"
RULES = ["tests/unit/test_a.py::test_a", "tests/unit/test_a.py::test_b"]


class Process:
    """A test process that notes what it was given, and runs nothing until it is told that something has ended."""

    shutting_down = False

    def __init__(self, tests: list[str]) -> None:
        self.tests = tests
        self.given: list[str] = []
        self.gateway = SimpleNamespace(id="one")

    def send_runtest_some(self, numbers: list[int]) -> None:
        self.given += [self.tests[number] for number in numbers]

    def shutdown(self) -> None:
        self.shutting_down = True


def shared(tests: list[str]) -> tuple[list[str], list[str]]:
    """What each of two processes runs, where the second is the faster one."""
    config = SimpleNamespace(option=SimpleNamespace(loadscopereorder=True), getvalue=lambda _: ["2*popen"], hook=None)
    first, second = Process(tests), Process(tests)
    scheduling = ByFile(config)
    for one in (first, second):
        scheduling.add_node(one)
    for one in (first, second):
        scheduling.add_node_collection(one, tests)
    scheduling.schedule()
    for one in (second, first):
        done = 0
        while done < len(one.given):
            scheduling.mark_test_complete(one, tests.index(one.given[done]))
            done += 1
    return first.given, second.given


def test_a_file_is_run_by_one_process_and_so_are_all_contracts():
    tests = [*TRIED, *READ, *RULES]
    first, second = shared(tests)
    assert sorted(first + second) == sorted(tests)
    for together in (TRIED, READ, RULES):
        assert set(together) <= set(first) or set(together) <= set(second)


def test_products_of_processes_are_started_one_at_a_time():
    first, second = shared([STARTED, HURT, *TRIED, COMPILED, *READ, *RULES])
    assert first == [STARTED, HURT]
    assert second == [*TRIED, COMPILED, *READ, *RULES]


def test_what_takes_long_is_begun_before_what_is_short():
    long_, short = [f"{LONG[number]}::test_a" for number in (0, 1)], [STARTED, HURT]
    first, second = shared([*short, *reversed(long_), *READ, *RULES])
    assert (first, second[-2:]) == (long_, short)
    assert all((ROOT / file).is_file() for file in LONG)


def test_what_takes_long_beside_the_products_is_begun_behind_the_quick_tests_and_before_what_is_short():
    long_ = "tests/system/test_races.py::test_a"
    first, second = shared([STARTED, HURT, *RULES, *TRIED, long_])
    assert (first, second) == ([STARTED, HURT], [*RULES, long_, *TRIED])


def test_who_helps_takes_what_is_longest():
    long_ = "tests/system/test_costs.py::test_a"
    first, _ = shared([STARTED, *READ, *RULES, *TRIED, long_, COMPILED])
    assert first[-1] == long_


@pytest.mark.parametrize("left", [[STARTED, HURT, f"{HURT}_too"], [*TRIED, *READ, *RULES]])
def test_who_has_no_more_of_their_own_helps_with_what_is_left(left: list[str]):
    assert all(shared(left))
