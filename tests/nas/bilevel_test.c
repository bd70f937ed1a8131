/*
 * The search: its gradients, what it must not touch, and that it finds an operation that the task needs.
 */
#include <math.h>

#include "base/memory.h"
#include "base/rng.h"
#include "nas/bilevel.h"
#include "tests/test.h"

enum { SIDE = 8, BATCH = 4 };

/* Two classes: along rows, a pixel and the fourth one after it are alike, or opposite. Nearer pixels tell nothing. */
static struct images *far_pairs(size_t n)
{
    struct rng rng = rng_stream(3, 1, "test.pairs");
    struct images *images;

    assert_int_equal(images_create("pairs", n, SIDE, SIDE, 1, 2, &images), 0);
    for (size_t i = 0; i < n; i++) {
        uint8_t *pixels = images->pixels + i * SIDE * SIDE;

        images->labels[i] = (uint8_t)(i % 2);
        for (unsigned y = 0; y < SIDE; y++)
            for (unsigned x = 0; x < SIDE / 2; x++) {
                const bool is_light = rng_below(&rng, 2);

                pixels[y * SIDE + x] = is_light ? 220 : 30;
                pixels[y * SIDE + x + SIDE / 2] = (is_light == (i % 2 == 1)) ? 220 : 30;
            }
    }
    return images;
}

static const struct cell_network shape = { SIDE, SIDE, 1, 2, 3, 4, 2 };
static const struct cell_space small_space = {
    2, 4, { OP_MAX_POOL_3X3, OP_SKIP_CONNECT, OP_DIL_CONV_3X3, OP_NONE }, 1
};

static struct bilevel_options options_for(const struct relaxation *relaxation)
{
    return (struct bilevel_options){ .relaxation = relaxation,
                                     .epochs = 4,
                                     .batch = BATCH,
                                     .weight_rate = 0.05,
                                     .weight_rate_min = 0.001,
                                     .momentum = 0.9,
                                     .weight_decay = 3e-4,
                                     .clip = 5,
                                     .alpha_rate = 3e-4,
                                     .alpha_decay = 1e-3,
                                     .seed = 1 };
}

static struct bilevel *search_open(const struct bilevel_options *options, const struct cell_space *space,
                                   const struct backend *backend, const struct images *images)
{
    struct bilevel *bilevel;

    assert_int_equal(bilevel_create(options, &shape, space, backend, 2, images, &bilevel), 0);
    return bilevel;
}

static void relaxations__all_but_the_drawn_one__have_the_gradient_of_finite_differences(void **state)
{
    (void)state;
    for (size_t r = 0; relaxations[r] != NULL; r++) {
        struct cell_space space = small_space;
        struct rng rng = rng_stream(5, r, "test.alphas");
        double alphas[128], gradient[128], slopes[128], coefficients[128];
        struct mixture *mixture;
        size_t n, n_coefficients;

        if (relaxations[r] == &relaxation_gdas)
            continue; /* its draw jumps */
        space.partial = relaxations[r]->partial;
        mixture = mixture_create(relaxations[r], &space);
        n = relaxation_n_alphas(relaxations[r], &space);
        n_coefficients = space_coefficients(&space);
        for (size_t i = 0; i < n; i++)
            alphas[i] = rng_normal(&rng);
        for (size_t i = 0; i < n_coefficients; i++)
            slopes[i] = rng_normal(&rng);
        struct rng draw = rng_stream(1, 2, "test.draw");
        mixture_relax(mixture, alphas, 1, &draw, coefficients);
        mixture_back(mixture, alphas, 1, slopes, gradient);
        for (size_t i = 0; i < n; i++) {
            double sums[2] = { 0 };
            const double before = alphas[i], h = 1e-5;

            for (int side = 0; side < 2; side++) {
                alphas[i] = before + (side == 0 ? h : -h);
                draw = rng_stream(1, 2, "test.draw");
                mixture_relax(mixture, alphas, 1, &draw, coefficients);
                for (size_t k = 0; k < n_coefficients; k++)
                    sums[side] += slopes[k] * coefficients[k];
            }
            alphas[i] = before;
            assert_true(fabs((sums[0] - sums[1]) / (2 * h) - gradient[i]) < 1e-5 * (1 + fabs(gradient[i])));
        }
        mixture_destroy(mixture);
    }
}

