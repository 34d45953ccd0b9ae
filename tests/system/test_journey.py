"""One journey, two ways of running: the same code must serve a laptop and a company."""

import pytest

from tests.system.journey import walk
from tests.system.stacks import STARTS, WAYS


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("way", WAYS)
def test_a_company_walks_from_a_spreadsheet_to_the_leaderboard(way, tmp_path):
    with STARTS[way](tmp_path / "stack") as stack:
        walk(stack)
