"""How contests, sheets and boards become answers, for whoever reads them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from assessment.documents import answer_of
from assessment.grading import Grade, grade
from assessment.papers import Sheet
from assessment.questions import Answer
from chassis.avatars import ANYBODY
from chassis.projections.members import embedded
from chassis.texts import Hidden
from chassis.web.schemas import Viewer
from chassis.web.work import Work
from services.events.activities.views import titles_read
from services.events.base import links, texts
from services.events.contests import queries
from services.events.contests.access import SeenAttempt, SeenContest, state_of, times_of
from services.events.contests.attempts import beginning, over_since
from services.events.contests.frozen_papers import paper_at
from services.events.contests.models import (
    Contest,
    ContestAnswer,
    ContestAttempt,
    ContestCompetitor,
    ContestTeam,
)
from services.events.contests.rules import NO_MARKS, POSSIBLE, ranks
from services.events.contests.schemas import (
    AnswerShown,
    ContestAttemptListed,
    ContestAttemptPublic,
    ContestLine,
    ContestListed,
    ContestMine,
    ContestPaperEmbed,
    ContestPublic,
    ContestTeamEmbed,
    ContestTeamPublic,
    Lettered,
    PairShown,
    QuestionResult,
    SheetQuestion,
)
from services.events.contests.sheets import OnSheet, sheet, solution_of
from services.events.question_banks.question_schemas import PicturePublic
from services.events.question_banks.rules import pictures_of

STAND_IN: Final = "（名称审核中）Name under review"


async def listed(work: Work, found: Sequence[SeenContest]) -> list[ContestListed]:
    """Contests of one community as lists show them."""
    return [ContestListed(**fields) for fields in await _fields(work, found)]


async def shown(work: Work, seen: SeenContest) -> ContestPublic:
    """A contest with what it is to the caller."""
    contest = seen.contest
    paper = ContestPaperEmbed(id=contest.paper_id, version=contest.paper_version) if seen.runs_it else None
    [fields] = await _fields(work, [seen])
    return ContestPublic(
        **fields,
        paper=paper,
        server_time=work.now,
        mine=await _mine(work, seen),
        viewer=Viewer.of(await _refusals(work, seen)),
    )


async def _fields(work: Work, found: Sequence[SeenContest]) -> list[dict[str, Any]]:
    if not found:
        return []
    titles = await titles_read(work, {one.contest.activity_id for one in found}, found[0].standing)
    return [
        one.contest.model_dump()
        | dict(zip(("title", "text_hidden"), titles[one.contest.activity_id], strict=True))
        | {"status": one.state, "board": one.board, "results_at": times_of(one.contest).released_at}
        for one in found
    ]


async def _mine(work: Work, seen: SeenContest) -> ContestMine | None:
    contest, member_id = seen.contest, seen.standing.member_id
    if member_id is None:
        return None
    session = work.session
    attempt = await queries.attempt_of(session, contest.id, member_id)
    team = await queries.team_of(session, contest.id, member_id) if contest.team_size is not None else None
    who_id = team.id if team is not None else member_id
    line = await queries.competitor(session, contest.id, who_id)
    final = seen.board == "final"
    on_board = line is not None and (final or line.on_board)
    lines = await board_shown(work, seen, [line] if line is not None and on_board else [])
    return ContestMine(
        attempt_id=attempt.id if attempt is not None else None,
        team=(await _teams(work, seen, [team]))[team.id] if team is not None else None,
        extra_minutes=await queries.extra_minutes(session, contest.id, member_id),
        line=lines[0] if lines else None,
    )


async def _refusals(work: Work, seen: SeenContest) -> dict[str, str | None]:
    state = seen.state

    def writing(action: str) -> str | None:
        if not seen.runs_it:
            return "forbidden"
        if seen.standing.community.status == "archived":
            return "community_archived"
        # While who stands where is told for the first time, nothing is corrected.
        told = action != "regrade" or seen.contest.status == "over"
        return None if told and state in POSSIBLE[action] else "illegal_transition"

    answers = {action: writing(action) for action in ("update", "publish", "extend", "regrade")}
    if seen.standing.member_id is None or await queries.attempt_of(
        work.session, seen.contest.id, seen.standing.member_id
    ):
        return answers
    if seen.standing.community.status == "archived":
        return answers | {"begin": "community_archived"}
    refusal = await beginning(work, seen)
    return answers | {"begin": None if refusal is None else refusal.type.code}


async def board_shown(work: Work, seen: SeenContest, rows: Sequence[ContestCompetitor]) -> list[ContestLine]:
    """Lines of a board that follow one another, with their ranks."""
    if not rows:
        return []
    final = seen.board == "final"
    better, above = await queries.above(work.session, rows[0], final=final)
    scores = [(one.score, one.reached_at) if final else (one.board_score, one.board_reached_at) for one in rows]
    # The first of a page may share its place with the last of the page before.
    places = list(ranks(scores, before=above, last=(*scores[0], better + 1)))
    ids = [one.who_id for one in rows]
    alone = seen.contest.team_size is None
    members = await embedded(work.session, ids) if alone else {}
    teams = {} if alone else await _teams(work, seen, list((await queries.teams_by_id(work.session, ids)).values()))
    return [
        ContestLine(
            rank=rank,
            member=members.get(one.who_id),
            team=teams.get(one.who_id),
            score=score,
            reached_at=None if reached_at == NO_MARKS else reached_at,
        )
        for one, rank, (score, reached_at) in zip(rows, places, scores, strict=True)
    ]


async def _teams(work: Work, seen: SeenContest, teams: Collection[ContestTeam]) -> dict[UUID, ContestTeamEmbed]:
    hidden = await texts.hidden(work.session, [one.id for one in teams])
    return {one.id: ContestTeamEmbed(**_named(one, hidden, seen)) for one in teams}


def _named(team: ContestTeam, hidden: Mapping[UUID, Hidden], seen: SeenContest) -> dict[str, Any]:
    why = hidden.get(team.id)
    reads = why is None or team.created_by_id == seen.standing.member_id
    return {"id": team.id, "name": team.name if reads else STAND_IN, "hidden": why}


async def teams_shown(work: Work, seen: SeenContest, teams: Sequence[ContestTeam]) -> list[ContestTeamPublic]:
    """Teams with their members."""
    named = await _teams(work, seen, teams)
    mates = await queries.mates(work.session, [one.id for one in teams])
    members = await embedded(work.session, [row.member_id for rows in mates.values() for row in rows])
    return [
        ContestTeamPublic(
            **named[one.id].model_dump(),
            contest_id=one.contest_id,
            members=[members[row.member_id] for row in mates[one.id]],
            size=one.size,
            created_at=one.created_at,
        )
        for one in teams
    ]


# --- attempts ------------------------------------------------------------------------------------------------------------


async def attempt_shown(work: Work, seen: SeenAttempt) -> ContestAttemptPublic:
    """The attempt of the caller: the sheet and what was answered; after the release with solutions, by the paper that graded it."""
    attempt, contest = seen.attempt, seen.contest
    released = state_of(contest, work.now) in {"released", "regrading"}
    answers = (await queries.answers_of(work.session, [attempt.id]))[attempt.id]
    current = attempt.revision == contest.revision
    paper = await paper_at(work.session, contest.id, attempt.revision, contest.fingerprint if current else None)
    over = over_since(contest, attempt, work.now)
    return ContestAttemptPublic(
        id=attempt.id,
        contest_id=contest.id,
        client_id=attempt.client_id,
        status="running" if over is None else "handed_in",
        started_at=attempt.started_at,
        ends_at=attempt.ends_at,
        handed_in_at=over,
        sequence=max((one.sequence for one in answers.values()), default=0),
        server_time=work.now,
        questions=[
            _question(work, one, answers.get(one.id), released=released)
            for one in sheet(paper, attempt.asked, attempt.seed)
        ],
        score=attempt.score if released else None,
        full=paper.full,
        revision=attempt.revision if released else None,
    )


def _question(work: Work, one: OnSheet, row: ContestAnswer | None, *, released: bool) -> SheetQuestion:
    shown = one.letters.sheet(one.question)
    answer = None if row is None else answer_of(row.answer)
    return SheetQuestion(
        number=one.number,
        section=one.section,
        kind=shown.kind,
        text=shown.text,
        full=shown.marks,
        choices=[Lettered(letter=letter, text=text) for letter, text in shown.choices],
        stems=[Lettered(letter=letter, text=text) for letter, text in shown.stems],
        blanks=shown.blanks,
        pictures=_pictures(work, one, shown, released=released),
        answer=None if answer is None else _answer(one.letters.shown(answer)),
        sequence=None if row is None else row.sequence,
        result=_result(one, answer or Answer(), row) if released else None,
    )


def _pictures(work: Work, one: OnSheet, shown: Sheet, *, released: bool) -> list[PicturePublic]:
    """Those that the reader's texts name: a picture of the explanation would tell the solution."""
    texts_shown = [shown.text, *(text for _, text in (*shown.choices, *shown.stems))]
    if released:
        texts_shown.append(one.question.explanation)
    reader = work.caller.id if work.caller is not None else ANYBODY
    named = [key for key in pictures_of(one.question) if any(str(key) in text for text in texts_shown)]
    return [
        PicturePublic(attachment_id=key, url=links.address(work.session, key, "large", now=work.now, reader=reader))
        for key in named
    ]


