"""What several families of baselines use; each may use this room and no other family.

Its modules::

    trained_agent   an agent that `benchmark.trainer` trains
    network_agent   such an agent with networks of its own
    fixed_rate_agent  such an agent that learns at a fixed rate, from numbers as they were recorded
    gelu_networks   perceptrons with GELU, pairs of values, slow copies
    window_sampler  normalised windows of recorded steps
    episodes        which rows are transitions, which episodes are best, where they are cut
    config_checks   refuses settings that cannot work
"""
