#ifndef CMD_ACCOUNT_H
#define CMD_ACCOUNT_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"
#include "file/clockfile.h"
#include "plan/explainnote.h"
#include "plan/shift.h"
#include "time/zone.h"

/* All that clock explain has to say of one schedule. */

#define ACCOUNT_FIRES 5
#define ACCOUNT_ZONES 4
#define ACCOUNT_SHIFTS 2 /* for each zone */

typedef enum {
    ACCOUNT_TYPED, /* on the command line: it has no job's keys */
    ACCOUNT_JOB
} AccountOrigin;

typedef struct {
    Arena *arena;
    AccountOrigin origin;
    const Job *job;
    const Schedule *schedule; /* the job's */
    const Zone *shown;        /* to show fires in */
    int64_t from_s, now_s;
    const ExplainNote *notes;
    size_t n_notes;
    int64_t fires[ACCOUNT_FIRES];
    size_t n_fires;
    const Zone *zones[ACCOUNT_ZONES]; /* those whose clocks it follows */
    size_t n_zones;
    Shift shifts[ACCOUNT_ZONES * ACCOUNT_SHIFTS];
    size_t n_shifts;
} Account;

/* Works out what comes after from_s; `shown` NULL: in the schedule's own zone. */
Account *account_new(Arena *arena, const Job *job, AccountOrigin origin, const Zone *shown,
    int64_t from_s, int64_t now_s);

/* For people, and as one JSON object. */
void account_write(const Account *account, Text *text);
void account_json(const Account *account, Text *text);

#endif
