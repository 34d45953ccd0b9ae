"""What the API says of itself."""

import re

import pytest

from gateway.documents import assets
from tests.service.gateway.conftest import Begin, Scene
from tests.support.standins import StandIn


def described(standin: StandIn, name: str) -> None:
    standin.answers["/openapi.json"] = {
        "openapi": "3.1.0",
        "paths": {f"/v1/{name}": {"get": {"operationId": f"list_{name}", "tags": [name], "responses": {}}}},
        "components": {"schemas": {"Thing": {"type": "object"}}},
    }


async def test_the_services_documents_are_one(scene: Scene):
    for name, standin in scene.services.items():
        described(standin, name)
    document = (await scene.get("/openapi.json")).json()
    assert {f"/v1/{name}" for name in scene.services} <= set(document["paths"])
    assert {"/v1/me/home", "/v1/audit", "/status"} <= set(document["paths"])
    assert {"MembershipThing", "AnalyticsThing", "Problem"} <= set(document["components"]["schemas"])
    assert "x-missing" not in document


async def test_the_document_is_made_once(scene: Scene):
    for name, standin in scene.services.items():
        described(standin, name)
    first = await scene.get("/openapi.json")
    again = await scene.get("/openapi.json", **{"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert len([seen for seen in scene["content"].seen if seen.path == "/openapi.json"]) == 1


async def test_a_service_that_is_down_leaves_its_part_out_and_this_is_said(begin: Begin):
    scene = begin(without=("events",))
    for name, standin in scene.services.items():
        described(standin, name)
    document = (await scene.get("/openapi.json")).json()
    assert document["x-missing"] == ["events"]
    assert "/v1/content" in document["paths"]


async def test_the_page_asks_nobody_else(scene: Scene):
    page = await scene.get("/docs")
    assert page.status_code == 200
    assert not re.search(r"(src|href)=\"(https?:)?//", page.text)
    assert "default-src 'none'" in page.headers["content-security-policy"]


async def test_everything_the_page_names_is_there(scene: Scene):
    page = await scene.get("/docs")
    named = re.findall(r"(?:src|href)=\"(/docs/[^\"]+)\"", page.text)
    assert "/docs/swagger-ui-bundle.js" in named
    for path in named:
        assert (await scene.get(path)).status_code == 200, path


@pytest.mark.parametrize("name", ["nothing.js", "docs.html", "__init__.py"])
async def test_nothing_else_can_be_fetched_beside_the_page(scene: Scene, name: str):
    assert (await scene.get(f"/docs/{name}")).status_code == 404


def test_our_own_files_speak_to_no_other_address():
    ours = [path for path in assets().values() if path.parent.name == "pages" and path.suffix != ".svg"]
    assert ours
    assert not [path for path in ours if re.search(r"https?://", path.read_text())]


async def test_the_root_leads_to_the_page(scene: Scene):
    answer = await scene.get("/")
    assert (answer.status_code, answer.headers["location"]) == (307, "/docs")


async def test_the_messages_are_described_too(scene: Scene):
    document = (await scene.get("/asyncapi.json")).json()
    assert document["asyncapi"].startswith("3.")
