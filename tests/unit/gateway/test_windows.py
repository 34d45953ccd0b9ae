"""How often a caller may ask."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.limits import OVERFLOW, Window, is_login


class Seconds:
    def __init__(self) -> None:
        self.now = 6000.0

    def __call__(self) -> float:
        return self.now


def window(limit: int = 3, **options) -> tuple[Window, Seconds]:
    clock = Seconds()
    return Window("person", limit, clock=clock, **options), clock


def test_the_first_requests_pass_and_the_next_does_not():
    limited, _ = window(3)
    assert [limited.take("a").allowed for _ in range(4)] == [True, True, True, False]


def test_what_remains_is_told():
    limited, _ = window(3)
    assert [limited.take("a").remaining for _ in range(4)] == [2, 1, 0, 0]


def test_callers_do_not_share():
    limited, _ = window(1)
    assert limited.take("a").allowed
    assert limited.take("b").allowed


def test_after_the_wait_it_told_a_request_passes():
    limited, clock = window(3)
    for _ in range(3):
        limited.take("a")
    wait = limited.take("a").reset
    clock.now += wait - 1
    assert not limited.take("a").allowed
    clock.now += 1
    assert limited.take("a").allowed


def test_a_turn_of_the_minute_does_not_give_everything_back():
    limited, clock = window(60)
    clock.now = 6059.0
    for _ in range(60):
        limited.take("a")
    clock.now = 6061.0
    assert sum(limited.take("a").allowed for _ in range(60)) <= 2


def test_two_quiet_minutes_forget_everybody():
    limited, clock = window(1)
    limited.take("a")
    clock.now += 180
    assert limited.take("b").allowed
    assert set(limited._current) | set(limited._previous) == {"b"}


def test_invented_callers_neither_fill_the_memory_nor_pass():
    limited, _ = window(2, most_keys=10)
    allowed = sum(limited.take(f"address {n}").allowed for n in range(1000))
    assert len(limited._current) == 11
    assert OVERFLOW in limited._current
    assert allowed == 12


@given(st.lists(st.floats(0.0, 30.0), min_size=1, max_size=120))
def test_no_aligned_minute_has_more_than_the_limit(pauses):
    limited, clock = window(5)
    passed: dict[int, int] = {}
    for pause in pauses:
        clock.now += pause
        if limited.take("a").allowed:
            passed[int(clock.now // 60)] = passed.get(int(clock.now // 60), 0) + 1
    assert max(passed.values()) <= 5


def test_log_ins_are_what_tries_a_secret():
    assert is_login("POST", b"/v1/sessions")
    assert is_login("POST", b"/v1/tokens")
    assert is_login("POST", b"/v1/activations")
    assert is_login("POST", b"/v1/password-resets")
    assert is_login("POST", b"/v1/password-resets/confirm")
    assert is_login("POST", b"/v1/invitations/accept")
    assert is_login("POST", b"/v1/providers/wecom/%73essions")
    assert not is_login("POST", b"/v1/invitations/0d1e/accept")
    assert not is_login("POST", b"/v1/sessions/refresh")
    assert not is_login("GET", b"/v1/sessions")
    assert not is_login("POST", b"/v1/people")
