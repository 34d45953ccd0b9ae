"""A community with an owner, an operator and a learner, and a template of certificates."""

from typing import Any

import httpx

from tests.service.gamification.stage import OnStage, Stage

TEMPLATE = {"name": "结业", "title_zh": "结业证书", "title_en": "Certificate of completion", "signature": "学习委员会"}


class Scene(Stage):
    """Who issues certificates here, and who has them."""

    owner: OnStage
    operator: OnStage
    learner: OnStage

    async def set_up(self) -> None:
        """Open the community."""
        await self.open()
        self.owner = await self.member(roles=("owner",))
        self.operator = await self.member(roles=("operator",))
        self.learner = await self.member()

    async def template(self, **said: Any) -> dict[str, Any]:
        """Make a template."""
        body = {"community_id": str(self.community_id)} | TEMPLATE | said
        answer = await self.owner.client.post("/v1/certificates/templates", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def ask(
        self, template: dict[str, Any], to: OnStage, *, by: OnStage | None = None, **said: Any
    ) -> httpx.Response:
        """Ask for a certificate to be issued."""
        body = {"template_id": template["id"], "member_id": str(to.id), "subject_zh": "新员工训练"} | said
        return await (by or self.operator).client.post("/v1/certificates", json=body)

    async def issue(self, template: dict[str, Any], to: OnStage, **said: Any) -> dict[str, Any]:
        """Issue a certificate."""
        answer = await self.ask(template, to, **said)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def revoke(self, certificate: dict[str, Any], *, by: OnStage | None = None) -> httpx.Response:
        """Ask for a certificate to be revoked."""
        path = f"/v1/certificates/{certificate['id']}/revoke"
        return await (by or self.operator).client.post(path, json={"reason": "名单有误"})

    async def verify(self, serial: str, **headers: str) -> httpx.Response:
        """Verify a serial as anybody may."""
        return await self.harness.anonymous().get(f"/v1/certificates/serials/{serial}", headers=headers)
