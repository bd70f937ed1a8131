#include "nas/controller.h"

#include "base/memory.h"
#include "tests/test.h"

static const struct controller_options shapes[] = {
    { .n_layers = 4,
      .n_operations = 3,
      .has_skips = true,
      .hidden_size = 5,
      .temperature = 5,
      .tanh_const = 2.25,
      .skip_target = 0.4 },
    { .n_layers = 4,
      .n_operations = 3,
      .has_skips = false,
      .hidden_size = 5,
      .temperature = NAN,
      .tanh_const = 1.5,
      .skip_target = 0.4 },
    { .n_layers = 3,
      .n_operations = 2,
      .has_skips = true,
      .hidden_size = 4,
      .temperature = 2,
      .tanh_const = NAN,
      .skip_target = 1 },
    { .n_layers = 1,
      .n_operations = 7,
      .has_skips = true,
      .hidden_size = 1,
      .temperature = 1,
      .tanh_const = 2,
      .skip_target = 0.4 },
};
enum { N_SHAPES = sizeof shapes / sizeof shapes[0] };

/* Larger parameters than at the start, so that no function is nearly linear. */
static struct controller *create_stirred(const struct controller_options *options, struct rng *rng)
{
    struct controller *controller = controller_create(options, 3);
    double *parameters = controller_parameters(controller);

    for (size_t k = 0; k < controller_n_parameters(controller); k++)
        parameters[k] = 0.7 * rng_normal(rng);
    return controller;
}

static void gradient__every_shape_and_term__equals_finite_differences(void **state)
{
    static const struct controller_loss losses[] = { { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 }, { -1.7, 0.3, 0.8 } };

    (void)state;
    for (size_t s = 0; s < N_SHAPES; s++) {
        struct rng rng = rng_stream(1, s, "test");
        struct controller *controller = create_stirred(&shapes[s], &rng);
        size_t n = controller_n_parameters(controller);
        double *parameters = controller_parameters(controller), *gradient = xcalloc(2 * n, sizeof *gradient);
        struct macro macro;
        controller_sample(controller, 1, &rng, &macro);
        for (size_t l = 0; l < sizeof losses / sizeof losses[0]; l++) {
            memset(gradient, 0, n * sizeof *gradient);
            controller_gradient(controller, &macro, &losses[l], gradient);
            for (size_t k = 0; k < n; k++) {
                double kept = parameters[k], above, below;
                parameters[k] = kept + 1e-5;
                above = controller_gradient(controller, &macro, &losses[l], gradient + n);
                parameters[k] = kept - 1e-5;
                below = controller_gradient(controller, &macro, &losses[l], gradient + n);
                parameters[k] = kept;
                double want = (above - below) / 2e-5;
                if (fabs(gradient[k] - want) > 1e-8 + 1e-6 * fabs(want))
                    fail_msg("shape %zu, loss %zu, parameter %zu: %.12g, by differences %.12g", s, l, k, gradient[k],
                             want);
            }
        }
        free(gradient);
        controller_destroy(controller);
    }
}

static void log_probability__rows_that_were_drawn__is_the_samplers(void **state)
{
    (void)state;
    for (size_t s = 0; s < N_SHAPES; s++) {
        struct rng rng = rng_stream(2, s, "test");
        struct controller *controller = create_stirred(&shapes[s], &rng);
        for (int draw = 0; draw < 50; draw++) {
            struct macro macro;
            double log_p = controller_sample(controller, 1, &rng, &macro);
            assert_close(controller_log_probability(controller, &macro), log_p, 1e-13);
        }
        controller_destroy(controller);
    }
}

/* Sum of p over all architectures of three layers and two operations. */
static double total_probability(struct controller *controller)
{
    double total = 0;

    for (unsigned code = 0; code < 64; code++) {
        struct macro macro = { .n_layers = 3, .operations = { code & 1, code >> 1 & 1, code >> 2 & 1 } };
        macro.skips[1] = code >> 3 & 1;
        macro.skips[2] = code >> 4 & 3;
        total += exp(controller_log_probability(controller, &macro));
    }
    return total;
}

static void log_probability__all_architectures__sum_to_one(void **state)
{
    struct rng rng = rng_stream(5, 0, "test");
    struct controller *controller = create_stirred(&shapes[2], &rng);

    (void)state;
    assert_close(total_probability(controller), 1, 1e-12);
    controller_destroy(controller);
}

static bool is_same(const struct macro *a, const struct macro *b)
{
    for (unsigned i = 0; i < a->n_layers; i++)
        if (a->operations[i] != b->operations[i] || a->skips[i] != b->skips[i])
            return false;
    return a->n_layers == b->n_layers;
}