static void gdas__over_many_draws__chooses_as_often_as_the_softmax_says(void **state)
{
    const double alphas[4] = { 0.5, -1, 1.5, 0 };
    double shares[4], weights[4], memory[4], counts[4] = { 0 };
    struct rng rng = rng_stream(9, 9, "test.gumbel");

    (void)state;
    softmax(alphas, 4, shares);
    for (int i = 0; i < 20000; i++) {
        relaxation_gdas.weigh(alphas, 4, 0.7, &rng, weights, memory);
        for (int k = 0; k < 4; k++)
            counts[k] += weights[k] / 20000;
    }
    for (int k = 0; k < 4; k++)
        assert_true(fabs(counts[k] - shares[k]) < 0.015);
}

/* DARTS (quark0/darts, model_search.py, _parse) ranks shares, in which a large none counts; Katib (model.py) ranks alphas, in which it
   does not. Both leave none out, and name the strongest edge first. */
static void genotype__of_alphas__ranks_shares_or_alphas(void **state)
{
    static const bool both[N_CELL_TYPES] = { true, true }, normal_alone[N_CELL_TYPES] = { true, false };
    struct mixture *mixture = mixture_create(&relaxation_darts, &small_space);
    double alphas[2 * 5 * 4] = {
        2,   0, 0, 5,                                           /* node 0, input 0: a large none */
        1.5, 0, 0, 0, 0, 0.5, 0, 0, 0, 0, 0.7, 0, 0.6, 0, 0, 9, /* node 0, input 1; node 1 */
    };
    struct genotype genotype;
    struct text text = { 0 };

    (void)state;
    mixture_genotype(mixture, alphas, RANK_SOFTMAX, normal_alone, &genotype);
    genotype_print(&genotype, GENOTYPE_DARTS, &text);
    assert_string_equal(text_string(&text),
                        "Genotype(normal=[('max_pool_3x3', 1), ('max_pool_3x3', 0), ('dil_conv_3x3', 1), "
                        "('skip_connect', 0)], normal_concat=range(2, 4), reduce=[], "
                        "reduce_concat=range(2, 2))");
    text_clear(&text);
    mixture_genotype(mixture, alphas, RANK_ALPHA, both, &genotype);
    genotype_print(&genotype, GENOTYPE_DARTS, &text);
    assert_string_equal(text_string(&text),
                        "Genotype(normal=[('max_pool_3x3', 0), ('max_pool_3x3', 1), ('dil_conv_3x3', 1), "
                        "('max_pool_3x3', 2)], normal_concat=range(2, 4), reduce=[('max_pool_3x3', 0), "
                        "('max_pool_3x3', 1), ('max_pool_3x3', 0), ('max_pool_3x3', 1)], "
                        "reduce_concat=range(2, 4))");
    text_release(&text);
    mixture_destroy(mixture);
}

static void read_weights(struct bilevel *bilevel, const struct backend *backend, double *weights)
{
    backend->read(bilevel_engine(bilevel), VECTOR_WEIGHTS, weights);
}

static double loss_at(struct bilevel *bilevel, const uint32_t *order)
{
    struct pass_result result;

    assert_int_equal(bilevel_loss(bilevel, order, BATCH, &result), 0);
    return result.loss;
}

