"""What the command lines have in common: how text is read, one message and an exit code."""

from __future__ import annotations

import errno
import re
from pathlib import Path

import pytest
import typer

from benchmark.agents.registry import agent_names
from benchmark.cli.options import (
    one_message,
    output_location,
    parse_agents,
    parse_list,
    parse_seeds,
)
from benchmark.errors import DatasetError, UserError


@pytest.mark.parametrize(
    ("raised", "code", "told"),
    [
        (UserError("no such task"), 2, "error: no such task\n"),
        (DatasetError("it is gone", "get it"), 2, "error: it is gone; get it\n"),
        (
            OSError(errno.EROFS, "Read-only file system", "/x"),
            2,
            "error: [Errno 30] Read-only file system: '/x'; use a place that can be written\n",
        ),
        (KeyboardInterrupt(), 130, "\nstopped; nothing was written\n"),
    ],
)
def test_what_the_user_can_put_right_is_one_message(
    capsys: pytest.CaptureFixture[str], raised: BaseException, code: int, told: str
) -> None:
    with pytest.raises(typer.Exit) as ended, one_message("nothing was written"):
        raise raised
    assert ended.value.exit_code == code
    assert capsys.readouterr() == ("", told)


def test_other_errors_are_not_hidden(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="a fault"), one_message(""):
        raise ValueError("a fault")
    with one_message(""):
        pass
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("text", "seeds"),
    [
        ("3", [0, 1, 2]),
        ("1", [0]),
        ("4,7", [4, 7]),
        ("4,", [4]),
        ("seed-4", [4]),
        ("seed-0", [0]),
        ("seed-4,seed-7", [4, 7]),
        ("0,0,2", [0, 2]),
        ("0,", [0]),
        ("01,1", [1]),
    ],
)
def test_seeds_are_a_number_or_a_list(text: str, seeds: list[int]) -> None:
    assert parse_seeds(text) == seeds


@pytest.mark.parametrize("text", ["-1", "0,-2"])
def test_a_negative_seed_is_named(text: str) -> None:
    with pytest.raises(
        UserError, match=r"negative seed -\d in --seeds .*; valid: seeds of 0 or more"
    ):
        parse_seeds(text)


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("1000000000000", "a number of seeds of up to 1000"),
        ("1,99999999999999999999", "seeds of up to 2147483647"),
        (f"{2**63},", "seeds of up to 2147483647"),
        ("9" * 5000, "a number of seeds of up to 1000"),
    ],
)
def test_seeds_without_end_are_refused_at_once(text: str, valid: str) -> None:
    with pytest.raises(UserError, match=f" is too large; valid: {valid}$"):
        parse_seeds(text)


def test_the_largest_seeds_are_taken() -> None:
    assert parse_seeds("2147483647,")[0] == 2**31 - 1 and len(parse_seeds("0001000")) == 1000


@pytest.mark.parametrize("out", ["", "  "])
def test_an_output_folder_without_a_name_is_refused(out: str) -> None:
    with pytest.raises(UserError, match="is no place; valid: a folder; leave it out for results"):
        output_location(out, Path("results"))
    with pytest.raises(UserError, match="s3:/b/x is neither a folder nor a URL, which is PROTO"):
        output_location("s3:/b/x", Path("results"))
    with pytest.raises(UserError, match="://x is neither a folder nor a URL"):
        output_location("://x", Path("results"))
    with pytest.raises(UserError, match="file:// names no folder; valid: file:///full/path"):
        output_location("file://", Path("results"))
    assert output_location("C:/runs", Path("results")) == "C:/runs"
    assert output_location(None, Path("results")) == "results"
    assert output_location("s3://a/b", Path("results")) == "s3://a/b"


