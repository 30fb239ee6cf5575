"""The agents that MAGE is compared with, each wrapped around a published implementation.

One file per family; each begins with its papers, its implementation and the list of deviations.
"""

import contextlib
import io

with contextlib.redirect_stderr(io.StringIO()):
    # d3rlpy imports it, and at its first import it tells every process that it is unmaintained.
    import gym  # noqa: F401
