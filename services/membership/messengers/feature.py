"""Telling people and groups by the messenger that a company uses."""

from chassis.contributions import DeskQueue
from chassis.feature import Feature
from services.membership.deliveries.sending import Sender
from services.membership.messengers import hearing, posting, queries, routes
from services.membership.messengers.handlers import handlers
from services.membership.messengers.outlets import OUTLETS
from services.membership.permissions import MESSENGER_CHANNELS_WRITE

feature = Feature(
    "messengers",
    routers=[routes.router],
    # Of its own: a channel that is slow to note holds up nothing that decides who may do what.
    groups={"messengers": [handlers]},
    timers=[posting.timers, hearing.timers],
    jobs=[posting.jobs],
    errands=[Sender(one) for one in OUTLETS],
    desk=[
        DeskQueue(
            "messenger_channels_off",
            MESSENGER_CHANNELS_WRITE,
            queries.off,
            en="Messenger channels that were switched off",
            zh="已停用的即时通讯频道",
        )
    ],
)
