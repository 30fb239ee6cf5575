"""What can be typed: a module for each command.

::

    app (mage-bench) -> run, report, data, tune, latency, updates, calibration, video, show, export,
                        sanity, check_agent, check_task, check_gpu, doctor, selfcheck
                        each: options -> evaluation, running or reporting -> text, exit code

`options` has every option that two commands share, `dry_run` what `run` prints of work to be done.
What trains, measures or draws takes plain values and lies in other rooms; it is imported when it is
needed, so that `--help` and bad input are answered at once.
"""
