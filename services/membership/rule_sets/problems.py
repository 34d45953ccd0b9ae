"""What only rule sets refuse."""

from chassis.problems import ProblemType

SUPERSEDED = ProblemType("superseded", 409, en="A newer version has taken its place", zh="已有更新的版本")
