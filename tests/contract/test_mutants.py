"""The list of breakages is true: each could be made today, and was noticed when it was last tried."""

import re
from collections import Counter

import pytest

from tests.mutants import table
from tests.mutants.entries import Mutant, all_mutants
from tests.support.needs import ROOT

MUTANTS = all_mutants()


@pytest.mark.parametrize("mutant", MUTANTS, ids=[mutant.breaks for mutant in MUTANTS])
def test_a_breakage_still_has_what_it_breaks_and_who_notices(mutant: Mutant) -> None:
    assert mutant.applies_to(mutant.source), f"once in {mutant.file}, please: {mutant.old}"
    for test in mutant.tests:
        file, _, name = test.partition("::")
        assert not name or re.search(rf"^(async )?def {name}\(", (ROOT / file).read_text(), re.MULTILINE), test


def test_each_breakage_is_told_by_a_sentence_of_its_own():
    assert [breaks for breaks, times in Counter(mutant.breaks for mutant in MUTANTS).items() if times > 1] == []
    assert [mutant.breaks for mutant in MUTANTS if "|" in mutant.breaks or "\n" in mutant.breaks] == []


def test_the_table_has_every_breakage_and_all_were_caught():
    caught = dict.fromkeys((mutant.breaks for mutant in MUTANTS), table.CAUGHT)
    assert table.PAGE.read_text(encoding="utf-8") == table.page(caught), "try the rest: scripts/mutants --new"
