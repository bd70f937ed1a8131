/*
 * Curves by trial and objective, and the rule's answers.
 */
#include "service/jury.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

enum {
    RUNNING_LIMIT = 4096, /* points of a curve that are kept */
    CLOSED_LIMIT = 512,
    TURN_LIMIT = 256, /* reports that are judged before other lines of the pool have their turn */
};

/* One trial. */
struct defendant {
    int64_t number, attempt;
    bool is_closed, is_sentenced;
    struct {
        struct curve curve;
        uint64_t n_reports;
        char why[EARLYSTOP_WHY_SIZE]; /* the rule's last answer; empty: keep it */
    } by_objective[];
};

struct jury {
    struct line *line;
    struct mailbox *mailbox;
    void (*decided)(struct service *service, struct letter *letter);
    int64_t experiment_id;
    uint64_t seed;
    const struct earlystop_rule *rule;
    struct setting_value *values; /* one a settings row */
    size_t n_objectives;
    bool is_maximized[OBJECTIVES_LIMIT];
    const char *names[OBJECTIVES_LIMIT]; /* of the objectives' metrics */
    struct arena arena;
    size_t n, capacity, others_capacity;
    struct defendant **defendants; /* (n) by number */
    struct curve *others;          /* for one question */
};

/* --- on the pool: trials --- */

