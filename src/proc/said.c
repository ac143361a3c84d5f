/* What no other file knows: which change of state is news.  A clock retries for ever, and says
 * why once. */

#include "proc/said.h"

#include <stdio.h>
#include <string.h>

#include "base/now.h"
#include "base/wake.h"
#include "proc/report.h"
#include "proc/service.h"

#define AGAIN_US INT64_C(60000000) /* what comes and goes is told once in this time */

static const char *
trouble_word(Stance stance, ErrorKind kind)
{
    if (kind == ERR_DB_LOST)
        return "blocked";
    if (kind != ERR_DB_AWAY)
        return "refused";
    return stance == STANCE_AWAY ? "waiting" : "lost";
}

void
said_trouble(Said *said, Stance stance, const Error *error)
{
    bool again = said->over && now_mono_us() - said->over_us > AGAIN_US;
    bool same = strcmp(said->trouble, error->text) == 0;
    said->over = false;
    if ((same && !again) || wake_stopping())
        return;
    memcpy(said->trouble, error->text, sizeof said->trouble);
    service_status(error->text);
    report_trouble(trouble_word(stance, error->kind), error);
}

void
said_connected(Said *said, const char *where)
{
    if (strncmp(said->where, where, sizeof said->where - 1) == 0)
        return;
    snprintf(said->where, sizeof said->where, "%s", where);
    said->trouble[0] = '\0';
    said->over = false;
    service_status("connected");
    said->told = false;
    report_connected(where);
}

void
said_lost(Said *said)
{
    said->where[0] = '\0';
}

void
said_well(Said *said)
{
    if (said->trouble[0] == '\0' || said->over)
        return;
    said->told = false;
    said->over = true;
    said->over_us = now_mono_us();
}

void
said_reloaded(Said *said)
{
    said->told = false;
}

void
said_state(Said *said, const Protocol *protocol)
{
    Stance stance = protocol_stance(protocol);
    const Horizon *horizon = protocol_horizon(protocol);
    bool settled = stance == STANCE_IN_FORCE || stance == STANCE_STAND_BY;
    if (settled && stance != said->stance) {
        report_stance(stance, protocol_file(protocol), horizon);
        said->stance = stance;
        said->told = false;
    }
    if (settled && !said->told)
        service_status(stance == STANCE_IN_FORCE ? "in force" : "standing by");
    said->told = said->told || settled;
    bool confirming = protocol_confirming(protocol);
    bool quiet =
        !confirming && horizon->exists && horizon->fired_through_s * 1000000 > horizon->db_us;
    if (confirming && !said->confirming)
        report_confirming(horizon->db_us - horizon->wall_us);
    if (quiet && !said->quiet)
        report_quiet(horizon);
    said->confirming = confirming;
    said->quiet = quiet;
}
