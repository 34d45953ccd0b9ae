"""How large the faults are: reduced in `make test`, with the full figures in `make faults` (QUNXUE_FAULTS=full)."""

import os
import random

FULL = os.environ.get("QUNXUE_FAULTS") == "full"


def scaled(full: int, *, reduced: int) -> int:
    return full if FULL else reduced


def seed() -> int:
    """What chance begins from; QUNXUE_FAULTS_SEED repeats a run."""
    return int(os.environ.get("QUNXUE_FAULTS_SEED") or random.randrange(10**6))
