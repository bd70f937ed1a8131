/*
 * Spaces that grow: the document of the experiment with one more parameter, or a wider one, is read anew, and what is in memory moves
 * over to it. A study of the new space replays what the old one has seen.
 */
#include "service/growing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/status.h"
#include "service/adding.h"
#include "service/core.h"
#include "service/inquiry.h"
#include "service/past.h"
#include "service/search.h"
#include "service/source.h"
#include "service/store.h"

/* --- documents --- */

/* A source of this document alone. */
static void pack_document(const struct spec *spec, const struct node *document, struct text *packed)
{
    struct text json = { 0 };
    struct source_file file = { .path = "-", .shown = spec->name };
    struct source source = { .n_files = 1, .files = &file, .namespace = spec->namespace };

    json_write(document, JSON_COMPACT, &json);
    file.text = text_string(&json);
    file.length = json.length;
    source_pack(&source, packed);
    text_release(&json);
}

/* The experiment's document with other parameters. */
static struct node *with_parameters(const struct spec *spec, struct node *parameters, struct arena *arena)
{
    struct node *root = node_copy(arena, spec->node);
    struct node *fields = node_copy(arena, node_get(root, "spec"));

    node_set(arena, fields, "parameters", parameters);
    node_set(arena, root, "spec", fields);
    return root;
}

static int build(const struct spec *spec, struct node *parameters, struct live **built)
{
    struct arena arena = { 0 };
    struct text packed = { 0 };
    int status;

    pack_document(spec, with_parameters(spec, parameters, &arena), &packed);
    status = live_build(packed.data, packed.length, spec->name, built);
    text_release(&packed);
    arena_release(&arena);
    return status;
}

/* --- what was asked for, and what there is --- */

/* An experiment of this one parameter, which is right if that can be built. */
static int read_asked(const struct spec *spec, const struct node *parameter, struct live **asked)
{
    struct arena arena = { 0 };
    struct node *list = node_list(&arena);
    struct node *bare = node_copy(&arena, parameter);
    int status;

    if (parameter == NULL || parameter->kind != NODE_MAP) {
        fail(ERR_INVALID, "parameter: expected {name, parameterType, feasibleSpace}, got %s",
             node_kind_name(parameter));
        return ERR_INVALID;
    }
    node_add(&arena, list, bare);
    status = build(spec, list, asked);
    arena_release(&arena);
    return status;
}

static size_t find(const struct space *space, const char *name)
{
    size_t i = 0;

    while (i < space->n && !text_equal(space->parameters[i].name, name))
        i++;
    return i;
}

static bool has_choice(const struct parameter *parameter, const char *choice)
{
    for (size_t i = 0; i < parameter->n_choices; i++)
        if (text_equal(parameter->choices[i], choice))
            return true;
    return false;
}

static bool contains(const struct parameter *known, const struct parameter *asked)
{
    for (size_t i = 0; i < asked->n_choices; i++)
        if (!has_choice(known, asked->choices[i]))
            return false;
    return parameter_is_choice(known) || (known->min <= asked->min && known->max >= asked->max);
}

/* Parameters of one name are of one kind, and only ranges and choices of names may differ: indices of choices are stored. */
static int check_same_kind(const struct parameter *known, const struct parameter *asked)
{
    if (known->type != asked->type)
        return fail(ERR_CONFLICT, "parameter %s is %s in this experiment, and was asked for as %s", known->name,
                    parameter_type_names[known->type], parameter_type_names[asked->type]);
    if (known->distribution != asked->distribution)
        return fail(ERR_CONFLICT, "parameter %s is %s in this experiment, and was asked for as %s", known->name,
                    distribution_names[known->distribution], distribution_names[asked->distribution]);
    if (!parameter_is_choice(known) && known->step != asked->step)
        return fail(ERR_CONFLICT, "parameter %s has step %g in this experiment, and was asked for with %g", known->name,
                    known->step, asked->step);
    if (!parameter_is_choice(known) && known->step > 0 &&
        fabs(remainder(asked->min - known->min, known->step)) > 1e-9 * known->step)
        return fail(ERR_CONFLICT,
                    "parameter %s has the values %g, %g, ... in this experiment, and was asked for from %g on",
                    known->name, known->min, known->min + known->step, asked->min);
    if (known->type == PARAMETER_DISCRETE && !(contains(known, asked) && contains(asked, known)))
        return fail(ERR_CONFLICT, "the numbers of the discrete parameter %s are not those of this experiment",
                    known->name);
    return 0;
}

