#ifndef SIM_DEPLOYS_H
#define SIM_DEPLOYS_H

/* The people who edit Clockfiles and restart clocks. */

/* Forgets what was on its way. */
void deploys_begin(void);

/* Nothing is on its way any more. */
void deploys_calm(void);

/* A file for all hosts: an edit, the one before, or what is left of one that was cut off. */
void deploys_roll_out(void);

/* A file for one host alone. */
void deploys_reload_one(void);

/* One clock is told to stop, and started again. */
void deploys_stop_one(void);

#endif
