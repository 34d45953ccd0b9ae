"""Notes what a format cannot hold, while questions are written."""

from assessment.formats.results import LeftOut
from assessment.questions import Question


class NotHeld(Exception):
    """The format would make another question of it; the code says why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class Notes:
    """What was left out, question by question."""

    def __init__(self) -> None:
        self.left_out: list[LeftOut] = []
        self._number = 0

    def begin(self) -> None:
        """The next question."""
        self._number += 1

    def altogether(self, code: str) -> None:
        """This question is not written."""
        self.left_out.append(LeftOut(self._number, code, altogether=True))

    def part(self, code: str, *, there: object = True) -> None:
        """This part of it is not written, or not read by others, if it is there."""
        if there and LeftOut(self._number, code, altogether=False) not in self.left_out[-10:]:
            self.left_out.append(LeftOut(self._number, code, altogether=False))

    def feedback(self, question: Question, *, choices: bool = False, blanks: bool = False, stems: bool = False) -> None:
        """Those parts whose feedback the format has no place for."""
        self.part("feedback", there=choices and any(one.feedback for one in question.choices))
        self.part("feedback", there=blanks and any(one.feedback for blank in question.blanks for one in blank.accepted))
        self.part("feedback", there=stems and any(one.feedback for one in question.stems))
