"""CARP: coarse-to-fine autoregressive action plans.

Its modules::

    tokenizer       a chunk of actions -> tokens of each scale -> the chunk
    coarse_to_fine  observation -> tokens, scale by scale
    agent           trains both and executes chunks; paper and deviations
    config          their settings
"""
