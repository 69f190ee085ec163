"""Keeps the emulator's state on disk, so that it survives a stop, a reboot and `kill -9`.

S3 objects are files (MiniStack's `S3_PERSIST`). Everything else is written as one snapshot by a forked copy of the
process, so it is consistent and blocks no request. Writing takes at most about a tenth of the time. Records that
Kinesis accepted since the last snapshot are in a journal, which is written before the caller gets the response. A
restart reads the snapshot, appends the records of the journal, makes messages in flight visible, and sends the
notifications of objects that are newer than the snapshot again: delivery is at least once. Nothing is fsynced, so a
power failure may lose more than a crash.
"""

import asyncio
import copy
import datetime
import errno
import gc
import json
import os
import pickle
import signal
import sys
import time

import bounds

FORMAT = 1
# The pause between two snapshots: at least PAUSE seconds, and at least SHARE times as long as the last one took.
PAUSE, SHARE = 5.0, 10.0
# Seconds for which a deploy may delay a snapshot; the time limit for writing a snapshot, in seconds.
PATIENCE, LIMIT = 120.0, 600
# Tolerance in seconds when the times of objects and of a snapshot are compared.
MARGIN = 10.0


def say(text: str) -> None:
    """Writes a line to the log. `stack status` may show it to the user."""
    os.write(2, f"riverhouse: {text}\n".encode())


