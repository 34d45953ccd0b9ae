"""What is told of deliveries."""

from datetime import datetime

from chassis.web.schemas import ResponseModel


class MailRefused(ResponseModel):
    """That mail to the present address was refused for good: `code` is what the mail server said. Nothing but codes is sent there until the address changes."""

    code: str
    at: datetime
