"""MAGE: multi-scale autoregressive generation for offline reinforcement learning.

Lin et al., ICLR 2026. A plan is drawn as an image would be: first a blueprint of one token, then
finer and finer details, each scale on top of the sum of the coarser ones. What is ours and not the
paper's stands at the head of `agent.py`.

Training, stage by stage (`stages.py`)::

    recorded steps --windows.py--> window: P steps, each with return-to-go and observation, no goal
        window --model/autoencoder.py: encoder--> latent: L positions of C numbers
        latent --model/quantizer.py--> tokens m_1 .. m_K, coarse to fine: 1, 2, .. L of them
        tokens --model/quantizer.py--> latent Z = z_1 + .. + z_K --decoder--> window
    (s_0, R_0), tokens so far --model/transformer.py--> chances of the next scale's tokens
    latent Z, s_0 --model/planner.py: inverse dynamics--> action a_0
    of some windows the transformer sees no R_0; past an episode's end nothing is learned

    first the return model (returns/); stage 1: autoencoder; stage 2: transformer and inverse
    dynamics, by L_CE + L_inv + L_cond (losses.py), on windows as tokens (token_dataset.py); last,
    the inverse dynamics alone

Acting, at every step (`agent.py`)::

    observation, rewards --returns/return_request.py--> condition (s_0, R_0, advantage)
        condition --sampling.py: K passes of the transformer--> tokens --> latent Z: the plan
            (with guidance each pass but the last is made with and without the return, as one batch)
        latent Z, s_0 --inverse dynamics--> action

What else there is:

    config.py          every setting, each a thing that can be switched
    task_settings.py   what is set otherwise on which task
    variants.py        settings with names, for ablations and as yardsticks
    difference_normaliser.py  windows relative to their first observation, and back
    returns/           what returns to expect and to ask for; other agents use it too
    step_module.py     acting as one function, for a file (`benchmark.export`)
    plan_choice.py     of several plans, the one whose states are valued most
    codebook_usage.py  how many codes are in use
    show.py            the command that draws a plan
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mage.agent import MAGEAgent as MAGE  # noqa: N814  Its name is an abbreviation.
else:

    def __getattr__(name: str) -> object:
        """Imports the agent when it is asked for: `mage.show --help` does without torch."""
        if name != "MAGE":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from mage.agent import MAGEAgent  # See above.

        return MAGEAgent


__all__ = ["MAGE"]
