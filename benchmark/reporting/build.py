"""Records -> the report folder: tables, pictures, a page and a summary. Reads records only."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

from benchmark import plots
from benchmark.errors import UserError, one_line
from benchmark.records.disk import disk_trouble
from benchmark.records.files import no_records, read_records, write_atomically
from benchmark.reporting import ablation_table, tables
from benchmark.reporting.blocks import Block, FileLinks, Fold, Image, Picture, Section
from benchmark.reporting.calibration_sections import calibration_sections, valid_calibrations
from benchmark.reporting.claims import claims
from benchmark.reporting.difference_table import difference_table
from benchmark.reporting.formats import (
    Table,
    escape_markdown,
    to_csv,
    to_latex,
    to_markdown,
    to_terminal,
)
from benchmark.reporting.front import Front, front
from benchmark.reporting.media import media_sections
from benchmark.reporting.page import page_front, page_html, page_section
from benchmark.reporting.planning_section import planning_section
from benchmark.reporting.sections import appendix, sections
from benchmark.statistics.frames import Frames, collate

# Files that a report may remove when it no longer makes them.
_OWN_FILE = re.compile(
    r"((scores|curves|codebook|plan|planning)-.*|aggregates|intervals|improvement|profiles|score-latency"
    r"|latency|costs|leaderboard|provenance|ablation|differences|calibration|plan-worth|perturbed|planning)\.(md|tex|csv|png|pdf|gif)|report\.html"
)
PAGE, SUMMARY = "report.html", "summary.md"

Files = dict[str, str | bytes]


def build_report(
    out: Path, *, with_published: bool = False, reference: str | None = None
) -> list[Path]:
    """Writes `report/` below an output folder, from the records below its `runs/`.

    Args:
        out: the folder that was `--out` of the runs.
        with_published: whether published numbers stand beside the measured ones.
        reference: name of the agent that all others are set against; see `frames.collate`.

    Returns:
        The files written: tables, pictures, and `report.html` and `summary.md`, which each have
        all of them.

    Raises:
        UserError: if there are no records, one is damaged, they must not be compared, or none is
            of the reference.
    """
    frames = collate(read_records(out), reference)
    if frames.runs.empty:
        raise no_records(out)
    return write_report(out, frames, with_published=with_published)


def write_report(
    out: Path, frames: Frames, *, with_published: bool = False, folder: Path | None = None
) -> list[Path]:
    """Writes `report/` below an output folder, or another folder; see `build_report`.

    Everything is made before anything is written, every file is replaced whole, and files of an
    earlier report that no longer have a source are removed. The same records give the same files.

    Raises:
        UserError: if the folder cannot be written.
    """
    folder = out / "report" if folder is None else folder
    files = _render(out, frames, with_published, folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            write_atomically(folder / name, content)
        for path in folder.iterdir():
            if _OWN_FILE.fullmatch(path.name) and path.name not in files:
                path.unlink()
    except OSError as error:
        raise UserError(
            f"cannot write the report to {folder} ({one_line(error)}); "
            f"{disk_trouble(error, folder) or 'make it a folder you may write to'}"
        ) from error
    return [folder / name for name in files]


def not_rebuilt(out: Path) -> list[str]:
    """One line for what an earlier `benchmark.sanity` left beside a report, which is none of it.

    Args:
        out: the folder that was `--out`.
    """
    answers = out / "report" / "sanity.md"
    if not answers.is_file():
        return []
    return [
        f"{answers} is as an earlier `python -m benchmark.sanity` wrote it, and may be of other "
        "records; the same command with --no-train builds it again"
    ]


def printed_score_tables(frames: Frames) -> str:
    """The score tables as plain text in GitHub's style, for the terminal, and then who is ahead."""
    plain = frames.plain
    shown = [tables.score_table(part.scores, part.runs) for _, part in frames.by_benchmark()]
    difference = difference_table(plain.differences, plain.runs, plain.reference)
    shown += [difference] * bool(difference.rows)
    if variants := frames.of_ablation():
        shown.append(ablation_table.ablation_table(variants.scores, variants.runs))
    texts = [to_terminal(table, alone=False) for table in shown]
    return "\n".join([*texts, *claims(frames)] if shown else [])


def _render(out: Path, frames: Frames, with_published: bool, folder: Path) -> Files:
    """All files of the report in a folder by name; the summary comes last."""
    files: Files = {}
    head = front(frames)
    files |= _section_files(head.section)
    summary, page_sections = _front_in_markdown(head), []
    of_frames = sections(frames, with_published=with_published)
    of_agents = [
        *planning_section(frames, valid_calibrations(out, frames.runs)),
        *calibration_sections(out, frames.runs),
        *media_sections(out, frames.runs, folder),
    ]
    for section in [*of_frames, *of_agents, *appendix(frames)]:
        its_files = _section_files(section)
        files |= its_files
        summary += [f"## {escape_markdown(section.title)}\n", *map(_in_markdown, section.blocks)]
        page_sections.append(page_section(section, its_files))
    page = page_html(page_front(head), page_sections, frames)
    return {**files, PAGE: page, SUMMARY: "\n".join(summary)}


def _section_files(section: Section) -> Files:
    files: Files = {}
    if section.name:
        files[f"{section.name}.md"] = "\n".join(map(to_markdown, section.tables))
        files[f"{section.name}.tex"] = "\n".join(map(to_latex, section.tables))
        files[f"{section.name}.csv"] = to_csv(section.data)
    for picture in section.pictures:
        if isinstance(picture, Image):
            files[f"{picture.name}.{picture.kind}"] = picture.content
            continue
        for kind in ("png", "pdf"):
            files[f"{picture.name}.{kind}"] = plots.figure_bytes(picture.figure, kind)
        if picture.data is not None:
            files[f"{picture.name}.csv"] = to_csv(picture.data)
    return files


def _in_markdown(block: Block) -> str:
    if isinstance(block, Table):
        return to_markdown(block, alone=False)
    if isinstance(block, Picture | Image):
        address = quote(f"{block.name}.{block.kind if isinstance(block, Image) else 'png'}")
        caption = escape_markdown(block.caption)
        return f"![{escape_markdown(block.title)}]({address})\n\n{caption}\n"
    if isinstance(block, FileLinks):
        links = (f"[{escape_markdown(to.title)}]({quote(to.address)})" for to in block.targets)
        return "".join(f"- {link}\n" for link in links)
    if isinstance(block, Fold):
        summary, text = map(escape_markdown, (block.summary, block.text))
        return f"<details><summary>{summary}</summary>\n\n{text}\n\n</details>\n"
    if isinstance(block, list):
        return "".join(f"- {escape_markdown(text)}\n" for text in block)
    return f"{block}\n"


def _front_in_markdown(head: Front) -> list[str]:
    first, *others = map(escape_markdown, head.sentences)
    badges = (f"- **{badge.topic}:** {escape_markdown(badge.text)}" for badge in head.badges)
    caveats = (f"- **{topic}** {escape_markdown(text)}" for topic, text in head.caveats)
    return [
        *("# Report\n", f"**{first}**\n", *[f"{' '.join(others)}\n"] * bool(others)),
        *("\n".join(badges) + "\n", f"## {head.section.title}\n"),
        *map(_in_markdown, head.section.blocks),
        *("## How to read them\n", "\n".join(caveats) + "\n"),
    ]
