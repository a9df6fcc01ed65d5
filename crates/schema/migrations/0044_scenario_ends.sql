-- How runs ended and how long they took to their end, for the head of the summary report: what ended before this was counted is counted now.
-- A power of two is the one above the seconds; see `count_end` in `messaging::scenario_runs`.
INSERT INTO scenario_counts (account_id, scenario_id, day, version, launch, source, connection_id, block, what, n)
SELECT account_id, scenario_id, day, version, launch, source, connection_id, '', 'end:' || reason, COUNT(*)
FROM scenario_runs WHERE ended_at IS NOT NULL AND reason IS NOT NULL AND NOT is_test
GROUP BY account_id, scenario_id, day, version, launch, source, connection_id, reason;
INSERT INTO scenario_counts (account_id, scenario_id, day, version, launch, source, connection_id, block, what, n)
SELECT account_id, scenario_id, day, version, launch, source, connection_id, '', took, COUNT(*)
FROM (
  SELECT account_id, scenario_id, day, version, launch, source, connection_id, CASE
    WHEN ended_at - started_at < 1000 THEN 'took:0'
    WHEN ended_at - started_at < 2000 THEN 'took:1'
    WHEN ended_at - started_at < 4000 THEN 'took:2'
    WHEN ended_at - started_at < 8000 THEN 'took:3'
    WHEN ended_at - started_at < 16000 THEN 'took:4'
    WHEN ended_at - started_at < 32000 THEN 'took:5'
    WHEN ended_at - started_at < 64000 THEN 'took:6'
    WHEN ended_at - started_at < 128000 THEN 'took:7'
    WHEN ended_at - started_at < 256000 THEN 'took:8'
    WHEN ended_at - started_at < 512000 THEN 'took:9'
    WHEN ended_at - started_at < 1024000 THEN 'took:10'
    WHEN ended_at - started_at < 2048000 THEN 'took:11'
    WHEN ended_at - started_at < 4096000 THEN 'took:12'
    WHEN ended_at - started_at < 8192000 THEN 'took:13'
    WHEN ended_at - started_at < 16384000 THEN 'took:14'
    WHEN ended_at - started_at < 32768000 THEN 'took:15'
    WHEN ended_at - started_at < 65536000 THEN 'took:16'
    WHEN ended_at - started_at < 131072000 THEN 'took:17'
    WHEN ended_at - started_at < 262144000 THEN 'took:18'
    WHEN ended_at - started_at < 524288000 THEN 'took:19'
    WHEN ended_at - started_at < 1048576000 THEN 'took:20'
    WHEN ended_at - started_at < 2097152000 THEN 'took:21'
    WHEN ended_at - started_at < 4194304000 THEN 'took:22'
    WHEN ended_at - started_at < 8388608000 THEN 'took:23'
    WHEN ended_at - started_at < 16777216000 THEN 'took:24'
    WHEN ended_at - started_at < 33554432000 THEN 'took:25'
    ELSE 'took:26' END AS took
  FROM scenario_runs WHERE ended_at IS NOT NULL AND reason = 'done' AND NOT is_test
) ended
GROUP BY account_id, scenario_id, day, version, launch, source, connection_id, took;
