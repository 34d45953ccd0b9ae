"""Refusals of messengers."""

from chassis.problems import FieldError, ProblemType

TOO_MANY_CHANNELS = ProblemType(
    "too_many_messenger_channels",
    409,
    en="The community has as many messenger channels as it can have",
    zh="社群的即时通讯频道数量已达上限",
)
NO_ROBOT = FieldError(
    "/address",
    "no_robot",
    "This is not the address of a robot as the messenger gives it.",
    "不是该平台群机器人的 Webhook 地址。",
)
NO_SECRET = FieldError(
    "/secret", "not_signed", "Robots of this messenger have no secret.", "该平台的群机器人不使用密钥。"
)
