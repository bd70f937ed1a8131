/*
 * hone-agent DIRECTORY: runs one attempt of a trial, as the file `order` in the directory says.
 *
 * Environment: HONE_NO_CGROUP and HONE_NO_NAMESPACE (set to anything) do without control groups and mount namespaces;
 * HONE_BACKOFF_SECONDS is the first wait of a given backoffLimit (10).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "trialrunner/agent/agent.h"

int main(int argc, char **argv)
{
    enum agent_exit code;
    char *directory;

    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        puts("hone-agent " HONE_VERSION);
        return AGENT_DONE;
    }
    if (argc != 2 || argv[1][0] == '-') {
        fputs("usage: hone-agent DIRECTORY\nRuns one attempt of a trial; started by hone, not by hand.\n", stderr);
        return AGENT_USAGE;
    }
    directory = file_absolute(NULL, argv[1]);
    code = agent_run(directory);
    free(directory);
    return code;
}
