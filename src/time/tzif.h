#ifndef TIME_TZIF_H
#define TIME_TZIF_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "time/footer.h"

/* What a TZif file says, checked: all in the arena it was read into. */
typedef struct {
    const int64_t *at_s;   /* the transitions, strictly ascending */
    const uint8_t *type;   /* what each begins: an index into types */
    size_t n;              /* transitions */
    const ZoneType *types; /* types[0] is in force before the first transition */
    size_t n_types;        /* 1..256 */
    const Footer *footer;  /* NULL: the last type stays for ever */
    int64_t footer_from_s; /* where the footer takes over; INT64_MIN: it says it all */
} Tzif;

/*
 * Reads the bytes of a TZif file of version 2, 3 or 4 (RFC 9636); the block of version 1 is
 * skipped.  Fails with ERR_INPUT on a damaged file and on one with leap seconds; the text says
 * only the cause.
 */
bool tzif_read(Arena *arena, const unsigned char *bytes, size_t len, Tzif *out, Error *error);

#endif
