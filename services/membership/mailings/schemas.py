"""What is answered about mail that came back."""

from typing import Annotated, Literal

from chassis.web.named import Closed
from chassis.web.schemas import ResponseModel

BounceOutcome = Literal["refused", "not_final", "unknown"]
OUTCOME = Closed("BounceOutcome", BounceOutcome)


class BounceTaken(ResponseModel):
    """What became of a report. `refused`: nothing but codes is sent to that address any more, until it changes, or a code that was mailed there is used.

    `not_final`: it may arrive yet, or does not for another reason than the address. `unknown`: this installation sent no such mail, or not to
    the address that its person has now.
    """

    outcome: Annotated[str, OUTCOME]
