"""MAGE: multi-scale autoregressive generation for offline reinforcement learning."""
