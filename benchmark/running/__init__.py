"""Training many runs, or searching for settings.

::

    grid -> experiment -> ray_runner ----> trial -> monitor -> record
                          | ray_session      |      checkpoint
                          |                  `- curves: CSV, TensorBoard, trackers
                          serial_runner, post_mortem
    search_space -> search -> ray_search: sample_steps, sample_watcher
    synthetic_task -> acting_checks, training_checks -> conformance: is the contract kept?
    installation, machine_check: is all that runs need there?

`ray_runner` runs trials side by side and `serial_runner` one after another in this process; both
use `run_keeping`. `trial` is one run, `monitor` what goes on around its gradient steps,
`progress_view` what a terminal shows of all runs, `compute` what they are computed on.
"""
