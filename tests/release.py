"""Builds a release from the last commit and tries it as a stranger would: `make release`.

Source distribution and wheel go to `dist/`, once what README.md prints has run with the wheel: in
a fresh virtual environment with nothing else, in a folder outside the checkout, and on data that is
collected there. What changed since the last commit is not in them. Nothing is published.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONSTRAINTS = ROOT / "constraints.txt"
NAMES = "import benchmark; print(benchmark.__version__, benchmark.__file__)"
FIRST_RUN = (
    *("run", "--tasks", "maze2d-umaze", "--agents", "mage,nearest.py:NearestNeighbour,bc"),
    *("--preset", "smoke", "--data", "local", "--out", "results/demo"),
)


def release_version(root: Path) -> str:
    """The version of pyproject.toml, if changelog and citation are of it.

    Raises:
        SystemExit: if they are not.
    """
    project = (root / "pyproject.toml").read_text(encoding="utf-8")
    (version,) = re.findall(r'^version = "(.+)"$', project, re.MULTILINE)
    changelog = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    if not re.search(rf"^## \[{re.escape(version)}\] - \d", changelog, re.MULTILINE):
        raise SystemExit(f"CHANGELOG.md has no section `## [{version}] - YYYY-MM-DD`")
    citation = (root / "CITATION.cff").read_text(encoding="utf-8")
    (cited,) = re.findall(r"^version: (.+)$", citation, re.MULTILINE)
    if cited != version:
        raise SystemExit(f"CITATION.cff has the version {cited}, pyproject.toml {version}")
    return version


def run(*command: str | Path, folder: Path) -> str:
    """Runs a command in a folder, shows what it prints, and returns it.

    It sees neither the checkout nor the data of whoever makes the release.

    Raises:
        SystemExit: if it fails.
    """
    print("+", *command, flush=True)
    seen = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    seen["MINARI_DATASETS_PATH"] = str(folder / "minari")
    seen["MAGE_BENCH_CACHE"] = str(folder / "cache")
    done = subprocess.run(command, cwd=folder, env=seen, stdout=subprocess.PIPE, text=True)
    print(done.stdout, end="", flush=True)
    if done.returncode:
        raise SystemExit(f"exit code {done.returncode}: no release")
    return done.stdout


def environment(folder: Path, *packages: str | Path) -> Path:
    """The commands of a new virtual environment that has these packages, of tested versions."""
    venv.create(folder, with_pip=True)
    commands = folder / ("Scripts" if sys.platform == "win32" else "bin")
    install = ("-m", "pip", "install", "--quiet", "--constraint", CONSTRAINTS)
    run(commands / "python", *install, *packages, folder=folder)
    return commands


def build(scratch: Path) -> Path:
    """Builds both distributions of the last commit, checks them, and returns their folder."""
    copy, built = scratch / "copy", scratch / "dist"
    run("git", "clone", "--quiet", ROOT, copy, folder=scratch)
    python = environment(scratch / "tools", "build", "twine") / "python"
    run(python, "-m", "build", "--outdir", built, copy, folder=scratch)
    run(python, "-m", "twine", "check", "--strict", *sorted(built.iterdir()), folder=scratch)
    return built


def try_out(commands: Path, version: str, folder: Path) -> None:
    """Does in an empty folder what README.md prints, with what is installed.

    Raises:
        SystemExit: if something fails, or is of another version or place.
    """
    said, place = run(commands / "python", "-c", NAMES, folder=folder).split(maxsplit=1)
    printed = run(commands / "mage-bench", "--version", folder=folder)
    if said != version or printed != f"mage-bench {version}\n" or str(ROOT) in place:
        raise SystemExit(f"not the {version} that was built: {said}, {printed}, in {place}")
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    agent, program = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    (folder / "nearest.py").write_text(agent, encoding="utf-8")
    (folder / "program.py").write_text(program, encoding="utf-8")
    run(commands / "mage-bench", "doctor", folder=folder)
    run(commands / "mage-bench", *FIRST_RUN, folder=folder)
    run(
        *(commands / "mage-bench", "report", "--runs", "results/demo", "--with-published"),
        folder=folder,
    )
    run(commands / "python", "program.py", folder=folder)


def main() -> None:
    """Leaves the distributions in `dist/`, and says what is left to do."""
    version = release_version(ROOT)
    with tempfile.TemporaryDirectory() as name:
        scratch, folder = Path(name), Path(name) / "elsewhere"
        folder.mkdir()
        built = build(scratch)
        (wheel,) = built.glob("*.whl")
        try_out(environment(scratch / "bare", wheel), version, folder)
        shutil.rmtree(ROOT / "dist", ignore_errors=True)
        shutil.copytree(built, ROOT / "dist")
    print(f"\ndist/ has {version}. To publish it: git tag v{version}; twine upload dist/*")


if __name__ == "__main__":
    main()
