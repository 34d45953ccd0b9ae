"""Write a migration for a service from the difference between its tables and its migrations (`make migration`)."""

import sys

from chassis.database.revisions import new_revision
from qunxue.installed import service


def main() -> None:
    name, message = sys.argv[1:]
    for path in new_revision(service(name), message):
        print(f"{path}: read it before you commit it")


if __name__ == "__main__":
    main()