static void first_order__gradient_of_alphas__is_that_of_finite_differences(void **state)
{
    const struct relaxation *const tried[] = { &relaxation_darts, &relaxation_pc_darts };
    const uint32_t order[BATCH] = { 5, 2, 7, 0 };
    struct images *images = far_pairs(16);

    (void)state;
    for (int r = 0; r < 2; r++) {
        struct bilevel_options options = options_for(tried[r]);
        struct cell_space space = small_space;
        double gradient[256], *alphas;
        struct bilevel *bilevel;
        size_t n;

        space.partial = tried[r]->partial;
        bilevel = search_open(&options, &space, &backend_ref, images);
        alphas = bilevel_alphas(bilevel, &n);
        assert_int_equal(bilevel_alpha_gradient(bilevel, order, order, BATCH, gradient), 0);
        for (size_t i = 0; i < n; i++) {
            const double before = alphas[i], h = 1e-5;
            double losses[2];

            for (int side = 0; side < 2; side++) {
                alphas[i] = before + (side == 0 ? h : -h);
                losses[side] = loss_at(bilevel, order);
            }
            alphas[i] = before;
            assert_true(fabs((losses[0] - losses[1]) / (2 * h) - gradient[i]) < 1e-5 * (1e-2 + fabs(gradient[i])));
        }
        bilevel_destroy(bilevel);
    }
    images_destroy(images);
}

/* L_val(w - rate (dL_train(w, alpha) + decay w), alpha), whose slope the second order approximates. */
static double loss_after_step(struct bilevel *bilevel, const struct bilevel_options *options,
                              const uint32_t *validation, const uint32_t *training, size_t n_weights)
{
    double *weights = xcalloc(2 * n_weights, sizeof *weights), *gradient = weights + n_weights, loss;
    struct engine *engine = bilevel_engine(bilevel);

    read_weights(bilevel, &backend_ref, weights);
    loss_at(bilevel, training);
    backend_ref.read(engine, VECTOR_GRADIENT, gradient);
    for (size_t i = 0; i < n_weights; i++)
        gradient[i] = weights[i] - options->weight_rate * (gradient[i] + options->weight_decay * weights[i]);
    backend_ref.write(engine, VECTOR_WEIGHTS, gradient);
    loss = loss_at(bilevel, validation);
    backend_ref.write(engine, VECTOR_WEIGHTS, weights);
    free(weights);
    return loss;
}

static void second_order__gradient_of_alphas__is_that_of_the_loss_after_a_step(void **state)
{
    const uint32_t validation[BATCH] = { 5, 2, 7, 0 }, training[BATCH] = { 1, 3, 4, 6 };
    struct bilevel_options options = options_for(&relaxation_darts);
    struct images *images = far_pairs(16);
    double gradient[256], *alphas, *before, *after, error = 0, size = 0;
    struct bilevel *bilevel;
    size_t n, n_weights;

    (void)state;
    options.is_second_order = true;
    options.difference = 1e-6; /* rectifiers and maxima bend: the nearer the better */
    bilevel = search_open(&options, &small_space, &backend_ref, images);
    alphas = bilevel_alphas(bilevel, &n);
    n_weights = bilevel_n_weights(bilevel);
    before = xcalloc(2 * n_weights, sizeof *before);
    after = before + n_weights;
    read_weights(bilevel, &backend_ref, before);
    assert_int_equal(bilevel_alpha_gradient(bilevel, validation, training, BATCH, gradient), 0);
    read_weights(bilevel, &backend_ref, after);
    assert_memory_equal(before, after, n_weights * sizeof *before);
    for (size_t i = 0; i < n; i++) {
        const double value = alphas[i], h = 1e-6;
        double losses[2];

        for (int side = 0; side < 2; side++) {
            alphas[i] = value + (side == 0 ? h : -h);
            losses[side] = loss_after_step(bilevel, &options, validation, training, n_weights);
        }
        alphas[i] = value;
        error += pow((losses[0] - losses[1]) / (2 * h) - gradient[i], 2);
        size += gradient[i] * gradient[i];
    }
    assert_true(sqrt(error / size) < 1e-6);
    free(before);
    bilevel_destroy(bilevel);
    images_destroy(images);
}

