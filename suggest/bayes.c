/*
 * From history to models, from models to a promise, from the promise to a point.
 */
#include "suggest/bayes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "suggest/lattice.h"
#include "suggest/pareto.h"
#include "suggest/promise.h"
#include "suggest/quasi.h"
#include "suggest/surrogate.h"

enum { INITIAL_MIN = 5, INITIAL_MAX = 10, INCUMBENTS = 8, FAILURES_LIMIT = 200, CANDIDATES = 1024 };

struct bayes {
    const struct suggest_problem *problem;
    struct bayes_options options;
    const struct space *space;
    size_t n_losses, n_constraints, n_initial;

    struct surrogate **losses, **constraints, *failure;
    struct maximizer *maximizer;
    struct lattice *lattice;
    struct quasi *quasi;
    struct point_set taken; /* coordinates of finished points */
    size_t n_seen;          /* rows of the history absorbed */
    size_t n_rows, n_feasible, n_good, n_bad, good_capacity, bad_capacity;
    size_t *good; /* (n_good) rows of the history with losses */
    size_t *bad;  /* (n_bad) rows that failed */

    const struct gp **gps;        /* (n_losses) */
    struct condition *conditions; /* (n_constraints + 1) */
    double *lengthscales;         /* (n) */
    double *incumbents;           /* (INCUMBENTS, n) */
    double *room;
};

/* Directions of the space (a choice has one less than its names) and one more, twice as many for a front; over the problems of one loss, 5 seeds, that was 0.09 lower in log10 at 25
   trials than twice as many, and no worse at 100. */
static size_t default_initial(const struct suggest_problem *problem, size_t skip)
{
    size_t d = 0;

    for (size_t i = 0; i < problem->space->n; i++)
        if (i != skip && space_parameter_size(problem->space, i) > 1)
            d += problem->space->parameters[i].type == PARAMETER_CATEGORICAL
                     ? problem->space->parameters[i].n_choices - 1
                     : 1;
    size_t wanted = problem->n_objectives > 1 ? 2 * d : d + 1;
    size_t n = wanted < INITIAL_MIN ? INITIAL_MIN : wanted > INITIAL_MAX ? INITIAL_MAX : wanted;
    if (problem->max_trial_count > 0 && (int64_t)n > problem->max_trial_count / 2)
        n = (size_t)problem->max_trial_count / 2; /* of a small budget, half for what was learnt */
    return n;
}

static void create_surrogates(struct bayes *b)
{
    const struct suggest_problem *problem = b->problem;

    for (size_t k = 0; k < b->n_losses; k++)
        b->losses[k] = surrogate_create(b->space, b->options.skip, problem->is_noisy, SURROGATE_LOSS);
    for (size_t k = 0; k < b->n_constraints; k++)
        b->constraints[k] = surrogate_create(b->space, b->options.skip, problem->is_noisy, SURROGATE_CONSTRAINT);
    b->failure = surrogate_create(b->space, b->options.skip, true, SURROGATE_LABEL);
}

struct bayes *bayes_create(const struct suggest_problem *problem, const struct bayes_options *options, uint64_t seed)
{
    size_t m = problem->n_objectives, c = problem->n_constraints, n = problem->space->n;
    struct bayes *b = xcalloc(1, sizeof *b);

    b->problem = problem;
    b->options = *options;
    b->space = problem->space;
    b->n_losses = m;
    b->n_constraints = c;
    b->n_initial = options->n_initial == SIZE_MAX ? default_initial(problem, options->skip) : options->n_initial;
    b->losses = xcalloc(m + c, sizeof *b->losses);
    b->constraints = b->losses + m;
    b->gps = xcalloc(m, sizeof *b->gps);
    b->conditions = xcalloc(c + 1, sizeof *b->conditions);
    b->room = xcalloc((INCUMBENTS + 1) * n + promise_room(b->space, m), sizeof *b->room);
    b->lengthscales = b->room + promise_room(b->space, m);
    b->incumbents = b->lengthscales + n;
    b->maximizer = maximizer_create(b->space, options->skip, CANDIDATES);
    b->lattice = lattice_create(b->space);
    b->quasi = quasi_create(n);
    quasi_seed(b->quasi, seed, "bayes.startup");
    create_surrogates(b);
    return b;
}

