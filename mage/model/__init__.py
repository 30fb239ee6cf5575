"""The networks, from the ground up.

quantizer     latent <-> tokens of K scales; frozen, one matrix per scale
autoencoder   window <-> latent, around the quantiser
transformer   tokens of the next scale, from the condition and the coarser scales
planner       all that is learned, with the inverse dynamics and the adapter of the decoder

Names end in their shape, such as `latent_BLC`; the head of each file says what the letters are.
"""
