/*
 * Frames and the few fields of protocol buffers that matter here (protobuf.dev/programming-guides/encoding).
 */
#include "trialrunner/collectors/event.h"

#include <string.h>

/* --- frames --- */

/* CRC-32C (Castagnoli), reflected, a byte at a time. */
static uint32_t crc32c(const unsigned char *bytes, size_t length)
{
    static uint32_t table[256];
    static bool is_made;
    uint32_t crc = ~0u;

    for (uint32_t i = 0; !is_made && i < 256; i++) {
        table[i] = i;
        for (int k = 0; k < 8; k++)
            table[i] = table[i] >> 1 ^ (table[i] & 1 ? 0x82F63B78u : 0);
    }
    is_made = true;
    for (size_t i = 0; i < length; i++)
        crc = crc >> 8 ^ table[(crc ^ bytes[i]) & 0xFF];
    return ~crc;
}

static uint64_t little_endian(const unsigned char *bytes, int n)
{
    uint64_t value = 0;

    for (int i = n - 1; i >= 0; i--)
        value = value << 8 | bytes[i];
    return value;
}

static bool has_checksum(const unsigned char *bytes, size_t length, const unsigned char *checksum)
{
    uint32_t crc = crc32c(bytes, length);
    uint32_t masked = (crc >> 15 | crc << 17) + 0xA282EAD8u; /* so that a checksum of checksums is none of zeros */

    return masked == (uint32_t)little_endian(checksum, 4);
}

bool event_header_read(const unsigned char header[EVENT_HEADER_SIZE], uint64_t *length)
{
    *length = little_endian(header, 8);
    return has_checksum(header, 8, header + 8);
}

bool event_is_whole(const unsigned char *record, size_t length, const unsigned char trailer[EVENT_TRAILER_SIZE])
{
    return has_checksum(record, length, trailer);
}

/* --- messages --- */

enum wire_type { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5 };

struct message {
    const unsigned char *at, *end;
};

struct field {
    uint32_t number;
    enum wire_type type;
    uint64_t number_value; /* of all but WIRE_BYTES */
    struct message bytes;  /* of WIRE_BYTES */
};

static bool read_varint(struct message *message, uint64_t *value)
{
    *value = 0;
    for (int shift = 0; shift < 64 && message->at < message->end; shift += 7) {
        unsigned char byte = *message->at++;

        *value |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80)
            return true;
    }
    return false;
}

static bool read_fixed(struct message *message, int n, uint64_t *value)
{
    if (message->end - message->at < n)
        return false;
    *value = little_endian(message->at, n);
    message->at += n;
    return true;
}

static bool read_value(struct message *message, struct field *field)
{
    uint64_t length;

    switch (field->type) {
    case WIRE_VARINT:
        return read_varint(message, &field->number_value);
    case WIRE_64:
        return read_fixed(message, 8, &field->number_value);
    case WIRE_32:
        return read_fixed(message, 4, &field->number_value);
    case WIRE_BYTES:
        if (!read_varint(message, &length) || length > (uint64_t)(message->end - message->at))
            return false;
        field->bytes = (struct message){ message->at, message->at + length };
        message->at += length;
        return true;
    default:
        return false;
    }
}

/* 1: a field; 0: the end; -1: damaged. */
static int next_field(struct message *message, struct field *field)
{
    uint64_t key;

    if (message->at == message->end)
        return 0;
    if (!read_varint(message, &key) || key >> 3 == 0 || key >> 3 > UINT32_MAX)
        return -1;
    *field = (struct field){ .number = (uint32_t)(key >> 3), .type = (enum wire_type)(key & 7) };
    return read_value(message, field) ? 1 : -1;
}

