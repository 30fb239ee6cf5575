"""Records -> frames: scores, aggregates, learning curves, costs, provenance."""
