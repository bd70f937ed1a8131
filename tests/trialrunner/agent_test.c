/*
 * The agent as a program of its own, with a small real service on the other end of the line.
 */
#include "tests/trialrunner/peer.h"

#include <fcntl.h>
#include <time.h>

#include "trialrunner/agent/agent.h"
#include "trialrunner/agent/limits.h"
#include "trialrunner/ports.h"

/* One attempt in a fresh directory. */
struct attempt {
    char *root, *directory;
    struct peer peer;
    struct plain_order plain;
    struct process agent;
};

static void attempt_open(struct attempt *attempt, const char *script)
{
    attempt->root = test_directory();
    attempt->directory = file_join(attempt->root, "trial/1");
    assert_int_equal(file_make_directories(attempt->directory, 0700), 0);
    peer_open(&attempt->peer, attempt->root);
    plain_order(&attempt->plain, attempt->peer.address, script);
}

static void attempt_start_with(struct attempt *attempt, const char *const *settings)
{
    write_order(attempt->directory, &attempt->plain.order);
    start_agent_with(attempt->directory, settings, &attempt->agent);
}

static void attempt_start(struct attempt *attempt)
{
    attempt_start_with(attempt, NULL);
}

static void attempt_run(struct attempt *attempt)
{
    attempt_start(attempt);
    assert_int_equal(peer_serve_to_end(&attempt->peer, &attempt->agent), 0);
}

/* Nothing of it may be left, ever. */
static void attempt_close(struct attempt *attempt)
{
    assert_int_equal(count_left(attempt->directory), 0);
    peer_close(&attempt->peer);
    file_remove_tree(attempt->root);
    free(attempt->directory);
    free(attempt->root);
}

static void assert_values(const struct peer *peer, int64_t metric, const char *const *values)
{
    size_t n = 0;

    for (size_t i = 0; i < peer->n_heard; i++)
        if (peer->heard[i].metric == metric) {
            assert_non_null(values[n]);
            assert_string_equal(peer->heard[i].value, values[n]);
            n++;
        }
    assert_null(values[n]);
}

/* --- metrics and endings --- */

static void agent__a_training_that_succeeds__reports_and_ends(void **state)
{
    static const char *const losses[] = { "0.5", "0.25", "nan", NULL };
    struct attempt attempt;

    (void)state;
    attempt_open(&attempt, "echo loss=0.5 accuracy=0.7; echo nothing; echo loss=0.25 step=9 >&2; printf 'loss=nan'");
    attempt_run(&attempt);
    assert_values(&attempt.peer, 0, losses);
    assert_string_equal(attempt.peer.end, "succeeded");
    assert_null(attempt.peer.message);
    assert_null(attempt.peer.job_reason);
    assert_int_equal(attempt.peer.n_hellos, 1);
    assert_int_equal(attempt.peer.n_ends, 1);
    assert_true(attempt.peer.peak_memory > 100000);
    assert_true(attempt.peer.wall_s < 10);
    for (size_t i = 0; i < attempt.peer.n_heard; i++)
        assert_int_equal(attempt.peer.heard[i].sequence, i + 1);
    assert_int_equal(attempt.peer.heard[0].step, 1);
    assert_int_equal(attempt.peer.heard[2].step, 9);
    assert_int_equal(attempt.peer.heard[3].step, 3);
    attempt_close(&attempt);
}

static void agent__a_line_while_it_runs__is_heard_at_once(void **state)
{
    struct attempt attempt;
    char *go;

    (void)state;
    attempt_open(&attempt, NULL);
    go = file_join(attempt.root, "go");
    attempt.plain.argv[2] = xasprintf("date +accuracy=%%s%%N; while [ ! -e %s ]; do sleep 0.01; done; exit 0", go);
    attempt_start(&attempt);
    peer_serve_reports(&attempt.peer, 1);
    assert_true((double)attempt.peer.heard[0].at_us - strtod(attempt.peer.heard[0].value, NULL) / 1000 < 500000);
    assert_int_equal(file_write(go, "", 0, 0600), 0);
    assert_int_equal(peer_serve_to_end(&attempt.peer, &attempt.agent), 0);
    assert_string_equal(attempt.peer.end, "succeeded");
    free((char *)attempt.plain.argv[2]);
    free(go);
    attempt_close(&attempt);
}

/* A page whose step rises with every look at it, served on the port that the order names. */
static const char page_server[] = "exec python3 -c '\n"
                                  "import http.server as h, os\n"
                                  "n = 0\n"
                                  "class Page(h.BaseHTTPRequestHandler):\n"
                                  "    def do_GET(self):\n"
                                  "        global n\n"
                                  "        n += 1\n"
                                  "        self.send_response(500 if n == 2 else 200)\n"
                                  "        self.end_headers()\n"
                                  "        self.wfile.write(b\"loss 0.5\\naccuracy NaN\\nepoch %d\\n\" % (n // 3))\n"
                                  "server = h.HTTPServer((\"127.0.0.1\", int(os.environ[\"PORT\"])), Page)\n"
                                  "while n < 7: server.handle_request()\n"
                                  "'";

static void agent__a_page__is_read_while_it_is_served(void **state)
{
    static const char *const losses[] = { "0.5", "0.5", "0.5", NULL }, *const accuracies[] = { "NaN", "NaN", "NaN",
                                                                                               NULL };
    struct attempt attempt;
    struct ports ports;
    int port;

    (void)state;
    ports_begin(&ports, (unsigned)getpid());
    assert_int_equal(ports_take(&ports, 1, &port), 0);
    attempt_open(&attempt, page_server);
    attempt.plain.role.metrics_port = port;
    attempt.plain.order.collector = "PrometheusMetric";
    attempt.plain.order.http_path = "/metrics";
    attempt.plain.env[0] = xasprintf("PORT=%d", port);
    attempt.plain.container.n_env = 1;
    attempt_run(&attempt);
    assert_string_equal(attempt.peer.end, "succeeded");
    assert_values(&attempt.peer, 0, losses); /* of seven pages with three steps, one of them an error */
    assert_values(&attempt.peer, 1, accuracies);
    for (size_t i = 0; i < attempt.peer.n_heard; i++)
        assert_int_equal(attempt.peer.heard[i].step, i / 2);
    free((char *)attempt.plain.env[0]);
    attempt_close(&attempt);
}