/* Alphas move by the loss of their own half, never by that of the weights'; Katib's do the opposite. */
static void search__alphas__follow_their_own_half(void **state)
{
    struct bilevel_options options = options_for(&relaxation_darts);
    struct images *images = far_pairs(64);
    double gradient[256], *alphas, first, last;
    uint32_t order[BATCH] = { 8, 9, 10, 11 };
    struct bilevel *bilevel = search_open(&options, &small_space, &backend_ref, images);
    size_t n;

    (void)state;
    alphas = bilevel_alphas(bilevel, &n);
    first = loss_at(bilevel, order);
    for (int step = 0; step < 20; step++) { /* the weights rest */
        assert_int_equal(bilevel_alpha_gradient(bilevel, order, order, BATCH, gradient), 0);
        for (size_t i = 0; i < n; i++)
            alphas[i] -= gradient[i];
    }
    last = loss_at(bilevel, order);
    assert_true(last < first);
    bilevel_destroy(bilevel);
    images_destroy(images);
}

static struct genotype searched(const struct relaxation *relaxation, uint64_t seed, unsigned threads, double *alphas)
{
    struct images *images = far_pairs(512);
    struct bilevel_options options = options_for(relaxation);
    struct cell_space space = small_space;
    struct bilevel_report report;
    struct bilevel *bilevel;
    struct genotype genotype = { 0 };
    const double *found;
    size_t n;

    options.epochs = 16;
    options.batch = 32;
    options.warmup = 4;
    options.alpha_rate = 3e-3;
    options.seed = seed;
    space.partial = relaxation->partial;
    assert_int_equal(bilevel_create(&options, &shape, &space, &backend_cpu, threads, images, &bilevel), 0);
    for (unsigned epoch = 0; epoch < options.epochs; epoch++) {
        assert_int_equal(bilevel_epoch(bilevel, &report), 0);
        genotype = *report.genotype;
    }
    found = bilevel_alphas(bilevel, &n);
    memcpy(alphas, found, n * sizeof *alphas);
    bilevel_destroy(bilevel);
    images_destroy(images);
    return genotype;
}

static void search__of_a_task_that_needs_dilation__finds_it(void **state)
{
    const char *more = getenv("HONE_NAS_SEEDS");
    const unsigned n_seeds = more != NULL ? (unsigned)atoi(more) : 1;
    double alphas[256];

    (void)state;
    for (size_t r = 0; relaxations[r] != NULL; r++) {
        unsigned n_found = 0;

        for (uint64_t seed = 1; seed <= n_seeds; seed++) {
            const struct genotype genotype = searched(relaxations[r], seed, 2, alphas);

            n_found += genotype.normal.edges[0][0].operation == OP_DIL_CONV_3X3 ||
                       genotype.normal.edges[0][1].operation == OP_DIL_CONV_3X3;
        }
        print_message("%s: %u of %u\n", relaxations[r]->name, n_found, n_seeds);
        assert_true(5 * n_found >= 4 * n_seeds);
    }
}

static void search__again_and_with_other_threads__is_the_same(void **state)
{
    double alphas[2][256] = { { 0 } };

    (void)state;
    searched(&relaxation_pc_darts, 2, 1, alphas[0]);
    searched(&relaxation_pc_darts, 2, 3, alphas[1]);
    assert_memory_equal(alphas[0], alphas[1], sizeof alphas[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(relaxations__all_but_the_drawn_one__have_the_gradient_of_finite_differences),
        cmocka_unit_test(gdas__over_many_draws__chooses_as_often_as_the_softmax_says),
        cmocka_unit_test(genotype__of_alphas__ranks_shares_or_alphas),
        cmocka_unit_test(first_order__gradient_of_alphas__is_that_of_finite_differences),
        cmocka_unit_test(second_order__gradient_of_alphas__is_that_of_the_loss_after_a_step),
        cmocka_unit_test(search__alphas__follow_their_own_half),
        cmocka_unit_test(search__of_a_task_that_needs_dilation__finds_it),
        cmocka_unit_test(search__again_and_with_other_threads__is_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
