"""Reference rows: agents that learn nothing or next to nothing."""
