"""Yardsticks for MAGE: its return machinery (`mage.returns`), and a network in place of plans.

    base              a perceptron that learns the recorded actions of the best rows
    rvs               `rvs`          sees the return asked for and its advantage beside the state
    filtered_cloning  `bc-filtered`  sees the state alone

What they score, the labels and the choice of rows bring by themselves; what a planner scores beyond
it, the plan brings.
"""
