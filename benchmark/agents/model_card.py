"""The model card of a trained agent, `README.md` in its folder, as the Hugging Face Hub reads it.

Everything on it comes from the run's record, and it says no more than that.
"""

from __future__ import annotations

import json
from pathlib import Path
from statistics import fmean
from typing import Any

from benchmark.agents.builtin import display_name
from benchmark.records.files import write_atomically
from benchmark.records.record import RETURNS, SCORED_STATUSES, SUCCESSES, Record

CARD = "README.md"
_LIBRARY = "mage-bench"

_TEXT = """{front}
# {title} on {task}

One agent of offline reinforcement learning, trained and evaluated by MAGE-bench. It is one run with
one training seed, which says how good this agent is, not how good its method is.

| | |
|---|---|
{rows}

## How to load

With `mage-bench` installed; the folder may also be a URL that fsspec can reach, such as
`hf://NAME/REPOSITORY`. This runs the agent's code, so load only what you trust.

```python
from benchmark import load_agent

agent = load_agent("path/to/this/folder")
agent.reset(1)  # One episode begins.
actions = agent.act(observations, last_rewards)  # (1, O) and (1,), both float32; gives (1, A).
```

## Settings

```json
{settings}
```

## Licence

The licence of these weights is for whoever shares them to state, in `license` above. They were
learned from data that is its authors' own. The code of MAGE-bench is under Apache-2.0.
"""


def write_model_card(record: Record, folder: Path) -> None:
    """Writes the card of a run's trained agent into its folder."""
    write_atomically(folder / CARD, model_card(record))


def model_card(record: Record) -> str:
    """The text of the card, which begins with the Hub's metadata as YAML."""
    rows = [f"| {name} | {_cell(value)} |" for name, value in _facts(record).items() if value]
    return _TEXT.format(
        front=_front(record),
        title=display_name(record.run.agent),
        task=record.run.task,
        rows="\n".join(rows),
        settings=json.dumps(record.config, indent=1),
    )


def _facts(record: Record) -> dict[str, str]:
    """What the table says, by name; of what is not known the text is empty."""
    run, data = record.run, record.dataset
    steps = f"{record.steps:,} of {run.steps:,}" if record.steps is not None else f"{run.steps:,}"
    versions = (f"{name} {version}" for name, version in record.versions.items())
    return {
        "task": f"`{run.task}`",
        "agent": f"`{run.agent}`",
        "data": _data(data) if data else "",
        "score": _score(record),
        "mean return": f"{fmean(record.returns):.4g}" if record.returns else "",
        "successes": f"{sum(record.successes)} of {len(record.successes)} episodes"
        if record.successes
        else "",
        "training": f"preset `{run.preset}`, {steps} gradient steps, training seed {run.seed}",
        "status": record.status + (f": {record.reason}" if record.reason else ""),
        "weights": f"{record.parameters:,}" if record.parameters is not None else "",
        "goal of the maze": "" if record.goal == "none" else f"{record.goal} to the agent",
        "commit": f"`{record.commit}`" if record.commit else "",
        "versions": ", ".join(versions),
        "started": record.started or "",
    }


def _data(data: dict[str, Any]) -> str:
    text = f"`{data.get('id')}`" + (f", {data['kind']}" if data.get("kind") else "")
    if "episodes" in data and "steps" in data:
        text += f"; {data['episodes']:,} episodes, {data['steps']:,} steps"
    return text


def _kind(record: Record) -> str:
    """What scores are, in words."""
    if record.scale == SUCCESSES:
        return "success in percent"
    return "return" if record.scale == RETURNS else "normalised score"


def _score(record: Record) -> str:
    if record.score is None or record.status not in SCORED_STATUSES:
        return "none: it was not evaluated to the end"
    kind = _kind(record)
    return f"{kind} {record.score:.1f}, mean of {len(record.scores)} evaluation episodes"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _front(record: Record) -> str:
    """The Hub's metadata, between lines of three dashes."""
    from huggingface_hub import EvalResult, ModelCardData  # Not needed by any command's --help.

    run, results = record.run, None
    if record.score is not None and record.status in SCORED_STATUSES:
        kind = _kind(record)
        results = [
            EvalResult(
                task_type="reinforcement-learning",
                dataset_type=run.task,
                dataset_name=run.task,
                metric_type="mean_reward",
                metric_name=f"{kind}, mean of {len(record.scores)} episodes",
                metric_value=record.score,
                verified=False,
            )
        ]
    card = ModelCardData(
        license="unknown",
        library_name=_LIBRARY,
        pipeline_tag="reinforcement-learning",
        tags=["offline-reinforcement-learning", "reinforcement-learning", run.agent, run.task],
        model_name=f"{run.agent} on {run.task}",
        eval_results=results,
        ignore_metadata_errors=True,
    )
    return f"---\n{card.to_yaml()}\n---"
