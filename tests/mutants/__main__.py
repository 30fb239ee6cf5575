"""Puts mistakes into the code, one at a time, and counts how many the tests notice.

``make mutants`` runs it over all modules that decide a number; or, for some of them::

    python -m tests.mutants benchmark/evaluation/rollout.py mage/model/quantizer.py
    python -m tests.mutants --sample 200 --seed 1     # drawn from all modules

A mutant is the code with one mistake of the kinds that people make: another comparison, a sum for a
difference, a number that is off by one, a call that is left out, two arguments swapped. It is
compiled in memory, in a process of its own, and the tests of its module run against it. No file
changes. `tests/mutants_left.txt` lists those that nothing can notice, each with its reason.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.abc
import importlib.util
import multiprocessing
import os
import random
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.mutants.mistakes import ROOT, Mutant, mutants_of

LEFT = ROOT / "tests" / "mutants_left.txt"
MODULES = ("mage", "baselines", "benchmark")
# Imported once before all, as each takes a second or more; none of them imports our own modules.
HEAVY = ("pytest", "torch", "pandas", "scipy.stats", "gymnasium_robotics", "d3rlpy", "minari")
MOST_MEMORY = 6 * 2**30  # Bytes; a mutant that takes more fails.
# What draws, words or moves, and decides no number that is reported.
LEFT_OUT = (
    *("benchmark/plots/", "benchmark/reporting/page/", "benchmark/running/progress_view.py"),
    *("benchmark/cli/selfcheck/", "benchmark/evaluation/recording.py"),
    # Controllers: their tests look at how often they succeed.
    *("benchmark/data/recipes/ant_gait.py", "benchmark/data/recipes/kitchen_"),
)


def tests_of(path: str) -> list[str]:
    """The test files that mirror a module, `test_x.py` and `test_x_more.py`, or its folder's."""
    module, folder = Path(path), ROOT / "tests" / Path(path).parent
    other = {f"test_{each.stem}" for each in (ROOT / module.parent).glob(f"{module.stem}_*.py")}
    mirror = [*folder.glob(f"test_{module.stem}.py"), *folder.glob(f"test_{module.stem}_*.py")]
    own = [file for file in mirror if not any(file.stem.startswith(name) for name in other)]
    return sorted(map(str, own or folder.glob("test_*.py")))


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives a mutant to whoever imports its module."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant
        parts = Path(mutant.path).with_suffix("").parts
        self.module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def find_spec(self, name, path=None, target=None):
        if name != self.module:
            return None
        location = ROOT / self.mutant.path
        packages = [str(location.parent)] if location.name == "__init__.py" else None
        return importlib.util.spec_from_file_location(
            name, location, loader=self, submodule_search_locations=packages
        )

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        exec(self.get_code(module.__name__), module.__dict__)

    def get_code(self, name):
        return compile(self.mutant.tree(), str(ROOT / self.mutant.path), "exec")


def _run_tests(mutant: Mutant, tests: Sequence[str]) -> None:
    """In a process of its own: ends with 0 if all tests pass."""
    import pytest

    os.setsid()  # So that what it starts can be ended with it.
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))  # Of loops without end.
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    sys.meta_path.insert(0, _Finder(mutant))
    os._exit(int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", *tests])) != 0)


class _Trial:
    """A mutant whose tests are running."""

    def __init__(self, mutant: Mutant, seconds: float) -> None:
        self.mutant, self.ends = mutant, time.monotonic() + seconds
        context = multiprocessing.get_context("fork")
        self.process = context.Process(target=_run_tests, args=(mutant, tests_of(mutant.path)))
        self.process.start()

    def caught(self) -> bool | None:
        """Whether the tests noticed it; None while they run. One that never ends is noticed."""
        if self.process.is_alive() and time.monotonic() < self.ends:
            return None
        if self.process.is_alive():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid or 0, 9)
            return True
        return self.process.exitcode != 0


def try_all(
    mutants: Sequence[Mutant], at_once: int, seconds: float
) -> Iterator[tuple[Mutant, bool]]:
    """Runs the tests of every mutant, and yields whether they noticed, as they end."""
    waiting, trials = list(reversed(mutants)), []
    while waiting or trials:
        while waiting and len(trials) < at_once:
            trials.append(_Trial(waiting.pop(), seconds))
        time.sleep(0.02)
        for trial in list(trials):
            caught = trial.caught()
            if caught is not None:
                trials.remove(trial)
                yield trial.mutant, caught


def accepted() -> set[str]:
    """Names of the mutants that nothing can notice; the reason stands above each."""
    lines = LEFT.read_text(encoding="utf-8").splitlines() if LEFT.exists() else []
    return {line for line in lines if line and not line.startswith("#")}


def main() -> int:
    """Prints the mutants that no test noticed, and the share caught of each module."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("modules", nargs="*", help="files or folders; all by default")
    parser.add_argument("--sample", type=int, help="try so many, drawn from all modules")
    parser.add_argument("--seed", type=int, default=0, help="of the sample")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--seconds", type=float, default=300, help="the most that one may take")
    parser.add_argument("--lines", help="only these, such as 10-40")
    options = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    for name in HEAVY:
        importlib.import_module(name)
    mutants = [each for path in _paths(options.modules) for each in mutants_of(path)]
    if options.lines:
        least, most = map(int, options.lines.split("-"))
        mutants = [each for each in mutants if least <= each.line <= most]
    left = accepted()
    mutants = [each for each in mutants if each.name not in left]
    if options.sample is not None:
        mutants = random.Random(options.seed).sample(mutants, min(options.sample, len(mutants)))
    caught: dict[str, list[bool]] = defaultdict(list)
    for mutant, noticed in try_all(mutants, options.workers, options.seconds):
        caught[mutant.path].append(noticed)
        if not noticed:
            print(f"{mutant.name}   # line {mutant.line}", flush=True)
    for path, found in sorted(caught.items()):
        print(f"{path}: {sum(found)} of {len(found)} caught")
    every = [noticed for found in caught.values() for noticed in found]
    print(f"{sum(every)} of {len(every)} caught ({100 * sum(every) / max(1, len(every)):.1f} %)")
    return 0 if all(every) else 1


def _paths(modules: Sequence[str]) -> list[str]:
    found = []
    for name in modules or MODULES:
        path = ROOT / name
        files = sorted(path.rglob("*.py")) if path.is_dir() else [path]
        found += [str(file.relative_to(ROOT)) for file in files]
    return found if modules else [each for each in found if not each.startswith(LEFT_OUT)]


if __name__ == "__main__":
    raise SystemExit(main())
