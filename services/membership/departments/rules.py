"""Departments are a forest: no department is below itself."""

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar


class Node(Protocol):
    """Anything with a code and a parent's code."""

    @property
    def code(self) -> str: ...

    @property
    def parent_code(self) -> str | None: ...


NodeT = TypeVar("NodeT", bound=Node)


def is_below_itself(code: str, parent_code: str | None, parents: Mapping[str, str | None]) -> bool:
    """Whether putting a department under this parent would make a ring; `parents` is the forest as it is."""
    seen = {code}
    above = parent_code
    while above is not None:
        if above in seen:
            return True
        seen.add(above)
        above = parents.get(above)
    return False


def parents_first(nodes: Sequence[NodeT]) -> list[NodeT]:
    """The nodes in such an order that a parent among them comes before its children; rings come last, as they stood."""
    by_code: dict[str, list[NodeT]] = {}
    for node in nodes:
        by_code.setdefault(node.code, []).append(node)
    ordered: dict[int, NodeT] = {}
    for node in nodes:
        chain: list[NodeT] = []
        on_chain: set[str] = set()
        current: NodeT | None = node
        while current is not None and id(current) not in ordered and current.code not in on_chain:
            chain.append(current)
            on_chain.add(current.code)
            above = by_code.get(current.parent_code or "")
            current = above[0] if above else None
        in_ring = current is not None and current.code in on_chain
        if not in_ring:
            ordered.update((id(member), member) for member in reversed(chain))
    rest = [node for node in nodes if id(node) not in ordered]
    return [*ordered.values(), *rest]
