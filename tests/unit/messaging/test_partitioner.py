"""Both logs put a key into the same partition."""

from hypothesis import given
from hypothesis import strategies as st
from kafka.partitioner.default import murmur2 as kafkas

from chassis.messaging.partitioner import murmur2, partition_of


@given(st.binary(max_size=80))
def test_the_hash_is_kafkas(key: bytes):
    assert murmur2(key) == kafkas(key)


def test_known_values_of_the_java_client():
    # From org.apache.kafka.common.utils.UtilsTest.
    assert murmur2(b"21") == -973932308 & 0xFFFFFFFF
    assert murmur2(b"foobar") == -790332482 & 0xFFFFFFFF
    assert murmur2(b"a-little-bit-long-string") == -985981536 & 0xFFFFFFFF


@given(st.binary(max_size=80), st.integers(1, 100))
def test_a_partition_is_one_of_the_topics(key: bytes, partitions: int):
    assert 0 <= partition_of(key, partitions) < partitions
