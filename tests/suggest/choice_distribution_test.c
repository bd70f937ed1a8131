/*
 * Learning distributions over choices.
 */
#include "base/rng.h"
#include "suggest/choice_distribution.h"
#include "tests/test.h"

enum { N = 3, LAMBDA = 8, OPTIONS = 2 + 3 + 7 };
static const size_t sizes[N] = { 2, 3, 7 }, wanted[N] = { 1, 0, 5 };
static const double weights[LAMBDA] = { 0.5, 0.3, 0.15, 0.05 };

static void assert_distribution(const struct choice_distribution *choices)
{
    for (size_t i = 0; i < N; i++) {
        double sum = 0;
        for (size_t k = choices->first[i]; k < choices->first[i + 1]; k++) {
            assert_true(choices->q[k] >= choices->q_min[i] * (1 - 1e-9));
            sum += choices->q[k];
        }
        assert_close(sum, 1, 1e-12);
    }
}

/* Generations of lambda samples, sorted by how many choices are as wanted; with noise: by nothing. */
static void learn(struct choice_distribution *choices, unsigned generations, bool is_noise, uint64_t seed)
{
    struct rng rng = rng_stream(seed, 0, "choices");

    for (unsigned g = 0; g < generations; g++) {
        size_t picked[LAMBDA * N], n_right[LAMBDA], n_sorted = 0, sorted[LAMBDA * N];
        for (size_t k = 0; k < LAMBDA; k++) {
            n_right[k] = 0;
            for (size_t i = 0; i < N; i++) {
                picked[k * N + i] = choice_distribution_pick(choices, choices->q, i, rng_uniform(&rng));
                n_right[k] += !is_noise && picked[k * N + i] == wanted[i];
            }
        }
        for (size_t right = N + 1; right-- > 0;)
            for (size_t k = 0; k < LAMBDA; k++)
                if (n_right[k] == right)
                    memcpy(sorted + n_sorted++ * N, picked + k * N, N * sizeof *sorted);
        choice_distribution_update(choices, sorted, weights, LAMBDA);
        assert_distribution(choices);
    }
}

static void update__one_option_is_best__becomes_likely_and_leaves_a_rest(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct choice_distribution *choices = choice_distribution_create(N, sizes, N);
        learn(choices, 60, false, seed);
        for (size_t i = 0; i < N; i++)
            assert_true(choices->q[choices->first[i] + wanted[i]] > 0.7);
        choice_distribution_destroy(choices);
    }
}

/* The step is shorter where gradients disagree. */
static void update__noise__slows_down(void **state)
{
    double noise = 0, signal = 0;

    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct choice_distribution *a = choice_distribution_create(N, sizes, N),
                                   *b = choice_distribution_create(N, sizes, N);
        learn(a, 5, true, seed);
        learn(b, 5, false, seed);
        noise += log(a->trust);
        signal += log(b->trust);
        choice_distribution_destroy(a);
        choice_distribution_destroy(b);
    }
    assert_true(noise > signal);
}

static void update__nothing_said__changes_nothing(void **state)
{
    struct choice_distribution *choices = choice_distribution_create(N, sizes, N);
    size_t picked[LAMBDA * N];

    (void)state;
    for (size_t k = 0; k < LAMBDA * N; k++)
        picked[k] = SIZE_MAX;
    choice_distribution_update(choices, picked, weights, LAMBDA);
    for (size_t i = 0; i < N; i++)
        for (size_t k = choices->first[i]; k < choices->first[i + 1]; k++)
            assert_close(choices->q[k], 1 / (double)sizes[i], 1e-12);
    choice_distribution_destroy(choices);
}

static void pick__uniform_numbers__give_every_option_its_share(void **state)
{
    struct choice_distribution *choices = choice_distribution_create(N, sizes, N);
    const double q[OPTIONS] = { 0.5, 0.5, 0.2, 0.3, 0.5, 0.1, 0.1, 0.1, 0.1, 0.2, 0.2, 0.2 };
    double counts[OPTIONS] = { 0 };

    (void)state;
    for (size_t i = 0; i < N; i++)
        for (unsigned k = 0; k < 1000; k++)
            counts[choices->first[i] + choice_distribution_pick(choices, q, i, (k + 0.5) / 1000)] += 1e-3;
    for (size_t k = 0; k < OPTIONS; k++)
        assert_true(fabs(counts[k] - q[k]) < 2e-3);
    choice_distribution_destroy(choices);
    choice_distribution_destroy(NULL);
}

static void create__no_choices__updates_quietly(void **state)
{
    struct choice_distribution *choices = choice_distribution_create(0, NULL, 0);

    (void)state;
    choice_distribution_update(choices, NULL, weights, LAMBDA);
    assert_int_equal(choices->n_q, 0);
    choice_distribution_destroy(choices);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(update__one_option_is_best__becomes_likely_and_leaves_a_rest),
        cmocka_unit_test(update__noise__slows_down),
        cmocka_unit_test(update__nothing_said__changes_nothing),
        cmocka_unit_test(pick__uniform_numbers__give_every_option_its_share),
        cmocka_unit_test(create__no_choices__updates_quietly),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
