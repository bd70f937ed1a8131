/*
 * base/message: what is refused before msgpack-c sees it, and round trips.
 */
#include "tests/test.h"
#undef fail /* cmocka's macro; base/status.h has a function of that name */

#include "base/clock.h"
#include "base/message.h"
#include "base/rng.h"
#include "base/status.h"

static struct arena arena;

static int release(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

/* Trees of a few levels; every kind, awkward numbers. */
static struct node *random_tree(struct rng *rng, unsigned depth)
{
    static const double reals[] = { 0.1, -0.0, 1e300, 5e-324, INFINITY, NAN, 3.0 };
    static const int64_t integers[] = { 0, -1, 127, 128, -33, 65536, INT64_MAX, INT64_MIN };
    struct node *node;

    switch (rng_below(rng, depth < 5 ? 8 : 6)) {
    case 0:
        return node_null(&arena);
    case 1:
        return node_boolean(&arena, rng_below(rng, 2));
    case 2:
        return node_integer(&arena, integers[rng_below(rng, 8)]);
    case 3:
        return node_real(&arena, reals[rng_below(rng, 7)]);
    case 4:
        return node_text(&arena, arena_printf(&arena, "%*s", (int)rng_below(rng, 300), "\xC3\xA9"));
    case 5:
        return node_bytes(&arena, "\0\xFF\xFE", rng_below(rng, 4));
    case 6:
        node = node_list(&arena);
        for (uint64_t n = rng_below(rng, 20); n > 0; n--)
            node_add(&arena, node, random_tree(rng, depth + 1));
        return node;
    default:
        node = node_map(&arena);
        for (uint64_t n = rng_below(rng, 20); n > 0; n--)
            node_set(&arena, node, arena_printf(&arena, "k%d", (int)n), random_tree(rng, depth + 1));
        return node;
    }
}

static void message_round_trip__random_trees__are_equal(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 300; i++) {
        struct rng rng = rng_stream(3, i, "message_test");
        struct node *tree = random_tree(&rng, 0), *back = NULL;
        struct text bytes = { 0 };

        message_encode(tree, &bytes);
        assert_int_equal(message_decode(bytes.data, bytes.length, &arena, &back), 0);
        assert_int_equal(back->kind, tree->kind);
        assert_true(node_equal(back, tree));
        text_release(&bytes);
        arena_release(&arena);
    }
}

static void message_encode__golden_bytes__never_change(void **state)
{
    static const unsigned char want[] = { 0x83, 0xA1, 'v', 0x01, 0xA1, 'r',  0xCB, 0x3F, 0xE0, 0,    0,   0,
                                          0,    0,    0,   0xA1, 'l',  0x93, 0xC0, 0xC3, 0xC4, 0x01, 0xFF };
    struct node *map = node_map(&arena), *list;
    struct text bytes = { 0 };

    (void)state;
    node_set(&arena, map, "v", node_integer(&arena, 1));
    node_set(&arena, map, "r", node_real(&arena, 0.5));
    list = node_set(&arena, map, "l", node_list(&arena));
    node_add(&arena, list, node_null(&arena));
    node_add(&arena, list, node_boolean(&arena, true));
    node_add(&arena, list, node_bytes(&arena, "\xFF", 1));
    message_encode(map, &bytes);
    assert_int_equal(bytes.length, sizeof want);
    assert_memory_equal(bytes.data, want, sizeof want);
    text_release(&bytes);
}

static void message_encode__text_that_is_no_utf8__is_repaired(void **state)
{
    struct text bytes = { 0 };
    struct node *back;

    (void)state;
    message_encode(node_text(&arena, "a\xFFz"), &bytes);
    assert_int_equal(message_decode(bytes.data, bytes.length, &arena, &back), 0);
    assert_string_equal(back->text, "a\xEF\xBF\xBDz");
    text_release(&bytes);
}

#define BYTES(literal) (literal), sizeof(literal) - 1

