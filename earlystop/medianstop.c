/*
 * The median stopping rule: stop when the best value so far is worse than the median of what the completed trials had
 * averaged by the same step (Golovin et al., Google Vizier, KDD 2017, section 3.2.2).
 *
 * Katib's service compares otherwise: once, at report start_step, with the mean of the averages of the first start_step reports.
 * That is the setting `arithmetic: katib`.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "earlystop/entries.h"
#include "earlystop/ranking.h"

enum { MIN_TRIALS_REQUIRED, START_STEP, ARITHMETIC };
enum { LITERATURE, KATIB };

static const struct setting settings[] = {
    [MIN_TRIALS_REQUIRED] = { "min_trials_required", INTEGER(3, 1, INFINITY),
                              "completed trials before the rule judges" },
    [START_STEP] = { "start_step", INTEGER(4, 1, INFINITY), "reports of a trial before it is judged" },
    [ARITHMETIC] = { "arithmetic", CHOICE("literature|katib"),
                     "literature: median of averages up to the step, at every report; katib: mean of averages of the "
                     "first start_step reports, once" },
    { 0 },
};

static bool is_worse(const struct earlystop_question *question, double own, double bar, const char *name, size_t n,
                     char *why)
{
    if (!(own > bar))
        return false;
    snprintf(why, EARLYSTOP_WHY_SIZE, "best so far %g at step %g is worse than the %s %g of %zu trials by then",
             shown(question, own), judged_step(question), name, shown(question, bar), n);
    return true;
}

static bool judge_literature(const struct setting_value *values, const struct earlystop_question *question, char *why)
{
    double step = judged_step(question), *means = xcalloc(question->n_others + 1, sizeof *means);
    bool stop = false;
    size_t n = 0;

    for (size_t i = 0; i < question->n_others; i++) {
        const struct curve *other = &question->others[i];
        if (other->is_complete && curve_reaches(other, step) && !isnan(curve_mean_at(other, step)))
            means[n++] = curve_mean_at(other, step);
    }
    if (n >= (size_t)values[MIN_TRIALS_REQUIRED].number)
        stop = is_worse(question, worst_if_nan(curve_best_at(question->own, step)), ranking_quantile(means, n, 0.5),
                        "median average", n, why);
    free(means);
    return stop;
}

static bool judge_katib(const struct setting_value *values, const struct earlystop_question *question, char *why)
{
    size_t n_reports = (size_t)values[START_STEP].number, n = 0;
    double sum = 0;

    if (question->own->n != n_reports)
        return false;
    for (size_t i = 0; i < question->n_others; i++) {
        const struct curve *other = &question->others[i];
        size_t k = other->n < n_reports ? other->n : n_reports;
        if (other->is_complete && k > 0 && !isnan(other->mean[k - 1])) {
            sum += other->mean[k - 1];
            n++;
        }
    }
    return n >= (size_t)values[MIN_TRIALS_REQUIRED].number &&
           is_worse(question, worst_if_nan(question->own->best[n_reports - 1]), sum / (double)n, "mean average", n,
                    why);
}

static bool judge(const struct setting_value *values, const struct earlystop_question *question, char *why)
{
    if (question->own->n < (size_t)values[START_STEP].number)
        return false;
    return values[ARITHMETIC].number == KATIB ? judge_katib(values, question, why)
                                              : judge_literature(values, question, why);
}

const struct earlystop_rule earlystop_medianstop = {
    .name = "medianstop",
    .summary = "stops a trial whose best value is worse than the median of the others' running averages",
    .settings = settings,
    .judge = judge,
};
