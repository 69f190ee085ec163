"""Limits the emulator's memory and number of processes.

Most functions replace a function of MiniStack, so they must be called only once.
"""

import collections
import threading
import time

# Maximum number of processes of a function; further invocations wait for one of them.
PROCESSES = 16
# Seconds without an invocation after which a process ends: any process but the first, and the first one.
SURPLUS_IDLE, LAST_IDLE = 60, 600
# Seconds after its arrival for which a record is kept that every mapping has read. Others are kept for the
# retention period of the stream.
READ_RECORDS = 600
# Seconds between two checks of the streams.
TRIM_EVERY = 10
# Maximum number of log streams of a log group (each invocation creates one), of events of a log stream, and of data
# points of a metric.
LOG_STREAMS, LOG_EVENTS, METRIC_POINTS = 500, 10_000, 10_000


def install() -> None:
    bound_processes()
    trim_streams()
    lock_notifications()


def bound_processes() -> None:
    """Runs at most `PROCESSES` processes of a function at the same time, and ends idle ones."""
    from ministack.core import lambda_runtime
    from ministack.services import lambda_svc

    slots: dict = collections.defaultdict(lambda: threading.BoundedSemaphore(PROCESSES))
    dispatch = lambda_svc._execute_function_dispatch

    def execute(func, config, event, request_id, started):
        with slots[config.get("FunctionName", "")]:
            return dispatch(func, config, event, request_id, started)

    def reap(ttl=None) -> int:
        now, idle = time.time(), []
        with lambda_runtime._lock:
            for key, workers in list(lambda_runtime._workers.items()):
                kept = []
                for number, worker in enumerate(workers):
                    limit = LAST_IDLE if number == 0 else SURPLUS_IDLE
                    busy = worker.in_use or now - worker.last_used < limit
                    (kept if busy else idle).append(worker)
                if kept:
                    lambda_runtime._workers[key] = kept
                else:
                    del lambda_runtime._workers[key]
        lambda_runtime.kill_workers(idle)
        return len(idle)

    lambda_svc._execute_function_dispatch = execute
    lambda_svc.reap_idle_workers = reap


def trim_streams() -> None:
    """Removes records that every mapping has read, or that are older than the retention period of the stream.

    MiniStack removes old records but does not adjust the positions of the mappings, which are indexes: after a
    day, a mapping would skip as many new records as were removed. Here both change together, in the thread that
    reads the records.
    """
    from ministack.services import kinesis, lambda_svc

    poll, last = lambda_svc._poll_kinesis, [0.0]

    def poll_kinesis():
        if time.monotonic() - last[0] >= TRIM_EVERY:
            last[0] = time.monotonic()
            for (account, region, _name), stream in list(kinesis._streams.all_items()):
                trim(stream, positions_of(stream, region))
        return poll()

    def positions_of(stream, region):
        return [
            lambda_svc._kinesis_positions.get_scoped(owner, place, esm["UUID"]) or {}
            for owner, place, esm in lambda_svc._iter_all_esms()
            if esm.get("EventSourceArn") == stream["StreamARN"] and place == region
        ]

    def trim(stream, positions):
        now = time.time()
        expired = now - stream["RetentionPeriodHours"] * 3600
        for shard_id, shard in stream["shards"].items():
            read = min((position.get(shard_id, 0) for position in positions), default=0)
            records = shard["records"]
            dropped = 0
            for record in records:
                at = record["ApproximateArrivalTimestamp"]
                if at >= expired and (dropped >= read or at >= now - READ_RECORDS):
                    break
                dropped += 1
            if not dropped:
                continue
            del records[:dropped]
            for position in positions:
                if shard_id in position:
                    position[shard_id] = max(0, position[shard_id] - dropped)
            for iterator in list(kinesis._shard_iterators._data.values()):
                if iterator["stream_arn"] == stream["StreamARN"] and iterator["shard_id"] == shard_id:
                    iterator["position"] = max(0, iterator["position"] - dropped)

    kinesis._expire_records = lambda stream: None
    lambda_svc._poll_kinesis = poll_kinesis


def lock_notifications() -> None:
    """Takes the lock of the queues while an S3 notification is added to one. MiniStack does not, so a notification
    could be lost while another thread replaces the queue's list of messages."""
    from ministack.services import s3, sqs

    deliver = s3._deliver_event_to_sqs

    def deliver_event_to_sqs(*arguments, **named):
        with sqs._queues_lock:
            deliver(*arguments, **named)

    s3._deliver_event_to_sqs = deliver_event_to_sqs


def prune() -> None:
    """Removes the oldest logs and data points beyond the limits. Called every second."""
    from ministack.services import cloudwatch, cloudwatch_logs

    with cloudwatch_logs._log_events_lock:
        for group in list(cloudwatch_logs._log_groups._data.values()):
            streams = group["streams"]
            for name in list(streams)[: max(0, len(streams) - LOG_STREAMS)]:
                del streams[name]
            for stream in list(streams.values()):
                del stream["events"][:-LOG_EVENTS]
    for points in list(cloudwatch._metrics._data.values()):
        del points[:-METRIC_POINTS]