void bayes_destroy(struct bayes *b)
{
    if (b == NULL)
        return;
    for (size_t k = 0; k < b->n_losses + b->n_constraints; k++)
        surrogate_destroy(b->losses[k]);
    surrogate_destroy(b->failure);
    maximizer_destroy(b->maximizer);
    lattice_destroy(b->lattice);
    quasi_destroy(b->quasi);
    point_set_release(&b->taken);
    free(b->losses);
    free(b->gps);
    free(b->conditions);
    free(b->good);
    free(b->bad);
    free(b->room);
    free(b);
}

static bool is_same_resource(double a, double b)
{
    return isnan(a) ? isnan(b) : a == b;
}

static bool has_losses(const struct history *history, size_t row)
{
    for (size_t k = 0; k < history->n_objectives; k++)
        if (isnan(history->loss[row * history->n_objectives + k]))
            return false;
    return history->outcome[row] == OUTCOME_SUCCEEDED || history->outcome[row] == OUTCOME_EARLY_STOPPED;
}

static bool is_feasible(const struct history *history, size_t row)
{
    for (size_t k = 0; k < history->n_constraints; k++)
        if (!(history->violation[row * history->n_constraints + k] <= 0)) /* unknown is not feasible */
            return false;
    return true;
}

static void absorb_row(struct bayes *b, const struct history *history, size_t row)
{
    const double *x = history_point(history, row);
    bool is_good = has_losses(history, row);

    b->n_rows++;
    surrogate_add(b->failure, x, !is_good);
    for (size_t k = 0; k < b->n_constraints; k++) {
        double violation = history->violation[row * b->n_constraints + k];
        if (!isnan(violation))
            surrogate_add(b->constraints[k], x, violation);
    }
    if (!is_good) {
        b->bad = grow(b->bad, b->n_bad, &b->bad_capacity, sizeof *b->bad);
        b->bad[b->n_bad++] = row;
        return;
    }
    for (size_t k = 0; k < b->n_losses; k++)
        surrogate_add(b->losses[k], x, history->loss[row * b->n_losses + k]);
    b->good = grow(b->good, b->n_good, &b->good_capacity, sizeof *b->good);
    b->good[b->n_good++] = row;
    b->n_feasible += is_feasible(history, row);
}

static void absorb(struct bayes *b, const struct history *history)
{
    for (; b->n_seen < history->n_finished; b->n_seen++) {
        size_t row = b->n_seen;
        if (history->outcome[row] == OUTCOME_ABANDONED ||
            !is_same_resource(history->resource[row], b->options.resource))
            continue;
        point_set_add(&b->taken, history_point(history, row), b->space->n, NAN);
        absorb_row(b, history, row);
    }
}

size_t bayes_rows(struct bayes *b, const struct history *history)
{
    absorb(b, history);
    return b->n_rows;
}

/* The centre first, then Sobol points; a second draw is another point. */
static void start_up(struct bayes *b, const struct suggest_request *request, double *x, char *why)
{
    uint32_t index = (uint32_t)(request->number - 1), twist = request->draw * 0x9e3779b9u;
    bool is_centre = request->number == 1 && request->draw == 0;

    for (size_t i = 0; i < b->space->n; i++) {
        bool is_middle = is_centre && b->space->parameters[i].type != PARAMETER_CATEGORICAL;
        x[i] = i == b->options.skip
                   ? 0
                   : lattice_draw(b->lattice, i, is_middle ? 0.5 : quasi_coordinate(b->quasi, i, index, twist));
    }
    lattice_mask(b->lattice, x, x);
    snprintf(why, SUGGEST_WHY_SIZE, "%s, before the model is asked",
             is_centre ? "the centre of the space" : "an evenly spread (Sobol) point");
}

/* Too little known, with what runs: the model would lead astray, or there is none. */
static bool is_early(const struct bayes *b, const struct history *history)
{
    size_t n_values = b->n_feasible;

    for (size_t k = 0; k < b->n_constraints; k++)
        n_values += surrogate_rows(b->constraints[k]);
    if (b->n_good == 0 || n_values == 0)
        return true;
    return b->n_rows + history->n_running < b->n_initial || 2 * b->n_rows < b->n_initial;
}

static int update_models(struct bayes *b, struct promise *promise)
{
    for (size_t k = 0; k < b->n_losses; k++) {
        TRY(surrogate_update(b->losses[k]));
        b->gps[k] = surrogate_gp(b->losses[k]);
    }
    for (size_t k = 0; k < b->n_constraints; k++) {
        if (surrogate_rows(b->constraints[k]) == 0)
            continue;
        TRY(surrogate_update(b->constraints[k]));
        b->conditions[promise->n_conditions++] = (struct condition){ surrogate_gp(b->constraints[k]),
                                                                     surrogate_standard(b->constraints[k], 0) };
    }
    if (b->n_bad > 0) {
        TRY(surrogate_update(b->failure));
        b->conditions[promise->n_conditions++] = (struct condition){ surrogate_gp(b->failure),
                                                                     surrogate_standard(b->failure, 0.5) };
    }
    return 0;
}

