/*
 * Who may speak to the service over the network: a directory of keys, one file a client.
 *
 *     server.key        the service's own pair, mode 0600:  public: '...'  secret: '...'
 *     clients/NAME.pub  public: '...'  role: viewer | worker | editor | admin  namespaces: [default, ...] (absent: all)
 *
 * Keys are CURVE's, in Z85 (40 characters). The directory is read again when it has changed, so that a key can be given or taken
 * while the service runs. Whoever reaches the service's ipc socket is its own user, and an admin.
 */
#ifndef HONE_SERVICE_KEYRING_H
#define HONE_SERVICE_KEYRING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/memory.h"

enum { KEY_TEXT_SIZE = 41, PRINCIPAL_NAME_SIZE = 64 };

enum client_role { ROLE_VIEWER, ROLE_WORKER, ROLE_EDITOR, ROLE_ADMIN, N_ROLES };
extern const char *const role_names[]; /* viewer, worker, editor, admin; ended by NULL */

struct key_pair {
    char public_key[KEY_TEXT_SIZE], secret_key[KEY_TEXT_SIZE];
};

/* What a client needs besides an address. */
struct credentials {
    char server[KEY_TEXT_SIZE]; /* public key of the service */
    struct key_pair own;
};

struct principal {
    const char *name;
    enum client_role role;
    size_t n_namespaces;
    const char *const *namespaces; /* none: all of them */
    const char *public_key;
};
/* The user whom the service runs as. */
extern const struct principal principal_local;
bool principal_may_enter(const struct principal *principal, const char *namespace);

struct keyring;

/* ERR_NOT_FOUND: no such directory, or no server.key in it; ERR_INVALID: a file in it is wrong (file:line:column), or server.key can
   be read by others. */
int keyring_open(const char *directory, struct keyring **keyring);
void keyring_close(struct keyring *keyring); /* accepts NULL */
const struct key_pair *keyring_own(const struct keyring *keyring);
/* NULL: nobody. Valid until the next call of either: both read the directory again if it has changed in the last second or since. A
   directory that has become faulty is said in the log, and the keys that were read before stay. */
const struct principal *keyring_find_key(struct keyring *keyring, const char *public_key);
const struct principal *keyring_find_name(struct keyring *keyring, const char *name);

/* Write a pair for the service if it has none yet, a pair for client name with its row in clients/, and its credentials to the file
   path (mode 0600). ERR_CONFLICT: that client or the file path exists. */
int keyring_generate(const char *directory, const struct principal *client, const char *path);
/* ERR_NOT_FOUND, ERR_INVALID, as above. */
int credentials_read(const char *path, struct credentials *credentials);

#endif
