"""What is logged while Kafka does not let us in: the cause, once a minute.

kafka-python logs every attempt of every client, and its constructors say only that they could not connect, also when the password is wrong.
"""

import logging
import time

from kafka.errors import SaslAuthenticationFailedError

logger = logging.getLogger(__name__)

TOLD_SECONDS = 60.0

_told: dict[str, float] = {}
_wrong_password: list[float] = []
"""When the library last reported that a broker refused the password."""


def tell_refusal(error: Exception, what: str, seconds: float) -> None:
    """Log why a client could not be built, once a minute however many try."""
    refused = isinstance(error, SaslAuthenticationFailedError) or bool(
        _wrong_password and time.monotonic() - _wrong_password[-1] < TOLD_SECONDS
    )
    if not _is_news("authentication" if refused else "connection"):
        return
    if refused:
        logger.error("Kafka: authentication failed (%s): check user name and password", what)
    else:
        logger.warning("Kafka is not reachable (%s, %.0f s): %s", what, seconds, error)


def _is_news(kind: str) -> bool:
    now = time.monotonic()
    if kind in _told and now - _told[kind] < TOLD_SECONDS:
        return False
    _told[kind] = now
    return True


def _once_a_minute(record: logging.LogRecord) -> bool:
    """A filter of the library's connections: notes wrong passwords, and lets equal lines pass once a minute."""
    arguments = record.args if isinstance(record.args, tuple) else ()
    if any(isinstance(one, SaslAuthenticationFailedError) for one in arguments):
        _wrong_password[:] = [time.monotonic()]
        return False
    return record.levelno < logging.WARNING or _is_news(str(record.msg))


for _name in ("kafka.net.manager", "kafka.net.connection"):
    logging.getLogger(_name).addFilter(_once_a_minute)
