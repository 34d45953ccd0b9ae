"""The steps in which the demo is filled, in their order."""

from qunxue.demo.filling import HISTORY

STEPS = HISTORY
