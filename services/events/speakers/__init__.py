"""Speakers: who speaks at an activity, from the company or from outside, and how those from outside are reached."""
