"""Files with agents: what lies beside them, and how they are known again."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pytest

from benchmark.agents.file_classes import import_class
from benchmark.errors import UserError
from benchmark.plugins.source_files import (
    is_file,
    read_source,
    short_hash,
    source_hash,
    source_of_hash,
)


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def agent_in(folder: Path, says: str) -> str:
    """An agent that imports a helper as it is loaded, and again, and another one, as it is used."""
    write(folder / "helpers.py", f"SAYS = {says!r}\n")
    write(folder / "later.py", f"SAYS = {says!r} + ' later'\n")
    write(
        folder / "net.py",
        "from helpers import SAYS\n\nclass Net:\n    said = SAYS\n"
        "    def speak(self):\n        import helpers, later\n"
        "        return helpers.SAYS, later.SAYS\n",
    )
    return f"{folder / 'net.py'}:Net"


def test_two_files_each_get_their_own_neighbours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    write(elsewhere / "helpers.py", "SAYS = 'installed'\n")
    monkeypatch.syspath_prepend(str(elsewhere))
    import helpers  # type: ignore[import-not-found]

    before = list(sys.path)
    sources = {says: agent_in(tmp_path / says, says) for says in ("one", "two")}
    for says in ("one", "two", "one"):
        agent = import_class(sources[says])
        assert agent.said == says
        assert agent().speak() == (says, f"{says} later")
    write(
        tmp_path / "three" / "plain.py", "import helpers\n\nclass Plain:\n    said = helpers.SAYS\n"
    )
    assert import_class(f"{tmp_path}/three/plain.py:Plain").said == helpers.SAYS == "installed"
    assert sys.path == before


def test_a_neighbour_does_not_take_the_place_of_what_all_use(tmp_path: Path) -> None:
    for name in ("json", "mage", "benchmark"):
        write(tmp_path / f"{name}.py", "raise RuntimeError('not this one')\n")
    text = "import json\nfrom mage.config import MAGEConfig\n\nclass Net:\n    read = json.loads\n"
    assert import_class(f"{write(tmp_path / 'net.py', text)}:Net").read("[1]") == [1]
    assert list(read_source(tmp_path / "net.py")) == ["net.py"]


def test_a_folder_of_modules_may_lie_beside_it(tmp_path: Path) -> None:
    write(tmp_path / "parts" / "__init__.py", "")
    write(tmp_path / "parts" / "small.py", "from .deep.most import SIZE\nfrom . import other\n")
    write(tmp_path / "parts" / "other.py", "")
    write(tmp_path / "parts" / "deep" / "most.py", "from ..other import __name__ as n\nSIZE = 3\n")
    write(tmp_path / "parts" / "unused.py", "")
    write(tmp_path / "loose" / "bits.py", "BIT = 1\n")
    imports = "import parts.small\nfrom loose.bits import BIT\n"
    path = write(tmp_path / "net.py", f"{imports}\nclass Net:\n    size = parts.small.SIZE\n")
    assert import_class(f"{path}:Net").size == 3
    assert list(read_source(path)) == [
        *("net.py", "loose/bits.py", "parts/__init__.py", "parts/deep/most.py", "parts/other.py"),
        "parts/small.py",
    ]


def test_a_file_is_known_by_its_content_and_that_of_what_it_imports(tmp_path: Path) -> None:
    agent_in(tmp_path / "here", "one")
    known = source_hash(tmp_path / "here" / "net.py")
    agent_in(tmp_path / "there", "one")
    (tmp_path / "there" / "net.py").rename(tmp_path / "there" / "renamed.py")
    write(tmp_path / "there" / "unused.py", "")
    assert source_hash(tmp_path / "there" / "renamed.py") == known
    agent_in(tmp_path / "other", "two")
    assert source_hash(tmp_path / "other" / "net.py") != known
    assert source_of_hash(known)["helpers.py"] == b"SAYS = 'one'\n"
    alone = write(tmp_path / "alone.py", "class Net: ...\n")
    assert source_hash(alone) == hashlib.sha256(alone.read_bytes()).hexdigest()
    assert (short_hash(known), short_hash(None)) == (known[:12], "unknown")


def test_a_file_that_was_changed_is_imported_anew(tmp_path: Path) -> None:
    path = write(tmp_path / "net.py", "class Net:\n    size = 1\n")
    assert import_class(f"{path}:Net") is import_class(f"{path}:Net")
    write(path, "class Net:\n    size = 22\n")
    assert import_class(f"{path}:Net").size == 22


@pytest.mark.parametrize(
    "text", ["def broken(:\n", "raise SystemExit\n", "\0", "import gone_for_good"]
)
def test_a_file_that_cannot_be_imported_says_why(tmp_path: Path, text: str) -> None:
    path = write(tmp_path / "net.py", text)
    with pytest.raises(UserError, match=r"net.py cannot be imported \(\w+.*\); repair it"):
        import_class(f"{path}:Net")


def test_a_path_that_no_system_takes_is_no_file() -> None:
    assert not is_file(Path("a\0b")) and not is_file(Path("x" * 5000))
