/*
 * Looking for neighbours that are free.
 */
#include "trialrunner/ports.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/status.h"

enum { N_PORTS = PORT_END - PORT_FIRST };

/* Can it be listened on at any address of this machine? */
static bool is_free(int port)
{
    const struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons((in_port_t)port) };
    int line = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
    bool free;

    if (line < 0)
        return false;
    setsockopt(line, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    free = bind(line, (const struct sockaddr *)&any, sizeof any) == 0;
    close(line);
    return free;
}

/* How many of n from start on are free. */
static size_t count_free(const struct ports *ports, int start, size_t n)
{
    size_t i = 0;

    while (i < n && !ports->is_taken[start + (int)i] && is_free(PORT_FIRST + start + (int)i))
        i++;
    return i;
}

void ports_begin(struct ports *ports, unsigned anywhere)
{
    *ports = (struct ports){ .next = (int)(anywhere % N_PORTS) };
}

int ports_take(struct ports *ports, size_t n, int *first)
{
    int start = ports->next, tried = 0;

    while (n <= N_PORTS && tried <= N_PORTS) {
        size_t n_free;

        if (start + (int)n > N_PORTS) {
            tried += N_PORTS - start;
            start = 0;
            continue;
        }
        n_free = count_free(ports, start, n);
        if (n_free == n)
            break;
        tried += (int)n_free + 1;
        start += (int)n_free + 1;
    }
    if (n > N_PORTS || tried > N_PORTS)
        return fail(ERR_LIMIT, "no %zu free ports in a row between %d and %d", n, PORT_FIRST, PORT_END - 1);
    for (size_t i = 0; i < n; i++)
        ports->is_taken[start + (int)i] = true;
    ports->next = start + (int)n < N_PORTS ? start + (int)n : 0;
    *first = PORT_FIRST + start;
    return 0;
}

void ports_give(struct ports *ports, int first, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ports->is_taken[first - PORT_FIRST + (int)i] = false;
}
