/*
 * Names of a plan's enumerations, and what a whole plan asks for.
 */
#include "trialrunner/plan.h"

#include <math.h>

#include "base/status.h"
#include "base/text.h"

const char *const restart_policy_names[] = { "Never", "OnFailure", "Always", "ExitCode", NULL };
const char *const mount_kind_names[] = { "private", "trial", "host", "files", NULL };

static struct resources wanted(const struct container *container)
{
    const struct resources *requests = &container->requests, *limits = &container->limits;

    return (struct resources){
        .cpus = requests->cpus > 0 ? requests->cpus : limits->cpus,
        .memory = requests->memory > 0 ? requests->memory : limits->memory,
        .gpus = requests->gpus > 0 ? requests->gpus : limits->gpus,
    };
}

static struct resources sum(struct resources a, struct resources b)
{
    return (struct resources){ a.cpus + b.cpus, a.memory + b.memory, a.gpus + b.gpus };
}

static struct resources most(struct resources a, struct resources b)
{
    return (struct resources){ fmax(a.cpus, b.cpus), fmax(a.memory, b.memory), a.gpus > b.gpus ? a.gpus : b.gpus };
}

struct resources role_resources(const struct role *role)
{
    struct resources together = { 0 };

    for (size_t i = 0; i < role->n_containers; i++)
        together = sum(together, wanted(&role->containers[i]));
    for (size_t i = 0; i < role->n_init; i++)
        together = most(together, wanted(&role->init[i]));
    return together;
}

static struct resources total(const struct plan *plan)
{
    struct resources all = { 0 }, largest = { 0 };

    for (size_t i = 0; i < plan->n_roles; i++) {
        struct resources role = role_resources(&plan->roles[i]);

        all = sum(all, role);
        largest = most(largest, role);
    }
    if ((size_t)plan->parallelism >= plan->n_roles)
        return all;
    return (struct resources){
        .cpus = largest.cpus * plan->parallelism,
        .memory = largest.memory * plan->parallelism,
        .gpus = largest.gpus * plan->parallelism,
    };
}

static bool collects(const struct plan *plan, struct text *names)
{
    for (size_t i = 0; i < plan->n_roles; i++) {
        for (size_t j = 0; j < plan->roles[i].n_containers; j++) {
            const struct container *container = &plan->roles[i].containers[j];

            if (container->collect)
                return true;
            text_printf(names, "%s%s of %s", names->length > 0 ? ", " : "", container->name, plan->roles[i].name);
        }
    }
    return false;
}

int plan_finish(struct plan *plan, const char *primary_container)
{
    struct text names = { 0 };
    int status = 0;

    plan->total = total(plan);
    if (!collects(plan, &names))
        status = fail(ERR_INVALID,
                      "primaryContainerName: expected a container of a pod that primaryPodLabels choose, got \"%s\"; "
                      "there are %s",
                      primary_container ? primary_container : "", text_string(&names));
    text_release(&names);
    return status;
}
