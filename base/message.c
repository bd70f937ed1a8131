/*
 * msgpack: a walk over the bytes that checks every count and length, then msgpack-c, then a tree.
 */
#include "base/message.h"

#include <msgpack.h>
#include <string.h>

#include "base/status.h"

/* What a first byte announces. */
struct announcement {
    size_t n_header; /* bytes of the count, length or number that follow the first */
    enum { SCALAR, RAW_TEXT, RAW_BYTES, ARRAY, MAP, REFUSED } shape;
    size_t fixed; /* count or length held by the first byte itself */
};

static struct announcement announce(unsigned char first)
{
    static const struct announcement by_first[32] = {
        [0xC0 - 0xC0] = { 0, SCALAR, 0 },    [0xC1 - 0xC0] = { 0, REFUSED, 0 },   [0xC2 - 0xC0] = { 0, SCALAR, 0 },
        [0xC3 - 0xC0] = { 0, SCALAR, 0 },    [0xC4 - 0xC0] = { 1, RAW_BYTES, 0 }, [0xC5 - 0xC0] = { 2, RAW_BYTES, 0 },
        [0xC6 - 0xC0] = { 4, RAW_BYTES, 0 }, [0xC7 - 0xC0] = { 0, REFUSED, 0 },   [0xC8 - 0xC0] = { 0, REFUSED, 0 },
        [0xC9 - 0xC0] = { 0, REFUSED, 0 },   [0xCA - 0xC0] = { 4, SCALAR, 0 },    [0xCB - 0xC0] = { 8, SCALAR, 0 },
        [0xCC - 0xC0] = { 1, SCALAR, 0 },    [0xCD - 0xC0] = { 2, SCALAR, 0 },    [0xCE - 0xC0] = { 4, SCALAR, 0 },
        [0xCF - 0xC0] = { 8, SCALAR, 0 },    [0xD0 - 0xC0] = { 1, SCALAR, 0 },    [0xD1 - 0xC0] = { 2, SCALAR, 0 },
        [0xD2 - 0xC0] = { 4, SCALAR, 0 },    [0xD3 - 0xC0] = { 8, SCALAR, 0 },    [0xD4 - 0xC0] = { 0, REFUSED, 0 },
        [0xD5 - 0xC0] = { 0, REFUSED, 0 },   [0xD6 - 0xC0] = { 0, REFUSED, 0 },   [0xD7 - 0xC0] = { 0, REFUSED, 0 },
        [0xD8 - 0xC0] = { 0, REFUSED, 0 },   [0xD9 - 0xC0] = { 1, RAW_TEXT, 0 },  [0xDA - 0xC0] = { 2, RAW_TEXT, 0 },
        [0xDB - 0xC0] = { 4, RAW_TEXT, 0 },  [0xDC - 0xC0] = { 2, ARRAY, 0 },     [0xDD - 0xC0] = { 4, ARRAY, 0 },
        [0xDE - 0xC0] = { 2, MAP, 0 },       [0xDF - 0xC0] = { 4, MAP, 0 },
    };

    if (first < 0x80 || first >= 0xE0)
        return (struct announcement){ 0, SCALAR, 0 };
    if (first < 0x90)
        return (struct announcement){ 0, MAP, first & 0x0F };
    if (first < 0xA0)
        return (struct announcement){ 0, ARRAY, first & 0x0F };
    if (first < 0xC0)
        return (struct announcement){ 0, RAW_TEXT, first & 0x1F };
    return by_first[first - 0xC0];
}

/* Nodes still due at each level; of a map, keys and values. */
struct walk {
    const unsigned char *bytes;
    size_t at, length, n_nodes, depth;
    size_t due[MESSAGE_DEPTH_LIMIT + 1];
    bool is_map[MESSAGE_DEPTH_LIMIT + 1];
};

static size_t big_endian(const unsigned char *bytes, size_t n)
{
    size_t value = 0;

    for (size_t i = 0; i < n; i++)
        value = value << 8 | bytes[i];
    return value;
}