@pytest.mark.parametrize(
    ("argument", "told"),
    [
        ("caf\udce9", r"caf\\udce9 holds bytes that are no UTF-8"),
        ("s3://bucket/x", "s3://bucket/x is a URL; valid here: a file or folder of this machine"),
        ("--out=gs://b", "--out=gs://b is a URL"),
        ("--out=~/x", "--out=~/x holds a ~ that no shell has put a home folder in place of, as no"),
        ("bc,~/agents/mine.py:Mine", "bc,~/agents/mine.py:Mine holds a ~"),
        ("~nobody/x.csv", "~nobody/x.csv holds a ~"),
        ("--runs=~", "--runs=~ holds a ~"),
    ],
)
def test_arguments_that_no_place_is_found_by_are_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], argument: str, told: str
) -> None:
    monkeypatch.setattr("sys.argv", ["command", argument])
    with pytest.raises(typer.Exit), one_message(""):
        pytest.fail("nothing is to be done")
    assert re.match(f"error: {told}", capsys.readouterr().err)


def test_a_temporary_folder_with_a_tilde_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["command"])
    monkeypatch.setenv("TMPDIR", "~/tmp")
    with pytest.raises(typer.Exit), one_message(""):
        pytest.fail("nothing is to be done")
    assert capsys.readouterr().err.startswith("error: ~/tmp holds a ~")


@pytest.mark.parametrize("argument", ["./~/x", "--out=results/old~", "maze2d-*", "a~b/c", "/x/~y"])
def test_a_tilde_elsewhere_is_part_of_a_name(
    monkeypatch: pytest.MonkeyPatch, argument: str
) -> None:
    monkeypatch.setattr("sys.argv", ["command", argument])
    with one_message(""):
        pass


def test_where_a_url_may_stand_it_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["command", "--out", "s3://bucket/x"])
    with one_message("", urls=True):
        pass


@pytest.mark.parametrize("text", ["", ",", "x", "1.5", "0", "00", " 0 ", "1-3", "1,x", "\u0663"])
def test_other_seeds_are_refused(text: str) -> None:
    with pytest.raises(UserError, match="is no number of seeds; valid: a number of 1 or more"):
        parse_seeds(text)


def test_a_list_holds_each_part_once() -> None:
    assert parse_list(" a,b, a,,") == ["a", "b"]


def test_agents_are_names_and_files(agent_file: Path) -> None:
    assert [agent.name for agent in parse_agents(f"bc,{agent_file}:Pusher")] == ["bc", "pusher"]


def test_a_comma_may_belong_to_the_path_of_a_file(agent_file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "a, b,c"
    folder.mkdir()
    with_commas = agent_file.rename(folder / "x,y.py")
    asked = parse_agents(f"bc,{with_commas}:Pusher, mage.k1,{with_commas}:Broken ,")
    assert [agent.name for agent in asked] == ["bc", "pusher", "mage.k1", "broken"]
    assert asked[1].source == f"{with_commas}:Pusher"
    with pytest.raises(UserError, match=f"unknown agent '{tmp_path}/d'"):
        parse_agents(f"bc,{tmp_path}/d,e.py:Pusher")


def test_no_agent_and_two_of_one_name_are_refused(agent_file: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="names no agent"):
        parse_agents(" ,")
    other = tmp_path / "other.py"
    other.write_text(agent_file.read_text())
    with pytest.raises(UserError, match="two agents .* are called 'pusher'; put @register"):
        parse_agents(f"{agent_file}:Pusher,{other}:Pusher")


def test_all_is_every_registered_agent_once(agent_file: Path) -> None:
    assert [agent.name for agent in parse_agents("all")] == agent_names()
    more = parse_agents(f"bc,all,mage.k1,{agent_file}:Pusher")
    assert [agent.name for agent in more] == [*agent_names(), "mage.k1", "pusher"]


def test_all_and_an_unknown_name_are_refused_like_the_name_alone() -> None:
    with pytest.raises(UserError, match="unknown agent 'mgae'"):
        parse_agents("all,mgae")


def test_a_file_of_one_agent_stands_for_it(tmp_path: Path) -> None:
    folder = tmp_path / "a, b"
    folder.mkdir()
    text = "from tests.benchmark.agents.test_registry import Complete\n\nclass {}(Complete): ...\n"
    for name in ("One", "Two"):
        (folder / f"{name.lower()}.py").write_text(text.format(name))
    asked = parse_agents(f"{folder}/one.py,bc,{folder}/two.py")
    assert [agent.name for agent in asked] == ["one", "bc", "two"]
