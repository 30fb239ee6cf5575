"""Agents that plan by denoising: Diffuser, Decision Diffuser, Hierarchical Diffuser."""
