/*
 * The stream of events: one XPUB socket on this machine, and one beside the gate for clients with keys.
 *
 * A message is two parts: the topic NAMESPACE/NAME of an experiment, and a map as events_node gives it with `previous`, the number of
 * the event of the same experiment before it (null: unknown to this service), by which a subscriber sees that it has missed some
 * and asks `events` for them. Reports of running trials come without numbers, as {kind: "Reported", trial, metric, value, step?}: they
 * may be missed. Nobody hears of namespaces that its key does not open: a subscription to others has no effect.
 */
#ifndef HONE_SERVICE_PUBLISHER_H
#define HONE_SERVICE_PUBLISHER_H

#include "service/live.h"
#include "service/reporting.h"

struct publisher;

/* Beside the service's sockets: over tcp at the port after the gate's, or at any that is free. ERR_IO: an address cannot be listened on. */
int publisher_open(struct service *service, bool at_any_port, struct publisher **publisher);
void publisher_close(struct publisher *publisher); /* accepts NULL */

/* The address to subscribe to; of clients by tcp the port alone is told, as ":PORT". */
const char *publisher_address(const struct publisher *publisher, bool by_tcp);
void *publisher_socket(const struct publisher *publisher,
                       bool by_tcp);               /* readable when somebody subscribes; NULL: there is none */
void publisher_subscribe(struct service *service); /* all that want to */

/* All events that are new on disk. */
void publisher_send_events(struct service *service);
/* Reports that count from now on: the first n rows of a trial. */
void publisher_send_reports(struct service *service, const struct live *live, int64_t trial,
                            const struct observation_row *rows, size_t n);

#endif
