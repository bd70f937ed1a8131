/*
 * Names of trials: eight letters that look random and never collide within an experiment.
 *
 * A number counts through a Feistel network over pairs of four letters, so that each experiment's uid picks one permutation of all
 * 27^8 = 282,429,536,481 names (Luby and Rackoff, SIAM J. Comput. 17, 1988; the round function is one Philox block).
 */
#include <assert.h>
#include <stdio.h>

#include "base/rng.h"
#include "experiment/experiment.h"

enum { LETTERS = 8, HALF = LETTERS / 2, HALF_SIZE = 27 * 27 * 27 * 27, ROUNDS = 6 };

static const char alphabet[] = "bcdfghjklmnpqrstvwxz2456789"; /* Katib's: no vowels, no 0, 1, 3 */

static uint32_t word(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static uint32_t scramble(const uint8_t uid[16], uint32_t half, uint32_t round)
{
    const uint32_t key[2] = { word(uid), word(uid + 4) };
    const uint32_t counter[4] = { half, round, word(uid + 8), word(uid + 12) };
    uint32_t block[4];

    rng_philox(key, counter, block);
    return block[0] % HALF_SIZE;
}

static void spell(uint32_t half, char out[HALF])
{
    for (int i = HALF; i-- > 0; half /= 27)
        out[i] = alphabet[half % 27];
}

void trial_name(const char *experiment, const uint8_t uid[16], int64_t number, char out[TRIAL_NAME_SIZE])
{
    char letters[LETTERS];
    uint32_t left = (uint32_t)(number / HALF_SIZE), right = (uint32_t)(number % HALF_SIZE);

    assert(number >= 0 && number / HALF_SIZE < HALF_SIZE);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        uint32_t next = (left + scramble(uid, right, round)) % HALF_SIZE;

        left = right;
        right = next;
    }
    spell(left, letters);
    spell(right, letters + HALF);
    snprintf(out, TRIAL_NAME_SIZE, "%.*s-%.*s", TRIAL_NAME_SIZE - LETTERS - 2, experiment, LETTERS, letters);
}

const char *uid_format(const uint8_t uid[16], char out[UID_TEXT_SIZE])
{
    size_t at = 0;

    for (int i = 0; i < 16; i++)
        at += (size_t)snprintf(out + at, UID_TEXT_SIZE - at, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
                               uid[i]);
    return out;
}
