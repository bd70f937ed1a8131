/*
 * One experiment of the files: made, or compared with the one that has its name.
 */
#include <string.h>

#include "base/clock.h"
#include "base/status.h"
#include "service/conductor.h"
#include "service/core.h"
#include "service/create.h"
#include "service/past.h"
#include "service/planning.h"
#include "service/store.h"

/* What the two sets of files say beside the Experiment itself: images and the resources that trials may use. */
static bool surroundings_equal(const struct bundle *a, const struct bundle *b)
{
    if ((a->images == NULL) != (b->images == NULL) || a->n_resources != b->n_resources)
        return false;
    if (a->images != NULL && !node_equal(a->images, b->images))
        return false;
    for (size_t i = 0; i < a->n_resources; i++)
        if (!node_equal(a->resources[i], b->resources[i]))
            return false;
    return true;
}

static struct fact edit_fact(int64_t parallel, int64_t max, int64_t max_failed)
{
    return (struct fact){
        .kind = FACT_EDITED,
        .now_us = clock_wall_us(),
        .parallel_trial_count = parallel,
        .max_trial_count = max,
        .max_failed_trial_count = max_failed,
    };
}

int create_edit(struct service *service, struct live *live, int64_t parallel, int64_t max, int64_t max_failed)
{
    struct fact edited = edit_fact(parallel, max, max_failed);

    TRY(lifecycle_check_edit(live->experiment, parallel, max, max_failed));
    conductor_fact(service, live, &edited);
    store_event(service, live, 0, EVENT_EXPERIMENT_EDITED, NULL);
    return 0;
}

int create_meet(struct service *service, struct live *live, const struct bundle *bundle, const struct spec *spec,
                struct created *item)
{
    struct experiment *experiment = live->experiment;
    struct text lines = { 0 };
    bool only_budget = true;
    size_t n = spec_differences(live->spec, spec, &lines, &only_budget);
    bool is_as_now = spec->parallel_trial_count == experiment->parallel_trial_count &&
                     spec->max_trial_count == experiment->max_trial_count &&
                     spec->max_failed_trial_count == experiment->max_failed_trial_count;
    int status = 0;

    if (!surroundings_equal(&live->bundle, bundle)) {
        text_add(&lines, "  images, ConfigMaps or Secrets: not the same\n");
        only_budget = false;
    }
    item->live = live;
    item->met_id = live->id;
    item->outcome = experiment_is_finished(experiment) ? "finished" : "same";
    if (!only_budget) {
        status = fail(ERR_CONFLICT,
                      "experiment %s/%s exists already with other contents:\n%s"
                      "give this one another name, or delete the old one: hone delete %s -n %s",
                      spec->namespace, spec->name, text_string(&lines), spec->name, spec->namespace);
    } else if (n > 0 && !is_as_now) {
        status = create_edit(service, live, spec->parallel_trial_count, spec->max_trial_count,
                             spec->max_failed_trial_count);
        item->outcome = "edited";
    }
    text_release(&lines);
    return status;
}

int create_new(struct service *service, const struct text *packed, const struct spec *spec, bool claim,
               struct created *item, struct experiment_row *row)
{
    struct text warnings = { 0 }, notes = { 0 };
    struct live *live;
    int status;

    if (claim)
        TRY(conductor_check(service, spec));
    TRY(live_create(service, packed->data, packed->length, spec->name, &live));
    status = claim && !spec->by_clients ? planning_try(service, live, &warnings) : 0;
    if (status == 0)
        status = warm_gather(service, live, &notes);
    if (live->warm.n > 0)
        warm_start_pack(&live->warm, &item->imports);
    item->warnings = xstrdup(text_string(&warnings));
    item->notes = xstrdup(text_string(&notes));
    text_release(&notes);
    text_release(&warnings);
    if (status < 0) {
        live_forget(service, live);
        return status;
    }
    item->live = live;
    item->outcome = "created";
    *row = (struct experiment_row){
        .namespace = live->spec->namespace,
        .name = live->spec->name,
        .source = live->source,
        .source_length = live->source_length,
        .parallel_trial_count = spec->parallel_trial_count,
        .max_trial_count = spec->max_trial_count,
        .max_failed_trial_count = spec->max_failed_trial_count,
        .created_us = live->experiment->created_us,
    };
    memcpy(row->uid, live->experiment->uid, sizeof row->uid);
    return 0;
}
