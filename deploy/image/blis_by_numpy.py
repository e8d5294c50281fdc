"""What thinc wants of `blis.py`, by numpy: the image has this in place of a second copy of BLIS, 18 MB.

The parser multiplies by numpy anyway (`use_blis=False`); thinc only refuses to start without the module.
"""

from typing import Any

import numpy as np


def gemm(
    first: Any, second: Any, out: Any = None, trans1: bool = False, trans2: bool = False, beta: float = 0.0
) -> Any:
    """The product of two matrices, each transposed if asked, plus `beta` times what `out` held."""
    product = np.matmul(first.T if trans1 else first, second.T if trans2 else second)
    if out is None:
        return product
    out[...] = product if beta == 0 else product + beta * out
    return out
