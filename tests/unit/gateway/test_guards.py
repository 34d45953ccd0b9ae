"""What keeps an ailing service from taking the gateway with it."""

from contextlib import ExitStack

import pytest

from chassis.problems import Problem
from gateway.guards import MOST_EACH, UPLOADS_IN_FLIGHT, Guard


class Seconds:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def failing(guard: Guard, times: int = 5) -> None:
    for _ in range(times):
        with guard.request():
            guard.failed()


def refusal(guard: Guard) -> str:
    with pytest.raises(Problem) as refused, guard.request():
        pass
    return refused.value.type.code


def test_five_failures_in_a_row_open_the_breaker():
    guard = Guard("content", clock=Seconds())
    failing(guard, 4)
    with guard.request():
        pass
    failing(guard, 1)
    assert guard.state == "open"
    assert refusal(guard) == "service_unavailable"


def test_an_answer_in_between_keeps_it_closed():
    guard = Guard("content", clock=Seconds())
    failing(guard, 4)
    with guard.request():
        guard.answered()
    failing(guard, 4)
    assert guard.state == "closed"


def test_after_the_pause_one_request_tries_and_the_others_wait_for_it():
    clock = Seconds()
    guard = Guard("content", clock=clock)
    failing(guard)
    clock.now += 1
    assert [guard.state] == ["half_open"]
    with guard.request():
        assert refusal(guard) == "service_unavailable"
        guard.answered()
    assert guard.state == "closed"


def test_pauses_double_up_to_four_seconds():
    clock = Seconds()
    guard = Guard("content", clock=clock)
    failing(guard)
    pauses = []
    for _ in range(6):
        pauses.append(guard._closed_until - clock.now)
        clock.now = guard._closed_until
        failing(guard, 1)
    assert pauses == [1, 2, 4, 4, 4, 4]


def test_a_trial_that_was_cancelled_does_not_keep_the_breaker_open():
    clock = Seconds()
    guard = Guard("content", clock=clock)
    failing(guard)
    clock.now += 1
    with pytest.raises(RuntimeError), guard.request():
        raise RuntimeError
    with guard.request():
        guard.answered()
    assert guard.state == "closed"


def test_the_slow_requests_that_one_caller_has_at_once_are_one_failure():
    clock = Seconds()
    guard = Guard("content", clock=clock)
    for _ in range(12):
        guard.too_slow("one caller", 10)
    assert [guard.state] == ["closed"]
    for number in range(4):
        guard.too_slow(f"caller {number}", 10)
    assert guard.state == "open"


def test_slow_requests_of_one_caller_one_after_another_are_failures_of_the_service():
    clock = Seconds()
    guard = Guard("content", clock=clock)
    for _ in range(5):
        clock.now += 10
        guard.too_slow("one caller", 10)
    assert guard.state == "open"


def test_nobody_has_more_than_his_part_of_the_places():
    guard = Guard("content")
    with ExitStack() as held:
        for _ in range(MOST_EACH):
            held.enter_context(guard.request("one caller"))
        with pytest.raises(Problem) as refused, guard.request("one caller"):
            pass
        assert (refused.value.type.code, refused.value.extensions["policy"]) == ("rate_limited", "at_once")
        with guard.request("another"), guard.request():
            assert guard.in_flight == MOST_EACH + 2
    with guard.request("one caller"):
        assert guard.in_flight == 1


def test_files_on_their_way_take_none_of_the_places_of_others():
    guard = Guard("content", most_in_flight=1)
    with ExitStack() as held:
        for number in range(UPLOADS_IN_FLIGHT):
            held.enter_context(guard.request(f"caller {number}", upload=True))
        with pytest.raises(Problem) as refused, guard.request("one more", upload=True):
            pass
        assert refused.value.type.code == "overloaded"
        with guard.request("one more"):
            pass


def test_no_more_than_so_many_are_with_a_service_at_once():
    guard = Guard("content", most_in_flight=1)
    with guard.request():
        assert refusal(guard) == "overloaded"
    with guard.request():
        assert guard.in_flight == 1


def test_retries_are_a_tenth_of_the_requests():
    guard = Guard("content")
    used = 0
    for _ in range(1000):
        with guard.request():
            used += guard.may_retry()
    assert 100 <= used <= 110
