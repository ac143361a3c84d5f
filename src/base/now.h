#ifndef BASE_NOW_H
#define BASE_NOW_H

#include <stdint.h>

/* The only clocks that clock reads, and the only file that reads them.  Everywhere else time is
 * an argument. */

/* Microseconds since 1970 (CLOCK_REALTIME): may step either way. */
int64_t now_wall_us(void);

/* Microseconds since some start (CLOCK_BOOTTIME): never steps, counts while suspended. */
int64_t now_mono_us(void);

/* The same, standing still while suspended (CLOCK_MONOTONIC): as service managers count. */
int64_t now_awake_us(void);

#endif
