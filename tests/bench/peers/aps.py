#!/usr/bin/env python3
"""APScheduler 3, as its users have it: a function a job, which inserts the row.

aps.py fire JOBS EPOCH GRACE    all due at that second; GRACE seconds late at most, 0: any
aps.py idle JOBS                none due; runs until it is killed
"""
import datetime
import logging
import os
import sys
import threading
import time

import psycopg2
from apscheduler import events
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

what, jobs = sys.argv[1], int(sys.argv[2])
due = int(sys.argv[3]) if what == "fire" else 0
grace = int(sys.argv[4]) if what == "fire" else 0
logging.disable(logging.CRITICAL)

INSERT = """
INSERT INTO clock.jobs (clockfile, job, scheduled_at, origin, task, queue, payload)
VALUES ('aps', %s, to_timestamp(%s), 'schedule', %s, 'aps', %s) ON CONFLICT DO NOTHING"""
thread = threading.local()
lock = threading.Lock()
over = 0


def tick(i):
    if not hasattr(thread, "db"):
        thread.db = psycopg2.connect("")
        thread.db.autocommit = True
    name = "job-%06d" % i
    payload = '{"account": %d, "region": "eu-west", "v": 1}' % i
    thread.db.cursor().execute(INSERT, (name, due, name, payload))


def ended(_):
    global over
    with lock:
        over += 1


def trigger():
    if what == "idle":
        return CronTrigger(month=1, day=1, timezone="UTC")
    at = datetime.datetime.fromtimestamp(due, datetime.timezone.utc)
    return CronTrigger(year=at.year, month=at.month, day=at.day, hour=at.hour, minute=at.minute,
                       second=at.second, timezone="UTC")


scheduler = BackgroundScheduler(
    timezone="UTC", executors={"default": ThreadPoolExecutor(10)},
    job_defaults={"misfire_grace_time": grace or None})
scheduler.add_listener(
    ended, events.EVENT_JOB_EXECUTED | events.EVENT_JOB_MISSED | events.EVENT_JOB_ERROR)
scheduler.start(paused=True)
for i in range(jobs):
    scheduler.add_job(tick, trigger(), args=[i], id=str(i))
scheduler.resume()
print("ready", flush=True)
while what == "idle" or (over < jobs and time.time() < due + 60):
    time.sleep(0.2)
os._exit(0)
