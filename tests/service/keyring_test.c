/*
 * Keys: made, read back, taken away, and faulty ones.
 */
#include "service/keyring.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/status.h"
#include "tests/test.h"

struct place {
    char directory[64];
    char *keys, *credentials;
};

static void set_up(struct place *place)
{
    strcpy(place->directory, "/tmp/hone-keyring-XXXXXX");
    assert_non_null(mkdtemp(place->directory));
    place->keys = xasprintf("%s/keys", place->directory);
    place->credentials = xasprintf("%s/ada.key", place->directory);
    log_set_level(LOG_ERROR + 1);
}

static void tear_down(struct place *place)
{
    file_remove_tree(place->directory);
    free(place->keys);
    free(place->credentials);
}

static const char *const two_namespaces[] = { "vision", "speech" };
static const struct principal ada = {
    .name = "ada", .role = ROLE_WORKER, .n_namespaces = 2, .namespaces = two_namespaces
};

static void generated__is_found_by_key_and_name(void **state)
{
    struct place place;
    struct keyring *keyring;
    struct credentials credentials;

    (void)state;
    set_up(&place);
    assert_int_equal(keyring_generate(place.keys, &ada, place.credentials), 0);
    assert_int_equal(keyring_open(place.keys, &keyring), 0);
    assert_int_equal(credentials_read(place.credentials, &credentials), 0);
    assert_string_equal(credentials.server, keyring_own(keyring)->public_key);
    const struct principal *found = keyring_find_key(keyring, credentials.own.public_key);
    assert_non_null(found);
    assert_string_equal(found->name, "ada");
    assert_int_equal(found->role, ROLE_WORKER);
    assert_true(principal_may_enter(found, "vision") && principal_may_enter(found, "speech"));
    assert_false(principal_may_enter(found, "default"));
    assert_ptr_equal(keyring_find_name(keyring, "ada"), found);
    assert_null(keyring_find_key(keyring, keyring_own(keyring)->public_key));
    keyring_close(keyring);
    tear_down(&place);
}

static void second_client__shares_the_services_key(void **state)
{
    static const struct principal bob = { .name = "bob", .role = ROLE_ADMIN };
    struct place place;
    struct credentials first, second;

    (void)state;
    set_up(&place);
    char *path = xasprintf("%s/bob.key", place.directory);
    assert_int_equal(keyring_generate(place.keys, &ada, place.credentials), 0);
    assert_int_equal(keyring_generate(place.keys, &bob, path), 0);
    assert_int_equal(credentials_read(place.credentials, &first), 0);
    assert_int_equal(credentials_read(path, &second), 0);
    assert_string_equal(first.server, second.server);
    assert_string_not_equal(first.own.secret_key, second.own.secret_key);
    assert_int_equal(keyring_generate(place.keys, &bob, path), ERR_CONFLICT);
    free(path);
    tear_down(&place);
}

static void key_that_is_taken_away__is_nobodys(void **state)
{
    struct place place;
    struct keyring *keyring;

    (void)state;
    set_up(&place);
    assert_int_equal(keyring_generate(place.keys, &ada, place.credentials), 0);
    assert_int_equal(keyring_open(place.keys, &keyring), 0);
    char *row = xasprintf("%s/clients/ada.pub", place.keys);
    assert_int_equal(unlink(row), 0);
    free(row);
    for (int i = 0; i < 300 && keyring_find_name(keyring, "ada") != NULL; i++)
        usleep(10000);
    assert_null(keyring_find_name(keyring, "ada"));
    keyring_close(keyring);
    tear_down(&place);
}

static void faulty_row__is_told_with_its_place(void **state)
{
    static const char text[] = "public: short\nrole: king\ncolour: red\n";
    struct place place;
    struct keyring *keyring;

    (void)state;
    set_up(&place);
    assert_int_equal(keyring_generate(place.keys, &ada, place.credentials), 0);
    char *row = xasprintf("%s/clients/eve.pub", place.keys);
    assert_int_equal(file_write(row, text, sizeof text - 1, 0644), 0);
    assert_int_equal(keyring_open(place.keys, &keyring), ERR_INVALID);
    assert_non_null(strstr(fail_message(), "eve.pub:1:9: public: expected a key of 40 characters"));
    assert_non_null(strstr(fail_message(), "eve.pub:2:7: role: expected"));
    assert_non_null(strstr(fail_message(), "eve.pub:3:1: colour"));
    free(row);
    tear_down(&place);
}

static void secret_that_others_can_read__is_refused(void **state)
{
    struct place place;
    struct credentials credentials;

    (void)state;
    set_up(&place);
    assert_int_equal(keyring_generate(place.keys, &ada, place.credentials), 0);
    assert_int_equal(chmod(place.credentials, 0640), 0);
    assert_int_equal(credentials_read(place.credentials, &credentials), ERR_DENIED);
    tear_down(&place);
}

static void names_that_are_paths__are_refused(void **state)
{
    static const char *const names[] = { "", "../eve", ".eve", "a/b" };
    struct place place;

    (void)state;
    set_up(&place);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct principal eve = { .name = names[i], .role = ROLE_ADMIN };
        assert_int_equal(keyring_generate(place.keys, &eve, place.credentials), ERR_INVALID);
    }
    tear_down(&place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(generated__is_found_by_key_and_name),
        cmocka_unit_test(second_client__shares_the_services_key),
        cmocka_unit_test(key_that_is_taken_away__is_nobodys),
        cmocka_unit_test(faulty_row__is_told_with_its_place),
        cmocka_unit_test(secret_that_others_can_read__is_refused),
        cmocka_unit_test(names_that_are_paths__are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
