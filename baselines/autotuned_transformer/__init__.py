"""ADT: Decision Transformer, with values in place of returns.

Its modules::

    agent    trains values, then the transformer, and acts; paper and deviations
    network  prompted states and actions -> actions
    config   their settings
"""
