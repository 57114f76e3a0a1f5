"""Finds which article or intent a text asks for; owns every text library."""

import os

# Read by numpy's libraries when they load. With more threads than one, each of our small products waits for
# all the cores: learning took eight times the processor time, and answers stood in each other's way.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
