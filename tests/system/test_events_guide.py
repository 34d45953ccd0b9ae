"""The guide for other systems, followed by a small company: one process, one broker, and the twenty lines as they stand there."""

import sys
from datetime import timedelta

import pytest

from tests.support.needs import ROOT
from tests.support.waiting import eventually_sync
from tests.system.api import Api
from tests.system.compose import ADMIN_EMAIL, ADMIN_PASSWORD
from tests.system.stacks import embedded
from tests.system.touring import program_of

pytestmark = [pytest.mark.slow, pytest.mark.kafka, pytest.mark.timeout(600)]

PEOPLE = "工号,姓名\n00001,王芳\n00002,李娜\n"
COMMUNITY = {
    "slug": "readers",
    "name": "读书会",
    "visibility": "internal",
    "positioning": {"purpose": "skill", "statement": "一起读书"},
    "charter": {
        "vision": "读",
        "mission": "讲",
        "values": [{"code": "share", "name": "分享", "behaviours": ["讲"]}],
        "code_of_conduct": ["尊重"],
    },
}


def test_the_hours_that_somebody_learned_are_read_from_the_company_s_broker_in_twenty_lines(
    tmp_path, broker, processes
):
    program = program_of(ROOT / "docs/events-guide.md", "follow_learning.py")
    assert len([line for line in program.splitlines() if line.strip()]) <= 21
    with embedded(tmp_path / "stack", QUNXUE_KAFKA_BOOTSTRAP=broker.bootstrap) as stack:
        reader = processes.start("reader", [sys.executable, "-c", program], env={"KAFKA": broker.bootstrap})
        with Api(stack.url) as anyone, anyone.log_in(ADMIN_EMAIL, ADMIN_PASSWORD) as admin:
            admin.upload("/v1/people/imports", PEOPLE.encode())
            community = admin.post("/v1/communities", COMMUNITY, expect=201)["id"]
            admin.post(f"/v1/communities/{community}/open")
            yesterday = stack.clock.now() - timedelta(days=1)
            roster = f"工号,加入时间\n00001,{(yesterday - timedelta(days=9)).isoformat()}\n"
            admin.upload("/v1/members/imports", roster.encode(), community_id=community)
            row = f"读第一章,{yesterday.isoformat()},{(yesterday + timedelta(hours=1)).isoformat()},1.5,00001"
            activities = f"活动名称,开始时间,结束时间,学时,组织者工号\n{row}\n"
            admin.upload("/v1/activities/imports", activities.encode(), community_id=community)
            activity = admin.get("/v1/activities", community_id=community)["items"][0]["id"]
            admin.upload("/v1/attendances/imports", "工号\n00001\n".encode(), activity_id=activity)
            person = admin.get("/v1/people", q="00001")["items"][0]["id"]
            eventually_sync(lambda: f"{person} 1.5" in reader.output(), timeout=120, what="the hours are read")

            attendance = admin.get("/v1/attendances", activity_id=activity)["items"][0]["id"]
            admin.post(f"/v1/attendances/{attendance}/revoke", {"reason": "并未到场"})
            eventually_sync(lambda: f"{person} 0" in reader.output(), timeout=120, what="they are taken back")
