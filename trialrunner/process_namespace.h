/*
 * A mount namespace of one's own, entered between vfork and exec. For process*.c alone.
 */
#ifndef HONE_TRIALRUNNER_PROCESS_NAMESPACE_H
#define HONE_TRIALRUNNER_PROCESS_NAMESPACE_H

#include "trialrunner/process.h"

/* Made ready before vfork. */
struct private_namespace {
    bool is_user; /* with a user namespace around it, in which we stay who we are */
    char uid_map[64], gid_map[64];
};

/* Only after process_can_bind() has said yes. */
void private_namespace_prepare(struct private_namespace *namespace);
/* System calls only. -1 with errno. */
int private_namespace_enter(const struct private_namespace *namespace);
int private_namespace_bind(const struct process_bind *bind);

#endif
