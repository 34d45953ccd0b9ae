"""The steps in which the demo is filled, in their order."""

from qunxue.demo import aiming, meeting, recalling, recruiting, rewarding, talking
from qunxue.demo.filling import FOUNDING, appoint, import_history

STEPS = (
    *FOUNDING,
    ("two recruitments that are over, and the 38 members who came by them", recalling.recall),
    ("its operating team, and who answers for what", appoint),
    ("articles, discussions and check-ins of sixty days", import_history),
    ("a recruitment under way, by three channels", recruiting.recruit),
    ("activities with who was there", meeting.hold),
    ("seats of those to come, and proposals", meeting.plan),
    ("the team's meeting and what came out of it", meeting.agree),
    ("a survey that is closed, and one that is open", meeting.ask),
    ("an announcement and a poll", talking.announce),
    ("ideas and feedback", talking.improve),
    ("what is read, and looked for in vain", talking.read),
    ("a check-in plan that begins today", rewarding.challenge),
    ("what waits for a moderator, and check-ins of today", talking.moderate),
    ("badges and kudos", rewarding.recognise),
    ("what points buy", rewarding.reward),
    ("goals on the way", aiming.aim),
    ("insights to act on", aiming.notice),
)
