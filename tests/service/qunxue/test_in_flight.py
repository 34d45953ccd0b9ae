"""What a backup asks of a broker that is not quite there."""

import pytest
from kafka.errors import CoordinatorNotAvailableError, GroupAuthorizationFailedError

from qunxue.backups import in_flight
from qunxue.backups.in_flight import _patiently
from qunxue.command import CommandFailed


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_flight, "_PAUSE_SECONDS", 0.0)


def test_a_coordinator_that_is_still_starting_is_asked_again():
    answers = iter([CoordinatorNotAvailableError, CoordinatorNotAvailableError, None])

    def call() -> str:
        error = next(answers)
        if error is not None:
            raise error()
        return "answer"

    assert _patiently(call) == "answer"


def test_a_refusal_is_told_at_once():
    def call() -> None:
        raise GroupAuthorizationFailedError

    with pytest.raises(CommandFailed, match="GroupAuthorizationFailed"):
        _patiently(call)


def test_patience_ends(monkeypatch):
    monkeypatch.setattr(in_flight, "_PATIENCE_SECONDS", 0.0)

    def call() -> None:
        raise CoordinatorNotAvailableError

    with pytest.raises(CommandFailed, match="CoordinatorNotAvailable"):
        _patiently(call)
