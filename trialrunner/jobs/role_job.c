/*
 * A kind that Hone does not know: its pods are those that spec.hone.roles names, started together as a gang.
 *
 * They find each other by HONE_ADDRESSES_<ROLE>, "127.0.0.1:23000,127.0.0.1:23001", a port for every process.
 */
#include <ctype.h>

#include "base/number.h"
#include "base/status.h"
#include "base/text.h"
#include "trialrunner/jobs/job_table.h"
#include "trialrunner/jobs/replica_plan.h"
#include "trialrunner/pod.h"

#define ROLE_LABEL  "hone/role"
#define INDEX_LABEL "hone/role-index"

struct gang {
    const struct node *manifest;
    const struct plan_context *context;
    struct arena *arena;
    int *counts; /* (n_given_roles) processes */
    int n;       /* of all */
};

/* A number, or where in the manifest one stands. */
static int count_role(const struct gang *gang, const struct given_role *role, int64_t *n)
{
    if (!number_parse_integer(role->replicas, n) && !node_to_integer(node_path(gang->manifest, role->replicas), n))
        return fail(ERR_INVALID, "spec.hone.roles: replicas of %s: expected a number at %s of the manifest", role->name,
                    role->replicas);
    if (*n < 0 || *n > ROLE_LIMIT)
        return fail(ERR_INVALID, "spec.hone.roles: replicas of %s: expected 0 to %d, got %lld", role->name, ROLE_LIMIT,
                    (long long)*n);
    return 0;
}

static int count(struct gang *gang)
{
    for (size_t i = 0; i < gang->context->n_given_roles; i++) {
        int64_t n;

        TRY(count_role(gang, &gang->context->given_roles[i], &n));
        gang->counts[i] = (int)n;
        gang->n += (int)n;
    }
    if (gang->n < 1 || gang->n > ROLE_LIMIT)
        return fail(ERR_INVALID, "spec.hone.roles: expected 1 to %d processes in all, got %d", ROLE_LIMIT, gang->n);
    return 0;
}

static const char *host_of(const struct gang *gang)
{
    return gang->context->address != NULL ? gang->context->address : "127.0.0.1";
}

/* HONE_ADDRESSES_PARAMETER_SERVER=127.0.0.1:23000,... of a role whose first process has this rank. */
static const char *addresses(const struct gang *gang, size_t role, int rank)
{
    struct text text = { 0 };
    const char *entry;

    text_add(&text, "HONE_ADDRESSES_");
    for (const char *at = gang->context->given_roles[role].name; *at != '\0'; at++)
        text_add_char(&text, *at == '-' ? '_' : (char)toupper((unsigned char)*at));
    for (int i = 0; i < gang->counts[role]; i++)
        text_printf(&text, "%c%s:%d", i == 0 ? '=' : ',', host_of(gang), gang->context->first_port + rank + i);
    if (gang->counts[role] == 0)
        text_add_char(&text, '=');
    entry = arena_strdup(gang->arena, text.data);
    text_release(&text);
    return entry;
}

static size_t fill_environment(const struct gang *gang, const struct given_role *given, int index, int rank,
                               const char **env)
{
    struct arena *arena = gang->arena;
    size_t n = 0;

    env[n++] = arena_printf(arena, "HONE_ROLE=%s", given->name);
    env[n++] = arena_printf(arena, "HONE_ROLE_INDEX=%d", index);
    env[n++] = arena_printf(arena, "HONE_RANK=%d", rank);
    env[n++] = arena_printf(arena, "HONE_WORLD_SIZE=%d", gang->n);
    env[n++] = arena_printf(arena, "HONE_PORT=%d", gang->context->first_port + rank);
    for (size_t i = 0, first = 0; i < gang->context->n_given_roles; first += (size_t)gang->counts[i++])
        env[n++] = addresses(gang, i, (int)first);
    return n;
}

static int plan_process(const struct gang *gang, const struct given_role *given, int index, int rank, struct role *role,
                        struct faults *faults)
{
    struct arena *arena = gang->arena;
    const char **env = arena_array(arena, gang->context->n_given_roles + 5, sizeof *env);
    const char *const labels[] = {
        arena_printf(arena, ROLE_LABEL "=%s", given->name),
        arena_printf(arena, INDEX_LABEL "=%d", index),
    };
    const struct pod_owner owner = {
        .pod = arena_printf(arena, "%s-%s-%d", gang->context->trial_name, given->name, index),
        .metrics_port = gang->context->is_scraped ? gang->context->first_port + gang->n + rank : 0,
        .n_labels = 2,
        .labels = labels,
        .n_env = fill_environment(gang, given, index, rank, env),
        .env = env,
    };

    role->name = arena_printf(arena, "%s-%d", given->name, index);
    role->index = index;
    role->decides = given->decides;
    return pod_plan(node_path(gang->manifest, given->template), gang->context, &owner, arena, role, faults);
}

static int plan_processes(const struct gang *gang, struct plan *plan, struct faults *faults)
{
    struct role *roles = arena_array(gang->arena, (size_t)gang->n, sizeof *roles);
    int rank = 0;

    for (size_t i = 0; i < gang->context->n_given_roles; i++)
        for (int k = 0; k < gang->counts[i]; k++, rank++) {
            const struct given_role *given = &gang->context->given_roles[i];
            double grace_s = pod_grace_s(node_path(gang->manifest, given->template));

            TRY(plan_process(gang, given, k, rank, &roles[rank], faults));
            plan->completions += roles[rank].decides;
            plan->grace_s = grace_s > plan->grace_s ? grace_s : plan->grace_s;
        }
    plan->roles = roles;
    if (plan->completions == 0)
        return fail(ERR_INVALID, "spec.hone.roles: expected a process of a role that decides, got none");
    return plan_finish(plan, gang->context->primary_container);
}

static int plan(const struct node *manifest, const struct plan_context *context, struct arena *arena, struct plan *plan,
                struct faults *faults)
{
    const char *const first[] = {
        arena_printf(arena, ROLE_LABEL "=%s", context->given_roles[0].name),
        INDEX_LABEL "=0",
    };
    struct plan_context chosen = *context;
    struct gang gang = { .manifest = manifest, .context = &chosen, .arena = arena };

    if (chosen.n_primary_labels == 0) { /* the first process of the first role reports */
        chosen.primary_labels = first;
        chosen.n_primary_labels = 2;
    }
    gang.counts = arena_array(arena, context->n_given_roles, sizeof *gang.counts);
    TRY(count(&gang));
    *plan = (struct plan){ .n_roles = (size_t)gang.n,
                           .parallelism = gang.n,
                           .is_gang = true,
                           .n_ports = context->is_scraped ? 2 * gang.n : gang.n };
    return plan_processes(&gang, plan, faults);
}

const struct job_kind job_kind_given = {
    .api_version = "",
    .kind = "",
    .success_condition = REPLICAS_SUCCEEDED,
    .failure_condition = REPLICAS_FAILED,
    .plan = plan,
};
