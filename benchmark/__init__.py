"""MAGE-bench: a fair, reproducible comparison of offline reinforcement learning agents."""

from benchmark.registry import register

__all__ = ["register"]
