-- The metric `active_members`: different members who did something in each month, by the community's days, without who ran it then.
SELECT
    toStartOfMonth(toDate(deeds.happened, {zone:String})) AS month,
    uniqExact(deeds.member_id) AS members
FROM (SELECT * FROM qunxue.deeds WHERE community_id = {community:UUID}) AS deeds
LEFT JOIN (
    SELECT member_id, arraySort(groupArray((happened, staff))) AS since
    FROM qunxue.stands WHERE community_id = {community:UUID} GROUP BY member_id
) AS stands ON stands.member_id = deeds.member_id
WHERE NOT arrayLast(one -> one.1 <= deeds.happened, stands.since).2
GROUP BY month
ORDER BY month;
