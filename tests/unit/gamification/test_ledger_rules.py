"""A ledger that balances, and a checker that notices when it does not."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.gamification.ledger.rules import Checker, Transfer, sides

NOW = datetime(2024, 3, 4, tzinfo=UTC)
MEMBER = UUID(int=1)


def a_transfer(number, gain, *, currency="points", thing=None, reverses=None, account="issuance"):
    debit, credit, amount = sides(gain, account=account)
    return Transfer(
        UUID(int=number),
        UUID(int=number),
        UUID(int=9),
        MEMBER,
        currency,
        debit,
        credit,
        amount,
        "reversal" if reverses else "award",
        NOW,
        rule_code="r" if thing else None,
        thing=thing,
        reverses=reverses and UUID(int=reverses),
    )


def broken(transfers, points, xp=0):
    checker = Checker()
    found = [*checker.member(MEMBER, transfers, {"points": points, "xp": xp}), *checker.close()]
    return [fault.invariant for fault in found]


@given(st.lists(st.tuples(st.integers(-50, 50).filter(bool), st.sampled_from(["points", "xp"]), st.booleans())))
def test_awards_and_reversals_of_any_size_balance(moves):
    transfers = []
    for gain, currency, undone in moves:
        award = a_transfer(len(transfers) + 1, gain, currency=currency, thing=f"t{len(transfers)}")
        transfers.append(award)
        if undone:
            number = len(transfers) + 1
            transfers.append(a_transfer(number, -gain, currency=currency, thing=award.thing, reverses=number - 1))
    totals = {c: sum(t.signed for t in transfers if t.currency == c) for c in ("points", "xp")}
    assert broken(transfers, totals["points"], totals["xp"]) == []


def test_the_sides_of_a_gain_and_a_loss_are_exchanged():
    assert sides(5, account="issuance") == ("issuance", "wallet", 5)
    assert sides(-5, account="penalty") == ("wallet", "penalty", 5)


def test_a_balance_that_is_not_the_sum_of_its_entries_is_noticed():
    assert broken([a_transfer(1, 5)], 6) == ["balance_is_sum_of_entries", "sums_to_zero"]


def test_one_thing_paid_twice_is_noticed():
    assert broken([a_transfer(1, 5, thing="a"), a_transfer(2, 5, thing="a")], 10) == ["one_award_per_thing"]


def test_a_thing_paid_again_after_a_reversal_is_right():
    transfers = [
        a_transfer(1, 5, thing="a"),
        a_transfer(2, -5, thing="a", reverses=1),
        a_transfer(3, 5, thing="a"),
    ]
    assert broken(transfers, 5) == []


def test_a_reversal_that_does_not_mirror_or_comes_twice_is_noticed():
    award = a_transfer(1, 5)
    assert broken([award, a_transfer(2, -4, reverses=1)], 1) == ["reversal_mirrors"]
    twice = [award, a_transfer(2, -5, reverses=1), a_transfer(3, -5, reverses=1)]
    assert broken(twice, -5) == ["reversal_mirrors"]
    assert broken([a_transfer(2, -5, reverses=1)], -5) == ["reversal_mirrors"]


def test_an_amount_that_is_not_above_zero_is_noticed():
    assert broken([replace(a_transfer(1, 5), amount=0)], 0) == ["amount_above_zero"]