def _result(one: OnSheet, answer: Answer, row: ContestAnswer | None) -> QuestionResult:
    given: Grade = grade(one.question, answer)
    said = one.question.when_right if given.right else one.question.when_wrong
    return QuestionResult(
        marks=row.marks if row is not None else 0,
        right=given.right,
        solution=_answer(one.letters.shown(solution_of(one.question))),
        explanation=one.question.explanation,
        feedback=[*given.feedback, *[said] * bool(said)],
    )


def _answer(answer: Answer) -> AnswerShown:
    return AnswerShown(
        choices=list(answer.choices),
        texts=list(answer.texts),
        pairs=[PairShown(stem=stem, choice=choice) for stem, choice in answer.pairs],
    )


async def attempts_listed(work: Work, contest: Contest, rows: Sequence[ContestAttempt]) -> list[ContestAttemptListed]:
    """Attempts as whoever runs the contest sees them."""
    members = await embedded(work.session, [row.member_id for row in rows])
    found = []
    for row in rows:
        over = over_since(contest, row, work.now)
        found.append(
            ContestAttemptListed(
                id=row.id,
                member=members[row.member_id],
                status="running" if over is None else "handed_in",
                started_at=row.started_at,
                ends_at=row.ends_at,
                handed_in_at=over,
            )
        )
    return found
