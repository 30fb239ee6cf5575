"""Agents whose algorithm is d3rlpy's, and those built beside them."""
