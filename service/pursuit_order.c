/*
 * What an agent is ordered to do, and the handing over of it to the engine.
 */
#include <stdlib.h>

#include "base/status.h"
#include "service/core.h"
#include "service/planning.h"
#include "service/pursuit.h"
#include "trialrunner/collectors/collector.h"

static void fill_order(struct service *service, const struct live *live, const struct trial *trial,
                       struct pursuit *pursuit)
{
    const struct spec *spec = live->spec;
    struct order *order = &pursuit->order;
    const char **metrics = arena_array(&pursuit->arena, spec->objective.n_metrics, sizeof *metrics);

    for (size_t i = 0; i < spec->objective.n_metrics; i++)
        metrics[i] = spec->objective.metrics[i].name;
    order->address = arena_strdup(&pursuit->arena, service->endpoint);
    order->key = arena_strdup(&pursuit->arena, pursuit->key);
    order->experiment = arena_strdup(&pursuit->arena, spec->name);
    order->namespace = arena_strdup(&pursuit->arena, spec->namespace);
    order->trial = arena_strdup(&pursuit->arena, trial->name);
    order->experiment_id = live->id;
    order->number = pursuit->number;
    order->attempt = pursuit->attempt;
    order->gpus = pursuit->resources.gpus > 0 ? arena_strdup(&pursuit->arena, pursuit->gpus) : NULL;
    order->metrics = (struct metrics_query){
        .n_metrics = spec->objective.n_metrics,
        .metrics = metrics,
        .n_filters = spec->collector.n_filters,
        .filters = spec->collector.filters,
    };
    order->collector = spec->collector.kind->name;
    order->format = spec->collector.format == FORMAT_JSON ? "JSON" : "TEXT";
    order->metrics_path = spec->collector.kind->reads_file ? spec->collector.path : NULL;
    order->http_path = spec->collector.http_path;
    order->http_port = spec->collector.http_port;
    order->log_limit = spec->hone.log_limit;
}

/* How many ports its roles need shows in a plan; then they are planned with ports of their own. */
static int plan_with_ports(struct service *service, struct live *live, const struct trial *trial,
                           struct pursuit *pursuit, struct faults *faults)
{
    struct plan *plan = &pursuit->order.plan;
    int first = pursuit->n_ports > 0 ? pursuit->first_port : PORT_FIRST;

    TRY(planning_plan(service, live, trial, first, &pursuit->arena, plan, faults));
    if (plan->n_ports == 0 || pursuit->n_ports > 0)
        return 0;
    TRY(ports_take(&service->ports, (size_t)plan->n_ports, &pursuit->first_port));
    pursuit->n_ports = plan->n_ports;
    return planning_plan(service, live, trial, pursuit->first_port, &pursuit->arena, plan, faults);
}

int pursuit_prepare(struct service *service, struct live *live, const struct trial *trial, struct pursuit *pursuit)
{
    struct faults faults = { 0 };
    int status = plan_with_ports(service, live, trial, pursuit, &faults);

    if (status == 0) {
        pursuit->resources = pursuit->order.plan.total;
        pursuit->n_roles = pursuit->order.plan.n_roles;
        status = capacity_check(&service->capacity, &pursuit->resources);
    }
    if (status == 0 && pursuit->progress == NULL)
        pursuit->progress = xcalloc(pursuit->n_roles, sizeof *pursuit->progress);
    faults_release(&faults);
    return status;
}

struct attempt_tag pursuit_tag(const struct live *live, const struct pursuit *pursuit)
{
    return (struct attempt_tag){ live->id, pursuit->number, pursuit->attempt };
}

static const char *checkpoint_of(const struct service *service, const struct live *live, const struct trial *trial,
                                 struct arena *arena)
{
    return arena_printf(arena, "%s/%s/" SHARED_DIRECTORY "/" CHECKPOINT_DIRECTORY, service->directory,
                        live_relative(live, trial, arena));
}

/* The parent's checkpoint and where a copy of it goes; NULL: it begins with none. */
static const char *const *inheritance(const struct service *service, const struct live *live, const struct trial *trial,
                                      struct arena *arena)
{
    const struct trial *parent = experiment_trial(live->experiment, trial->parent);
    const char **paths = arena_array(arena, 2, sizeof *paths);

    if (parent == NULL || spec_checkpoint_path(live->spec) == NULL)
        return NULL;
    paths[0] = checkpoint_of(service, live, parent, arena);
    paths[1] = checkpoint_of(service, live, trial, arena);
    return paths;
}

void pursuit_hand_over(struct service *service, struct live *live, struct pursuit *pursuit, bool only_adopt)
{
    const struct trial *trial = experiment_trial(live->experiment, pursuit->number);
    struct attempt_tag tag = pursuit_tag(live, pursuit);
    const char *const *inherit = inheritance(service, live, trial, &pursuit->arena);

    fill_order(service, live, trial, pursuit);
    engine_thread_start(service->engine, &tag, live_relative(live, trial, &pursuit->arena), &pursuit->order,
                        &pursuit->arena, inherit, only_adopt);
}
