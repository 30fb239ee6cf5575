"""Agents that plan by denoising: Diffuser, Decision Diffuser, Hierarchical Diffuser.

Its modules::

    base                    training, saving, and when a plan is made, the same for all
    diffusion_config        settings that they share
    plan_executor           executes the actions of a plan, or follows its positions
    unet                    the networks, from blocks of diffusers
    plan_diffusion          actions and observations, guided by a value model or held to a goal
    conditional_diffusion   observations under a return, with inverse dynamics
    hierarchical_diffusion  sub-goals, and the steps between them
    diffuser, decision_diffuser, hierarchical_diffuser   one agent each; paper and deviations
    maze_settings           what the three do in mazes
"""
