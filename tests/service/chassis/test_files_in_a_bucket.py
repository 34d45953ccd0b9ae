"""Files in a bucket that speaks S3: the same store as on a disk, below a prefix of its own."""

import httpx
import pytest
from moto.server import ThreadedMotoServer
from pydantic import SecretStr

from chassis.files import FILES_UNAVAILABLE, PIECE, FileMissing, Files
from chassis.problems import Problem
from chassis.settings import Settings
from tests.support.waiting import PATIENCE

BUCKET = "kept"


@pytest.fixture(scope="module")
def address():
    server = ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    host, port = server.get_host_and_port()
    found = f"http://{host}:{port}"
    with httpx.Client(trust_env=False, timeout=PATIENCE) as client:
        client.put(f"{found}/{BUCKET}").raise_for_status()
    yield found
    server.stop()


def opened(address, url):
    return Files(
        Settings(
            files_url=url,
            files_endpoint=address,
            files_region="us-east-1",
            files_access_key_id="id",
            files_secret_access_key=SecretStr("secret"),
        )
    )


async def read(files, *wanted):
    return b"".join([piece async for piece in await files.read(*wanted)])


async def named(files, prefix=""):
    return sorted([(name, size) async for name, size in files.names(prefix)])


async def large():
    for _ in range(24):
        yield b"x" * PIECE


async def test_a_bucket_keeps_ranges_lists_and_deletes_files(address):
    files, others = opened(address, f"s3://{BUCKET}/one"), opened(address, f"s3://{BUCKET}/two")
    assert files.directory is None
    await files.put("attachments/aa/1/original", b"0123456789")
    # Longer than one request of the library: it goes up in several, and is one object.
    await files.put("attachments/aa/1/large", large())
    await files.put("attachments/bb/2/original", b"b")
    await others.put("attachments/aa/1/original", b"another's")

    assert await read(files, "attachments/aa/1/original") == b"0123456789"
    assert await read(files, "attachments/aa/1/original", 2, 5) == b"234"
    assert await named(files, "attachments/aa/1") == [
        ("attachments/aa/1/large", 24 * PIECE),
        ("attachments/aa/1/original", 10),
    ]

    await files.delete_below("attachments/aa/1")
    await files.delete("attachments/aa/1/original")
    with pytest.raises(FileMissing):
        await read(files, "attachments/aa/1/original")
    assert await named(files) == [("attachments/bb/2/original", 1)]
    assert await read(others, "attachments/aa/1/original") == b"another's"


async def test_a_bucket_that_is_not_there_is_a_failure_of_the_store(address):
    with pytest.raises(Problem) as refused:
        await opened(address, "s3://nowhere").put("attachments/aa/1/original", b"1")
    assert refused.value.type is FILES_UNAVAILABLE
