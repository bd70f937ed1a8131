/*
 * What the files that turn a pod template into a role share. For pod*.c alone.
 */
#ifndef HONE_TRIALRUNNER_POD_PARTS_H
#define HONE_TRIALRUNNER_POD_PARTS_H

#include "trialrunner/images.h"
#include "trialrunner/pod.h"

/* A pod on its way to a role. */
struct pod {
    const struct plan_context *context;
    const struct pod_owner *owner;
    const struct node *spec; /* of the template */
    const char *const
        *labels; /* "key=value", ended by NULL: the owner's, Katib's, the template's; the first of a key counts */
    const char *const *annotations;
    bool is_primary; /* primaryPodLabels choose it */
    struct arena *arena;
    struct faults *faults;
};

/* pod_objects.c: one key of a ConfigMap or Secret. */
struct entry {
    const char *key, *bytes; /* bytes ended by NUL */
    size_t length;
};
/* All keys, decoded. An absent object: no entries if optional, else ERR_INVALID. */
int pod_entries(const struct pod *pod, const char *kind, const char *name, bool optional, const struct entry **entries,
                size_t *n);
const struct entry *entry_find(const struct entry *entries, size_t n, const char *key);

/* pod_downward.c: value of a fieldRef, of a resourceFieldRef. container: the one that asks. */
int pod_field(const struct pod *pod, const struct node *reference, const char **value);
int pod_resource_field(const struct pod *pod, const struct node *container, const struct node *reference,
                       const char **value);
/* requests and limits of a container; what this host does not count is noted. */
int pod_resources(const struct pod *pod, const struct node *container, struct resources *requests,
                  struct resources *limits);

/* pod_environment.c: fills env; needs the limits. */
int pod_environment(const struct pod *pod, const struct node *node, const struct image *image,
                    struct container *container);
/* $(NAME) replaced as Kubernetes does: names that env lacks stay, $$ is $. *missing, unless NULL: one such name, or NULL.
   ERR_LIMIT over ARGUMENT_BYTES_LIMIT. */
int pod_expand(const struct pod *pod, const struct container *container, const char *text, const char **expanded,
               const char **missing);

/* pod_command.c: fills argv; needs env. */
int pod_command(const struct pod *pod, const struct node *node, const struct image *image, struct container *container);

/* pod_volumes.c: fills mounts; needs env. */
int pod_mounts(const struct pod *pod, const struct node *node, const struct image *image, struct container *container);

/* A text member, NULL when absent. */
const char *member_text(const struct pod *pod, const struct node *map, const char *key);
bool member_boolean(const struct node *map, const char *key);

#endif