static void agent__an_exit_code__is_told_with_the_last_lines(void **state)
{
    struct attempt attempt;

    (void)state;
    attempt_open(&attempt, "for i in $(seq 1 30); do echo line $i; done; printf 'b\\377d\\n' >&2; exit 3");
    attempt_run(&attempt);
    assert_string_equal(attempt.peer.end, "failed");
    assert_string_equal(attempt.peer.message, "main: exit code 3");
    assert_string_equal(attempt.peer.job_reason, "BackoffLimitExceeded");
    assert_int_equal(strncmp(attempt.peer.tail, "line 12\n", 8), 0);
    assert_contains(attempt.peer.tail, "line 30\nb\xEF\xBF\xBD"
                                       "d");
    attempt_close(&attempt);
}

static void agent__a_signal__is_named(void **state)
{
    struct attempt attempt;

    (void)state;
    attempt_open(&attempt, "kill -SEGV $$");
    attempt_run(&attempt);
    assert_string_equal(attempt.peer.message, "main: signal 11 (Segmentation fault)");
    attempt_close(&attempt);
}

static void agent__a_program_that_is_not_there__fails_at_once(void **state)
{
    struct attempt attempt;

    (void)state;
    attempt_open(&attempt, "");
    attempt.plain.argv[0] = "no-such-program";
    attempt_run(&attempt);
    assert_string_equal(attempt.peer.end, "failed");
    assert_string_equal(attempt.peer.message, "main: exec no-such-program: No such file or directory");
    attempt_close(&attempt);
}

static void agent__arguments_with_spaces_and_the_promised_environment__arrive(void **state)
{
    static const char *const env[] = { "A=one", "A=two words", "OMP_NUM_THREADS=7" };
    struct attempt attempt;
    char *log;

    (void)state;
    attempt_open(&attempt, "printf '%s|' \"$A\" $HONE_TRIAL $KATIB_TRIAL_NAME $PYTHONUNBUFFERED $OMP_NUM_THREADS "
                           "$OPENBLAS_NUM_THREADS \"<$CUDA_VISIBLE_DEVICES>\" \"$(pwd)\"; env | grep -c ^A=");
    attempt.plain.container.n_env = 3;
    attempt.plain.container.env = env;
    attempt.plain.container.limits.cpus = 2.5;
    attempt_run(&attempt);
    log = read_whole(attempt.directory, "main.log");
    assert_string_equal(log, "two words|experiment-abcd|experiment-abcd|1|7|2|<>|/|1\n");
    free(log);
    attempt_close(&attempt);
}

/* --- trees --- */

static void agent__children_that_flee_and_ignore_term__die_with_the_trial(void **state)
{
    struct attempt attempt;

    (void)state;
    attempt_open(
        &attempt,
        "trap '' TERM; sleep 1000 & setsid sleep 1000 & (setsid sh -c \"trap '' TERM; sleep 1000 & sleep 1000\" &); "
        "(sleep 1000 &); exit 0");
    attempt_run(&attempt);
    assert_string_equal(attempt.peer.end, "succeeded");
    attempt_close(&attempt); /* counts what is left */
}

static void agent__term__stops_and_the_grace_ends_what_ignores_it(void **state)
{
    struct attempt attempt;
    int64_t began_ms;

    (void)state;
    attempt_open(&attempt,
                 "trap 'echo accuracy=1' TERM; (trap '' TERM; setsid sleep 1000 & while :; do sleep 1; done) & "
                 "echo loss=1; while :; do sleep 0.05; done");
    attempt.plain.order.plan.grace_s = 0.5;
    attempt_start(&attempt);
    peer_serve_reports(&attempt.peer, 1);
    assert_true(count_left(attempt.directory) >= 3);
    began_ms = clock_steady_ms();
    kill(attempt.agent.pid, SIGTERM);
    assert_int_equal(peer_serve_to_end(&attempt.peer, &attempt.agent), 0);
    assert_string_equal(attempt.peer.end, "stopped");
    assert_int_equal(attempt.peer.n_heard, 2); /* the trap was heard, too */
    assert_true(clock_steady_ms() - began_ms >= 500);
    attempt_close(&attempt);
}

static void agent__usr1__stops_without_grace(void **state)
{
    struct attempt attempt;
    int64_t began_ms;

    (void)state;
    attempt_open(&attempt, "trap '' TERM; echo loss=1; while :; do sleep 1; done");
    attempt_start(&attempt);
    peer_serve_reports(&attempt.peer, 1);
    began_ms = clock_steady_ms();
    kill(attempt.agent.pid, SIGUSR1);
    assert_int_equal(peer_serve_to_end(&attempt.peer, &attempt.agent), 0);
    assert_string_equal(attempt.peer.end, "stopped");
    assert_true(clock_steady_ms() - began_ms < 20000);
    attempt_close(&attempt);
}

static void agent__a_deadline__ends_the_attempt(void **state)
{
    struct attempt attempt;

    (void)state;
    attempt_open(&attempt, "echo begun; sleep 1000");
    attempt.plain.order.plan.deadline_s = 0.5;
    attempt_run(&attempt);
    assert_string_equal(attempt.peer.end, "deadline");
    assert_string_equal(attempt.peer.message, "ran longer than its deadline of 0.5 s");
    assert_string_equal(attempt.peer.job_reason, "DeadlineExceeded");
    assert_string_equal(attempt.peer.tail, "begun");
    attempt_close(&attempt);
}

/* --- job semantics --- */

static void agent__restart_on_failure__runs_the_container_again_in_place(void **state)
{
    static const char *const losses[] = { "1", "2", "3", NULL };
    struct attempt attempt;
    char *script;

    (void)state;
    attempt_open(&attempt, NULL);
    script = xasprintf("echo x >> %s/count; n=$(wc -l < %s/count); printf loss=$n; [ $n -ge 3 ]", attempt.root,
                       attempt.root);
    attempt.plain.argv[2] = script;
    attempt.plain.role.restart = RESTART_ON_FAILURE;
    attempt.plain.order.plan.backoff_limit = 2;
    attempt_run(&attempt);
    assert_string_equal(attempt.peer.end, "succeeded");
    assert_values(&attempt.peer, 0, losses); /* each on a line of its own, though none was ended */
    free(script);
    attempt_close(&attempt);
}

