"""The rows of the permission table that this service decides by."""

from chassis.security.permissions import permission

DISCUSSIONS_READ = permission("discussions.read", "v v – y y y y y y – y")
DISCUSSIONS_CREATE = permission("discussions.create", "– – – – o o o o o – –")
ANNOUNCEMENTS_CREATE = permission("announcements.create", "– – – – – – – y y – –")
ANNOUNCEMENTS_ACKNOWLEDGE = permission("announcements.acknowledge", "– – – o o o o o o – –")
ANNOUNCEMENTS_READERS = permission("announcements.readers", "– – – – – – – y y – –", writes=False)
ANNOUNCEMENTS_REMIND = permission("announcements.remind", "– – – – – – – y y – –")
DISCUSSIONS_MODERATE = permission("discussions.moderate", "– – – – – – y y y – –")
REPLIES_CREATE = permission("replies.create", "– – – – o o o o o – –")
CONTENT_EDIT = permission("content.edit", "– – – – o o o o o – –")
CONTENT_REMOVE = permission("content.remove", "– – – o o o y y y – –")
CONTENT_RESTORE = permission("content.restore", "– – – o o o y y y – –")
ANSWERS_ACCEPT = permission("answers.accept", "– – – – o o y y y – –")
REACTIONS_ADD = permission("reactions.add", "– – – – o o o o o – –")
BOOKMARKS_OWN = permission("bookmarks.own", "– – – o o o o o o – –")
SUBSCRIPTIONS_OWN = permission("subscriptions.own", "– – – o o o o o o – –")
READ_MARKS_OWN = permission("read_marks.own", "– – – o o o o o o – –")
ARTICLES_READ = permission("articles.read", "v v – y y y y y y – y")
ARTICLES_WRITE = permission("articles.write", "– – – – o o o y y – –")
ARTICLES_REVIEW = permission("articles.review", "– – – – – – – y y – –")
SEARCH_READ = permission("search.read", "v v – y y y y y y – y")
