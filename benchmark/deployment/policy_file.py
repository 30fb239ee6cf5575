"""A step function as a file: ONNX, TorchScript or torch.export. None of them needs its class."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from benchmark.deployment.policy_metadata import KEY
from benchmark.errors import UserError
from benchmark.step_function import StepFunction

SUFFIXES = {"onnx": ".onnx", "torchscript": ".pt", "torch-export": ".pt2"}
"""Form of a file -> how its name ends."""

_PACKAGES = ("onnx", "onnxruntime")
_INSTALL = "pip install -c constraints.txt -e '.[export]'"
_OPSET = 18
_ENVIRONMENTS = 3  # Of the inputs that calls are recorded with; 1 would be taken for a constant.

Arrays = Sequence[NDArray[Any]]
RunPolicy = Callable[[Arrays], list[NDArray[Any]]]
"""From the inputs of a step function to its outputs, in their orders."""


class _FlatModule(nn.Module):
    """Any number of tensors in, and always a tuple out."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, *inputs: torch.Tensor) -> tuple[torch.Tensor, ...]:
        outputs = self.module(*inputs)
        return outputs if isinstance(outputs, tuple) else (outputs,)


def check_form(form: str) -> None:
    """Looks whether such files can be written and run here.

    Raises:
        UserError: for an unknown form, or a package that is not installed.
    """
    if form not in SUFFIXES:
        raise UserError(f"unknown form {form!r}; valid: --to {', '.join(SUFFIXES)}")
    missing = [name for name in _PACKAGES if importlib.util.find_spec(name) is None]
    if form == "onnx" and missing:
        raise UserError(f"--to onnx needs {' and '.join(missing)}, not installed here: {_INSTALL}")


def write_policy(
    step: StepFunction, path: Path, form: str, observation_size: int, metadata: str
) -> None:
    """Writes a step function for any number of environments.

    Args:
        step: of an agent.
        path: of the file.
        form: one of `SUFFIXES`.
        observation_size: O.
        metadata: kept in the file under the name `mage-bench`.
    """
    module, inputs = _FlatModule(step.module).eval(), _example(step, observation_size)
    with torch.no_grad(), _quiet():
        if form == "onnx":
            _write_onnx(module, inputs, step, path, metadata)
        elif form == "torchscript":
            recorded = torch.jit.trace(module, inputs, check_trace=False)
            recorded.save(path, _extra_files={KEY: metadata})
        else:
            # Of every input the first axis is the environments'.
            # Torch 2.5 needs an upper end.
            axes = tuple({0: torch.export.Dim("n", min=1, max=2**31 - 1)} for _ in inputs)
            program = torch.export.export(module, inputs, dynamic_shapes=(axes,))
            torch.export.save(program, path, extra_files={KEY: metadata})


def _write_onnx(
    module: nn.Module,
    inputs: tuple[torch.Tensor, ...],
    step: StepFunction,
    path: Path,
    metadata: str,
) -> None:
    import onnx

    names = [*step.input_names, *step.output_names]
    # The newer exporter takes twenty times as long here, for the same numbers in a larger file.
    torch.onnx.export(
        module,
        inputs,
        str(path),
        dynamo=False,
        opset_version=_OPSET,
        input_names=list(step.input_names),
        output_names=list(step.output_names),
        dynamic_axes={name: {0: "n"} for name in names},
    )
    model = onnx.load(path)
    onnx.helper.set_model_props(model, {KEY: metadata})
    onnx.save(model, path)


def open_policy(path: Path, form: str) -> RunPolicy:
    """Loads a file as its users do: with ONNX Runtime, or torch alone."""
    if form == "onnx":
        import onnxruntime

        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        names = [argument.name for argument in session.get_inputs()]
        return lambda inputs: session.run(None, dict(zip(names, inputs, strict=True)))
    with _quiet():
        if form == "torchscript":
            module: Any = torch.jit.load(path)
        else:
            module = torch.export.load(path).module()

    @torch.no_grad()
    def run(inputs: Arrays) -> list[NDArray[Any]]:
        outputs = module(*(torch.from_numpy(array) for array in inputs))
        return [output.numpy() for output in outputs]

    return run


def read_metadata(path: Path, form: str) -> dict[str, Any]:
    """What a file says of itself; see `policy_metadata`."""
    files: dict[str, Any] = {KEY: ""}
    if form == "onnx":
        import onnx

        files = {prop.key: prop.value for prop in onnx.load(path).metadata_props}
    elif form == "torchscript":
        with _quiet():
            torch.jit.load(path, _extra_files=files)
    else:
        torch.export.load(path, extra_files=files)
    values: dict[str, Any] = json.loads(files[KEY])
    return values


def _example(step: StepFunction, observation_size: int) -> tuple[torch.Tensor, ...]:
    """Inputs of some environments, of the shapes that the function takes."""
    n_envs = _ENVIRONMENTS
    arrays: list[NDArray[Any]] = [np.zeros((n_envs, observation_size), np.float32)]
    if step.reads_reward:
        arrays.append(np.zeros(n_envs, np.float32))
    if step.random_shape is not None:
        arrays.append(np.full((n_envs, *step.random_shape), 0.5, np.float32))
    return tuple(map(torch.from_numpy, [*arrays, *step.initial_state(n_envs)]))


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without warnings of what may be recorded wrongly: each file is checked against its agent."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
