"""`python -m designer.lab.worker`: the worker, on its standard input and output."""

import sys

from designer.lab.worker.serving import serve

if __name__ == "__main__":
    sys.exit(serve())
