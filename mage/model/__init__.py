"""The networks: autoencoder, quantizer, transformer, and the planner that holds all."""
