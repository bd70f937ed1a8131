/*
 * Datagrams to NOTIFY_SOCKET.
 */
#include "cli/systemd.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/number.h"

void systemd_notify(const char *state)
{
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    const char *path = getenv("NOTIFY_SOCKET");
    size_t length = path != NULL ? strlen(path) : 0;
    int line;

    if (length < 2 || length >= sizeof to.sun_path || (path[0] != '/' && path[0] != '@'))
        return;
    memcpy(to.sun_path, path, length);
    if (path[0] == '@') /* of the abstract namespace */
        to.sun_path[0] = '\0';
    line = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (line < 0)
        return;
    sendto(line, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&to,
           (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length));
    close(line);
}

int systemd_watchdog_ms(void)
{
    const char *limit = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
    int64_t us, whose;

    if (limit == NULL || !number_parse_integer(limit, &us) || us < 2000)
        return -1;
    if (pid != NULL && (!number_parse_integer(pid, &whose) || whose != getpid()))
        return -1;
    return us / 2000 < INT32_MAX ? (int)(us / 2000) : INT32_MAX;
}
