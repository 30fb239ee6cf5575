"""How the page's templates are read and filled: all that comes from records is escaped."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined


@cache
def environment() -> Environment:
    """The templates beside this file; what they are given is text, never markup."""
    templates = Environment(
        loader=PackageLoader("benchmark.reporting.page", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # Browsers refuse NaN, and text in plain ASCII holds no half of a character.
    templates.policies["json.dumps_kwargs"] = {
        **{"separators": (",", ":"), "ensure_ascii": True, "allow_nan": False}
    }
    return templates


def own_file(name: str) -> str:
    """The text of a file beside this one."""
    return (files("benchmark.reporting.page") / name).read_text(encoding="utf-8")
