"""Trajectory Transformer: a GPT over discretised trajectories, and beam search.

Its modules::

    discretizer  recorded numbers -> tokens -> numbers
    gpt          tokens -> logits of the next token
    beam_search  past and present -> the most promising sequence of steps
    agent        trains, searches and executes; paper and deviations
    config       its settings
"""
