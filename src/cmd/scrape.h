#ifndef CMD_SCRAPE_H
#define CMD_SCRAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "cmd/cmd.h"
#include "db/survey.h"

/* What clock status found, on stdout as metrics in the text format of Prometheus; the rows of
 * the queues and the schema's version are asked for here.  Fails as pg_query and out_text. */
bool scrape_write(Context *context, const char *name, const SurveyHorizon *horizons, size_t n,
    const SurveyJob *jobs, size_t n_jobs, int64_t ahead_us, Error *error);

#endif
