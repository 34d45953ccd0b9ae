"""Certificates on paper: every character of a name is there, and nobody keeps others waiting by having many set."""

import asyncio
import io
import time

import pytest
from pypdf import PdfReader

from tests.support.hostile import NAMES

RARE = "𠮷田㐂子"


def text_of(pdf: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


async def read(scene, certificate, form, by=None, **query):
    client = (by or scene.learner).client
    return await client.get(f"/v1/certificates/{certificate['id']}/{form}", params=query)


async def test_a_pdf_shows_rare_characters_and_says_what_the_version_said_by_which_it_was_issued(scene):
    cohort = scene.known_as("cohort")
    await scene.tell_cohort(cohort, "二零二四春季班")
    scene.learner = await scene.member(cohort_id=cohort)
    await scene.rename(scene.learner, RARE)
    template = await scene.template(text_zh="已完成全部课程。", text_en="All courses were completed.")
    issued = await scene.issue(template, scene.learner, hours=7.5)
    path = f"/v1/certificates/templates/{template['id']}"
    await scene.owner.client.patch(path, json={"text_zh": "后来的话"}, headers={"If-Match": '"1"'})
    answer = await read(scene, issued, "pdf", lang="zh-CN")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
    assert answer.headers["Cache-Control"] == "private, no-store"
    text = text_of(answer.content)
    for words in (
        RARE,
        "结业证书",
        "已完成全部课程",
        "新员工训练",
        "读书会",
        "学习委员会",
        "7.5",
        "二零二四春季班",
        issued["serial"],
    ):
        assert words in text, words
    assert "后来" not in text
    english = await read(scene, issued, "pdf", lang="en")
    assert "All courses were completed." in text_of(english.content)
    assert len(answer.content) < 300_000


async def test_an_svg_has_drawn_letters_and_nothing_that_runs(scene):
    issued = await scene.issue(await scene.template(), scene.learner)
    answer = await read(scene, issued, "svg")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/svg+xml")
    assert answer.text.startswith("<svg")
    assert "<script" not in answer.text
    assert "sandbox" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("name", [one for one in NAMES if "\0" not in one])
async def test_whatever_somebody_is_called_is_text(scene, name):
    await scene.rename(scene.learner, name)
    issued = await scene.issue(await scene.template(), scene.learner)
    assert (await read(scene, issued, "pdf")).status_code == 200


async def test_what_was_revoked_is_not_printed_and_nobody_prints_others_certificates(scene):
    issued = await scene.issue(await scene.template(), scene.learner)
    other = await scene.member()
    assert (await read(scene, issued, "pdf", by=other)).status_code == 404
    await scene.leave(scene.learner)
    assert (await read(scene, issued, "pdf")).status_code == 200, "who left has theirs, too"
    await scene.revoke(issued)
    refused = await read(scene, issued, "pdf")
    assert (refused.status_code, refused.json()["code"]) == (409, "certificate_revoked")


async def test_setting_many_holds_up_nobody(scene):
    issued = await scene.issue(await scene.template(), scene.learner)
    many = [asyncio.create_task(read(scene, issued, "pdf")) for _ in range(3)]
    longest = 0.0
    while not all(one.done() for one in many):
        began = time.monotonic()
        assert (await scene.verify(issued["serial"])).status_code == 200
        longest = max(longest, time.monotonic() - began)
        await asyncio.sleep(0.01)
    assert longest < 2, "the event loop goes on"
    assert {one.result().status_code for one in many} <= {200, 429}


@pytest.mark.parametrize("text", ["一\n" * 240 + "二", "学习" * 250])
async def test_however_much_a_certificate_says_it_is_one_page(scene, text):
    await scene.rename(scene.learner, "长名" * 20)
    template = await scene.template(text_zh=text, title_zh="证书" * 50, signature="签" * 100)
    issued = await scene.issue(template, scene.learner, subject_zh="题目" * 100)
    pdf = await read(scene, issued, "pdf", lang="zh-CN")
    assert len(PdfReader(io.BytesIO(pdf.content)).pages) == 1
    assert text_of(pdf.content).count(text[0]) == text.count(text[0])
    # An SVG has no second page: there was none at all.
    assert (await read(scene, issued, "svg", lang="zh-CN")).status_code == 200