static int enter(struct walk *walk, size_t count, bool is_map)
{
    size_t n_nodes = is_map ? count * 2 : count; /* count < 2^32 */

    if (n_nodes > walk->length - walk->at)
        return fail(ERR_INVALID, "expected a message, got a count of %zu with %zu bytes left", count,
                    walk->length - walk->at);
    if (walk->depth == MESSAGE_DEPTH_LIMIT)
        return fail(ERR_LIMIT, "expected a message of at most %d levels, got more", MESSAGE_DEPTH_LIMIT);
    walk->depth++;
    walk->due[walk->depth] = n_nodes;
    walk->is_map[walk->depth] = is_map;
    return 0;
}

static int check_raw(struct walk *walk, size_t length, bool is_text)
{
    size_t bad;

    if (length > walk->length - walk->at)
        return fail(ERR_INVALID, "expected a message, got a length of %zu with %zu bytes left", length,
                    walk->length - walk->at);
    if (is_text && !text_is_utf8((const char *)walk->bytes + walk->at, length, &bad))
        return fail(ERR_INVALID, "expected UTF-8 text without NUL, got byte 0x%02x at %zu", walk->bytes[walk->at + bad],
                    walk->at + bad);
    walk->at += length;
    return 0;
}

static int check_one(struct walk *walk)
{
    if (walk->at == walk->length)
        return fail(ERR_INVALID, "expected a message, got one that is cut short");
    if (++walk->n_nodes > MESSAGE_NODE_LIMIT)
        return fail(ERR_LIMIT, "expected a message of at most %d values, got more", MESSAGE_NODE_LIMIT);

    bool is_key = walk->is_map[walk->depth] && walk->due[walk->depth] % 2 == 0;
    unsigned char first = walk->bytes[walk->at++];
    struct announcement announced = announce(first);

    walk->due[walk->depth]--;
    if (announced.shape == REFUSED)
        return fail(ERR_INVALID, "expected a message, got type byte 0x%02x at %zu", first, walk->at - 1);
    if (is_key && announced.shape != RAW_TEXT)
        return fail(ERR_INVALID, "expected a text as key, got type byte 0x%02x at %zu", first, walk->at - 1);
    if (announced.n_header > walk->length - walk->at)
        return fail(ERR_INVALID, "expected a message, got one that is cut short");

    size_t count = announced.fixed + big_endian(walk->bytes + walk->at, announced.n_header);

    walk->at += announced.n_header;
    if (announced.shape == ARRAY || announced.shape == MAP)
        return enter(walk, count, announced.shape == MAP);
    if (announced.shape == SCALAR)
        return 0;
    return check_raw(walk, count, announced.shape == RAW_TEXT);
}

static int check(const unsigned char *bytes, size_t length)
{
    struct walk walk = { .bytes = bytes, .length = length, .due = { 1 } };

    if (length > MESSAGE_SIZE_LIMIT)
        return fail(ERR_LIMIT, "expected a message of at most %d bytes, got %zu", MESSAGE_SIZE_LIMIT, length);
    for (;;) {
        while (walk.depth > 0 && walk.due[walk.depth] == 0)
            walk.depth--;
        if (walk.due[walk.depth] == 0)
            break;
        TRY(check_one(&walk));
    }
    if (walk.at != length)
        return fail(ERR_INVALID, "expected one message, got %zu bytes after it", length - walk.at);
    return 0;
}

static int convert(const msgpack_object *object, struct arena *arena, struct node **node);

static int convert_list(const msgpack_object_array *array, struct arena *arena, struct node *list)
{
    for (uint32_t i = 0; i < array->size; i++) {
        struct node *item = NULL;

        TRY(convert(&array->ptr[i], arena, &item));
        node_add(arena, list, item);
    }
    return 0;
}

static int convert_map(const msgpack_object_map *map, struct arena *arena, struct node *result)
{
    const struct node *repeated, *first;

    for (uint32_t i = 0; i < map->size; i++) {
        struct node *key = NULL, *value = NULL;

        TRY(convert(&map->ptr[i].key, arena, &key));
        TRY(convert(&map->ptr[i].val, arena, &value));
        node_append(arena, result, key, value);
    }
    repeated = node_repeated_key(result, &first);
    return repeated ? fail(ERR_INVALID, "expected each key once, got \"%s\" twice", repeated->text) : 0;
}

