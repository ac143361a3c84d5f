#ifndef PROC_SERVICE_H
#define PROC_SERVICE_H

#include <stdint.h>

/*
 * What a service manager is told, by the datagrams of sd_notify(3), whose wire form systemd
 * documents as stable.  Without NOTIFY_SOCKET nothing is sent and nothing is wrong.
 */

/* Reads the environment, and takes it out so that no child sees it. */
void service_setup(void);

/* "up and running"; `status` is a line for `systemctl status`. */
void service_ready(const char *status);
void service_status(const char *status);
/* To be followed by service_ready. */
void service_reloading(void);
void service_stopping(void);

/* Says "alive" when half of the watchdog's time is over since it was last said. */
void service_alive(int64_t mono_us);

/* When service_alive has to be called next; INT64_MAX: no watchdog waits. */
int64_t service_alive_us(void);

#endif
