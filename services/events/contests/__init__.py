"""Contests 知识竞赛: members or teams answer a paper by the clock, and stand in an order."""
