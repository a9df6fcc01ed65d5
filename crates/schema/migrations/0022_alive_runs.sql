-- How many runs of a scenario are alive, and which: asked by lists and reports, beside millions that have ended.
CREATE INDEX scenario_runs_alive_of_scenario ON scenario_runs (scenario_id) WHERE ended_at IS NULL;
