"""``python -m sipway``: the same as the command ``sipway``."""

import sys

from sipway.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
