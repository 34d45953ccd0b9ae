import zlib
from uuid import UUID

from sqlalchemy import insert

from assessment.documents import document_of
from assessment.questions import WHOLE, Choice
from assessment.questions import Question as Content
from chassis.ids import new_id
from services.events.question_banks.exports import EXPORT
from services.events.question_banks.importing import IMPORT
from services.events.question_banks.models import (
    Question,
    QuestionBank,
    QuestionBankEditor,
    QuestionExport,
    QuestionVersion,
)
from services.events.question_banks.questions import columns
from services.events.question_banks.rules import lot_of
from tests.system.security.recipe import Whose, here, own, recipe
from tests.system.security.world import World

RUNS: tuple[Whose, ...] = ("assigned", "other")
"""Who made a bank has no more than who is appointed to it."""
ASKED = {
    "kind": "single",
    "text": "灭火器的检查周期是？",
    "choices": [{"text": "每月", "right": True}, {"text": "每年"}],
}
JOBS = {"question import": IMPORT, "question export": EXPORT, "written question export": EXPORT}
BANK, QUESTION = own("question bank"), own("question")

RECIPES = [
    recipe("create_question_bank", body={"community_id": here(), "title": "消防", "editor_ids": [here("editor")]}),
    recipe("list_question_banks", query={"community_id": here(), "limit": 100}, shows=BANK, whose=RUNS),
    recipe("read_question_bank", BANK, shows=BANK, whose=RUNS),
    recipe("update_question_bank", BANK, body={"title": "安全"}, version=1, whose=RUNS),
    recipe("archive_question_bank", BANK, whose=RUNS),
    recipe("restore_question_bank", BANK, whose=RUNS),
    recipe("create_question", BANK, body=ASKED, whose=RUNS),
    recipe("list_questions", BANK, shows=QUESTION, whose=RUNS),
    recipe("read_question", BANK, QUESTION, shows=QUESTION, whose=RUNS),
    recipe("update_question", BANK, QUESTION, body={"marks": 300}, version=1, whose=RUNS),
    recipe("archive_question", BANK, QUESTION, whose=RUNS),
    recipe("restore_question", BANK, QUESTION, whose=RUNS),
    recipe("list_question_versions", BANK, QUESTION, whose=RUNS),
    recipe("read_question_version", BANK, QUESTION, 1, whose=RUNS),
    recipe(
        "import_questions",
        BANK,
        query={"format": "table"},
        csv="题干,选项A,选项B,答案\n火警电话是？,119,120,A\n",
        whose=RUNS,
    ),
    recipe("read_question_import_template", BANK, whose=RUNS),
    recipe("list_question_imports", BANK, whose=RUNS),
    recipe("read_question_import", BANK, own("question import"), whose=RUNS),
    recipe("list_question_import_errors", BANK, own("question import"), whose=RUNS),
    recipe("cancel_question_import", BANK, own("question import"), whose=RUNS),
    recipe("export_questions", BANK, body={"format": "gift"}, whose=RUNS),
    recipe("list_question_exports", BANK, whose=RUNS),
    recipe("read_question_export", BANK, own("question export"), whose=RUNS),
    recipe("list_question_export_errors", BANK, own("question export"), whose=RUNS),
    recipe("cancel_question_export", BANK, own("question export"), whose=RUNS),
    recipe("read_question_export_file", BANK, own("written question export"), whose=RUNS),
    recipe("list_question_uses", BANK, QUESTION, shows=own("paper"), whose=RUNS),
]


async def prepare(world: World) -> None:
    now = world.harness.clock()
    content = Content("single", "灭火器的检查周期是？", (Choice("A", "每月", WHOLE), Choice("B", "每年")))
    editors: list[QuestionBankEditor] = []
    tables = world.harness.runtime.service.tables.chassis
    async with world.transaction() as session:

        async def made(community_id: UUID, editor_id: UUID) -> tuple[UUID, UUID]:
            bank = QuestionBank(
                community_id=community_id,
                title="消防题库",
                editor_ids=[str(editor_id)],
                questions=1,
                created_at=now,
            )
            session.add(bank)
            await session.flush()
            question = Question(
                **columns(content),
                community_id=community_id,
                bank_id=bank.id,
                number=1,
                lot=lot_of(bank.id),
                choices_named=2,
                created_at=now,
                changed_at=now,
            )
            session.add(question)
            await session.flush()
            session.add(QuestionVersion(question_id=question.id, version=1, document=document_of(content), made_at=now))
            editors.append(QuestionBankEditor(bank_id=bank.id, member_id=editor_id))
            return bank.id, question.id

        for ground in world.grounds.values():
            somebody = world.twin.member_id if ground.place == "elsewhere" else world.neighbour.member_id
            assert somebody is not None
            ground.ids["editor"] = somebody
            ground.ids["question bank"], ground.ids["question"] = await made(ground.id, somebody)
        for player in world.members:
            assert player.member_id is not None
            bank, question = await made(player.ground.id, player.member_id)
            player.own["question bank"] = player.assigned["question bank"] = bank
            player.own["question"] = player.assigned["question"] = question
            for name, kind in JOBS.items():
                player.own[name] = player.assigned[name] = key = new_id()
                written = name == "written question export"
                row = {
                    "id": key,
                    "kind": kind,
                    "state": "succeeded" if written else "queued",
                    "params": {"question_bank_id": str(bank), "format": "gift"},
                    "started_by": player.caller.actor if player.caller is not None else "",
                    "created_at": now,
                    "finished_at": now if written else None,
                    "community_id": player.ground.id,
                }
                await session.execute(insert(tables.jobs).values(row))
                wrong = {"job_id": key, "row": 1, "code": "left_out", "text": "The name."}
                await session.execute(insert(tables.job_errors).values(wrong))
                if written:
                    file = {"job_id": key, "bank_id": bank, "community_id": player.ground.id}
                    session.add(QuestionExport(**file, form="gift", content=zlib.compress(b"? {T}"), created_at=now))
        await session.flush()
        session.add_all(editors)