static void agent__a_given_back_off_limit__waits_longer_each_time(void **state)
{
    static const char *const quick[] = { "HONE_BACKOFF_SECONDS=0.2", NULL };
    struct attempt attempt;
    int64_t began_ms = clock_steady_ms();

    (void)state;
    attempt_open(&attempt, "echo try; exit 1");
    attempt.plain.order.plan.backoff_limit = 2;
    attempt.plain.order.plan.backoff_is_given = true;
    attempt_start_with(&attempt, quick);
    assert_int_equal(peer_serve_to_end(&attempt.peer, &attempt.agent), 0);
    assert_string_equal(attempt.peer.end, "failed");
    assert_string_equal(attempt.peer.tail, "try\ntry\ntry");
    assert_true(clock_steady_ms() - began_ms >= 600); /* 0.2 + 0.4 */
    assert_true(clock_steady_ms() - began_ms < 10000);
    attempt_close(&attempt);
}

static void agent__a_permanent_exit_code__is_not_retried(void **state)
{
    struct attempt attempt;

    (void)state;
    attempt_open(&attempt, "echo try; exit 1");
    attempt.plain.role.restart = RESTART_EXIT_CODE;
    attempt.plain.order.plan.backoff_limit = 5;
    attempt_run(&attempt);
    assert_string_equal(attempt.peer.tail, "try");
    attempt_close(&attempt);
}

static void agent__completions__run_so_many_at_a_time_until_enough_succeed(void **state)
{
    struct attempt attempt;
    struct role roles[5];
    char *script, *most;

    (void)state;
    attempt_open(&attempt, NULL);
    script = xasprintf("cd %s; mkdir here.$$; ls -d here.* | wc -l >> most; sleep 0.05; echo loss=$$; rmdir here.$$",
                       attempt.root);
    attempt.plain.argv[2] = script;
    for (int i = 0; i < 5; i++) {
        static const char *const names[] = { "main-0", "main-1", "main-2", "main-3", "main-4" };

        roles[i] = attempt.plain.role;
        roles[i].name = names[i];
        roles[i].index = i;
    }
    attempt.plain.order.plan.roles = roles;
    attempt.plain.order.plan.n_roles = attempt.plain.order.plan.completions = 5;
    attempt.plain.order.plan.parallelism = 2;
    attempt_run(&attempt);
    assert_string_equal(attempt.peer.end, "succeeded");
    assert_int_equal(attempt.peer.n_heard, 5);
    most = read_whole(attempt.root, "most");
    assert_int_equal(strlen(most), 10);
    for (char *line = most; *line != '\0'; line += 2)
        assert_true(*line == '1' || *line == '2');
    free(most);
    free(script);
    attempt_close(&attempt);
}

static void agent__init_containers__run_before_and_one_after_another(void **state)
{
    static const char *const first[] = { "sh", "-c", "sleep 0.1; echo first >> order.txt" };
    static const char *const second[] = { "sh", "-c", "echo second >> order.txt" };
    struct attempt attempt;
    struct container init[2];
    char *order;

    (void)state;
    attempt_open(&attempt, "echo main >> order.txt; [ $(wc -l < order.txt) = 3 ]");
    attempt.plain.container.working_directory = attempt.root;
    init[0] = init[1] = attempt.plain.container;
    init[0].collect = init[1].collect = false;
    init[0].name = "prepare";
    init[0].argv = first;
    init[1].name = "prepare-more";
    init[1].argv = second;
    attempt.plain.role.init = init;
    attempt.plain.role.n_init = 2;
    attempt_run(&attempt);
    assert_string_equal(attempt.peer.end, "succeeded");
    order = read_whole(attempt.root, "order.txt");
    assert_string_equal(order, "first\nsecond\nmain\n");
    free(order);
    attempt_close(&attempt);
}

static void agent__an_init_container_that_fails__fails_the_role_by_its_name(void **state)
{
    static const char *const fails[] = { "sh", "-c", "echo no data; exit 4" };
    struct attempt attempt;
    struct container init;

    (void)state;
    attempt_open(&attempt, "echo loss=1");
    init = attempt.plain.container;
    init.name = "prepare";
    init.argv = fails;
    init.collect = false;
    attempt.plain.role.init = &init;
    attempt.plain.role.n_init = 1;
    attempt_run(&attempt);
    assert_string_equal(attempt.peer.message, "main/prepare: exit code 4");
    assert_string_equal(attempt.peer.tail, "no data");
    assert_int_equal(attempt.peer.n_heard, 0);
    attempt_close(&attempt);
}

static void agent__a_container_that_fails__takes_the_others_of_its_role_with_it(void **state)
{
    static const char *const waits[] = { "sleep", "1000" };
    struct attempt attempt;
    struct container both[2];

    (void)state;
    attempt_open(&attempt, "exit 5");
    both[0] = both[1] = attempt.plain.container;
    both[1].name = "helper";
    both[1].n_argv = 2;
    both[1].argv = waits;
    both[1].collect = false;
    attempt.plain.role.containers = both;
    attempt.plain.role.n_containers = 2;
    attempt.plain.order.plan.backoff_limit = 1;
    attempt_run(&attempt);
    assert_string_equal(attempt.peer.message, "main/training: exit code 5");
    attempt_close(&attempt);
}

