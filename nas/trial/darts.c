/*
 * hone-nas darts: one differentiable search, with the flags of Katib's darts trial (run_trial.py).
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/node.h"
#include "base/status.h"
#include "base/text.h"
#include "nas/bilevel.h"
#include "nas/darts_settings.h"
#include "nas/trial/trial.h"

enum { SETTINGS, SEARCH_SPACE, LAYERS };

static const struct setting flags[] = {
    [SETTINGS] = { "algorithm-settings", TEXT("{}"),
                   "{'num_epochs': '10', ...}, as an Experiment of method darts gives them" },
    [SEARCH_SPACE] = { "search-space",
                       TEXT("['max_pooling_3x3', 'avg_pooling_3x3', 'skip_connection', 'separable_convolution_3x3', "
                            "'separable_convolution_5x5', 'dilated_convolution_3x3', 'dilated_convolution_5x5']"),
                       "operations; none is always added" },
    [LAYERS] = { "num-layers", INTEGER(8, 1, 256), "cells" },
    { 0 },
};

/* --- what is given --- */

/* A setting of either table. Unknown ones are passed over: Katib's trial does so too. */
static int read_setting(const char *name, const char *text, struct setting_value *katib, struct setting_value *extras)
{
    const struct setting *row = setting_find(darts_settings, name);
    const bool is_katib = row != NULL;
    struct setting_value *value;

    if (!is_katib)
        row = setting_find(darts_extras, name);
    if (row == NULL) {
        fprintf(stderr, "algorithm-settings: %s is not known and not heeded\n", name);
        return 0;
    }
    value = is_katib ? &katib[row - darts_settings] : &extras[row - darts_extras];
    return setting_parse(row, text, value);
}

static int read_settings(const char *text, struct arena *arena, struct setting_value **katib,
                         struct setting_value **extras)
{
    struct node *map;
    size_t n;

    *katib = setting_defaults(darts_settings, arena, &n);
    *extras = setting_defaults(darts_extras, arena, &n);
    TRY(read_words("--algorithm-settings", text, arena, &map));
    if (map->kind != NODE_MAP)
        return fail(ERR_INVALID, "--algorithm-settings: expected {'NAME': VALUE, ...}, got %s", node_kind_name(map));
    for (size_t i = 0; i < map->length; i++) {
        const char *value = node_to_text(arena, map->items[i]);

        if (read_setting(map->keys[i]->text, value != NULL ? value : "None", *katib, *extras) < 0)
            return fail(ERR_INVALID, "--algorithm-settings: %s: %s", map->keys[i]->text,
                        arena_strdup(arena, fail_message()));
    }
    return 0;
}

static int read_space(const char *text, struct arena *arena, struct cell_space *space)
{
    struct node *list;

    TRY(read_words("--search-space", text, arena, &list));
    if (list->kind != NODE_LIST || list->length == 0 || list->length >= N_OPERATIONS)
        return fail(ERR_INVALID, "--search-space: expected a list of 1 to %d operations, got %s", N_OPERATIONS - 1,
                    list->kind == NODE_LIST ? "another number of them" : node_kind_name(list));
    for (size_t i = 0; i < list->length; i++) {
        const char *name = node_to_text(arena, list->items[i]);

        if (name == NULL || !operation_find(name, strlen(name), &space->operations[i]) ||
            operation_rows[space->operations[i]].katib == NULL)
            return fail(ERR_INVALID, "--search-space: no operation %s",
                        name != NULL ? name : node_kind_name(list->items[i]));
        if (space->operations[i] != OP_NONE)
            space->n_operations = (unsigned)i + 1;
    }
    space->operations[space->n_operations++] = OP_NONE; /* as Katib's trial does */
    return 0;
}

/* The share that goes through the operations must divide the channels: the variant's own is made smaller until it does, one that
   the user names is not. */
static int choose_partial(const struct setting_value *extras, const struct relaxation *relaxation, unsigned channels,
                          unsigned *partial)
{
    const double given = extras[DARTS_PARTIAL].number;

    *partial = isnan(given) ? relaxation->partial : (unsigned)given;
    while (isnan(given) && channels % *partial != 0)
        *partial /= 2;
    if (channels % *partial != 0)
        return fail(ERR_INVALID, "partial_channels: expected a divisor of init_channels, %u, got %u", channels,
                    *partial);
    if (isnan(given) && *partial != relaxation->partial)
        fprintf(stderr, "%s: 1 in %u channels goes through the operations, as %u channels are not divisible by %u\n",
                relaxation->name, *partial, channels, relaxation->partial);
    return 0;
}

static void tell(unsigned epoch, size_t step, const struct pass_result *result, unsigned n)
{
    printf("epoch %u, step %zu: ", epoch, step);
    print_metric("Step-Loss", result->loss);
    printf("epoch %u, step %zu: ", epoch, step);
    print_metric("Step-Accuracy", (double)result->n_correct / n);
}

