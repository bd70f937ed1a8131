/*
 * What the jury hears of reports, now and after a restart.
 */
#include "service/stopping.h"

#include <math.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/number.h"
#include "base/status.h"
#include "service/conductor.h"
#include "service/core.h"
#include "service/jury.h"
#include "service/past.h"
#include "service/pursuit.h"

/* The objective that the report is of, with its loss. */
static bool read_report(const struct spec *spec, const struct observation_row *row, struct jury_report *report)
{
    double value;

    for (size_t i = 0; i < spec_n_objectives(spec); i++) {
        struct aim aim = spec_aim(spec, i);

        if ((int)aim.metric != row->metric)
            continue;
        if (!number_parse_any(row->value, &value))
            value = NAN;
        *report = (struct jury_report){ i, (double)row->step, aim.type == OBJECTIVE_MAXIMIZE ? -value : value };
        return true;
    }
    return false;
}

static void tell(struct live *live, int64_t number, int64_t attempt, const struct observation_row *rows, size_t n,
                 enum jury_when when)
{
    struct jury_report *reports = xcalloc(n + 1, sizeof *reports);
    size_t n_reports = 0;

    for (size_t i = 0; i < n; i++)
        n_reports += read_report(live->spec, &rows[i], &reports[n_reports]);
    if (n_reports > 0)
        jury_hear(live->jury, number, attempt, reports, n_reports, when);
    free(reports);
}

void stopping_reported(struct live *live, const struct trial *trial, const struct observation_row *rows, size_t n)
{
    if (live->jury != NULL)
        tell(live, trial->number, trial_attempt(trial)->number, rows, n, JURY_EACH);
}

void stopping_follow(struct service *service, struct live *live, struct letter *letter)
{
    if (live->jury != NULL)
        jury_follow(live->jury, letter);
    else
        mailbox_post(service->mailbox, letter);
}

void stopping_finished(struct live *live, const struct trial *trial)
{
    if (live->jury != NULL)
        jury_close(live->jury, trial->number, trial->state == TRIAL_SUCCEEDED);
}

void stopping_decided(struct service *service, struct letter *letter)
{
    struct verdict *verdict = (struct verdict *)letter;
    struct live *live = service != NULL ? live_by_id(service, verdict->experiment_id) : NULL;
    struct fact fact = {
        .kind = FACT_STOP_EARLY,
        .now_us = clock_wall_us(),
        .number = verdict->number,
        .attempt = verdict->attempt,
        .message = verdict->why,
    };

    if (live != NULL)
        conductor_fact(service, live, &fact);
    free(verdict);
}

/* --- after a restart --- */

/* As the agent said them. */
static int by_sequence(const void *left, const void *right)
{
    const struct observation_row *a = left, *b = right;

    if (a->sequence != b->sequence)
        return a->sequence < b->sequence ? -1 : 1;
    return (a->role > b->role) - (a->role < b->role);
}

/* Reports of a running attempt that are stored but not yet counted will be told when they are. */
static size_t keep_counted(const struct pursuit *pursuit, struct observation_row *rows, size_t n)
{
    size_t n_kept = 0;

    for (size_t i = 0; i < n; i++) {
        bool is_counted = pursuit == NULL || pursuit->progress == NULL || (size_t)rows[i].role >= pursuit->n_roles ||
                          rows[i].sequence <= pursuit->progress[rows[i].role];

        if (is_counted)
            rows[n_kept++] = rows[i];
    }
    return n_kept;
}

/* The curve of the last attempt that has any. */
static int load(struct service *service, struct live *live, const struct trial *trial, struct arena *arena)
{
    const struct pursuit *pursuit = pursuit_find(live, trial->number);
    struct observation_row *rows;
    size_t n = 0;

    for (size_t k = trial->n_attempts; k > 0 && n == 0; k--) {
        int64_t attempt = trial->attempts[k - 1].number;

        TRY(observations_load(service->reader, live->id, trial->number, attempt, -1, arena, &rows, &n));
        if (n == 0)
            continue;
        qsort(rows, n, sizeof *rows, by_sequence);
        n = keep_counted(pursuit != NULL && pursuit->attempt == attempt ? pursuit : NULL, rows, n);
        tell(live, trial->number, attempt, rows, n, trial_is_finished(trial) ? JURY_NEVER : JURY_LAST);
    }
    return 0;
}

/* What has finished first: the running ones are judged by it. */
static int load_all(struct service *service, struct live *live, bool is_finished)
{
    const struct experiment *experiment = live->experiment;
    int status = 0;

    for (size_t i = 0; i < experiment->n_trials && status == 0; i++) {
        const struct trial *trial = experiment->trials[i];
        struct arena arena = { 0 };

        if (trial_is_finished(trial) != is_finished)
            continue;
        status = load(service, live, trial, &arena);
        if (is_finished)
            stopping_finished(live, trial);
        arena_release(&arena);
    }
    return status;
}

int stopping_open(struct service *service, struct live *live)
{
    if (live->spec->early_stopping == NULL || live->jury != NULL)
        return 0;
    live->jury = jury_create(service->pool, live->spec, past_seed(live), live->id, service->mailbox, stopping_decided);
    TRY(load_all(service, live, true));
    return load_all(service, live, false);
}
