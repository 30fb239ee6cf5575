"""Returns as an agent is conditioned on them: what was brought, what is usual, what to ask for.

It knows nothing of MAGE, so that any agent can be conditioned in the same way::

    recorded steps --labels.py--> normalised returns-to-go --return_model.py--> their advantages
        advantages --labels.py: best_rows--> rows worth learning from
    observation, rewards --return_request.py--> (return asked, its advantage), step by step

    recorded_returns.py what the return model learns: returns to the end, or continued by itself
    place_features.py   where the agent is in a maze, as networks see it
    episode_cuts.py     episodes as long as those of an evaluation, where a target is asked for
    config.py           its settings, which agents' configs inherit
    asked_agent.py      lets an agent be asked for another return (`benchmark.calibration`)
    request_module.py   asking as a function of its state, for files (`benchmark.export`)
    return_settings.py  what is set otherwise on which task, the same for all agents
    normalisers.py      from the units of a task to numbers around 0
"""
