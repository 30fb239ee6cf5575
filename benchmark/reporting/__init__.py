"""Frames -> a report.

::

    frames -> claims, badges, front_tables, caveats -> front  -> build
           -> tables, ablation_table, published -> sections
    plans and videos beside the runs            -> media

`blocks` is what sections are made of, `formats` writes a table as Markdown, LaTeX or CSV, `page` is
the report as one HTML file, and `build` writes all of it. `expectations` holds scores against what
is known beforehand, and `changes` one folder against another.
"""
