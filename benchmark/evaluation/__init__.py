"""How good and how fast an agent is: the one rollout loop, timing, throughput, videos."""
