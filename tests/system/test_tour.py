"""docs/tour.md on a fresh demo: every call is made as it stands there, and answers what stands below it."""

import json
import signal
import sys

import pytest

from tests.support.children import Child
from tests.support.needs import ROOT
from tests.support.ports import free_port
from tests.support.processes import clean_environment
from tests.support.waiting import eventually_sync
from tests.system.touring import follow, mismatch, steps_of

TOUR = ROOT / "docs/tour.md"


@pytest.mark.slow
def test_the_tour_is_walked_and_answers_what_it_says(tmp_path):
    port = free_port()
    environment = clean_environment({"QUNXUE_DATA_DIR": str(tmp_path / "data"), "QUNXUE_PORT": str(port)})
    demo = Child("demo", [sys.executable, "-m", "qunxue", "demo"], log=tmp_path / "log", env=environment)
    demo.start()
    try:
        eventually_sync(lambda: "stop with Ctrl-C" in demo.output(), timeout=500, what="the demo is there")
        steps = steps_of(TOUR)
        assert len(steps) >= 20
        said = follow(steps, f"http://127.0.0.1:{port}")
    finally:
        demo.terminate(by=signal.SIGINT)
    for step, answer in zip(steps, said, strict=True):
        assert step.answer is not None, f"the page does not say what this answers: {step.script}"
        wrong = mismatch(json.loads(answer), step.answer)
        assert wrong is None, f"{step.script}\n{wrong}\n{answer[:2000]}"


@pytest.mark.parametrize(
    ("said", "shown", "where"),
    [
        ({"a": 1, "b": 2}, {"a": 1}, None),
        ({"a": 1}, {"a": "…"}, None),
        ({"a": 1}, {"b": "…"}, ": there is no ['b']"),
        ({"a": [1, 2, 3]}, {"a": [1, "…"]}, None),
        ({"a": [1, 2, 3]}, {"a": ["…", 3]}, None),
        ({"a": [1, 2, 3]}, {"a": ["…", 2, "…"]}, None),
        ({"a": [1, 2, 3]}, {"a": [1, 2]}, "/a: 1 more"),
        ({"a": [1, 2, 3]}, {"a": ["…", 2]}, "/a: 1 more"),
        ({"a": [1]}, {"a": [1, 2]}, "/a: nothing is like number 1, 2"),
        ({"a": [1, 2]}, {"a": ["…", 3]}, "/a: nothing is like number 1, 3 (/a/1: 2, not 3)"),
        ({"a": True}, {"a": 1}, "/a: True, not 1"),
        ([], {"a": 1}, ": [] is no object"),
    ],
)
def test_an_answer_is_held_to_what_the_page_shows(said, shown, where):
    assert mismatch(said, shown) == where
