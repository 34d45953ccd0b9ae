"""Use cases of collections."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from chassis.problems import INVALID
from chassis.web.work import Work
from services.content.collections.models import Collection
from services.content.collections.occasions import emptied
from services.content.collections.problems import (
    COLLECTION_IN_USE,
    COLLECTIONS_FULL,
    IN_ITSELF,
    UNKNOWN_COLLECTION,
    no_collection,
)
from services.content.collections.queries import has_children, locked_tree
from services.content.collections.rules import DEEPEST, MOST, depth_below, path_to
from services.content.collections.schemas import CollectionCreate, CollectionPatch


async def create(work: Work, body: CollectionCreate) -> Collection:
    """Make a collection. Raises `UNKNOWN_COLLECTION`, `COLLECTIONS_FULL`."""
    await work.permit(body.community_id)
    tree = await locked_tree(work.session, body.community_id)
    if body.parent_id is not None and body.parent_id not in tree:
        raise UNKNOWN_COLLECTION(errors=[no_collection("parent_id")])
    if len(tree) >= MOST or len(path_to(tree, body.parent_id)) >= DEEPEST:
        raise COLLECTIONS_FULL()
    under = body.parent_id or body.community_id
    return await work.add(Collection(**body.model_dump(), under_id=under, created_at=work.now))


async def change(work: Work, key: UUID, body: CollectionPatch, if_match: int) -> Collection:
    """Rename it or move it with all that is in it. Raises `UNKNOWN_COLLECTION`, `COLLECTIONS_FULL`."""
    noted = await work.permitted(Collection, key)
    tree = await locked_tree(work.session, noted.community_id)
    collection = await work.permitted(Collection, key, lock=True, if_match=if_match)
    values = body.model_dump(exclude_unset=True)
    if "parent_id" in values:
        parent_id = values["parent_id"]
        if parent_id is not None and parent_id not in tree:
            raise UNKNOWN_COLLECTION(errors=[no_collection("parent_id")])
        path = path_to(tree, parent_id)
        if key in path:
            raise INVALID(errors=[IN_ITSELF])
        if len(path) + depth_below(tree, key) > DEEPEST:
            raise COLLECTIONS_FULL()
        values["under_id"] = parent_id or collection.community_id
    return await work.edit(collection, values)


async def delete(work: Work, key: UUID) -> None:
    """Take away a collection in which nothing stands. Raises `COLLECTION_IN_USE`."""
    collection = await work.permitted(Collection, key, lock=True)
    used = await has_children(work.session, key) or any(await emptied.happened(work.session, key))
    if used:
        raise COLLECTION_IN_USE()
    await work.session.delete(collection)
    await audit(work.session, work.caller, collection, "delete", {"name": [collection.name, None]}, work.now)


async def require_collection(session: AsyncSession, community_id: UUID, key: UUID | None) -> None:
    """Refuse a `collection_id` that is none of the community's; it stays until the transaction ends. Raises `UNKNOWN_COLLECTION`."""
    if key is None:
        return
    found = await session.get(Collection, key, with_for_update={"read": True})
    if found is None or found.community_id != community_id:
        raise UNKNOWN_COLLECTION(errors=[no_collection("collection_id")])
