/*
 * Starting processes and finding them again.
 */
#include "trialrunner/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/status.h"
#include "tests/test.h"

static const char *const path_only[] = { "PATH=/usr/bin:/bin", NULL };

static struct process_spec shell(const char *const *argv)
{
    return (struct process_spec){ .argv = argv, .envp = path_only, .stdin_fd = -1, .stdout_fd = -1, .stderr_fd = -1 };
}

/* What it printed; its status in *status. */
static char *run(struct process_spec spec, int *status)
{
    struct process process;
    struct rusage usage;
    struct text out = { 0 };
    char chunk[4096];
    int ends[2];
    ssize_t n;

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    spec.stdout_fd = spec.stderr_fd = ends[1];
    assert_int_equal(process_start(&spec, &process), 0);
    close(ends[1]);
    while ((n = read(ends[0], chunk, sizeof chunk)) > 0)
        text_add_bytes(&out, chunk, (size_t)n);
    close(ends[0]);
    assert_int_equal(process_wait(&process, true, status, &usage), 1);
    assert_int_equal(process.pidfd, -1);
    text_add(&out, "");
    return out.data != NULL ? out.data : xstrdup("");
}

static void process_start__a_program_that_is_not_there__says_exec_and_why(void **state)
{
    const char *const argv[] = { "no-such-program", NULL };
    struct process_spec spec = shell(argv);
    struct process process;

    (void)state;
    assert_int_equal(process_start(&spec, &process), ERR_IO);
    assert_string_equal(fail_message(), "exec no-such-program: No such file or directory");
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no zombie */
    assert_int_equal(errno, ECHILD);
}

static void process_start__a_directory_that_is_not_there__says_chdir_and_why(void **state)
{
    const char *const argv[] = { "true", NULL };
    struct process_spec spec = shell(argv);
    struct process process;

    (void)state;
    spec.working_directory = "/no/such/directory";
    assert_int_equal(process_start(&spec, &process), ERR_IO);
    assert_string_equal(fail_message(), "chdir /no/such/directory: No such file or directory");
}

static void process_start__a_file_that_may_not_be_executed__says_permission_denied(void **state)
{
    char *directory = test_directory(), *path = file_join(directory, "program");
    const char *const argv[] = { path, NULL };
    struct process_spec spec = shell(argv);
    struct process process;

    (void)state;
    assert_int_equal(file_write(path, "x", 1, 0600), 0);
    assert_int_equal(process_start(&spec, &process), ERR_IO);
    assert_contains(fail_message(), "Permission denied");
    file_remove_tree(directory);
    free(path);
    free(directory);
}

static void process_start__arguments_with_spaces__arrive_as_they_are(void **state)
{
    const char *const argv[] = { "printf", "[%s]", "a b", "", "c'd\"e", NULL };
    int status;
    char *out = run(shell(argv), &status);

    (void)state;
    assert_string_equal(out, "[a b][][c'd\"e]");
    assert_int_equal(status, 0);
    free(out);
}

static void process_start__the_child__has_its_own_group_no_blocked_signal_and_three_descriptors(void **state)
{
    const char *const argv[] = {
        "sh", "-c",
        "cut -d' ' -f5 /proc/$$/stat; echo $$; grep -E 'Sig(Blk|Ign)' /proc/self/status | cut -f2; "
        "ls /proc/$$/fd | tr '\\n' ' '",
        NULL
    };
    int status, stray = open("/dev/null", O_RDONLY); /* not close-on-exec, as a careless library leaves it */
    int group, pid;
    unsigned long long mask, ignored;
    sigset_t blocked;
    char *out;

    (void)state;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    signal(SIGPIPE, SIG_IGN);
    out = run(shell(argv), &status);
    signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_UNBLOCK, &blocked, NULL);
    close(stray);
    assert_int_equal(sscanf(out, "%d\n%d\n%llx\n%llx\n", &group, &pid, &mask, &ignored), 4);
    assert_int_equal(group, pid);
    assert_int_equal(mask, 0);
    assert_int_equal(ignored & ~(3ull << 31), 0); /* 32 and 33 are the C library's own, beyond anybody's reach */
    assert_contains(out, "\n0 1 2 ");
    assert_null(strstr(out, " 3 "));
    free(out);
}

static void process_start__a_bind__is_seen_by_the_child_alone(void **state)
{
    char *directory = test_directory(), *source = file_join(directory, "source"),
         *target = file_join(directory, "target");
    char *script = xasprintf("echo written > %s/file; cat %s/file; mkdir %s/ro 2>/dev/null || echo refused", target,
                             target, directory);
    char *inside = file_join(source, "file"), *outside = file_join(target, "file");
    const char *const argv[] = { "sh", "-c", script, NULL };
    struct process_bind binds[] = { { source, target, false } };
    struct process_spec spec = shell(argv);
    int status;
    char *out;

    (void)state;
    if (!process_can_bind())
        skip();
    assert_int_equal(mkdir(source, 0700), 0);
    assert_int_equal(mkdir(target, 0700), 0);
    spec.binds = binds;
    spec.n_binds = 1;
    out = run(spec, &status);
    assert_int_equal(status, 0);
    assert_contains(out, "written");
    assert_int_equal(access(inside, F_OK), 0);
    assert_int_not_equal(access(outside, F_OK), 0);
    free(out);
    binds[0].read_only = true;
    out = run(spec, &status);
    assert_contains(out, "Read-only file system");
    free(out);
    file_remove_tree(directory);
    free(inside);
    free(outside);
    free(script);
    free(source);
    free(target);
    free(directory);
}

