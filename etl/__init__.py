"""The motion: land, read, normalise, link, run. Imports all three; nothing imports it.

The allocator of polars is told to hand pages back lazily (MADV_FREE): the kernel takes them when anybody needs memory, and until then the
next stage finds them without a fault. That saves a tenth of a run; the resident size shown for the process counts such pages, though they
are nobody's. As many arenas as cores, so that what one thread let go serves the others. It reads this when polars is loaded, so it is said
here, before anything is imported; whoever sets the variable is obeyed.
"""

import os

os.environ.setdefault("_RJEM_MALLOC_CONF", f"background_thread:true,dirty_decay_ms:500,muzzy_decay_ms:-1,narenas:{os.cpu_count() or 1}")
