/*
 * Experiments between memory and the database.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/message.h"
#include "base/status.h"
#include "db/experiments.h"
#include "service/adding.h"
#include "service/call.h"
#include "service/core.h"
#include "service/jury.h"
#include "service/pursuit.h"
#include "service/search.h"
#include "service/source.h"
#include "service/workers.h"

struct live *live_by_id(const struct service *service, int64_t id)
{
    for (size_t i = 0; i < service->n_lives; i++)
        if (service->lives[i]->id == id && id != 0)
            return service->lives[i];
    return NULL;
}

const char *live_relative(const struct live *live, const struct trial *trial, struct arena *arena)
{
    return arena_printf(arena, "%s/%s", live->uid_text, trial->name);
}

void random_bytes(void *bytes, size_t n)
{
    if (getrandom(bytes, n, 0) != (ssize_t)n)
        abort();
}

void live_release(void *lender)
{
    struct live *live = lender;

    experiment_destroy(live->experiment);
    bundle_release(&live->bundle);
    warm_start_release(&live->warm);
    arena_release(&live->arena);
    free(live);
}

void live_destroy(struct live *live)
{
    if (live == NULL)
        return;
    while (live->waiters != NULL) {
        struct waiter *waiter = live->waiters;

        live->waiters = waiter->next;
        free(waiter);
    }
    adding_release(live);
    while (live->askers != NULL) {
        struct asker *asker = live->askers;

        live->askers = asker->next;
        free(asker);
    }
    while (live->pursuits != NULL) {
        struct pursuit *pursuit = live->pursuits;

        live->pursuits = pursuit->next;
        pursuit_destroy(pursuit);
    }
    jury_destroy(live->jury);
    if (live->search != NULL)
        search_destroy(live->search); /* ends with live_release */
    else
        live_release(live);
}

void live_forget(struct service *service, struct live *live)
{
    for (size_t i = 0; i < service->n_lives; i++) {
        if (service->lives[i] != live)
            continue;
        service->lives[i] = service->lives[--service->n_lives];
        break;
    }
    live_destroy(live);
}

void live_keep(struct service *service, struct live *live)
{
    service->lives = grow(service->lives, service->n_lives, &service->lives_capacity, sizeof *service->lives);
    service->lives[service->n_lives++] = live;
}

int live_build(const void *bytes, size_t length, const char *name, struct live **out)
{
    struct live *live = xcalloc(1, sizeof *live);
    struct faults faults = { 0 };
    struct source source;
    struct node *node;
    int status;

    live->last_fact = &live->first_fact;
    live->likely_of = -1;
    live->source = arena_strndup(&live->arena, bytes, length);
    live->source_length = length;
    status = message_decode(live->source, length, &live->arena, &node);
    if (status == 0)
        status = source_unpack(node, &live->arena, &source);
    if (status == 0)
        status = source_parse(&source, false, &live->bundle, &live->images, &live->arena, &faults);
    faults_release(&faults);
    if (status == 0)
        live->shown = source.files[0].shown;
    for (size_t i = 0; status == 0 && live->spec == NULL && i < live->bundle.n_specs; i++)
        if (text_equal(live->bundle.specs[i]->name, name))
            live->spec = live->bundle.specs[i];
    if (status == 0 && live->spec == NULL)
        status = fail(ERR_NOT_FOUND, "no Experiment named %s in the files", name);
    if (status < 0) {
        live_destroy(live);
        return status;
    }
    *out = live;
    return 0;
}

int live_create(struct service *service, const void *source, size_t length, const char *name, struct live **out)
{
    struct live *live;
    uint8_t uid[16];

    TRY(live_build(source, length, name, &live));
    random_bytes(uid, sizeof uid);
    uid[6] = (uid[6] & 0x0f) | 0x40; /* a random UUID, RFC 9562 */
    uid[8] = (uid[8] & 0x3f) | 0x80;
    uid_format(uid, live->uid_text);
    live->experiment = experiment_create(live->spec, uid, clock_wall_us());
    live_keep(service, live);
    *out = live;
    return 0;
}

int live_find(struct service *service, const char *namespace, const char *name, struct live **out)
{
    struct arena arena = { 0 };
    struct experiment_row row;
    int status;

    for (size_t i = 0; i < service->n_lives; i++) {
        struct live *live = service->lives[i];

        if (!text_equal(live->spec->namespace, namespace) || !text_equal(live->spec->name, name))
            continue;
        if (live->is_deleted) /* its row may still be there */
            return fail(ERR_NOT_FOUND, "experiment %s in namespace %s is being deleted", name, namespace);
        if (live->id == 0)
            return fail(ERR_LIMIT, "experiment %s in namespace %s is being created", name, namespace);
        *out = live;
        return 0;
    }
    status = experiments_find(service->reader, namespace, name, 0, &arena, &row);
    if (status == ERR_NOT_FOUND)
        status = fail(ERR_NOT_FOUND, "no experiment %s in namespace %s", name, namespace);
    if (status == 0)
        status = live_load(service, &row, &arena, out);
    if (status == 0)
        pursuit_adopt(service, *out);
    arena_release(&arena);
    return status;
}

int live_find_id(struct service *service, int64_t id, struct live **live)
{
    struct arena arena = { 0 };
    struct experiment_row row;
    int status;

    *live = live_by_id(service, id);
    if (*live != NULL)
        return 0;
    if (id <= 0)
        return fail(ERR_NOT_FOUND, "no experiment with the id %lld", (long long)id);
    status = experiments_find(service->reader, NULL, NULL, id, &arena, &row);
    if (status == 0)
        status = live_find(service, row.namespace, row.name, live);
    if (status == 0 && (*live)->id != id) /* a later one of that name */
        status = fail(ERR_NOT_FOUND, "the experiment with the id %lld was deleted", (long long)id);
    arena_release(&arena);
    return status;
}

int live_load_unfinished(struct service *service)
{
    struct arena arena = { 0 };
    struct experiment_row *rows;
    struct live *live;
    size_t n;
    int status = experiments_list(service->reader, NULL, &arena, &rows, &n);

    for (size_t i = 0; status == 0 && i < n; i++) {
        if (rows[i].completed_us != 0)
            continue;
        /* One experiment that cannot be read must not keep the others from running. */
        if (live_load(service, &rows[i], &arena, &live) < 0)
            log_error("experiment.load", "experiment=%s/%s: %s", rows[i].namespace, rows[i].name, fail_message());
        else
            pursuit_adopt(service, live);
    }
    arena_release(&arena);
    return status;
}
