"""MAGE-bench: a fair, reproducible comparison of offline reinforcement learning agents."""

from benchmark.agents.registry import register

__all__ = ["register"]
