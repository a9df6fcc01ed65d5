-- What a message costs that a bot answers: the visit that said one is found by its conversation.
DROP INDEX scenario_visits_of_message;
