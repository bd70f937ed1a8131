/*
 * Tests of orders: what goes in comes out, and what no agent should believe is refused.
 */
#include "base/message.h"
#include "base/status.h"
#include "tests/test.h"
#include "tests/trialrunner/order_sample.h"

static void order__every_field__comes_back(void **state)
{
    const struct order sample = order_sample();
    struct arena arena = { 0 };
    struct text bytes = { 0 };
    struct order order;
    const struct container *main;

    (void)state;
    order_encode(&sample, &bytes);
    assert_int_equal(order_decode(bytes.data, bytes.length, &arena, &order), 0);
    assert_string_equal(order.address, sample.address);
    assert_string_equal(order.key, sample.key);
    assert_string_equal(order.trial, "exp-abc");
    assert_int_equal(order.attempt, 2);
    assert_string_equal(order.gpus, "0,2");
    assert_string_equal(order.metrics.metrics[1], "valid_1 auc");
    assert_string_equal(order.metrics.filters[0], "(\\w+)=(\\d+)");
    assert_string_equal(order.format, "JSON");
    assert_string_equal(order.metrics_path, "/katib/metrics.log");
    assert_int_equal(order.log_limit, 1 << 20);
    assert_int_equal(order.plan.n_roles, 2);
    assert_int_equal(order.plan.completions, 2);
    assert_true(order.plan.backoff_is_given);
    assert_close(order.plan.grace_s, 0, 0);
    assert_close(order.plan.total.memory, 2e9, 0);
    assert_int_equal(order.plan.roles[0].restart, RESTART_ON_FAILURE);
    assert_true(order.plan.is_gang && order.plan.roles[0].decides);
    assert_string_equal(order.plan.roles[1].init[0].name, "side");
    main = &order.plan.roles[0].containers[0];
    assert_true(main->collect && order.plan.roles[0].containers[1].sidecar);
    assert_string_equal(main->argv[2], "python3 train.py");
    assert_string_equal(main->env[1], "B=");
    assert_close(main->requests.cpus, 0.5, 0);
    assert_int_equal(main->limits.gpus, 1);
    assert_true(main->mounts[1].read_only && main->mounts[1].create);
    assert_int_equal(main->mounts[2].files[0].mode, 0400);
    assert_int_equal(main->mounts[2].files[0].length, 3);
    assert_memory_equal(main->mounts[2].files[0].content, "x\0y", 3);
    assert_null(main->mounts[2].source);
    arena_release(&arena);
    text_release(&bytes);
}

static void order__encoded_again__is_the_same(void **state)
{
    const struct order sample = order_sample();
    struct arena arena = { 0 };
    struct text bytes = { 0 }, again = { 0 };
    struct order order;

    (void)state;
    order_encode(&sample, &bytes);
    assert_int_equal(order_decode(bytes.data, bytes.length, &arena, &order), 0);
    order_encode(&order, &again);
    assert_int_equal(again.length, bytes.length);
    assert_memory_equal(again.data, bytes.data, bytes.length);
    arena_release(&arena);
    text_release(&bytes);
    text_release(&again);
}

static void order__cut_short__is_refused_at_every_length(void **state)
{
    const struct order sample = order_sample();
    struct text bytes = { 0 };
    struct order order;

    (void)state;
    order_encode(&sample, &bytes);
    for (size_t length = 0; length < bytes.length; length++) {
        struct arena arena = { 0 };
        char *exact = malloc(length + !length); /* so that reading past the end is seen */

        memcpy(exact, bytes.data, length);
        assert_int_equal(order_decode(exact, length, &arena, &order), ERR_INVALID);
        free(exact);
        arena_release(&arena);
    }
    text_release(&bytes);
}

/* The sample with the value at a dotted path (numbers: positions) replaced; NULL removes it. */
static int decode_with(struct arena *arena, const char *path, struct node *value)
{
    const struct order sample = order_sample();
    struct text bytes = { 0 };
    struct node *root, *node;
    struct order order;
    char *copy = arena_strdup(arena, path), *rest = copy, *key = strsep(&rest, ".");
    int status;

    order_encode(&sample, &bytes);
    assert_int_equal(message_decode(bytes.data, bytes.length, arena, &root), 0);
    for (node = root; rest != NULL; key = strsep(&rest, "."))
        node = node->kind == NODE_LIST ? node->items[atoi(key)] : node_get(node, key);
    if (node->kind == NODE_LIST)
        node->items[atoi(key)] = value;
    else if (value != NULL)
        node_set(arena, node, key, value);
    else
        node_remove(node, key);
    text_clear(&bytes);
    message_encode(root, &bytes);
    status = order_decode(bytes.data, bytes.length, arena, &order);
    text_release(&bytes);
    return status;
}

