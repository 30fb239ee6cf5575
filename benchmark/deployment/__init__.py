"""A trained agent as one file, which needs nothing of this project to act.

Its modules::

    policy_file        a step function -> ONNX, TorchScript or torch.export, and back
    policy_metadata    what such a file says of itself
    observed_episodes  what an agent observed, to check a file on
    policy_check       the largest difference between a file and its agent
    exporting          all of it: the folder of a run -> a file that was checked
"""
