/*
 * What systemd wants to hear of a service of Type=notify: sd_notify(3), spoken without its library.
 */
#ifndef HONE_CLI_SYSTEMD_H
#define HONE_CLI_SYSTEMD_H

/* "READY=1", "WATCHDOG=1", "STOPPING=1"; nothing where no systemd listens. */
void systemd_notify(const char *state);
/* How often a sign of life is due, in milliseconds: half of what WatchdogSec allows. -1: never. */
int systemd_watchdog_ms(void);

#endif
