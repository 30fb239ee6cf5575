"""What the command lines have in common."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

import typer

from benchmark.agents.registry import EVERY_AGENT, AgentChoice, agent_names, find_agent
from benchmark.errors import UserError


@contextlib.contextmanager
def one_message(when_stopped: str) -> Iterator[None]:
    """Answers what the user can put right with one message and exit code 2.

    Args:
        when_stopped: what to say after Ctrl-C.
    """
    try:
        yield
    except UserError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        typer.echo(f"\nstopped; {when_stopped}", err=True)
        raise typer.Exit(130) from None


def parse_list(text: str) -> list[str]:
    """The parts of a comma list, each once."""
    return list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def parse_seeds(text: str) -> list[int]:
    """Turns `3` into seeds 0, 1, 2 and `4,7` into exactly these (`4,` into 4 alone).

    Raises:
        UserError: for anything else, such as a negative seed.
    """
    parts = parse_list(text)
    for part in parts:
        if re.fullmatch(r"-\s*\d+", part):
            raise UserError(
                f"negative seed {part} in --seeds {text!r}; valid: seeds of 0 or more, as a number "
                "of seeds (--seeds 3) or a list (--seeds 4,7)"
            )
    if (
        not parts
        or not all(re.fullmatch(r"\d+", part, re.ASCII) for part in parts)
        or not text.strip(" 0")
    ):
        raise UserError(
            f"--seeds {text!r} is no number of seeds; valid: a number of 1 or more (--seeds 3 runs "
            "seeds 0, 1, 2) or a list (--seeds 4,7)"
        )
    seeds = [int(part) for part in parts]
    return seeds if "," in text else list(range(seeds[0]))


def parse_agents(text: str) -> list[AgentChoice]:
    """Turns a comma list of names and `path/to/file.py:ClassName` into agents.

    `all` stands for every registered agent, those of installed packages among them; an agent that
    is named beside it counts once.

    Raises:
        UserError: for an unknown one, for none at all, or for two that share a name.
    """
    parts = parse_list(text)
    every = agent_names() if EVERY_AGENT in parts else []
    named = dict.fromkeys([*every, *(part for part in parts if part != EVERY_AGENT)])
    agents = [find_agent(part) for part in named]
    if not agents:
        raise UserError(f"--agents {text!r} names no agent; valid: a comma list such as mage,bc")
    names = [agent.name for agent in agents]
    for name in names:
        if names.count(name) > 1:
            raise UserError(
                f"two agents in --agents {text!r} are called {name!r}; put "
                "@register('another-name') above one of the classes"
            )
    return agents