static void agent__gpus__are_shared_out_among_roles(void **state)
{
    struct attempt attempt;
    struct role roles[2];
    char *first, *second;

    (void)state;
    attempt_open(&attempt, "echo $CUDA_VISIBLE_DEVICES $CUDA_DEVICE_ORDER");
    attempt.plain.container.limits.gpus = 2;
    roles[0] = roles[1] = attempt.plain.role;
    roles[1].name = "worker-1";
    attempt.plain.order.gpus = "0,2,3,5";
    attempt.plain.order.plan.roles = roles;
    attempt.plain.order.plan.n_roles = attempt.plain.order.plan.completions = attempt.plain.order.plan.parallelism = 2;
    attempt_run(&attempt);
    first = read_whole(attempt.directory, "main.log");
    second = read_whole(attempt.directory, "worker-1.log");
    assert_string_equal(first, "0,2 PCI_BUS_ID\n");
    assert_string_equal(second, "3,5 PCI_BUS_ID\n");
    free(first);
    free(second);
    attempt_close(&attempt);
}

/* --- output that is too much --- */

static void agent__one_line_of_100_megabytes__is_passed_over_in_bounded_memory(void **state)
{
    static const char *const losses[] = { "0.5", "0.25", NULL };
    struct attempt attempt;
    struct rusage usage;
    int status;

    (void)state;
    attempt_open(&attempt, "echo loss=0.5; head -c 100000000 /dev/zero | tr '\\0' x; echo; echo loss=0.25");
    attempt_start(&attempt);
    for (status = 0; process_wait(&attempt.agent, false, &status, &usage) == 0;) {
        zmq_pollitem_t item = { .socket = attempt.peer.socket, .events = ZMQ_POLLIN };

        zmq_poll(&item, 1, 10);
        while (peer_turn(&attempt.peer))
            ;
    }
    assert_int_equal(status, 0);
    assert_values(&attempt.peer, 0, losses);
    assert_string_equal(attempt.peer.end, "succeeded");
    if (getenv("ASAN_OPTIONS") == NULL) /* which takes memory of its own */
        assert_true(usage.ru_maxrss < 40 * 1024);
    attempt_close(&attempt);
}

static void agent__a_child_that_prints_without_end__keeps_a_bounded_file(void **state)
{
    struct attempt attempt;
    struct stat about;
    char *path, *done;

    (void)state;
    attempt_open(&attempt, NULL);
    done = file_join(attempt.root, "done");
    attempt.plain.argv[2] = xasprintf("echo loss=1; yes | head -c 300000000; touch %s; exec yes", done);
    attempt_start(&attempt);
    peer_serve_file(&attempt.peer, done);
    path = file_join(attempt.directory, "main.log");
    assert_int_equal(stat(path, &about), 0);
    assert_true(about.st_size >= 300000000);
    assert_true(about.st_blocks * 512 < 64 << 20); /* the limit, what is not read yet, and what a turn adds */
    kill(attempt.agent.pid, SIGUSR1);
    assert_int_equal(peer_serve_to_end(&attempt.peer, &attempt.agent), 0);
    assert_int_equal(stat(path, &about), 0);
    assert_true(about.st_blocks * 512 <= 2 << 20);
    assert_string_equal(attempt.peer.end, "stopped");
    free((char *)attempt.plain.argv[2]);
    free(path);
    free(done);
    attempt_close(&attempt);
}

static void agent__more_reports_than_fit_a_message__all_arrive_in_order(void **state)
{
    struct attempt attempt;

    (void)state;
    attempt_open(&attempt, "seq 1 20000 | sed s/^/loss=/");
    attempt_run(&attempt);
    assert_int_equal(attempt.peer.n_heard, 20000);
    for (size_t i = 0; i < attempt.peer.n_heard; i++) {
        assert_int_equal(attempt.peer.heard[i].sequence, i + 1);
        assert_int_equal(strtol(attempt.peer.heard[i].value, NULL, 10), i + 1);
    }
    attempt_close(&attempt);
}

/* --- metrics files --- */

static void use_file(struct attempt *attempt, const char *path, const char *format)
{
    attempt->plain.order.collector = "File";
    attempt->plain.order.metrics_path = path;
    attempt->plain.order.format = format;
}

static void agent__a_metrics_file_that_appears_late_and_grows__is_followed(void **state)
{
    static const char *const losses[] = { "3", "2", "1", NULL };
    struct attempt attempt;
    char *path, *script;

    (void)state;
    attempt_open(&attempt, NULL);
    path = file_join(attempt.root, "made-later/metrics.log");
    script = xasprintf(
        "echo loss=99; sleep 0.1; mkdir %s/made-later; echo loss=3 > %s; sleep 0.1; (echo loss=2 >> %s) & wait; "
        "printf loss=1 >> %s",
        attempt.root, path, path, path);
    attempt.plain.argv[2] = script;
    use_file(&attempt, path, "TEXT");
    attempt_run(&attempt);
    assert_values(&attempt.peer, 0, losses);
    free(script);
    free(path);
    attempt_close(&attempt);
}

/* As cloudml-hypertune does it: truncate, write the last 100 lines. Who does not look for 100 reports loses some. */
static const char *const hypertune =
    "import sys, json, collections, time\n"
    "queue = collections.deque(maxlen=100)\n"
    "for i in range(int(sys.argv[2])):\n"
    "    queue.append(json.dumps({'loss': str(i), 'global_step': str(i), 'trial': '0', 'checkpoint_path': 'x' * 60}))\n"
    "    with open(sys.argv[1], 'w') as f:\n"
    "        for line in queue: f.write(line + '\\n')\n"
    "    time.sleep(0.01)\n";

static void agent__a_metrics_file_written_anew_every_time__counts_each_report_once(void **state)
{
    struct attempt attempt;
    char *path;

    (void)state;
    attempt_open(&attempt, NULL);
    path = file_join(attempt.root, "output.metrics");
    {
        const char *argv[] = { "python3", "-c", hypertune, path, "250" };

        attempt.plain.container.argv = argv;
        attempt.plain.container.n_argv = 5;
        use_file(&attempt, path, "JSON");
        attempt_run(&attempt);
    }
    assert_string_equal(attempt.peer.end, "succeeded");
    assert_int_equal(attempt.peer.n_heard, 250);
    for (size_t i = 0; i < 250; i++) {
        assert_int_equal(strtol(attempt.peer.heard[i].value, NULL, 10), i);
        assert_int_equal(attempt.peer.heard[i].step, i);
    }
    free(path);
    attempt_close(&attempt);
}

