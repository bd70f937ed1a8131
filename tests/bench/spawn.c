/*
 * The bare loop beside which trials are measured: spawn N PARALLEL FILE starts `sh -c "stamp FILE"` N times, PARALLEL at once.
 */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

extern char **environ;

int main(int argc, char **argv)
{
    int n = argc > 3 ? atoi(argv[1]) : 0, parallel = argc > 3 ? atoi(argv[2]) : 1, n_started = 0, n_ended = 0;
    char *command[] = { "sh", "-c", argc > 3 ? argv[3] : "", NULL };
    pid_t pid;

    if (argc != 4) {
        fputs("usage: spawn N PARALLEL COMMAND\n", stderr);
        return 2;
    }
    while (n_ended < n) {
        while (n_started < n && n_started - n_ended < parallel) {
            if (posix_spawn(&pid, "/bin/sh", NULL, NULL, command, environ) != 0)
                return 1;
            n_started++;
        }
        if (wait(NULL) > 0)
            n_ended++;
    }
    return 0;
}
