"""A broker that is away costs no more the longer it is."""

import gc
import socket
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError
from kafka.net.selector import NetworkSelector
from kafka.net.transport import KafkaTCPTransport

from chassis.messaging.kafka_clients import built


@pytest.mark.parametrize("client", [KafkaAdminClient, KafkaConsumer, KafkaProducer])
def test_a_client_that_cannot_connect_leaves_no_socket_and_no_thread(client):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    gc.collect()
    gc.disable()
    before = open_now()
    try:
        for _ in range(2):
            with pytest.raises(KafkaError):
                built(client, bootstrap_servers=[f"127.0.0.1:{port}"], bootstrap_timeout_ms=300)
        # What an earlier test left may end meanwhile.
        assert open_now() <= before
    finally:
        gc.enable()


def test_a_connection_that_is_closed_with_something_to_send_leaves_no_socket():
    ours, theirs = socket.socketpair()
    with theirs:
        ours.setblocking(False)
        with suppress(BlockingIOError):
            while True:
                ours.send(bytes(65_536))
        net = NetworkSelector()
        transport = KafkaTCPTransport(net, ours)
        transport.write(b"goodbye")
        net.poll(timeout_ms=0)
        transport.close()
        net.close()
        assert ours.fileno() == -1


def open_now() -> set[str]:
    """Every descriptor with what it is of, and every thread."""
    files = {f"{file.name} {file.readlink()}" for file in Path("/proc/self/fd").iterdir() if file.is_symlink()}
    return files | {f"thread {one.ident}" for one in threading.enumerate()}
