"""One member's way on the ladder in one batch: its steps, and what is told of them in the end."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from chassis.ids import new_id
from chassis.messaging.outbox import Outgoing
from contracts.gamification import LevelDemoted, LevelPromoted, PerksChanged
from contracts.gamification import Rung as RungOfMessage
from services.gamification.ledger.wallets import WalletState
from services.gamification.levels.ladders import Ladder
from services.gamification.levels.rules import GRACE, Rung, level_at, roles_at


@dataclass(frozen=True, slots=True)
class Step:
    """From one rung to another, at a moment."""

    before: Rung
    after: Rung
    at: datetime

    @property
    def is_fall(self) -> bool:
        return self.after.position < self.before.position


@dataclass(slots=True)
class Walk:
    """A locked wallet on its community's ladder; what happens to it is written on the wallet at once."""

    wallet: WalletState
    ladder: Ladder
    start: Rung
    steps: list[Step] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    roles: tuple[str, ...] = ()
    """What their level granted before; of a wallet that was last looked at on an older ladder, by that one."""

    @classmethod
    def begin(cls, wallet: WalletState, ladder: Ladder, now: datetime) -> "Walk":
        """Put a wallet on the ladder that its community has now, by the code of its level."""
        start = ladder.rungs_of(wallet)[min(wallet.level_position, len(ladder.rungs_of(wallet)) - 1)]
        position = ladder.position_of(wallet)
        walk = cls(wallet, ladder, start, roles=roles_at(ladder.rungs_of(wallet), start.position))
        wallet.level_position, wallet.ladder_version = position, ladder.version
        rung = ladder.rungs[position]
        if position == start.position == 0:
            walk.start = rung
        elif rung.code != start.code:
            # Their level is no longer there. On the new ladder it stood just above the one where they land.
            walk.note(Step(start, rung, now))
            walk.steps.append(Step(replace(start, position=position + 1), rung, now))
            wallet.level_since, wallet.level_below_since = now if position else None, None
        return walk

    @property
    def rung(self) -> Rung:
        """Where the member stands."""
        return self.ladder.rungs[self.wallet.level_position]

    def to(self, position: int, at: datetime) -> None:
        """Go to another rung."""
        step = Step(self.rung, self.ladder.rungs[position], at)
        self.steps.append(step)
        self.note(step)
        self.wallet.level_position = position
        self.wallet.level_since = at if position or not step.is_fall else None

    def note(self, step: Step) -> None:
        """Keep a step for ever."""
        self.rows.append(
            {
                "id": new_id(),
                "member_id": self.wallet.member_id,
                "community_id": self.wallet.community_id,
                "from_position": step.before.position,
                "to_position": step.after.position,
                "xp": self.wallet.xp,
                "at": step.at,
                "recorded_at": step.at,
            }
        )

    def lapse(self, xp: int, now: datetime) -> None:
        """Lose a level by the clock, if one is lost: at the moment at which its grace was over."""
        wallet = self.wallet
        position = level_at(self.ladder.rungs, self.ladder.held(wallet), xp, now)
        if wallet.level_below_since is None or position >= wallet.level_position:
            return
        over = wallet.level_below_since + GRACE
        self.to(position, over)
        wallet.level_below_since = None

    def told(self, now: datetime) -> list[Outgoing]:
        """The messages of the steps, or of what the level that they keep grants now, if that is something else.

        A fall that was made good in the same batch is not told, nor is the rise that did it.
        """
        for row in self.rows:
            row["recorded_at"] = now
        return self._steps_told() or self._perks_told(now)

    def _perks_told(self, now: datetime) -> list[Outgoing]:
        roles = self.ladder.roles_at(self.rung.position)
        if roles == self.roles:
            return []
        event = PerksChanged(
            community_id=self.wallet.community_id,
            member_id=self.wallet.member_id,
            level=RungOfMessage(code=self.rung.code, position=self.rung.position),
            granted_roles=roles,
        )
        return [Outgoing(event, self.wallet.bump(), now, kept=True)]

    def _steps_told(self) -> list[Outgoing]:
        if not self.steps or self.rung.code == self.start.code:
            return []
        falls = [step for step in self.steps if step.is_fall]
        if not falls:
            return [self._message(LevelPromoted, step.before, step.after, step.at) for step in self.steps]
        top = self.steps[0].before.position
        if self.rung.position < top:
            return [self._message(LevelDemoted, self.start, self.rung, falls[-1].at)]
        before = self.start
        messages: list[Outgoing] = []
        for step in self.steps:
            if step.after.position > top or (step.after is self.rung and not messages):
                messages.append(self._message(LevelPromoted, before, step.after, step.at))
                before, top = step.after, step.after.position
        return messages

    def _message(
        self, kind: type[LevelPromoted] | type[LevelDemoted], before: Rung, after: Rung, at: datetime
    ) -> Outgoing:
        event = kind(
            community_id=self.wallet.community_id,
            member_id=self.wallet.member_id,
            from_=RungOfMessage(code=before.code, position=before.position),
            to=RungOfMessage(code=after.code, position=after.position),
            xp=self.wallet.xp,
            granted_roles=self.ladder.roles_at(after.position),
        )
        return Outgoing(event, self.wallet.bump(), at, kept=True)
