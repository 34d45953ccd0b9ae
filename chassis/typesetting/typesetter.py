"""The process that sets a document: reads JSON, writes the file. Run as a program, knowing nothing else of the product."""

import json
import os
import resource
import sys
from typing import Final

ENVIRONMENT: Final = {"LC_ALL": "C.UTF-8", "RAYON_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
"""Nothing of the product's settings, which hold secrets; one thread, so that it takes no more than a core."""
MEMORY: Final = 1024 * 1024 * 1024
CPU_SECONDS: Final = 30


def main() -> None:
    """Set what standard input says."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    os.nice(5)
    import typst

    given = json.load(sys.stdin.buffer)
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[given["fonts"]])
    made = typst.compile(
        given["template"].encode(),
        font_paths=fonts,
        ignore_system_fonts=True,
        format=given["form"],
        timestamp=given["dated"],
        sys_inputs={"content": json.dumps(given["content"], ensure_ascii=False)},
    )
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    main()
