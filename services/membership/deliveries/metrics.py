"""What a process counts of what it sends outside."""

from prometheus_client import Counter, Gauge

outcomes = Counter("qunxue_deliveries_total", "Messages that were sent outside, by outcome.", ["channel", "outcome"])
rests = Gauge("qunxue_channel_rests", "1 while a channel takes nothing at all.", ["channel"])
