/*
 * The directory of keys, read and written.
 */
#include "service/keyring.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

#include "base/clock.h"
#include "base/fields.h"
#include "base/file.h"
#include "base/log.h"
#include "base/status.h"
#include "base/yaml.h"

enum { KEY_FILE_LIMIT = 64 << 10, PRINCIPALS_LIMIT = 10000, LOOK_MS = 1000 };

const char *const role_names[] = { "viewer", "worker", "editor", "admin", NULL };
const struct principal principal_local = { .name = "", .role = ROLE_ADMIN };

struct keyring {
    char *directory;
    struct key_pair own;
    struct arena arena; /* of the principals */
    size_t n;
    struct principal *principals;
    struct timespec changed; /* of clients/, when it was read */
    int64_t looked_ms;
};

bool principal_may_enter(const struct principal *principal, const char *namespace)
{
    for (size_t i = 0; i < principal->n_namespaces; i++)
        if (text_equal(principal->namespaces[i], namespace))
            return true;
    return principal->n_namespaces == 0;
}

/* --- files --- */

/* The one map of a file; its faults are a failure. */
static int read_map(const char *path, struct arena *arena, struct faults *faults, struct fields *fields)
{
    struct text text = { 0 };
    struct node *documents = NULL;
    int status = file_read(path, KEY_FILE_LIMIT, &text);

    if (status == 0)
        status = yaml_read(text.data, text.length, path, arena, faults, &documents);
    text_release(&text);
    if (status == 0)
        fields_open(fields, documents->length > 0 ? documents->items[0] : NULL, path, "", arena, faults);
    return status;
}

static int close_faults(struct faults *faults, int status)
{
    struct text lines = { 0 };

    if (status == 0 && faults->n_errors > 0)
        status = ERR_INVALID;
    if (status == ERR_INVALID) {
        faults_print(faults, &lines);
        fail(status, "%s", text_string(&lines));
        text_release(&lines);
    }
    faults_release(faults);
    return status;
}

static const char *read_key(struct fields *fields, const char *name)
{
    const char *text = fields_required(fields, name, "a key of 40 characters");
    uint8_t bytes[32];

    if (text != NULL && (strlen(text) != KEY_TEXT_SIZE - 1 || zmq_z85_decode(bytes, text) == NULL))
        fields_error(fields, name, "expected a key of 40 characters in Z85, got %zu characters", strlen(text));
    return text != NULL ? text : "";
}

static void keep_key(char key[KEY_TEXT_SIZE], const char *text)
{
    strncpy(key, text, KEY_TEXT_SIZE - 1);
    key[KEY_TEXT_SIZE - 1] = '\0';
}

static void read_pair(struct fields *fields, struct key_pair *pair)
{
    keep_key(pair->public_key, read_key(fields, "public"));
    keep_key(pair->secret_key, read_key(fields, "secret"));
}

