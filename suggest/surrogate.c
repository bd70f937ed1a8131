/*
 * Rows are kept as they came; what the process is given is chosen from them anew at every update.
 */
#include "suggest/surrogate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "suggest/normal.h"
#include "suggest/warp.h"

enum { EVERY_ROW = 20, ANCHOR_ROWS = 250, MANY_STARTS_ROWS = 100 };
static const double COMPRESSION_LIMIT = 1e6; /* of a violation, in medians */

/* A column whose values need no ranks: (t(value) - mean) / sd, t the identity or, with a unit, sign(v) log(1 + |v| / unit). */
struct standard {
    double unit, mean, sd; /* unit 0: the identity */
};

struct surrogate {
    const struct space *space;
    size_t skip;
    bool is_noisy;
    enum surrogate_kind kind;
    struct gp *gp, *anchor;
    struct warp *warp;
    enum warp_kind warp_kind;
    struct standard standard;
    size_t n, capacity;
    double *x;                         /* (n, space->n) */
    double *value;                     /* (n) */
    size_t anchored, fitted, factored; /* rows that the anchor, the hyperparameters and the process are of */
    size_t n_chosen;
    size_t *chosen; /* (capacity) rows that the process is given, ascending */
    double *chosen_x, *chosen_value, *y, *doubt;
};

static struct gp *create_process(const struct surrogate *s)
{
    return gp_create(s->space, s->skip, s->is_noisy);
}

struct surrogate *surrogate_create(const struct space *space, size_t skip, bool is_noisy, enum surrogate_kind kind)
{
    struct surrogate *s = xcalloc(1, sizeof *s);

    s->space = space;
    s->kind = kind;
    s->skip = skip;
    s->is_noisy = is_noisy || kind == SURROGATE_LABEL;
    s->gp = create_process(s);
    s->anchor = create_process(s);
    s->warp = warp_create();
    return s;
}

void surrogate_destroy(struct surrogate *s)
{
    if (s == NULL)
        return;
    gp_destroy(s->gp);
    gp_destroy(s->anchor);
    warp_destroy(s->warp);
    free(s->x);
    free(s->value);
    free(s->chosen);
    free(s->chosen_x);
    free(s->chosen_value);
    free(s->y);
    free(s->doubt);
    free(s);
}

void surrogate_add(struct surrogate *s, const double *x, double value)
{
    size_t width = s->space->n;

    if (s->n == s->capacity) {
        s->capacity = s->capacity > 0 ? 2 * s->capacity : 16;
        s->x = xreallocarray(s->x, s->capacity, (width > 0 ? width : 1) * sizeof *s->x);
        s->value = xreallocarray(s->value, s->capacity, sizeof *s->value);
        s->chosen = xreallocarray(s->chosen, s->capacity, sizeof *s->chosen);
        s->chosen_value = xreallocarray(s->chosen_value, s->capacity, sizeof *s->chosen_value);
        s->y = xreallocarray(s->y, s->capacity, sizeof *s->y);
        s->doubt = xreallocarray(s->doubt, s->capacity, sizeof *s->doubt);
        s->chosen_x = xreallocarray(s->chosen_x, s->capacity, (width > 0 ? width : 1) * sizeof *s->chosen_x);
    }
    memcpy(s->x + s->n * width, x, width * sizeof *x);
    s->value[s->n++] = value;
}

size_t surrogate_rows(const struct surrogate *s)
{
    return s->n;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The lowest half and the latest half of the first n rows. */
static void choose_low_and_late(struct surrogate *s, size_t n)
{
    size_t n_late = GP_ROWS_LIMIT / 2, n_early = n - n_late, n_low = GP_ROWS_LIMIT - n_late, n_at_limit = n_low;

    memcpy(s->y, s->value, n_early * sizeof *s->y);
    qsort(s->y, n_early, sizeof *s->y, compare);
    double limit = s->y[n_low - 1];
    for (size_t row = 0; row < n_early; row++)
        n_at_limit -= s->value[row] < limit;
    for (size_t row = 0; row < n; row++) {
        if (row < n_early && !(s->value[row] < limit) && !(s->value[row] == limit && n_at_limit > 0))
            continue;
        n_at_limit -= row < n_early && s->value[row] == limit;
        s->chosen[s->n_chosen++] = row;
    }
}

/* What stands for the first n rows. Anchors take an even choice of a few: hyperparameters need no more. */
static void choose(struct surrogate *s, size_t n, bool is_anchor)
{
    size_t n_even = is_anchor && n > ANCHOR_ROWS ? ANCHOR_ROWS : n, width = s->space->n;

    s->n_chosen = 0;
    if (n_even > GP_ROWS_LIMIT)
        choose_low_and_late(s, n);
    else
        for (size_t k = 0; k < n_even; k++)
            s->chosen[s->n_chosen++] = k * n / n_even;
    for (size_t k = 0; k < s->n_chosen; k++) {
        memcpy(s->chosen_x + k * width, s->x + s->chosen[k] * width, width * sizeof *s->x);
        s->chosen_value[k] = s->value[s->chosen[k]];
    }
}

static double compress(const struct standard *standard, double value)
{
    if (standard->unit == 0)
        return value;
    return copysign(log1p(fmin(fabs(value) / standard->unit, COMPRESSION_LIMIT)), value);
}

static void set_standard(struct surrogate *s)
{
    struct standard *standard = &s->standard;
    double sum = 0, squares = 0, n = (double)s->n_chosen;

    *standard = (struct standard){ 0 };
    if (s->kind == SURROGATE_CONSTRAINT) {
        for (size_t k = 0; k < s->n_chosen; k++)
            s->y[k] = fabs(s->chosen_value[k]);
        qsort(s->y, s->n_chosen, sizeof *s->y, compare);
        double median = s->y[s->n_chosen / 2];
        standard->unit = median > 0 && isfinite(median) ? median : 1;
    }
    for (size_t k = 0; k < s->n_chosen; k++)
        sum += compress(standard, s->chosen_value[k]);
    standard->mean = sum / n;
    for (size_t k = 0; k < s->n_chosen; k++)
        squares += pow(compress(standard, s->chosen_value[k]) - standard->mean, 2);
    standard->sd = squares > 0 ? sqrt(squares / n) : 1;
}

/* How well the process, without either row, knows which of two is better: the mean of log P over pairs of which one is among the
   best quarter. It does not hang on the units of y, so it compares warps. */
static double order_score(struct surrogate *s, struct gp *gp)
{
    size_t n = s->n_chosen, n_pairs = 0;
    double *mean = xcalloc(3 * n, sizeof *mean), *variance = mean + n, *sorted = variance + n, sum = 0;

    memcpy(sorted, s->chosen_value, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, compare);
    gp_leave_one_out(gp, mean, variance);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n && s->chosen_value[i] <= sorted[n / 4]; j++)
            if (s->chosen_value[i] < s->chosen_value[j]) {
                sum += normal_log_cdf((mean[j] - mean[i]) / sqrt(variance[i] + variance[j]));
                n_pairs++;
            }
    free(mean);
    return n_pairs > 0 ? sum / (double)n_pairs : 0;
}