static double double_of(uint64_t bits)
{
    double value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

static double single_of(uint64_t bits)
{
    uint32_t low = (uint32_t)bits;
    float value;

    memcpy(&value, &low, sizeof value);
    return value;
}

/* --- tensors --- */

enum { DT_FLOAT = 1, DT_DOUBLE = 2, DT_INT32 = 3, DT_INT64 = 9 };

/* How one element of a type is written: in tensor_content, and in the list of its own (a field number; packed or one by one). */
static const struct element {
    uint64_t type;
    size_t size;
    uint32_t list;
    enum wire_type wire;
} elements[] = {
    { DT_FLOAT, 4, 5, WIRE_32 },
    { DT_DOUBLE, 8, 6, WIRE_64 },
    { DT_INT32, 4, 7, WIRE_VARINT },
    { DT_INT64, 8, 10, WIRE_VARINT },
};

static double element_value(const struct element *element, uint64_t bits)
{
    switch (element->type) {
    case DT_FLOAT:
        return single_of(bits);
    case DT_DOUBLE:
        return double_of(bits);
    case DT_INT32:
        return (int32_t)bits;
    default:
        return (double)(int64_t)bits;
    }
}

/* The only number of a list. */
static bool read_only(struct message list, const struct element *element, uint64_t *bits)
{
    bool is_there = element->wire == WIRE_VARINT ? read_varint(&list, bits)
                                                 : read_fixed(&list, (int)element->size, bits);

    return is_there && list.at == list.end;
}

/* A tensor of one element. */
static bool read_tensor(struct message tensor, struct scalar *scalar)
{
    const struct message whole = tensor;
    const struct element *element = NULL;
    struct field field;
    uint64_t bits = 0;
    int n = 0;

    while (next_field(&tensor, &field) == 1)
        for (size_t i = 0; field.number == 1 && i < sizeof elements / sizeof *elements; i++)
            if (field.type == WIRE_VARINT && elements[i].type == field.number_value)
                element = &elements[i];
    tensor = whole;
    while (element != NULL && next_field(&tensor, &field) == 1) {
        if (field.number == 4 && field.type == WIRE_BYTES && field.bytes.at < field.bytes.end) {
            bits = little_endian(field.bytes.at, field.bytes.end - field.bytes.at < 8 ? (int)element->size : 8);
            n += (size_t)(field.bytes.end - field.bytes.at) == element->size ? 1 : 2;
        } else if (field.number == element->list && field.type == WIRE_BYTES) {
            n += read_only(field.bytes, element, &bits) ? 1 : 2;
        } else if (field.number == element->list && field.type == element->wire) {
            bits = field.number_value;
            n++;
        }
    }
    if (n != 1)
        return false;
    scalar->value = element_value(element, bits);
    scalar->is_single = element->type == DT_FLOAT;
    return true;
}

/* --- events --- */

/* Summary.Value: tag (1), simple_value (2), tensor (8). */
static bool read_summary_value(struct message value, struct scalar scalar, scalar_sink *sink, void *owner)
{
    bool has_tag = false, has_value = false;
    struct field field;
    int more;

    while ((more = next_field(&value, &field)) == 1) {
        if (field.number == 1 && field.type == WIRE_BYTES) {
            scalar.tag = (const char *)field.bytes.at;
            scalar.tag_length = (size_t)(field.bytes.end - field.bytes.at);
            has_tag = true;
        } else if (field.number == 2 && field.type == WIRE_32) {
            scalar.value = single_of(field.number_value);
            scalar.is_single = has_value = true;
        } else if (field.number == 8 && field.type == WIRE_BYTES) {
            has_value = read_tensor(field.bytes, &scalar) || has_value;
        }
    }
    if (more == 0 && has_tag && has_value)
        sink(owner, &scalar);
    return more == 0;
}

static bool read_summary(struct message summary, const struct scalar *scalar, scalar_sink *sink, void *owner)
{
    struct field field;
    int more;

    while ((more = next_field(&summary, &field)) == 1)
        if (field.number == 1 && field.type == WIRE_BYTES && !read_summary_value(field.bytes, *scalar, sink, owner))
            return false;
    return more == 0;
}

/* Event: wall_time (1), step (2), summary (5); the summary may come before the others. */
bool event_read(const unsigned char *record, size_t length, scalar_sink *sink, void *owner)
{
    struct message event = { record, record + length }, summary = { record, record };
    struct scalar scalar = { 0 };
    struct field field;
    int more;

    while ((more = next_field(&event, &field)) == 1) {
        if (field.number == 1 && field.type == WIRE_64)
            scalar.wall_s = double_of(field.number_value);
        else if (field.number == 2 && field.type == WIRE_VARINT)
            scalar.step = (int64_t)field.number_value;
        else if (field.number == 5 && field.type == WIRE_BYTES)
            summary = field.bytes;
    }
    return more == 0 && read_summary(summary, &scalar, sink, owner);
}
