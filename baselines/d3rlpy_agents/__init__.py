"""Agents whose networks, losses and updates are d3rlpy's.

Its modules::

    base                  from the benchmark's arrays and verbs to d3rlpy's
    batches               mini-batches of transitions and of pieces of episodes
    value_learning        what those share that learn values: rewards and common settings
    iql, cql, awac, td3_bc, rebrac, cloning, decision_transformer   one agent each, with its config
"""
