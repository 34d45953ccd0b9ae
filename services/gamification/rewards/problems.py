"""What is refused about rewards."""

from typing import Final

from chassis.problems import FieldError, ProblemType
from services.gamification.ledger.holds import POINTS_SHORT
from services.gamification.rewards.rules import GREATEST_STOCK

STOCK_SHORT = ProblemType("stock_short", 409, en="Less than that is left", zh="库存不足，无法减少")
STOCK_ARE_CODES = ProblemType(
    "stock_are_codes", 409, en="Its stock are its codes: hand in more of them", zh="该奖品的库存即兑换码，请导入兑换码"
)
NO_CODES_HERE = ProblemType(
    "no_codes_here", 409, en="This reward has no codes of its own", zh="该奖品没有可导入的兑换码"
)
STOCK_TOO_LARGE = ProblemType(
    "stock_too_large", 409, en=f"At most {GREATEST_STOCK} can be in stock", zh=f"库存最多为 {GREATEST_STOCK}"
)

PRICE_CHANGED = ProblemType("price_changed", 409, en="It costs something else meanwhile", zh="所需积分已变更")
REWARD_NOT_OFFERED = ProblemType("reward_not_offered", 409, en="It is not offered now", zh="该奖品暂不提供兑换")
REWARD_NOT_YET = ProblemType("reward_not_yet", 409, en="It is offered later", zh="该奖品尚未开始兑换")
REWARD_OVER = ProblemType("reward_over", 409, en="It is offered no more", zh="该奖品的兑换已结束")
REWARD_SOLD_OUT = ProblemType("reward_sold_out", 409, en="None is left", zh="该奖品已兑完")
REWARD_LIMIT_REACHED = ProblemType(
    "reward_limit_reached", 409, en="You have had as many as one person may", zh="已达到个人兑换上限"
)
LEVEL_TOO_LOW = ProblemType("level_too_low", 409, en="It is for higher levels", zh="等级未达到兑换要求")
NO_CODE = ProblemType("no_code", 409, en="There is no code to be shown now", zh="当前没有可查看的兑换码")
MONTH_TOO_LONG = ProblemType(
    "month_too_long",
    409,
    en="Too many people had something in that month for one file",
    zh="该月兑换人数过多，无法写入一个文件",
)
REDEEMING: Final = [
    PRICE_CHANGED,
    REWARD_NOT_OFFERED,
    REWARD_NOT_YET,
    REWARD_OVER,
    REWARD_SOLD_OUT,
    REWARD_LIMIT_REACHED,
    LEVEL_TOO_LOW,
    POINTS_SHORT,
]

RECIPIENT: Final = FieldError(
    "/recipient", "recipient", "Say to whom what is shipped goes, and nothing else.", "仅邮寄的奖品须填写收件信息。"
)
PICKUP_CODE: Final = FieldError(
    "/pickup_code", "pickup_code", "The member who collects it has another code.", "取货码与领取人的取货码不符。"
)
TRACKING: Final = FieldError(
    "/tracking", "tracking", "Only what is shipped can be followed.", "仅邮寄的奖品可填写物流单号。"
)
DOES_NOT_FIT: Final = {
    "delivery": FieldError(
        "/delivery",
        "does_not_fit",
        "Goods are picked up or shipped, and only they are.",
        "实物奖品须选择自提或邮寄，其他奖品无需配送。",
    ),
    "fulfilment": FieldError(
        "/fulfilment", "does_not_fit", "Goods are handed over by somebody.", "实物奖品不能自动发放。"
    ),
}
CODES_ONLY: Final = FieldError(
    "/stock", "codes_only", "Its stock are the codes that you hand in.", "该奖品的库存以导入的兑换码为准。"
)
WINDOW: Final = FieldError("/available_until", "before_start", "It ends before it begins.", "结束时间早于开始时间。")
HOOK: Final = FieldError(
    "/hook_url",
    "hook",
    "Say which webhook hands it over, where one does, and nowhere else.",
    "仅由 Webhook 发放的奖品须填写其地址。",
)
NO_TLS: Final = FieldError(
    "/hook_url", "no_tls", "A webhook outside is called by https.", "外部 Webhook 须使用 https。"
)
