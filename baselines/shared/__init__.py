"""What several families of baselines use; each may use this room and no other family.

Its modules::

    trained_agent     an agent that `benchmark.trainer` trains
    network_agent     such an agent with networks of its own
    fixed_rate_agent  such an agent that learns at a fixed rate, from numbers as they were recorded
    transition_agent  one of these that learns from transitions
    in_turn           two learners, one after the other
    gelu_networks     perceptrons with GELU, pairs of values, target networks
    window_sampler    normalised windows of recorded steps
    episodes          which rows are transitions, and which episodes are best
    far_goals         on which tasks values are discounted less, as their authors have it
    config_checks     refuses settings that cannot work
"""
