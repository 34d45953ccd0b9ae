"""Ports that a test was given stay its own."""

import socket
import subprocess
import sys

from tests.support.needs import ROOT
from tests.support.ports import EACH, FIRST, LAST, MOST, free_port

BLOCK = "from tests.support.ports import free_port; print(free_port())"


def block_of(port: int) -> int:
    return (port - FIRST) // EACH


def another() -> subprocess.Popen[str]:
    """A test process that has taken a port, and lives until its input ends."""
    command = [sys.executable, "-c", f"{BLOCK}; input()"]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_test_processes_have_blocks_of_their_own_as_long_as_they_live():
    others = [another() for _ in range(3)]
    try:
        theirs = [int(other.stdout.readline()) for other in others if other.stdout]
        mine = {free_port() for _ in range(EACH * MOST)}
        assert all(FIRST <= port < LAST for port in mine)
        blocks = [*map(block_of, theirs), *{block_of(port) for port in mine}]
        assert len(blocks) == len(set(blocks))
    finally:
        for other in others:
            other.communicate("\n", timeout=60)


def test_a_port_comes_again_only_after_all_others():
    ports = [free_port() for _ in range(EACH)]
    assert len(set(ports)) == EACH


def test_one_that_somebody_listens_on_is_left_out():
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listening:
        listening.bind(("127.0.0.1", taken := free_port()))
        listening.listen()
        assert taken not in {free_port() for _ in range(EACH * MOST)}
