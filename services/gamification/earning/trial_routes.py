"""HTTP of trying an earning rule."""

from fastapi import Response

from chassis.web.dependencies import Write
from chassis.web.jobs import JobPublic, accepted_job, job_routes
from chassis.web.operations import api_router, operation
from services.gamification.earning import trying
from services.gamification.earning.rulemaking import TRIGGER_TO_COME
from services.gamification.earning.schemas import EarningRuleTrial
from services.gamification.permissions import EARNING_RULES_WRITE

router = api_router(tags=["Earning"])

DRY_RUNS = "/v1/earning-rules/dry-runs"


@router.post(DRY_RUNS, status_code=202)
@operation(permission=EARNING_RULES_WRITE, problems=[TRIGGER_TO_COME, trying.TOO_MANY_DRY_RUNS])
async def try_earning_rule(body: EarningRuleTrial, work: Write, response: Response) -> JobPublic:
    """Try a rule on what members did on the given days; nothing is changed, and nobody waits for it.

    `result` says what it would have paid: `members` with such deeds, `rewarded` those of them that it pays, `deeds` and `paid_deeds`,
    `refused` by reason; of `points` and `xp` the `total`, `quantiles` over the members with any, and `top_shares`: which percentage of the
    whole 1, 10 and 20 percent of these members would have. `present` is what was paid for the same deeds, `difference` what putting the
    rule with this `valid_from` would change, with how many members would have `more` and `less`.
    """
    job_id = await trying.start_trial(work, body)
    return await accepted_job(work.session, job_id, response, DRY_RUNS)


job_routes(
    router,
    prefix=DRY_RUNS,
    kind=trying.TRYING,
    permission=EARNING_RULES_WRITE,
    name="earning_rule_dry_run",
    errors=False,
)
