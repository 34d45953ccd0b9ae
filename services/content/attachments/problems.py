"""Refusals of attachments."""

from chassis.problems import FieldError, ProblemType

WRONG_OFFSET = ProblemType("wrong_offset", 409, en="The upload goes on at another place", zh="上传应从另一位置继续")
PAST_SIZE = ProblemType(
    "past_size", 422, en="The part ends after the size that was announced", zh="该分片超出了声明的文件大小"
)
PART_TOO_SMALL = ProblemType(
    "part_too_small", 422, en="Only the last part may be so small", zh="只有最后一个分片可以这么小"
)
TOO_MANY_UPLOADS = ProblemType(
    "too_many_uploads", 409, en="Too many uploads of yours are unfinished", zh="您未完成的上传过多"
)
UPLOADS_FULL = ProblemType(
    "uploads_full",
    409,
    en="Your files that nothing names take all the room they may",
    zh="您未被引用的文件已占满可用空间",
)
PICTURE_REFUSED = ProblemType("picture_refused", 422, en="The picture cannot be taken", zh="该图片未被接受")
RANGE_NOT_SATISFIABLE = ProblemType("range_not_satisfiable", 416, en="The file has no such range", zh="文件没有该范围")

NO_COMMUNITY = FieldError("/community_id", "missing", "This purpose needs a community.", "该用途须指明社群。")
UNKNOWN_ATTACHMENT = FieldError(
    "/body", "unknown_attachment", "It names a file that you may not use.", "引用了您无权使用的文件。"
)
TOO_MANY_NAMED = FieldError("/body", "too_many_attachments", "It names too many files.", "引用的文件过多。")


def refused_file(name: str) -> FieldError:
    """They sent the file, and it was refused."""
    return FieldError("/body", "refused_attachment", f"Your file {name} was refused.", f"您的文件“{name}”未被接受。")


def too_large(limit: int) -> FieldError:
    """The file is larger than its community lets files be."""
    return FieldError("/size", "too_large", f"At most {limit} bytes.", f"最多 {limit} 字节。")