/* Rows that may be improved upon, as standardised losses: feasible ones first seen, then running ones as believed. */
struct known {
    size_t n, n_finished; /* of n rows, finished ones */
    size_t *rows;         /* (n_finished) in the history */
    double *losses;       /* (n, n_losses) */
};

static void collect_known(struct bayes *b, const struct history *history, struct known *known)
{
    size_t m = b->n_losses;

    known->rows = xcalloc(b->n_good + 1, sizeof *known->rows);
    known->losses = xcalloc(b->n_good + history->n_running + 1, m * sizeof *known->losses);
    for (size_t g = 0; g < b->n_good; g++) {
        if (!is_feasible(history, b->good[g]))
            continue;
        for (size_t k = 0; k < m; k++) {
            double *loss = &known->losses[known->n * m + k];
            *loss = surrogate_standard(b->losses[k], history->loss[b->good[g] * m + k]);
            if (b->problem->is_noisy) /* what was measured may be luck */
                gp_predict(b->gps[k], history_point(history, b->good[g]), 1, loss, NULL);
        }
        known->rows[known->n++] = b->good[g];
    }
    known->n_finished = known->n;
}

/* Believe that a running trial ends as predicted, and meets the constraints if that is likely. */
static void believe(struct bayes *b, const double *x, struct known *known)
{
    size_t m = b->n_losses;
    bool is_feasible_too = true;
    double mean;

    for (size_t k = 0; k < b->n_constraints; k++) {
        if (surrogate_rows(b->constraints[k]) == 0)
            continue;
        struct gp *gp = surrogate_gp(b->constraints[k]);
        gp_predict(gp, x, 1, &mean, NULL);
        is_feasible_too = is_feasible_too && mean <= surrogate_standard(b->constraints[k], 0);
        (void)gp_append(gp, x, mean); /* a point too close to another adds nothing */
    }
    for (size_t k = 0; k < m; k++) {
        gp_predict(b->gps[k], x, 1, &mean, NULL);
        known->losses[known->n * m + k] = mean;
        (void)gp_append(surrogate_gp(b->losses[k]), x, mean);
    }
    known->n += is_feasible_too;
}

static void believe_all(struct bayes *b, const struct history *history, struct known *known)
{
    for (size_t r = 0; r < history->n_running; r++)
        if (is_same_resource(history->running_resource[r], b->options.resource))
            believe(b, history->running_x + r * b->space->n, known);
}

/* Believe that failed trials would have had their predicted losses: nothing more is to be learnt there, and the losses seen
   near the border keep their say. The latest ones stand for all. */
static void believe_failures(struct bayes *b, const struct history *history)
{
    size_t first = b->n_bad > FAILURES_LIMIT ? b->n_bad - FAILURES_LIMIT : 0;
    double mean;

    for (size_t k = 0; k < b->n_losses; k++)
        for (size_t f = first; f < b->n_bad; f++) {
            const double *x = history_point(history, b->bad[f]);
            gp_predict(b->gps[k], x, 1, &mean, NULL);
            (void)gp_append(surrogate_gp(b->losses[k]), x, mean);
        }
}

static void forget_beliefs(struct bayes *b, const size_t *n_rows)
{
    for (size_t k = 0; k < b->n_losses + b->n_constraints; k++)
        gp_truncate(surrogate_gp(b->losses[k]), n_rows[k]);
}

/* Total violation of a row, each in its own standard units. */
static double total_violation(const struct bayes *b, const struct history *history, size_t row)
{
    double sum = 0;

    for (size_t k = 0; k < b->n_constraints; k++) {
        double violation = history->violation[row * b->n_constraints + k];
        if (isnan(violation))
            return INFINITY;
        if (violation > 0)
            sum += surrogate_standard(b->constraints[k], violation) - surrogate_standard(b->constraints[k], 0);
    }
    return sum;
}

struct ranked {
    size_t row;
    double key;
};

static int compare_ranked(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;

    return x->key != y->key ? (x->key > y->key) - (x->key < y->key) : (x->row > y->row) - (x->row < y->row);
}

