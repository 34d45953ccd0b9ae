"""Whether something can be counted at all."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from chassis.problems import INVALID, FieldError
from services.gamification.earning.triggers import TRIGGERS


class Counted(Protocol):
    """What is to be counted, as a request says it."""

    @property
    def counter(self) -> str: ...
    @property
    def trigger(self) -> str | None: ...
    @property
    def beneficiary(self) -> str | None: ...


def check_criteria(criteria: Sequence[Counted], at: str = "/criteria") -> None:
    """Raise `INVALID` for what nothing could fulfil."""
    errors = [error for number, one in enumerate(criteria) for error in wrong(one, f"{at}/{number}")]
    if errors:
        raise INVALID(errors=errors)


def wrong(one: Counted, at: str) -> Iterator[FieldError]:
    """What is wrong with a counter."""
    if one.counter != "deeds":
        if one.trigger is not None or one.beneficiary is not None:
            yield FieldError(f"{at}/trigger", "not_deeds", "Only deeds have a trigger.", "只有行为计数才有触发项。")
        return
    trigger = TRIGGERS.by_name.get(one.trigger or "")
    if trigger is None:
        names = sorted(TRIGGERS.by_name)
        yield FieldError(f"{at}/trigger", "unknown", f"One of: {', '.join(names)}.", f"可选：{'、'.join(names)}。")
    elif one.beneficiary is not None and one.beneficiary not in trigger.beneficiaries:
        names = list(trigger.beneficiaries)
        yield FieldError(f"{at}/beneficiary", "unknown", f"One of: {', '.join(names)}.", f"可选：{'、'.join(names)}。")