static void sample__frequencies__follow_the_log_probability(void **state)
{
    struct rng rng = rng_stream(6, 0, "test");
    struct controller *controller = create_stirred(&shapes[2], &rng);
    struct macro macro;
    double want = 0, n_hits = 0, n = 20000;
    struct macro first;

    (void)state;
    controller_sample(controller, 1, &rng, &first);
    want = exp(controller_log_probability(controller, &first));
    for (int draw = 0; draw < n; draw++) {
        controller_sample(controller, 1, &rng, &macro);
        n_hits += is_same(&macro, &first);
    }
    assert_true(fabs(n_hits / n - want) < 5 * sqrt(want * (1 - want) / n));
    controller_destroy(controller);
}

static void sample__heat__spreads_the_draws(void **state)
{
    struct rng rng = rng_stream(7, 0, "test");
    struct controller *controller = create_stirred(&shapes[2], &rng);
    struct macro macro;

    (void)state;
    assert_close(controller_sample(controller, 1e9, &rng, &macro), 6 * log(0.5), 1e-6);
    controller_destroy(controller);
}

/* REINFORCE on one layer of three operations, the second of which pays; credit goes to what was drawn, or to another draw. */
static double play_bandit(bool credits_the_drawn)
{
    const struct controller_options options = {
        .n_layers = 1, .n_operations = 3, .hidden_size = 8, .temperature = 1, .tanh_const = 2.5, .skip_target = 0.4
    };
    struct controller *controller = controller_create(&options, 4);
    size_t n = controller_n_parameters(controller);
    double *gradient = xcalloc(n, sizeof *gradient);
    struct rng rng = rng_stream(8, 0, "test");

    for (int step = 0; step < 600; step++) {
        struct macro drawn, credited;
        controller_sample(controller, 1, &rng, &drawn);
        credited = drawn;
        if (!credits_the_drawn)
            controller_sample(controller, 1, &rng, &credited);
        const struct controller_loss loss = { .advantage = (drawn.operations[0] == 1) - 0.5 };
        memset(gradient, 0, n * sizeof *gradient);
        controller_gradient(controller, &credited, &loss, gradient);
        controller_step(controller, gradient, 0.01);
    }
    double p = exp(controller_log_probability(controller, &(struct macro){ .n_layers = 1, .operations = { 1 } }));
    free(gradient);
    controller_destroy(controller);
    return p;
}

static void reinforce__three_arms__reaches_the_best_only_if_the_drawn_arm_is_credited(void **state)
{
    (void)state;
    assert_true(play_bandit(true) > 0.95);
    assert_true(play_bandit(false) < 0.8); /* Katib's defect */
}

static void skip_term__alone__brings_the_share_of_skips_to_its_target(void **state)
{
    const struct controller_options options = { .n_layers = 6,
                                                .n_operations = 2,
                                                .has_skips = true,
                                                .hidden_size = 8,
                                                .temperature = 5,
                                                .tanh_const = 2.25,
                                                .skip_target = 0.2 };
    struct controller *controller = controller_create(&options, 4);
    size_t n = controller_n_parameters(controller);
    double *gradient = xcalloc(n, sizeof *gradient), n_skips = 0;
    struct rng rng = rng_stream(9, 0, "test");
    struct macro macro;

    (void)state;
    for (int step = 0; step < 400; step++) {
        controller_sample(controller, 1, &rng, &macro);
        memset(gradient, 0, n * sizeof *gradient);
        controller_gradient(controller, &macro, &(struct controller_loss){ .skip_weight = 0.8 }, gradient);
        controller_step(controller, gradient, 0.02);
    }
    for (int draw = 0; draw < 1000; draw++) {
        controller_sample(controller, 1, &rng, &macro);
        for (unsigned i = 0; i < 6; i++)
            n_skips += __builtin_popcountll(macro.skips[i]);
    }
    assert_true(fabs(n_skips / (1000 * 15) - 0.2) < 0.03);
    free(gradient);
    controller_destroy(controller);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradient__every_shape_and_term__equals_finite_differences),
        cmocka_unit_test(log_probability__rows_that_were_drawn__is_the_samplers),
        cmocka_unit_test(log_probability__all_architectures__sum_to_one),
        cmocka_unit_test(sample__frequencies__follow_the_log_probability),
        cmocka_unit_test(sample__heat__spreads_the_draws),
        cmocka_unit_test(reinforce__three_arms__reaches_the_best_only_if_the_drawn_arm_is_credited),
        cmocka_unit_test(skip_term__alone__brings_the_share_of_skips_to_its_target),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
