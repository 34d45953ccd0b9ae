"""What operators watch."""

from prometheus_client import Counter, Gauge, Histogram

OUTBOX_BACKLOG = Gauge("qunxue_outbox_backlog", "Messages committed and not yet published", ["service"])
OUTBOX_AGE = Gauge("qunxue_outbox_oldest_seconds", "Age of the oldest message not yet published", ["service"])
PUBLISHED = Counter("qunxue_messages_published", "Messages the log has acknowledged", ["service", "topic"])
RELAY_FAILURES = Counter("qunxue_relay_failures", "Times the relay had to begin again", ["service"])
CONSUMED = Counter("qunxue_messages_consumed", "Messages read from the log", ["consumer", "topic"])
SKIPPED = Counter("qunxue_messages_skipped", "Messages without a handler here", ["consumer", "topic"])
HANDLED = Counter("qunxue_messages_handled", "Messages a handler has applied", ["consumer", "handler"])
DUPLICATES = Counter("qunxue_messages_duplicate", "Messages the inbox had already", ["consumer", "handler"])
DEAD_LETTERS = Counter("qunxue_dead_letters", "Messages put aside", ["consumer", "handler", "reason"])
WRONG_SOURCE = Counter(
    "qunxue_messages_wrong_source", "Messages not by their topic's owner: an alarm", ["consumer", "topic"]
)
RETRIES = Counter("qunxue_consumer_retries", "Batches tried again after a transient error", ["consumer"])
LAG = Gauge("qunxue_consumer_lag", "Messages waiting in the log", ["consumer", "topic"])
HOLES = Gauge("qunxue_consumer_hole", "1 while messages lost to the log's retention are missing", ["consumer", "topic"])
BATCH_SECONDS = Histogram("qunxue_consumer_batch_seconds", "From a batch read to a batch committed", ["consumer"])
BRIDGE_WAITING = Gauge("qunxue_bridge_waiting", "Messages in the local log that Kafka does not have yet")
BRIDGE_AGE = Gauge("qunxue_bridge_oldest_seconds", "How long the oldest of them has waited")
BRIDGED = Counter("qunxue_bridge_sent", "Messages of the local log that Kafka has acknowledged", ["topic"])
