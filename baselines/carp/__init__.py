"""CARP: coarse-to-fine autoregressive action plans."""
