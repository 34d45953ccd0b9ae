"""Lots: the points of a wallet by what they were earned for, so that the oldest are spent, and run out, first. Pure.

The free and held points of all lots, less the debt, are the wallet's points. Nobody has free points and a debt.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID, uuid5

from chassis.days import months_later

PolicyKind = Literal["never", "months", "year_end"]
UseKind = Literal["hold", "spend", "expiry", "loss"]

GRACE = timedelta(days=30)
"""How long points last at least: after they were credited, were given back, or after a policy began."""


@dataclass(slots=True)
class Lot:
    """Points of one member for one thing, by one rule (or none). `expired` are those that ran out and were not brought back."""

    id: UUID
    member_id: UUID
    community_id: UUID
    rule_code: str
    source_id: UUID
    earned_at: datetime
    not_before: datetime | None = None
    remaining: int = 0
    held: int = 0
    expired: int = 0

    @property
    def order(self) -> tuple[datetime, int]:
        """The oldest come first."""
        return (self.earned_at, self.id.int)


@dataclass(frozen=True, slots=True)
class Use:
    """What one hold, spending, expiry or loss took from a lot: chosen once, so that it can be given back to the same."""

    use_id: UUID
    lot_id: UUID
    kind: UseKind
    amount: int


@dataclass(frozen=True, slots=True)
class Due:
    """Which lots have run out on a day that began at `began`: those that were earned before `earned_before`."""

    earned_before: datetime
    began: datetime

    def is_over(self, lot: Lot) -> bool:
        """Whether the lot's day has passed."""
        return lot.earned_at < self.earned_before and (lot.not_before is None or lot.not_before <= self.began)


def loss_of(member_id: UUID, rule_code: str, source_id: UUID) -> UUID:
    """The name of what other lots lost for a thing that took more than it had given."""
    return uuid5(member_id, f"loss {rule_code} {source_id}")


@dataclass(slots=True)
class Purse:
    """Lots of one member with the uses that are to be decided; what changes is noted."""

    debt: int = 0
    lots: dict[UUID, Lot] = field(default_factory=dict)
    uses: dict[UUID, list[Use]] = field(default_factory=dict)
    changed: set[UUID] = field(default_factory=set)
    added: list[Use] = field(default_factory=list)
    gone: list[Use] = field(default_factory=list)

    @property
    def points(self) -> int:
        """What the wallet must have."""
        return sum(lot.remaining + lot.held for lot in self.lots.values()) - self.debt

    def gain(self, lot: Lot, amount: int, now: datetime, due: Due | None = None) -> None:
        """The lot has more: a debt is repaid first, then what was taken from other lots for it goes back to them."""
        left = self._repay(amount)
        for use in self._used(loss_of(lot.member_id, lot.rule_code, lot.source_id)):
            back = min(left, use.amount)
            if back:
                self._put(self.lots[use.lot_id], back, now, due)
                self._shrink(use, back)
                left -= back
        if left:
            self.lots[lot.id] = lot
            self._put(lot, left, now, due)

    def lose(self, lot: Lot | None, amount: int, *, name: UUID | None = None) -> None:
        """Take points back: the lot's own, then the oldest of others (noted under the name), then by a debt."""
        left = amount
        if lot is not None and lot.id in self.lots:
            own = min(left, lot.remaining)
            self._add(lot, -own)
            left -= own
        self.debt += left - self._take(left, name, "loss")

    def take(self, use_id: UUID, amount: int, kind: UseKind, due: Due | None = None) -> None:
        """Choose lots for a hold or for what is spent, the oldest first; those that have run out last, the rest is a debt."""
        taken = self._take(amount, use_id, kind, due)
        if kind != "hold":
            self.debt += amount - taken

    def settle(self, use_id: UUID, amount: int) -> None:
        """Held points are spent. What no lot had held for it is taken from others now."""
        held = self._used(use_id)
        for use in held:
            self._hold(self.lots[use.lot_id], -use.amount)
            self._forget(use)
            self._use(use_id, use.lot_id, "spend", use.amount)
        short = amount - sum(use.amount for use in held)
        if short > 0:
            self.debt += short - self._take(short, use_id, "spend")

    def rename(self, use_id: UUID, name: UUID) -> None:
        """What was used is known by another name from now on: the transfer by which held points were spent."""
        for use in self._used(use_id):
            self._forget(use)
            self._use(name, use.lot_id, use.kind, use.amount)

    def give_back(self, use_id: UUID, amount: int, now: datetime, due: Due | None = None) -> int:
        """Points return to the lots that they came from, which then last a while; answers those that came from none."""
        left = amount
        for use in self._used(use_id):
            lot, back = self.lots[use.lot_id], min(left, use.amount)
            if use.kind == "hold":
                self._hold(lot, -back)
                spared = self._repay(back)
            else:
                spared = self._repay(back)
            if use.kind == "expiry":
                lot.expired -= back
                self.changed.add(lot.id)
            if spared:
                self._put(lot, spared, now, due if use.kind != "expiry" else None)
            self._forget(use)
            left -= back
        # Held points without a lot were never in one: what is given back of them only makes room.
        return left

    def expire(self, lot: Lot, transfer_id: UUID) -> None:
        """What is left in the lot has run out, by this transfer."""
        self._use(transfer_id, lot.id, "expiry", lot.remaining)
        lot.expired += lot.remaining
        self._add(lot, -lot.remaining)

    def even_out(self) -> None:
        """Free points repay what is owed, after an expiry was reversed."""
        self.debt -= self._take(self.debt, None, "loss")

    def _take(self, amount: int, use_id: UUID | None, kind: UseKind, due: Due | None = None) -> int:
        left = amount
        fresh_first = sorted(self.lots.values(), key=lambda lot: (due is not None and due.is_over(lot), lot.order))
        for lot in fresh_first:
            part = min(left, lot.remaining)
            if part > 0:
                self._add(lot, -part)
                if kind == "hold":
                    self._hold(lot, part)
                if use_id is not None:
                    self._use(use_id, lot.id, kind, part)
                left -= part
        return amount - left

    def _repay(self, amount: int) -> int:
        paid = min(self.debt, amount)
        self.debt -= paid
        return amount - paid

    def _add(self, lot: Lot, amount: int) -> None:
        if amount:
            lot.remaining += amount
            self.changed.add(lot.id)

    def _put(self, lot: Lot, amount: int, now: datetime, due: Due | None) -> None:
        """The lot has more; it lasts a while where its day has passed meanwhile."""
        self._add(lot, amount)
        if due is not None and due.is_over(lot):
            lot.not_before = now + GRACE

    def _hold(self, lot: Lot, amount: int) -> None:
        lot.held += amount
        self.changed.add(lot.id)

    def _used(self, use_id: UUID) -> list[Use]:
        return sorted(self.uses.get(use_id, ()), key=lambda use: use.lot_id.int)

    def _use(self, use_id: UUID, lot_id: UUID, kind: UseKind, amount: int) -> None:
        before = next((use for use in self.uses.get(use_id, ()) if use.lot_id == lot_id), None)
        if before is not None:
            self._forget(before)
            amount += before.amount
        use = Use(use_id, lot_id, kind, amount)
        self.uses.setdefault(use_id, []).append(use)
        self.added.append(use)

    def _forget(self, use: Use) -> None:
        self.uses[use.use_id].remove(use)
        if use in self.added:
            self.added.remove(use)
        else:
            self.gone.append(use)

    def _shrink(self, use: Use, by: int) -> None:
        self._forget(use)
        if use.amount > by:
            self._use(use.use_id, use.lot_id, use.kind, use.amount - by)


