"""Where the bundle's executable starts: the same program as `cluster-designer`, window and commands in one."""

import multiprocessing
import sys

from designer.__main__ import main

if __name__ == "__main__":
    # Worker processes of the bundle start this executable again; this call turns them into workers.
    multiprocessing.freeze_support()
    sys.exit(main())
