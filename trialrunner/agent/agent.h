/*
 * The agent of one attempt: runs the order in its directory and reports to the service until the end has arrived there.
 */
#ifndef HONE_TRIALRUNNER_AGENT_AGENT_H
#define HONE_TRIALRUNNER_AGENT_AGENT_H

/* Exit codes of hone-agent. */
enum agent_exit {
    AGENT_DONE = 0,
    AGENT_REFUSED = 3, /* the attempt is no longer wanted, or nobody is left to hear; its roles are dead */
    AGENT_USAGE = 64,
    AGENT_BAD_ORDER = 65,
    AGENT_NO_START = 71,  /* the system lets it do nothing */
    AGENT_NOT_ALONE = 75, /* another agent has this directory */
};

/* directory: absolute. Returns when there is nothing left to do. */
enum agent_exit agent_run(const char *directory);

#endif