static int convert(const msgpack_object *object, struct arena *arena, struct node **node)
{
    switch (object->type) {
    case MSGPACK_OBJECT_NIL:
        *node = node_null(arena);
        return 0;
    case MSGPACK_OBJECT_BOOLEAN:
        *node = node_boolean(arena, object->via.boolean);
        return 0;
    case MSGPACK_OBJECT_POSITIVE_INTEGER:
        *node = object->via.u64 <= INT64_MAX ? node_integer(arena, (int64_t)object->via.u64)
                                             : node_real(arena, (double)object->via.u64);
        return 0;
    case MSGPACK_OBJECT_NEGATIVE_INTEGER:
        *node = node_integer(arena, object->via.i64);
        return 0;
    case MSGPACK_OBJECT_FLOAT32:
    case MSGPACK_OBJECT_FLOAT64:
        *node = node_real(arena, object->via.f64);
        return 0;
    case MSGPACK_OBJECT_STR:
        *node = node_text_bytes(arena, object->via.str.ptr, object->via.str.size);
        return 0;
    case MSGPACK_OBJECT_BIN:
        *node = node_bytes(arena, object->via.bin.ptr, object->via.bin.size);
        return 0;
    case MSGPACK_OBJECT_ARRAY:
        *node = node_list(arena);
        return convert_list(&object->via.array, arena, *node);
    case MSGPACK_OBJECT_MAP:
        *node = node_map(arena);
        return convert_map(&object->via.map, arena, *node);
    default:
        return fail(ERR_INVALID, "expected a message, got a value of type %d", (int)object->type);
    }
}

int message_decode(const void *bytes, size_t length, struct arena *arena, struct node **root)
{
    msgpack_unpacked unpacked;
    size_t at = 0;

    TRY(check(bytes, length));
    msgpack_unpacked_init(&unpacked);

    int status = msgpack_unpack_next(&unpacked, bytes, length, &at) == MSGPACK_UNPACK_SUCCESS
                     ? convert(&unpacked.data, arena, root)
                     : fail(ERR_INVALID, "expected a message, got bytes that are none");

    msgpack_unpacked_destroy(&unpacked);
    return status;
}

static int add_bytes(void *out, const char *bytes, size_t length)
{
    text_add_bytes(out, bytes, length);
    return 0;
}

/* A text that the other side would refuse is repaired. */
static void encode_text(const struct node *node, msgpack_packer *packer)
{
    struct text repaired = { 0 };
    const char *bytes = node->text;
    size_t length = node->length, bad;

    if (!text_is_utf8(bytes, length, &bad)) {
        text_add_utf8(&repaired, bytes, length);
        bytes = repaired.data;
        length = repaired.length;
    }
    msgpack_pack_str(packer, length);
    msgpack_pack_str_body(packer, bytes, length);
    text_release(&repaired);
}

static void encode(const struct node *node, msgpack_packer *packer)
{
    switch (node->kind) {
    case NODE_NULL:
        msgpack_pack_nil(packer);
        break;
    case NODE_BOOL:
        node->boolean ? msgpack_pack_true(packer) : msgpack_pack_false(packer);
        break;
    case NODE_INTEGER:
        msgpack_pack_int64(packer, node->integer);
        break;
    case NODE_REAL:
        msgpack_pack_double(packer, node->real);
        break;
    case NODE_TEXT:
        encode_text(node, packer);
        break;
    case NODE_BYTES:
        msgpack_pack_bin(packer, node->length);
        msgpack_pack_bin_body(packer, node->text, node->length);
        break;
    case NODE_LIST:
        msgpack_pack_array(packer, node->length);
        for (size_t i = 0; i < node->length; i++)
            encode(node->items[i], packer);
        break;
    case NODE_MAP:
        msgpack_pack_map(packer, node->length);
        for (size_t i = 0; i < node->length; i++) {
            encode(node->keys[i], packer);
            encode(node->items[i], packer);
        }
        break;
    }
}

void message_encode(const struct node *node, struct text *out)
{
    msgpack_packer packer;

    msgpack_packer_init(&packer, out, add_bytes);
    encode(node, &packer);
}