/* An outlier may stand alone among good trials (a run that diverged by chance): its y, the distance to the mean, is also how
   far it may be off, so that its neighbours outvote it unless they agree. */
static void doubt_outliers(struct surrogate *s)
{
    for (size_t k = 0; k < s->n_chosen; k++)
        s->doubt[k] = warp_is_outlier(s->warp, s->chosen_value[k]) ? s->y[k] * s->y[k] : 0;
}

/* Choose among the first n rows and fit, from so many starts. */
static int fit(struct surrogate *s, struct gp *gp, size_t n, bool is_anchor, unsigned n_starts)
{
    choose(s, n, is_anchor);
    if (s->kind == SURROGATE_LOSS) {
        warp_fit(s->warp, s->warp_kind, s->chosen_value, s->n_chosen, s->y);
        doubt_outliers(s);
    } else {
        set_standard(s);
        for (size_t k = 0; k < s->n_chosen; k++)
            s->y[k] = surrogate_standard(s, s->chosen_value[k]);
        memset(s->doubt, 0, s->n_chosen * sizeof *s->doubt);
    }
    return gp_fit_doubtful(gp, s->chosen_x, s->y, s->doubt, s->n_chosen, n_starts);
}

/* The last anchor at or before n rows: every row at first, then a fifth apart. */
static size_t anchor_before(size_t n)
{
    size_t at = EVERY_ROW;

    if (n < EVERY_ROW)
        return n;
    while (at + at / 5 <= n)
        at += at / 5;
    return at;
}

/* The anchor's hyperparameters from scratch, under the warp that the rows speak for. */
static int drop_anchor(struct surrogate *s, size_t n)
{
    static const enum warp_kind kinds[] = { WARP_YEO_JOHNSON, WARP_HALF_RANK, WARP_PLAIN };
    size_t n_kinds = s->kind == SURROGATE_LOSS ? sizeof kinds / sizeof kinds[0] : 1;
    double most = -INFINITY;
    int status = fail(ERR_NUMERIC, "no model fits %zu trials", n);

    for (size_t k = 0; k < n_kinds; k++) {
        enum warp_kind kept = s->warp_kind;
        struct gp *gp = create_process(s);
        s->warp_kind = kinds[k];
        double score = fit(s, gp, n, true, n < MANY_STARTS_ROWS ? 3 : 1) == 0 ? order_score(s, gp) : -INFINITY;
        if (score > most) {
            struct gp *worse = s->anchor;
            most = score;
            s->anchor = gp;
            gp = worse;
            status = 0;
        } else {
            s->warp_kind = kept;
        }
        gp_destroy(gp);
    }
    return status;
}

static int learn(struct surrogate *s)
{
    size_t anchor = anchor_before(s->n), step = anchor < 50 ? 1 : anchor / 50;
    size_t at = anchor + (s->n - anchor) / step * step;

    if (s->anchored != anchor) {
        s->anchored = s->fitted = 0;
        int status = drop_anchor(s, anchor);
        if (status < 0)
            return status;
        s->anchored = anchor;
    }
    if (s->fitted == at)
        return 0;
    gp_copy_hyperparameters(s->gp, s->anchor);
    int status = at == anchor && at <= ANCHOR_ROWS ? 0 : fit(s, s->gp, at, false, 1);
    s->fitted = status < 0 ? 0 : at;
    return status;
}

int surrogate_update(struct surrogate *s)
{
    if (s->factored == s->n && s->n > 0)
        return 0;
    s->factored = 0;
    int status = learn(s);
    if (status == 0)
        status = fit(s, s->gp, s->n, false, 0);
    if (status == 0)
        s->factored = s->n;
    return status;
}

struct gp *surrogate_gp(struct surrogate *s)
{
    return s->gp;
}

double surrogate_standard(const struct surrogate *s, double value)
{
    if (s->kind == SURROGATE_LOSS)
        return warp_value(s->warp, value);
    return (compress(&s->standard, value) - s->standard.mean) / s->standard.sd;
}

double surrogate_value(const struct surrogate *s, double standard)
{
    return s->kind == SURROGATE_LOSS ? warp_loss(s->warp, standard) : NAN;
}
