"""Training many runs, or searching for settings.

::

    grid -> experiment -> ray_runner -> trial -> monitor -> record
                          ray_session            checkpoint, curve_files
    search_space -> search -> ray_search
    made_up -> duties, training_duties -> conformance: does one agent do what every agent owes?
    installation, machine_check: is all that runs need there?

`trial` is one run, `monitor` what goes on around its gradient steps, `progress_view` what a
terminal shows of all runs, `compute` what they are computed on.
"""
