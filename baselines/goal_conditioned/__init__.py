"""Agents that learn to reach any recorded state, from goals that they draw in hindsight.

The goal-conditioned baselines of OGBench (Park et al. 2025), on tasks that show their goal and say
how another one can be put in its place (`benchmark.hindsight`).

    gcbc          `gcbc`   clones what led to a later state
    gcivl         `gcivl`  values of states, by expectiles; clones what raises them
    gciql         `gciql`  values of actions, by expectiles; a policy that raises them
    hiql          `hiql`   values of states; one policy for the next waypoint, one for the way to it
    goal_sampler  draws rows of recordings, and goals for them
    base, config  what all of them share

Each batch has goals of its own, so the goals and rewards that were recorded count for nothing: the
reward is -1 for every step until the goal, which is a certain row of the same or another recording.
"""
