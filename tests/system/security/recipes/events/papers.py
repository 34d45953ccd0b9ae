from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from assessment.documents import question_of
from assessment.frozen import Asked, Pool, Section, document, fingerprint
from assessment.frozen import Paper as Frozen
from services.events.papers.models import Paper, PaperEditor, PaperQuestion, PaperVersion
from services.events.question_banks.models import QuestionVersion
from tests.system.security.recipe import Ref, here, own, recipe
from tests.system.security.recipes.events.question_banks import RUNS
from tests.system.security.world import World

AFTER = ["question_banks"]
PAPER = own("paper")


def drawn(bank: Ref) -> list[Any]:
    """Sections with a question of a bank. A draw that says no more than its bank is refused before anybody looks for that."""
    return [{"draws": [{"question_bank_id": bank, "count": 1, "marks": 100}]}]


RECIPES = [
    recipe(
        "create_paper",
        body={
            "community_id": here(),
            "title": "消防知识竞赛",
            "sections": drawn(here("question bank")),
            "editor_ids": [here("editor")],
        },
    ),
    recipe("list_papers", query={"community_id": here(), "limit": 100}, shows=PAPER, whose=RUNS),
    recipe("read_paper", PAPER, shows=PAPER, whose=RUNS),
    recipe(
        "update_paper",
        PAPER,
        body={"title": "安全知识竞赛", "sections": drawn(own("question bank"))},
        version=1,
        whose=RUNS,
    ),
    recipe("preview_paper", PAPER, shows=own("question"), whose=RUNS),
    recipe("publish_paper", PAPER, version=1, whose=RUNS),
    recipe("archive_paper", PAPER, whose=RUNS),
    recipe("restore_paper", PAPER, whose=RUNS),
    recipe("list_paper_versions", PAPER, whose=RUNS),
    recipe("read_paper_version", PAPER, 1, shows=own("question"), whose=RUNS),
]


async def prepare(world: World) -> None:
    now = world.harness.clock()
    editors: list[PaperEditor] = []
    async with world.transaction() as session:

        async def made(community_id: UUID, editor_id: UUID, question_id: UUID) -> UUID:
            paper = Paper(
                community_id=community_id,
                title="消防知识竞赛",
                sections=[{"title": "", "questions": [{"question_id": str(question_id), "marks": None}], "draws": []}],
                editor_ids=[str(editor_id)],
                published=1,
                created_at=now,
            )
            session.add(paper)
            await session.flush()
            [kept] = await session.exec(select(QuestionVersion).where(col(QuestionVersion.question_id) == question_id))
            asked = Asked(str(question_id), 1, replace(question_of(kept.document), marks=100))
            frozen = document(Frozen(str(paper.id), 1, paper.title, (Section("", (Pool(1, 100, (asked,)),)),)))
            session.add(
                PaperVersion(
                    paper_id=paper.id,
                    version=1,
                    document=frozen,
                    fingerprint=fingerprint(frozen),
                    count=1,
                    full=100,
                    published_at=now,
                )
            )
            session.add(PaperQuestion(paper_id=paper.id, paper_version=1, question_id=question_id, question_version=1))
            editors.append(PaperEditor(paper_id=paper.id, member_id=editor_id))
            return paper.id

        for ground in world.grounds.values():
            ground.ids["paper"] = await made(ground.id, ground.ids["editor"], ground.ids["question"])
        for player in world.members:
            assert player.member_id is not None
            paper = await made(player.ground.id, player.member_id, player.own["question"])
            player.own["paper"] = player.assigned["paper"] = paper
        await session.flush()
        session.add_all(editors)
