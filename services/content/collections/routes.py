"""HTTP of collections."""

from uuid import UUID

from fastapi import Response

from chassis.problems import ALREADY_EXISTS
from chassis.web.dependencies import IfMatch, Read, Write
from chassis.web.etags import created, set_etag
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate
from services.content.collections import service
from services.content.collections.models import Collection
from services.content.collections.problems import COLLECTION_IN_USE, COLLECTIONS_FULL, UNKNOWN_COLLECTION
from services.content.collections.queries import of_community
from services.content.collections.schemas import CollectionCreate, CollectionPatch, CollectionPublic
from services.content.permissions import ARTICLES_READ, COLLECTIONS_WRITE

router = api_router(tags=["Collections"])

ONE = "/v1/collections/{collection_id}"


@router.post("/v1/collections", status_code=201)
@operation(permission=COLLECTIONS_WRITE, problems=[ALREADY_EXISTS, UNKNOWN_COLLECTION, COLLECTIONS_FULL])
async def create_collection(body: CollectionCreate, work: Write, response: Response) -> CollectionPublic:
    """Make a collection, below another or at the top."""
    collection = await service.create(work, body)
    created(response, f"/v1/collections/{collection.id}")
    return _shown(collection, response)


@router.get("/v1/collections")
@operation(permission=ARTICLES_READ)
async def list_collections(community_id: UUID, work: Read, page: PageQuery) -> Page[CollectionPublic]:
    """List every collection of a community with its `parent_id`, siblings in their order."""
    await work.permit(community_id)
    return await paginate(work.session, of_community(community_id), page=page, to=CollectionPublic.model_validate)


@router.get(ONE)
@operation(permission=ARTICLES_READ)
async def read_collection(collection_id: UUID, work: Read, response: Response) -> CollectionPublic:
    """Read a collection; `/v1/articles?collection_id=` lists what is in it and below it."""
    return _shown(await work.permitted(Collection, collection_id), response)


@router.patch(ONE)
@operation(permission=COLLECTIONS_WRITE, problems=[ALREADY_EXISTS, UNKNOWN_COLLECTION, COLLECTIONS_FULL])
async def update_collection(
    collection_id: UUID, body: CollectionPatch, if_match: IfMatch, work: Write, response: Response
) -> CollectionPublic:
    """Rename a collection, or move it with all that is in it."""
    return _shown(await service.change(work, collection_id, body, if_match), response)


@router.delete(ONE, status_code=204)
@operation(permission=COLLECTIONS_WRITE, problems=[COLLECTION_IN_USE])
async def delete_collection(collection_id: UUID, work: Write) -> None:
    """Take away a collection in which nothing stands."""
    await service.delete(work, collection_id)


def _shown(collection: Collection, response: Response) -> CollectionPublic:
    set_etag(response, collection.version)
    return CollectionPublic.model_validate(collection)