static struct node *wide_range(const struct parameter *known, const struct parameter *asked, struct arena *arena)
{
    const struct space bounds = { 1, known };
    struct node *range = node_map(arena);

    node_set(arena, range, "min", node_text(arena, space_format(&bounds, 0, fmin(known->min, asked->min), arena)));
    node_set(arena, range, "max", node_text(arena, space_format(&bounds, 0, fmax(known->max, asked->max), arena)));
    if (known->step > 0)
        node_set(arena, range, "step", node_text(arena, arena_printf(arena, "%.17g", known->step)));
    node_set(arena, range, "distribution", node_text(arena, distribution_names[known->distribution]));
    return range;
}

static struct node *wide_list(const struct parameter *known, const struct parameter *asked, struct arena *arena)
{
    struct node *range = node_map(arena), *list = node_set(arena, range, "list", node_list(arena));

    for (size_t i = 0; i < known->n_choices; i++)
        node_add(arena, list, node_text(arena, known->choices[i]));
    for (size_t i = 0; i < asked->n_choices; i++)
        if (!has_choice(known, asked->choices[i]))
            node_add(arena, list, node_text(arena, asked->choices[i]));
    return range;
}

/* All parameters, with the asked one added or widened. */
static struct node *grown_list(const struct spec *spec, const struct node *parameter, const struct parameter *asked,
                               size_t index, struct arena *arena)
{
    const struct node *old = node_path(spec->node, "spec.parameters");
    struct node *list = node_list(arena);

    for (size_t i = 0; i < spec->space.n; i++) {
        struct node *item = node_add(arena, list, node_copy(arena, old->items[i]));
        const struct parameter *known = &spec->space.parameters[i];

        if (i == index)
            node_set(arena, item, "feasibleSpace",
                     parameter_is_choice(known) ? wide_list(known, asked, arena) : wide_range(known, asked, arena));
    }
    if (index == spec->space.n)
        node_add(arena, list, node_copy(arena, parameter));
    return list;
}

/* --- moving over --- */

/* Everything of the old one but what was read of its source, and its study. */
static void move(struct service *service, struct live *old, struct live *fresh)
{
    struct live moved = *old;

    moved.arena = fresh->arena;
    moved.bundle = fresh->bundle;
    moved.spec = fresh->spec;
    moved.images = fresh->images;
    moved.shown = fresh->shown;
    moved.source = fresh->source;
    moved.source_length = fresh->source_length;
    moved.search = NULL;
    moved.has_grown = true;
    moved.experiment->spec = fresh->spec;
    for (size_t i = 0; i < moved.experiment->n_trials; i++)
        trial_widen(moved.experiment->trials[i], old->spec->space.n, fresh->spec->space.n);
    adding_widen(old, old->spec->space.n, fresh->spec->space.n);
    old->experiment = NULL;
    old->jury = NULL;
    old->waiters = NULL;
    old->pursuits = NULL;
    old->askers = NULL;
    old->additions = NULL;
    *fresh = moved;
    fresh->last_fact = &fresh->first_fact; /* between two steps there is none */
    for (size_t i = 0; i < service->n_lives; i++)
        if (service->lives[i] == old)
            service->lives[i] = fresh;
    live_destroy(old);
}

/* Its study knows the new space, and is asked again what the old one was asked. */
static void begin_study(struct service *service, struct live *live)
{
    const struct experiment *experiment = live->experiment;

    inquiry_open(service, live);
    for (int64_t number = (int64_t)experiment->n_trials + 1; number <= experiment->n_asked; number++)
        inquiry_ask(service, live, number);
}

static int grow_space(struct service *service, struct live **live, const struct node *parameter,
                      const struct parameter *asked, size_t index)
{
    struct arena arena = { 0 };
    struct live *fresh;
    int status;

    if ((*live)->warm.n > 0)
        return fail(ERR_UNSUPPORTED, "experiment %s began with trials of elsewhere (warmStart): its space cannot grow",
                    (*live)->spec->name);
    status = build((*live)->spec, grown_list((*live)->spec, parameter, asked, index, &arena), &fresh);
    arena_release(&arena);
    TRY(status);
    move(service, *live, fresh);
    *live = fresh;
    return 0;
}

/* --- values --- */

static bool fits(const struct parameter *known, const struct parameter *asked, double value)
{
    if (isnan(value))
        return false;
    if (parameter_is_choice(known))
        return has_choice(asked, known->choices[(size_t)value]);
    return value >= asked->min && value <= asked->max;
}

