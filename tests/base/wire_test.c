/*
 * service/wire: envelopes there and back, and what is no envelope.
 */
#include "tests/test.h"
#undef fail /* cmocka's macro; base/status.h has a function of that name */

#include "base/message.h"
#include "base/status.h"
#include "base/wire.h"

static struct arena arena;

static int release(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

static struct node *envelope(int64_t version)
{
    struct node *map = node_map(&arena);

    node_set(&arena, map, "v", node_integer(&arena, version));
    node_set(&arena, map, "id", node_integer(&arena, 9));
    node_set(&arena, map, "op", node_text(&arena, "trial.list"));
    return map;
}

static int decode_request(const struct node *node, struct request *request)
{
    struct text bytes = { 0 };

    message_encode(node, &bytes);

    int status = wire_decode_request(bytes.data, bytes.length, &arena, request);

    text_release(&bytes);
    return status;
}

static int decode_reply(const struct node *node, int64_t *id, const struct node **body)
{
    struct text bytes = { 0 };

    message_encode(node, &bytes);

    int status = wire_decode_reply(bytes.data, bytes.length, &arena, id, body);

    text_release(&bytes);
    return status;
}

static void wire_request__there_and_back__is_the_same(void **state)
{
    struct node *body = node_map(&arena);
    struct text bytes = { 0 };
    struct request request;

    (void)state;
    node_set(&arena, body, "name", node_text(&arena, "random"));
    wire_encode_request(INT64_MAX, "experiment.get", body, &bytes);
    assert_int_equal(wire_decode_request(bytes.data, bytes.length, &arena, &request), 0);
    assert_true(request.id == INT64_MAX);
    assert_string_equal(request.op, "experiment.get");
    assert_true(node_equal(request.body, body));
    assert_int_equal(body->length, 1);
    text_release(&bytes);
}

static void wire_request__no_body__is_an_empty_map(void **state)
{
    struct node *map = envelope(WIRE_VERSION);
    struct text bytes = { 0 };
    struct request request;

    (void)state;
    assert_int_equal(decode_request(map, &request), 0);
    assert_int_equal(request.body->kind, NODE_MAP);
    node_set(&arena, map, "body", node_null(&arena));
    assert_int_equal(decode_request(map, &request), 0);
    assert_int_equal(request.body->length, 0);
    wire_encode_request(1, "hello", NULL, &bytes);
    assert_int_equal(wire_decode_request(bytes.data, bytes.length, &arena, &request), 0);
    assert_int_equal(request.body->kind, NODE_MAP);
    text_release(&bytes);
}

static void wire_decode_request__unknown_keys__are_passed_over(void **state)
{
    struct node *map = envelope(WIRE_VERSION);
    struct request request;

    (void)state;
    node_set(&arena, map, "later", node_list(&arena));
    assert_int_equal(decode_request(map, &request), 0);
    assert_int_equal(request.id, 9);
}

static void wire_decode_request__no_envelope__is_refused_and_keeps_the_id(void **state)
{
    struct node *other_version = envelope(2), *no_op = envelope(1), *odd_op = envelope(1), *odd_body = envelope(1);
    struct node *no_id = envelope(1), *no_version = envelope(1);
    struct request request;

    (void)state;
    assert_int_equal(decode_request(other_version, &request), ERR_INVALID);
    assert_string_equal(fail_message(), "expected version 1 of the protocol, got 2");
    assert_int_equal(request.id, 9);
    node_remove(no_version, "v");
    assert_int_equal(decode_request(no_version, &request), ERR_INVALID);
    node_remove(no_op, "op");
    assert_int_equal(decode_request(no_op, &request), ERR_INVALID);
    assert_string_equal(fail_message(), "expected a text as op, got nothing");
    assert_int_equal(request.id, 9);
    node_set(&arena, odd_op, "op", node_integer(&arena, 3));
    assert_int_equal(decode_request(odd_op, &request), ERR_INVALID);
    node_set(&arena, odd_body, "body", node_list(&arena));
    assert_int_equal(decode_request(odd_body, &request), ERR_INVALID);
    assert_string_equal(fail_message(), "expected a map as body, got a list");
    assert_int_equal(request.id, 9);
    node_set(&arena, no_id, "id", node_list(&arena));
    assert_int_equal(decode_request(no_id, &request), ERR_INVALID);
    assert_int_equal(request.id, 0);
    assert_int_equal(decode_request(node_list(&arena), &request), ERR_INVALID);
    assert_int_equal(wire_decode_request("\xC1", 1, &arena, &request), ERR_INVALID);
    assert_non_null(request.op);
    assert_int_equal(request.body->kind, NODE_MAP);
}

static void wire_reply__there_and_back__is_the_same(void **state)
{
    struct node *body = node_map(&arena);
    struct text bytes = { 0 };
    const struct node *back;
    int64_t id = 0;

    (void)state;
    node_set(&arena, body, "trials", node_list(&arena));
    wire_encode_reply(12, body, &bytes);
    assert_int_equal(wire_decode_reply(bytes.data, bytes.length, &arena, &id, &back), 0);
    assert_int_equal(id, 12);
    assert_true(node_equal(back, body));
    text_clear(&bytes);
    wire_encode_reply(13, NULL, &bytes);
    assert_int_equal(wire_decode_reply(bytes.data, bytes.length, &arena, &id, &back), 0);
    assert_int_equal(back->kind, NODE_MAP);
    text_release(&bytes);
}

static void wire_error__every_code__arrives_as_itself(void **state)
{
    const struct node *body;
    int64_t id;

    (void)state;
    for (int code = ERR_LIMIT; code < OK; code++) {
        struct text bytes = { 0 };

        wire_encode_error(5, code, "two\nlines", NULL, &bytes);
        assert_int_equal(wire_decode_reply(bytes.data, bytes.length, &arena, &id, &body), code);
        assert_int_equal(id, 5);
        assert_string_equal(fail_message(), "two\nlines");
        text_release(&bytes);
    }
}

static void wire_error__field_and_broken_text__arrive_readable(void **state)
{
    struct text bytes = { 0 };
    const struct node *body;
    int64_t id;

    (void)state;
    wire_encode_error(5, ERR_NOT_FOUND, "no such\xFF trial", "trial", &bytes);
    assert_int_equal(wire_decode_reply(bytes.data, bytes.length, &arena, &id, &body), ERR_NOT_FOUND);
    assert_string_equal(fail_message(), "trial: no such\xEF\xBF\xBD trial");
    text_release(&bytes);
}

static void wire_decode_reply__odd_answers__are_errors(void **state)
{
    struct node *no_ok = envelope(1), *odd_code = envelope(1), *ok_code = envelope(1), *no_err = envelope(1);
    struct node *error;
    const struct node *body;
    int64_t id;

    (void)state;
    assert_int_equal(decode_reply(no_ok, &id, &body), ERR_INVALID);
    assert_contains(fail_message(), "as ok, got nothing");
    node_set(&arena, odd_code, "ok", node_boolean(&arena, false));
    error = node_set(&arena, odd_code, "err", node_map(&arena));
    node_set(&arena, error, "code", node_text(&arena, "OF_A_LATER_VERSION"));
    assert_int_equal(decode_reply(odd_code, &id, &body), ERR_INVALID);
    node_set(&arena, ok_code, "ok", node_boolean(&arena, false));
    error = node_set(&arena, ok_code, "err", node_map(&arena));
    node_set(&arena, error, "code", node_text(&arena, "OK"));
    assert_int_equal(decode_reply(ok_code, &id, &body), ERR_INVALID);
    node_set(&arena, no_err, "ok", node_boolean(&arena, false));
    assert_int_equal(decode_reply(no_err, &id, &body), ERR_INVALID);
    assert_string_equal(fail_message(), "the service gave no reason");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(wire_request__there_and_back__is_the_same, release),
        cmocka_unit_test_teardown(wire_request__no_body__is_an_empty_map, release),
        cmocka_unit_test_teardown(wire_decode_request__unknown_keys__are_passed_over, release),
        cmocka_unit_test_teardown(wire_decode_request__no_envelope__is_refused_and_keeps_the_id, release),
        cmocka_unit_test_teardown(wire_reply__there_and_back__is_the_same, release),
        cmocka_unit_test_teardown(wire_error__every_code__arrives_as_itself, release),
        cmocka_unit_test_teardown(wire_error__field_and_broken_text__arrive_readable, release),
        cmocka_unit_test_teardown(wire_decode_reply__odd_answers__are_errors, release),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
