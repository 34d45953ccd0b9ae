"""Why a message cannot be applied: for good, or just now."""

from typing import ClassVar


class UndecodableError(Exception):
    """A message that no retry can help; `reason` is what its dead letter says."""

    reason: ClassVar[str] = "undecodable"


class BadEnvelope(UndecodableError):
    """The CloudEvents attributes are missing or malformed."""

    reason = "bad_envelope"


class Unreadable(UndecodableError):
    """Reading it raised what nobody foresaw."""

    reason = "unreadable"


UNREADABLE_BATCH = "qunxue-unreadable-batch"
"""The header, with the reason, of a record that stands for a batch whose bytes could not be read."""


class WrongSource(UndecodableError):
    """The message comes from someone who does not own the topic or the type: a mistake or a forgery, and an alarm."""

    reason = "wrong_source"


class BadEncoding(UndecodableError):
    """The data is not UTF-8."""

    reason = "bad_encoding"


class BadJson(UndecodableError):
    """The data is not JSON."""

    reason = "bad_json"


class TooDeep(UndecodableError):
    """The data is nested deeper than any message of ours."""

    reason = "too_deep"


class WrongSchema(UndecodableError):
    """The data is JSON, but not what the type promises."""

    reason = "wrong_schema"


HANDLER_FAILED = "handler_failed"
"""The reason of a dead letter whose handler raised, each time it was tried."""


REFUSED = "refused"
"""The reason of a dead letter whose handler said why it cannot be applied as things stand."""


class Refused(Exception):
    """What a handler raises for a sound message that asks for what is not possible as things stand: no further try now would help.

    It becomes a dead letter at once, with this text, to be replayed when things have changed. No value of a person's stands in it.
    """


class MessageRefused(ValueError):
    """`emit` was given something that must never reach the log."""
