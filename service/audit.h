/*
 * The audit trail: every operation that takes an editor or more, and every one that was denied.
 */
#ifndef HONE_SERVICE_AUDIT_H
#define HONE_SERVICE_AUDIT_H

#include "service/call.h"

/* An operation was handled with this status; handler NULL: there is none of that name. */
void audit_note(struct service *service, const struct call *call, const char *op, const struct handler *handler,
                int status);
/* The operation `audit`: {since?, max?} -> {entries: [{sequence, time, who, op, subject?, outcome}]} */
int audit_call(struct service *service, struct call *call);

#endif
