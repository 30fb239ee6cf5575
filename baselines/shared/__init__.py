"""What several families of baselines use: windows, episodes, checks of configs."""