/* The best rows: by loss, by front, or by violation when none is feasible. Returns how many. */
static size_t find_incumbents(struct bayes *b, const struct history *history, const struct known *known,
                              struct rng *rng)
{
    bool has_feasible = known->n_finished > 0;
    size_t n = has_feasible ? known->n_finished : b->n_good, width = b->space->n;
    struct ranked *ranked = xcalloc(n + 1, sizeof *ranked);
    size_t *rank = xcalloc(n + 1, sizeof *rank);

    if (b->n_losses > 1 && has_feasible)
        pareto_ranks(known->losses, n, b->n_losses, rank);
    for (size_t i = 0; i < n; i++) {
        ranked[i].row = has_feasible ? known->rows[i] : b->good[i];
        ranked[i].key = !has_feasible      ? total_violation(b, history, b->good[i])
                        : b->n_losses == 1 ? known->losses[i]
                                           : (double)rank[i] + rng_uniform(rng);
    }
    qsort(ranked, n, sizeof *ranked, compare_ranked);
    n = n < INCUMBENTS ? n : INCUMBENTS;
    for (size_t i = 0; i < n; i++)
        memcpy(b->incumbents + i * width, history_point(history, ranked[i].row), width * sizeof(double));
    free(rank);
    free(ranked);
    return n;
}

/* The point of no interest: beyond the worst of all rows by a tenth of what they span, so that the ends of the front count. */
static void find_reference(const double *losses, size_t n, size_t m, double *reference)
{
    for (size_t k = 0; k < m; k++) {
        double least = INFINITY, most = -INFINITY;
        for (size_t i = 0; i < n; i++) {
            least = fmin(least, losses[i * m + k]);
            most = fmax(most, losses[i * m + k]);
        }
        reference[k] = most + 0.1 * (most > least ? most - least : 1);
    }
}

static void aim_at_front(struct promise *promise, const struct known *known, size_t m, struct rng *rng)
{
    double reference[IMPROVEMENT_OBJECTIVES_LIMIT];

    if (m > IMPROVEMENT_OBJECTIVES_LIMIT) {
        promise->chebyshev = chebyshev_create(known->losses, known->n, m, rng);
        return;
    }
    size_t *rank = xcalloc(known->n, sizeof *rank), n_front = 0;
    double *front = xcalloc(known->n, m * sizeof *front);
    pareto_ranks(known->losses, known->n, m, rank);
    find_reference(known->losses, known->n, m, reference);
    for (size_t i = 0; i < known->n; i++)
        if (rank[i] == 0)
            memcpy(front + n_front++ * m, known->losses + i * m, m * sizeof *front);
    promise->improvement = improvement_create(front, n_front, m, reference);
    free(front);
    free(rank);
}

/* What is to be improved upon. */
static void aim(struct bayes *b, struct promise *promise, const struct known *known, struct rng *rng)
{
    if (known->n == 0)
        return;
    promise->n_losses = b->n_losses;
    if (b->n_losses > 1) {
        aim_at_front(promise, known, b->n_losses, rng);
        return;
    }
    promise->best = known->losses[0];
    for (size_t i = 1; i < known->n; i++)
        promise->best = fmin(promise->best, known->losses[i]);
}

static struct maximize_effort effort_for(const struct bayes *b, const struct suggest_request *request)
{
    size_t n = b->n_good > 128 ? b->n_good : 128, candidates = 128 * CANDIDATES / n;

    return (struct maximize_effort){
        .n_candidates = candidates < 256 ? 256 : candidates,
        .n_starts = request->draw > 0 ? 0
                    : n <= 128        ? 8
                    : n <= 300        ? 5
                                      : 3,
        .evaluations_limit = 40,
    };
}

static void set_lengthscales(struct bayes *b, const struct promise *promise)
{
    const struct gp *gp = promise->n_losses > 0 ? b->gps[0] : promise->conditions[0].gp;

    for (size_t i = 0; i < b->space->n; i++)
        b->lengthscales[i] = gp_lengthscale(gp, i);
}

static void explain(struct bayes *b, const struct promise *promise, const double *x, double value, char *why)
{
    double mean, variance;

    if (promise->n_losses == 0) {
        snprintf(why, SUGGEST_WHY_SIZE, "feasible with probability %.2g, after %zu trials without a feasible one",
                 exp(fmin(value, 0)), b->n_rows);
    } else if (promise->n_losses > 1) {
        snprintf(why, SUGGEST_WHY_SIZE, "the largest expected gain on the front of %zu objectives after %zu trials",
                 b->n_losses, b->n_rows);
    } else {
        gp_predict(b->gps[0], x, 1, &mean, &variance);
        double best = surrogate_value(b->losses[0], promise->best);
        double low = surrogate_value(b->losses[0], mean - sqrt(variance)),
               high = surrogate_value(b->losses[0], mean + sqrt(variance));
        double gain = best - surrogate_value(b->losses[0], mean);
        snprintf(why, SUGGEST_WHY_SIZE, "highest %s after %zu trials: predicted %.3g %s than the best, +- %.3g",
                 acquisition_names[promise->acquisition], b->n_rows, fabs(gain), gain >= 0 ? "better" : "worse",
                 fabs(high - low) / 2);
    }
}

