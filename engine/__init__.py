"""The engine: everything of Layerscope but the window.

On matrices as small as its own, the threads of BLAS cost more than they bring. BLAS reads how many
it may start when it is loaded, so this is said before anything here imports numpy.
"""

import os
import sys

BLAS_WAS_TOLD = "numpy" not in sys.modules
if BLAS_WAS_TOLD:
    for variable in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
        os.environ[variable] = "1"
