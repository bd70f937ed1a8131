/*
 * The local engine, with real agents.
 */
#include "trialrunner/engines/engine.h"

#include "tests/trialrunner/peer.h"

#include <fcntl.h>

enum { PATIENCE_MS = 60000 };

struct fixture {
    char *root;
    struct peer peer;
    struct plain_order plain;
    const struct engine *engine;
    void *state;
    struct attempt_tag tag;
};

static void open_engine(struct fixture *fixture)
{
    char *program = agent_program(), *trials = file_join(fixture->root, "trials");
    struct engine_options options = { .directory = trials, .agent = program };

    assert_int_equal(fixture->engine->open(&options, &fixture->state), 0);
    free(program);
    free(trials);
}

static void fixture_open(struct fixture *fixture, const char *script)
{
    *fixture = (struct fixture){ .root = test_directory(), .engine = engine_find("local"), .tag = { 7, 3, 1 } };
    assert_ptr_equal(fixture->engine, engines[0]);
    peer_open(&fixture->peer, fixture->root);
    plain_order(&fixture->plain, fixture->peer.address, script);
    open_engine(fixture);
}

static char *attempt_directory(const struct fixture *fixture)
{
    return xasprintf("%s/trials/uid/trial/1", fixture->root);
}

static void fixture_close(struct fixture *fixture)
{
    char *directory = attempt_directory(fixture);

    assert_int_equal(count_left(directory), 0);
    fixture->engine->close(fixture->state);
    peer_close(&fixture->peer);
    file_remove_tree(fixture->root);
    free(directory);
    free(fixture->root);
}

static int start(struct fixture *fixture)
{
    return fixture->engine->start(fixture->state, &fixture->tag, "uid/trial", &fixture->plain.order);
}

static char *lock_of(const struct fixture *fixture)
{
    char *directory = attempt_directory(fixture), *content = read_whole(directory, "lock");

    free(directory);
    return content;
}

/* Serve until the engine has something to say. */
static struct engine_event next_event(struct fixture *fixture)
{
    int64_t give_up_ms = clock_steady_ms() + PATIENCE_MS;
    struct engine_event event = { .kind = ENGINE_FAILED };

    while (clock_steady_ms() < give_up_ms) {
        zmq_pollitem_t items[2] = { { .fd = fixture->engine->descriptor(fixture->state), .events = ZMQ_POLLIN },
                                    { .socket = fixture->peer.socket, .events = ZMQ_POLLIN } };

        zmq_poll(items, 2, 100);
        while (peer_turn(&fixture->peer))
            ;
        if (fixture->engine->poll(fixture->state, &event, 1) == 1) {
            assert_memory_equal(&event.tag, &fixture->tag, sizeof event.tag);
            return event;
        }
    }
    print_error("the engine says nothing\n");
    _fail(__FILE__, __LINE__);
    return event;
}

static void local__an_attempt__starts_reports_and_is_gone(void **state)
{
    struct fixture fixture;
    struct engine_event event;

    (void)state;
    fixture_open(&fixture, "echo loss=1");
    assert_int_equal(start(&fixture), 0);
    assert_int_equal(next_event(&fixture).kind, ENGINE_STARTED);
    event = next_event(&fixture);
    assert_int_equal(event.kind, ENGINE_GONE);
    assert_string_equal(event.message, "");
    assert_string_equal(fixture.peer.end, "succeeded");
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no zombie */
    fixture_close(&fixture);
}