class Keeper:
    """Writes and reads the state in `folder`. There is one keeper per process."""

    def __init__(self, ministack, folder: str):
        self.ministack, self.folder = ministack, folder
        self.snapshot = os.path.join(folder, "state.pickle")
        self.dirty, self.next, self.waiting_since = False, 0.0, None
        self.lock = None
        self.unwritten: dict = {}
        self.journal, self.generation = None, 0
        ministack._load_persisted_state = self.load
        # MiniStack calls this when it is stopped, and cannot await a coroutine there.
        ministack.save_all = lambda states: self.write_now()
        self.watch_objects()
        self.watch_kinesis()

    def changed(self) -> None:
        """Marks the state as changed, so that a snapshot is written."""
        self.dirty = True

    # --- writing ---

    async def run(self) -> None:
        """Writes snapshots until the process ends."""
        while True:
            await asyncio.sleep(1)
            bounds.prune()
            self.write_objects()
            if self.dirty and time.monotonic() >= self.next and not self.must_wait():
                await self.save()

    def must_wait(self) -> bool:
        """Returns whether a snapshot now would contain an unfinished deploy, or objects that are not on disk."""
        if self.unwritten:
            return True
        if not self.busy():
            self.waiting_since = None
            return False
        self.waiting_since = self.waiting_since or time.monotonic()
        return time.monotonic() - self.waiting_since < PATIENCE

    def busy(self) -> bool:
        modules = sys.modules
        stacks = modules["ministack.services.cloudformation"]._stacks.all_values() if (
            "ministack.services.cloudformation" in modules) else ()
        functions = modules["ministack.services.lambda_svc"]._functions.all_values() if (
            "ministack.services.lambda_svc" in modules) else ()
        at_work = any(str(stack.get("StackStatus", "")).endswith("_IN_PROGRESS")
                      and stack.get("StackStatus") != "REVIEW_IN_PROGRESS" for stack in list(stacks))
        return at_work or any((function.get("config") or {}).get("State") == "Pending" or
                              (function.get("config") or {}).get("LastUpdateStatus") == "InProgress"
                              for function in list(functions))

    async def save(self) -> bool:
        """Writes a snapshot and returns whether it was written. A second call waits for the first."""
        self.lock = self.lock or asyncio.Lock()
        async with self.lock:
            begun = time.monotonic()
            pid, old = self.fork()
            while (done := os.waitpid(pid, os.WNOHANG)) == (0, 0):
                await asyncio.sleep(0.05)
            return self.ended(done[1], begun, old)

    def write_now(self) -> bool:
        """Writes a snapshot and blocks until it is written."""
        self.write_objects()
        begun = time.monotonic()
        pid, old = self.fork()
        return self.ended(os.waitpid(pid, 0)[1], begun, old)

    def ended(self, status: int, begun: float, old: list) -> bool:
        took = time.monotonic() - begun
        self.next = time.monotonic() + max(PAUSE, SHARE * took)
        if status != 0:
            self.dirty = True
            return False
        for path in old:
            os.remove(path)
        return True

    def fork(self) -> tuple[int, list]:
        """Forks the process that writes. Returns its pid, and the journals that the snapshot replaces."""
        old = self.journals()
        self.open_journal()
        self.dirty = False
        parent, taken = os.getpid(), time.time()
        pid = os.fork()
        if pid == 0:
            self.child(parent, taken)
        return pid, old

    def child(self, parent: int, taken: float) -> None:
        from ministack.services import lambda_svc

        code = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.alarm(LIMIT)
            # This closes the listening socket too, which must not outlive the parent.
            os.closerange(3, os.sysconf("SC_OPEN_MAX"))
            os.nice(10)
            gc.disable()
            # Nothing else runs in this process, so the services need not copy the state that they return.
            copy.deepcopy = lambda value, memo=None: value
            code_of_functions, prune = [], lambda_svc._prune_orphan_code_blobs
            lambda_svc._prune_orphan_code_blobs = code_of_functions.append
            states = {key: state for key, get in self.ministack._build_persistence_save_dict().items()
                      if (state := get()) is not None}
            part = f"{self.snapshot}.{os.getpid()}"
            try:
                with open(part, "wb") as file:
                    pickle.dump({"format": FORMAT, "taken": taken, "services": states}, file, protocol=5)
                if os.getppid() == parent:
                    os.replace(part, self.snapshot)
                    code = 0
                    # Only now, because the previous snapshot refers to the other code.
                    for referenced in code_of_functions:
                        prune(referenced)
            finally:
                if code:
                    os.remove(part)
        except BaseException as error:
            say(f"the state was not written: {reason(error)}")
        finally:
            os._exit(code)

    # --- objects of S3 ---

    def watch_objects(self) -> None:
        """Records objects whose file could not be written. MiniStack keeps their content in memory without an error."""
        from ministack.core.responses import get_account_id
        from ministack.services import s3

        persist = s3._persist_object

        def persist_object(bucket, key, obj):
            persist(bucket, key, obj)
            if isinstance(obj, dict) and obj.get("body") is not None:
                self.unwritten[(get_account_id(), bucket, key)] = obj

        s3._persist_object = persist_object
        self.persist = persist

    def write_objects(self) -> None:
        """Retries the objects whose file could not be written."""
        from ministack.core.responses import set_request_account_id

        for (account, bucket, key), obj in list(self.unwritten.items()):
            set_request_account_id(account)
            self.persist(bucket, key, obj)
            if obj.get("body") is None:
                del self.unwritten[(account, bucket, key)]

    # --- the journal of Kinesis ---

    def journals(self) -> list:
        names = [name for name in os.listdir(self.folder) if name.startswith("journal-")]
        return [os.path.join(self.folder, name) for name in sorted(names)]

    def open_journal(self) -> None:
        if self.journal is not None:
            os.close(self.journal)
        known = [int(path.rpartition("-")[2]) for path in self.journals()]
        self.generation = max([self.generation, *known]) + 1
        path = os.path.join(self.folder, f"journal-{self.generation:012d}")
        self.journal = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def watch_kinesis(self) -> None:
        """Writes accepted records to the journal before the caller gets the response."""
        from ministack.core.responses import error_response_json, get_account_id, get_region
        from ministack.services import kinesis

        def watched(put, records_of, places_of):
            def put_and_note(data):
                answer = put(data)
                if answer[0] != 200:
                    return answer
                places, now = places_of(json.loads(answer[2])), round(time.time(), 3)
                stream = data.get("StreamName") or str(data.get("StreamARN", "")).rpartition("/")[2]
                records = [[place["ShardId"], place["SequenceNumber"], now, record["Data"], record["PartitionKey"]]
                           for place, record in zip(places, records_of(data))]
                try:
                    self.note([get_account_id(), get_region(), stream, records])
                except OSError as error:
                    say(f"records are refused: {reason(error)}")
                    return error_response_json("InternalFailure", reason(error), 500)
                return answer
            return put_and_note

        kinesis._put_records = watched(
            kinesis._put_records, lambda data: data.get("Records", []), lambda said: said["Records"])
        kinesis._put_record = watched(kinesis._put_record, lambda data: [data], lambda said: [said])

    def note(self, entry: list) -> None:
        if self.journal is None:
            self.open_journal()
        line = json.dumps(entry).encode() + b"\n"
        written = os.write(self.journal, line)
        if written != len(line):
            os.ftruncate(self.journal, os.fstat(self.journal).st_size - written)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    # --- reading ---

    def load(self) -> None:
        """Restores the state. Ends the process if the snapshot cannot be read, because an empty emulator would look
        healthy."""
        taken = 0.0
        try:
            with open(self.snapshot, "rb") as file:
                state = pickle.load(file)
            if state["format"] != FORMAT:
                raise ValueError(f"its format is {state['format']}, not {FORMAT}")
            taken = state["taken"]
            for key, module in self.ministack._state_map.items():
                if key in state["services"]:
                    self.ministack._get_module(module).load_persisted_state(state["services"][key])
        except FileNotFoundError:
            pass
        except Exception as error:
            say(f"`{self.snapshot}` cannot be read: {reason(error)}")
            os._exit(3)
        self.replay()
        self.release_messages()
        asyncio.get_running_loop().create_task(self.run())
        asyncio.get_running_loop().create_task(asyncio.to_thread(self.announce, taken))
        self.dirty = True

    def replay(self) -> None:
        """Appends the records of the journals that are not in the snapshot."""
        from ministack.services import kinesis

        for path in self.journals():
            with open(path, "rb") as file:
                for line in file:
                    try:
                        account, region, name, records = json.loads(line)
                    except ValueError:
                        continue  # an incomplete last line: the process ended before the caller got a response
                    stream = kinesis._streams.get_scoped(account, region, name)
                    for shard_id, sequence, at, data, key in records if stream else ():
                        known = stream["shards"].get(shard_id, {}).get("records")
                        if known is not None and (not known or known[-1]["SequenceNumber"] < sequence):
                            known.append({"SequenceNumber": sequence, "ApproximateArrivalTimestamp": at,
                                          "Data": data, "PartitionKey": key})

    def release_messages(self) -> None:
        """Makes messages in flight visible, because their consumers have ended."""
        from ministack.services import sqs

        for queue in sqs._queues.all_values():
            for message in queue["messages"]:
                if message.get("receipt_handle"):
                    message["visible_at"] = min(message["visible_at"], time.time())

    def announce(self, taken: float) -> None:
        """Sends the notifications of objects that are newer than the snapshot, because they may have been lost."""
        from ministack.core.responses import set_request_account_id
        from ministack.services import s3

        def written(text: str) -> float:
            return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()

        for (account, bucket), held in list(s3._buckets._data.items()):
            set_request_account_id(account)
            for key, obj in list(held["objects"].items()) if bucket in s3._bucket_notifications else ():
                if written(obj["last_modified"]) >= taken - MARGIN:
                    s3._fire_s3_event(bucket, key, "s3:ObjectCreated:Put", obj["size"], obj["etag"])


def reason(error: BaseException) -> str:
    """Returns the error as one line."""
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return "the disk is full"
    return f"{type(error).__name__}: {error}".splitlines()[0]
