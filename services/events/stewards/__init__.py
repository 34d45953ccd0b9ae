"""Stewards: members who stand at the door of an activity and scan passes, also without a network."""