static void agent__a_metrics_file_replaced_by_rename__is_followed(void **state)
{
    static const char *const losses[] = { "1", "2", "3", "4", NULL };
    struct attempt attempt;
    char *path, *script;

    (void)state;
    attempt_open(&attempt, NULL);
    path = file_join(attempt.root, "metrics");
    script = xasprintf("cd %s; all=; for i in 1 2 3 4; do all=\"$all loss=$i\"; printf 'loss=%%s\\n' $(echo $all | sed "
                       "s/loss=//g) > new; "
                       "mv new metrics; sleep 0.05; done",
                       attempt.root);
    attempt.plain.argv[2] = script;
    use_file(&attempt, path, "TEXT");
    attempt_run(&attempt);
    assert_values(&attempt.peer, 0, losses);
    free(script);
    free(path);
    attempt_close(&attempt);
}

/* --- private paths --- */

static void run_with_private_path(const char *setting)
{
    static const char *const script =
        "echo loss=$1 >> /hone-test-private/metrics.log; cat /hone-test-private/metrics.log; "
        "echo $1 >> /hone-test-shared/checkpoint; cat /hone-test-config/key; sleep 0.1";
    const char *const settings[] = { setting, NULL };
    const struct mount_file file = { "key", "secret\n", 7, 0600 };
    const struct mount mounts[] = {
        { .kind = MOUNT_PRIVATE, .target = "/hone-test-private", .source = "scratch" },
        { .kind = MOUNT_TRIAL, .target = "/hone-test-shared", .source = "checkpoints" },
        { .kind = MOUNT_FILES, .target = "/hone-test-config", .n_files = 1, .files = &file },
    };
    const char *names[] = { "1", "2" };
    struct attempt attempts[2];

    for (int i = 0; i < 2; i++) {
        struct attempt *attempt = &attempts[i];
        const char *argv[] = { "/bin/sh", "-c", script, "sh", names[i] };

        attempt_open(attempt, NULL);
        attempt->plain.container.argv = argv;
        attempt->plain.container.n_argv = 5;
        attempt->plain.container.n_mounts = 3;
        attempt->plain.container.mounts = mounts;
        use_file(attempt, "/hone-test-private/metrics.log", "TEXT");
        attempt_start_with(attempt, setting != NULL ? settings : NULL);
    }
    for (int i = 0; i < 2; i++) {
        struct attempt *attempt = &attempts[i];
        char *log, *kept;

        assert_int_equal(peer_serve_to_end(&attempt->peer, &attempt->agent), 0);
        assert_string_equal(attempt->peer.end, "succeeded");
        assert_int_equal(attempt->peer.n_heard, 1);
        assert_string_equal(attempt->peer.heard[0].value, names[i]);
        log = read_whole(attempt->directory, "main.log");
        kept = read_whole(attempt->root, "trial/shared/checkpoints/checkpoint");
        assert_int_equal(strncmp(log, "loss=", 5), 0);
        assert_contains(log, "secret");
        assert_int_equal(kept[0], names[i][0]);
        free(kept);
        free(log);
        attempt_close(attempt);
    }
}

static void agent__two_trials_with_the_same_absolute_path__never_meet(void **state)
{
    (void)state;
    if (!process_can_bind() || geteuid() != 0) /* others cannot make mount points below / */
        skip();
    run_with_private_path(NULL);
    rmdir("/hone-test-private");
    rmdir("/hone-test-shared");
    rmdir("/hone-test-config");
}

static void agent__without_namespaces__rewrites_the_command(void **state)
{
    (void)state;
    run_with_private_path("HONE_NO_NAMESPACE=1");
}

static void agent__a_path_that_nothing_names__is_refused_without_namespaces(void **state)
{
    static const char *const settings[] = { "HONE_NO_NAMESPACE=1", NULL };
    const struct mount mount = { .kind = MOUNT_PRIVATE, .target = "/hone-test-nowhere", .source = "scratch" };
    struct attempt attempt;

    (void)state;
    attempt_open(&attempt, "echo /hone-test-nowhere-else");
    attempt.plain.container.n_mounts = 1;
    attempt.plain.container.mounts = &mount;
    attempt_start_with(&attempt, settings);
    assert_int_equal(peer_serve_to_end(&attempt.peer, &attempt.agent), 0);
    assert_string_equal(attempt.peer.end, "failed");
    assert_contains(attempt.peer.message,
                    "/hone-test-nowhere cannot be private here (mount namespaces are not allowed)");
    attempt_close(&attempt);
}

/* --- limits --- */

static const char *const eats_memory =
    "import time\nkept = []\nfor i in range(1000):\n    kept.append(bytearray(4 << 20))\n"
    "    time.sleep(0.01)\n";

static void run_over_memory_limit(const char *setting)
{
    const char *const argv[] = { "python3", "-c", eats_memory };
    const char *const settings[] = { setting, NULL };
    struct attempt attempt;

    attempt_open(&attempt, NULL);
    attempt.plain.container.argv = argv;
    attempt.plain.container.limits.memory = 96 << 20;
    attempt_start_with(&attempt, setting != NULL ? settings : NULL);
    assert_int_equal(peer_serve_to_end(&attempt.peer, &attempt.agent), 0);
    assert_string_equal(attempt.peer.end, "failed");
    assert_true(attempt.peer.peak_memory > 40 << 20);
    assert_true(attempt.peer.peak_memory < 160 << 20);
    assert_true(strstr(attempt.peer.message, "out of memory: limit 96Mi") != NULL ||
                (setting != NULL && strstr(attempt.peer.message, "at its memory limit 96Mi") != NULL));
    attempt_close(&attempt);
}

/* Groups of ours that are still there. */
static size_t count_groups(const struct limits *limits, enum limit_controller controller)
{
    DIR *groups = opendir(limits->directory[controller]);
    struct dirent *entry;
    size_t n = 0;

    /* cppcheck-suppress readdirCalled ; a stream of our own */
    while ((entry = readdir(groups)) != NULL)
        n += strncmp(entry->d_name, "hone-", 5) == 0;
    closedir(groups);
    return n;
}