/* A file with a secret that only its owner can read. */
static int check_private(const char *path)
{
    struct stat found;

    if (stat(path, &found) < 0)
        return fail(errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s", path, strerror(errno));
    if ((found.st_mode & 077) != 0)
        return fail(ERR_DENIED, "%s can be read by others (mode %03o): chmod 600 it", path, found.st_mode & 0777);
    return 0;
}

static int read_own(const char *path, struct key_pair *own)
{
    struct arena arena = { 0 };
    struct faults faults = { 0 };
    struct fields fields;
    int status = check_private(path);

    if (status == 0)
        status = read_map(path, &arena, &faults, &fields);
    if (status == 0) {
        read_pair(&fields, own);
        fields_close(&fields, true);
    }
    status = close_faults(&faults, status);
    arena_release(&arena);
    return status;
}

int credentials_read(const char *path, struct credentials *credentials)
{
    struct arena arena = { 0 };
    struct faults faults = { 0 };
    struct fields fields;
    int status = check_private(path);

    if (status == 0)
        status = read_map(path, &arena, &faults, &fields);
    if (status == 0) {
        keep_key(credentials->server, read_key(&fields, "server"));
        read_pair(&fields, &credentials->own);
        fields_close(&fields, true);
    }
    status = close_faults(&faults, status);
    arena_release(&arena);
    return status;
}

/* --- clients --- */

static void read_principal(struct keyring *keyring, const char *name, struct fields *fields)
{
    struct principal *principal = &keyring->principals[keyring->n++];

    *principal = (struct principal){ .name = name, .public_key = read_key(fields, "public") };
    if (fields_required(fields, "role", "viewer, worker, editor or admin") != NULL)
        principal->role = (enum client_role)fields_choice(fields, "role", ROLE_VIEWER, role_names);
    principal->namespaces = fields_texts(fields, "namespaces", &principal->n_namespaces);
    fields_close(fields, true);
}

/* NAME of NAME.pub; NULL: another file. */
static const char *client_name(struct arena *arena, const char *file)
{
    size_t length = strlen(file);

    if (file[0] == '.' || length < 5 || length - 4 >= PRINCIPAL_NAME_SIZE || !text_equal(file + length - 4, ".pub"))
        return NULL;
    return arena_strndup(arena, file, length - 4);
}

static int read_clients(struct keyring *keyring, const char *directory, struct faults *faults)
{
    DIR *listing = opendir(directory);
    int status = 0;

    if (listing == NULL && errno == ENOENT)
        return 0;
    if (listing == NULL)
        return fail_errno(errno, "%s", directory);
    keyring->principals = arena_array(&keyring->arena, PRINCIPALS_LIMIT, sizeof keyring->principals[0]);
    for (struct dirent *entry; status == 0 && (entry = readdir(listing)) != NULL;) {
        const char *name = client_name(&keyring->arena, entry->d_name);
        struct fields fields;

        if (name == NULL)
            continue;
        if (keyring->n == PRINCIPALS_LIMIT) {
            status = fail(ERR_LIMIT, "%s: more than %d keys", directory, PRINCIPALS_LIMIT);
            break;
        }
        status = read_map(arena_printf(&keyring->arena, "%s/%s", directory, entry->d_name), &keyring->arena, faults,
                          &fields);
        if (status == 0)
            read_principal(keyring, name, &fields);
    }
    closedir(listing);
    return status;
}

/* When clients/ or a file of it was changed last; zeros: there is none. */
static struct timespec last_change(const char *directory)
{
    DIR *listing = opendir(directory);
    struct timespec last = { 0 };
    struct stat found;

    if (listing == NULL)
        return last;
    if (fstat(dirfd(listing), &found) == 0)
        last = found.st_mtim;
    for (struct dirent *entry; (entry = readdir(listing)) != NULL;) {
        if (entry->d_name[0] == '.' || fstatat(dirfd(listing), entry->d_name, &found, 0) < 0)
            continue;
        if (found.st_mtim.tv_sec > last.tv_sec ||
            (found.st_mtim.tv_sec == last.tv_sec && found.st_mtim.tv_nsec > last.tv_nsec))
            last = found.st_mtim;
    }
    closedir(listing);
    return last;
}

/* Read into a new list, which takes the old one's place when it is right. */
static int load(struct keyring *keyring)
{
    struct keyring fresh = { 0 };
    struct faults faults = { 0 };
    char *clients = file_join(keyring->directory, "clients");
    struct timespec changed = last_change(clients);
    int status = close_faults(&faults, read_clients(&fresh, clients, &faults));

    free(clients);
    keyring->changed = changed;
    keyring->looked_ms = clock_steady_ms();
    if (status < 0) {
        arena_release(&fresh.arena);
        return status;
    }
    arena_release(&keyring->arena);
    keyring->arena = fresh.arena;
    keyring->n = fresh.n;
    keyring->principals = fresh.principals;
    return 0;
}

static void refresh(struct keyring *keyring)
{
    char *clients;
    struct timespec now;

    if (clock_steady_ms() - keyring->looked_ms < LOOK_MS)
        return;
    keyring->looked_ms = clock_steady_ms();
    clients = file_join(keyring->directory, "clients");
    now = last_change(clients);
    free(clients);
    if (now.tv_sec == keyring->changed.tv_sec && now.tv_nsec == keyring->changed.tv_nsec)
        return;
    if (load(keyring) < 0)
        log_error("keys.faulty", "the keys read before stay: %s", fail_message());
    else
        log_info("keys.read", "clients=%zu", keyring->n);
}

int keyring_open(const char *directory, struct keyring **out)
{
    struct keyring *keyring = xcalloc(1, sizeof *keyring);
    char *own = file_join(directory, "server.key");
    int status;

    keyring->directory = xstrdup(directory);
    status = read_own(own, &keyring->own);
    if (status == ERR_NOT_FOUND)
        fail(ERR_NOT_FOUND, "there are no keys in %s: hone keygen CLIENT makes the service's and a client's",
             directory);
    free(own);
    if (status == 0)
        status = load(keyring);
    if (status < 0) {
        keyring_close(keyring);
        return status;
    }
    *out = keyring;
    return 0;
}

void keyring_close(struct keyring *keyring)
{
    if (keyring == NULL)
        return;
    arena_release(&keyring->arena);
    free(keyring->directory);
    free(keyring);
}

const struct key_pair *keyring_own(const struct keyring *keyring)
{
    return &keyring->own;
}

const struct principal *keyring_find_key(struct keyring *keyring, const char *public_key)
{
    refresh(keyring);
    for (size_t i = 0; i < keyring->n; i++)
        if (text_equal(keyring->principals[i].public_key, public_key))
            return &keyring->principals[i];
    return NULL;
}

const struct principal *keyring_find_name(struct keyring *keyring, const char *name)
{
    refresh(keyring);
    for (size_t i = 0; i < keyring->n; i++)
        if (text_equal(keyring->principals[i].name, name))
            return &keyring->principals[i];
    return NULL;
}

/* --- making keys --- */

static int make_pair(struct key_pair *pair)
{
    if (zmq_curve_keypair(pair->public_key, pair->secret_key) < 0)
        return fail(ERR_UNSUPPORTED, "this libzmq has no CURVE: %s", zmq_strerror(zmq_errno()));
    return 0;
}

static int write_new(const char *path, const struct node *map, unsigned mode)
{
    struct text text = { 0 };
    int status;

    if (access(path, F_OK) == 0)
        return fail(ERR_CONFLICT, "%s exists already", path);
    yaml_write(map, &text);
    status = file_write(path, text.data, text.length, mode);
    text_release(&text);
    return status;
}

static struct node *pair_node(struct arena *arena, const struct key_pair *pair)
{
    struct node *map = node_map(arena);

    node_set(arena, map, "public", node_text(arena, pair->public_key));
    node_set(arena, map, "secret", node_text(arena, pair->secret_key));
    return map;
}

static int own_pair(const char *directory, struct arena *arena, struct key_pair *own)
{
    const char *path = arena_printf(arena, "%s/server.key", directory);
    int status = read_own(path, own);

    if (status != ERR_NOT_FOUND)
        return status;
    TRY(make_pair(own));
    return write_new(path, pair_node(arena, own), 0600);
}

static struct node *principal_node(struct arena *arena, const struct principal *client, const char *public_key)
{
    struct node *map = node_map(arena), *namespaces;

    node_set(arena, map, "public", node_text(arena, public_key));
    node_set(arena, map, "role", node_text(arena, role_names[client->role]));
    if (client->n_namespaces == 0)
        return map;
    namespaces = node_set(arena, map, "namespaces", node_list(arena));
    for (size_t i = 0; i < client->n_namespaces; i++)
        node_add(arena, namespaces, node_text(arena, client->namespaces[i]));
    return map;
}

static int generate(const char *directory, const struct principal *client, const char *path, struct arena *arena)
{
    const char *clients = arena_printf(arena, "%s/clients", directory);
    const char *row = arena_printf(arena, "%s/%s.pub", clients, client->name);
    struct key_pair own, pair;
    struct node *credentials;

    if (client_name(arena, strrchr(row, '/') + 1) == NULL || strchr(client->name, '/') != NULL)
        return fail(ERR_INVALID,
                    "a client's name has 1 to %d characters, no / in it and no . at its beginning, got \"%s\"",
                    PRINCIPAL_NAME_SIZE - 1, client->name);
    TRY(file_make_directories(clients, 0700));
    if (access(row, F_OK) == 0)
        return fail(ERR_CONFLICT, "client %s has a key already: remove %s to give it another", client->name, row);
    TRY(own_pair(directory, arena, &own));
    TRY(make_pair(&pair));
    credentials = node_map(arena);
    node_set(arena, credentials, "server", node_text(arena, own.public_key));
    node_set(arena, credentials, "public", node_text(arena, pair.public_key));
    node_set(arena, credentials, "secret", node_text(arena, pair.secret_key));
    TRY(write_new(path, credentials, 0600));
    return write_new(row, principal_node(arena, client, pair.public_key), 0644);
}

int keyring_generate(const char *directory, const struct principal *client, const char *path)
{
    struct arena arena = { 0 };
    int status = generate(directory, client, path, &arena);

    arena_release(&arena);
    return status;
}
