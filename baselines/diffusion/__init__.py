"""Agents that plan by denoising: Diffuser, Decision and Hierarchical Diffuser, Diffusion Veteran.

Its modules::

    base                    training, saving, and when a plan is made, the same for all
    diffusion_config        settings that they share
    plan_executor           executes the actions of a plan, or follows its positions
    unet                    the networks, from blocks of diffusers
    plan_diffusion          actions and observations, guided by a value model or held to a goal
    conditional_diffusion   observations under a return, with inverse dynamics
    hierarchical_diffusion  sub-goals, and the steps between them
    veteran_diffusion       states far apart, many plans, a value that picks one
    plan_transformer        its networks for plans
    inverse_diffusion       its inverse dynamics
    rewarded_ways           what it learns of recorded steps
    diffuser, decision_diffuser, hierarchical_diffuser, diffusion_veteran
                            one agent each; paper and deviations
    maze_settings           what the first three do in mazes
"""
