"""What a score has to be read against: agents that learn nothing, or next to nothing.

Its modules::

    reference_policies  random actions, and the mean of the recorded ones
"""
