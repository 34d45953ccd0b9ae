"""What waits to be sent outside, and mail as the first way there."""

from chassis.feature import Feature
from services.membership.deliveries import sweeping, watching
from services.membership.deliveries.sending import Sender
from services.membership.deliveries.smtp import by_mail

feature = Feature(
    "deliveries",
    timers=[sweeping.timers],
    errands=[Sender(by_mail)],
    alarms=[watching.mail_alarm],
    figures={"messages_retried": watching.retried},
    erasure=sweeping.erase,
)
