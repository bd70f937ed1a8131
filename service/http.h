/*
 * A page for monitors: GET /metrics, /healthz, /readyz. Nothing can be changed by it.
 *
 * libmicrohttpd's own thread takes the questions. Whatever they ask of the service is a letter to the loop, so that an answer also says
 * that the loop is alive; what they ask of the database is read by that thread.
 */
#ifndef HONE_SERVICE_HTTP_H
#define HONE_SERVICE_HTTP_H

struct http;
struct service;

/* Listen on "[HOST:]PORT"; HOST is 127.0.0.1 unless given, PORT 0 any that is free. ERR_INVALID: no such address; ERR_IO: it is taken. */
int http_open(struct service *service, const char *address, struct http **http);
/* Once the loop has ended. Accepts NULL. */
void http_close(struct http *http);
const char *http_address(const struct http *http); /* "127.0.0.1:9100" */

#endif
