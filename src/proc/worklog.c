/* What no other file knows: the words of a worker's log. */

#include "proc/worklog.h"

#include "base/log.h"

static void
begin(LogLevel level, const char *verb, const Claim *claim)
{
    log_begin(level, verb);
    log_text("job", claim->job);
    log_number("id", claim->id);
    log_text("scheduled_at", claim->scheduled_at);
    log_number("attempt", claim->attempt);
}

void
worklog_began(const Clockfile *file, size_t commands, const QueueView *view)
{
    log_begin(LOG_INFO, "read");
    log_text("file", file->path);
    log_text("clockfile", file->name);
    log_number("commands", (int64_t)commands);
    log_text("queues", view->names);
    log_text("worker", view->worker);
    log_end();
    if (commands > 0)
        return;
    log_begin(LOG_WARNING, "idled");
    log_text("reason", "no job of the file has a command");
    log_end();
}

void
worklog_connected(const char *where, bool listening)
{
    log_begin(LOG_INFO, "connected");
    log_text("database", where);
    log_text("woken_by", listening ? "notify" : "polling");
    log_end();
}

void
worklog_trouble(bool connected, const Error *error)
{
    log_begin(LOG_WARNING, connected ? "hindered" : "lost");
    log_text("reason", error->text);
    log_text("sqlstate", error->sqlstate[0] == '\0' ? NULL : error->sqlstate);
    log_text("hint", error->hint[0] == '\0' ? NULL : error->hint);
    log_end();
}

void
worklog_started(const Claim *claim)
{
    begin(LOG_INFO, "started", claim);
    log_end();
}

void
worklog_ended(const Claim *claim, const Report *report, int64_t took_us)
{
    static const char *const verbs[] = {
        [REPORT_DONE] = "done", [REPORT_FAILED] = "failed", [REPORT_RELEASED] = "released"};
    bool failed = report->kind == REPORT_FAILED;
    begin(failed ? LOG_WARNING : LOG_INFO, verbs[report->kind], claim);
    log_number("ms", took_us / 1000);
    log_text("reason", report->error);
    if (failed && claim->attempt >= claim->max_attempts)
        log_text("state", "dead");
    log_end();
}

void
worklog_lost(const Claim *claim, const char *why)
{
    begin(LOG_WARNING, "forfeited", claim);
    log_text("reason", why);
    log_end();
}

void
worklog_not_started(const Claim *claim, const Error *error)
{
    begin(LOG_ERROR, "not_started", claim);
    log_text("reason", error->text);
    log_end();
}

void
worklog_draining(size_t running, int64_t grace_us)
{
    log_begin(LOG_INFO, "draining");
    log_number("running", (int64_t)running);
    log_number("grace_s", grace_us / 1000000);
    log_end();
}

void
worklog_ending(size_t running)
{
    log_begin(LOG_WARNING, "ending");
    log_number("running", (int64_t)running);
    log_end();
}

void
worklog_reloaded(const Clockfile *file, size_t commands)
{
    log_begin(LOG_INFO, "reloaded");
    log_text("file", file->path);
    log_number("commands", (int64_t)commands);
    log_end();
}

void
worklog_stopped(size_t left)
{
    log_begin(LOG_INFO, "stopped");
    if (left > 0)
        log_number("unreported", (int64_t)left);
    log_end();
}
