"""memcubed: memory as a service for LLM chat apps and agents."""

import os

# onnxruntime reads it when it is loaded, and sends telemetry to its maker without it.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
# numpy's BLAS reads it when it is loaded; requests are its threads, and more of them wait for one another.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
