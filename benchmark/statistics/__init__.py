"""Records -> frames; every function is pure.

::

    records -> score_frames -> differences -> marks, verdict
                            -> aggregates -> leaderboard
                            -> provenance
            -> curves, costs, details
            -> frames (all of these at once, which a report is made from)

`compare` sets two folders of records side by side.
"""