def opening(lots: Iterable[Lot], holds: Iterable[tuple[UUID, int]], points: int) -> Purse:
    """The lots of a wallet that had none kept: `lots` have what each thing gave in all, and the oldest were spent first.

    `holds` are the pending ones in the order in which they were made.
    """
    pending = list(holds)
    purse = Purse(lots={lot.id: lot for lot in lots})
    held = sum(amount for _, amount in pending)
    free = max(0, points - held)
    spent = sum(lot.remaining for lot in purse.lots.values()) - held - free
    purse._take(max(0, spent), None, "spend")  # noqa: SLF001 - of the same module
    for hold_id, amount in pending:
        purse.take(hold_id, amount, "hold")
    purse.debt = purse.points - points
    purse.changed.update(purse.lots)
    return purse


def first_lasting(kind: PolicyKind, months: int | None, today: date) -> date:
    """The first day whose points have not run out today: those of earlier days have."""
    if kind == "year_end":
        return date(today.year, 1, 1)
    day = months_later(today, -(months or 0))
    # Months have not the same days: the last day of a short one stands for several of a long one.
    while runs_out_on(kind, months, day) <= today:
        day += timedelta(days=1)
    while day > date.min and runs_out_on(kind, months, day - timedelta(days=1)) > today:
        day -= timedelta(days=1)
    return day


def runs_out_on(kind: PolicyKind, months: int | None, earned_on: date) -> date:
    """The first day on which points that were earned on a day are gone."""
    if kind == "year_end":
        return date(earned_on.year + 1, 1, 1)
    return months_later(earned_on, months or 0) + timedelta(days=1)


def nets(changes: Iterable[tuple[tuple[str, UUID], int]]) -> Mapping[tuple[str, UUID], int]:
    """What each thing gave or lost in all in one transaction; those that come out even are left out."""
    total: dict[tuple[str, UUID], int] = {}
    for key, amount in changes:
        total[key] = total.get(key, 0) + amount
    return {key: amount for key, amount in total.items() if amount}
