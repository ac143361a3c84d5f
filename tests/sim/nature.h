#ifndef SIM_NATURE_H
#define SIM_NATURE_H

/* What befalls the hosts, the network, the database and the files, as the seed has it. */

/* Draws the profile of the seed, its files and hosts, and lets the first clocks start. */
void nature_begin(void);

/* Ends every fault and lets at least one clock run. */
void nature_calm(void);

/* The database is about to change its rules: whoever asked has looked before. */
void nature_change(void);

#endif
