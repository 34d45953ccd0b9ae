-- `GET /v1/retention` by monthly cohorts and the calendar: how many of those who joined in a month were active so many months later.
WITH
    cohorts AS (
        SELECT members.member_id AS member_id, toDate(members.joined, {zone:String}) AS first_day
        FROM qunxue.members AS members
        WHERE members.community_id = {community:UUID}
            AND (members.member_id, toDate(members.joined, {zone:String})) NOT IN (
                SELECT member_id, toDate(happened, {zone:String}) FROM qunxue.stands
                WHERE community_id = {community:UUID} AND staff
            )
    ),
    active AS (
        SELECT DISTINCT member_id, toStartOfMonth(toDate(happened, {zone:String})) AS month
        FROM qunxue.deeds WHERE community_id = {community:UUID}
    )
SELECT
    toStartOfMonth(cohorts.first_day) AS cohort,
    dateDiff('month', toStartOfMonth(cohorts.first_day), active.month) AS number,
    uniqExact(cohorts.member_id) AS members
FROM cohorts
INNER JOIN active ON active.member_id = cohorts.member_id
WHERE active.month >= toStartOfMonth(cohorts.first_day)
GROUP BY cohort, number
ORDER BY cohort, number;
