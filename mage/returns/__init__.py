"""Returns as an agent is conditioned on them: what was brought, what is usual, what to ask for.

    normalisers.py      from the units of a task to numbers around 0
    return_model.py     mean and upper expectile of the returns from a state
    return_request.py   which return-to-go is asked for, step by step of an episode
"""
