"""Training many runs: the grid, one trial, its monitor and checkpoints, and Ray."""
