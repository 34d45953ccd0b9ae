"""Attachments: sent in parts, looked at, named by bodies, read by who reads those, forgotten when nothing names them."""

import asyncio
from datetime import timedelta
from io import BytesIO

import obstore.exceptions
import pytest
from PIL import Image

from services.content.attachments.refusing import TEXTS
from services.content.attachments.sweeping import erase
from tests.service.content.hostile_files import HOSTILE, PAYLOAD

ATTACHMENTS = "/v1/attachments"
KIB = 1024
PDF = b"%PDF-1.7\n" + bytes(1000)


def picture(kind="PNG", size=(2000, 1000), **options):
    written = BytesIO()
    Image.new("RGB", size, "red").save(written, kind, **options)
    return written.getvalue()


async def announce(talk, who, content, name="教案.pdf", *, status=201, **fields):
    body = {"community_id": str(talk.stage.community_id), "name": name, "size": len(content)}
    body |= {"media_type": "application/pdf"} | fields
    return await talk.send(who, ATTACHMENTS, body, status=status)


async def part(talk, who, made, content, offset=0, *, answered=200):
    headers = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
    path = f"{ATTACHMENTS}/{made['id']}/upload"
    answer = await talk[who].client.patch(path, content=content, headers=headers)
    assert answer.status_code == answered, answer.text
    return answer.json()


async def sends(talk, who, content=PDF, name="教案.pdf", **fields):
    made = await announce(talk, who, content, name, **fields)
    await part(talk, who, made, content)
    await talk.stage.harness.run_jobs()
    return await talk.see(who, f"{ATTACHMENTS}/{made['id']}")


async def fetch(talk, href, answered=200, **headers):
    answer = await talk.stage.harness.anonymous().get(
        href, headers={name.replace("_", "-"): v for name, v in headers.items()}
    )
    assert answer.status_code == answered, answer.text
    return answer


async def kept(talk):
    return {name: size async for name, size in talk.stage.harness.runtime.files.names("attachments")}


async def test_a_file_arrives_in_parts_and_is_read_in_ranges_by_who_reads_what_names_it(talk):
    content = PDF + bytes(600 * KIB)
    made = await announce(talk, "甲", content, "../../作业/教 案😀.pdf")
    assert (made["name"], made["upload"]["offset"], made["status"]) == ("教 案😀.pdf", 0, "uploading")
    assert (await part(talk, "甲", made, content[: 300 * KIB]))["offset"] == 300 * KIB
    wrong = await part(talk, "甲", made, content[: 300 * KIB], answered=409)
    assert (wrong["code"], wrong["offset"]) == ("wrong_offset", 300 * KIB)
    there = await talk["甲"].client.get(made["upload"]["href"])
    assert there.headers["Upload-Offset"] == str(300 * KIB)
    await part(talk, "甲", made, content[300 * KIB :], 300 * KIB)
    await talk.stage.harness.run_jobs()
    asked = await talk.starts("甲", body=f"请看[教案](attachment:{made['id']})。")
    assert f'<a data-attachment="{made["id"]}"' in asked["body_html"]
    (shown,) = (await talk.see("乙", f"/v1/discussions/{asked['id']}"))["attachments"]
    assert (shown["status"], shown["media_type"]) == ("ready", "application/pdf")
    whole = await fetch(talk, shown["href"])
    assert whole.content == content
    assert whole.headers["Content-Disposition"].startswith("attachment")
    assert whole.headers["X-Content-Type-Options"] == "nosniff"
    some = await fetch(talk, shown["href"], 206, Range="bytes=5-8")
    assert (some.content, some.headers["Content-Range"]) == (content[5:9], f"bytes 5-8/{len(content)}")
    assert (await fetch(talk, shown["href"], 206, Range="bytes=-3")).content == content[-3:]
    beyond = await fetch(talk, shown["href"], 416, Range=f"bytes={len(content)}-")
    assert beyond.headers["Content-Range"] == f"bytes */{len(content)}"
    assert not [name for name in await kept(talk) if "/parts/" in name]


