/*
 * What hone serve and hone keygen share.
 */
#ifndef HONE_CLI_SERVE_H
#define HONE_CLI_SERVE_H

#include "cli/session.h"

/* The directory of keys: --keys, or FILE.keys beside the database. Newly allocated. */
int serve_keys(const struct command *command, char **path);

#endif
