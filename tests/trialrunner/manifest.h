/*
 * Manifests and images for tests of plans, from YAML texts.
 */
#ifndef HONE_TESTS_TRIALRUNNER_MANIFEST_H
#define HONE_TESTS_TRIALRUNNER_MANIFEST_H

#include "base/status.h"
#include "base/yaml.h"
#include "tests/test.h"
#include "trialrunner/images.h"
#include "trialrunner/jobs/job_kind.h"
#include "trialrunner/pod.h"

/* The first document; the test fails when it is no YAML. */
static inline struct node *read_manifest(struct arena *arena, const char *text)
{
    struct faults faults = { 0 };
    struct node *documents;

    assert_int_equal(yaml_read(text, strlen(text), "test.yaml", arena, &faults, &documents), 0);
    faults_release(&faults);
    return documents->items[0];
}

/* All that was found, as printed, in the arena. */
static inline const char *printed(const struct faults *faults, struct arena *arena)
{
    struct text out = { 0 };
    const char *kept;

    faults_print(faults, &out);
    kept = arena_strdup(arena, text_string(&out));
    text_release(&out);
    return kept;
}

/* A context in which everything is known that a plan may ask for. */
static inline struct plan_context plain_context(void)
{
    static const struct images none = { 0 };

    return (struct plan_context){
        .trial_name = "exp-abc",
        .namespace = "team",
        .experiment = "exp",
        .primary_container = "main",
        .images = &none,
        .directory = "/home/user",
        .claims_directory = "/var/claims",
    };
}

/* Value of a variable; NULL when the container lacks it. */
static inline const char *variable(const struct container *container, const char *name)
{
    size_t length = strlen(name);

    for (size_t i = 0; i < container->n_env; i++) {
        if (strncmp(container->env[i], name, length) == 0 && container->env[i][length] == '=')
            return container->env[i] + length + 1;
    }
    return NULL;
}

static inline const struct mount *mount_at(const struct container *container, const char *target)
{
    for (size_t i = 0; i < container->n_mounts; i++) {
        if (strcmp(container->mounts[i].target, target) == 0)
            return &container->mounts[i];
    }
    return NULL;
}

#endif
