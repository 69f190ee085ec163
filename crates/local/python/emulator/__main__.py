"""Runs MiniStack for one environment, with the extensions in this folder.

Usage: python FOLDER SECRET_FILE. All other settings are MiniStack's environment variables.

MiniStack is a development emulator: by itself it writes its state only at an orderly stop, lets anyone reset it,
and never frees memory. `gate` authorizes requests, `disk` keeps the state on disk, `bounds` limits memory and
processes. On SIGTERM it writes its state and ends.
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
