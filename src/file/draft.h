#ifndef FILE_DRAFT_H
#define FILE_DRAFT_H

#include <stdbool.h>
#include <stddef.h>

#include "file/reader.h"
#include "file/rules.h"
#include "plan/schedule.h"

/* One rule as the file has it: its texts for plan/, and the node that each
 * of them stands in. */
typedef struct {
    NodeId node; /* the text or mapping as a whole */
    RuleSpec spec;
    NodeId nodes[RULE_KEYS];
    bool expanded[RULE_KEYS]; /* from the environment: offsets mean nothing */
    NodeId *exclude_nodes;
    RuleSpec outer;   /* what narrows it: bounds that both the rule and the job have */
    bool hashes;      /* says something else for every job (H, ~) */
    const char *name; /* under `schedules:`, where its warnings are given; or NULL */
} Draft;

/* Reads a scalar or mapping into a draft, in the brief arena.  Reports what is no schedule at
 * all; what the texts mean is plan/'s to judge. */
bool draft_read(Reader *reader, NodeId node, const Around *around, Draft *out);

/* The same for starts, ends and exclude alone, beside a rule that fires every day. */
bool draft_read_around(Reader *reader, const Around *around, Draft *out);

/* The rule of a draft, in the arena; reports why there is none. */
bool draft_rule(Reader *reader, Arena *arena, const Draft *draft, Rule **out);

/* The rule for people: the expression, or `every 2 weeks, day monday`. */
void draft_write(const Draft *draft, Text *text);

/* Where a byte of the expression stands. */
Pos draft_pos(const Reader *reader, const Draft *draft, RuleKey key, size_t offset);

#endif
