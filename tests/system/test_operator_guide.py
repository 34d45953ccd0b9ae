"""docs/operator-guide.md on a clean installation: every step is taken as it stands there, and answers what stands below it."""

import json

import pytest

from tests.support.needs import ROOT
from tests.system.compose import ADMIN_PASSWORD
from tests.system.stacks import STARTS, WAYS
from tests.system.touring import follow, mismatch, steps_of

GUIDE = ROOT / "docs/operator-guide.md"


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("way", WAYS)
def test_a_community_is_set_up_and_run_by_the_guide_alone(way, tmp_path, monkeypatch):
    monkeypatch.setenv("ADMIN_PASSWORD", ADMIN_PASSWORD)
    steps = steps_of(GUIDE)
    # The guide asks the operator's own machine which day it is.
    with STARTS[way](tmp_path / "stack", starts_at=None) as stack:
        said = follow(steps, stack.url)
    for step, answer in zip(steps, said, strict=True):
        assert step.answer is not None, f"the guide does not say what this answers: {step.script}"
        wrong = mismatch(json.loads(answer), step.answer)
        assert wrong is None, f"{step.script}\n{wrong}\n{answer[:2000]}"
