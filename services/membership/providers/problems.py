"""Refusals of this feature. Browsers are sent back to the app with their codes; programs get them as they are."""

from chassis.problems import ProblemType

PROVIDER_UNAVAILABLE = ProblemType(
    "provider_unavailable",
    503,
    en="The company's log-in does not answer at the moment",
    zh="公司登录服务暂时没有响应",
)
PROVIDER_REFUSED = ProblemType(
    "provider_refused", 401, en="The company's log-in did not confirm who you are", zh="公司登录服务未能确认您的身份"
)
LOGIN_STATE_INVALID = ProblemType(
    "login_state_invalid",
    400,
    en="Begin the log-in again: it was begun elsewhere, took too long or was used already",
    zh="请重新登录：本次登录并非由此浏览器发起，或已超时、已使用",
)
IDENTITY_UNKNOWN = ProblemType(
    "identity_unknown",
    401,
    en="Nobody here has this company account: log in with your password and link it, or ask an administrator",
    zh="该公司账号尚未绑定任何人员：请用密码登录后绑定，或联系管理员",
)
IDENTITY_LINK_FIRST = ProblemType(
    "identity_link_first",
    401,
    en="Log in and link this company account, or ask an administrator: a number links nobody who has a role on the platform or another account of this provider",
    zh="请先登录并绑定该公司账号，或联系管理员：有平台角色或已绑定同一公司登录其他账号的人员，不会按工号自动绑定",
)
PROVIDER_PROVES_NOTHING = ProblemType(
    "provider_proves_nothing",
    409,
    en="This provider does not say when somebody proved who they are: use your password or a code",
    zh="该登录方式无法再次验证身份：请使用密码或验证码",
)
LOGIN_CODE_INVALID = ProblemType(
    "login_code_invalid", 401, en="The code of this log-in is wrong, used or too old", zh="登录码无效、已使用或已过期"
)
LOGOUT_REFUSED = ProblemType("logout_refused", 400, en="The log-out token is not valid", zh="登出令牌无效")
