"""Service accounts and their tokens over HTTP."""

from uuid import UUID

from starlette.responses import Response

from chassis.database.rows import existing
from chassis.problems import ALREADY_EXISTS, CLIENT_REFUSED, ILLEGAL_TRANSITION
from chassis.web.dependencies import CallerDep, Now, Reading, RuntimeDep, Transaction
from chassis.web.etags import created
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate
from services.membership.permissions import SERVICE_ACCOUNTS_WRITE
from services.membership.platform_roles.access import authorize_platform_now
from services.membership.service_accounts import guests, queries, service
from services.membership.service_accounts.models import ServiceAccount
from services.membership.service_accounts.problems import INVITATION_REFUSED
from services.membership.service_accounts.schemas import (
    ServiceAccountCreate,
    ServiceAccountPublic,
    ServiceAccountSecretPublic,
    TokenPublic,
    TokenRequest,
)

router = api_router(tags=["Service accounts"])


@router.post("/v1/service-accounts", status_code=201)
@operation(permission=SERVICE_ACCOUNTS_WRITE, idempotent=False, problems=[ALREADY_EXISTS], step_up=True)
async def create_service_account(
    body: ServiceAccountCreate, caller: CallerDep, session: Transaction, now: Now, response: Response
) -> ServiceAccountSecretPublic:
    """Create a service account. Its secret is shown only once."""
    account, secret = await service.create(session, caller, **body.model_dump(), now=now)
    created(response, f"/v1/service-accounts/{account.id}")
    return _with_secret(account, secret)


@router.get("/v1/service-accounts")
@operation(permission=SERVICE_ACCOUNTS_WRITE)
async def list_service_accounts(caller: CallerDep, session: Reading, page: PageQuery) -> Page[ServiceAccountPublic]:
    """List service accounts by name, including revoked ones."""
    await authorize_platform_now(session, caller, SERVICE_ACCOUNTS_WRITE)
    return await paginate(session, queries.service_accounts(), page=page, to=ServiceAccountPublic.model_validate)


@router.get("/v1/service-accounts/{account_id}")
@operation(permission=SERVICE_ACCOUNTS_WRITE)
async def read_service_account(account_id: UUID, caller: CallerDep, session: Reading) -> ServiceAccountPublic:
    """Read a service account."""
    await authorize_platform_now(session, caller, SERVICE_ACCOUNTS_WRITE)
    return ServiceAccountPublic.model_validate(await existing(session, ServiceAccount, account_id))


@router.post("/v1/service-accounts/{account_id}/rotate", status_code=201)
@operation(
    permission=SERVICE_ACCOUNTS_WRITE, idempotent=False, problems=[ILLEGAL_TRANSITION], located=False, step_up=True
)
async def rotate_service_account_secret(
    account_id: UUID, caller: CallerDep, session: Transaction, now: Now
) -> ServiceAccountSecretPublic:
    """Create a new secret, shown only once. The old secret stays valid for 24 h."""
    return _with_secret(*await service.rotate(session, caller, account_id, now))


@router.post("/v1/service-accounts/{account_id}/revoke")
@operation(permission=SERVICE_ACCOUNTS_WRITE, problems=[ILLEGAL_TRANSITION], step_up=True)
async def revoke_service_account(
    account_id: UUID, caller: CallerDep, session: Transaction, now: Now
) -> ServiceAccountPublic:
    """Revoke a service account immediately. This cannot be undone."""
    return ServiceAccountPublic.model_validate(await service.revoke_account(session, caller, account_id, now))


@router.post("/v1/tokens")
@operation(
    public=True,
    idempotent=False,
    problems=[CLIENT_REFUSED, INVITATION_REFUSED],
    form=("client_id", "client_secret", "grant_type", "scope"),
)
async def create_token(body: TokenRequest, runtime: RuntimeDep, now: Now, response: Response) -> TokenPublic:
    """Get an access token for a service account, or for a speaker who was sent a link; valid for 15 minutes.

    OAuth 2.0's form (`application/x-www-form-urlencoded`, RFC 6749, 4.4) is taken as well, with the same names, for service accounts.
    A link can be exchanged again until it ends: there is no other way to stay in.
    """
    response.headers["Cache-Control"] = "no-store"
    if body.invitation is not None:
        return TokenPublic(**await guests.exchange(runtime, body.invitation, now), scope="")
    assert body.client_id is not None  # noqa: S101 - the request was checked
    assert body.client_secret is not None  # noqa: S101 - the request was checked
    async with runtime.database.reading() as session:
        token, expires_in, scopes = await service.issue_token(
            session, runtime, body.client_id, body.client_secret, now, wanted=body.scope
        )
    return TokenPublic(access_token=token, expires_in=expires_in, scope=" ".join(sorted(scopes)))


def _with_secret(account: ServiceAccount, secret: str) -> ServiceAccountSecretPublic:
    return ServiceAccountSecretPublic(**ServiceAccountPublic.model_validate(account).model_dump(), secret=secret)