static void message_decode__hostile_bytes__are_refused_with_a_reason(void **state)
{
    static const struct {
        const char *bytes;
        size_t length;
        const char *reason;
    } cases[] = {
        { BYTES(""), "cut short" },
        { BYTES("\xC1"), "type byte 0xc1" },
        { BYTES("\xDD\x0F\xFF\xFF\xFF\x01"), "a count of 268435455 with 1 bytes left" },
        { BYTES("\xDF\xFF\xFF\xFF\xFF"), "a count of 4294967295" },
        { BYTES("\x82\xA1"
                "a\x01"),
          "a count of 2 with 3 bytes left" },
        { BYTES("\x81\xA1"
                "a"),
          "cut short" },
        { BYTES("\xDD\x00\x00"), "cut short" },
        { BYTES("\xCB\x00"), "cut short" },
        { BYTES("\xA5"
                "abc"),
          "a length of 5 with 3 bytes left" },
        { BYTES("\xDB\xFF\xFF\xFF\xFF"), "a length of 4294967295" },
        { BYTES("\xC6\xFF\xFF\xFF\xFF"), "a length of 4294967295" },
        { BYTES("\x01\x02"), "1 bytes after it" },
        { BYTES("\xA1\xFF"), "byte 0xff at 1" },
        { BYTES("\xA1\x00"), "byte 0x00 at 1" },
        { BYTES("\x81\x01\x02"), "a text as key, got type byte 0x01" },
        { BYTES("\x81\xC4\x01x\x02"), "a text as key, got type byte 0xc4" },
        { BYTES("\xD4\x01\x02"), "type byte 0xd4" },
        { BYTES("\xC7\x00\x01"), "type byte 0xc7" },
        { BYTES("\x82\xA1"
                "a\x01\xA1"
                "a\x02"),
          "\"a\" twice" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *exact = malloc(cases[i].length ? cases[i].length : 1); /* so that a sanitizer sees a read past the end */
        struct node *root;

        memcpy(exact, cases[i].bytes, cases[i].length);
        assert_int_equal(message_decode(exact, cases[i].length, &arena, &root), ERR_INVALID);
        assert_contains(fail_message(), cases[i].reason);
        free(exact);
    }
}

static void message_decode__depth__has_a_limit(void **state)
{
    char bytes[MESSAGE_DEPTH_LIMIT + 2];
    struct node *root;

    (void)state;
    memset(bytes, 0x91, sizeof bytes);
    bytes[MESSAGE_DEPTH_LIMIT] = 0x01;
    assert_int_equal(message_decode(bytes, MESSAGE_DEPTH_LIMIT + 1, &arena, &root), 0);
    bytes[MESSAGE_DEPTH_LIMIT] = (char)0x91;
    bytes[MESSAGE_DEPTH_LIMIT + 1] = 0x01;
    assert_int_equal(message_decode(bytes, MESSAGE_DEPTH_LIMIT + 2, &arena, &root), ERR_LIMIT);
}

static void message_decode__size_and_nodes__have_limits(void **state)
{
    /* A list of that many zeros: one node too many with the list itself. */
    static const unsigned char two_million[] = { 0xDD, 0x00, 0x1E, 0x84, 0x80 };
    size_t length = MESSAGE_SIZE_LIMIT + 1;
    char *bytes = calloc(1, length);
    struct node *root;

    (void)state;
    assert_int_equal(message_decode(bytes, length, &arena, &root), ERR_LIMIT);
    memcpy(bytes, two_million, sizeof two_million);
    assert_int_equal(message_decode(bytes, 5 + 2000000, &arena, &root), ERR_LIMIT);
    assert_contains(fail_message(), "at most 2000000 values");
    free(bytes);
}

/* A linear search for each key would take minutes. */
static void message_decode__two_hundred_thousand_keys__take_no_quadratic_time(void **state)
{
    struct node *map = node_map(&arena), *back;
    struct text bytes = { 0 };

    (void)state;
    for (int i = 0; i < 200000; i++)
        node_append(&arena, map, node_text(&arena, arena_printf(&arena, "%d", i)), node_null(&arena));
    message_encode(map, &bytes);

    int64_t started = clock_steady_ms();

    assert_int_equal(message_decode(bytes.data, bytes.length, &arena, &back), 0);
    assert_int_equal(back->length, 200000);
    assert_true(clock_steady_ms() - started < 10000);
    text_release(&bytes);
}

static void message_decode__large_unsigned__becomes_real(void **state)
{
    struct node *root;

    (void)state;
    assert_int_equal(message_decode("\xCF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 9, &arena, &root), 0);
    assert_true(root->kind == NODE_REAL && root->real == 0x1p64);
    assert_int_equal(message_decode("\xCF\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 9, &arena, &root), 0);
    assert_true(root->kind == NODE_INTEGER && root->integer == INT64_MAX);
    assert_int_equal(message_decode("\xCA\x3F\x00\x00\x00", 5, &arena, &root), 0);
    assert_true(root->kind == NODE_REAL && root->real == 0.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(message_round_trip__random_trees__are_equal, release),
        cmocka_unit_test_teardown(message_encode__golden_bytes__never_change, release),
        cmocka_unit_test_teardown(message_encode__text_that_is_no_utf8__is_repaired, release),
        cmocka_unit_test_teardown(message_decode__hostile_bytes__are_refused_with_a_reason, release),
        cmocka_unit_test_teardown(message_decode__depth__has_a_limit, release),
        cmocka_unit_test_teardown(message_decode__size_and_nodes__have_limits, release),
        cmocka_unit_test_teardown(message_decode__two_hundred_thousand_keys__take_no_quadratic_time, release),
        cmocka_unit_test_teardown(message_decode__large_unsigned__becomes_real, release),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