static void process_start__a_bind_of_nothing__names_both_paths(void **state)
{
    const char *const argv[] = { "true", NULL };
    const struct process_bind bind = { "/no/such/source", "/", false };
    struct process_spec spec = shell(argv);
    struct process process;

    (void)state;
    if (!process_can_bind())
        skip();
    spec.binds = &bind;
    spec.n_binds = 1;
    assert_int_equal(process_start(&spec, &process), ERR_IO);
    assert_string_equal(fail_message(), "bind /no/such/source over /: No such file or directory");
}

static void process_start__a_data_limit__stops_an_allocation(void **state)
{
    const char *const argv[] = { "sh", "-c", "ulimit -d", NULL };
    struct process_spec spec = shell(argv);
    int status;
    char *out;

    (void)state;
    spec.data_limit = 64 << 20;
    out = run(spec, &status);
    assert_string_equal(out, "65536\n");
    free(out);
}

static void process_describe__exits_and_signals__in_words(void **state)
{
    char buffer[64];

    (void)state;
    assert_string_equal(process_describe(3 << 8, buffer), "exit code 3");
    assert_string_equal(process_describe(SIGKILL, buffer), "signal 9 (Killed)");
    assert_string_equal(process_describe(SIGSEGV, buffer), "signal 11 (Segmentation fault)");
}

static void process_wait__a_child_that_runs__is_not_waited_for(void **state)
{
    const char *const argv[] = { "sleep", "1000", NULL };
    struct process_spec spec = shell(argv);
    struct process process;
    struct rusage usage;
    int status;

    (void)state;
    assert_int_equal(process_start(&spec, &process), 0);
    assert_int_equal(process_wait(&process, false, &status, &usage), 0);
    assert_true(process_birth(process.pid) > 0);
    assert_true(process_tree_memory(process.pid) > 0);
    kill(process.pid, SIGKILL);
    assert_int_equal(process_wait(&process, true, &status, &usage), 1);
    assert_int_equal(WTERMSIG(status), SIGKILL);
    assert_true(process_birth(process.pid) == 0);
}

/* Kill and reap until nothing descends from us. */
static void sweep(const char *tag)
{
    while (process_signal_tagged(tag, SIGKILL) > 0)
        while (waitpid(-1, NULL, WNOHANG) > 0)
            ;
    while (waitpid(-1, NULL, 0) > 0)
        ;
}

static void process_signal_tagged__a_tree_with_sessions_and_orphans__is_found_whole(void **state)
{
    static const char *const script =
        "trap '' TERM; sleep 1000 & setsid sleep 1000 & (setsid sh -c 'sleep 1000 & sleep 1000' &) ; (sleep 1000 &) ; "
        "echo ready; wait";
    const char *const argv[] = { "sh", "-c", script, NULL };
    struct process_spec spec = shell(argv);
    struct process process;
    char ready[16];
    int ends[2];

    (void)state;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    spec.stdout_fd = ends[1];
    assert_int_equal(process_start(&spec, &process), 0);
    close(ends[1]);
    assert_int_equal(read(ends[0], ready, sizeof ready), 6);
    assert_true(process_signal_tagged(NULL, 0) >= 5);
    sweep(NULL);
    assert_int_equal(process_signal_tagged(NULL, 0), 0);
    assert_int_equal(read(ends[0], ready, sizeof ready), 0); /* nobody holds the other end */
    close(ends[0]);
    close(process.pidfd);
    prctl(PR_SET_CHILD_SUBREAPER, 0);
}

static void process_signal_tagged__a_tag__finds_only_its_bearers(void **state)
{
    char *tag = xasprintf("HONE_TEST_TAG=%d", (int)getpid()), *other = xasprintf("HONE_TEST_TAG=%d0", (int)getpid());
    const char *const argv[] = { "sleep", "1000", NULL }, *const tagged[] = { path_only[0], tag, NULL };
    const char *const longer[] = { path_only[0], other, NULL };
    struct process_spec spec = shell(argv);
    struct process bearer, stranger;
    struct rusage usage;
    int status;

    (void)state;
    spec.envp = tagged;
    assert_int_equal(process_start(&spec, &bearer), 0);
    spec.envp = longer;
    assert_int_equal(process_start(&spec, &stranger), 0);
    assert_int_equal(process_signal_tagged(tag, 0), 2); /* both descend from us, and each counts once */
    kill(bearer.pid, SIGKILL);
    kill(stranger.pid, SIGKILL);
    assert_int_equal(process_wait(&bearer, true, &status, &usage), 1);
    assert_int_equal(process_wait(&stranger, true, &status, &usage), 1);
    assert_int_equal(process_signal_tagged(tag, 0), 0);
    free(tag);
    free(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(process_start__a_program_that_is_not_there__says_exec_and_why),
        cmocka_unit_test(process_start__a_directory_that_is_not_there__says_chdir_and_why),
        cmocka_unit_test(process_start__a_file_that_may_not_be_executed__says_permission_denied),
        cmocka_unit_test(process_start__arguments_with_spaces__arrive_as_they_are),
        cmocka_unit_test(process_start__the_child__has_its_own_group_no_blocked_signal_and_three_descriptors),
        cmocka_unit_test(process_start__a_bind__is_seen_by_the_child_alone),
        cmocka_unit_test(process_start__a_bind_of_nothing__names_both_paths),
        cmocka_unit_test(process_start__a_data_limit__stops_an_allocation),
        cmocka_unit_test(process_describe__exits_and_signals__in_words),
        cmocka_unit_test(process_wait__a_child_that_runs__is_not_waited_for),
        cmocka_unit_test(process_signal_tagged__a_tree_with_sessions_and_orphans__is_found_whole),
        cmocka_unit_test(process_signal_tagged__a_tag__finds_only_its_bearers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
