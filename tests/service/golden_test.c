/*
 * The envelopes of docs/protocol.md, byte by byte: what the Python and the C client are held to as well.
 */
#include "tests/test.h"

#include <stdio.h>

#include "base/json.h"
#include "base/status.h"
#include "base/wire.h"

static const char path[] = "tests/service/golden/messages.txt";

static void read_hex(const char *text, struct text *out)
{
    unsigned byte;

    for (; sscanf(text, "%2x", &byte) == 1; text += 2)
        text_add_char(out, (char)byte);
}

static int64_t id_of(const struct node *said)
{
    int64_t id = 0;

    assert_true(node_to_integer(node_get(said, "id"), &id));
    return id;
}

static void encode(const char *kind, const struct node *said, struct text *out)
{
    if (text_equal(kind, "question"))
        wire_encode_request(id_of(said), node_get(said, "op")->text, node_get(said, "body"), out);
    else if (text_equal(kind, "answer"))
        wire_encode_reply(id_of(said), node_get(said, "body"), out);
    else
        wire_encode_error(id_of(said), status_from_name(node_get(said, "code")->text), node_get(said, "msg")->text,
                          NULL, out);
}

static void check_decoded(const char *kind, const struct node *said, const struct text *bytes, struct arena *arena)
{
    struct request request;
    const struct node *body;
    int64_t id;

    if (text_equal(kind, "question")) {
        assert_int_equal(wire_decode_request(bytes->data, bytes->length, arena, &request), 0);
        assert_int_equal(request.id, id_of(said));
        assert_string_equal(request.op, node_get(said, "op")->text);
        assert_true(node_equal(request.body, node_get(said, "body")));
    } else if (text_equal(kind, "answer")) {
        assert_int_equal(wire_decode_reply(bytes->data, bytes->length, arena, &id, &body), 0);
        assert_true(id == id_of(said) && node_equal(body, node_get(said, "body")));
    } else {
        assert_int_equal(wire_decode_reply(bytes->data, bytes->length, arena, &id, &body),
                         status_from_name(node_get(said, "code")->text));
        assert_string_equal(fail_message(), node_get(said, "msg")->text);
    }
}

static void every_golden_message__written_and_read__is_as_documented(void **state)
{
    FILE *file = fopen(path, "re");
    char line[1024];
    int n = 0;

    (void)state;
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        struct arena arena = { 0 };
        struct text expected = { 0 }, written = { 0 };
        char kind[16], *json = strchr(line, '{'), *end = strrchr(line, '}');
        struct node *said;

        if (line[0] == '#')
            continue;
        assert_int_equal(sscanf(line, "%15s", kind), 1);
        assert_int_equal(json_read(json, (size_t)(end + 1 - json), &arena, &said), 0);
        read_hex(end + 2, &expected);
        encode(kind, said, &written);
        assert_int_equal(written.length, expected.length);
        assert_memory_equal(written.data, expected.data, expected.length);
        check_decoded(kind, said, &expected, &arena);
        text_release(&expected);
        text_release(&written);
        arena_release(&arena);
        n++;
    }
    fclose(file);
    assert_int_equal(n, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_golden_message__written_and_read__is_as_documented),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