static void agent__memory_over_the_limit__is_told_by_the_control_group(void **state)
{
    struct limits limits;
    size_t n_before;

    (void)state;
    limits_find(&limits);
    if (limits.directory[LIMIT_MEMORY] == NULL) {
        limits_release(&limits);
        skip();
    }
    n_before = count_groups(&limits, LIMIT_MEMORY);
    run_over_memory_limit(NULL);
    assert_true(count_groups(&limits, LIMIT_MEMORY) <= n_before);
    limits_release(&limits);
}

static void agent__a_cpu_limit__is_kept_where_control_groups_can(void **state)
{
    struct attempt attempt;
    struct limits limits;
    bool usable;

    (void)state;
    limits_find(&limits);
    usable = limits.directory[LIMIT_CPU] != NULL;
    limits_release(&limits);
    if (!usable)
        skip();
    attempt_open(&attempt, "timeout 1 sh -c 'while :; do :; done'; exit 0");
    attempt.plain.container.limits.cpus = 0.25;
    attempt_run(&attempt);
    assert_string_equal(attempt.peer.end, "succeeded");
    assert_true(attempt.peer.cpu_s > 0.05);
    assert_true(attempt.peer.cpu_s < 0.5);
    attempt_close(&attempt);
}

static void agent__memory_over_the_limit_without_control_groups__is_told_too(void **state)
{
    (void)state;
    run_over_memory_limit("HONE_NO_CGROUP=1");
}

static void agent__a_tree_over_the_limit_without_control_groups__is_found_by_polling(void **state)
{
    static const char *const settings[] = { "HONE_NO_CGROUP=1", NULL };
    const char *const argv[] = {
        "sh", "-c",
        "for i in 1 2 3 4; do python3 -c 'import time; kept = bytearray(48 << 20); time.sleep(1000)' & "
        "done; wait"
    };
    struct attempt attempt;

    (void)state;
    attempt_open(&attempt, NULL);
    attempt.plain.container.argv = argv;
    attempt.plain.container.limits.memory = 128 << 20; /* each of them stays below */
    attempt_start_with(&attempt, settings);
    assert_int_equal(peer_serve_to_end(&attempt.peer, &attempt.agent), 0);
    assert_string_equal(attempt.peer.message, "main: out of memory: limit 128Mi");
    attempt_close(&attempt);
}

/* --- the service goes, the agent dies --- */

static void agent__a_service_that_goes_and_comes_back__hears_everything_once(void **state)
{
    struct attempt attempt;
    char *half, *go;

    (void)state;
    attempt_open(&attempt, NULL);
    half = file_join(attempt.root, "half");
    go = file_join(attempt.root, "go");
    attempt.plain.argv[2] = xasprintf(
        "for i in $(seq 1 50); do echo loss=$i; done; touch %s; while [ ! -e %s ]; do sleep 0.01; done; "
        "for i in $(seq 51 100); do echo loss=$i; done",
        half, go);
    attempt.peer.forgets_reports = true; /* what it hears is not acknowledged */
    attempt_start(&attempt);
    peer_serve_file(&attempt.peer, half);
    peer_serve_reports(&attempt.peer, 1);
    peer_leave(&attempt.peer);
    assert_int_equal(file_write(go, "", 0, 0600), 0);
    attempt.peer.forgets_reports = false;
    peer_bind(&attempt.peer);
    assert_int_equal(peer_serve_to_end(&attempt.peer, &attempt.agent), 0);
    assert_string_equal(attempt.peer.end, "succeeded");
    assert_int_equal(attempt.peer.n_heard, 100);
    assert_true(attempt.peer.n_repeated >= 1);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(strtol(attempt.peer.heard[i].value, NULL, 10), i + 1);
    free((char *)attempt.plain.argv[2]);
    free(half);
    free(go);
    attempt_close(&attempt);
}

static void agent__without_a_service__lets_the_training_run_and_waits(void **state)
{
    struct attempt attempt;
    char *end;

    (void)state;
    attempt_open(&attempt, "echo loss=1");
    peer_leave(&attempt.peer);
    attempt_start(&attempt);
    end = file_join(attempt.directory, "end");
    peer_serve_file(&attempt.peer, end);
    peer_bind(&attempt.peer);
    assert_int_equal(peer_serve_to_end(&attempt.peer, &attempt.agent), 0);
    assert_string_equal(attempt.peer.end, "succeeded");
    assert_int_equal(attempt.peer.n_heard, 1);
    free(end);
    attempt_close(&attempt);
}

static void agent__an_attempt_that_is_no_longer_wanted__kills_its_roles_and_leaves(void **state)
{
    struct attempt attempt;

    (void)state;
    attempt_open(&attempt, "trap '' TERM; sleep 1000 & while :; do sleep 1; done");
    attempt.peer.refuse = ERR_CONFLICT;
    attempt_start(&attempt);
    assert_int_equal(peer_serve_to_end(&attempt.peer, &attempt.agent), AGENT_REFUSED << 8);
    assert_int_equal(attempt.peer.n_ends, 0);
    attempt_close(&attempt);
}

static void agent__a_directory_that_disappears__is_no_reason_to_lose_the_end(void **state)
{
    struct attempt attempt;
    char *go;

    (void)state;
    attempt_open(&attempt, NULL);
    go = file_join(attempt.root, "go");
    attempt.plain.argv[2] = xasprintf("echo loss=1; while [ ! -e %s ]; do sleep 0.01; done; echo loss=2; exit 3", go);
    attempt_start(&attempt);
    peer_serve_reports(&attempt.peer, 1);
    assert_int_equal(file_remove_tree(attempt.directory), 0);
    assert_int_equal(file_write(go, "", 0, 0600), 0);
    assert_int_equal(peer_serve_to_end(&attempt.peer, &attempt.agent), 0);
    assert_string_equal(attempt.peer.message, "main: exit code 3");
    assert_int_equal(attempt.peer.n_heard, 2);
    free((char *)attempt.plain.argv[2]);
    free(go);
    attempt_close(&attempt);
}

