"""Let BLAS use one thread; this must run before anything imports numpy.

On matrices as small as ours, the threads of BLAS cost more than they bring, and the engine shares
the work between threads of its own. BLAS reads how many it may start when it is loaded, so
`engine/__init__.py` imports this module first of all.
"""

import os
import sys

BLAS_WAS_TOLD = "numpy" not in sys.modules
if BLAS_WAS_TOLD:
    for variable in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
        os.environ[variable] = "1"
