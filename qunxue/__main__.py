"""`python -m qunxue`."""

from qunxue.cli import main

if __name__ == "__main__":
    main()
