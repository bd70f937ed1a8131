/*
 * Slices and contours of known functions.
 */
#include "suggest/response.h"

#include "tests/suggest/spaces.h"

static const double sgd_only[] = { 0 };
static const struct activation if_sgd = { .parameter = 1, .values = sgd_only, .n_values = 1 };
static const struct parameter parameters[] = {
    { .name = "lr", .type = PARAMETER_DOUBLE, .distribution = DISTRIBUTION_LOG_UNIFORM, .min = 1e-5, .max = 1 },
    { .name = "optimizer", .type = PARAMETER_CATEGORICAL, .n_choices = 3, .choices = three_texts },
    { .name = "momentum", .type = PARAMETER_DOUBLE, .min = 0, .max = 1, .activation = &if_sgd },
    { .name = "layers", .type = PARAMETER_INT, .min = 1, .max = 5, .step = 1 },
};
static const struct space space = SPACE(parameters);
enum { LR, OPTIMIZER, MOMENTUM, LAYERS };

/* Best at lr 0.01, adam, 2 layers: 100. */
static double loss_at(const double *values)
{
    double log_lr = log10(values[LR]) + 2, layers = values[LAYERS] - 2;

    return 100 + log_lr * log_lr + layers * layers +
           (values[OPTIMIZER] == 1 ? 0 : 2 + (isnan(values[MOMENTUM]) ? 0 : values[MOMENTUM]));
}

static struct response *fit(struct history *history, size_t n)
{
    struct rng rng = rng_stream(1, n, "test");
    double x[4], values[4];
    struct response *response;

    history_init(history, &space, 1, 0);
    for (size_t k = 0; k < n; k++) {
        space_draw(&space, &rng, x);
        space_decode(&space, x, values);
        double loss = loss_at(values);
        history_finish(history, (int64_t)k + 1, values, OUTCOME_SUCCEEDED, &loss, NULL);
    }
    assert_int_equal(response_create(history, 0, false, 1, &response), 0);
    return response;
}

static size_t least_of(const double *values, size_t n)
{
    size_t least = 0;

    for (size_t k = 1; k < n; k++)
        if (values[k] < values[least])
            least = k;
    return least;
}

static void slice__gaussian_process_and_forest__follow_the_function(void **state)
{
    static const size_t sizes[] = { 150, RESPONSE_GP_ROWS + 200 };
    double values[21], mean[21], deviation[21];

    (void)state;
    for (size_t s = 0; s < 2; s++) {
        struct history history;
        struct response *response = fit(&history, sizes[s]);
        size_t n = response_grid(response, LR, 21, values);
        assert_int_equal(n, 21);
        assert_close(values[0], 1e-5, 1e-6);
        assert_close(values[20], 1, 1e-6);
        response_slice(response, LR, values, n, mean, deviation);
        assert_true(fabs(log10(values[least_of(mean, n)]) + 2) < 0.6);
        for (size_t k = 0; k < n; k++) {
            double want = 100 + (log10(values[k]) + 2) * (log10(values[k]) + 2);
            assert_true(deviation[k] >= 0 && fabs(mean[k] - want) < (s == 0 ? 0.2 : 3.5));
        }
        response_destroy(response);
        history_release(&history);
    }
}

static void contour__layers_and_optimizer__every_value_once(void **state)
{
    double layers[10], optimizers[10], mean[15], deviation[15];
    struct history history;
    struct response *response = fit(&history, 200);

    (void)state;
    assert_int_equal(response_grid(response, LAYERS, 10, layers), 5);
    assert_int_equal(response_grid(response, OPTIMIZER, 10, optimizers), 3);
    assert_int_equal(response_grid(response, LAYERS, 3, layers), 3);
    assert_true(layers[0] == 1 && layers[1] == 3 && layers[2] == 5);
    assert_int_equal(response_grid(response, LAYERS, 5, layers), 5);
    response_contour(response, LAYERS, layers, 5, OPTIMIZER, optimizers, 3, mean, deviation);
    assert_int_equal(least_of(mean, 15), 1 * 3 + 1);
    for (size_t k = 0; k < 5; k++)
        assert_true(mean[3 * k + 1] < mean[3 * k] && mean[3 * k + 1] < mean[3 * k + 2]);
    response_destroy(response);
    history_release(&history);
}

static void create__too_few_trials__says_so(void **state)
{
    struct history history;
    struct response *response;

    (void)state;
    history_init(&history, &space, 1, 0);
    assert_int_equal(response_create(&history, 0, false, 1, &response), ERR_NOT_FOUND);
    assert_null(response);
    response_destroy(response);
    history_release(&history);
}

static void slice__constant_objective__is_flat(void **state)
{
    double values[5] = { 0.01, 0.02, 0.03, 0.04, 0.05 }, mean[5], deviation[5];
    const double loss = 7;
    struct history history;
    struct response *response;

    (void)state;
    history_init(&history, &space, 1, 0);
    for (int64_t k = 1; k <= 8; k++)
        history_finish(&history, k, (double[]){ 0.1 / (double)k, 1, NAN, 2 }, OUTCOME_SUCCEEDED, &loss, NULL);
    assert_int_equal(response_create(&history, 0, false, 1, &response), 0);
    response_slice(response, LR, values, 5, mean, deviation);
    for (size_t k = 0; k < 5; k++) {
        assert_close(mean[k], 7, 1e-12);
        assert_close(deviation[k], 0, 0);
    }
    response_destroy(response);
    history_release(&history);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slice__gaussian_process_and_forest__follow_the_function),
        cmocka_unit_test(contour__layers_and_optimizer__every_value_once),
        cmocka_unit_test(create__too_few_trials__says_so),
        cmocka_unit_test(slice__constant_objective__is_flat),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
