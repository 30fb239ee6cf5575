"""Trajectory Transformer: a GPT over discretised trajectories, and beam search."""
