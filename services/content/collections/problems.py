"""Refusals of collections."""

from chassis.problems import FieldError, ProblemType

COLLECTION_IN_USE = ProblemType(
    "collection_in_use", 409, en="There is something in the collection", zh="该合集中还有内容"
)
UNKNOWN_COLLECTION = ProblemType(
    "unknown_collection", 422, en="The community has no such collection", zh="该社群没有该合集"
)
COLLECTIONS_FULL = ProblemType(
    "collections_full", 409, en="The tree of collections is as large as it can be", zh="合集数量或层级已达上限"
)
IN_ITSELF = FieldError("/parent_id", "in_itself", "A collection does not stand in itself.", "合集不能放入自身之下。")


def no_collection(field: str) -> FieldError:
    """A field names no collection of the community."""
    return FieldError(f"/{field}", "unknown_collection", "The community has no such collection.", "该社群没有该合集。")