static void order__wrong_texts__are_refused(void **state)
{
    static const struct {
        const char *path, *value;
    } wrong[] = {
        { "key", "short" },
        { "key", "zz112233445566778899aabbccddeeff" },
        { "trial", "../../etc" },
        { "trial", "" },
        { "namespace", ".hidden" },
        { "collector", "Nothing" },
        { "format", "XML" },
        { "metricsPath", "relative" },
        { "metricsPath", "/a/../b" },
        { "gpus", "0;rm" },
        { "filters.0", "(a" },
        { "metrics.0", "" },
        { "attempt", "-1" },
        { "logLimit", "-1" },
        { "plan.parallelism", "0" },
        { "plan.parallelism", "3" },
        { "plan.completions", "99999999999" },
        { "plan.graceSeconds", "-1" },
        { "plan.roles.0.name", "a/b" },
        { "plan.roles.0.name", "main-1" },
        { "plan.roles.0.restart", "Sometimes" },
        { "plan.roles.0.containers.0.name", ".." },
        { "plan.roles.0.containers.0.argv.0", "" },
        { "plan.roles.0.containers.0.env.0", "NOVALUE" },
        { "plan.roles.0.containers.0.env.0", "=x" },
        { "plan.roles.0.containers.0.workingDirectory", "." },
        { "plan.roles.0.containers.0.mounts.0.kind", "device" },
        { "plan.roles.0.containers.0.mounts.0.target", "/" },
        { "plan.roles.0.containers.0.mounts.0.target", "/a/.." },
        { "plan.roles.0.containers.0.mounts.0.source", "../../x" },
        { "plan.roles.0.containers.0.mounts.0.source", "/etc" },
        { "plan.roles.0.containers.0.mounts.1.source", "relative" },
        { "plan.roles.0.containers.0.mounts.3.source", "" },
        { "plan.roles.0.containers.0.mounts.2.files.0.path", "../x" },
        { "plan.roles.0.containers.0.mounts.2.files.0.content", "text" },
        { "plan.roles.0.containers.0.mounts.2.files.0.mode", "4095" },
        { "plan.roles.0.containers.0.limits.cpus", "-1" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct arena arena = { 0 };
        int status = decode_with(&arena, wrong[i].path, node_text(&arena, wrong[i].value));

        if (status != ERR_INVALID)
            print_error("%s = \"%s\" was taken\n", wrong[i].path, wrong[i].value);
        assert_int_equal(status, ERR_INVALID);
        arena_release(&arena);
    }
}

static void order__missing_fields__are_refused(void **state)
{
    static const char *const required[] = {
        "address",
        "key",
        "experiment",
        "namespace",
        "trial",
        "plan",
        "plan.roles",
        "metrics",
        "collector",
        "experimentId",
        "number",
        "attempt",
        "plan.roles.0.containers",
        "plan.roles.0.containers.0.argv",
        "plan.roles.0.containers.0.workingDirectory",
        "plan.roles.0.containers.0.mounts.0.source",
        "plan.roles.0.containers.0.mounts.1.target",
    };

    (void)state;
    for (size_t i = 0; i < sizeof required / sizeof required[0]; i++) {
        struct arena arena = { 0 };

        assert_int_equal(decode_with(&arena, required[i], NULL), ERR_INVALID);
        arena_release(&arena);
    }
}

static void order__more_than_the_limits__is_refused(void **state)
{
    struct arena arena = { 0 };
    struct node *list = node_list(&arena), *env = node_list(&arena);

    (void)state;
    for (int i = 0; i <= ROLE_LIMIT; i++)
        node_add(&arena, list, node_map(&arena));
    assert_int_equal(decode_with(&arena, "plan.roles", list), ERR_INVALID);
    assert_contains(fail_message(), "at most 1024 members, got 1025");
    for (int i = 0; i <= ENVIRONMENT_LIMIT; i++)
        node_add(&arena, env, node_text(&arena, "A=b"));
    assert_int_equal(decode_with(&arena, "plan.roles.0.containers.0.env", env), ERR_INVALID);
    arena_release(&arena);
}

static void order__no_map_at_all__is_refused(void **state)
{
    static const char *const messages[] = { "\xc0", "\x90", "\x01", "\x80", "\xa1x" };

    (void)state;
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
        struct arena arena = { 0 };
        struct order order;

        assert_int_equal(order_decode(messages[i], strlen(messages[i]), &arena, &order), ERR_INVALID);
        arena_release(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order__every_field__comes_back),
        cmocka_unit_test(order__encoded_again__is_the_same),
        cmocka_unit_test(order__cut_short__is_refused_at_every_length),
        cmocka_unit_test(order__wrong_texts__are_refused),
        cmocka_unit_test(order__missing_fields__are_refused),
        cmocka_unit_test(order__more_than_the_limits__is_refused),
        cmocka_unit_test(order__no_map_at_all__is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
