"""The agents that MAGE is compared with, each as its paper or its authors' code has it.

The first lines of an agent's file name its paper, its implementation and every deviation from both.

    d3rlpy_agents/            algorithms and networks of d3rlpy
        iql                   `iql`     Kostrikov et al. 2022, Implicit Q-learning
        cql                   `cql`     Kumar et al. 2020, Conservative Q-learning
        td3_bc                `td3bc`   Fujimoto and Gu 2021, TD3+BC
        rebrac                `rebrac`  Tarasov et al. 2023, ReBRAC
        awac                  `awac`    Nair et al. 2020, AWAC
        cloning               `bc`      behaviour cloning
                              `bc10`    Chen et al. 2021, cloning of the best tenth of the episodes
        decision_transformer  `dt`      Chen et al. 2021, Decision Transformer
                              `dt.state` asked for a return as MAGE is
        autotuned_transformer `adt`     Ma et al. 2024, Decision Transformer prompted with values
    diffusion/                plans drawn by denoising, with networks of diffusers
        diffuser              `diffuser` Janner et al. 2022
        decision_diffuser     `dd`      Ajay et al. 2023
        hierarchical_diffuser `hd`      Chen et al. 2024
        diffusion_veteran     `dv`      Lu et al. 2025, Diffusion Veteran
    trajectory_transformer/   `tt`      Janner et al. 2021: a GPT over discretised steps
    carp/                     `carp`    Gong et al. 2024: chunks of actions from coarse to fine
    return_conditioned/       the return machinery of MAGE, with a perceptron in place of its plans
        rvs                   `rvs`     Emmons et al. 2022, asked for a return as MAGE is
        filtered_cloning      `bc-filtered` the same rows, and no return
    goal_conditioned/         goals drawn from the data: the baselines of OGBench
        gcbc                  `gcbc`    behaviour cloning of the way to a later state
        gcivl                 `gcivl`   implicit V-learning
        gciql                 `gciql`   implicit Q-learning
        hiql                  `hiql`    Park et al. 2023, waypoints and the way to the next of them
    flow_policies/            any distribution of actions, and values
        fql                   `fql`     Park et al. 2025, Flow Q-Learning
        idql                  `idql`    Hansen-Estruch et al. 2023, IDQL
    yardsticks/               `random`, `mean`: what a score has to be read against
    shared/                   what several of these use

All train on `benchmark.trainer`::

    Dataset -> batches of transitions, windows or sequences -> Learner: networks, one step a time
                                                                   |
                 observations -> act: the networks as they are in that moment -> actions
"""

import contextlib
import io

with contextlib.redirect_stderr(io.StringIO()):
    # d3rlpy imports it, and at its first import it tells every process that it is unmaintained.
    import gym  # noqa: F401
