"""`python -m cvlib`: the workshop from the command line."""

import sys

from cvlib.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
