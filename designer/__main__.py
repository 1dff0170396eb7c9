"""`python -m designer`: the same program as `cluster-designer`."""

import sys

from designer.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
