"""What a correction does to an application: it gives back what a wrong question took, and takes nothing."""

from itertools import product

import pytest

from services.membership.applications.rules import TEST_REQUIREMENT
from services.membership.screening_tests.regrade_rules import TEXTS, Ended, Fate, Place, fate, refusals
from tests.service.membership.testing import paper

KNOCKED_OUT = Ended("decided", "rejected", knocked_out=True, by_machine=True, failed=[TEST_REQUIREMENT])


def test_who_was_rejected_by_the_test_alone_and_passes_comes_back():
    assert fate(KNOCKED_OUT, "passed", Place()) == Fate(returns=True)


def test_nobody_else_is_touched():
    others = [
        Ended(state, outcome, knocked_out, by_machine, failed)
        for state, outcome, knocked_out, by_machine, failed in product(
            ("testing", "interviewing", "decided", "withdrawn", "returned"),
            (None, "accepted", "waitlisted", "rejected"),
            (True, False),
            (True, False),
            ([], [TEST_REQUIREMENT], ["senior"], ["senior", TEST_REQUIREMENT]),
        )
    ]
    assert KNOCKED_OUT in others
    for one, result in product(others, ("passed", "failed", None)):
        if (one, result) != (KNOCKED_OUT, "passed"):
            assert fate(one, result, Place()) == fate(one, result, Place(applied_again=True)) == Fate()


@pytest.mark.parametrize("why", ["applied_again", "campaign_archived", "community_archived", "person_left"])
def test_who_has_no_way_back_stays_and_it_is_said_why(why):
    assert fate(KNOCKED_OUT, "passed", Place(**{why: True})) == Fate(stays=why)


def test_every_refusal_has_its_words():
    before = paper("q-true", "q-blank")
    codes = {"paper_not_found": None, "nothing_corrected": before, "not_in_paper": paper("q-true", version=2)}
    for code, later in codes.items():
        [found] = refusals(before, later)
        assert (found.code, code in TEXTS) == (code, True)
    assert refusals(before, paper("q-true", "q-blank", version=2)) == []
