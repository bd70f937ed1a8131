/*
 * The percentile rule: stop a trial that is not among the best so many percent of those that got as far as its step.
 *
 * At percentile 50 it is Optuna's median pruner: best values so far are compared, the running trial's with the completed
 * trials'.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "earlystop/entries.h"
#include "earlystop/ranking.h"

enum { PERCENTILE, MIN_TRIALS_REQUIRED, START_STEP };

static const struct setting settings[] = {
    [PERCENTILE] = { "percentile", NUMBER(25, 0, 100), "a trial that is not among the best so many percent stops" },
    [MIN_TRIALS_REQUIRED] = { "min_trials_required", INTEGER(3, 1, INFINITY),
                              "completed trials before the rule judges" },
    [START_STEP] = { "start_step", INTEGER(4, 1, INFINITY), "reports of a trial before it is judged" },
    { 0 },
};

static bool judge(const struct setting_value *values, const struct earlystop_question *question, char *why)
{
    double step = judged_step(question), *bests, own = worst_if_nan(curve_best_at(question->own, step)), bar;
    size_t n = 0;

    if (question->own->n < (size_t)values[START_STEP].number)
        return false;
    bests = xcalloc(question->n_others + 1, sizeof *bests);
    for (size_t i = 0; i < question->n_others; i++) {
        const struct curve *other = &question->others[i];
        if (other->is_complete && curve_reaches(other, step))
            bests[n++] = worst_if_nan(curve_best_at(other, step));
    }
    bar = n > 0 ? ranking_quantile(bests, n, values[PERCENTILE].number / 100) : INFINITY;
    free(bests);
    if (n < (size_t)values[MIN_TRIALS_REQUIRED].number || !(own > bar))
        return false;
    snprintf(why, EARLYSTOP_WHY_SIZE,
             "best so far %g at step %g is not among the best %g %% of %zu trials: %g or better", shown(question, own),
             step, values[PERCENTILE].number, n, shown(question, bar));
    return true;
}

const struct earlystop_rule earlystop_percentile = {
    .name = "percentile",
    .summary = "stops a trial that is not among the best share at its step",
    .settings = settings,
    .judge = judge,
};
