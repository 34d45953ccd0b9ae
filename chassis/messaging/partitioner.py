"""Which partition a key belongs to: Kafka's own rule, so that both logs order the same messages together."""

import struct
from functools import lru_cache


@lru_cache(maxsize=65536)
def partition_of(key: bytes, partitions: int) -> int:
    """The partition of a key by murmur2, as Kafka's Java client computes it."""
    return (murmur2(key) & 0x7FFFFFFF) % partitions


def murmur2(data: bytes) -> int:
    """MurmurHash2, 32 bits, seed 0x9747b28c (Austin Appleby; the variant of `org.apache.kafka.common.utils.Utils`)."""
    mask, multiplier = 0xFFFFFFFF, 0x5BD1E995
    length = len(data)
    value = 0x9747B28C ^ length
    for (word,) in struct.iter_unpack("<I", data[: length & ~3]):
        mixed = (word * multiplier) & mask
        mixed ^= mixed >> 24
        value = ((value * multiplier) & mask) ^ ((mixed * multiplier) & mask)
    tail = data[length & ~3 :]
    if tail:
        value = ((value ^ int.from_bytes(tail, "little")) * multiplier) & mask
    value = ((value ^ (value >> 13)) * multiplier) & mask
    return value ^ (value >> 15)
