#ifndef FILE_SCHEMA_H
#define FILE_SCHEMA_H

#include "base/text.h"

/*
 * The JSON Schema of a Clockfile, made from the table of keys (file/keys.h): one line of JSON.
 * It is draft-07, which editors and the servers behind them take best.  It never refuses what
 * the reader takes; what only the reader can tell (a zone that is none, an expression that is
 * wrong, the range of a duration) it lets pass.
 */
void schema_write(Text *text);

#endif
