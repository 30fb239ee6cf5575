"""The agents that MAGE is compared with, each wrapped around a published implementation.

One file per family; each begins with its papers, its implementation and the list of deviations.
"""
