"""Lots, whatever is done to them in whatever order."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.days import months_later
from chassis.ids import new_id
from services.gamification.ledger.lot_rules import (
    GRACE,
    Due,
    Lot,
    Purse,
    first_lasting,
    loss_of,
    nets,
    opening,
    runs_out_on,
)

START = datetime(2024, 1, 1, tzinfo=UTC)
MEMBER, COMMUNITY = new_id(), new_id()
THINGS = [UUID(int=n + 1) for n in range(5)]


def a_lot(number, remaining=0, *, not_before=None):
    return Lot(
        UUID(int=100 + number),
        MEMBER,
        COMMUNITY,
        "rule",
        THINGS[number],
        START + timedelta(days=number),
        not_before,
        remaining,
    )


def due_on(day):
    began = START + timedelta(days=day)
    return Due(began, began)


@dataclass
class Account:
    """A purse beside the plainest account of what it must come to."""

    purse: Purse = field(default_factory=Purse)
    balance: int = 0
    net: dict[int, int] = field(default_factory=dict)
    holds: dict[UUID, int] = field(default_factory=dict)
    spent: dict[UUID, int] = field(default_factory=dict)
    expired: dict[UUID, tuple[UUID, int]] = field(default_factory=dict)
    now: datetime = START

    def lot(self, number):
        return next((lot for lot in self.purse.lots.values() if lot.source_id == THINGS[number]), None)

    def change(self, number, amount):
        """An award, or one that is taken back: an expiry of it is reversed first."""
        lot = self.lot(number)
        if amount < 0 and lot is not None and lot.expired and -amount > lot.remaining:
            for transfer_id, (lot_id, points) in list(self.expired.items()):
                if lot_id == lot.id:
                    debt, self.purse.debt = self.purse.debt, 0
                    assert self.purse.give_back(transfer_id, points, self.now) == 0
                    self.purse.debt = debt
                    self.balance += points
                    del self.expired[transfer_id]
        if amount > 0:
            self.purse.gain(lot or a_lot(number), amount, self.now)
        elif amount < 0:
            self.purse.lose(lot, -amount, name=loss_of(MEMBER, "rule", THINGS[number]))
        self.purse.even_out()
        self.balance += amount
        self.net[number] = self.net.get(number, 0) + amount

    def spendable(self):
        return self.balance - sum(self.holds.values())

    def hold(self, amount):
        if 0 < amount <= self.spendable():
            use_id = new_id()
            self.purse.take(use_id, amount, "hold")
            self.holds[use_id] = amount

    def settle(self, which):
        if self.holds:
            use_id = list(self.holds)[which % len(self.holds)]
            amount, transfer_id = self.holds.pop(use_id), new_id()
            self.purse.settle(use_id, amount)
            self.purse.rename(use_id, transfer_id)
            self.balance -= amount
            self.spent[transfer_id] = amount

    def release(self, which):
        if self.holds:
            use_id = list(self.holds)[which % len(self.holds)]
            self.purse.give_back(use_id, self.holds.pop(use_id), self.now)

    def refund(self, which):
        if self.spent:
            use_id = list(self.spent)[which % len(self.spent)]
            amount = self.spent.pop(use_id)
            left = self.purse.give_back(use_id, amount, self.now)
            if left:
                self.purse.gain(self.lot(0) or a_lot(0), left, self.now)
            self.balance += amount

    def expire(self, day):
        for lot in list(self.purse.lots.values()):
            if lot.remaining and due_on(day).is_over(lot):
                transfer_id, points = new_id(), lot.remaining
                self.purse.expire(lot, transfer_id)
                self.balance -= points
                self.expired[transfer_id] = (lot.id, points)

    def check(self):
        purse = self.purse
        assert purse.points == self.balance
        assert purse.debt >= 0
        for lot in purse.lots.values():
            assert lot.remaining >= 0
            assert lot.held >= 0
            assert lot.expired >= 0
        assert not purse.debt or not any(lot.remaining for lot in purse.lots.values())
        held = sum(use.amount for uses in purse.uses.values() for use in uses if use.kind == "hold")
        assert held == sum(lot.held for lot in purse.lots.values())
        expired = {lot.id: lot.expired for lot in purse.lots.values() if lot.expired}
        told: dict[UUID, int] = {}
        for lot_id, points in self.expired.values():
            told[lot_id] = told.get(lot_id, 0) + points
        assert expired == told


STEPS = st.one_of(
    st.tuples(st.just("change"), st.integers(0, 4), st.integers(-30, 40)),
    st.tuples(st.just("hold"), st.integers(1, 60)),
    st.tuples(st.sampled_from(["settle", "release", "refund"]), st.integers(0, 9)),
    st.tuples(st.just("expire"), st.integers(0, 6)),
)


@given(st.lists(STEPS, max_size=40))
def test_free_and_held_points_less_the_debt_are_the_balance_whatever_happens(steps):
    account = Account()
    for name, *words in steps:
        getattr(account, name)(*words)
        account.check()


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(1, 40)), min_size=1, max_size=8), st.integers(1, 200))
def test_what_is_held_and_given_back_returns_to_its_lots(awards, amount):
    account = Account()
    for number, points in awards:
        account.change(number, points)
    before = {lot.id: lot.remaining for lot in account.purse.lots.values()}
    account.hold(amount)
    account.release(0)
    assert {lot.id: lot.remaining for lot in account.purse.lots.values()} == before
    account.hold(amount)
    account.settle(0)
    account.refund(0)
    assert {lot.id: lot.remaining for lot in account.purse.lots.values()} == before
    assert not any(account.purse.uses.values())


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(-9, 9)), max_size=20))
def test_an_equal_recount_leaves_lots_alone(changes):
    undone = [((f"{number}", THINGS[number]), amount) for number, amount in changes]
    again = [(key, -amount) for key, amount in undone]
    assert nets([*undone, *again]) == {}


def test_the_oldest_points_are_spent_first():
    account = Account()
    for number in (2, 0, 1):
        account.change(number, 10)
    account.hold(15)
    assert [account.lot(n).held for n in range(3)] == [10, 5, 0]


def test_what_lasts_is_spent_before_what_has_run_out():
    purse, over, lasting = Purse(), a_lot(0), a_lot(3)
    purse.gain(over, 10, START)
    purse.gain(lasting, 10, START)
    purse.take(new_id(), 6, "hold", due_on(2))
    assert [(lot.remaining, lot.held) for lot in (over, lasting)] == [(10, 0), (4, 6)]


def test_held_points_do_not_run_out():
    account = Account()
    account.change(0, 10)
    account.hold(6)
    account.expire(5)
    assert (account.lot(0).held, account.lot(0).expired, account.balance) == (6, 4, 6)


def test_points_given_back_after_their_day_last_thirty_days_more():
    purse, lot = Purse(), a_lot(0)
    purse.gain(lot, 10, START)
    hold_id = new_id()
    purse.take(hold_id, 10, "hold")
    later = START + timedelta(days=90)
    purse.give_back(hold_id, 10, later, due_on(90))
    assert lot.not_before == later + GRACE
    assert not due_on(119).is_over(lot)
    assert due_on(120).is_over(lot)


def test_points_awarded_again_after_their_day_last_thirty_days_more():
    purse, lot = Purse(), a_lot(0)
    purse.gain(lot, 10, START)
    purse.lose(lot, 10)
    later = START + timedelta(days=90)
    purse.gain(lot, 10, later, due_on(90))
    assert (lot.remaining, lot.not_before) == (10, later + GRACE)


def test_what_an_award_took_from_others_and_gives_back_after_their_day_lasts_thirty_days_more():
    purse, spent, other = Purse(), a_lot(0), a_lot(1)
    purse.gain(spent, 10, START)
    purse.gain(other, 10, START)
    purse.take(new_id(), 10, "spend")
    purse.lose(spent, 10, name=loss_of(MEMBER, "rule", THINGS[0]))
    assert (spent.remaining, other.remaining) == (0, 0)
    later = START + timedelta(days=90)
    purse.gain(spent, 10, later, due_on(90))
    assert (spent.remaining, other.remaining, other.not_before) == (0, 10, later + GRACE)


def test_what_comes_to_a_lot_before_its_day_runs_out_with_it():
    purse, lot = Purse(), a_lot(4)
    purse.gain(lot, 10, START)
    purse.gain(lot, 5, START + timedelta(days=3), due_on(3))
    assert (lot.remaining, lot.not_before) == (15, None)


def test_an_award_that_ran_out_is_taken_back_without_a_debt():
    account = Account()
    account.change(0, 10)
    account.change(4, 7)
    account.expire(3)
    account.change(0, -10)
    assert (account.balance, account.purse.debt) == (7, 0)
    assert account.lot(4).remaining == 7
    assert account.lot(0).expired == 0


def test_a_debt_is_repaid_by_what_is_earned_next():
    account = Account()
    account.change(0, 10)
    account.hold(10)
    account.settle(0)
    account.change(0, -10)
    assert (account.balance, account.purse.debt) == (-10, 10)
    account.change(1, 4)
    assert (account.balance, account.purse.debt) == (-6, 6)
    account.change(2, 10)
    assert (account.balance, account.purse.debt, account.lot(2).remaining) == (4, 0, 4)


@given(st.lists(st.integers(1, 30), max_size=5), st.lists(st.integers(1, 20), max_size=3), st.integers(-40, 160))
def test_a_balance_of_before_becomes_lots_that_come_to_it(gained, held, points):
    lots = [a_lot(number, amount) for number, amount in enumerate(gained)]
    points = min(points, sum(gained))
    purse = opening(lots, [(new_id(), amount) for amount in held], points)
    assert purse.points == points
    assert purse.debt >= 0
    assert all(lot.remaining >= 0 for lot in purse.lots.values())
    kept = [lot.remaining + lot.held for lot in lots]
    # The oldest are gone first.
    first = next((n for n, amount in enumerate(kept) if amount), len(kept))
    assert kept[first + 1 :] == gained[first + 1 :]


@given(
    st.sampled_from([("year_end", None), ("months", 1), ("months", 6), ("months", 13)]),
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    st.integers(0, 900),
)
def test_a_day_has_run_out_on_the_day_said_of_it_and_not_before(policy, today, ago):
    kind, months = policy
    earned_on = today - timedelta(days=ago)
    assert (earned_on < first_lasting(kind, months, today)) == (runs_out_on(kind, months, earned_on) <= today)


@pytest.mark.parametrize("months", [1, 2, 6, 12])
def test_at_no_end_of_a_month_do_points_last_longer_than_was_said(months):
    for today in (date(2023, 12, 1) + timedelta(days=n) for n in range(500)):
        nearby = [months_later(today, -months) + timedelta(days=n) for n in range(-4, 5)]
        lasting = first_lasting("months", months, today)
        assert [day < lasting for day in nearby] == [runs_out_on("months", months, day) <= today for day in nearby], (
            today
        )