/* What was enqueued for it before the parameter was known; NAN: nothing. A text may come as JSON, since choices that are not all texts
   are written so. */
static double find_fixed(const struct live *live, const struct trial *trial, size_t index)
{
    struct arena arena = { 0 };
    const char *name = live->spec->space.parameters[index].name;
    const char *text = trial_find_label(trial, arena_printf(&arena, FIXED_PREFIX "%s", name));
    struct node *plain = NULL;
    double value = NAN;

    if (text != NULL && space_parse(&live->spec->space, index, text, &value) < 0) {
        value = NAN;
        if (json_read(text, strlen(text), &arena, &plain) == 0 && plain->kind == NODE_TEXT &&
            space_parse(&live->spec->space, index, plain->text, &value) < 0)
            value = NAN;
    }
    arena_release(&arena);
    return value;
}

/* Of what was asked for, as a value of the known parameter. */
static double draw(const struct live *live, const struct trial *trial, const struct parameter *known,
                   const struct parameter *asked)
{
    struct parameter free = *asked;
    const struct space one = { 1, &free };
    struct rng rng = rng_stream(past_seed(live), (uint64_t)trial->number, known->name);
    double x, value;

    free.activation = NULL;
    space_draw(&one, &rng, &x);
    space_decode(&one, &x, &value);
    for (size_t i = 0; parameter_is_choice(known) && i < known->n_choices; i++)
        if (text_equal(known->choices[i], asked->choices[(size_t)value]))
            return (double)i;
    return value;
}

/* The space has the asked parameter with all of its values. *has_grown: it had not; its study must be begun then. */
static int ensure(struct service *service, struct live **live, const struct node *node, const struct parameter *asked,
                  size_t *index, bool *has_grown)
{
    const struct space *space = &(*live)->spec->space;

    *has_grown = false;
    *index = find(space, asked->name);
    if (*index < space->n) {
        TRY(check_same_kind(&space->parameters[*index], asked));
        if (contains(&space->parameters[*index], asked))
            return 0;
    }
    *has_grown = true;
    return grow_space(service, live, node, asked, *index);
}

static void give_value(struct service *service, const struct live *live, struct trial *trial,
                       const struct parameter *asked, size_t index)
{
    const struct parameter *known = &live->spec->space.parameters[index];

    if (isnan(trial->values[index]))
        trial->values[index] = find_fixed(live, trial, index);
    if (fits(known, asked, trial->values[index]))
        return;
    trial->values[index] = draw(live, trial, known, asked);
    store_trial(service, (struct live *)live, trial);
}

static int suggest(struct service *service, struct live **live, struct trial *trial, const struct node *node,
                   size_t *index)
{
    struct live *asked;
    bool has_grown = false;
    int status;

    TRY(read_asked((*live)->spec, node, &asked));
    status = ensure(service, live, node, &asked->spec->space.parameters[0], index, &has_grown);
    if (status == 0 && trial != NULL)
        give_value(service, *live, trial, &asked->spec->space.parameters[0], *index);
    if (status == 0 && has_grown) {
        store_experiment(service, *live);
        begin_study(service, *live);
    }
    live_destroy(asked);
    return status;
}

int growing_suggest(struct service *service, struct live **live, struct trial *trial, const struct node *parameter,
                    size_t *index)
{
    return suggest(service, live, trial, parameter, index);
}

int growing_learn(struct service *service, struct live **live, const struct node *parameter)
{
    size_t index;

    return suggest(service, live, NULL, parameter, &index);
}

void growing_annotate(struct live *live, const struct node *annotations)
{
    const struct node *known = node_path(live->spec->node, "metadata.annotations");
    struct node *all = known != NULL && known->kind == NODE_MAP ? node_copy(&live->arena, known)
                                                                : node_map(&live->arena);
    struct text packed = { 0 };

    for (size_t i = 0; i < annotations->length; i++)
        node_set(&live->arena, all, arena_strdup(&live->arena, annotations->keys[i]->text),
                 node_copy(&live->arena, annotations->items[i]));
    node_set(&live->arena, node_get(live->spec->node, "metadata"), "annotations", all);
    pack_document(live->spec, live->spec->node, &packed);
    live->source = arena_strndup(&live->arena, packed.data, packed.length);
    live->source_length = packed.length;
    live->has_grown = true;
    text_release(&packed);
}
