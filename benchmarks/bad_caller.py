"""20 honest clients beside each attack of one bad caller against the same clients undisturbed, embedded.

The two sides take turns, so that whatever else the machine does meets both. Who attacks runs in a process of its own, on the same
machine: what that takes of it is counted against us.

    python -m benchmarks.bad_caller [ROUNDS] [ATTACK …]
"""

import asyncio
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from benchmarks.figures import Figure, end_with
from tests.system.faults.bad_caller import ATTACKS, Attack, Measured, Scene, alone, beside, started

SECONDS = 8.0
ROUNDS = 2
TO_REACH = 3.0


async def measure(scene: Scene, attack: Attack, rounds: int) -> Figure:
    undisturbed, disturbed, answered = Measured(), Measured(), Counter[int]()
    for _ in range(rounds):
        undisturbed.add(await alone(scene, SECONDS))
        honest, answers = await beside(scene, attack, SECONDS)
        disturbed.add(honest)
        answered.update(answers)
    failed = sum(status >= 500 for status in disturbed.statuses)
    told = ", ".join(f"{number} × {status}" for status, number in sorted(answered.items()))
    return Figure(
        f"honest clients beside {attack.__name__.replace('_', ' ')}, p99",
        f"{disturbed.p99 * 1000:.0f} ms ({failed} × 5xx; the attack: {told or 'unanswered'})",
        f"undisturbed {undisturbed.p99 * 1000:.0f} ms",
        disturbed.p99 / undisturbed.p99,
        TO_REACH,
        "most",
    )


def run(rounds: int = ROUNDS, names: Sequence[str] = ()) -> list[Figure]:
    """Each attack, or those of these names."""
    attacks = [attack for attack in ATTACKS if not names or attack.__name__ in names]
    with tempfile.TemporaryDirectory() as folder, started(Path(folder) / "stack") as scene:
        return [asyncio.run(measure(scene, attack, rounds)) for attack in attacks]


def main() -> None:
    end_with(run(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS, sys.argv[2:]))


if __name__ == "__main__":
    main()
