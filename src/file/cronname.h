#ifndef FILE_CRONNAME_H
#define FILE_CRONNAME_H

#include "file/crontab.h"

/* Gives every entry a name of its own: the one that its comment or its command suggests, where
 * that is free.  It hangs on the entry itself as far as it can, so that another line in the
 * crontab renames as few as possible. */
void cronname_give(Crontab *crontab);

#endif