static size_t place_of(const struct jury *jury, int64_t number)
{
    size_t low = 0, high = jury->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (jury->defendants[middle]->number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void forget_curves(const struct jury *jury, struct defendant *defendant)
{
    for (size_t i = 0; i < jury->n_objectives; i++) {
        curve_release(&defendant->by_objective[i].curve);
        memset(&defendant->by_objective[i], 0, sizeof defendant->by_objective[i]);
        defendant->by_objective[i].curve.number = defendant->number;
    }
}

static struct defendant *find(struct jury *jury, int64_t number)
{
    size_t place = place_of(jury, number);
    struct defendant *defendant;

    if (place < jury->n && jury->defendants[place]->number == number)
        return jury->defendants[place];
    jury->defendants = grow(jury->defendants, jury->n, &jury->capacity, sizeof(struct defendant *));
    memmove(jury->defendants + place + 1, jury->defendants + place, (jury->n - place) * sizeof(struct defendant *));
    defendant = xcalloc(1, sizeof *defendant + jury->n_objectives * sizeof defendant->by_objective[0]);
    defendant->number = number;
    forget_curves(jury, defendant);
    jury->defendants[place] = defendant;
    jury->n++;
    return defendant;
}

/* --- on the pool: judging --- */

/* Curves of all other trials that have reported that objective. */
static size_t gather_others(struct jury *jury, const struct defendant *own, size_t objective)
{
    size_t n = 0;

    if (jury->others_capacity < jury->n) {
        jury->others_capacity = jury->capacity;
        jury->others = xreallocarray(jury->others, jury->others_capacity, sizeof *jury->others);
    }
    for (size_t i = 0; i < jury->n; i++)
        if (jury->defendants[i] != own && jury->defendants[i]->by_objective[objective].curve.n > 0)
            jury->others[n++] = jury->defendants[i]->by_objective[objective].curve;
    return n;
}

static void judge(struct jury *jury, struct defendant *own, size_t objective)
{
    struct earlystop_question question = {
        .own = &own->by_objective[objective].curve,
        .n_others = gather_others(jury, own, objective),
        .is_maximized = jury->is_maximized[objective],
        .seed = jury->seed,
    };
    char *why = own->by_objective[objective].why;

    question.others = jury->others;
    if (!jury->rule->judge(jury->values, &question, why))
        why[0] = '\0';
}

static bool is_hopeless(const struct jury *jury, const struct defendant *defendant)
{
    for (size_t i = 0; i < jury->n_objectives; i++)
        if (defendant->by_objective[i].why[0] == '\0')
            return false;
    return true;
}

/* "medianstop: best so far ...", and with several objectives each after its name. */
static void explain(const struct jury *jury, const struct defendant *defendant, char *why, size_t size)
{
    struct text text = { 0 };

    text_printf(&text, "%s: ", jury->rule->name);
    for (size_t i = 0; i < jury->n_objectives; i++)
        text_printf(&text, "%s%s%s%s", i > 0 ? "; " : "", jury->n_objectives > 1 ? jury->names[i] : "",
                    jury->n_objectives > 1 ? ": " : "", defendant->by_objective[i].why);
    snprintf(why, size, "%s", text_string(&text));
    text_release(&text);
}

static void sentence(struct jury *jury, struct defendant *defendant)
{
    struct verdict *verdict = xcalloc(1, sizeof *verdict);

    defendant->is_sentenced = true;
    verdict->letter.open = jury->decided;
    verdict->experiment_id = jury->experiment_id;
    verdict->number = defendant->number;
    verdict->attempt = defendant->attempt;
    explain(jury, defendant, verdict->why, sizeof verdict->why);
    mailbox_post(jury->mailbox, &verdict->letter);
}

/* --- jobs --- */

struct hear_job {
    struct job job;
    int64_t number, attempt;
    enum jury_when when;
    size_t n;
    struct jury_report reports[];
};

static void append(struct defendant *defendant, const struct jury_report *report)
{
    struct curve *curve = &defendant->by_objective[report->objective].curve;
    uint64_t n_reports = ++defendant->by_objective[report->objective].n_reports;

    curve_append(curve, report->step >= 0 ? report->step : (double)n_reports, report->loss);
    curve_thin(curve, RUNNING_LIMIT);
}

static bool is_judged(const struct hear_job *hear, size_t i)
{
    if (hear->when != JURY_LAST)
        return hear->when == JURY_EACH;
    for (size_t k = i + 1; k < hear->n; k++)
        if (hear->reports[k].objective == hear->reports[i].objective)
            return false;
    return true;
}

static void run_hear(void *owner, struct job *job)
{
    struct jury *jury = owner;
    struct hear_job *hear = (struct hear_job *)job;
    struct defendant *defendant = find(jury, hear->number);

    if (hear->attempt != defendant->attempt) {
        forget_curves(jury, defendant);
        defendant->attempt = hear->attempt;
        defendant->is_sentenced = false;
    }
    for (size_t i = 0; i < hear->n; i++) {
        append(defendant, &hear->reports[i]);
        if (defendant->is_closed || defendant->is_sentenced || !is_judged(hear, i))
            continue;
        judge(jury, defendant, hear->reports[i].objective);
        if (is_hopeless(jury, defendant))
            sentence(jury, defendant);
    }
    free(hear);
}

static void drop(struct job *job)
{
    free(job);
}

static void hear_some(struct jury *jury, int64_t number, int64_t attempt, const struct jury_report *reports, size_t n,
                      enum jury_when when)
{
    struct hear_job *hear = xcalloc(1, sizeof *hear + n * sizeof *hear->reports);

    hear->job = (struct job){ .run = run_hear, .drop = drop };
    hear->number = number;
    hear->attempt = attempt;
    hear->when = when;
    hear->n = n;
    memcpy(hear->reports, reports, n * sizeof *reports);
    line_add(jury->line, &hear->job);
}

void jury_hear(struct jury *jury, int64_t number, int64_t attempt, const struct jury_report *reports, size_t n,
               enum jury_when when)
{
    size_t limit = when == JURY_EACH ? TURN_LIMIT : n;

    for (size_t first = 0; first < n; first += limit)
        hear_some(jury, number, attempt, reports + first, n - first < limit ? n - first : limit, when);
}

struct close_job {
    struct job job;
    int64_t number;
    bool is_complete;
};

static void run_close(void *owner, struct job *job)
{
    struct jury *jury = owner;
    struct close_job *close = (struct close_job *)job;
    struct defendant *defendant = find(jury, close->number);

    defendant->is_closed = true;
    for (size_t i = 0; i < jury->n_objectives; i++) {
        defendant->by_objective[i].curve.is_complete = close->is_complete;
        curve_thin(&defendant->by_objective[i].curve, CLOSED_LIMIT);
    }
    free(close);
}

void jury_close(struct jury *jury, int64_t number, bool is_complete)
{
    struct close_job *close = xcalloc(1, sizeof *close);

    *close = (struct close_job){ { .run = run_close, .drop = drop }, number, is_complete };
    line_add(jury->line, &close->job);
}

struct follow_job {
    struct job job;
    struct mailbox *mailbox;
    struct letter *letter;
};

static void post_follow(struct job *job)
{
    struct follow_job *follow = (struct follow_job *)job;

    mailbox_post(follow->mailbox, follow->letter);
    free(follow);
}

static void run_follow(void *owner, struct job *job)
{
    (void)owner;
    post_follow(job);
}

void jury_follow(struct jury *jury, struct letter *letter)
{
    struct follow_job *follow = xcalloc(1, sizeof *follow);

    *follow = (struct follow_job){ { .run = run_follow, .drop = post_follow }, jury->mailbox, letter };
    line_add(jury->line, &follow->job);
}

/* --- beginning and end --- */

static void bury(void *owner)
{
    struct jury *jury = owner;

    for (size_t i = 0; i < jury->n; i++) {
        forget_curves(jury, jury->defendants[i]);
        free(jury->defendants[i]);
    }
    free(jury->defendants);
    free(jury->others);
    arena_release(&jury->arena);
    free(jury);
}

struct jury *jury_create(struct pool *pool, const struct spec *spec, uint64_t seed, int64_t experiment_id,
                         struct mailbox *mailbox, void (*decided)(struct service *service, struct letter *letter))
{
    struct jury *jury = xcalloc(1, sizeof *jury);
    size_t n_settings = 0;

    jury->mailbox = mailbox;
    jury->decided = decided;
    jury->experiment_id = experiment_id;
    jury->seed = seed;
    jury->rule = spec->early_stopping;
    jury->n_objectives = spec_n_objectives(spec);
    for (size_t i = 0; i < jury->n_objectives; i++) {
        struct aim aim = spec_aim(spec, i);

        jury->is_maximized[i] = aim.type == OBJECTIVE_MAXIMIZE;
        jury->names[i] = arena_strdup(&jury->arena, spec->objective.metrics[aim.metric].name);
    }
    while (jury->rule->settings[n_settings].name != NULL)
        n_settings++;
    jury->values = arena_array(&jury->arena, n_settings + 1, sizeof *jury->values);
    for (size_t i = 0; i < n_settings; i++) {
        jury->values[i] = spec->early_stopping_settings[i];
        if (jury->values[i].text != NULL)
            jury->values[i].text = arena_strdup(&jury->arena, jury->values[i].text);
    }
    jury->line = line_create(pool, jury, bury);
    return jury;
}

void jury_destroy(struct jury *jury)
{
    if (jury != NULL)
        line_destroy(jury->line);
}