static void local__the_order__is_for_its_owner_alone(void **state)
{
    struct fixture fixture;
    struct stat about;
    char *directory, *order;

    (void)state;
    fixture_open(&fixture, "echo loss=1");
    assert_int_equal(start(&fixture), 0);
    directory = attempt_directory(&fixture);
    order = file_join(directory, "order");
    assert_int_equal(stat(directory, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0700);
    assert_int_equal(stat(order, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    assert_int_equal(next_event(&fixture).kind, ENGINE_STARTED);
    assert_int_equal(next_event(&fixture).kind, ENGINE_GONE);
    free(order);
    free(directory);
    fixture_close(&fixture);
}

static void local__starting_what_lives__finds_it(void **state)
{
    struct fixture fixture;
    char *before, *after;

    (void)state;
    fixture_open(&fixture, "echo loss=1; exec sleep 1000");
    assert_int_equal(start(&fixture), 0);
    assert_int_equal(next_event(&fixture).kind, ENGINE_STARTED);
    peer_serve_reports(&fixture.peer, 1);
    before = lock_of(&fixture);
    assert_int_equal(start(&fixture), 0);
    after = lock_of(&fixture);
    assert_string_equal(before, after);
    assert_int_equal(fixture.engine->stop(fixture.state, &fixture.tag, false), 0);
    assert_int_equal(next_event(&fixture).kind, ENGINE_GONE);
    assert_string_equal(fixture.peer.end, "stopped");
    assert_int_equal(fixture.peer.n_hellos, 1);
    free(before);
    free(after);
    fixture_close(&fixture);
}

static void local__another_service__adopts_the_agent_and_sees_it_go(void **state)
{
    struct fixture fixture;

    (void)state;
    fixture_open(&fixture, "echo loss=1; exec sleep 1000");
    assert_int_equal(start(&fixture), 0);
    peer_serve_reports(&fixture.peer, 1);
    fixture.engine->close(fixture.state); /* the agent lives on */
    open_engine(&fixture);
    assert_int_equal(fixture.engine->adopt(fixture.state, &(struct attempt_tag){ 7, 3, 2 }, "uid/trial"), 0);
    assert_int_equal(fixture.engine->adopt(fixture.state, &fixture.tag, "uid/trial"), 1);
    assert_int_equal(next_event(&fixture).kind, ENGINE_STARTED);
    assert_int_equal(fixture.engine->stop(fixture.state, &fixture.tag, true), 0);
    assert_int_equal(next_event(&fixture).kind, ENGINE_GONE);
    assert_string_equal(fixture.peer.end, "stopped");
    assert_int_equal(fixture.engine->adopt(fixture.state, &fixture.tag, "uid/trial"), 0);
    while (waitpid(-1, NULL, 0) > 0) /* ours, though the engine that started it is closed */
        ;
    fixture_close(&fixture);
}

static void local__an_agent_that_was_killed__is_gone_and_the_next_one_reports(void **state)
{
    struct fixture fixture;
    struct engine_event event;
    char *lock;

    (void)state;
    fixture_open(&fixture, "setsid sleep 1000 & echo loss=1; exec sleep 1000");
    fixture.peer.keeps_progress = true;
    assert_int_equal(start(&fixture), 0);
    assert_int_equal(next_event(&fixture).kind, ENGINE_STARTED);
    peer_serve_reports(&fixture.peer, 1);
    lock = lock_of(&fixture);
    kill((pid_t)strtol(lock, NULL, 10), SIGKILL);
    event = next_event(&fixture);
    assert_int_equal(event.kind, ENGINE_GONE);
    assert_contains(event.message, "signal 9 (Killed)");
    assert_int_equal(start(&fixture), 0);
    assert_int_equal(next_event(&fixture).kind, ENGINE_STARTED);
    assert_int_equal(next_event(&fixture).kind, ENGINE_GONE);
    assert_string_equal(fixture.peer.end, "lost");
    assert_int_equal(fixture.peer.n_heard, 1);
    free(lock);
    fixture_close(&fixture);
}

static void local__stopping_at_once_after_the_start__stops_before_or_after_the_roles_begin(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++) {
        struct fixture fixture;

        fixture_open(&fixture, "exec sleep 1000");
        assert_int_equal(start(&fixture), 0);
        assert_int_equal(fixture.engine->stop(fixture.state, &fixture.tag, false),
                         0); /* its program has barely begun */
        assert_int_equal(next_event(&fixture).kind, ENGINE_STARTED);
        assert_int_equal(next_event(&fixture).kind, ENGINE_GONE);
        assert_string_equal(fixture.peer.end, "stopped");
        fixture_close(&fixture);
    }
}

static void local__an_agent_that_is_not_there__cannot_be_started(void **state)
{
    struct fixture fixture;
    struct engine_options options;

    (void)state;
    fixture_open(&fixture, "echo loss=1");
    fixture.engine->close(fixture.state);
    options = (struct engine_options){ .directory = fixture.root, .agent = "/no/such/hone-agent" };
    assert_int_equal(fixture.engine->open(&options, &fixture.state), 0);
    assert_int_equal(start(&fixture), ERR_IO);
    assert_string_equal(fail_message(), "exec /no/such/hone-agent: No such file or directory");
    fixture_close(&fixture);
}

static void local__a_root_that_cannot_be_written__says_so(void **state)
{
    struct fixture fixture;
    char *trials;

    (void)state;
    fixture_open(&fixture, "echo loss=1");
    trials = file_join(fixture.root, "trials");
    assert_int_equal(file_write(trials, "in the way", 10, 0600), 0);
    assert_int_equal(start(&fixture), ERR_IO);
    assert_contains(fail_message(), trials);
    free(trials);
    fixture_close(&fixture);
}

static void local__an_order_that_the_agent_refuses__is_told_in_its_words(void **state)
{
    struct fixture fixture;
    struct engine_event event;

    (void)state;
    fixture_open(&fixture, "echo loss=1");
    fixture.plain.role.name = "..";
    assert_int_equal(start(&fixture), 0);
    assert_int_equal(next_event(&fixture).kind, ENGINE_STARTED);
    event = next_event(&fixture);
    assert_int_equal(event.kind, ENGINE_GONE);
    assert_contains(event.message, "hone-agent: exit code 65: ");
    fixture_close(&fixture);
}

static void local__stopping_what_is_not_there__is_not_found(void **state)
{
    struct fixture fixture;

    (void)state;
    fixture_open(&fixture, "echo loss=1");
    assert_int_equal(fixture.engine->stop(fixture.state, &fixture.tag, true), ERR_NOT_FOUND);
    fixture_close(&fixture);
}

/* --- logs --- */

static char *logs(struct fixture *fixture, const char *role, int64_t offset, size_t max, int64_t *next)
{
    struct text out = { 0 };

    assert_int_equal(fixture->engine->logs(fixture->state, "uid/trial", 1, role, offset, max, &out, next), 0);
    text_add(&out, "");
    return out.data != NULL ? out.data : xstrdup("");
}

static void run_to_end(struct fixture *fixture)
{
    assert_int_equal(start(fixture), 0);
    assert_int_equal(next_event(fixture).kind, ENGINE_STARTED);
    assert_int_equal(next_event(fixture).kind, ENGINE_GONE);
}

static void local__logs__are_read_in_pieces_and_from_the_end(void **state)
{
    struct fixture fixture;
    struct text out = { 0 };
    int64_t next;
    char *piece;

    (void)state;
    fixture_open(&fixture, "printf 0123456789");
    run_to_end(&fixture);
    piece = logs(&fixture, "", 0, 4, &next);
    assert_string_equal(piece, "0123");
    assert_int_equal(next, 4);
    free(piece);
    piece = logs(&fixture, "main", next, 100, &next);
    assert_string_equal(piece, "456789");
    assert_int_equal(next, 10);
    free(piece);
    piece = logs(&fixture, "", 10, 100, &next);
    assert_string_equal(piece, "");
    assert_int_equal(next, 10);
    free(piece);
    piece = logs(&fixture, "", -3, 100, &next);
    assert_string_equal(piece, "789");
    free(piece);
    assert_int_equal(fixture.engine->logs(fixture.state, "uid/trial", 1, "worker-1", 0, 10, &out, &next),
                     ERR_NOT_FOUND);
    assert_int_equal(fixture.engine->logs(fixture.state, "uid/trial", 1, "../../x", 0, 10, &out, &next), ERR_NOT_FOUND);
    assert_int_equal(fixture.engine->logs(fixture.state, "uid/trial", 9, "", 0, 10, &out, &next), ERR_NOT_FOUND);
    fixture_close(&fixture);
}

static void local__a_long_log__keeps_its_ends_and_says_what_is_left_out(void **state)
{
    struct fixture fixture;
    struct stat about;
    int64_t next, left_out;
    char *all, *path, *gap;

    (void)state;
    fixture_open(&fixture, "echo the first line; yes 0123456789abcdef | head -c 20000000; echo; echo the last line");
    fixture.plain.order.log_limit = 256 << 10;
    run_to_end(&fixture);
    path = xasprintf("%s/trials/uid/trial/1/main.log", fixture.root);
    assert_int_equal(stat(path, &about), 0);
    assert_true(about.st_blocks * 512 <= 512 << 10);
    all = logs(&fixture, "", 0, 1 << 20, &next);
    assert_int_equal(next, about.st_size);
    assert_int_equal(strncmp(all, "the first line\n", 15), 0);
    assert_string_equal(all + strlen(all) - 15, "\nthe last line\n");
    gap = strstr(all, "\n... ");
    assert_non_null(gap);
    left_out = strtol(gap + 5, NULL, 10);
    assert_true(left_out > 19000000);
    assert_contains(gap, " bytes left out ...\n");
    assert_int_equal((int64_t)strlen(all) + left_out - (strchr(gap + 1, '\n') + 1 - gap), about.st_size);
    free(path);
    free(all);
    fixture_close(&fixture);
}

static void local__capabilities__are_said_in_words(void **state)
{
    struct fixture fixture;
    const char *words;
    unsigned capabilities;

    (void)state;
    fixture_open(&fixture, "");
    capabilities = fixture.engine->capabilities(fixture.state, &words);
    assert_true(capabilities & ENGINE_LIMITS_MEMORY);
    assert_int_equal((capabilities & ENGINE_PRIVATE_PATHS) != 0, process_can_bind());
    assert_contains(words, process_can_bind() ? "private paths by mount namespaces"
                                              : "private paths by rewriting of commands");
    assert_contains(words, capabilities & ENGINE_LIMITS_CPU ? "cpu limits by cgroup" : "cpu limits are not enforced");
    fixture_close(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(local__an_attempt__starts_reports_and_is_gone),
        cmocka_unit_test(local__the_order__is_for_its_owner_alone),
        cmocka_unit_test(local__starting_what_lives__finds_it),
        cmocka_unit_test(local__another_service__adopts_the_agent_and_sees_it_go),
        cmocka_unit_test(local__an_agent_that_was_killed__is_gone_and_the_next_one_reports),
        cmocka_unit_test(local__stopping_at_once_after_the_start__stops_before_or_after_the_roles_begin),
        cmocka_unit_test(local__an_agent_that_is_not_there__cannot_be_started),
        cmocka_unit_test(local__a_root_that_cannot_be_written__says_so),
        cmocka_unit_test(local__an_order_that_the_agent_refuses__is_told_in_its_words),
        cmocka_unit_test(local__stopping_what_is_not_there__is_not_found),
        cmocka_unit_test(local__logs__are_read_in_pieces_and_from_the_end),
        cmocka_unit_test(local__a_long_log__keeps_its_ends_and_says_what_is_left_out),
        cmocka_unit_test(local__capabilities__are_said_in_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
