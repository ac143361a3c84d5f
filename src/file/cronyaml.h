#ifndef FILE_CRONYAML_H
#define FILE_CRONYAML_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "file/crontab.h"

/* Writes the entries, which must have names, as a Clockfile.  first_line (n numbers, or NULL)
 * gets the line where each job begins.  Fails with ERR_INPUT when it is larger than a Clockfile
 * may be. */
bool cronyaml_write(const Crontab *crontab, Text *text, uint32_t *first_line, Error *error);

#endif