static struct bilevel_options options_of(const struct setting_value *katib, const struct setting_value *extras,
                                         uint64_t seed)
{
    const double epochs = katib[DARTS_EPOCHS].number, warmup = extras[DARTS_WARMUP].number;

    return (struct bilevel_options){
        .relaxation = relaxations[(size_t)extras[DARTS_VARIANT].number],
        .epochs = (unsigned)epochs,
        .batch = isnan(katib[DARTS_BATCH].number) ? 128 : (unsigned)katib[DARTS_BATCH].number,
        .warmup = (unsigned)(isnan(warmup) ? 0.3 * epochs : warmup),
        .is_second_order = extras[DARTS_ORDER].number == 1,
        .difference = 0.01,
        .weight_rate = katib[DARTS_WEIGHT_RATE].number,
        .weight_rate_min = katib[DARTS_WEIGHT_RATE_MIN].number,
        .momentum = katib[DARTS_MOMENTUM].number,
        .weight_decay = katib[DARTS_WEIGHT_DECAY].number,
        .clip = katib[DARTS_CLIP].number > 0 ? katib[DARTS_CLIP].number : INFINITY,
        .alpha_rate = katib[DARTS_ALPHA_RATE].number,
        .alpha_decay = katib[DARTS_ALPHA_DECAY].number,
        .decay_end = extras[DARTS_BETA_DECAY].number,
        .padding = (unsigned)extras[DARTS_PADDING].number,
        .seed = seed,
        .ranking = extras[DARTS_RANKING].number == 1 ? RANK_ALPHA : RANK_SOFTMAX,
        .steps_told = (unsigned)katib[DARTS_PRINT_STEP].number,
        .tell = tell,
    };
}

/* --- what comes out --- */

/* Shares of the operations of each edge: "alphas normal [[0.12, ...], ...]". */
static void print_alphas(const struct cell_space *space, const double *alphas)
{
    static const char *const names[N_CELL_TYPES] = { "normal", "reduce" };
    double shares[N_OPERATIONS];

    for (unsigned type = 0; type < N_CELL_TYPES; type++) {
        printf("alphas %s [", names[type]);
        for (unsigned e = 0; e < cell_edges(space); e++, alphas += space->n_operations) {
            softmax(alphas, space->n_operations, shares);
            for (unsigned k = 0; k < space->n_operations; k++)
                printf("%s%.4f", k > 0 ? ", " : e > 0 ? "], [" : "[", shares[k]);
        }
        puts("]]");
    }
}

static int search(struct bilevel *bilevel, const struct cell_space *space, unsigned epochs)
{
    struct genotype best = { 0 };
    struct text text = { 0 };
    long best_correct = -1;

    for (unsigned epoch = 0; epoch < epochs; epoch++) {
        struct bilevel_report report;

        TRY(bilevel_epoch(bilevel, &report));
        printf("epoch %u of %u\n", report.epoch, epochs);
        print_alphas(space, report.alphas);
        print_result("Training", &report.training, report.n_training);
        print_result("Validation", &report.validation, report.n_validation);
        if ((long)report.validation.n_correct > best_correct) {
            best_correct = (long)report.validation.n_correct;
            best = *report.genotype;
        }
    }
    genotype_print(&best, GENOTYPE_KATIB, &text);
    printf("Best-Genotype=%s\n", text_string(&text));
    text_release(&text);
    return 0;
}

static int run(const struct setting_value *common, const struct setting_value *own, struct arena *arena)
{
    struct setting_value *katib, *extras;
    struct cell_space space = { 0 };
    struct bilevel_options options;
    struct cell_network shape;
    struct bilevel *bilevel = NULL;
    struct setup setup;
    int status;

    TRY(read_settings(own[SETTINGS].text, arena, &katib, &extras));
    TRY(read_space(own[SEARCH_SPACE].text, arena, &space));
    if (katib[DARTS_NODES].number > CELL_NODES_LIMIT)
        return fail(ERR_LIMIT, "num_nodes: at most %d, got %g", CELL_NODES_LIMIT, katib[DARTS_NODES].number);
    space.n_nodes = (unsigned)katib[DARTS_NODES].number;
    TRY(setup_open(common, false, &setup));
    options = options_of(katib, extras, setup.seed);
    shape = (struct cell_network){ setup.training->height,
                                   setup.training->width,
                                   setup.training->channels,
                                   setup.training->n_classes,
                                   (unsigned)own[LAYERS].number,
                                   (unsigned)katib[DARTS_CHANNELS].number,
                                   (unsigned)katib[DARTS_STEM].number };
    status = choose_partial(extras, options.relaxation, shape.init_channels, &space.partial);
    if (status == 0)
        status = bilevel_create(&options, &shape, &space, setup.backend, setup.threads, setup.training, &bilevel);
    if (status == 0)
        status = search(bilevel, &space, options.epochs);
    bilevel_destroy(bilevel);
    setup_release(&setup);
    return status;
}

const struct verb verb_darts = {
    .name = "darts",
    .summary = "search for a cell on a supernet; prints its genotype",
    .flags = flags,
    .run = run,
};
