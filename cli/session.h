/*
 * What most verbs begin with: the database, a client of its owner, and the experiment or trial that was named.
 */
#ifndef HONE_CLI_SESSION_H
#define HONE_CLI_SESSION_H

#include "base/node.h"
#include "cli/exit.h"
#include "cli/output.h"
#include "service/client.h"

enum session_kind {
    SESSION_READ,    /* the database must be there; it is never made */
    SESSION_CREATE,  /* made if it is missing; runs no trials */
    SESSION_CONDUCT, /* made if it is missing; this process may run trials */
    SESSION_SERVE,   /* as that, for clients elsewhere too */
};

struct session {
    const struct command *command;
    int timeout_ms; /* of one call; 0: the client's own */
    struct arena arena;
    char *database;     /* absolute path; NULL: a service elsewhere */
    const char *listen; /* SESSION_SERVE: tcp address; NULL: this machine only */
    char *keys;         /* SESSION_SERVE: directory of keys */
    struct client *client;
};

/* A session zeroed but for timeout_ms, listen and keys before; session_close in either case. SESSION_READ without a database: ERR_NOT_FOUND. */
int session_open(const struct command *command, enum session_kind kind, struct session *session);
void session_close(struct session *session);
/* --db, HONE_DB, or hone/hone.db under $XDG_STATE_HOME or ~/.local/state; absolute, newly allocated. ERR_IO: no home. */
int session_database(const struct command *command, char **path);
/* --server, or HONE_SERVER unless --db is given; NULL: none, the database is this machine's. */
const char *session_server(const struct command *command);
/* No database there yet? */
bool session_is_empty(const struct command *command);

/* What a name on the command line stands for. Texts in the session's arena. */
struct target {
    const char *namespace, *name;
    const char *trial; /* NULL: the experiment */
};

/* `given` may be NAMESPACE/NAME. Without a namespace the only experiment of that name is taken, or the one in "default". ERR_NOT_FOUND
   (with the nearest name), ERR_CONFLICT (the name is in several namespaces). */
int session_find(struct session *session, const char *given, struct target *target);
/* As session_find for NAME [TRIAL] of the command line; a trial's full name alone is taken too. */
int session_find_target(struct session *session, struct target *target);

/* Ask; a NULL body is an empty map. The answer lives in arena (NULL: the session's). */
int session_call(struct session *session, const char *op, struct node *body, struct arena *arena,
                 const struct node **answer);
/* A body {namespace, name, trial}, in arena. */
struct node *target_body(const struct target *target, struct arena *arena);

/* experiment.list of the namespace asked for, or of all: summaries, or only namespace and name of each. */
int session_experiments(struct session *session, bool only_names, const struct node **list);

/* All trials of the experiment in a form, "hone" or "katib", by number. */
int session_trials(struct session *session, const struct target *target, const char *form, const struct node **trials);

#endif
