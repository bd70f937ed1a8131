/*
 * Where the owner of a database listens.
 */
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/status.h"
#include "service/service.h"

enum { SOCKET_PATH_LIMIT = 100 }; /* sun_path holds 107 */

/* 64-bit FNV-1a: names a socket, guards nothing. */
static uint64_t hash(const char *text)
{
    uint64_t h = 0xcbf29ce484222325u;

    for (; *text != '\0'; text++)
        h = (h ^ (unsigned char)*text) * 0x100000001b3u;
    return h;
}

/* A directory that is ours alone. */
static int check_private(const char *directory)
{
    struct stat found;

    TRY(file_make_directories(directory, 0700));
    if (lstat(directory, &found) < 0)
        return fail_errno(errno, "%s", directory);
    if (!S_ISDIR(found.st_mode) || found.st_uid != geteuid() || (found.st_mode & 077) != 0)
        return fail(ERR_DENIED, "%s: expected a directory of this user alone (mode 0700); remove it and try again",
                    directory);
    return 0;
}

int service_endpoint(const char *database, char **endpoint)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    char *directory, *absolute = file_absolute(NULL, database), *parent = file_directory(absolute),
                     *real = realpath(parent, NULL);
    const char *name = strrchr(absolute, '/');
    char *key = xasprintf("%s%s", real != NULL ? real : parent, name != NULL ? name : "");
    int status;

    if (runtime != NULL && runtime[0] == '/' && access(runtime, W_OK) == 0 && strlen(runtime) + 30 < SOCKET_PATH_LIMIT)
        directory = xasprintf("%s/hone", runtime);
    else
        directory = xasprintf("/tmp/hone-%u", (unsigned)geteuid());
    status = check_private(directory);
    if (status == 0)
        *endpoint = xasprintf("ipc://%s/%016llx", directory, (unsigned long long)hash(key));
    free(directory);
    free(absolute);
    free(parent);
    free(real);
    free(key);
    return status;
}
