/*
 * What an attempt keeps in its directory, and under which names. The agent and the local engine share it.
 *
 *   order                    what the agent was told (order.h)
 *   lock                     held by the living agent, whose pid is in it
 *   agent.log                what the agent complains about
 *   started                  written before the first role starts, then a line for everything to clear up after a crash:
 *                            `at <microseconds>`, `pid <pid> <birth>`, `group <directory of a cgroup>`
 *   end                      body of agent.end, once the roles are dead
 *   <role>.log               output of the role's main container; <role>.<container>.log of the others
 *   <role>.reports           the role's reports (journal.h)
 *   paths/<role>/<try>/...   private directories; files/<role>/<try>/...: files of ConfigMaps and Secrets
 *
 * These outlive processes, not the machine: with it the roles die too, so nothing here is synced.
 */
#ifndef HONE_TRIALRUNNER_AGENT_RECORD_H
#define HONE_TRIALRUNNER_AGENT_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "trialrunner/plan.h"

/* Replace the file name in one step. */
int record_write(const char *directory, const char *name, const void *bytes, size_t length);
bool record_exists(const char *directory, const char *name);
int record_remove(const char *directory, const char *name);

/* Become the agent of the directory: a descriptor to keep open. ERR_CONFLICT: another lives. */
int record_lock(const char *directory);
/* Pid of the living agent, 0: none. */
pid_t record_holder(const char *directory);

/* Can it be part of a file name here? */
bool record_name_is_safe(const char *name);
/* The container whose output is the role's: the first whose metrics count, else the first. */
size_t record_main_container(const struct role *role);
/* Newly allocated path of a container's output. */
char *record_output_path(const char *directory, const struct role *role, const struct container *container);

#endif
