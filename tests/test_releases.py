"""What is released holds all that the program needs, and nothing else."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from email.parser import Parser
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

import benchmark
from tests import release
from tests.commands import ROOT
from tests.release import release_version
from tests.source_files import PACKAGES

FILES = ("pyproject.toml", "MANIFEST.in", "README.md", "LICENSE", "CHANGELOG.md", "constraints.txt")
# As `python -m build` asks for them, but with the setuptools that is installed here.
BUILD = (
    "from setuptools import build_meta; build_meta.build_sdist('dist'); "
    "build_meta.build_wheel('dist')"
)


@dataclass(frozen=True)
class Built:
    """What was built.

    Attributes:
        source: files of the repository that it was built from.
        wheel: names of the files in the wheel.
        sdist: those in the source distribution, below its folder.
        metadata: of the wheel.
        entry_points: of the wheel.
    """

    source: set[str]
    wheel: set[str]
    sdist: set[str]
    metadata: dict[str, list[str]]
    entry_points: str


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    source = tmp_path_factory.mktemp("source")
    for folder in (*PACKAGES, "tests", "docs", "results/reference"):
        shutil.copytree(
            ROOT / folder, source / folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    for file in FILES:
        shutil.copy(ROOT / file, source / file)
    names = {path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file()}
    command = [sys.executable, "-c", BUILD]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,), (sdist,) = (list((source / "dist").glob(kind)) for kind in ("*.whl", "*.tar.gz"))
    with zipfile.ZipFile(wheel) as archive:
        in_wheel = set(archive.namelist())
        (about,) = (name for name in in_wheel if name.endswith(".dist-info/METADATA"))
        message = Parser().parsestr(archive.read(about).decode())
        metadata = {key: message.get_all(key, []) for key in message}
        entry_points = archive.read(about.replace("METADATA", "entry_points.txt")).decode()
    with tarfile.open(sdist) as archive_of_source:
        members = [member.name for member in archive_of_source.getmembers() if member.isfile()]
    in_sdist = {name.partition("/")[2] for name in members}
    return Built(names, in_wheel, in_sdist, metadata, entry_points)


def of_packages(names: set[str]) -> set[str]:
    return {name for name in names if name.partition("/")[0] in PACKAGES}


def test_the_wheel_holds_the_packages_and_the_published_numbers(built: Built) -> None:
    assert of_packages(built.wheel) == of_packages(built.source)
    others = built.wheel - of_packages(built.wheel)
    data = {name for name in others if ".data/" in name}
    published = {name for name in built.source if re.fullmatch(r"results/reference/.+\.csv", name)}
    assert {Path(name).name for name in data} == {Path(name).name for name in published}
    # Where the report looks for them.
    assert all(".data/data/share/mage-bench/reference/" in name for name in data) and published
    assert all(".dist-info/" in name for name in others - data)


def test_the_source_distribution_can_be_built_and_installed_exactly(built: Built) -> None:
    assert of_packages(built.sdist) == of_packages(built.source)
    assert built.sdist >= set(FILES) - {"MANIFEST.in"}
    folders = {name.partition("/")[0] for name in built.sdist if "/" in name}
    assert folders == {*PACKAGES, "results", "mage_bench.egg-info"}
    kept = {name for name in built.sdist if name.startswith("results/")}
    assert kept == {name for name in built.source if re.fullmatch("results/reference/.+csv", name)}


def test_it_is_typed_has_its_command_and_one_version(built: Built) -> None:
    assert {f"{package}/py.typed" for package in PACKAGES} <= built.wheel
    assert "Typing :: Typed" in built.metadata["Classifier"]
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert built.metadata["Version"] == re.findall(r'^version = "(.+)"$', project, re.MULTILINE)
    assert "mage-bench = benchmark.cli.app:app" in built.entry_points.splitlines()


def test_the_changelog_has_the_form_of_keep_a_changelog() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "https://keepachangelog.com/en/1.1.0/" in text
    first, *releases = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert first == "[Unreleased]"
    assert all(re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", title) for title in releases)
    kinds = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    _, unreleased, *released = re.split(r"^## .+$", text, flags=re.MULTILINE)
    for part in (unreleased, *released):
        titles = re.findall(r"^### (.+)$", part, re.MULTILINE)
        assert set(titles) <= kinds and len(set(titles)) == len(titles)
        assert titles or part is unreleased  # Nothing need have changed since the last release.


def test_a_release_has_its_version_in_changelog_and_citation(tmp_path: Path) -> None:
    for name in ("pyproject.toml", "CHANGELOG.md", "CITATION.cff"):
        shutil.copy(ROOT / name, tmp_path / name)
    version = release_version(tmp_path)
    assert version == benchmark.__version__
    citation = tmp_path / "CITATION.cff"
    citation.write_text(citation.read_text().replace(f"version: {version}", "version: 9.9.9"))
    with pytest.raises(SystemExit, match=r"CITATION.cff has the version 9.9.9, pyproject.toml \d"):
        release_version(tmp_path)
    (tmp_path / "CHANGELOG.md").write_text("## [Unreleased]\n")
    with pytest.raises(SystemExit, match=rf"no section `## \[{version}\] - YYYY-MM-DD`"):
        release_version(tmp_path)


def test_a_folder_that_is_not_installed_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr("importlib.metadata.version", missing)
    with pytest.raises(AttributeError, match="not installed"):
        _ = benchmark.__version__


def test_what_is_installed_is_tried_as_the_readme_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[tuple[str, ...]] = []

    def noted(*command: str | Path, folder: Path) -> str:
        done.append(tuple(str(word) for word in command[1:]))
        assert folder == tmp_path
        return "mage-bench 1.2.3\n" if command[1] == "--version" else "1.2.3 /elsewhere/benchmark\n"

    monkeypatch.setattr(release, "run", noted)
    release.try_out(Path("bin"), "1.2.3", tmp_path)
    assert "NearestNeighbour" in (tmp_path / "nearest.py").read_text(encoding="utf-8")
    compile((tmp_path / "program.py").read_text(encoding="utf-8"), "program.py", "exec")
    assert [words[0] for words in done[2:]] == ["doctor", "run", "report", "program.py"]
    with pytest.raises(SystemExit, match=r"not the 2.0.0 that was built: 1.2.3, mage-bench 1.2.3"):
        release.try_out(Path("bin"), "2.0.0", tmp_path)
