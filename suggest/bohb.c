/*
 * BOHB: Hyperband whose new configurations come from a density model of the highest fidelity that has enough results.
 *
 * Falkner, Klein, Hutter, BOHB: robust and efficient hyperparameter optimization at scale, ICML (2018): one model a fidelity,
 * never mixing results of several; a third of the configurations stays random. The model is our TPE (tpe_model.h).
 */
#include <stdio.h>

#include "suggest/brackets.h"
#include "suggest/tpe_model.h"

static const struct setting settings[] = {
    RUNG_SETTINGS,
    RANDOM_STATE,
    { 0 },
};

static const double RANDOM_SHARE = 1.0 / 3;

struct bohb {
    const struct space *space;
    struct resource resource;
    struct brackets brackets; /* read anew at every ask */
    struct tpe *whole;        /* of results without a resource: imported and enqueued ones, got with all of it */
    struct tpe *models[];     /* one a level */
};

static void *create(const struct suggest_problem *problem, const struct setting_value *values, uint64_t seed)
{
    struct resource resource = read_resource_settings(problem, values);
    struct bohb *bohb = xcalloc(1, sizeof *bohb + resource.rungs.n * sizeof bohb->models[0]);
    struct tpe_options options = {
        .is_joint = true, .gamma = 0.15, .prior_weight = 1, .resource = NAN, .skip = resource.parameter
    };

    (void)seed; /* the stream of every request comes from it */
    bohb->space = problem->space;
    bohb->resource = resource;
    bohb->whole = tpe_create(problem, &options);
    for (size_t level = 0; level < resource.rungs.n; level++) {
        options.resource = resource.rungs.level[level];
        bohb->models[level] = tpe_create(problem, &options);
    }
    return bohb;
}

static void destroy(void *state)
{
    struct bohb *bohb = state;

    for (size_t level = 0; bohb != NULL && level < bohb->resource.rungs.n; level++)
        tpe_destroy(bohb->models[level]);
    if (bohb != NULL) {
        tpe_destroy(bohb->whole);
        brackets_release(&bohb->brackets);
    }
    free(bohb);
}

/* The highest level with a row more than parameters; NULL: none has. At the top, whichever results there are more of. */
static struct tpe *choose_model(const struct bohb *bohb, const struct history *history, size_t *level)
{
    size_t n_whole = tpe_rows(bohb->whole, history), top = bohb->resource.rungs.n - 1;

    for (*level = top + 1; (*level)-- > 0;) {
        size_t n = tpe_rows(bohb->models[*level], history);
        if (*level == top && n_whole > n && n_whole >= bohb->space->n)
            return bohb->whole;
        if (n >= bohb->space->n) /* one parameter takes the resource */
            return bohb->models[*level];
    }
    return NULL;
}

static int new_point(const struct bohb *bohb, const struct history *history, struct suggest_request *request, double *x,
                     char origin[SUGGEST_WHY_SIZE])
{
    bool is_random = rng_uniform(&request->rng) < RANDOM_SHARE;
    size_t level;
    struct tpe *model = is_random ? NULL : choose_model(bohb, history, &level);
    char why[SUGGEST_WHY_SIZE];

    space_draw(bohb->space, &request->rng, x);
    if (model == NULL) {
        snprintf(origin, SUGGEST_WHY_SIZE, "a random point");
        return 0;
    }
    int status = tpe_suggest(model, history, request, x, why);
    snprintf(origin, SUGGEST_WHY_SIZE, "%.90s (%s %g)", why, bohb->space->parameters[bohb->resource.parameter].name,
             bohb->resource.rungs.level[level]);
    return status;
}

static int suggest(void *state, const struct history *history, struct suggest_request *request, struct suggestion *out)
{
    struct bohb *bohb = state;
    char origin[SUGGEST_WHY_SIZE];
    struct step step;
    int status = brackets_next(&bohb->brackets, history, &bohb->resource, &step);

    if (status != 0)
        return status;
    if (step.from != NULL) {
        step_promote(&step, history, &bohb->resource, out);
        return 0;
    }
    status = new_point(bohb, history, request, out->x, origin);
    if (status == 0)
        step_begin(&step, &bohb->resource, origin, out);
    return status;
}

const struct suggest_method suggest_bohb = {
    .name = "bohb",
    .summary = "Hyperband whose new configurations come from a density model",
    .settings = settings,
    .check = check_resource_settings,
    .create = create,
    .suggest = suggest,
    .destroy = destroy,
};