static void take_running(struct bayes *b, const struct history *history, bool is_taken)
{
    for (size_t r = 0; r < history->n_running; r++) {
        const double *x = history->running_x + r * b->space->n;
        if (!is_same_resource(history->running_resource[r], b->options.resource))
            continue;
        if (is_taken)
            point_set_add(&b->taken, x, b->space->n, NAN);
        else
            point_set_remove(&b->taken, x, b->space->n, NAN);
    }
}

static double search(struct bayes *b, const struct history *history, struct suggest_request *request,
                     const struct promise *promise, size_t n_incumbents, double *x)
{
    struct maximize_task task = {
        .utility = promise_utility(promise),
        .effort = effort_for(b, request),
        .lengthscales = b->lengthscales,
        .incumbents = b->incumbents,
        .n_incumbents = n_incumbents,
        .taken = b->problem->is_noisy ? NULL : &b->taken,
        .seed = (uint64_t)rng_word(&request->rng) << 32 | rng_word(&request->rng),
    };

    take_running(b, history, true);
    double value = maximizer_run(b->maximizer, &task, &request->rng, x);
    take_running(b, history, false);
    return value;
}

/* The acquisition whose first candidate is predicted best is the likeliest; each names one by a quick look. */
static enum acquisition draw_acquisition(struct bayes *b, const struct history *history,
                                         const struct suggest_request *request, struct promise *promise,
                                         size_t n_incumbents, double *x)
{
    struct rng rng = rng_stream(request->seed, (uint64_t)request->number, "bayes.hedge");
    double weights[ACQUISITION_COUNT], sum = 0, mean, left;

    for (size_t k = 0; k < ACQUISITION_COUNT; k++) {
        struct suggest_request quick = *request;
        quick.draw = 1;
        promise->acquisition = (enum acquisition)k;
        search(b, history, &quick, promise, n_incumbents, x);
        gp_predict(b->gps[0], x, 1, &mean, NULL);
        sum += weights[k] = exp(-mean);
    }
    left = rng_uniform(&rng) * sum;
    for (size_t k = 0; k + 1 < ACQUISITION_COUNT; k++)
        if ((left -= weights[k]) < 0)
            return (enum acquisition)k;
    return ACQUISITION_COUNT - 1;
}

static int ask_models(struct bayes *b, const struct history *history, struct suggest_request *request, double *x,
                      char *why)
{
    struct promise promise = { .space = b->space, .losses = b->gps, .conditions = b->conditions, .room = b->room };
    struct known known = { 0 };
    size_t *n_rows = xcalloc(b->n_losses + b->n_constraints, sizeof *n_rows);
    int status = update_models(b, &promise);

    if (status < 0)
        goto out;
    for (size_t k = 0; k < b->n_losses + b->n_constraints; k++)
        n_rows[k] = gp_rows(surrogate_gp(b->losses[k]));
    promise.acquisition = b->options.acquisition;
    collect_known(b, history, &known);
    size_t n_incumbents = find_incumbents(b, history, &known, &request->rng);
    believe_failures(b, history);
    believe_all(b, history, &known);
    aim(b, &promise, &known, &request->rng);
    set_lengthscales(b, &promise);
    if (b->options.is_hedged && b->n_losses == 1 && promise.n_losses == 1)
        promise.acquisition = draw_acquisition(b, history, request, &promise, n_incumbents, x);
    double value = search(b, history, request, &promise, n_incumbents, x);
    explain(b, &promise, x, value, why);
    forget_beliefs(b, n_rows);
out:
    improvement_destroy(promise.improvement);
    chebyshev_destroy(promise.chebyshev);
    free(known.rows);
    free(known.losses);
    free(n_rows);
    return status;
}

int bayes_suggest(struct bayes *b, const struct history *history, struct suggest_request *request, double *x, char *why)
{
    absorb(b, history);
    if (is_early(b, history)) {
        start_up(b, request, x, why);
        return 0;
    }
    return ask_models(b, history, request, x, why);
}
