-- What members do, in ClickHouse, straight from Qunxue's topics: for communities whose figures outgrow one machine.
-- Run it once; change the brokers. Readers are `active_members.sql` and `retention.sql`. See README.md beside this file.

CREATE DATABASE IF NOT EXISTS qunxue;

-- Each message as it lies in Kafka: attributes in the headers, the data as the value. A message comes at least once.
CREATE TABLE qunxue.messages_queue (message String)
ENGINE = Kafka
SETTINGS kafka_broker_list = 'kafka:9092',
         kafka_topic_list = 'qunxue.membership,qunxue.content,qunxue.content.restricted,qunxue.events,qunxue.events.restricted,qunxue.gamification',
         kafka_group_name = 'clickhouse',
         kafka_format = 'RawBLOB',
         kafka_handle_error_mode = 'stream';

CREATE TABLE qunxue.messages (
    id UUID,
    type LowCardinality(String),
    subject String,
    version UInt64,
    happened DateTime64(6, 'UTC'),
    recorded DateTime64(6, 'UTC'),
    community_id Nullable(UUID),
    data String CODEC(ZSTD)
) ENGINE = ReplacingMergeTree
ORDER BY (type, subject, version, id);

CREATE MATERIALIZED VIEW qunxue.messages_taken TO qunxue.messages AS
WITH mapFromArrays(`_headers.name`, `_headers.value`) AS attributes
SELECT
    toUUID(attributes['ce_id']) AS id,
    attributes['ce_type'] AS type,
    attributes['ce_subject'] AS subject,
    toUInt64(attributes['ce_aggregateversion']) AS version,
    parseDateTime64BestEffort(attributes['ce_time'], 6, 'UTC') AS happened,
    parseDateTime64BestEffort(attributes['ce_recordedtime'], 6, 'UTC') AS recorded,
    toUUIDOrNull(attributes['ce_communityid']) AS community_id,
    message AS data
FROM qunxue.messages_queue
WHERE isValidJSON(message) AND attributes['ce_specversion'] = '1.0';

-- What makes somebody active, as the service's catalogue has it: in which field the deed's own id stands ('' is the subject, '#' the subject
-- with its version), and who did it. What voids it or brings it back has no member.
CREATE TABLE qunxue.deed_types (
    type String,
    deed String,
    key String,
    member String,
    counts Bool,
    counts_if String
) ENGINE = MergeTree ORDER BY type;

INSERT INTO qunxue.deed_types VALUES
    ('qunxue.gamification.checkin.recorded.v1', 'checkin', 'checkin_id', 'member_id', true, ''),
    ('qunxue.gamification.kudos.given.v1', 'kudos', 'kudos_id', 'giver_id', true, ''),
    ('qunxue.gamification.kudos.removed.v1', 'kudos', 'kudos_id', '', false, ''),
    ('qunxue.gamification.kudos.restored.v1', 'kudos', 'kudos_id', '', true, ''),
    ('qunxue.content.discussion.started.v1', 'discussion', 'discussion_id', 'author_id', true, ''),
    ('qunxue.content.discussion.removed.v1', 'discussion', 'id', '', false, ''),
    ('qunxue.content.discussion.restored.v1', 'discussion', 'id', '', true, ''),
    ('qunxue.content.discussion.merged.v1', 'discussion', 'discussion_id', '', false, ''),
    ('qunxue.content.reply.posted.v1', 'reply', 'reply_id', 'author_id', true, ''),
    ('qunxue.content.reply.removed.v1', 'reply', 'id', '', false, ''),
    ('qunxue.content.reply.restored.v1', 'reply', 'id', '', true, ''),
    ('qunxue.content.answer.accepted.v1', 'accepted', 'reply_id', 'accepted_by', true, ''),
    ('qunxue.content.answer.unaccepted.v1', 'accepted', 'reply_id', '', false, 'helped_before'),
    ('qunxue.content.poll.voted.v1', 'poll', '', 'member_id', true, ''),
    ('qunxue.content.article.published.v1', 'article', 'article_id', 'author_ids', true, ''),
    ('qunxue.content.article.removed.v1', 'article', 'id', '', false, ''),
    ('qunxue.content.article.restored.v1', 'article', 'id', '', true, ''),
    ('qunxue.content.article.submitted.v1', 'submission', '#', 'submitted_by', true, ''),
    ('qunxue.content.article.rated.v1', 'rating', '', 'member_id', true, ''),
    ('qunxue.content.idea.proposed.v1', 'idea', 'idea_id', 'author_ids', true, ''),
    ('qunxue.content.idea.removed.v1', 'idea', 'idea_id', '', false, ''),
    ('qunxue.content.idea.restored.v1', 'idea', 'idea_id', '', true, ''),
    ('qunxue.content.idea.voted.v1', 'idea vote', '', 'member_id', true, ''),
    ('qunxue.content.idea.unvoted.v1', 'idea vote', '', '', false, ''),
    ('qunxue.content.reaction.added.v1', 'reaction', 'reaction_id', 'member_id', true, ''),
    ('qunxue.content.reaction.removed.v1', 'reaction', 'reaction_id', '', false, ''),
    ('qunxue.events.registration.confirmed.v1', 'registration', 'registration_id', 'member_id', true, ''),
    ('qunxue.events.registration.waitlisted.v1', 'registration', 'registration_id', 'member_id', true, ''),
    ('qunxue.events.registration.cancelled.v1', 'registration', 'registration_id', '', false, ''),
    ('qunxue.events.registration.excused.v1', 'registration', 'registration_id', '', false, ''),
    ('qunxue.events.registration.expired.v1', 'registration', 'registration_id', '', false, ''),
    ('qunxue.events.attendance.recorded.v1', 'attendance', 'attendance_id', 'member_id', true, ''),
    ('qunxue.events.attendance.revoked.v1', 'attendance', 'attendance_id', '', false, ''),
    ('qunxue.events.action_item.completed.v1', 'action item', 'action_item_id', 'owner_id', true, ''),
    ('qunxue.events.survey.answered.v1', 'survey', 'answer_id', 'member_id', true, ''),
    ('qunxue.events.survey.participated.v1', 'survey', 'survey_id', 'member_ids', true, ''),
    ('qunxue.events.contest.finished.v1', 'contest', 'contest_id', 'standings', true, '');

