import pytest

from tests.support.waiting import NeverHappened, eventually, eventually_sync


async def test_waiting_ends_with_the_first_true_answer():
    answers = iter([0, 0, 7])
    assert await eventually(lambda: next(answers), interval=0) == 7


async def test_an_assertion_inside_the_condition_means_not_yet():
    tries = 0

    async def third_time() -> bool:
        nonlocal tries
        tries += 1
        assert tries == 3
        return True

    assert await eventually(third_time, interval=0)


async def test_what_never_happens_says_what_was_last_seen():
    with pytest.raises(NeverHappened, match="the moon: not within 0 s; last answer: None"):
        await eventually(lambda: None, timeout=0, what="the moon")


def test_any_other_error_is_the_callers():
    def broken() -> bool:
        raise KeyError("gone")

    with pytest.raises(KeyError):
        eventually_sync(broken)