static void agent__a_directory_and_a_service_that_disappear__leave_no_agent_behind(void **state)
{
    struct attempt attempt;

    (void)state;
    attempt_open(&attempt, "trap '' TERM; echo loss=1; exec sleep 1000");
    attempt_start(&attempt);
    peer_serve_reports(&attempt.peer, 1);
    peer_leave(&attempt.peer);
    assert_int_equal(file_remove_tree(attempt.directory), 0);
    kill(attempt.agent.pid, SIGUSR1);
    assert_int_equal(peer_serve_to_end(&attempt.peer, &attempt.agent), AGENT_REFUSED << 8);
    attempt_close(&attempt);
}

static void agent__a_directory_that_cannot_be_written__fails_with_the_reason(void **state)
{
    struct attempt attempt;
    char *started;

    (void)state;
    attempt_open(&attempt, "echo loss=1");
    started = file_join(attempt.directory, "started.next"); /* in the way, whoever we are */
    assert_int_equal(mkdir(started, 0700), 0);
    attempt_run(&attempt);
    assert_string_equal(attempt.peer.end, "failed");
    assert_contains(attempt.peer.message, "started.next");
    assert_int_equal(attempt.peer.n_heard, 0);
    free(started);
    attempt_close(&attempt);
}

static void agent__a_refused_beat__ends_it_too(void **state)
{
    struct attempt attempt;

    (void)state;
    attempt_open(&attempt, "echo loss=1; sleep 1000");
    attempt_start(&attempt);
    peer_serve_reports(&attempt.peer, 1);
    attempt.peer.refuse = ERR_NOT_FOUND;
    assert_int_equal(peer_serve_to_end(&attempt.peer, &attempt.agent), AGENT_REFUSED << 8);
    attempt_close(&attempt);
}

static void agent__a_second_one_on_the_directory__leaves_at_once(void **state)
{
    struct attempt attempt;
    struct process second;
    struct rusage usage;
    int status;

    (void)state;
    attempt_open(&attempt, "echo loss=1; sleep 1000");
    attempt_start(&attempt);
    peer_serve_reports(&attempt.peer, 1);
    start_agent(attempt.directory, &second);
    assert_int_equal(process_wait(&second, true, &status, &usage), 1);
    assert_int_equal(status, AGENT_NOT_ALONE << 8);
    kill(attempt.agent.pid, SIGTERM);
    assert_int_equal(peer_serve_to_end(&attempt.peer, &attempt.agent), 0);
    assert_int_equal(attempt.peer.n_hellos, 1);
    attempt_close(&attempt);
}

static void kill_agent(struct attempt *attempt)
{
    struct rusage usage;
    int status;

    kill(attempt->agent.pid, SIGKILL);
    assert_int_equal(process_wait(&attempt->agent, true, &status, &usage), 1);
}

static void agent__killed_in_the_middle__another_clears_up_and_loses_nothing(void **state)
{
    struct attempt attempt;

    (void)state;
    attempt_open(&attempt,
                 "setsid sleep 1000 & (sleep 1000 &); i=0; while :; do i=$((i+1)); echo loss=$i accuracy=0.$i; done");
    attempt.peer.keeps_progress = true;
    attempt_start(&attempt);
    peer_serve_reports(&attempt.peer, 5000);
    kill_agent(&attempt);
    start_agent(attempt.directory, &attempt.agent);
    assert_int_equal(peer_serve_to_end(&attempt.peer, &attempt.agent), 0);
    assert_string_equal(attempt.peer.end, "lost");
    {
        char *path = file_join(attempt.directory, "main.log");
        struct text log = { 0 };
        long n_lines;

        assert_int_equal(file_read(path, 1 << 30, &log), 0);
        n_lines = strtol((char *)memrchr(log.data, 'l', log.length) + strlen("loss="), NULL, 10);
        /* The log's middle may be freed; what was reported must be every line that was written. */
        assert_true(attempt.peer.n_heard >= (size_t)(2 * (n_lines - 1)));
        assert_true(attempt.peer.n_heard <= (size_t)(2 * n_lines));
        text_release(&log);
        free(path);
    }
    for (size_t i = 0; i < attempt.peer.n_heard; i++) {
        assert_int_equal(attempt.peer.heard[i].sequence, i + 1);
        if (attempt.peer.heard[i].metric == 0)
            assert_int_equal(strtol(attempt.peer.heard[i].value, NULL, 10), i / 2 + 1);
    }
    attempt_close(&attempt);
}

static void agent__killed_while_a_file_is_rewritten__loses_and_doubles_nothing(void **state)
{
    struct attempt attempt;
    char *path;

    (void)state;
    attempt_open(&attempt, NULL);
    path = file_join(attempt.root, "output.metrics");
    {
        const char *argv[] = { "python3", "-c", hypertune, path, "1000000" };

        attempt.plain.container.argv = argv;
        attempt.plain.container.n_argv = 5;
        use_file(&attempt, path, "JSON");
        attempt_start(&attempt);
        peer_serve_reports(&attempt.peer, 150);
        kill_agent(&attempt);
        start_agent(attempt.directory, &attempt.agent);
        assert_int_equal(peer_serve_to_end(&attempt.peer, &attempt.agent), 0);
    }
    assert_string_equal(attempt.peer.end, "lost");
    for (size_t i = 0; i < attempt.peer.n_heard; i++)
        assert_int_equal(strtol(attempt.peer.heard[i].value, NULL, 10), i);
    free(path);
    attempt_close(&attempt);
}

static void agent__killed_before_its_end_arrived__another_delivers_it(void **state)
{
    struct attempt attempt;
    char *end;

    (void)state;
    attempt_open(&attempt, "echo loss=1; exit 7");
    peer_leave(&attempt.peer);
    attempt_start(&attempt);
    end = file_join(attempt.directory, "end");
    peer_serve_file(&attempt.peer, end);
    kill_agent(&attempt);
    peer_bind(&attempt.peer);
    start_agent(attempt.directory, &attempt.agent);
    assert_int_equal(peer_serve_to_end(&attempt.peer, &attempt.agent), 0);
    assert_string_equal(attempt.peer.end, "failed");
    assert_string_equal(attempt.peer.message, "main: exit code 7");
    assert_int_equal(attempt.peer.n_heard, 1);
    free(end);
    attempt_close(&attempt);
}

