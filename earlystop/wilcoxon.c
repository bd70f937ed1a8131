/*
 * The Wilcoxon rule, for trials whose reports are scores of the same folds or instances: stop when the signed-rank test says
 * that this trial is worse than the best completed one, fold by fold, and its mean agrees.
 *
 * Folds that are equal keep their ranks and give half of them to either side (zsplit of Pratt's method, as in SciPy). The p-value
 * is exact up to EXACT_FOLDS pairs, ties included: ranks are counted in halves and the sums of all sign patterns tallied; beyond,
 * it is the normal approximation.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "earlystop/entries.h"

enum { P_THRESHOLD, START_STEP };
enum { EXACT_FOLDS = 50 };

static const struct setting settings[] = {
    [P_THRESHOLD] = { "p_threshold", NUMBER(0.1, 0, 1),
                      "stops when the signed-rank test against the best trial is below it" },
    [START_STEP] = { "start_step", INTEGER(2, 1, INFINITY), "paired reports before a trial is judged" },
    { 0 },
};

struct pair {
    double difference; /* own - best */
    unsigned rank;     /* of its size among all, in halves: twice the rank, so that ties have whole numbers */
};

static int by_size(const void *left, const void *right)
{
    double a = fabs(((const struct pair *)left)->difference), b = fabs(((const struct pair *)right)->difference);

    return (a > b) - (a < b);
}

static void rank_pairs(struct pair *pairs, size_t n)
{
    qsort(pairs, n, sizeof *pairs, by_size);
    for (size_t i = 0, j; i < n; i = j) {
        for (j = i + 1; j < n && fabs(pairs[j].difference) == fabs(pairs[i].difference); j++)
            ;
        for (size_t k = i; k < j; k++)
            pairs[k].rank = (unsigned)(i + 1 + j);
    }
}

/* Share of the 2^n sign patterns whose positive ranks (halves) sum to at least `sum`. */
static double exact_tail(const struct pair *pairs, size_t n, double sum)
{
    size_t total = 0;
    double tail = 0;

    for (size_t i = 0; i < n; i++)
        total += pairs[i].rank;
    double *share = xcalloc(total + 1, sizeof *share);
    share[0] = 1;
    for (size_t i = 0, top = 0; i < n; i++) {
        top += pairs[i].rank;
        for (size_t s = top + 1; s-- > 0;)
            share[s] = 0.5 * (share[s] + (s >= pairs[i].rank ? share[s - pairs[i].rank] : 0));
    }
    for (size_t s = 0; s <= total; s++)
        if ((double)s >= sum)
            tail += share[s];
    free(share);
    return tail;
}

static double normal_tail(const struct pair *pairs, size_t n, double sum)
{
    double mean = 0, variance = 0;

    for (size_t i = 0; i < n; i++) {
        mean += 0.5 * pairs[i].rank;
        variance += 0.25 * pairs[i].rank * pairs[i].rank;
    }
    return 0.5 * erfc((sum - 1 - mean) / sqrt(2 * variance)); /* 1: half a rank of continuity */
}

/* p of "own is not worse". Sorts the pairs. */
static double p_value(struct pair *pairs, size_t n)
{
    double sum = 0;
    size_t n_zeros = 0;

    rank_pairs(pairs, n);
    while (n_zeros < n && pairs[n_zeros].difference == 0)
        n_zeros++;
    for (size_t i = n_zeros; i < n; i++)
        if (pairs[i].difference > 0)
            sum += pairs[i].rank;
    if (n_zeros == n)
        return 1;
    return n - n_zeros <= EXACT_FOLDS ? exact_tail(pairs + n_zeros, n - n_zeros, sum)
                                      : normal_tail(pairs + n_zeros, n - n_zeros, sum);
}

/* The completed trial with the best mean, NULL: none. */
static const struct curve *best_completed(const struct earlystop_question *question)
{
    const struct curve *best = NULL;

    for (size_t i = 0; i < question->n_others; i++) {
        const struct curve *other = &question->others[i];
        if (other->is_complete && other->n_numbers > 0 &&
            (best == NULL || other->mean[other->n - 1] < best->mean[best->n - 1]))
            best = other;
    }
    return best;
}

/* Reports of both at equal steps, both numbers; room for own->n. */
static size_t pair_up(const struct curve *own, const struct curve *best, struct pair *pairs)
{
    size_t n = 0;

    for (size_t i = 0, j = 0; i < own->n && j < best->n;) {
        if (own->step[i] == best->step[j]) {
            double difference = own->loss[i++] - best->loss[j++];
            if (isfinite(difference))
                pairs[n++].difference = difference;
        } else if (own->step[i] < best->step[j]) {
            i++;
        } else {
            j++;
        }
    }
    return n;
}

static bool judge(const struct setting_value *values, const struct earlystop_question *question, char *why)
{
    const struct curve *own = question->own, *best = best_completed(question);
    double p = 1, mean = 0;

    if (best == NULL || own->n < (size_t)values[START_STEP].number)
        return false;
    struct pair *pairs = xcalloc(own->n, sizeof *pairs);
    size_t n = pair_up(own, best, pairs);
    for (size_t i = 0; i < n; i++)
        mean += pairs[i].difference / (double)n;
    if (n >= (size_t)values[START_STEP].number && mean > 0)
        p = p_value(pairs, n);
    free(pairs);
    if (!(p < values[P_THRESHOLD].number))
        return false;
    snprintf(why, EARLYSTOP_WHY_SIZE, "worse than trial %lld on %zu common steps: p = %.3g of the signed-rank test",
             (long long)best->number, n, p);
    return true;
}

const struct earlystop_rule earlystop_wilcoxon = {
    .name = "wilcoxon",
    .summary = "stops a trial that is surely worse than the best one, fold by fold",
    .settings = settings,
    .judge = judge,
};
