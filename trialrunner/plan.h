/*
 * A plan: what must run for one trial. Manifest in, roles out; pure.
 *
 * A role is one pod: init containers one after another, then its containers together. A plan is what the agent supervises, so
 * it says everything in terms of this host: argv, environment, directories.
 */
#ifndef HONE_TRIALRUNNER_PLAN_H
#define HONE_TRIALRUNNER_PLAN_H

#include <stdbool.h>

#include "base/faults.h"
#include "base/node.h"

enum {
    ROLE_LIMIT = 1024,             /* roles of a plan */
    CONTAINER_LIMIT = 64,          /* containers of a role, as many init containers */
    MOUNT_LIMIT = 256,             /* mounts of a container */
    MOUNT_FILE_LIMIT = 4096,       /* files of a mount */
    ARGUMENT_LIMIT = 65536,        /* members of argv */
    ENVIRONMENT_LIMIT = 4096,      /* entries of env */
    ARGUMENT_BYTES_LIMIT = 131071, /* of one argument or entry: what Linux hands to a process */
    PROCESS_BYTES_LIMIT = 2 << 20, /* of all of them of a container */
    GPU_REQUEST_LIMIT = 4096,      /* GPUs of a container */
};

/* Below a trial's directory: where the sources of MOUNT_TRIAL are. */
#define SHARED_DIRECTORY "shared"
/* Source of the MOUNT_TRIAL that holds a trial's checkpoint. */
#define CHECKPOINT_DIRECTORY "checkpoint"

enum restart_policy { RESTART_NEVER, RESTART_ON_FAILURE, RESTART_ALWAYS, RESTART_EXIT_CODE };
extern const char *const restart_policy_names[];

enum mount_kind {
    MOUNT_PRIVATE, /* a directory of this role in this attempt, empty at first; source: its name, maybe with a path below it
                           ("scratch/sub"): mounts of one name share one directory */
    MOUNT_TRIAL, /* a directory of the trial, kept over attempts; source: a name below its directory */
    MOUNT_HOST,  /* source: an absolute path of the host, a directory or a file */
    MOUNT_FILES, /* files (ConfigMap, Secret) written into a private directory; source: the file or directory below it that
                           is mounted, NULL: all of it */
};
extern const char *const mount_kind_names[];

struct mount_file {
    const char *path, *content; /* relative path below the target */
    size_t length;
    unsigned mode;
};

struct mount {
    enum mount_kind kind;
    const char *target; /* absolute, as the trial sees it */
    const char *source;
    bool read_only;
    bool create; /* MOUNT_HOST: a source that is absent is made, as a directory */
    size_t n_files;
    const struct mount_file *files;
};

struct resources {
    double cpus;   /* cores; 0: not declared */
    double memory; /* bytes; 0: not declared */
    int gpus;
};

struct container {
    const char *name, *image;
    size_t n_argv;
    const char *const *argv; /* (n_argv), ready for execvp */
    size_t n_env;
    const char *const *env;        /* (n_env) NAME=value, later ones win; added to the agent's own environment */
    const char *working_directory; /* absolute */
    struct resources requests, limits;
    size_t n_mounts;
    const struct mount *mounts; /* sorted by target: an outer one comes before those inside it */
    bool collect;               /* its metrics count */
    bool is_collector;          /* a sidecar of its: what this prints are its metrics */
    bool sidecar; /* ended when the other containers have ended; started again if it ends before; how it ends
                                       counts nothing */
};

struct role {
    const char *name; /* "main", "worker-1": unique in the plan; names its output files */
    int index;        /* within its kind: completion index of a Job */
    int metrics_port; /* where it may serve its metrics; 0: none */
    enum restart_policy restart;
    bool decides; /* its success counts towards plan.completions */
    size_t n_init;
    const struct container *init;
    size_t n_containers;
    const struct container *containers;
};

struct plan {
    size_t n_roles;
    const struct role *roles; /* a Job's pods: one role each completion, run at most `parallelism` at a time */
    int parallelism;          /* roles alive at once; n_roles for a gang */
    int completions;          /* deciding roles that must succeed */
    bool is_gang;             /* roles need each other: one that must not be restarted fails the trial */
    int n_ports;              /* from context.first_port on */
    int64_t backoff_limit;    /* role failures that are retried; after one more the trial has failed */
    bool backoff_is_given;    /* then waits 10 s, 20 s, 40 s ... as Kubernetes does; else at once */
    double deadline_s;        /* activeDeadlineSeconds; 0: none */
    double grace_s;           /* between TERM and KILL: terminationGracePeriodSeconds, 30 unless given */
    struct resources total;   /* the most that runs at once: requests, or limits where no request is given */
};

/* What a role asks for: its containers together, or its largest init container if that is more. */
struct resources role_resources(const struct role *role);
/* Fill total from the roles and parallelism. ERR_INVALID when no container collects though one must: names those there are. */
int plan_finish(struct plan *plan, const char *primary_container);

/* One of spec.hone.roles. */
struct given_role {
    const char *name;
    const char *template; /* path of its pod template in the manifest */
    const char *replicas; /* a number, or the path of one */
    bool decides;         /* must succeed for the trial to */
};

/* What a job kind needs beside the manifest. */
struct plan_context {
    const char *trial_name, *namespace, *experiment;
    const char *primary_container;
    size_t n_primary_labels;
    const char *const *primary_labels; /* "key=value" */
    bool shell;                        /* the collector wraps the command: `sh -c "joined"` */
    const char *metrics_directory;     /* absolute directory that the collector reads in the trial; NULL: none */
    const char *report_file;           /* absolute file in it to which the trial reports by itself; NULL: none */
    const struct node *collector;      /* container of a Custom collector, put beside the primary one; NULL: none */
    bool is_scraped;                   /* the collector asks for a page: every role has one more port, for that */
    const char *python; /* directory of Python modules by which a training or collector reports; NULL: none */
    size_t n_given_roles;
    const struct given_role *given_roles; /* of a kind that is not known */
    size_t n_labels;
    const char *const *labels; /* (n_labels) "key=value" of the trial, which its pods carry too */
    const char
        *checkpoint_path; /* absolute directory where the collecting container finds and leaves its checkpoint, which
                                          stays with the trial; NULL: none */
    const struct images *images;  /* images.h */
    const char *directory;        /* where images without a working directory work */
    const char *claims_directory; /* where persistent volume claims live on this host: <here>/<namespace>/<claim> */
    int first_port;               /* of those that the roles of this attempt may listen on */
    const char *host, *address;   /* of the machine where roles run; NULL: localhost, 127.0.0.1 */
    /* ConfigMap or Secret by kind and name in the trial's namespace; NULL: absent. */
    const struct node *(*resource)(const void *owner, const char *kind, const char *name);
    const void *resource_owner;
};

#endif
