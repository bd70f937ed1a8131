/*
 * Events as callers see them: those since a number, now or when there are some.
 */
#ifndef HONE_SERVICE_EVENTS_H
#define HONE_SERVICE_EVENTS_H

#include "db/events.h"
#include "service/call.h"

/* {sequence, time, namespace, name, trial?, kind, detail?} */
struct node *events_node(struct service *service, const struct event_row *row, struct arena *arena);

/* The operation `events`: {namespace?, name?, since, max?, wait_ms?} -> {events} */
int events_call(struct service *service, struct call *call);
/* Parked questions whose time or event has come. */
void events_serve(struct service *service, int64_t now_ms, bool has_new);
int64_t events_next_ms(const struct service *service); /* 0: none waits */
void events_release(struct service *service);

#endif
