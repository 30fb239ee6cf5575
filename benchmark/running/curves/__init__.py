"""Where the learning curve of a run is written as it grows, and how the run ended.

::

    trial -> run_curve -> curve_files                       always: a table, and TensorBoard
                       `- wandb_tracker, mlflow_tracker     with --track

`tracker` is what trackers have in common, `tracker_choice` which there are, and `run_facts` what
they are given besides the curve.
"""