async def test_an_address_is_one_reader_s_for_one_file_and_a_while(talk):
    made, other = await sends(talk, "甲"), await sends(talk, "甲")
    again = await talk.see("甲", f"{ATTACHMENTS}/{made['id']}")
    assert again["href"] == made["href"]
    assert (await talk["甲"].client.get(made["href"])).status_code == 200
    assert (await talk["乙"].client.get(made["href"])).status_code == 404
    for bad in (
        made["href"].replace(made["id"], other["id"]),
        made["href"].replace("size=original", "size=large"),
        made["href"].replace(str(talk["甲"].person_id), str(talk["乙"].person_id)),
        made["href"][:-1] + ("A" if made["href"][-1] != "A" else "E"),
    ):
        await fetch(talk, bad, 404)
    talk.later(minutes=31)
    await fetch(talk, made["href"], 404)
    renewed = await talk.send("甲", f"{ATTACHMENTS}/addresses", {"ids": [made["id"], other["id"]]})
    assert [item["id"] for item in renewed["items"]] == [made["id"], other["id"]]
    await fetch(talk, renewed["items"][0]["href"])
    await talk.send("乙", f"{ATTACHMENTS}/addresses", {"ids": [made["id"]]}, status=404)


async def test_who_may_not_read_a_file_cannot_name_it_and_a_removed_text_shows_it_no_longer(talk):
    made = await sends(talk, "甲")
    names = f"![图](attachment:{made['id']})"
    await talk.starts("乙", body=names, status=422)
    asked = await talk.starts("甲", body=names)
    quoting = await talk.replies("乙", asked, names)
    assert [file["id"] for file in quoting["attachments"]] == [made["id"]]
    await talk.send("乙", f"/v1/replies/{quoting['id']}/remove")
    await talk.send("版主", f"/v1/discussions/{asked['id']}/remove")
    ids = {"ids": [made["id"]]}
    await talk.send("乙", f"{ATTACHMENTS}/addresses", ids, status=404)
    await talk.send("版主", f"{ATTACHMENTS}/addresses", ids)
    unknown = await talk.starts("甲", body=f"[x](attachment:{talk.stage.community_id})", status=422)
    assert unknown["errors"][0]["code"] == "unknown_attachment"


async def test_a_draft_of_an_article_keeps_its_files_to_those_who_write_it(talk):
    await talk.joins("群主", "owner")
    made = await sends(talk, "甲")
    ids = {"ids": [made["id"]]}
    written = await talk.writes("甲", body=f"[附件](attachment:{made['id']})")
    assert [file["id"] for file in written["attachments"]] == [made["id"]]
    await talk.send("乙", f"{ATTACHMENTS}/addresses", ids, status=404)
    await talk.send("群主", f"{ATTACHMENTS}/addresses", ids)
    await talk.send("甲", f"/v1/articles/{written['id']}/submit")
    await talk.approves("群主", written)
    await talk.send("乙", f"{ATTACHMENTS}/addresses", ids)


async def test_parts_that_do_not_fit_are_refused_and_nothing_of_them_counts(talk):
    content = PDF + bytes(600 * KIB)
    made = await announce(talk, "甲", content)
    small = await part(talk, "甲", made, content[:1000], answered=422)
    assert small["code"] == "part_too_small"
    assert (await part(talk, "甲", made, content + b"x", answered=422))["code"] == "past_size"
    assert (await part(talk, "甲", made, b"", answered=422))["code"] == "empty_upload"
    assert (await part(talk, "甲", made, content[-5:], len(content) - 5, answered=409))["offset"] == 0
    await part(talk, "甲", made, bytes(8 * KIB * KIB + 1), answered=413)
    await part(talk, "乙", made, content, answered=404)
    assert (await talk.see("甲", made["upload"]["href"]))["offset"] == 0
    assert await kept(talk) == {}
    await part(talk, "甲", made, content)
    assert (await part(talk, "甲", made, content, answered=409))["code"] == "illegal_transition"


