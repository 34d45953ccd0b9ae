"""Double entry in two currencies: what a transfer is, what undoes it, and what must hold of all of them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

Currency = Literal["points", "xp"]
Account = Literal["wallet", "issuance", "redemption", "expiry", "penalty"]
Kind = Literal["award", "reversal", "redemption", "expiry", "correction", "penalty"]

CURRENCIES: tuple[Currency, ...] = ("points", "xp")


@dataclass(frozen=True, slots=True)
class Transfer:
    """An immutable movement of one currency between a member's wallet and an account of their community.

    `posting_id` holds together what was posted for one reason (points and xp of one award). `thing` names what its rule pays
    for once. A reversal has the sides of what it `reverses` exchanged, its amount and its `occurred_at`.
    """

    id: UUID
    posting_id: UUID
    community_id: UUID
    member_id: UUID
    currency: Currency
    debit: Account
    credit: Account
    amount: int
    kind: str
    occurred_at: datetime
    rule_code: str | None = None
    thing: str | None = None
    reverses: UUID | None = None

    @property
    def signed(self) -> int:
        """What the wallet gains."""
        return self.amount if self.credit == "wallet" else -self.amount


def sides(gain: int, *, account: Account) -> tuple[Account, Account, int]:
    """Debit, credit and amount of a transfer by which the wallet gains (or, below zero, loses) against an account."""
    return (account, "wallet", gain) if gain > 0 else ("wallet", account, -gain)


@dataclass(frozen=True, slots=True)
class HeldPoints:
    """Points set aside for something; once `posted`, the transfer spent them."""

    id: UUID
    amount: int
    state: str
    transfer_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Broken:
    """An invariant that does not hold, and where."""

    invariant: Literal[
        "sums_to_zero",
        "balance_is_sum_of_entries",
        "one_award_per_thing",
        "reversal_mirrors",
        "amount_above_zero",
        "held_is_sum_of_holds",
        "hold_is_posted",
        "lots_are_points",
    ]
    where: str
    expected: int
    found: int


@dataclass(slots=True)
class Checker:
    """Checks a ledger as a stream: `see` every transfer in order of member, then `close` each member with their balances.

    Memory is that of one member's transfers, whatever the length of the ledger.
    """

    account_sums: dict[Currency, int] = field(default_factory=lambda: dict.fromkeys(CURRENCIES, 0))
    wallet_sums: dict[Currency, int] = field(default_factory=lambda: dict.fromkeys(CURRENCIES, 0))
    transfers: int = 0
    members: int = 0

    def member(
        self,
        member_id: UUID,
        transfers: Iterable[Transfer],
        balances: Mapping[Currency, int],
        *,
        held: int = 0,
        in_lots: int | None = None,
        holds: Iterable[HeldPoints] = (),
    ) -> Iterator[Broken]:
        """What does not hold of one member's transfers and balances."""
        self.members += 1
        entries: dict[Currency, int] = dict.fromkeys(CURRENCIES, 0)
        by_id: dict[UUID, Transfer] = {}
        reversals: list[Transfer] = []
        awards: defaultdict[tuple[str, str, Currency], list[int]] = defaultdict(list)
        for transfer in transfers:
            self.transfers += 1
            by_id[transfer.id] = transfer
            entries[transfer.currency] += transfer.signed
            self.account_sums[transfer.currency] -= transfer.signed
            if transfer.amount <= 0:
                yield Broken("amount_above_zero", str(transfer.id), 1, transfer.amount)
            if transfer.reverses is not None:
                reversals.append(transfer)
            if transfer.rule_code is not None and transfer.thing is not None:
                awards[transfer.rule_code, transfer.thing, transfer.currency].append(transfer.signed)
        for currency in CURRENCIES:
            self.wallet_sums[currency] += balances[currency]
            if balances[currency] != entries[currency]:
                yield Broken(
                    "balance_is_sum_of_entries", f"{member_id} {currency}", entries[currency], balances[currency]
                )
        if in_lots is not None and in_lots != balances["points"]:
            yield Broken("lots_are_points", str(member_id), balances["points"], in_lots)
        yield from _mirrors(reversals, by_id)
        yield from _holds(member_id, held, list(holds), by_id)
        for (code, thing, currency), amounts in awards.items():
            largest = max((abs(amount) for amount in amounts), default=0)
            if abs(sum(amounts)) > largest:
                yield Broken(
                    "one_award_per_thing", f"{member_id} {code} {thing} {currency}", largest, abs(sum(amounts))
                )

    def close(self) -> Iterator[Broken]:
        """What does not hold of the whole: wallets and accounts of every currency sum to zero."""
        for currency in CURRENCIES:
            total = self.account_sums[currency] + self.wallet_sums[currency]
            if total != 0:
                yield Broken("sums_to_zero", currency, 0, total)


def _holds(member_id: UUID, held: int, holds: Sequence[HeldPoints], by_id: Mapping[UUID, Transfer]) -> Iterator[Broken]:
    pending = sum(each.amount for each in holds if each.state == "pending")
    if pending != held:
        yield Broken("held_is_sum_of_holds", str(member_id), pending, held)
    for each in holds:
        transfer = by_id.get(each.transfer_id) if each.transfer_id else None
        spent = -transfer.signed if transfer is not None and transfer.currency == "points" else 0
        wanted = each.amount if each.state == "posted" else 0
        if spent != wanted:
            yield Broken("hold_is_posted", str(each.id), wanted, spent)


def _mirrors(reversals: Iterable[Transfer], by_id: Mapping[UUID, Transfer]) -> Iterator[Broken]:
    seen: set[UUID] = set()
    for reversal in reversals:
        original = by_id.get(reversal.reverses) if reversal.reverses else None
        found = original.signed if original is not None and original.currency == reversal.currency else 0
        if found != -reversal.signed or original is None or original.id in seen:
            yield Broken("reversal_mirrors", str(reversal.id), -found, reversal.signed)
        elif original is not None:
            seen.add(original.id)
