"""What `python -m benchmark.doctor` prints; nothing but Python's own library is needed for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from benchmark.errors import with_type
from benchmark.running.installation import Finding, packages, program

_NO_FURTHER = "put right what is wrong above, and look again"


def examine(echo: Callable[[str], object]) -> int:
    """Looks at everything that a run needs, and prints each finding as soon as it is there.

    Args:
        echo: is given each line.

    Returns:
        The exit code: 0 if runs are possible, 1 if not.
    """
    wrong = []
    for title, look in _sections():
        echo(title)
        for finding in _guarded(title, look):
            is_wrong = finding.remedy is not None and finding.needed
            state = "wrong" if is_wrong else "note" if finding.remedy else "ok"
            echo(f"  {state:<6} {finding.name:<20} {finding.text}")
            if finding.remedy:
                echo(f"  {'':<6} {'':<20} -> {finding.remedy}")
            wrong += [finding.name] * is_wrong
    verdict = f"no run is possible before this is put right: {', '.join(wrong)}"
    echo(f"\n{verdict if wrong else 'runs are possible'}")
    return 1 if wrong else 0


def _sections() -> Iterator[tuple[str, Callable[[], Iterator[Finding]]]]:
    """Titles, and what is to be looked at below each."""
    yield "Program", program
    yield "Packages", packages
    try:
        from benchmark.running.machine_check import SECTIONS  # Needs what may be missing.
    except ImportError as error:
        problem = with_type(error)
        yield "Machine", lambda: _not_seen("machine", problem)
        return
    yield from SECTIONS


def _guarded(title: str, look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """Whatever is raised on the way is a finding, too."""
    try:
        yield from look()
    except Exception as error:  # What is looked at may be broken in any way.
        yield from _not_seen(title.lower(), with_type(error))


def _not_seen(name: str, problem: str) -> Iterator[Finding]:
    yield Finding(name, f"could not be looked at ({problem})", _NO_FURTHER, needed=True)
