"""Agents whose networks, losses and updates are d3rlpy's.

Its modules::

    base                  from the benchmark's arrays and verbs to d3rlpy's
    batches               mini-batches of transitions and of pieces of episodes
    value_learning        what those share that learn values: rewards and common settings
    iql, cql, awac, td3_bc, rebrac, cloning, decision_transformer   one agent each, with its config
    autotuned_transformer   an agent with networks of its own on d3rlpy's blocks; its config and
        transformer are in autotuned_config and prompted_transformer
"""

import torch

# Where it sees a GPU, the library lowers the precision of all products of the process, and switches
# compiled autograd on. Other agents of the process are to be what they are without it.
_precision = torch.get_float32_matmul_precision()

import d3rlpy  # noqa: E402, F401

if torch.cuda.is_available():
    torch.set_float32_matmul_precision(_precision)
    torch._dynamo.config.compiled_autograd = False
