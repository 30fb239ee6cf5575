"""Agents whose policy can hold any distribution of actions: it is drawn by a flow, or by denoising.

The strongest simple policies of OGBench's single tasks (Park et al. 2025, "Flow Q-Learning").

    fql           `fql`   a flow that clones, and one step in its place that seeks values, too
    idql          `idql`  denoised candidates that clone, of which the one of most value is done
    base          acting of both
    noise_network the network that IDQL denoises with
"""
