"""Fault 24: one caller does the worst that the API accepts, while 20 honest clients work.

How much slower the honest are beside each attack is measured by `benchmarks/bad_caller.py`: a test must not depend on what else the
machine does. Here they are all answered, whatever is attacked, within the gateway's deadline.
"""

import asyncio
import time
from collections.abc import Iterator

import pytest

from tests.support.scale import scaled
from tests.system.faults.bad_caller import ATTACKS, Attack, Scene, beside, started

pytestmark = [pytest.mark.fault(24), pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with started(tmp_path_factory.mktemp("bad_caller") / "stack") as made:
        yield made


@pytest.mark.parametrize("attack", ATTACKS, ids=[attack.__name__ for attack in ATTACKS])
def test_one_bad_caller_stops_nobody(scene: Scene, attack: Attack) -> None:
    honest, answered = asyncio.run(beside(scene, attack, scaled(8, reduced=3)))
    assert set(honest.statuses) == {200}, honest.statuses
    assert not {status for status in answered if status >= 500} - {503}, answered


def test_after_all_of_it_the_process_ends_when_it_is_told_to(scene: Scene) -> None:
    assert scene.stack.product is not None
    began = time.monotonic()
    scene.stack.product.terminate(within=15)
    assert time.monotonic() - began < 15
