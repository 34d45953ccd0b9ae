"""A file on its way: sent in one part, made ready by the worker, named in a reply, and read in a range by who reads that."""

from io import BytesIO
from typing import Any

import httpx
from PIL import Image

from tests.support.waiting import eventually_sync
from tests.system.api import Api

CONTENT = b"%PDF-1.7\n" + bytes(range(256)) * 8
PARTS = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}


def walk_a_file(sender: Api, reader: Api, discussion: dict[str, Any]) -> None:
    """The reader needs no more than the address that the reply gives them."""
    about = {"name": "教案.pdf", "media_type": "application/pdf", "size": len(CONTENT)}
    made = sender.post("/v1/attachments", about | {"community_id": discussion["community_id"]}, expect=201)
    path = f"/v1/attachments/{made['id']}"
    sent = sender.client.patch(f"{path}/upload", content=CONTENT, headers=PARTS)
    assert (sent.status_code, sent.json()["offset"]) == (200, len(CONTENT)), sent.text
    sender.until(path, lambda file: file["status"] == "ready")

    body = f"见[教案](attachment:{made['id']})。"
    reply = {"discussion_id": discussion["id"], "kind": "answer", "body": body}
    named = sender.post("/v1/replies", reply, expect=201)
    found = reader.get(f"/v1/replies/{named['id']}")["attachments"]
    assert [(file["id"], file["name"]) for file in found] == [(made["id"], about["name"])]
    with httpx.Client(base_url=reader.url, timeout=30, trust_env=False) as anyone:
        part = anyone.get(found[0]["href"], headers={"Range": "bytes=5-12"})
    assert (part.status_code, part.content) == (206, CONTENT[5:13])
    assert part.headers["content-range"] == f"bytes 5-12/{len(CONTENT)}"
    _walk_a_picture(sender, reader, f"/v1/replies/{named['id']}")


def _walk_a_picture(sender: Api, reader: Api, path: str) -> None:
    """The sender shows themself with a picture: whoever reads what they wrote sees it, without another call."""
    written = BytesIO()
    Image.new("RGB", (400, 400), "red").save(written, "PNG")
    content = written.getvalue()
    about = {"purpose": "avatar", "name": "我.png", "media_type": "image/png", "size": len(content)}
    made = sender.post("/v1/attachments", about, expect=201)
    sender.client.patch(f"/v1/attachments/{made['id']}/upload", content=content, headers=PARTS).raise_for_status()
    sender.until(f"/v1/attachments/{made['id']}", lambda file: file["status"] == "ready")
    sender.patch("/v1/people/me", {"avatar_url": f"attachment:{made['id']}"})
    shown = reader.until(path, lambda reply: reply["author"]["avatar_url"])
    with httpx.Client(base_url=reader.url, timeout=30, trust_env=False) as anyone:
        address = shown["author"]["avatar_url"]
        eventually_sync(lambda: anyone.get(address).status_code == 200, what="content knows that it is a picture")
