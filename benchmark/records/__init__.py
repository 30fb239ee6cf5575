"""What is kept of a run.

- `record`: `RunSpec`, the cell of a grid, and `Record`, what came of it, put together from parts.
- `files`: where the files of a run lie in the output folder; records are written and read.
- `store`: the output folder itself, here or in a bucket, and the claim of one command on it.
- `parts`, `consistency`, `going_on`: what a record is put together from, whether it contradicts
  itself, and which one is kept where a run goes on.
- `system`, `devices`, `capacity`: the code, libraries and machine that a record came out of.
- `calibration_record`: whether an agent follows what it is asked, as it was measured.
- `plan_trace`: one episode of an agent that plans.
- `disk`, `lock`: what to say of a full disk; one command to a folder.
- `text`, `terminal`, `repeat`: numbers in a sentence, lines of a terminal, work beside other work.
"""
