/* What no other file knows: how the state of things is read for those who only look. */

#include "db/survey.h"

#include "base/now.h"
#include "sql.h"

#define SURVEY_US (60 * INT64_C(1000000)) /* a queue of millions is counted */

static int64_t
until_us(void)
{
    return now_mono_us() + SURVEY_US;
}

bool
survey_horizons(Pg *pg, Arena *arena, const char *clockfile, SurveyHorizon **horizons,
    size_t *n, int64_t *ahead_us, Error *error)
{
    enum { NAME, THROUGH, DUE, REVISION, STARTED, NOW };
    PgRows rows;
    int64_t before_us = now_wall_us();
    if (!pg_query(pg, arena, SQL_survey_horizons, &clockfile, 1, until_us(), &rows, error))
        return false;
    int64_t middle_us = before_us + (now_wall_us() - before_us) / 2;
    SurveyHorizon *list = arena_array(arena, (size_t)rows.rows + 1, sizeof *list);
    for (int i = 0; i < rows.rows; i++)
        list[i] = (SurveyHorizon){.clockfile = pg_cell(&rows, i, NAME),
            .fired_through_s = pg_number(&rows, i, THROUGH, 0),
            .next_due_s = pg_number(&rows, i, DUE, INT64_MAX),
            .revision = pg_cell(&rows, i, REVISION),
            .started_at_us = pg_number(&rows, i, STARTED, 0),
            .db_us = pg_number(&rows, i, NOW, 0)};
    *horizons = list;
    *n = (size_t)rows.rows;
    *ahead_us = rows.rows == 0 ? 0 : middle_us - list[0].db_us;
    return true;
}

bool
survey_jobs(Pg *pg, Arena *arena, const char *clockfile, SurveyDepth depth, SurveyJob **jobs,
    size_t *n, Error *error)
{
    enum {
        NAME,
        JOB,
        SPEC,
        SINCE,
        PAUSED,
        UNTIL,
        REASON,
        LAST,
        READY,
        WAITING,
        RUNNING,
        DEAD,
        MISSED
    };
    PgRows rows;
    const char *sql = depth == SURVEY_ROWS ? SQL_survey_jobs : SQL_survey_rules;
    if (!pg_query(pg, arena, sql, &clockfile, 1, until_us(), &rows, error))
        return false;
    SurveyJob *list = arena_array(arena, (size_t)rows.rows + 1, sizeof *list);
    for (int i = 0; i < rows.rows; i++)
        list[i] = (SurveyJob){.clockfile = pg_cell(&rows, i, NAME),
            .job = pg_cell(&rows, i, JOB),
            .spec = pg_cell(&rows, i, SPEC),
            .since_s = pg_number(&rows, i, SINCE, 0),
            .until_s = pg_number(&rows, i, UNTIL, INT64_MAX),
            .last_s = pg_number(&rows, i, LAST, INT64_MIN),
            .ready = pg_number(&rows, i, READY, 0),
            .waiting = pg_number(&rows, i, WAITING, 0),
            .running = pg_number(&rows, i, RUNNING, 0),
            .dead = pg_number(&rows, i, DEAD, 0),
            .missed = pg_number(&rows, i, MISSED, 0),
            .reason = pg_cell(&rows, i, REASON),
            .paused = pg_bool(&rows, i, PAUSED)};
    *jobs = list;
    *n = (size_t)rows.rows;
    return true;
}

bool
survey_queues(
    Pg *pg, Arena *arena, const char *clockfile, SurveyQueue **queues, size_t *n, Error *error)
{
    enum { NAME, QUEUE, READY, WAITING, RUNNING, DEAD, OLDEST };
    PgRows rows;
    if (!pg_query(pg, arena, SQL_survey_rows, &clockfile, 1, until_us(), &rows, error))
        return false;
    SurveyQueue *list = arena_array(arena, (size_t)rows.rows + 1, sizeof *list);
    for (int i = 0; i < rows.rows; i++)
        list[i] = (SurveyQueue){.clockfile = pg_cell(&rows, i, NAME),
            .queue = pg_cell(&rows, i, QUEUE),
            .ready = pg_number(&rows, i, READY, 0),
            .waiting = pg_number(&rows, i, WAITING, 0),
            .running = pg_number(&rows, i, RUNNING, 0),
            .dead = pg_number(&rows, i, DEAD, 0),
            .oldest_us = pg_number(&rows, i, OLDEST, 0)};
    *queues = list;
    *n = (size_t)rows.rows;
    return true;
}

bool
survey_missed(Pg *pg, Arena *arena, const char *clockfile, const char *job, int64_t most,
    SurveyMiss **misses, size_t *n, Error *error)
{
    enum { NAME, JOB, FIRST, LAST, COUNT, REASON, SQLSTATE, AT };
    const char *params[] = {clockfile, job, arena_printf(arena, "%lld", (long long)most)};
    PgRows rows;
    if (!pg_query(pg, arena, SQL_survey_missed, params, 3, until_us(), &rows, error))
        return false;
    SurveyMiss *list = arena_array(arena, (size_t)rows.rows + 1, sizeof *list);
    for (int i = 0; i < rows.rows; i++)
        list[i] = (SurveyMiss){.clockfile = pg_cell(&rows, i, NAME),
            .job = pg_cell(&rows, i, JOB),
            .first_s = pg_number(&rows, i, FIRST, 0),
            .last_s = pg_number(&rows, i, LAST, 0),
            .count = pg_number(&rows, i, COUNT, -1),
            .at_s = pg_number(&rows, i, AT, 0),
            .reason = pg_cell(&rows, i, REASON),
            .sqlstate = pg_cell(&rows, i, SQLSTATE)};
    *misses = list;
    *n = (size_t)rows.rows;
    return true;
}
