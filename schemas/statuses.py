"""Where a finding stands: `open` until a person has answered it (docs/overrides.md).

overridden: somebody who knows has said that the values are right. fixed_at_source: said to be mended, not seen yet.
cannot_tell: looked at, and nobody knows.
"""

from __future__ import annotations

OPEN, OVERRIDDEN, FIXED, CANNOT_TELL = "open", "overridden", "fixed_at_source", "cannot_tell"
# What a registrar writes into the work list, and the status that it gives the finding.
ANSWERS = {"fixed at source": FIXED, "correct as is": OVERRIDDEN, "cannot tell": CANNOT_TELL}
