from contextlib import contextmanager
from time import thread_time

import pytest


@pytest.fixture
def cpu_seconds():
    """What happens inside takes at most so many seconds of the processor: far more than it needs, and far less than if it grew by the square."""

    @contextmanager
    def spent(*, most):
        began = thread_time()
        yield
        assert thread_time() - began < most

    return spent
