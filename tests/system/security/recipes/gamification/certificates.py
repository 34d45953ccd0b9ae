import secrets

from chassis.ids import new_id
from services.gamification.certificates.models import Certificate, CertificateTemplate, CertificateWording
from services.gamification.certificates.rules import RANDOM_BYTES, serial_from
from tests.system.security.recipe import OTHER, OWN, here, own, recipe, theirs
from tests.system.security.world import World

SERIAL = "who has the serial of a certificate verifies it"
TEMPLATE = {"title_zh": "结业证书", "title_en": "Certificate"}

RECIPES = [
    recipe("create_certificate_template", body={"community_id": here(), "name": "新模板"} | TEMPLATE),
    recipe("list_certificate_templates", query={"community_id": here()}, shows=here("template")),
    recipe("read_certificate_template", here("template"), shows=here("template")),
    recipe("update_certificate_template", here("template"), body={"name": "改名"}, version=1),
    recipe(
        "issue_certificate",
        body={"template_id": here("template"), "member_id": theirs(), "subject_zh": "训练营"},
        whose=OTHER,
    ),
    recipe("grant_certificates", body={"template_id": here("promised"), "dry_run": True}),
    recipe("list_certificates", query={"member_id": own()}, shows=own("certificate")),
    recipe("list_certificates", query={"community_id": here(), "limit": 100}, shows=own("certificate")),
    recipe("list_certificates", query={"mine": True}, people_only=True, shows=own("certificate"), whose=OWN),
    recipe("read_certificate", own("certificate"), shows=own("certificate")),
    recipe("read_certificate_pdf", own("certificate")),
    recipe("read_certificate_svg", own("certificate")),
    recipe("revoke_certificate", theirs("certificate"), body={"reason": "名单有误"}, whose=OTHER),
    recipe("verify_certificate", here("serial"), public=SERIAL, row="certificates.verify", why=SERIAL),
    recipe("read_certificate_qr", here("serial"), public=SERIAL, row="certificates.verify", why=SERIAL),
]


async def prepare(world: World) -> None:
    now = world.harness.clock()
    async with world.transaction() as session:
        for ground in world.grounds.values():
            for name in ("template", "given", "promised"):
                template = CertificateTemplate(
                    community_id=ground.id,
                    name=name,
                    kind="activity" if name == "promised" else "other",
                    title_zh="结业证书",
                    title_en="Certificate",
                    created_at=now,
                )
                session.add(template)
                await session.flush()
                session.add(
                    CertificateWording(
                        template_id=template.id, version=1, created_at=now, title_zh="结业证书", title_en="Certificate"
                    )
                )
                ground.ids[name] = template.id
        for player in world.members:
            player.own["certificate"] = await _certificate(session, player.ground, player, now)
        for ground in world.grounds.values():
            ground.ids["serial"] = serial_from(secrets.token_bytes(RANDOM_BYTES))
            await _certificate(session, ground, None, now, serial=ground.ids["serial"])


async def _certificate(session, ground, player, now, **said):
    made = Certificate(
        serial=said.get("serial") or serial_from(secrets.token_bytes(RANDOM_BYTES)),
        community_id=ground.id,
        template_id=ground.ids["given"],
        template_version=1,
        kind="other",
        object_kind="template",
        object_id=ground.ids["given"],
        member_id=player.member_id if player else new_id(),
        person_id=player.person_id if player else new_id(),
        name="姓名",
        community_name="社群",
        title_zh="结业证书",
        title_en="Certificate",
        subject_zh="训练营",
        subject_en="Camp",
        earned_on=now.date(),
        issued_at=now,
        messages_published=1,
    )
    session.add(made)
    return made.id
