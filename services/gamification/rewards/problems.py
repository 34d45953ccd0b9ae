"""What is refused about rewards."""

from typing import Final

from chassis.problems import FieldError, ProblemType
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
