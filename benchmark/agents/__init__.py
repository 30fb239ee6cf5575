"""Who learns, and with which settings: registry, presets, the user's file, variants."""