CREATE VIEW qunxue.told AS
SELECT
    assumeNotNull(messages.community_id) AS community_id,
    deed_types.deed AS deed,
    multiIf(
        deed_types.key = '', messages.subject,
        deed_types.key = '#', concat(messages.subject, ' ', toString(messages.version)),
        JSONExtractString(messages.data, deed_types.key)
    ) AS key,
    multiIf(
        deed_types.member = '', [],
        -- Lines, each of a team or of one member.
        JSONType(messages.data, deed_types.member, 1) = 'Object',
        arrayFlatten(arrayMap(line -> JSONExtract(line, 'member_ids', 'Array(String)'), JSONExtractArrayRaw(messages.data, deed_types.member))),
        JSONType(messages.data, deed_types.member) = 'Array', JSONExtract(messages.data, deed_types.member, 'Array(String)'),
        [JSONExtractString(messages.data, deed_types.member)]
    ) AS members,
    deed_types.counts OR (deed_types.counts_if != '' AND JSONExtractBool(messages.data, deed_types.counts_if)) AS counts,
    messages.version AS version,
    -- Somebody was there when the activity began; that is told when it is over. Older messages do not say.
    multiIf(deed_types.deed = 'attendance', JSONExtractString(messages.data, 'starts_at'), '') AS began,
    least(messages.happened, parseDateTime64BestEffort(if(began = '', '2200-01-01', began), 6, 'UTC')) AS happened
FROM qunxue.messages AS messages
INNER JOIN qunxue.deed_types AS deed_types ON deed_types.type = messages.type
WHERE messages.community_id IS NOT NULL;

-- Each deed once, when its last message says that it was done; not those that were taken back. Ids of version 8 stand for who is not named.
CREATE VIEW qunxue.deeds AS
SELECT made.community_id AS community_id, made.member_id AS member_id, made.happened AS happened
FROM (
    SELECT community_id, deed, key, arrayJoin(members) AS member_id, argMax(happened, version) AS happened
    FROM qunxue.told
    WHERE notEmpty(members)
    GROUP BY community_id, deed, key, member_id
) AS made
INNER JOIN (
    SELECT deed, key, argMax(counts, version) AS counts FROM qunxue.told GROUP BY deed, key
) AS state ON state.deed = made.deed AND state.key = made.key
WHERE state.counts AND substring(made.member_id, 15, 1) != '8';

-- Who is a member since when, for the first time, and who ran the community from when on.
CREATE VIEW qunxue.stands AS
SELECT
    assumeNotNull(community_id) AS community_id,
    JSONExtractString(data, 'member_id') AS member_id,
    happened,
    hasAny(JSONExtract(data, 'roles', 'Array(String)'), ['operator', 'owner']) AS staff
FROM qunxue.messages
WHERE type LIKE 'qunxue.membership.member.%' AND community_id IS NOT NULL;

CREATE VIEW qunxue.members AS
SELECT
    assumeNotNull(community_id) AS community_id,
    JSONExtractString(data, 'member_id') AS member_id,
    min(parseDateTime64BestEffort(JSONExtractString(data, 'joined_at'), 6, 'UTC')) AS joined
FROM qunxue.messages
WHERE type IN ('qunxue.membership.member.joined.v1', 'qunxue.membership.member.snapshot.v1') AND community_id IS NOT NULL
GROUP BY community_id, member_id;
