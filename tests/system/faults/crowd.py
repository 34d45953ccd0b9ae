"""People who ask at the same moment, as a process: `python crowd.py FILE`, with the standard library alone, so that it begins at once.

The file says whom it asks and what: `{"port": …, "asked": [[token, path, body], …]}`. It prints the statuses in their order.
"""

import json
import sys
import threading
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

TOGETHER = 8


def ask(port: int, asked: list[list[Any]], answered: list[int], first: int) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=120)
    for n in range(first, len(asked), TOGETHER):
        token, path, body = asked[n]
        headers = {"Authorization": token, "Content-Type": "application/json"}
        connection.request("POST", path, json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        answer.read()
        answered[n] = answer.status
    connection.close()


def main() -> None:
    given = json.loads(Path(sys.argv[1]).read_text())
    asked, answered = given["asked"], [0] * len(given["asked"])
    threads = [threading.Thread(target=ask, args=(given["port"], asked, answered, n)) for n in range(TOGETHER)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps(answered))


if __name__ == "__main__":
    main()
