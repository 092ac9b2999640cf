"""`python -m ragkit`: the same as the command `ragkit`."""

import sys

from ragkit.commands import main

if __name__ == "__main__":
    sys.exit(main())
