"""Documents on paper, set by a process of its own: what several services print.

The typesetter keeps what it has once read for the next time, some 60 MB a document, and cannot be stopped from outside. A process gives its
memory back, is bounded, and can be ended (decision 0032).
"""

from chassis.typesetting.setting import Form, TypesettingFailed, font, seen_by_font, set_in_type

__all__ = ["Form", "TypesettingFailed", "font", "seen_by_font", "set_in_type"]