async def test_the_same_part_sent_twice_at_once_counts_once(talk):
    content = PDF + bytes(600 * KIB)
    made = await announce(talk, "甲", content)
    headers = {"Upload-Offset": "0", "Content-Type": "application/octet-stream"}
    path = f"{ATTACHMENTS}/{made['id']}/upload"
    sent = [talk["甲"].client.patch(path, content=content[: 300 * KIB], headers=headers) for _ in range(3)]
    answers = sorted(answer.status_code for answer in await asyncio.gather(*sent))
    assert answers == [200, 409, 409]
    assert len(await kept(talk)) == 1


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"size": 0}, "greater_than_equal"),
        ({"size": 50 * KIB * KIB + 1}, "too_large"),
        ({"name": "///"}, "no_name"),
        ({"name": "a\u202efdp.exe"}, None),
        ({"name": "a\n\r\tb"}, None),
        ({"media_type": "text/html\r\nX: y"}, None),
        ({"community_id": None}, "missing"),
    ],
)
async def test_an_announcement_that_cannot_be_is_refused(talk, fields, code):
    body = {"community_id": str(talk.stage.community_id), "name": "a.pdf", "size": 5, "media_type": "application/pdf"}
    answer = await talk["甲"].client.post(ATTACHMENTS, json=body | fields)
    if fields.get("name", "").startswith("a"):
        # Harmful characters are refused, or are not in what is kept.
        kept_name = answer.json().get("name", "")
        assert answer.status_code == 422 or not {"\n", "\r", "\t", "\u202e"} & set(kept_name)
        return
    assert answer.status_code == 422
    assert code is None or answer.json()["errors"][0]["code"] == code


async def test_nobody_fills_the_disk_with_what_nothing_names(talk, monkeypatch):
    mib = KIB * KIB
    monkeypatch.setattr("services.content.attachments.service.MOST_UNNAMED", 10 * mib)
    body = {"purpose": "avatar", "name": "a.png", "size": 6 * mib, "media_type": "image/png"}
    assert (await talk["甲"].client.post(ATTACHMENTS, json=body)).status_code == 201
    refused = await talk["甲"].client.post(ATTACHMENTS, json=body)
    assert (refused.status_code, refused.json()["code"], refused.json()["taken"]) == (409, "uploads_full", 6 * mib)
    assert (await talk["乙"].client.post(ATTACHMENTS, json=body)).status_code == 201
    # However small they are: each is rows, objects and work, too.
    answers = [await talk["甲"].client.post(ATTACHMENTS, json=body | {"size": 1}) for _ in range(5)]
    assert [one.status_code for one in answers] == [201, 201, 201, 201, 409]


async def test_however_many_nothing_names_all_are_forgotten_the_next_day(talk, monkeypatch):
    monkeypatch.setattr("services.content.attachments.sweeping._AT_ONCE", 2)
    harness = talk.stage.harness
    async with harness.runtime.database.transaction() as session:
        await harness.runtime.service.timers.set_periodic(session, harness.clock())
    made = [await announce(talk, "甲", PDF) for _ in range(7)]
    talk.later(hours=26)
    await harness.run_timers()
    await harness.run_jobs()
    for one in made:
        await talk.see("甲", f"{ATTACHMENTS}/{one['id']}", answered=404)


async def test_a_picture_is_made_anew_in_two_sizes_without_what_was_hidden_in_it(talk):
    hidden = Image.Exif()
    hidden[0x010E] = "secret place"
    hidden[0x0112] = 6
    made = await sends(talk, "甲", picture("JPEG", exif=hidden), "照片.jpg", media_type="image/jpeg")
    assert (made["media_type"], made["width"], made["height"]) == ("image/jpeg", 1000, 2000)
    for name, longest in (("large", 1600), ("small", 320)):
        preview = made["previews"][name]
        content = (await fetch(talk, preview["href"])).content
        with Image.open(BytesIO(content)) as seen:
            assert (seen.format, max(seen.size)) == ("WEBP", longest)
        assert b"secret" not in content


