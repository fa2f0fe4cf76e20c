"""The motion: land, read, normalise, link, run. Imports all three; nothing imports it.

The allocator of polars is told to give memory back: what one stage let go would else stay with the process while the next asks for
more. It reads this when polars is loaded, so it is said here, before anything is imported; whoever sets the variable is obeyed.
"""

import os

os.environ.setdefault("_RJEM_MALLOC_CONF", "background_thread:true,dirty_decay_ms:200,muzzy_decay_ms:0")
