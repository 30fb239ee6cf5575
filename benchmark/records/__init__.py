"""What is kept of a run.

- `record`: `RunSpec`, the cell of a grid, and `Record`, what came of it, put together from parts.
- `files`: where the files of a run lie in the output folder; records are written and read.
- `store`: the output folder itself, here or in a bucket, and the claim of one command on it.
- `system`: the code, libraries and machine that a record came out of.
- `plan_trace`: one plan of an agent, and what came of it.
- `text`, `repeat`: numbers in a sentence; work that goes on beside other work.
"""