static void agent__killed_at_random_moments__never_starts_a_role_twice(void **state)
{
    (void)state;
    for (int round = 0; round < 12; round++) {
        struct attempt attempt;
        char *script, *starts;
        struct timespec moment = { 0, round * 1500000L };

        attempt_open(&attempt, NULL);
        script = xasprintf("echo started >> %s/starts; i=0; while [ $i -lt 200 ]; do i=$((i+1)); echo loss=$i; done",
                           attempt.root);
        attempt.plain.argv[2] = script;
        attempt.peer.keeps_progress = round % 2 == 0;
        attempt_start(&attempt);
        nanosleep(&moment, NULL);
        kill_agent(&attempt);
        start_agent(attempt.directory, &attempt.agent);
        assert_int_equal(peer_serve_to_end(&attempt.peer, &attempt.agent) & ~(AGENT_REFUSED << 8), 0);
        starts = read_whole(attempt.root, "starts");
        assert_true(strlen(starts) <= strlen("started\n"));
        assert_true(strcmp(attempt.peer.end, "lost") == 0 || strcmp(attempt.peer.end, "succeeded") == 0);
        if (strcmp(attempt.peer.end, "succeeded") == 0)
            assert_int_equal(attempt.peer.n_heard, 200);
        for (size_t i = 0; i < attempt.peer.n_heard; i++)
            assert_int_equal(strtol(attempt.peer.heard[i].value, NULL, 10), i + 1);
        free(starts);
        free(script);
        attempt_close(&attempt);
    }
}

static void agent__an_order_that_is_none__is_refused(void **state)
{
    char *directory = test_directory(), *order = file_join(directory, "order");
    struct process agent;
    struct rusage usage;
    int status;

    (void)state;
    assert_int_equal(file_write(order, "\x93\x01\x02", 3, 0600), 0);
    start_agent(directory, &agent);
    assert_int_equal(process_wait(&agent, true, &status, &usage), 1);
    assert_int_equal(status, AGENT_BAD_ORDER << 8);
    file_remove_tree(directory);
    free(order);
    free(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agent__a_training_that_succeeds__reports_and_ends),
        cmocka_unit_test(agent__a_line_while_it_runs__is_heard_at_once),
        cmocka_unit_test(agent__a_page__is_read_while_it_is_served),
        cmocka_unit_test(agent__an_exit_code__is_told_with_the_last_lines),
        cmocka_unit_test(agent__a_signal__is_named),
        cmocka_unit_test(agent__a_program_that_is_not_there__fails_at_once),
        cmocka_unit_test(agent__arguments_with_spaces_and_the_promised_environment__arrive),
        cmocka_unit_test(agent__children_that_flee_and_ignore_term__die_with_the_trial),
        cmocka_unit_test(agent__term__stops_and_the_grace_ends_what_ignores_it),
        cmocka_unit_test(agent__usr1__stops_without_grace),
        cmocka_unit_test(agent__a_deadline__ends_the_attempt),
        cmocka_unit_test(agent__restart_on_failure__runs_the_container_again_in_place),
        cmocka_unit_test(agent__a_given_back_off_limit__waits_longer_each_time),
        cmocka_unit_test(agent__a_permanent_exit_code__is_not_retried),
        cmocka_unit_test(agent__completions__run_so_many_at_a_time_until_enough_succeed),
        cmocka_unit_test(agent__init_containers__run_before_and_one_after_another),
        cmocka_unit_test(agent__an_init_container_that_fails__fails_the_role_by_its_name),
        cmocka_unit_test(agent__a_container_that_fails__takes_the_others_of_its_role_with_it),
        cmocka_unit_test(agent__gpus__are_shared_out_among_roles),
        cmocka_unit_test(agent__one_line_of_100_megabytes__is_passed_over_in_bounded_memory),
        cmocka_unit_test(agent__a_child_that_prints_without_end__keeps_a_bounded_file),
        cmocka_unit_test(agent__more_reports_than_fit_a_message__all_arrive_in_order),
        cmocka_unit_test(agent__a_metrics_file_that_appears_late_and_grows__is_followed),
        cmocka_unit_test(agent__a_metrics_file_written_anew_every_time__counts_each_report_once),
        cmocka_unit_test(agent__a_metrics_file_replaced_by_rename__is_followed),
        cmocka_unit_test(agent__two_trials_with_the_same_absolute_path__never_meet),
        cmocka_unit_test(agent__without_namespaces__rewrites_the_command),
        cmocka_unit_test(agent__a_path_that_nothing_names__is_refused_without_namespaces),
        cmocka_unit_test(agent__memory_over_the_limit__is_told_by_the_control_group),
        cmocka_unit_test(agent__a_cpu_limit__is_kept_where_control_groups_can),
        cmocka_unit_test(agent__memory_over_the_limit_without_control_groups__is_told_too),
        cmocka_unit_test(agent__a_tree_over_the_limit_without_control_groups__is_found_by_polling),
        cmocka_unit_test(agent__a_service_that_goes_and_comes_back__hears_everything_once),
        cmocka_unit_test(agent__without_a_service__lets_the_training_run_and_waits),
        cmocka_unit_test(agent__an_attempt_that_is_no_longer_wanted__kills_its_roles_and_leaves),
        cmocka_unit_test(agent__a_directory_that_disappears__is_no_reason_to_lose_the_end),
        cmocka_unit_test(agent__a_directory_and_a_service_that_disappear__leave_no_agent_behind),
        cmocka_unit_test(agent__a_directory_that_cannot_be_written__fails_with_the_reason),
        cmocka_unit_test(agent__a_refused_beat__ends_it_too),
        cmocka_unit_test(agent__a_second_one_on_the_directory__leaves_at_once),
        cmocka_unit_test(agent__killed_in_the_middle__another_clears_up_and_loses_nothing),
        cmocka_unit_test(agent__killed_while_a_file_is_rewritten__loses_and_doubles_nothing),
        cmocka_unit_test(agent__killed_before_its_end_arrived__another_delivers_it),
        cmocka_unit_test(agent__killed_at_random_moments__never_starts_a_role_twice),
        cmocka_unit_test(agent__an_order_that_is_none__is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
