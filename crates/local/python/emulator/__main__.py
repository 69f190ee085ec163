"""Runs MiniStack for one environment, with the rules of this folder.

usage: python FOLDER SECRET_FILE; everything else comes from MiniStack's own variables.

MiniStack is a development emulator: by itself it writes its state only when it is stopped in order, lets
anybody reset it, and never shrinks. `gate` decides who may call, `disk` keeps its state, `bounds` limits
memory and processes. SIGTERM writes the state and ends it.
"""

import asyncio
import os
import resource
import sys


def main(secret_file: str) -> None:
    import bounds
    import disk
    import gate
    from hypercorn.asyncio import serve
    from hypercorn.config import Config
    from ministack import app as ministack

    with open(secret_file, encoding="ascii") as file:
        secret = file.read().strip()
    keeper = disk.Keeper(ministack, os.environ["STATE_DIR"])
    bounds.install()
    config = Config()
    config.bind = [f"{os.environ['BIND_HOST']}:{os.environ['GATEWAY_PORT']}"]
    config.keep_alive_timeout = 75
    config.loglevel = os.environ.get("LOG_LEVEL", "WARNING")
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    asyncio.run(serve(gate.Gate(ministack.app, keeper, secret), config))


if __name__ == "__main__":
    main(sys.argv[1])
