"""What keeps an ailing service from taking the gateway with it."""

import pytest

from chassis.problems import Problem
from gateway.guards import Guard


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


def test_pauses_double_up_to_a_quarter_of_a_minute():
    clock = Seconds()
    guard = Guard("content", clock=clock)
    failing(guard)
    pauses = []
    for _ in range(6):
        pauses.append(guard._closed_until - clock.now)
        clock.now = guard._closed_until
        failing(guard, 1)
    assert pauses == [1, 2, 4, 8, 15, 15]


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
