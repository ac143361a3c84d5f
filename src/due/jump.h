#ifndef DUE_JUMP_H
#define DUE_JUMP_H

#include <stdbool.h>
#include <stdint.h>

/* A jump of the database's clock that is being confirmed; all zero: none. */
typedef struct {
    int64_t until_us;  /* mono; 0: no jump */
    int64_t offset_us; /* database time - mono, of the jump */
} Jump;

/* Takes a look into account that was answered at mono_us, when the database's clock was
 * offset_us ahead of the monotonic one and ahead_us ahead of what was expected (both may be
 * negative).  True when it is to be believed: it is as expected, or it has been off by
 * more than PROTOCOL_JUMP_US, by the same to within a minute, for PROTOCOL_CONFIRM_US. */
bool jump_look(Jump *jump, int64_t offset_us, int64_t ahead_us, int64_t mono_us);

#endif
