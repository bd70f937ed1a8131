/*
 * From a trial's values to the roles of its job: the template rendered, its job kind's plan.
 */
#include "service/planning.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/status.h"
#include "experiment/assignment.h"
#include "experiment/template.h"
#include "service/core.h"
#include "trialrunner/clean_path.h"
#include "trialrunner/collectors/collector.h"
#include "trialrunner/jobs/job_kind.h"
#include "trialrunner/ports.h"

struct resource_owner {
    const struct bundle *bundle;
    const char *namespace;
};

static const struct node *find_resource(const void *owner, const char *kind, const char *name)
{
    const struct resource_owner *resources = owner;

    return bundle_resource(resources->bundle, kind, resources->namespace, name);
}

static const char *const *label_texts(const struct trial_template *template, struct arena *arena)
{
    const char **texts = arena_array(arena, template->n_primary_labels + 1, sizeof *texts);

    for (size_t i = 0; i < template->n_primary_labels; i++)
        texts[i] = arena_printf(arena, "%s=%s", template->primary_labels[i].name, template->primary_labels[i].value);
    return texts;
}

static const char *const *trial_label_texts(const struct trial *trial, struct arena *arena)
{
    const char **texts = arena_array(arena, trial->n_labels, sizeof *texts);

    for (size_t i = 0; i < trial->n_labels; i++)
        texts[i] = arena_printf(arena, "%s=%s", trial->labels[i].name, trial->labels[i].value);
    return texts;
}

/* What of the trial's paths is its own: the directory around the file, or around that of event files, whose siblings are often written
   as well. */
static const char *metrics_directory(const struct metrics_collector *collector, struct arena *arena)
{
    const char *path = path_absolute(arena, collector->path);
    char *directory = file_directory(path != NULL ? path : collector->path);
    const char *around = arena_strdup(arena, directory);

    free(directory);
    return collector->is_directory && path != NULL && text_equal(around, "/") ? path : around;
}

int planning_plan(struct service *service, const struct live *live, const struct trial *trial, int first_port,
                  struct arena *arena, struct plan *plan, struct faults *faults)
{
    const struct spec *spec = live->spec;
    const struct trial_template *template = &spec->template;
    const char *const *assignments = assignment_texts(spec, trial->values, arena);
    struct trial_identity identity = { trial->name, spec->namespace };
    struct resource_owner owner = { &live->bundle, spec->namespace };
    struct plan_context context = {
        .trial_name = trial->name,
        .namespace = spec->namespace,
        .experiment = spec->name,
        .primary_container = template->primary_container,
        .n_primary_labels = template->n_primary_labels,
        .primary_labels = label_texts(template, arena),
        .n_labels = trial->n_labels,
        .labels = trial_label_texts(trial, arena),
        .checkpoint_path = spec_checkpoint_path(spec),
        .shell = spec->collector.kind->shell,
        .collector = spec->collector.custom,
        .n_given_roles = spec->hone.n_roles,
        .given_roles = spec->hone.roles,
        .is_scraped = spec->collector.kind->is_scraped,
        .images = &live->images,
        .directory = live->bundle.directory,
        .python = service->python,
        .claims_directory = service->volumes,
        .first_port = first_port,
        .resource = find_resource,
        .resource_owner = &owner,
    };
    struct node *manifest;

    if (spec->collector.path != NULL)
        context.metrics_directory = metrics_directory(&spec->collector, arena);
    if (spec->collector.kind->is_pushed)
        context.report_file = spec->collector.path;
    TRY(template_render(spec, &identity, assignments, arena, &manifest));
    return template->kind->plan(manifest, &context, arena, plan, faults);
}

int planning_try(struct service *service, struct live *live, struct text *warnings)
{
    const struct space *space = &live->spec->space;
    struct arena arena = { 0 };
    struct faults faults = { 0 };
    double *x = arena_array(&arena, space->n + 1, sizeof *x);
    struct trial *trial = trial_create(live->experiment, 1);
    struct plan plan;
    int status;

    for (size_t i = 0; i < space->n; i++)
        x[i] = space->parameters[i].type == PARAMETER_CATEGORICAL ? 0 : 0.5;
    space_decode(space, x, trial->values);
    status = planning_plan(service, live, trial, PORT_FIRST, &arena, &plan, &faults);
    if (status == 0)
        status = capacity_check(&service->capacity, &plan.total);
    for (size_t i = 0; i < faults.n; i++)
        if (faults.items[i].file == NULL && faults.items[i].line > 0)
            faults.items[i].file = live->shown;
    if (status == 0)
        faults_print(&faults, warnings);
    trial_destroy(trial);
    faults_release(&faults);
    arena_release(&arena);
    return status;
}