async def test_hostile_files_are_refused_and_gone_or_handed_out_as_bytes_that_nobody_runs(talk):
    for name, one in HOSTILE.items():
        made = await sends(talk, "甲", one.content, one.called, media_type=one.media_type)
        assert (made["status"], made["refused"], made["media_type"]) == (one.status, one.refused, one.taken_as), name
        if one.refused:
            assert (made["href"], await kept(talk)) == (None, {}), name
            chinese = await talk["甲"].client.get(f"{ATTACHMENTS}/{made['id']}", headers={"Accept-Language": "zh"})
            assert (made["refused_text"], chinese.json()["refused_text"]) == TEXTS[one.refused], name
            named = await talk.starts("甲", body=f"[a](attachment:{made['id']})", status=422)
            assert (named["errors"][0]["code"], one.called in named["errors"][0]["detail"]) == (
                "refused_attachment",
                True,
            )
            continue
        answer = await fetch(talk, made["href"])
        sent_as = "application/octet-stream" if one.runs_in_browsers else one.taken_as
        assert (answer.content, answer.headers["Content-Type"].partition(";")[0]) == (one.content, sent_as), name
        assert answer.headers["Content-Disposition"].startswith("attachment"), name
        assert answer.headers["X-Content-Type-Options"] == "nosniff", name
        assert "sandbox" in answer.headers["Content-Security-Policy"], name
        for preview in (made["previews"] or {}).values():
            shown = (await fetch(talk, preview["href"])).content
            assert (shown[8:12], PAYLOAD in shown) == (b"WEBP", False), name
        await talk.stage.harness.runtime.files.delete_below("attachments")


async def test_a_full_disk_is_said_and_the_part_can_be_sent_again(talk, monkeypatch):
    made = await announce(talk, "甲", PDF)
    files = talk.stage.harness.runtime.files
    store = files._store()

    class Full:
        def __getattr__(self, name):
            return getattr(store, name)

        async def put_async(self, *_args, **_options):
            raise obstore.exceptions.GenericError("No space left on device")

    monkeypatch.setattr(files, "_opened", Full())
    assert (await part(talk, "甲", made, PDF, answered=503))["code"] == "files_unavailable"
    monkeypatch.undo()
    assert (await part(talk, "甲", made, PDF))["offset"] == len(PDF)


async def test_what_nothing_names_is_forgotten_after_a_day_and_its_bytes_a_month_later(talk):
    named, loose = await sends(talk, "甲"), await sends(talk, "甲")
    half = await announce(talk, "甲", PDF + bytes(600 * KIB))
    await part(talk, "甲", half, (PDF + bytes(600 * KIB))[: 300 * KIB])
    asked = await talk.starts("甲", body=f"[a](attachment:{named['id']})")
    harness = talk.stage.harness
    async with harness.runtime.database.transaction() as session:
        await harness.runtime.service.timers.set_periodic(session, harness.clock())

    async def runs_on(**by):
        talk.later(**by)
        await harness.run_timers()
        await harness.run_jobs()

    await runs_on(hours=26)
    for gone in (loose, half):
        await talk.see("甲", f"{ATTACHMENTS}/{gone['id']}", answered=404)
    await talk.starts("甲", body=f"[b](attachment:{loose['id']})", status=422)
    assert len(await kept(talk)) == 3
    await runs_on(days=31)
    assert len(await kept(talk)) == 1
    await talk.change("甲", f"/v1/discussions/{asked['id']}", {"body": "没有附件"})
    await runs_on(hours=26)
    await runs_on(days=31)
    assert await kept(talk) == {}


async def test_what_an_erased_person_sent_goes_at_once(talk):
    made = await sends(talk, "甲")
    await talk.starts("甲", body=f"[a](attachment:{made['id']})")
    runtime = talk.stage.harness.runtime
    async with runtime.database.transaction() as session:
        await erase(session, talk["甲"].person_id, runtime.clock() - timedelta(seconds=1))
    await talk.stage.harness.run_jobs()
    assert await kept(talk) == {}
    await fetch(talk, made["href"], 404)


async def test_a_community_says_how_large_its_files_may_be(talk):
    await talk.joins("群主", "owner")
    here = str(talk.stage.community_id)
    limit = f"{ATTACHMENTS}/limit?community_id={here}"
    await talk.change("乙", limit, {"largest": 1000}, status=403)
    await talk.change("群主", limit, {"largest": 1000})
    assert (await talk.see("乙", f"{ATTACHMENTS}/limit", community_id=here))["largest"] == 1000
    refused = await announce(talk, "甲", PDF, status=422)
    assert refused["errors"][0]["code"] == "too_large"
